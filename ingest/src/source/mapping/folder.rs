//! The mapping files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::Mapping;
use super::fault::{Fault, MappingError};

/// Reads every mapping (`*.toml`) of a folder, in order of name. A folder that isn't
/// there has none.
///
/// # Errors
/// The first file that can't be used, with everything that is wrong with it.
pub fn read_folder(folder: &Path) -> Result<Vec<Mapping>, MappingError> {
    let unreadable = |error: std::io::Error| MappingError {
        file: folder.to_owned(),
        faults: vec![Fault { line: None, what: format!("can't be listed: {error}") }],
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|extension| extension == "toml") && !is_hidden {
            files.push(path);
        }
    }
    files.sort();
    files.iter().map(|file| read_file(file)).collect()
}

/// Reads one mapping; its source has the file's name.
///
/// # Errors
/// If the file can't be read; else everything that is wrong with it.
pub fn read_file(file: &Path) -> Result<Mapping, MappingError> {
    let wrong = |faults| MappingError { file: file.to_owned(), faults };
    let text = fs::read_to_string(file).map_err(|error| {
        wrong(vec![Fault { line: None, what: format!("can't be read: {error}") }])
    })?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    Mapping::parse(&name, &text).map_err(wrong)
}
