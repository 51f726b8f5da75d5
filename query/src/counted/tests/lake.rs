//! The same beside a lake: after a start, with files that are damaged or of another
//! version, beside other processes, and after what takes rows away.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rollcall_lake::{
    Access, Identifiers, Lake, MadeFrom, RetainRule, SealInput, ShardRange, Table,
};
use rollcall_schemas::{Position, Tail};

use super::{assert_same, company, figures, scanning};
use crate::{Catalog, Settings, fixture};

/// A lake with the company's events in some files, and its directory.
async fn filled(path: &Path, files: usize) -> Lake {
    let world = fixture::world(&company());
    let lake = Lake::open(path, Access::Write).await.expect("a lake");
    lake.append(Table::People, world.people.clone().expect("people")).await.expect("appended");
    let batch = &world.events[0];
    let each = batch.num_rows().div_ceil(files);
    for from in (0..batch.num_rows()).step_by(each) {
        let rows = batch.slice(from, each.min(batch.num_rows() - from));
        let (from, count) = (i64::try_from(from).expect("a row"), i64::try_from(rows.num_rows()));
        let count = count.expect("rows");
        let range =
            ShardRange { shard: 1, from, to: from + count, rows: count, ..ShardRange::default() };
        let input = SealInput {
            events: vec![Arc::new(rows)],
            ranges: vec![range],
            positions: vec![(1, from + count)],
            ..SealInput::default()
        };
        let sealed = lake.seal(input).await.expect("sealed");
        lake.publish_sealed(&sealed, Tail::default());
    }
    // Opened again, it knows which rows the files' revisions replace.
    drop(lake);
    Lake::open(path, Access::Write).await.expect("a lake")
}

fn catalog(lake: &Arc<Lake>) -> Catalog {
    Catalog::new(Arc::clone(lake), Settings::default()).expect("a catalog")
}

/// What is counted now, beside what a scan of the same snapshot gives.
async fn checked(catalog: &Catalog, lake: &Lake, what: &str) -> Vec<String> {
    let found = figures(&catalog.session()).await;
    let expected = figures(&scanning().session_on(lake.snapshot())).await;
    assert_same(&found, &expected, what);
    found
}

fn kept(data: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join("derived")).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

/// The head of a derived file.
fn head(path: &Path) -> MadeFrom {
    let bytes = std::fs::read(path).expect("a file");
    let length = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes"));
    let end = 12 + usize::try_from(length).expect("a length");
    serde_json::from_slice(&bytes[12..end]).expect("a head")
}

/// The derived files whose content holds a text.
fn holding(lake: &Lake, text: &str) -> Vec<PathBuf> {
    let mut files = kept(lake.directory().path(), "");
    files.retain(|path| {
        let from = head(path);
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let content = lake.derived(&name, &from.version, &from.key).expect("content");
        content.windows(text.len()).any(|window| window == text.as_bytes())
    });
    files
}

#[tokio::test]
async fn after_a_start_nothing_is_counted_again_unless_it_must_be() {
    let scratch = tempfile::tempdir().expect("a directory");
    let lake = Arc::new(filled(scratch.path(), 3).await);
    let first = catalog(&lake);
    let expected = checked(&first, &lake, "at first").await;
    first.keep_counts().await;
    drop((first, lake));
    let files = kept(scratch.path(), ".counts");
    assert!(files.len() >= 11, "{files:?}");

    let lake = Arc::new(Lake::open(scratch.path(), Access::Write).await.expect("a lake"));
    let again = catalog(&lake);
    assert_same(&figures(&again.session()).await, &expected, "after a start");
    assert_eq!(again.inner.counts.gone_through(), 0, "all of it was on disk");

    // Damaged, cut short, empty, of an older version: told, and made again.
    for (number, path) in kept(scratch.path(), "").iter().enumerate() {
        let mut bytes = std::fs::read(path).expect("a file");
        let middle = bytes.len() / 2;
        match number % 4 {
            0 => bytes[middle] ^= 1,
            1 => bytes.truncate(middle),
            2 => bytes.clear(),
            _ => {
                let old = MadeFrom { version: "0".to_owned(), ..head(path) };
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                assert!(lake.keep_derived(&name, &old, b"?").expect("written"));
                continue;
            }
        }
        std::fs::write(path, bytes).expect("written");
    }
    let mended = catalog(&lake);
    assert_same(&figures(&mended.session()).await, &expected, "after damage");
    assert!(mended.inner.counts.gone_through() > 0);
    mended.keep_counts().await;
    let whole = catalog(&lake);
    assert_same(&figures(&whole.session()).await, &expected, "mended");
    assert_eq!(whole.inner.counts.gone_through(), 0, "the files are whole again");
}

