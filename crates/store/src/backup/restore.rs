//! Bringing an instance back from backups: into an empty database, at any point that is kept.
//!
//! Rows whose keys were destroyed do not come back, whichever point is asked for. What must not be forgotten
//! (objections, restrictions, holds, certificates, what is to be done by hand outside, who may sign in, the policy, the log) comes from
//! the newest backup and from the safe, not from the point. It settles nothing and sweeps nothing: who calls it does, before the first
//! request is answered.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::filling::Filling;
use super::pack::{Reader, Record, open};
use super::{Point, points, row};
use crate::place::Place;
use crate::ring::Path;
use crate::safe::Safe;
use crate::schema::{self, Table};
use crate::{Error, Result, Store, files, params, restoring, ring_duty};

/// Tables that are restored as they stand in the newest backup: what happened since the point still holds.
pub(crate) const SURVIVES: &[&str] = &[
    "policy_version",
    "staff",
    "invitation",
    "restriction",
    "hold",
    "hold_helper",
    "held_erasure",
    "certificate",
    "certificate_hash",
    "suppression",
    "consent",
    "objection",
    "not_objecting",
    "merge",
    "merge_row",
    "alike",
    "attestation",
    "forgotten",
    "anonymous",
    "anonymous_waiting",
    "anonymous_who",
    "statistics_release",
    "statistics_cell",
    "drill",
    "log_event",
    "log_subject",
    "log_leaf",
    "log_checkpoint",
];

/// What came of a restore.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Restored {
    /// Rows that came back.
    pub rows: u64,
    /// Rows whose keys were destroyed since: they stay gone.
    pub gone: u64,
    /// Rows that belonged to one of those.
    pub orphans: u64,
    /// Rows written since the point that hold all the same.
    pub since: u64,
    /// Files of documents that came back.
    pub files: u64,
    /// Files that rows refer to and that the place of backups does not have.
    pub files_missing: u64,
}

/// Why a safe does not cover these backups, if it does not: it is older than they are.
#[must_use]
pub fn uncovered(safe: &Safe, points: &[Point]) -> Option<String> {
    let newest = points.iter().max_by_key(|point| point.header.ring)?;
    (newest.header.ring > safe.changes).then(|| {
        format!(
            "the safe is of {} and was changed {} times; the backup of {} was made after {} changes: what was let go of, \
             objected to or restricted in between is not in it",
            safe.at,
            safe.changes,
            newest.at(),
            newest.header.ring
        )
    })
}

/// The backups that a safe has keys to.
#[must_use]
pub fn opened(safe: &Safe, points: &[Point]) -> Vec<Point> {
    points.iter().filter(|point| safe.ring(&point.header.tree).is_some()).cloned().collect()
}

/// The backups that together make a point, the one that holds everything first.
fn chain<'p>(points: &'p [Point], of: &Point) -> Result<Vec<&'p Point>> {
    let mut chain: Vec<&Point> = points
        .iter()
        .filter(|point| point.header.tree == of.header.tree && point.header.number <= of.header.number)
        .collect();
    chain.sort_by_key(|point| point.header.number);
    let whole = chain.iter().zip(0..).all(|(point, number)| point.header.number == number);
    if chain.len() as u64 != u64::from(of.header.number) + 1 || !whole {
        return Err(Error::Damaged(format!(
            "{} builds on backups that are not beside it: put all of {} back",
            of.name, of.header.tree
        )));
    }
    Ok(chain)
}

/// A point's rows, table by table, each once.
struct Rows {
    readers: Vec<(Reader, Option<Record>)>,
    /// Where a row of a table was written last, or that it went.
    last: BTreeMap<(&'static str, Path), Option<usize>>,
}

/// The table that a number in a backup stands for, if this version of the program still has it.
fn table_of(reader: &Reader, number: u8) -> Option<&'static Table> {
    reader.header.tables.get(usize::from(number)).and_then(|(name, _)| schema::table(name))
}

impl Rows {
    fn open(store: &Store, from: &Place, chain: &[&Point]) -> Result<Self> {
        let mut last = BTreeMap::new();
        for (number, point) in chain.iter().enumerate().skip(1) {
            let mut reader = Reader::open(from, &point.name, Some(store.keys()))?;
            while let Some(record) = reader.next()? {
                let (table, row, last_in) = match record {
                    Record::Row { table, row, .. } => (table, row, Some(number)),
                    Record::Gone { table, row } => (table, row, None),
                };
                if let Some(table) = table_of(&reader, table) {
                    last.insert((table.name, row), last_in);
                }
            }
        }
        let mut readers = Vec::new();
        for point in chain {
            let mut reader = Reader::open(from, &point.name, Some(store.keys()))?;
            let first = reader.next()?;
            readers.push((reader, first));
        }
        Ok(Self { readers, last })
    }

