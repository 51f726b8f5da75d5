//! Against bare repositories in a folder.

use std::path::PathBuf;
use std::process::Command as Process;

use super::*;
use crate::anchor::tests::{Log, runtime};
use crate::anchor::{open_anchored, vouches};

/// A repository, and what anchors in it.
struct Place {
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder"), runtime: runtime() };
        place.git(&["init", "--quiet", "--bare", "there.git"]);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs git as others would.
    fn git(&self, args: &[&str]) -> String {
        let output = Process::new("git")
            .current_dir(self.folder.path())
            .args(["-c", "user.name=other", "-c", "user.email=other@localhost"])
            .args(args)
            .output()
            .expect("git");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn there(&self, args: &[&str]) -> String {
        self.git(&[&["--git-dir=there.git"], args].concat())
    }

    fn settings(&self) -> GitSettings {
        GitSettings {
            name: "git".to_owned(),
            url: format!("file://{}", self.path("there.git").display()),
            branch: "main".to_owned(),
            user: "rollcall".to_owned(),
            token_env: None,
            token_file: None,
            ssh_key: None,
            known_hosts: None,
            every_minutes: 1,
        }
    }

    /// An anchor with a clone of its own.
    fn anchor(&self, clone: &str) -> Git {
        let handle = self.runtime.handle().clone();
        Git::open(&self.settings(), &self.path(clone), handle).expect("an anchor")
    }

    /// Puts a file on the branch as somebody else.
    fn push_as_other(&self, file: &str, content: &[u8]) {
        if !self.path("other").exists() {
            self.git(&["clone", "--quiet", "there.git", "other"]);
            self.git(&["-C", "other", "checkout", "--quiet", "-B", "main"]);
        }
        if !self.there(&["branch", "--list", "main"]).is_empty() {
            self.git(&["-C", "other", "fetch", "--quiet"]);
            self.git(&["-C", "other", "reset", "--quiet", "--hard", "origin/main"]);
        }
        std::fs::write(self.path("other").join(file), content).expect("a file");
        self.git(&["-C", "other", "add", "."]);
        self.git(&["-C", "other", "commit", "--quiet", "-m", "other"]);
        self.git(&["-C", "other", "push", "--quiet", "origin", "main"]);
    }
}

#[test]
fn each_checkpoint_is_a_commit_on_the_branch() {
    let (place, mut log) = (Place::new(), Log::new());
    let git = place.anchor("a");
    let mut notes = Vec::new();
    for entries in [3, 300, 1] {
        log.grow(entries);
        notes.push(log.checkpoint());
        let proof = log.submit(&git, 0).expect("pushed");
        let Proof::Git { commit, branch, .. } = proof else { panic!("a commit") };
        assert_eq!((place.there(&["rev-parse", "main"]), branch.as_str()), (commit, "main"));
    }
    let there = place.there(&["show", "main:checkpoint"]);
    assert_eq!(there.trim(), String::from_utf8(log.checkpoint()).expect("text").trim());
    assert_eq!(
        place.there(&["log", "--format=%an %s", "main"]).lines().next(),
        Some("rollcall Checkpoint 304")
    );
    assert_eq!(git.read_back().expect("readable").expect("read"), notes);
    // From anywhere, and without a trace there.
    let reader = place.anchor("b");
    assert_eq!(reader.read_back().expect("readable").expect("read"), notes);
    assert!(!place.path("b").exists());
    // With a clone that was thrown away.
    log.grow(1);
    log.submit(&place.anchor("c"), 0).expect("pushed");
    assert_eq!(reader.read_back().expect("readable").expect("read").len(), 4);
}

#[test]
fn the_same_checkpoint_makes_no_second_commit() {
    let (place, mut log) = (Place::new(), Log::new());
    log.grow(3);
    let first = log.submit(&place.anchor("a"), 0).expect("pushed");
    assert_eq!(log.submit(&place.anchor("a"), 3).expect("there"), first);
    assert_eq!(log.submit(&place.anchor("b"), 0).expect("there"), first);
    assert_eq!(place.there(&["rev-list", "--count", "main"]), "1");
}

#[test]
fn what_others_pushed_stays_and_is_built_upon() {
    let (place, mut log) = (Place::new(), Log::new());
    place.push_as_other("README", b"of the repository");
    let git = place.anchor("a");
    log.grow(3);
    log.submit(&git, 0).expect("pushed");
    place.push_as_other("README", b"changed");
    log.grow(3);
    log.submit(&git, 0).expect("pushed");
    let another = place.anchor("b");
    log.grow(3);
    log.submit(&another, 0).expect("pushed");
    log.grow(3);
    log.submit(&git, 0).expect("pushed on top of the other's");
    assert_eq!(place.there(&["show", "main:README"]), "changed");
    assert_eq!(place.there(&["rev-list", "--count", "main"]), "6");
    assert_eq!(git.read_back().expect("readable").expect("read").len(), 4);
}

#[test]
fn a_ledger_that_was_put_back_or_rewritten_pushes_nothing() {
    let (place, mut log) = (Place::new(), Log::new());
    log.grow(20);
    log.submit(&place.anchor("a"), 0).expect("pushed");
    let tip = place.there(&["rev-parse", "main"]);
    let mut back = Log::new();
    back.grow(8);
    let told = back.submit(&place.anchor("b"), 0).expect_err("told");
    assert!(matches!(told, AnchorError::Ahead { theirs: 20, ours: 8 }), "{told}");
    let mut rewritten = Log::new();
    rewritten.grow_otherwise(30);
    let told = rewritten.submit(&place.anchor("a"), 0).expect_err("told");
    assert!(matches!(told, AnchorError::OtherRoot { size: 20, .. }), "{told}");
    place.push_as_other("checkpoint", b"nonsense\n");
    let told = log.submit(&place.anchor("a"), 0).expect_err("told");
    assert!(matches!(told, AnchorError::Ledger { .. }), "{told}");
    assert_ne!(place.there(&["rev-parse", "main"]), tip, "only the other's commit");
    assert_eq!(place.there(&["rev-list", "--count", "main"]), "2");
}

#[test]
fn an_older_checkpoint_under_a_forged_one_is_still_read_back() {
    let (place, mut honest, mut forged) = (Place::new(), Log::new(), Log::new());
    honest.grow(20);
    honest.submit(&place.anchor("a"), 0).expect("pushed");
    forged.grow_otherwise(30);
    place.push_as_other("checkpoint", &forged.checkpoint());
    let read = place.anchor("b").read_back().expect("readable").expect("read");
    assert_eq!(read, [honest.checkpoint(), forged.checkpoint()]);
    let older = open_anchored(&read[0], &forged.keys()).expect("ours");
    let told = vouches(&forged.known(), 30, &older).expect_err("told");
    assert!(matches!(told, AnchorError::OtherRoot { size: 20, .. }), "{told}");
}

#[test]
fn nothing_of_the_users_settings_hooks_or_templates_is_picked_up() {
    let (place, mut log) = (Place::new(), Log::new());
    log.grow(3);
    let git = place.anchor("a");
    log.submit(&git, 0).expect("pushed");
    // A hook in the clone, and settings where git would look for the user's.
    let (clone, trace) = (place.path("a/clone"), place.path("trace"));
    std::fs::create_dir_all(clone.join("hooks")).expect("a folder");
    let hook = clone.join("hooks/pre-push");
    std::fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", trace.display())).expect("a hook");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, executable).expect("a mode");
    std::fs::write(clone.join(".gitconfig"), "[user]\nname = wrong\n[core]\nbroken")
        .expect("a file");
    log.grow(3);
    log.submit(&git, 3).expect("pushed");
    assert!(!trace.exists(), "the hook ran");
    assert_eq!(
        place.there(&["log", "-1", "--format=%an <%ae>", "main"]),
        "rollcall <rollcall@localhost>"
    );
}

#[test]
fn a_repository_that_is_not_there_or_takes_nothing_is_told() {
    let (place, mut log) = (Place::new(), Log::new());
    log.grow(3);
    let of = GitSettings { url: "file:///nowhere/at/all.git".to_owned(), ..place.settings() };
    let git = Git::open(&of, &place.path("a"), place.runtime.handle().clone());
    let told = log.submit(&git.expect("an anchor"), 0).expect_err("told");
    assert!(matches!(told, AnchorError::Unreachable { .. }), "{told}");
    let hook = place.path("there.git/hooks/pre-receive");
    std::fs::create_dir_all(place.path("there.git/hooks")).expect("a folder");
    std::fs::write(&hook, "#!/bin/sh\necho no more >&2\nexit 1\n").expect("a hook");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, executable).expect("a mode");
    let told = log.submit(&place.anchor("b"), 0).expect_err("told").to_string();
    assert!(told.contains("there.git") && told.contains("no more"), "{told}");
    assert!(place.there(&["branch", "--list", "main"]).is_empty());
}

