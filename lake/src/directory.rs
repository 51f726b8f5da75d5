//! The data directory: what is where, which format it has, who may write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rollcall_schemas::row_hash::RowKey;

use crate::error::{LakeError, Result};
use crate::snapshot::Snapshot;
use crate::store::{create_private_directory, fsync_directory};
use crate::table::Table;

/// Version of the directory's layout. A newer one is refused.
pub const FORMAT_VERSION: u32 = 1;

/// Whether a process writes to the directory or only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// One process at a time; makes the directory where there is none.
    Write,
    /// Any number of processes that seal what they read of Kafka, beside the one that
    /// writes; the directory must exist.
    Work,
    /// Any number of processes; the directory must exist.
    Read,
}

/// An open data directory.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// Held for as long as the process writes or works; the system frees it if it dies.
    _lock: Option<File>,
    /// The worker's own folder, and the lock that keeps others of its name out.
    worker: Option<(PathBuf, File)>,
}

impl DataDirectory {
    /// Opens the directory.
    ///
    /// # Errors
    /// If it is missing (to read), locked (to write), of a newer format, or the
    /// system refuses a file.
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        let lock = match access {
            Access::Write => {
                create_private_directory(path)?;
                Some(lock(path)?)
            }
            Access::Work => Some(working(path)?),
            Access::Read => None,
        };
        let path = path.canonicalize().map_err(|_| LakeError::NoData { path: path.to_owned() })?;
        check_format(&path, access)?;
        Ok(Self { path, _lock: lock, worker: None })
    }

    /// Opens the directory for a worker of a name.
    ///
    /// # Errors
    /// As [`Self::open`]; if a worker of this name runs, or the name can't be one of a
    /// folder.
    pub fn open_worker(path: &Path, name: &str) -> Result<Self> {
        let mut directory = Self::open(path, Access::Work)?;
        let own = directory.workers().join(name);
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_word) {
            return Err(LakeError::WorkerName { name: name.to_owned() });
        }
        create_private_directory(&own)?;
        let file_path = own.join("lock");
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&file_path).map_err(LakeError::file("can't open", &file_path))?;
        match file.try_lock() {
            Ok(()) => directory.worker = Some((own, file)),
            Err(TryLockError::WouldBlock) => return Err(LakeError::Locked { path: own, by: None }),
            Err(TryLockError::Error(source)) => {
                return Err(LakeError::File { action: "can't lock", path: file_path, source });
            }
        }
        Ok(directory)
    }

    /// The same directory, without its lock: for a thread that outlives a borrow.
    pub(crate) fn for_reading(&self) -> Self {
        Self { path: self.path.clone(), _lock: None, worker: None }
    }

    /// The directory itself, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a process holds the lock: one that writes, and may be writing now.
    /// Also where that can't be told.
    pub fn is_held(&self) -> bool {
        match File::open(self.path.join("lock")) {
            // A shared lock, given back at once: it keeps no reader out, and a writer
            // only if it starts at this very moment.
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
        }
    }

    /// Keeps workers out for as long as it is held; `None` while one works.
    ///
    /// # Errors
    /// If the lock can't be opened.
    pub(crate) fn without_workers(&self) -> Result<Option<File>> {
        let file = workers_lock(&self.path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => {
                let path = self.workers().join("lock");
                Err(LakeError::File { action: "can't lock", path, source })
            }
        }
    }

    /// Where workers keep what is derived.
    pub fn workers(&self) -> PathBuf {
        self.path.join("workers")
    }

    /// Where the embedded log lies.
    pub fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// The file with the marks of inputs that follow something: how far they have come
    /// with what is sealed. Outside the log, whose loss it survives.
    pub fn marks(&self) -> PathBuf {
        self.path.join("marks")
    }

    /// The file with what an identity provider has provisioned by SCIM.
    pub fn scim(&self) -> PathBuf {
        self.path.join("scim")
    }

    /// Where this process keeps the ids of segments, derived and rebuildable.
    pub fn index(&self) -> PathBuf {
        match &self.worker {
            Some((own, _)) => own.join("index"),
            None => self.path.join("index"),
        }
    }

    /// Where alerts lie that wait to be sent on.
    pub fn unsent(&self) -> PathBuf {
        self.path.join("unsent")
    }

    /// Where the process that writes keeps what was counted over segments; others read it.
    pub fn derived(&self) -> PathBuf {
        self.path.join("derived")
    }

    /// Where the other processes keep their ids.
    pub fn indexes_elsewhere(&self) -> Vec<PathBuf> {
        let workers = fs::read_dir(self.workers()).into_iter().flatten().flatten();
        let all = workers.map(|worker| worker.path()).chain([self.path.clone()]);
        let all = all.map(|folder| folder.join("index"));
        all.filter(|index| *index != self.index() && index.is_dir()).collect()
    }

    /// Where the ledger and its keys lie.
    pub fn ledger(&self) -> PathBuf {
        self.path.join("ledger")
    }

    /// Where the keys lie.
    pub fn keys(&self) -> PathBuf {
        self.ledger().join("keys")
    }

    /// The socket on which the writing process takes work.
    pub fn socket(&self) -> PathBuf {
        self.path.join("rollcall.sock")
    }

    /// The SQLite file with accounts, sessions and tokens.
    pub fn state(&self) -> PathBuf {
        self.path.join("state.db")
    }

    /// The key that salts rows, made on first use, 0600.
    ///
    /// # Errors
    /// If the key can't be read or made, or isn't 32 bytes long.
    pub fn row_key(&self) -> Result<[u8; 32]> {
        self.key("row")
    }

    /// The key under which identifiers are hashed.
    ///
    /// # Errors
    /// As [`Self::row_key`].
    pub fn identifier_key(&self) -> Result<[u8; 32]> {
        self.key("identifier")
    }

    /// Refuses to make new keys where rows were hashed with the old ones.
    pub(crate) fn check_keys(&self, snapshot: &Snapshot) -> Result<()> {
        let sealed = |table: Table| !snapshot.table(table).segments.is_empty();
        let missing = ["row", "identifier"].map(|name| self.keys().join(name));
        let missing = missing.into_iter().find(|path| !path.exists());
        match missing {
            Some(path) if sealed(Table::Events) || sealed(Table::SetAside) => {
                let detail = "the key is missing under which the stored rows were hashed";
                Err(LakeError::Damaged { path, detail: detail.to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn key(&self, name: &str) -> Result<[u8; 32]> {
        let directory = self.keys();
        let path = directory.join(name);
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map_err(|bytes: Vec<u8>| LakeError::Damaged {
                path,
                detail: format!("a key has 32 bytes, this file has {}", bytes.len()),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                create_private_directory(&directory)?;
                let key = random_key()?;
                write_private(&path, &key)?;
                Ok(key)
            }
            Err(source) => Err(LakeError::File { action: "can't read", path, source }),
        }
    }
}

/// The key as the row hash wants it.
pub(crate) fn row_key(directory: &DataDirectory) -> Result<RowKey> {
    Ok(RowKey::new(&directory.row_key()?))
}

fn random_key() -> Result<[u8; 32]> {
    let mut key = [0; 32];
    let source = Path::new("/dev/urandom");
    File::open(source)
        .and_then(|mut random| random.read_exact(&mut key))
        .map_err(LakeError::file("can't read", source))?;
    Ok(key)
}

/// Writes a new file that only its owner can read, durably: it is there as a
/// whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let staged = path.with_extension("writing");
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // Whoever made it first stays.
        fs::hard_link(&staged, path)?;
        fs::remove_file(&staged)
    };
    write().map_err(LakeError::file("can't write", path))?;
    path.parent().map_or(Ok(()), fsync_directory)
}

fn lock(path: &Path) -> Result<File> {
    let file_path = path.join("lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&file_path)
        .map_err(LakeError::file("can't open", &file_path))?;
    let mut taken = file.try_lock();
    // A reader looks whether it is held by taking it for an instant.
    for _ in 0..3 {
        if matches!(taken, Err(TryLockError::WouldBlock)) {
            std::thread::sleep(std::time::Duration::from_millis(20));
            taken = file.try_lock();
        }
    }
    match taken {
        Ok(()) => {
            // Only for people: whoever is refused is told by whom.
            let _ = file.set_len(0).and_then(|()| writeln!(&file, "{}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let by = fs::read_to_string(&file_path).ok().and_then(|text| text.trim().parse().ok());
            Err(LakeError::Locked { path: path.to_owned(), by })
        }
        Err(TryLockError::Error(source)) => {
            Err(LakeError::File { action: "can't lock", path: file_path, source })
        }
    }
}

fn workers_lock(path: &Path) -> Result<File> {
    let folder = path.join("workers");
    create_private_directory(&folder)?;
    let file = folder.join("lock");
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    options.open(&file).map_err(LakeError::file("can't open", &file))
}

/// Says that this process works there. Waits for one that keeps workers out for an
/// instant: a start that clears up, an erasure.
fn working(path: &Path) -> Result<File> {
    if !path.join("format").exists() {
        return Err(LakeError::NoData { path: path.to_owned() });
    }
    let file = workers_lock(path)?;
    let taken = file.lock_shared();
    taken.map_err(LakeError::file("can't lock", path.join("workers").join("lock")))?;
    Ok(file)
}

/// Whether a directory holds tables and a ledger.
fn is_used(path: &Path) -> bool {
    ["ledger/checkpoint", "ledger/signed", "events/_delta_log"]
        .iter()
        .any(|name| path.join(name).exists())
}

fn check_format(path: &Path, access: Access) -> Result<()> {
    let file = path.join("format");
    match fs::read_to_string(&file) {
        Ok(text) => match text.trim().parse::<u32>() {
            Ok(found) if found <= FORMAT_VERSION => Ok(()),
            Ok(found) => Err(LakeError::NewerFormat { path: file, found, known: FORMAT_VERSION }),
            Err(_) => Err(LakeError::Damaged {
                path: file,
                detail: format!("it should hold a number, it holds {:?}", text.trim()),
            }),
        },
        // A start makes it first: where there is more, it was removed.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_used(path) => {
            let detail = format!(
                "it is missing, and data lies beside it; it holds the number of the data's format, {FORMAT_VERSION} since the first version of rollcall"
            );
            Err(LakeError::Damaged { path: file, detail })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match access {
            Access::Write => write_private(&file, format!("{FORMAT_VERSION}\n").as_bytes()),
            Access::Read | Access::Work => Err(LakeError::NoData { path: path.to_owned() }),
        },
        Err(source) => Err(LakeError::File { action: "can't read", path: file, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_readers_are_not() {
        let scratch = tempfile::tempdir().expect("a directory");
        let first = DataDirectory::open(scratch.path(), Access::Write).expect("the first");
        let second = DataDirectory::open(scratch.path(), Access::Write);
        assert!(matches!(second, Err(LakeError::Locked { .. })));
        DataDirectory::open(scratch.path(), Access::Read).expect("a reader");
        drop(first);
        DataDirectory::open(scratch.path(), Access::Write).expect("after the first is gone");
    }

    #[test]
    fn whether_a_process_writes_can_be_told() {
        let scratch = tempfile::tempdir().expect("a directory");
        let writer = DataDirectory::open(scratch.path(), Access::Write).expect("a writer");
        let reader = DataDirectory::open(scratch.path(), Access::Read).expect("a reader");
        assert!(reader.is_held());
        drop(writer);
        assert!(!reader.is_held());
        fs::remove_file(scratch.path().join("lock")).expect("removed");
        assert!(!reader.is_held());
    }

    #[test]
    fn workers_come_beside_each_other_and_the_writer_can_keep_them_out() {
        let scratch = tempfile::tempdir().expect("a directory");
        let early = DataDirectory::open(scratch.path(), Access::Work);
        assert!(matches!(early, Err(LakeError::NoData { .. })));
        let writer = DataDirectory::open(scratch.path(), Access::Write).expect("a writer");
        let workers =
            [(); 2].map(|()| DataDirectory::open(scratch.path(), Access::Work).expect("a worker"));
        assert!(writer.without_workers().expect("asked").is_none());
        drop(workers);
        let kept_out = writer.without_workers().expect("asked").expect("none works");
        let probe = workers_lock(scratch.path()).expect("the lock");
        assert!(matches!(probe.try_lock_shared(), Err(TryLockError::WouldBlock)));
        drop(kept_out);
        assert!(probe.try_lock_shared().is_ok());
    }

    #[test]
    fn a_format_that_is_missing_beside_data_is_told_and_never_guessed() {
        let scratch = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(scratch.path().join("ledger")).expect("a folder");
        fs::write(scratch.path().join("ledger/checkpoint"), "x").expect("a file");
        for access in [Access::Read, Access::Write] {
            let error = DataDirectory::open(scratch.path(), access).expect_err("refused");
            assert!(error.to_string().contains("format is damaged: it is missing"), "{error}");
        }
        assert!(!scratch.path().join("format").exists());
    }

    #[test]
    fn a_newer_format_is_refused() {
        let scratch = tempfile::tempdir().expect("a directory");
        fs::write(scratch.path().join("format"), "99\n").expect("a file");
        let error = DataDirectory::open(scratch.path(), Access::Write).expect_err("refused");
        assert!(error.to_string().contains("data format 99"), "{error}");
    }

    #[test]
    fn what_a_crash_left_of_a_first_start_is_no_hindrance() {
        let scratch = tempfile::tempdir().expect("a directory");
        let data = scratch.path().join("deep/data");
        let keys = data.join("ledger/keys");
        fs::create_dir_all(&keys).expect("directories");
        for staged in [data.join("format.writing"), keys.join("row.writing")] {
            fs::write(staged, "cut").expect("a file");
        }
        let directory = DataDirectory::open(&data, Access::Write).expect("open");
        directory.row_key().expect("a key");
        assert_eq!(fs::read_to_string(data.join("format")).expect("a file"), "1\n");
        assert!(!data.join("format.writing").exists());
    }

    #[test]
    fn keys_are_made_once_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = tempfile::tempdir().expect("a directory");
        let directory = DataDirectory::open(scratch.path(), Access::Write).expect("open");
        let key = directory.row_key().expect("a key");
        assert_eq!(directory.row_key().expect("again"), key);
        assert_ne!(directory.identifier_key().expect("another"), key);
        let mode =
            fs::metadata(scratch.path().join("ledger/keys/row")).expect("file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}
