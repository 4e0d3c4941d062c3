//! What lies in a place of backups: which of it is this instance's, and what of that leaves, and when. Whatever else lies
//! there, of another instance or of nobody's, is neither read nor touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path as FilePath;

use jiff::{Timestamp, ToSpan};

use super::pack::{Header, Reader};
use crate::keys::Keys;
use crate::place::Place;
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
    /// Its name in its place.
    pub name: String,
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

/// The name of a backup.
pub(super) fn name(tree: &str, number: u32) -> String {
    format!("{tree}.{number:04}.{ENDING}")
}

/// Whether this is the name of a backup: a tree, a number and the ending.
fn named(name: &str, ends: &str) -> bool {
    let mut parts = name.splitn(3, '.');
    let [Some(tree), Some(number), Some(ending)] = [parts.next(), parts.next(), parts.next()] else {
        return false;
    };
    ending == ends
        && tree.len() == 20
        && number.len() >= 4
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Takes away what was being written when the program was killed. Of ours only one is written at a time, by whoever
/// has the safe to themselves. Its name says that it is ours, however little of it was written; one of a release that named
/// none says it at its beginning. What says neither stays.
pub(super) fn leave_half(place: &Place, store: &Store) -> Result<()> {
    let ours = whose(store.keys());
    let end = format!("{ours}.{HALF}");
    place.leave_half(store.data(), |name| {
        named(name, &end)
            || named(name, HALF) && Reader::open(place, name, None).is_ok_and(|half| half.header.of == ours)
    })
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
pub fn points(place: &Place, keys: &Keys) -> Result<Vec<Point>> {
    let mut found = Vec::new();
    let ours = whose(keys);
    for name in place.list()?.into_iter().filter(|name| named(name, ENDING)) {
        let header = Reader::open(place, &name, None)?.header;
        if header.of == ours {
            found.push(Point { name, header });
        }
    }
    found.sort_by_key(|point| (point.header.at, point.header.number));
    Ok(found)
}

/// Where a file of a document lies in a place of backups: as in a data directory, in a folder of the instance.
pub(super) fn file_of(keys: &Keys, name: &str) -> Result<String> {
    let path = files::path_of(FilePath::new(&whose(keys)), name)?;
    Ok(path.to_string_lossy().into_owned())
}

/// Copies the files of documents that are not in the place of backups yet, encrypted as they lie, and takes those away
/// that no row has referred to for as long as backups are kept. How many were copied.
pub(super) fn copy_files(store: &Store, to: &Place, days: i64, now: Timestamp) -> Result<u64> {
    let referred = store.read(files::referred)?;
    let there: BTreeSet<String> =
        to.under(&format!("{}/{}", whose(store.keys()), files::FOLDER))?.into_iter().collect();
    let mut copied = 0;
    for name in &referred {
        let from = files::path_of(store.data(), name)?;
        let name = file_of(store.keys(), name)?;
        if !there.contains(&name) && from.exists() && to.put(&name, &from, store.data())? {
            copied += 1;
        }
    }
    leave_files(to, store.keys(), &there, &referred, limit(days, now)?, now)?;
    Ok(copied)
}

/// Takes away the files that no row has referred to since the limit: until then an earlier backup may bring the row back.
/// Where the program let go of it nobody reads the file: its key stood in the row.
fn leave_files(
    to: &Place,
    keys: &Keys,
    there: &BTreeSet<String>,
    referred: &BTreeSet<String>,
    limit: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let list = format!("{}/{UNREFERRED}", whose(keys));
    // Where there is no file yet there is no list.
    let text = if there.is_empty() { None } else { to.get(&list)? };
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    let known: BTreeMap<&str, Timestamp> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, since)| Some((name, since.parse().ok()?)))
        .collect();
    let mut still = String::new();
    for path in there {
        let name = path.rsplit('/').next().unwrap_or_default();
        // A copy that was interrupted.
        if name.strip_suffix(".new").is_some_and(|name| file_of(keys, name).is_ok()) {
            to.delete(path)?;
            continue;
        }
        // Only what has the name and the place that a file of ours has.
        if referred.contains(name) || file_of(keys, name).ok().as_ref() != Some(path) {
            continue;
        }
        let since = known.get(name).copied().unwrap_or(now);
        match since <= limit {
            true => to.delete(path)?,
            false => still.push_str(&format!("{name} {since}\n")),
        }
    }
    if still == text { Ok(()) } else { to.replace(&list, still.as_bytes()) }
}

/// Until when something must have been made to be past its time. Tomorrow's backup would come too late for what is due
/// in between.
fn limit(days: i64, now: Timestamp) -> Result<Timestamp> {
    now.checked_sub(((days - 1).max(1) * 24).hours()).map_err(|_| Error::Malformed("a period".into()))
}

/// Takes away the trees whose first backup is past its time, newest excepted, and their keys. How many backups left.
pub(super) fn leave(to: &Place, safe: &mut Safe, points: &[Point], days: i64, now: Timestamp) -> Result<u64> {
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
            to.delete(&point.name)?;
            left += 1;
        }
    }
    Ok(left)
}
