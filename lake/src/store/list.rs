//! What lies below a folder, all of it: a file that can't be looked at is an error. The
//! library's own listing leaves it out, and a table would look as it was before it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use object_store::path::Path as StorePath;
use object_store::{ListResult, ObjectMeta, Result as StoreResult};

use super::generic;
use crate::error::LakeError;

/// Every file below a folder whose path comes after `offset`; none where there is no
/// folder.
pub(super) fn files(folder: &Path, offset: Option<&StorePath>) -> StoreResult<Vec<ObjectMeta>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let listed = one_level(&folder, offset)?;
        folders.extend(listed.folders);
        found.extend(listed.files);
    }
    Ok(found)
}

/// The files and folders right below a folder.
pub(super) fn right_below(folder: &Path) -> StoreResult<ListResult> {
    let Level { files, folders } = one_level(folder, None)?;
    let common_prefixes = folders.iter().map(|folder| location(folder)).collect::<StoreResult<_>>();
    Ok(ListResult { objects: files, common_prefixes: common_prefixes? })
}

#[derive(Default)]
struct Level {
    files: Vec<ObjectMeta>,
    folders: Vec<PathBuf>,
}

fn one_level(folder: &Path, offset: Option<&StorePath>) -> StoreResult<Level> {
    let unlisted = LakeError::file("can't list", folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Level::default()),
        entries => entries.map_err(|error| generic(unlisted(error)))?,
    };
    let mut level = Level::default();
    for entry in entries {
        let entry = entry.map_err(|error| generic(LakeError::file("can't list", folder)(error)))?;
        let path = entry.path();
        let location = location(&path)?;
        let kind = entry.file_type();
        // Commits are many: those that nobody asks for aren't looked at.
        let is_before = offset.is_some_and(|offset| location <= *offset);
        if is_before && kind.is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let unread = |error| generic(LakeError::file("can't look at", &path)(error));
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            // Removed since it was listed; not a link that leads nowhere.
            Err(error)
                if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(&path).is_err() =>
            {
                continue;
            }
            Err(error) => return Err(unread(error)),
        };
        if metadata.is_dir() {
            level.folders.push(path);
            continue;
        }
        if is_staged(&path) || is_before {
            continue;
        }
        let last_modified = metadata.modified().map_err(unread)?.into();
        let size = metadata.len();
        level.files.push(ObjectMeta { location, last_modified, size, e_tag: None, version: None });
    }
    Ok(level)
}

fn location(path: &Path) -> StoreResult<StorePath> {
    StorePath::from_absolute_path(path).map_err(generic)
}

/// Whether a name ends in # and digits: a file that isn't whole yet.
fn is_staged(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.rsplit_once('#').is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(found: Vec<ObjectMeta>) -> Vec<String> {
        let mut names: Vec<String> = found
            .iter()
            .map(|file| file.location.filename().unwrap_or_default().to_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_come_with_those_of_folders_and_without_what_is_staged() {
        let scratch = tempfile::tempdir().expect("a directory");
        let root = scratch.path();
        fs::create_dir(root.join("below")).expect("a folder");
        for name in ["1.json", "2.json", "2.json#17", "below/3.json", "a#b"] {
            fs::write(root.join(name), name).expect("written");
        }
        let all = files(root, None).expect("listed");
        assert_eq!(all.iter().map(|file| file.size).sum::<u64>(), 6 + 6 + 12 + 3);
        assert_eq!(names(all), ["1.json", "2.json", "3.json", "a#b"]);
        let offset = location(&root.join("1.json")).expect("a path");
        assert_eq!(names(files(root, Some(&offset)).expect("listed")), ["2.json", "3.json", "a#b"]);
        let right_below = right_below(root).expect("listed");
        assert_eq!(names(right_below.objects), ["1.json", "2.json", "a#b"]);
        assert_eq!(right_below.common_prefixes.len(), 1);
        assert!(files(&root.join("nothing"), None).expect("listed").is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_looked_at_is_an_error() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("00000000000000000007.json");
        for target in [path.clone(), scratch.path().join("nowhere")] {
            symlink(target, &path).expect("a link");
            let told = files(scratch.path(), None).expect_err("told").to_string();
            assert!(told.contains("00000000000000000007.json"), "{told}");
            fs::remove_file(&path).expect("removed");
        }
    }
}
