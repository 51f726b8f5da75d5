//! The binary, run in a directory of its own; and a server with a client.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A data directory that goes with the test.
pub struct Rollcall {
    folder: PathBuf,
    /// Removes the folder; none where it is somebody else's.
    scratch: Option<tempfile::TempDir>,
}

impl Rollcall {
    /// An empty directory.
    pub fn new() -> Self {
        Self::owning(tempfile::tempdir().expect("a directory"))
    }

    /// A directory that goes with this.
    pub fn owning(scratch: tempfile::TempDir) -> Self {
        Self { folder: scratch.path().to_owned(), scratch: Some(scratch) }
    }

    /// A folder that stays.
    pub fn within(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), scratch: None }
    }

    /// The folder that holds the data directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A file beside the data.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The command, ready to run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command
            .current_dir(&self.folder)
            .env_remove("ROLLCALL_LOG")
            .args(arguments)
            .arg("--data")
            .arg(self.data());
        command
    }

    /// Runs it.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Runs it; it must succeed. Returns stdout.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {}\n{stderr}", output.status);
        String::from_utf8(output.stdout).expect("text")
    }

    /// Imports a file; returns the line of sums. Its exit code says whether anything
    /// went into quarantine.
    #[track_caller]
    pub fn ingest(&self, file: &Path) -> String {
        self.ingest_with(&[], file)
    }

    /// The same with further options.
    #[track_caller]
    pub fn ingest_with(&self, options: &[&str], file: &Path) -> String {
        let file = file.to_str().expect("a path");
        let output = self.output(&[&["ingest"], options, &[file]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}\n{stderr}", output.status);
        let sums = String::from_utf8(output.stdout).expect("text").trim().to_owned();
        let clean = sums.contains(" 0 quarantined") || sums == "nothing new";
        assert!(clean || output.status.code() == Some(1), "{sums}");
        sums
    }

    /// Asks SQL; returns the CSV lines after the header.
    #[track_caller]
    pub fn sql(&self, query: &str) -> Vec<String> {
        let csv = self.run(&["sql", "--format", "csv", query]);
        csv.lines().skip(1).map(str::to_owned).collect()
    }

    /// Asks SQL for one number.
    #[track_caller]
    pub fn number(&self, query: &str) -> i64 {
        let lines = self.sql(query);
        lines.first().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("{lines:?}"))
    }

    /// Starts a server; waits until it answers.
    pub fn serve(&self, environment: &[(&str, &str)]) -> Server {
        let token = self.token();
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(environment.iter().copied()).stderr(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let mut said = Vec::new();
        let begun = Instant::now();
        let mut address = None;
        while address.is_none() && begun.elapsed() < Duration::from_secs(60) {
            let Some(Ok(line)) = lines.next() else { break };
            address = line.strip_prefix("serving on ").map(str::to_owned);
            said.push(line);
        }
        let Some(address) = address else { panic!("no server: {said:?}") };
        // What it says later mustn't fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Server { child, address: address.trim_end_matches('/').to_owned(), token }
    }

    /// A link that signs the tester in once.
    #[track_caller]
    pub fn sign_in_link(&self) -> String {
        let accounts = self.run(&["admin", "list"]);
        let known = accounts.lines().any(|line| line.starts_with("tester "));
        let new: &[&str] = if known { &[] } else { &["--new"] };
        self.run(&[&["admin", "link", "tester"], new].concat()).trim().to_owned()
    }

    /// A collector's token, made on first use and kept beside the data.
    pub fn token(&self) -> String {
        let name = format!("test-{}", std::process::id());
        let listed = match self.data().exists() {
            true => self.run(&["token", "list"]),
            false => String::new(),
        };
        let file = self.folder.join("token");
        if listed.contains(&name) {
            return std::fs::read_to_string(file).expect("the token");
        }
        let token = self.run(&["token", "create", &name]).trim().to_owned();
        std::fs::write(file, &token).expect("a file");
        token
    }
}

impl Drop for Rollcall {
    fn drop(&mut self) {
        // `ROLLCALL_KEEP=1` keeps what a failed test leaves, to look at.
        if std::thread::panicking() && std::env::var_os("ROLLCALL_KEEP").is_some() {
            let kept = self.scratch.take().map(tempfile::TempDir::keep);
            eprintln!("kept: {kept:?}");
        }
    }
}

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Its address, without a slash at the end.
    pub address: String,
    /// A collector's token.
    pub token: String,
}