#[test]
fn an_empty_repository_reads_back_as_nothing() {
    let place = Place::new();
    assert!(place.anchor("a").read_back().expect("readable").expect("read").is_empty());
}

#[test]
fn whoever_pushes_in_between_is_built_upon() {
    let (place, mut log) = (Place::new(), Log::new());
    let git = place.anchor("a");
    log.grow(3);
    log.submit(&git, 0).expect("pushed");
    // The first time that we push, the branch has just moved on.
    let aside = place.there(&["commit-tree", "main^{tree}", "-p", "main", "-m", "in between"]);
    let hook = place.path("there.git/hooks/update");
    std::fs::create_dir_all(place.path("there.git/hooks")).expect("a folder");
    let script = format!(
        "#!/bin/sh\n[ -e moved ] && exit 0\ntouch moved\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/main {aside}\n"
    );
    std::fs::write(&hook, script).expect("a hook");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, executable).expect("a mode");
    log.grow(3);
    log.submit(&git, 3).expect("pushed");
    assert!(place.path("there.git/moved").exists());
    let subjects = place.there(&["log", "--format=%s", "main"]);
    let expected = ["Checkpoint 6", "in between", "Checkpoint 3"];
    assert_eq!(subjects.lines().collect::<Vec<_>>(), expected);
}
