//! Files and folders for an import: found, hashed, expanded by content, and
//! given out in blocks that end with a record.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::{Content, Earlier};
use super::decode::Compression;
use super::records::{Form, form};
use crate::error::{IngestError, Result};
use flate2::bufread::MultiGzDecoder;

/// Bytes of a block.
const BLOCK: usize = 4 << 20;
/// Bytes from which a file's form is told.
const SNIFF: usize = 1 << 20;
/// Longest line, and longest JSON document over several lines.
const LONGEST: usize = 2 << 30;

/// A file to import, open and hashed.
#[derive(Debug)]
pub(crate) struct InputFile {
    /// Its name, for people.
    pub(crate) name: String,
    /// What it holds: the stream's identity.
    pub(crate) content: Content,
    /// Its size on disk.
    bytes: u64,
    /// Bytes of a block of lines.
    pub(crate) block: usize,
    file: Arc<File>,
    path: PathBuf,
}

/// Every file under the given paths, in order of name; `-` is standard input.
///
/// # Errors
/// If a path can't be listed.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, &mut found)?;
    }
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.as_os_str() == "-" {
        found.push(path.to_owned());
        return Ok(());
    }
    let metadata = fs::metadata(path).map_err(IngestError::file("can't open", path))?;
    if !metadata.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
        .map_err(IngestError::file("can't list", path))?;
    entries.sort();
    for entry in entries {
        let hidden =
            entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden {
            collect(&entry, found)?;
        }
    }
    Ok(())
}

impl InputFile {
    /// Opens and hashes a file. Standard input is spooled to a temporary file
    /// first: its hash must be known before its first record has a position.
    /// `earlier` are contents that it may have grown from.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(crate) fn open(path: &Path, earlier: &[Earlier]) -> Result<Self> {
        let fail = |action| IngestError::file(action, path);
        let (file, name) = if path.as_os_str() == "-" {
            let mut spool = tempfile::tempfile().map_err(fail("can't spool"))?;
            io::copy(&mut io::stdin().lock(), &mut spool).map_err(fail("can't read"))?;
            spool.seek(SeekFrom::Start(0)).map_err(fail("can't read"))?;
            (spool, "standard input".to_owned())
        } else {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let file = File::open(path).map_err(fail("can't open"))?;
            (file, name.to_string_lossy().into_owned())
        };
        let bytes = file.metadata().map_err(fail("can't read"))?.len();
        let (file, path) = (Arc::new(file), path.to_owned());
        let (_, reader) = expanded(&file, bytes, &path)?;
        let content = Content::of(reader, earlier).map_err(fail("can't read"))?;
        Ok(Self { name, content, bytes, block: BLOCK, file, path })
    }

    /// The file's records in blocks, from the start.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(crate) fn blocks(&self) -> Result<Blocks> {
        let (compression, reader) = expanded(&self.file, self.bytes, &self.path)?;
        let mut blocks = Blocks {
            reader,
            path: self.path.clone(),
            block: self.block,
            form: Form::Lines,
            rest: Vec::new(),
            ended: false,
            damage: None,
            expanded: 0,
            expected: (compression == Compression::None).then_some(self.bytes),
        };
        blocks.fill(SNIFF)?;
        blocks.form = form(&blocks.rest);
        if blocks.rest.starts_with(b"\xef\xbb\xbf") && blocks.form == Form::Lines {
            blocks.rest.drain(..3);
        }
        Ok(blocks)
    }
}

/// A file's content with a place of its own: it is read several times over.
fn expanded(
    file: &Arc<File>,
    bytes: u64,
    path: &Path,
) -> Result<(Compression, Box<dyn Read + Send>)> {
    let fail = |action| IngestError::file(action, path);
    let at_start = || Positioned { file: Arc::clone(file), at: 0, end: bytes };
    let mut head = [0; 4];
    let length = read_full(&mut at_start(), &mut head).map_err(fail("can't read"))?;
    let buffered = BufReader::with_capacity(1 << 20, at_start());
    let compression = Compression::of_content(head.get(..length).unwrap_or_default());
    let reader: Box<dyn Read + Send> = match compression {
        Compression::Gzip => Box::new(MultiGzDecoder::new(buffered)),
        Compression::Zstd => Box::new(
            zstd::stream::read::Decoder::with_buffer(buffered).map_err(fail("can't read"))?,
        ),
        Compression::None | Compression::Deflate => Box::new(buffered),
    };
    Ok((compression, reader))
}

