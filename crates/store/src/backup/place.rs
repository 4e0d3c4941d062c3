//! What lies in a place of backups: which of it is this instance's, and what of that leaves, and when. Whatever else lies
//! there, of another instance or of nobody's, is neither read nor touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};

use jiff::{Timestamp, ToSpan};

use super::pack::{Header, Reader};
use crate::keys::{Keys, write_private};
use crate::safe::{Safe, Tree};
use crate::{Error, Result, Store, files, keys};

/// The ending of a backup's name.
const ENDING: &str = "backup";
/// The ending until it is whole.
const HALF: &str = "new";
/// The list of files that no row refers to any more, and since when.
const UNREFERRED: &str = "unreferred";

/// A backup, as it lies in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    /// Its file.
    pub path: PathBuf,
    /// What it says of itself.
    pub header: Header,
}

impl Point {
    /// When it was made.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.header.at).unwrap_or_default()
    }

    pub(super) fn state(&self) -> String {
        format!("{}/{}", self.header.tree, self.header.number)
    }
}

/// Where a backup lies.
pub(super) fn file(place: &FilePath, tree: &str, number: u32) -> PathBuf {
    place.join(format!("{tree}.{number:04}.{ENDING}"))
}

/// Whether a file has the name of a backup: a tree, a number and the ending.
fn named(path: &FilePath, ends: &str) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let mut parts = name.split('.');
    let [Some(tree), Some(number), Some(ending), None] =
        [parts.next(), parts.next(), parts.next(), parts.next()]
    else {
        return false;
    };
    ending == ends
        && tree.len() == 20
        && number.len() >= 4
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a backup is being written, until it is whole.
pub(super) fn beside(path: &FilePath) -> PathBuf {
    path.with_extension(HALF)
}

/// Takes away what was being written when the program was killed. Of ours only one is written at a time, by whoever
/// has the safe to themselves; what does not say whose it is stays.
pub(super) fn leave_half(place: &FilePath, keys: &Keys) -> Result<()> {
    let ours = whose(keys);
    for entry in std::fs::read_dir(place).map_err(|error| Error::file(place, error))? {
        let path = entry.map_err(|error| Error::file(place, error))?.path();
        if named(&path, HALF) && Reader::open(&path, None).is_ok_and(|reader| reader.header.of == ours) {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
    }
    Ok(())
}

/// What an instance signs its backups with.
pub(super) fn whose(keys: &Keys) -> String {
    let mut whose = keys::hex(&keys.derived("whose backups"));
    whose.truncate(32);
    whose
}

/// The backups of an instance in a place, oldest first.
///
/// # Errors
/// If the place cannot be read or something that has the name of a backup is none.
pub fn points(place: &FilePath, keys: &Keys) -> Result<Vec<Point>> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(place) else { return Ok(found) };
    let ours = whose(keys);
    for entry in entries {
        let path = entry.map_err(|error| Error::file(place, error))?.path();
        if named(&path, ENDING) {
            let header = Reader::open(&path, None)?.header;
            if header.of == ours {
                found.push(Point { path, header });
            }
        }
    }
    found.sort_by_key(|point| (point.header.at, point.header.number));
    Ok(found)
}

/// Where an instance's files of documents lie in a place of backups, as if it were a data directory.
fn folder(place: &FilePath, keys: &Keys) -> PathBuf {
    place.join(whose(keys))
}

/// Where a file of a document lies in a place of backups.
pub(super) fn file_of(place: &FilePath, keys: &Keys, name: &str) -> Result<PathBuf> {
    files::path_of(&folder(place, keys), name)
}

/// Copies the files of documents that are not in the place of backups yet, encrypted as they lie, and takes those away
/// that no row has referred to for as long as backups are kept. How many were copied.
pub(super) fn copy_files(store: &Store, to: &FilePath, days: i64, now: Timestamp) -> Result<u64> {
    let referred = store.read(files::referred)?;
    let mut copied = 0;
    for name in &referred {
        let from = files::path_of(store.data(), name)?;
        let there = file_of(to, store.keys(), name)?;
        if there.exists() || !from.exists() {
            continue;
        }
        let directory = there.parent().unwrap_or(to);
        std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
        let beside = there.with_extension("new");
        std::fs::copy(&from, &beside)
            .and_then(|_| std::fs::File::open(&beside)?.sync_all())
            .and_then(|()| std::fs::rename(&beside, &there))
            .map_err(|error| Error::file(&there, error))?;
        copied += 1;
    }
    leave_files(&folder(to, store.keys()), &referred, days, now)?;
    Ok(copied)
}

/// Takes away the files that no row has referred to for as long as backups are kept: until then an earlier backup may
/// bring the row back. Where the program let go of it nobody reads the file: its key stood in the row.
fn leave_files(folder: &FilePath, referred: &BTreeSet<String>, days: i64, now: Timestamp) -> Result<()> {
    let list = folder.join(UNREFERRED);
    let text = match std::fs::read_to_string(&list) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::file(&list, error)),
        read => read.unwrap_or_default(),
    };
    let known: BTreeMap<&str, Timestamp> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, since)| Some((name, since.parse().ok()?)))
        .collect();
    let limit = limit(days, now)?;
    let mut still = String::new();
    for (path, name) in files::names(folder)? {
        // A copy that was interrupted.
        if name.strip_suffix(".new").is_some_and(|name| files::path_of(folder, name).is_ok()) {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
            continue;
        }
        // Only what has the name and the place that a file of ours has.
        if referred.contains(&name) || files::path_of(folder, &name).ok().as_ref() != Some(&path) {
            continue;
        }
        let since = known.get(name.as_str()).copied().unwrap_or(now);
        match since <= limit {
            true => std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?,
            false => still.push_str(&format!("{name} {since}\n")),
        }
    }
    if still == text { Ok(()) } else { write_private(&list, still.as_bytes()) }
}

/// Until when something must have been made to be past its time. Tomorrow's backup would come too late for what is due
/// in between.
fn limit(days: i64, now: Timestamp) -> Result<Timestamp> {
    now.checked_sub(((days - 1).max(1) * 24).hours()).map_err(|_| Error::Malformed("a period".into()))
}

/// Takes away the trees whose first backup is past its time, newest excepted, and their keys. How many backups left.
pub(super) fn leave(
    to: &FilePath,
    safe: &mut Safe,
    points: &[Point],
    days: i64,
    now: Timestamp,
) -> Result<u64> {
    let limit = limit(days, now)?;
    let newest = safe.trees.last().map(|tree| tree.name.clone());
    let over = |tree: &Tree| tree.began <= limit && Some(&tree.name) != newest.as_ref();
    let gone: BTreeSet<String> =
        safe.trees.iter().filter(|tree| over(tree)).map(|tree| tree.name.clone()).collect();
    safe.trees.retain(|tree| !gone.contains(&tree.name));
    let mut left = 0;
    for point in points {
        // One whose keys are in another safe, newer than that of which this instance was restored, stays its time.
        let lost = safe.ring(&point.header.tree).is_none() && point.at() <= limit;
        if gone.contains(&point.header.tree) || lost {
            std::fs::remove_file(&point.path).map_err(|error| Error::file(to, error))?;
            left += 1;
        }
    }
    Ok(left)
}
