//! Keycloak on a free port of loopback, with a database in memory. Its distribution comes
//! by Maven and is prepared once, and lies beside the build.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The administrator that a new server has.
pub const ADMINISTRATOR: &str = "zoe";
pub const PASSWORD: &str = "nine-herons-at-noon";

/// How long a start may take beside everything else that runs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A server, killed when it is dropped.
pub struct Keycloak {
    folder: TempDir,
    java: Option<Child>,
    address: String,
}

impl Keycloak {
    /// Starts one that logs every event; waits until it answers.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let said = |name: &str| File::create(folder.path().join(name)).expect("a file");
        let child = java(&home())
            .args(["start", "--optimized", "--cache=local"])
            .args(["--http-enabled=true", "--http-host=127.0.0.1", "--http-port=0"])
            .args(["--hostname-strict=false", "--log=console,file", "--log-console-output=json"])
            .arg(format!("--log-file={}", folder.path().join("keycloak.log").display()))
            .arg("--spi-events-listener--jboss-logging--success-level=info")
            .env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMINISTRATOR)
            .env("KC_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD)
            .stdout(said("console"))
            .stderr(said("errors"))
            .spawn();
        let java = Some(child.expect("java runs"));
        let mut keycloak = Self { folder, java, address: String::new() };
        let begun = Instant::now();
        while !keycloak.answers() {
            let ended = keycloak
                .java
                .as_mut()
                .is_some_and(|java| java.try_wait().is_ok_and(|status| status.is_some()));
            assert!(
                !ended && begun.elapsed() < PATIENCE,
                "{}\n{}",
                keycloak.log(),
                keycloak.read("errors")
            );
            std::thread::sleep(Duration::from_millis(200));
        }
        keycloak
    }

    /// Whether the port is known and the server answers there.
    fn answers(&mut self) -> bool {
        let log = self.log();
        let Some((_, rest)) = log.split_once("Listening on: ") else { return false };
        let Some((line, _)) = rest.split_once('\n') else { return false };
        let address = line.split(' ').next().unwrap_or_default();
        self.address = address.trim_end_matches('.').to_owned();
        crate::http::request(&self.address, "GET", "/realms/master", &[], b"")
            .is_ok_and(|(status, _)| status == 200)
    }

    /// Where it is reached, without a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends it in order: what it logged is written.
    pub fn stop(&mut self) {
        let Some(mut java) = self.java.take() else { return };
        let id = java.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        java.wait().expect("gone");
    }

    /// The log in its file: plain lines.
    pub fn log(&self) -> String {
        self.read("keycloak.log")
    }

    /// The log on the console: a JSON object a line.
    pub fn console(&self) -> String {
        self.read("console")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Keycloak {
    fn drop(&mut self) {
        if let Some(java) = &mut self.java {
            // Gone already where the test failed because of that.
            let _ = java.kill();
            let _ = java.wait();
        }
    }
}

/// Java with Keycloak's classes, as `bin/kc.sh` would call it; here it is one process.
fn java(home: &Path) -> Command {
    let mut command = Command::new("java");
    command
        .args(["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
        .args(
            ["java.util", "java.util.concurrent", "java.security"]
                .map(|package| format!("--add-opens=java.base/{package}=ALL-UNNAMED")),
        )
        .args(["-Duser.language=en", "-Duser.country=US", "-Duser.timezone=UTC"])
        .arg("-Djava.util.logging.manager=org.jboss.logmanager.LogManager")
        .arg(
            "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=\
             io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
        )
        .arg(format!("-Dkc.home.dir={}", home.display()))
        .arg(format!("-Djboss.server.config.dir={}", home.join("conf").display()))
        .arg("-cp")
        .arg(home.join("lib/quarkus-run.jar"))
        .arg("io.quarkus.bootstrap.runner.QuarkusEntryPoint")
        .stdin(Stdio::null());
    command
}

/// Where Keycloak lies, fetched and prepared once for each version.
fn home() -> PathBuf {
    static ONCE: Mutex<()> = Mutex::new(());
    // One that failed left nothing whole.
    let _one = ONCE.lock().unwrap_or_else(PoisonError::into_inner);
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/keycloak/pom.xml");
    let wanted = fs::read_to_string(&project).expect("a project");
    let folder = Path::new(env!("CARGO_BIN_EXE_rollcall")).with_file_name("keycloak-for-tests");
    let whole = folder.join("whole");
    if !fs::read_to_string(&whole).is_ok_and(|there| there == wanted) {
        // Another version, or half of one.
        let _ = fs::remove_dir_all(&folder);
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "-f"]).arg(&project).arg("dependency:unpack-dependencies");
        maven.arg(format!("-DoutputDirectory={}", folder.display()));
        // What it remembers of having done so lies in the clone else.
        run(maven.arg(format!("-DmarkersDirectory={}", folder.join("markers").display())));
        let script = unpacked(&folder).join("bin/kc.sh");
        run(Command::new(script).args(["build", "--db=dev-mem"]));
        fs::write(whole, wanted).expect("a file");
    }
    unpacked(&folder)
}

/// The distribution's own folder, which has its version in its name.
fn unpacked(folder: &Path) -> PathBuf {
    fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.join("lib/quarkus-run.jar").exists())
        .expect("Keycloak")
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?}: {said}");
}