/// Reads what was hashed and nothing behind it: a log may grow meanwhile.
struct Positioned {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let some = buffer.len().min(left);
        let read = self.file.read_at(buffer.get_mut(..some).unwrap_or_default(), self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) {
        match reader.read(space)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// A file's bytes in blocks that end with a record.
pub(crate) struct Blocks {
    reader: Box<dyn Read + Send>,
    path: PathBuf,
    block: usize,
    /// How its records lie behind each other.
    pub(crate) form: Form,
    rest: Vec<u8>,
    ended: bool,
    /// What was wrong with the compressed bytes, if anything was.
    pub(crate) damage: Option<String>,
    expanded: u64,
    /// Bytes that there were when the file was hashed, if it isn't compressed.
    expected: Option<u64>,
}

impl Blocks {
    /// The next block; `None` at the end. Lines come in blocks of some
    /// megabytes, a JSON array or document as a whole.
    ///
    /// # Errors
    /// If the file can't be read, or holds a line or document that is too long.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut wanted = if self.form == Form::Lines { self.block } else { LONGEST };
        loop {
            self.fill(wanted)?;
            if self.ended && self.rest.len() <= wanted {
                let last = std::mem::take(&mut self.rest);
                return Ok((!last.is_empty()).then_some(last));
            }
            let within = self.rest.get(..wanted).unwrap_or(&self.rest);
            let cut = memchr::memrchr(b'\n', within).filter(|_| self.form == Form::Lines);
            if let Some(end) = cut {
                let mut rest = Vec::with_capacity(self.block + (1 << 20));
                rest.extend_from_slice(self.rest.get(end + 1..).unwrap_or_default());
                self.rest.truncate(end + 1);
                return Ok(Some(std::mem::replace(&mut self.rest, rest)));
            }
            if wanted >= LONGEST {
                return Err(IngestError::TooLong { path: self.path.clone(), bytes: LONGEST });
            }
            wanted = (wanted * 2).min(LONGEST);
        }
    }

    /// Reads until `wanted` bytes are there or the file ends.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        while !self.ended && self.rest.len() < wanted {
            let from = self.rest.len();
            let piece = (wanted - from).min(1 << 20);
            self.rest.resize(from + piece, 0);
            let space = self.rest.get_mut(from..).unwrap_or_default();
            let result = self.reader.read(space);
            let read = *result.as_ref().unwrap_or(&0);
            self.rest.truncate(from + read);
            self.expanded += read as u64;
            match result {
                Ok(0) => {
                    self.ended = true;
                    if let Some(expected) = self.expected.filter(|bytes| *bytes != self.expanded) {
                        self.damage = Some(format!(
                            "it had {expected} bytes when it was hashed and {} when it was read; import it again when nothing writes to it",
                            self.expanded
                        ));
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A plain file that can't be read is an error; a compressed one
                // that is cut off gives what it has.
                Err(error) if error.raw_os_error().is_some() => {
                    return Err(IngestError::file("can't read", &self.path)(error));
                }
                Err(error) => {
                    self.ended = true;
                    self.damage = Some(format!(
                        "damaged or cut off after {} expanded bytes: {error}",
                        self.expanded
                    ));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(file: &InputFile) -> (Vec<u8>, usize, Option<String>) {
        let mut blocks = file.blocks().expect("opened");
        let mut bytes = Vec::new();
        let mut count = 0;
        while let Some(block) = blocks.next().expect("read") {
            bytes.extend(block);
            count += 1;
        }
        (bytes, count, blocks.damage)
    }

    #[test]
    fn blocks_are_the_whole_file_however_often_it_is_read() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("auth.log");
        let content: String = (0..400_000).map(|n| format!("line number {n}\n")).collect();
        fs::write(&path, &content).expect("a file");
        let file = InputFile::open(&path, &[]).expect("opened");
        let mut first = file.blocks().expect("opened");
        let begun = first.next().expect("read").expect("a block").len();
        // A second reading in between mustn't move the first.
        let (bytes, count, damage) = all(&file);
        assert!(bytes == content.as_bytes() && count > 1 && damage.is_none());
        let mut rest = begun;
        while let Some(block) = first.next().expect("read") {
            assert!(block.ends_with(b"\n"));
            rest += block.len();
        }
        assert_eq!(rest, content.len());
    }

    #[test]
    fn a_cut_gzip_gives_what_it_has() {
        use std::io::Write;
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("auth.log.gz");
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for n in 0..50_000 {
            writeln!(out, "line number {n} {}", n * 7919 % 1009).expect("memory");
        }
        let whole = out.finish().expect("memory");
        fs::write(&path, &whole[..whole.len() / 2]).expect("a file");
        let (bytes, _, damage) = all(&InputFile::open(&path, &[]).expect("opened"));
        assert!(bytes.len() > 1000 && damage.is_some());
    }
}