impl Server {
    /// Sends events; returns the status and the body.
    pub fn post(
        &self,
        query: &str,
        body: impl Into<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> (u16, String) {
        let mut all = vec![("authorization", format!("Bearer {}", self.token))];
        all.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let path = format!("/v1/events{query}");
        crate::http::request(&self.address, "POST", &path, &all, &body.into()).expect("an answer")
    }

    /// Sends events that must be taken; returns how many were.
    #[track_caller]
    pub fn accepted(&self, query: &str, body: impl Into<Vec<u8>>) -> i64 {
        let (status, body) = self.post(query, body, &[]);
        assert_eq!(status, 200, "{body}");
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body["accepted"].as_i64().expect("a count")
    }

    /// Kills it as the kernel would: no chance to do anything.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Asks it to end; waits for it. It must end well.
    #[track_caller]
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        let status = self.child.wait().expect("gone");
        assert!(status.success(), "it ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already where the test ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The real inputs beside the project; `None`, with a word, where they aren't.
pub fn shared(path: &str) -> Option<PathBuf> {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    let found = full.exists().then_some(full);
    if found.is_none() {
        eprintln!("skipped: {path} is not beside the project");
    }
    found
}

/// Waits until something holds; says what if it never does.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("never came true: {what}");
}

/// Events in GitHub's form, numbered from `from`.
pub fn github(from: i64, count: i64) -> String {
    (from..from + count)
        .map(|n| {
            let time = 1_790_000_000_000 + n * 37;
            format!(
                "{{\"@timestamp\":{time},\"_document_id\":\"doc-{n:09}\",\"action\":\"git.fetch\",\"actor\":\"dev-{}\",\"actor_id\":{},\"actor_ip\":\"198.51.100.{}\",\"created_at\":{time},\"org\":\"acme\",\"repo\":\"acme/r{}\",\"transport_protocol_name\":\"ssh\",\"user_agent\":\"git/2.51\",\"operation_type\":\"access\"}}\n",
                n % 97, 1000 + n % 97, n % 251, n % 13
            )
        })
        .collect()
}

/// A Python with some packages, in an environment beside the build.
pub fn python(packages: &[&str]) -> PathBuf {
    let home = Path::new(env!("CARGO_BIN_EXE_rollcall")).with_file_name("python-for-tests");
    let python = home.join("bin/python");
    let run = |program: &Path, arguments: &[&str]| {
        let status = Command::new(program).args(arguments).stdout(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "{program:?} {arguments:?} failed");
    };
    static ONCE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONCE.lock().expect("unpoisoned");
    if !python.exists() {
        run(Path::new("python3"), &["-m", "venv", home.to_str().expect("a path")]);
    }
    for package in packages {
        let found = Command::new(&python)
            .args(["-c", &format!("import {package}")])
            .stderr(Stdio::null())
            .status()
            .expect("python runs");
        if !found.success() {
            run(&python, &["-m", "pip", "install", "--quiet", package, "pyarrow"]);
        }
    }
    python
}

impl Server {
    /// Signs in with a link from the command line; returns the session's cookie.
    #[track_caller]
    pub fn sign_in(&self, rollcall: &Rollcall) -> String {
        let link = rollcall.sign_in_link();
        let path = link.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path");
        let (head, body) =
            crate::http::exchange(&self.address, "GET", &path, &[], b"").expect("an answer");
        let form = cookie(&head).expect("the form's cookie");
        let token = body.split("name=\"token\" value=\"").nth(1).expect("a form");
        let token = token.split('"').next().expect("a token");
        let headers = [
            ("cookie", form),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("origin", self.address.clone()),
        ];
        let sent = format!("token={token}");
        let (head, _) =
            crate::http::exchange(&self.address, "POST", &path, &headers, sent.as_bytes())
                .expect("an answer");
        assert!(head.contains(" 303 "), "{head}");
        cookie(&head).expect("a session")
    }

    /// Gets a page as someone who is signed in.
    pub fn get(&self, path: &str, cookie: &str) -> (u16, String) {
        let headers = [("cookie", cookie.to_owned())];
        crate::http::request(&self.address, "GET", path, &headers, b"").expect("an answer")
    }
}

fn cookie(head: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .map(|(_, value)| value.split(';').next().unwrap_or_default().to_owned())
        .find(|cookie| !cookie.ends_with('='))
}
