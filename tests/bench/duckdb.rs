//! DuckDB, from a Python environment beside the build.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Python with DuckDB in it; `None` where it can't be had.
fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_BIN_EXE_rollcall")).with_file_name("python-for-tests");
    let python = home.join("bin/python");
    if !python.exists() {
        Command::new("python3").args(["-m", "venv"]).arg(&home).status().ok()?;
    }
    let has = |python: &Path| {
        Command::new(python).args(["-c", "import duckdb"]).status().is_ok_and(|s| s.success())
    };
    if !has(&python) {
        Command::new(&python).args(["-m", "pip", "install", "-q", "duckdb"]).status().ok()?;
    }
    has(&python).then_some(python)
}

/// Runs statements; the last one's time is what counts, the best of `rounds`.
pub fn time(statements: &[String], rounds: usize) -> Option<Duration> {
    let script = format!(
        "import duckdb,time,sys\nc=duckdb.connect()\nc.execute('SET threads=2')\ns={statements:?}\nfor x in s[:-1]: c.execute(x)\nb=1e9\nfor _ in range({rounds}):\n  t=time.perf_counter(); c.execute(s[-1]).fetchall(); b=min(b,time.perf_counter()-t)\nprint(b)"
    );
    let output = Command::new(python()?).args(["-c", &script]).output().ok()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().ok()?;
    Some(Duration::from_secs_f64(seconds))
}
