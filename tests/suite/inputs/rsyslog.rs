//! rsyslogd with settings, a work directory and a process of its own: it takes messages
//! as programs write them and forwards them. And certificates.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running rsyslogd; ended when it is dropped.
pub struct Rsyslog {
    child: Child,
    input: PathBuf,
}

impl Rsyslog {
    /// Starts one that hands what is written to `actions`, in its own language.
    pub fn start(folder: &Path, further: &str, actions: &str) -> Self {
        let work = folder.join("rsyslog");
        fs::create_dir_all(&work).expect("a folder");
        let (socket, pid) = (work.join("input"), work.join("pid"));
        let settings = format!(
            "global(workDirectory=\"{work}\" {further})\n\
             module(load=\"imptcp\")\n\
             input(type=\"imptcp\" path=\"{socket}\" unlink=\"on\" ruleset=\"out\")\n\
             ruleset(name=\"out\") {{\n{actions}\n}}\n",
            work = work.display(),
            socket = socket.display(),
        );
        let file = work.join("rsyslog.conf");
        fs::write(&file, settings).expect("a file");
        let said = fs::File::create(work.join("said")).expect("a file");
        let child = Command::new(rsyslogd())
            .args(["-n", "-f"])
            .arg(&file)
            .arg("-i")
            .arg(&pid)
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("a handle"))
            .stderr(said)
            .spawn()
            .expect("rsyslogd runs");
        crate::rollcall::eventually("rsyslogd listens", || socket.exists());
        Self { child, input: socket }
    }

    /// Gives it messages, as programs write them.
    pub fn log(&self, messages: &str) {
        let mut socket = std::os::unix::net::UnixStream::connect(&self.input).expect("rsyslogd");
        socket.write_all(messages.as_bytes()).expect("sent");
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        // Asked to end, it sends what it has first.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Debian has it where only root's shell looks.
fn rsyslogd() -> PathBuf {
    let known = Path::new("/usr/sbin/rsyslogd");
    if known.exists() { known.to_owned() } else { PathBuf::from("rsyslogd") }
}

/// A port of loopback that nobody has.
pub fn free_port() -> u16 {
    loop {
        let stream = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = stream.local_addr().expect("an address").port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// An authority, and certificates for this machine that come from it.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes an authority, a server's certificate and a client's.
    pub fn make(folder: &Path) -> Self {
        let certificates = Self { folder: folder.join("certificates") };
        fs::create_dir_all(&certificates.folder).expect("a folder");
        certificates.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=authority",
            "-keyout",
            "authority.key",
            "-out",
            "authority.pem",
        ]);
        fs::write(certificates.path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
            .expect("a file");
        for name in ["server", "client"] {
            let (key, request, made) =
                (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
            certificates.openssl(&[
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-keyout",
                &key,
                "-out",
                &request,
            ]);
            certificates.openssl(&[
                "x509",
                "-req",
                "-in",
                &request,
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-CAcreateserial",
                "-days",
                "30",
                "-extfile",
                "names",
                "-out",
                &made,
            ]);
        }
        certificates
    }

    /// One of its files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let made = Command::new("openssl").current_dir(&self.folder).args(arguments).output();
        let made = made.expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}