    /// Calls a function with every row of a table: in which backup, under which number there, which row, under which
    /// key, and its bytes. Tables must be asked for in the order in which they can be filled.
    fn each(
        &mut self,
        of: &'static Table,
        mut f: impl FnMut(&Reader, u8, Path, Path, &[u8]) -> Result<()>,
    ) -> Result<()> {
        for (number, (reader, next)) in self.readers.iter_mut().enumerate() {
            loop {
                match next {
                    Some(Record::Row { table, row, key, sealed }) => match table_of(reader, *table) {
                        Some(known) if known.name == of.name => {
                            let stands = match self.last.get(&(of.name, *row)) {
                                Some(last) => *last == Some(number),
                                None => number == 0,
                            };
                            if stands {
                                f(reader, *table, *row, *key, sealed)?;
                            }
                        }
                        Some(_) => break,
                        // A table that this version no longer has.
                        None => {}
                    },
                    // Which rows went was read beforehand.
                    Some(Record::Gone { .. }) => {}
                    None => break,
                }
                *next = reader.next()?;
            }
        }
        Ok(())
    }

    /// Whether every row was asked for.
    fn is_empty(&self) -> bool {
        self.readers.iter().all(|(_, next)| next.is_none())
    }
}

/// Fills an empty database with what stood in a backup, without what has been let go of since.
///
/// # Errors
/// [`Error::Damaged`] if a backup is not whole or not as it was written; [`Error::Newer`] if a newer program made it;
/// [`Error::Place`] if the database is not empty.
pub fn fill(store: &Store, from: &Place, points: &[Point], of: &Point, safe: &Safe) -> Result<Restored> {
    let points = &opened(safe, points);
    let newest = points.last().ok_or(Error::Missing)?;
    if of.header.schema > schema::VERSION {
        let (found, known) = (of.header.schema, schema::VERSION);
        return Err(Error::Newer(format!("a backup of schema {found}, this program knows {known}")));
    }
    if store.read(|tx| tx.any("SELECT 1 FROM person", &[]))? {
        return Err(Error::Place(
            "a backup is restored into a new data directory, and this database holds people".into(),
        ));
    }
    let mut then = Rows::open(store, from, &chain(points, of)?)?;
    let mut now = Rows::open(store, from, &chain(points, newest)?)?;
    let (others, aliases) = reborn(store, from, points, safe)?;
    let mut filling = Filling::new(safe, others);
    store.write(|tx| {
        tx.exec("DELETE FROM policy_version", &[])?;
        tx.exec("DELETE FROM setting WHERE name <> ?1", params![restoring::HALF])?;
        for table in row::tables() {
            let (rows, other) =
                if SURVIVES.contains(&table.name) { (&mut now, &mut then) } else { (&mut then, &mut now) };
            rows.each(table, |reader, number, row, key, sealed| {
                filling.row(tx, table, (row, key), (reader, number), sealed)
            })?;
            other.each(table, |reader, number, row, key, sealed| {
                filling.outside(tx, table, (row, key), (reader, number), sealed)
            })?;
        }
        if !then.is_empty() || !now.is_empty() {
            return Err(Error::Place(
                "this backup has its tables in another order than this version of the program: restore it with the version \
                 that made it, then bring it forward"
                    .into(),
            ));
        }
        for since in safe.since.values() {
            filling.since(tx, since)?;
        }
        // A backup of before those columns were has the sentence alone.
        crate::disclosure::fill(tx)?;
        // What is let go of from now on must find every key that a row ever had.
        aliases.iter().try_for_each(|(table, row, key)| ring_duty::alias(tx, table, *row, key.id()))
    })?;
    let mut done = filling.done;
    for name in store.read(files::referred)? {
        let (there, to) = (points::file_of(store.keys(), &name)?, files::path_of(store.data(), &name)?);
        let Some(mut reading) = from.read(&there)? else {
            done.files_missing += 1;
            continue;
        };
        let directory = to.parent().unwrap_or(store.data());
        std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let copied = options.open(&to).and_then(|mut file| std::io::copy(&mut reading, &mut file));
        copied.map_err(|error| Error::file(&to, error))?;
        done.files += 1;
    }
    Ok(done)
}

/// Rows as bytes, with the columns they were written with.
pub(super) type Others = BTreeMap<(String, Path), (Vec<String>, Zeroizing<Vec<u8>>)>;

/// Rows that got another key after their first, by table, and that key.
type Aliases = BTreeSet<(String, Path, Path)>;

/// What stands in rows whose first key was destroyed because they lost a value, as later backups and the safe have it,
/// and the keys they got since.
fn reborn(store: &Store, from: &Place, points: &[Point], safe: &Safe) -> Result<(Others, Aliases)> {
    let (mut others, mut aliases) = (Others::new(), Aliases::new());
    for point in points {
        let Some(ring) = safe.ring(&point.header.tree) else { continue };
        let mut reader = Reader::open(from, &point.name, Some(store.keys()))?;
        let (salt, tables) = (reader.header.salt.clone(), reader.header.tables.clone());
        while let Some(record) = reader.next()? {
            if let Record::Row { table, row, key, sealed } = record
                && key != row
                && let Some(plain) = open(ring, &salt, table, row, key, &sealed)?
                && let Some((name, columns)) = tables.get(usize::from(table))
            {
                aliases.insert((name.clone(), row, key));
                others.insert((name.clone(), row), (columns.clone(), plain));
            }
        }
    }
    for since in safe.since.values() {
        others.insert((since.table.clone(), since.row), (since.columns.clone(), since.plain.clone()));
    }
    Ok((others, aliases))
}
