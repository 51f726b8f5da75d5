//! A disk of its own: an ext4 file system in a file, whose power can be cut.
//!
//! The ioctl EXT4_IOC_SHUTDOWN with the flag NOLOGFLUSH stops the file system as
//! it is: nothing more reaches the disk, neither data nor journal. After mounting
//! again only what had been synchronised is sure to be there. An fsync that is under
//! way meanwhile may still return 0, some milliseconds later, though its journal was
//! dropped (seen with Linux 6.18): what is answered after the cut counts as not sent,
//! as a machine without power answers nothing.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Cuts the power of the file system that holds a directory, on a line of input:
/// what is started by then takes no time any more.
const CUT: &str = "
import fcntl, os, struct, sys
directory = os.open(sys.argv[1], os.O_RDONLY)
sys.stdout.write('ready'); sys.stdout.flush()
sys.stdin.readline()
fcntl.ioctl(directory, 0x8004587D, struct.pack('I', 2))
";

/// The file system; unmounted and gone when it is dropped.
pub struct Disk {
    scratch: TempDir,
    mounted: bool,
}

/// The hand on the switch.
pub struct Switch {
    python: Child,
}

impl Disk {
    /// Makes and mounts one; the reason where that can't be done here.
    pub fn mount(options: &str) -> Result<Self, String> {
        let scratch = tempfile::tempdir().expect("a directory");
        let mut disk = Self { scratch, mounted: false };
        std::fs::create_dir(disk.folder()).expect("a folder");
        let image = std::fs::File::create(disk.image()).expect("a file");
        image.set_len(192 << 20).expect("a length");
        let image = disk.image();
        run("mkfs.ext4", &[Path::new("-q"), Path::new("-F"), &image])?;
        disk.attach(options)?;
        Ok(disk)
    }

    /// One in memory, of so many KiB.
    pub fn of_memory(kib: u64) -> Result<Self, String> {
        let scratch = tempfile::tempdir().expect("a directory");
        let mut disk = Self { scratch, mounted: false };
        std::fs::create_dir(disk.folder()).expect("a folder");
        let (size, folder) = (format!("size={kib}k"), disk.folder());
        let options = ["-t", "tmpfs", "-o", &size, "tmpfs"].map(Path::new);
        run("mount", &[&options[..], &[&folder]].concat())?;
        disk.mounted = true;
        Ok(disk)
    }

    /// Gives one in memory another size.
    pub fn resize(&self, kib: u64) {
        let size = format!("remount,size={kib}k");
        let options = ["-o", &size].map(Path::new);
        run("mount", &[&options[..], &[&self.folder()]].concat()).expect("mounted");
    }

    /// Where it is mounted.
    pub fn folder(&self) -> PathBuf {
        self.scratch.path().join("disk")
    }

    fn image(&self) -> PathBuf {
        self.scratch.path().join("image")
    }

    fn attach(&mut self, options: &str) -> Result<(), String> {
        let options = format!("loop,{options}");
        let (image, folder) = (self.image(), self.folder());
        run("mount", &[Path::new("-o"), Path::new(&options), &image, &folder])?;
        self.mounted = true;
        Ok(())
    }

    /// What lies there is synchronised.
    pub fn sync(&self) {
        run("sync", &[Path::new("-f"), &self.folder()]).expect("synchronised");
    }

    /// Takes the switch in hand.
    pub fn switch(&self) -> Switch {
        let mut python = Command::new("python3")
            .args(["-c", CUT])
            .arg(self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs");
        let mut ready = [0; 5];
        let stdout = python.stdout.as_mut().expect("stdout");
        std::io::Read::read_exact(stdout, &mut ready).expect("ready");
        Switch { python }
    }

    /// The power is back: the journal is replayed.
    pub fn back(&mut self, options: &str) {
        self.detach().expect("unmounted");
        self.attach(options).expect("mounted");
    }

    fn detach(&mut self) -> Result<(), String> {
        if self.mounted {
            run("umount", &[&self.folder()])?;
            self.mounted = false;
        }
        Ok(())
    }
}

impl Switch {
    /// Cuts the power.
    pub fn cut(mut self) {
        self.python.stdin.take().expect("stdin").write_all(b"\n").expect("written");
        assert!(self.python.wait().expect("ended").success(), "the power couldn't be cut");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(reason) = self.detach() {
            eprintln!("{} is still mounted: {reason}", self.folder().display());
        }
    }
}

fn run(program: &str, arguments: &[&Path]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    output.status.success().then_some(()).ok_or(format!("{program}: {said}"))
}
