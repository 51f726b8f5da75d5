//! sshd and what stands beside it in a server's auth log: PAM, sudo, su, account
//! tools. Lines of RFC 3164 and RFC 5424, with ISO 8601 times, and journald's JSON.
//!
//! ```text
//! line         one line of any form: time, host, program, process, message
//! year         the year of lines that name none
//! message      sshd's own messages
//! connection   what is known of open connections
//! attempt      sshd's rows: one for each password or key that was tried
//! pam          PAM's messages: sessions, failures, passwords
//! elevate      sudo and su
//! account      useradd, usermod, userdel
//! ```
//!
//! One try makes several lines. The first that says how it went gives the row at
//! once; a later line of the same connection that says it better revises the row,
//! and one that only repeats it is joined to it. So the rows of a stream that is
//! cut off anywhere are right as far as they go.
//!
//! No row has a `flow_id`: every password and key is a try of its own. None has a
//! `session_id`: a process id comes back after days, and would make one session
//! out of two.

mod account;
mod attempt;
mod connection;
mod elevate;
mod line;
mod message;
mod pam;
mod year;

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Platform};

use super::adapter::{Adapter, Context, Output, Source};
use super::json;
use connection::Connections;
use line::Line;
use year::Years;

/// sshd's row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: "sshd",
    title: "sshd, PAM, sudo (auth log, journal)",
    documentation: "https://man.openbsd.org/sshd",
    recognises: &line::recognises,
    split: None,
    stateful: true,
    has_event_id: false,
    open: &|| Box::<Sshd>::default(),
    mapping: None,
    about: include_str!("about.toml"),
};

#[derive(Default)]
struct Sshd {
    years: Years,
    connections: Connections,
}

impl Adapter for Sshd {
    fn survey(&mut self, record: &[u8], context: &Context<'_>) {
        let text = json::text(record);
        if let Ok(line) = Line::parse(&text) {
            self.years.survey(&line.stamp, context);
        }
    }

    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        if text.is_empty() {
            return out.not_authentication();
        }
        if text.starts_with('{') {
            return match line::Journal::parse(&text) {
                Ok(entry) => match entry.line() {
                    Ok(line) => self.read_line(&line, context, out),
                    Err(reason) => out.reject(reason),
                },
                Err(reason) => out.reject(&reason),
            };
        }
        match Line::parse(&text) {
            Ok(line) => self.read_line(&line, context, out),
            Err(reason) => out.reject(reason),
        }
    }
}

impl Sshd {
    fn read_line(&mut self, line: &Line<'_>, context: &Context<'_>, out: &mut dyn Output) {
        let Some(time) = self.years.time(&line.stamp, context) else {
            return out.reject("there is no such day in any of the last years");
        };
        let mut reading = Reading { line, time, context, connections: &mut self.connections };
        if let Some(pam) = pam::Message::parse(line.message) {
            return pam::read(&pam, &mut reading, out);
        }
        match line.program {
            "sshd" | "sshd-session" | "sshd-auth" => attempt::read(&mut reading, out),
            "sudo" | "su" | "doas" => elevate::read(&mut reading, out),
            "useradd" | "userdel" | "usermod" | "adduser" | "deluser" | "passwd" | "chpasswd"
            | "chage" | "gpasswd" => account::read(&mut reading, out),
            "sshd(pam_google_authenticator)" => pam::read_code(&mut reading, out),
            _ => out.not_authentication(),
        }
    }
}

/// A line on its way to rows.
struct Reading<'r, 'a> {
    line: &'r Line<'a>,
    time: i64,
    context: &'r Context<'r>,
    connections: &'r mut Connections,
}

impl<'r> Reading<'r, '_> {
    /// A row of this line, without who and how.
    fn event(&self, service: &'static str, activity: Activity, outcome: Outcome) -> Event<'r> {
        Event {
            time: self.time,
            activity,
            outcome,
            platform: if service == "sshd" { Platform::Ssh } else { Platform::Other },
            service: Some(Cow::Borrowed(service)),
            resource: (!self.line.host.is_empty()).then_some(Cow::Borrowed(self.line.host)),
            ..Event::default()
        }
    }

    /// Joins the line to the last row of its process, or says that it tells
    /// nothing of its own.
    fn join(&mut self, out: &mut dyn Output) {
        match self.connections.touch(self.line, self.time).last {
            Some(row) => out.joined(row),
            None => out.not_authentication(),
        }
    }

    /// Gives a row out and remembers it for later lines of its process.
    fn give(&mut self, event: &mut Event<'_>, out: &mut dyn Output) {
        let row = out.event(event);
        self.connections.touch(self.line, self.time).last = Some(row);
    }
}

#[cfg(test)]
mod tests;