#[tokio::test]
async fn processes_beside_the_one_that_writes_read_and_leave_nothing() {
    let scratch = tempfile::tempdir().expect("a directory");
    let lake = Arc::new(filled(scratch.path(), 2).await);
    let reader = async || {
        let lake = Arc::new(Lake::open(scratch.path(), Access::Read).await.expect("a reader"));
        let catalog = catalog(&lake);
        let found = figures(&catalog.session()).await;
        catalog.keep_counts().await;
        (found, catalog.inner.counts.gone_through())
    };
    let (without, counted) = reader().await;
    assert!(counted > 0);
    assert_eq!(kept(scratch.path(), ""), [""; 0].map(PathBuf::from));
    let writer = catalog(&lake);
    // Two read while the third writes.
    let write = async {
        let found = figures(&writer.session()).await;
        writer.keep_counts().await;
        found
    };
    let (written, (one, _), (other, _)) = futures::join!(write, reader(), reader());
    for found in [&written, &one, &other] {
        assert_same(found, &without, "beside each other");
    }
    let (later, counted) = reader().await;
    assert_same(&later, &without, "later");
    assert_eq!(counted, 0);
}

#[tokio::test]
async fn compaction_revision_and_late_rows_change_what_they_touch() {
    let scratch = tempfile::tempdir().expect("a directory");
    // Several files a day.
    let lake = Arc::new(filled(scratch.path(), 40).await);
    let catalog = catalog(&lake);
    let before = checked(&catalog, &lake, "at first").await;
    catalog.keep_counts().await;
    let tomorrow: DateTime<Utc> = "2099-01-01T00:00:00Z".parse().expect("a time");
    let merged = lake.compact(tomorrow, &|_| {}).await.expect("compacted");
    assert!(!merged.is_empty());
    let compacted = checked(&catalog, &lake, "compacted").await;
    assert_same(&compacted, &before, "compaction changes no figure");
    catalog.keep_counts().await;

    // A revision of a sealed row, and a late event, both not sealed yet.
    let lines =
        "event 2026-03-03T08:00:00Z okta ada@corp.example logon failure reason=bad_password shard=5
        event 2026-03-04T08:00:00Z okta bo@corp.example logon success shard=5";
    let late = fixture::world(lines).events;
    let tail = Tail { events: Arc::new(late), ..Tail::default() };
    let revised = Position { shard: 1, seq: 0, part: 0 };
    lake.publish_tail(tail, &[revised]).expect("published");
    let after = checked(&catalog, &lake, "revised").await;
    assert_ne!(after, before);
    catalog.keep_counts().await;
    // What was kept of sealed rows alone is not taken for that.
    let fresh = self::catalog(&lake);
    assert_same(&figures(&fresh.session()).await, &after, "from disk");
}

#[tokio::test]
async fn what_is_erased_or_no_longer_retained_leaves_nothing_behind() {
    let scratch = tempfile::tempdir().expect("a directory");
    let lake = Arc::new(filled(scratch.path(), 4).await);
    let catalog = catalog(&lake);
    checked(&catalog, &lake, "at first").await;
    catalog.keep_counts().await;
    assert!(!holding(&lake, "ada@corp.example").is_empty());
    let gone: BTreeSet<String> = names(&lake);
    let who = Identifiers::new(["ada@corp.example".to_owned()]).expect("someone");
    lake.erase(Arc::new(who), false, &|_| {}).await.expect("erased");
    assert_eq!(holding(&lake, "ada@corp.example"), [""; 0].map(PathBuf::from));
    let gone: BTreeSet<_> = gone.difference(&names(&lake)).cloned().collect();
    assert!(!gone.is_empty());
    // What a question still holds of the rows before isn't written any more.
    catalog.keep_counts().await;
    let names_gone = |path: &PathBuf| head(path).segments.iter().any(|name| gone.contains(name));
    assert!(!kept(scratch.path(), "").iter().any(names_gone));
    checked(&catalog, &lake, "erased").await;
    catalog.keep_counts().await;
    assert_eq!(holding(&lake, "ada@corp.example"), [""; 0].map(PathBuf::from));
    assert!(!holding(&lake, "bo@corp.example").is_empty());

    let rule = RetainRule { days: Some(7), superseded_days: None };
    let now: DateTime<Utc> = "2026-03-13T00:00:00Z".parse().expect("a time");
    let before = names(&lake);
    let removed = lake.retain(rule, now, false).await.expect("retained");
    assert!(!removed.is_empty());
    let gone: BTreeSet<_> = before.difference(&names(&lake)).cloned().collect();
    let names_gone = |path: &PathBuf| head(path).segments.iter().any(|name| gone.contains(name));
    assert!(!kept(scratch.path(), "").iter().any(names_gone));
    checked(&catalog, &lake, "retained").await;
}

fn names(lake: &Lake) -> BTreeSet<String> {
    let snapshot = lake.snapshot();
    let segments = snapshot.tables.values().flat_map(|table| table.segments.iter());
    segments.map(|segment| segment.name.clone()).collect()
}
