//! A server that may end by itself, and what it said.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::answers::panicked;
use crate::rollcall::Rollcall;

/// Nothing that a fault can do makes a start, an end or a query take longer, also on
/// a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// A server.
pub struct Process {
    child: Child,
    /// Where it listens; none where it ended before it did.
    pub address: Option<String>,
    lines: Option<JoinHandle<String>>,
}

/// How one ended.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it wrote to stderr.
    pub said: String,
}

/// A command under another one: `strace`, `prlimit`.
pub fn under(outer: &[String], inner: &Command) -> Command {
    let Some((program, arguments)) = outer.split_first() else {
        let mut same = Command::new(inner.get_program());
        same.args(inner.get_args());
        return as_there(same, inner);
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(inner.get_program()).args(inner.get_args());
    as_there(command, inner)
}

/// What the threads of a process that hangs are waiting for.
pub fn threads(id: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    tasks
        .map(|task| {
            let read = |name| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
            let running = read("stat").contains(") R ");
            format!("{} {} {running}", read("comm").trim(), read("wchan"))
        })
        .collect()
}

fn as_there(mut command: Command, inner: &Command) -> Command {
    if let Some(folder) = inner.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

impl Process {
    /// Starts a server and waits until it listens or has ended.
    pub fn serve(rollcall: &Rollcall, outer: &[String], environment: &[(&str, String)]) -> Self {
        let inner = rollcall.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut command = under(outer, &inner);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let mut process = Self::start(command);
        process.address = process.await_address();
        process
    }

    /// Starts a command and doesn't wait.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().expect("it runs");
        Self { child, address: None, lines: None }
    }

    fn await_address(&mut self) -> Option<String> {
        let stderr = BufReader::new(self.child.stderr.take().expect("stderr"));
        let (tell, told) = channel();
        self.lines = Some(std::thread::spawn(move || {
            let mut said = String::new();
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("serving on ") {
                    // Nobody listens any more where it took too long.
                    let _ = tell.send(address.trim_end_matches('/').to_owned());
                }
                said.push_str(&line);
                said.push('\n');
            }
            said
        }));
        self.first(&told)
    }

    fn first(&mut self, told: &Receiver<String>) -> Option<String> {
        match told.recv_timeout(PATIENCE) {
            Ok(address) => Some(address),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                let threads = threads(self.child.id());
                self.kill();
                panic!("after {PATIENCE:?} it neither listens nor has ended: {threads:?}");
            }
        }
    }

    /// Ends it as the kernel would.
    pub fn kill(&mut self) {
        // Gone already where the fault ended it.
        let _ = self.child.kill();
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status().expect("runs");
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Waits for its end.
    pub fn ended(self) -> Ended {
        self.ended_or_hung().unwrap_or_else(|hung| panic!("{hung}"))
    }

    /// Waits for its end; says what its threads wait for where it doesn't come.
    pub fn ended_or_hung(mut self) -> Result<Ended, String> {
        let begun = Instant::now();
        while !self.has_ended() {
            if begun.elapsed() > PATIENCE {
                let threads = threads(self.child.id());
                self.kill();
                let said = self.said();
                return Err(format!("it hangs: no end after {PATIENCE:?}: {threads:?}\n{said}"));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let status = self.child.wait().expect("ended");
        let said = self.said();
        Ok(Ended { status, said })
    }

    /// What it wrote to stderr until its end.
    fn said(&mut self) -> String {
        self.lines.take().map(|lines| lines.join().expect("text")).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Whether it was killed.
    pub fn was_killed(&self) -> bool {
        self.status.signal() == Some(9)
    }

    /// It ended well, was killed, or said what it couldn't do and to which file. Over a
    /// damaged file a library may have panicked, and been caught.
    #[track_caller]
    pub fn must_say_why(&self, data: &Path) {
        assert!(!panicked(&self.said), "it panicked: {}", self.said);
        self.says_why("", data);
    }

    /// The same after a fault that is told where it didn't.
    #[track_caller]
    pub fn must_say_why_after(&self, fault: &str, data: &Path) {
        let said = &self.said;
        assert!(!said.contains("panicked"), "{fault} it panicked: {said}");
        self.says_why(fault, data);
    }

    #[track_caller]
    fn says_why(&self, fault: &str, data: &Path) {
        let said = &self.said;
        if self.status.success() || self.was_killed() {
            return;
        }
        assert_eq!(self.status.code(), Some(3), "{fault} {}: {said}", self.status);
        let named = said.contains(data.to_str().expect("a path"));
        let lied = said.contains("another process committed");
        assert!(named && !lied, "{fault} it ended without a true word about a file: {said}");
    }
}
