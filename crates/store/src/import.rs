//! Imports: a file of people on its way in. The batch, its rows, what will become of each and what became
//! of it. A row keeps only the cells of columns the policy declares, and only until it is settled.

use std::collections::BTreeMap;

use custody::id::{ImportId, PersonId, StaffId};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::Policy;
use policy::periods::Own;

use crate::asked::{AT_ONCE, listed, placeholders};
use crate::files::StoredFile;
use crate::{Error, Result, Row, Tx, Value, id, life, params, ring_duty};

pub mod matching;
pub mod undo;

/// Where an import stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// The file is here; what it is has not been said in full.
    Asked,
    /// What it is has been said; what its columns hold has not.
    Named,
    /// Every row has an outcome to look at; nothing is taken yet.
    Planned,
    /// Rows are being taken.
    Running,
    /// Every row is settled.
    Finished,
    /// What it brought is being taken out again.
    Undoing,
    /// What it brought is out again, but what somebody has worked on since.
    Undone,
}

impl State {
    const ALL: &[(Self, &'static str)] = &[
        (Self::Asked, "asked"),
        (Self::Named, "named"),
        (Self::Planned, "planned"),
        (Self::Running, "running"),
        (Self::Finished, "finished"),
        (Self::Undoing, "undoing"),
        (Self::Undone, "undone"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .find(|(_, its)| *its == name)
            .map(|(state, _)| *state)
            .ok_or_else(|| Error::Malformed("an import's state".into()))
    }
}

/// What will become of a row, or became of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Will be a new person.
    Create,
    /// Will add something to a person who is here.
    Update,
    /// Is here already; nothing changes.
    Same,
    /// Is held back until somebody decides: let go before, or objected.
    Held,
    /// Cannot be taken as it stands.
    Wrong,
    /// Was held back, and somebody said that the person asked to come back.
    Back,
    /// Became a new person.
    Created,
    /// Added something to a person.
    Updated,
    /// Changed nothing.
    Unchanged,
    /// Was left out, because it was held back.
    LeftOut,
    /// Was left out, because it could not be taken.
    Skipped,
    /// Was taken out again by undoing.
    Gone,
    /// Stayed in spite of undoing: somebody has worked on it since.
    Stayed,
}

impl Outcome {
    /// Every outcome with its name in the database.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Create, "create"),
        (Self::Update, "update"),
        (Self::Same, "same"),
        (Self::Held, "held"),
        (Self::Wrong, "wrong"),
        (Self::Back, "back"),
        (Self::Created, "created"),
        (Self::Updated, "updated"),
        (Self::Unchanged, "unchanged"),
        (Self::LeftOut, "left out"),
        (Self::Skipped, "skipped"),
        (Self::Gone, "gone"),
        (Self::Stayed, "stayed"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, name)| name)
    }

    /// The outcome of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, its)| *its == name).map(|(outcome, _)| *outcome)
    }

    /// Whether it is a plan, which taking the row will settle.
    #[must_use]
    pub fn is_plan(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Same | Self::Held | Self::Wrong | Self::Back)
    }
}

/// The outcomes that are plans, as SQL.
const PLANS: &str = "('create', 'update', 'same', 'held', 'wrong', 'back')";

/// An import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    /// Its row.
    pub id: ImportId,
    /// The file's name.
    pub name: String,
    /// The encrypted file, while it is kept: its name and wrapped key.
    pub file: Option<(String, Vec<u8>)>,
    /// Under which activity.
    pub activity: String,
    /// Where the data comes from.
    pub source: String,
    /// The day it was collected.
    pub collected_on: Date,
    /// What its columns become and what else was said, as the act wrote it.
    pub map: String,
    /// Where it stands.
    pub state: State,
    /// Rows of the file.
    pub rows: i64,
    /// Who brought it.
    pub by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
    /// When every row was settled.
    pub finished_at: Option<Timestamp>,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}

/// An import about to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewBatch<'a> {
    /// The file's name.
    pub name: &'a str,
    /// The encrypted file.
    pub file: &'a StoredFile,
    /// Today, until the day of collection is said.
    pub today: Date,
    /// Rows of the file.
    pub rows: i64,
    /// Who brings it.
    pub by: Option<StaffId>,
}

const COLUMNS: &str =
    "id, name, file, file_key, activity, source, collected_on, map, state, rows, created_by, created_at,
    finished_at, undone_at";

fn read(row: &Row<'_>) -> Result<Batch> {
    Ok(Batch {
        id: ImportId(row.int(0)?),
        name: row.text(1)?,
        file: row.opt_text(2)?.zip(row.opt_bytes(3)?),
        activity: row.text(4)?,
        source: row.text(5)?,
        collected_on: row.date(6)?,
        map: row.text(7)?,
        state: State::named(row.str(8)?)?,
        rows: row.int(9)?,
        by: row.opt_int(10)?.map(StaffId),
        created_at: row.at(11)?,
        finished_at: row.opt_at(12)?,
        undone_at: row.opt_at(13)?,
    })
}

/// Keeps a file that somebody wants to bring in. Nothing of it is taken.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, new: &NewBatch<'_>, now: Timestamp) -> Result<ImportId> {
    let import = ImportId(id::next());
    tx.exec(
        "INSERT INTO import_batch (id, name, file, file_key, activity, source, collected_on, map, state, rows, created_by, created_at)
            VALUES (?1, ?2, ?3, ?4, '', '', ?5, '', 'asked', ?6, ?7, ?8)",
        params![import, new.name, &new.file.name, &new.file.key, new.today, new.rows, new.by, now],
    )?;
    Ok(import)
}

/// An import.
///
/// # Errors
/// [`Error::Missing`] if there is none of this number.
pub fn one(tx: &Tx<'_>, import: ImportId) -> Result<Batch> {
    tx.one(&format!("SELECT {COLUMNS} FROM import_batch WHERE id = ?1"), params![import], read)
}

/// A page of imports, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn page(tx: &Tx<'_>, after: Option<ImportId>, limit: u32) -> Result<Vec<Batch>> {
    let before = after.map_or(i64::MAX, |after| after.0);
    tx.all(
        &format!(
            "SELECT {COLUMNS} FROM import_batch WHERE id < ?1 AND state <> 'asked' ORDER BY id DESC LIMIT ?2"
        ),
        params![before, limit],
        read,
    )
}

/// Imports in a state, the oldest first: those a stopped program left running, for one.
///
/// # Errors
/// Whatever the database says.
pub fn in_state(tx: &Tx<'_>, state: State) -> Result<Vec<Batch>> {
    tx.all(
        &format!("SELECT {COLUMNS} FROM import_batch WHERE state = ?1 ORDER BY id"),
        params![state.name()],
        read,
    )
}

/// Says what a file is.
///
/// # Errors
/// [`Error::Missing`] if the import runs or has run.
pub fn name_it(
    tx: &Tx<'_>,
    import: ImportId,
    activity: &str,
    source: &str,
    collected_on: Date,
    map: &str,
) -> Result<()> {
    some(tx.exec(
        "UPDATE import_batch SET activity = ?2, source = ?3, collected_on = ?4, map = ?5, state = 'named'
            WHERE id = ?1 AND state IN ('asked', 'named', 'planned')",
        params![import, activity, source, collected_on, map],
    )?)?;
    ring_duty::delete(tx, "import_row", "import_id = ?1", params![import])?;
    Ok(())
}

/// Says what the columns become. Its rows are to be looked at anew, and those of an earlier plan to go ([`let_rows_go`]).
///
/// # Errors
/// [`Error::Missing`] if the import runs or has run.
pub fn map_it(tx: &Tx<'_>, import: ImportId, map: &str) -> Result<()> {
    some(tx.exec(
        "UPDATE import_batch SET map = ?2, state = 'named' WHERE id = ?1 AND state IN ('named', 'planned')",
        params![import, map],
    )?)
}

/// Every row was looked at: it is a plan, and what was said of it stands.
///
/// # Errors
/// [`Error::Missing`] if its columns were not said, or it is a plan already.
pub fn planned_whole(tx: &Tx<'_>, import: ImportId, map: &str) -> Result<()> {
    some(tx.exec(
        "UPDATE import_batch SET map = ?2, state = 'planned' WHERE id = ?1 AND state = 'named'",
        params![import, map],
    )?)
}

/// Lets go of the first rows of an import, so many at most. How many they were.
///
/// # Errors
/// Whatever the database says.
pub fn let_rows_go(tx: &Tx<'_>, import: ImportId, limit: u32) -> Result<u64> {
    let first = "import_id = ?1 AND line IN (SELECT line FROM import_row WHERE import_id = ?1 ORDER BY line LIMIT ?2)";
    ring_duty::delete(tx, "import_row", first, params![import, limit])
}

/// Writes what was said of an import, wherever it stands.
///
/// # Errors
/// Whatever the database says.
pub fn say(tx: &Tx<'_>, import: ImportId, map: &str) -> Result<()> {
    some(tx.exec("UPDATE import_batch SET map = ?2 WHERE id = ?1", params![import, map])?)
}

/// Moves an import on, if it still stands where the caller saw it. Whether it did.
///
/// # Errors
/// Whatever the database says.
pub fn move_on(tx: &Tx<'_>, import: ImportId, from: State, to: State, now: Timestamp) -> Result<bool> {
    let stamp = match to {
        State::Finished => "finished_at",
        State::Undone => "undone_at",
        _ => {
            let sql = "UPDATE import_batch SET state = ?3 WHERE id = ?1 AND state = ?2";
            return Ok(tx.exec(sql, params![import, from.name(), to.name()])? > 0);
        }
    };
    let sql = format!("UPDATE import_batch SET state = ?3, {stamp} = ?4 WHERE id = ?1 AND state = ?2");
    Ok(tx.exec(&sql, params![import, from.name(), to.name(), now])? > 0)
}

/// Forgets where the file lies: its key is gone, so nobody can read it any more. Its name, to unlink it.
///
/// # Errors
/// Whatever the database says.
pub fn let_file_go(tx: &Tx<'_>, import: ImportId, now: Timestamp) -> Result<Option<String>> {
    let file = tx
        .maybe("SELECT file FROM import_batch WHERE id = ?1", params![import], |row| row.opt_text(0))?
        .flatten();
    ring_duty::lost(tx, "import_batch", "id = ?1 AND file IS NOT NULL", params![import])?;
    tx.exec(
        "UPDATE import_batch SET file = NULL, file_key = NULL, file_gone_at = ?2 WHERE id = ?1 AND file IS NOT NULL",
        params![import, now],
    )?;
    Ok(file)
}

/// Forgets a preview altogether. Its file's name, to unlink it.
///
/// # Errors
/// [`Error::Missing`] if rows of it were taken.
pub fn forget(tx: &Tx<'_>, import: ImportId, now: Timestamp) -> Result<Option<String>> {
    if !matches!(one(tx, import)?.state, State::Asked | State::Named | State::Planned) {
        return Err(Error::Missing);
    }
    let file = let_file_go(tx, import, now)?;
    ring_duty::delete(tx, "import_row", "import_id = ?1", params![import])?;
    ring_duty::delete(tx, "import_batch", "id = ?1", params![import])?;
    Ok(file)
}

/// One row of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportRow {
    /// Its number in the file, from 1.
    pub line: i64,
    /// The person it is about, once there is one.
    pub person: Option<PersonId>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why, in words without personal values.
    pub reason: Option<String>,
    /// Its declared cells, as the act wrote them; gone once the row is settled.
    pub raw: Option<String>,
}

fn read_row(row: &Row<'_>) -> Result<ImportRow> {
    Ok(ImportRow {
        line: row.int(0)?,
        person: row.opt_int(1)?.map(PersonId),
        outcome: Outcome::named(row.str(2)?)
            .ok_or_else(|| Error::Malformed("an import row's outcome".into()))?,
        reason: row.opt_text(3)?,
        raw: row.opt_text(4)?,
    })
}

/// Writes a row, or what has become of it.
///
/// # Errors
/// [`Error::Referred`] if there is no such import.
pub fn set_row(
    tx: &Tx<'_>,
    import: ImportId,
    row: &ImportRow,
    by: Option<StaffId>,
    now: Option<Timestamp>,
) -> Result<()> {
    tx.put(
        "INSERT INTO import_row (import_id, line, person_id, outcome, reason, raw, decided_by, decided_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (import_id, line) DO UPDATE SET person_id = excluded.person_id, outcome = excluded.outcome,
            reason = excluded.reason, raw = excluded.raw,
            decided_by = coalesce(excluded.decided_by, import_row.decided_by),
            decided_at = coalesce(excluded.decided_at, import_row.decided_at)",
        params![
            import, row.line, row.person, row.outcome.name(), row.reason.as_ref(), row.raw.as_ref(), by, now
        ],
    )
}

/// A row.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn row(tx: &Tx<'_>, import: ImportId, line: i64) -> Result<ImportRow> {
    tx.one(
        "SELECT line, person_id, outcome, reason, raw FROM import_row WHERE import_id = ?1 AND line = ?2",
        params![import, line],
        read_row,
    )
}

/// Rows of some outcomes (all if none is named) after a line, in the file's order.
///
/// # Errors
/// Whatever the database says.
pub fn rows(
    tx: &Tx<'_>,
    import: ImportId,
    outcomes: &[Outcome],
    after: i64,
    limit: u32,
) -> Result<Vec<ImportRow>> {
    let mut values = vec![Value::from(import), Value::from(after), Value::from(limit)];
    let mut only = String::new();
    if !outcomes.is_empty() {
        only = format!(" AND outcome IN ({})", placeholders(values.len(), outcomes.len()));
        values.extend(outcomes.iter().map(|outcome| Value::from(outcome.name())));
    }
    let sql = format!(
        "SELECT line, person_id, outcome, reason, raw FROM import_row WHERE import_id = ?1 AND line > ?2{only} ORDER BY line LIMIT ?3"
    );
    tx.all(&sql, &values, read_row)
}

/// The next rows that are still plans, in the file's order.
///
/// # Errors
/// Whatever the database says.
pub fn planned(tx: &Tx<'_>, import: ImportId, after: i64, limit: u32) -> Result<Vec<ImportRow>> {
    let sql = format!(
        "SELECT line, person_id, outcome, reason, raw FROM import_row
            WHERE import_id = ?1 AND line > ?2 AND outcome IN {PLANS} ORDER BY line LIMIT ?3"
    );
    tx.all(&sql, params![import, after, limit], read_row)
}

/// What files were called, of every import.
///
/// # Errors
/// Whatever the database says.
pub fn names(tx: &Tx<'_>) -> Result<Vec<(ImportId, String)>> {
    let sql = "SELECT id, name FROM import_batch WHERE name <> '' ORDER BY id";
    tx.all(sql, &[], |row| Ok((ImportId(row.int(0)?), row.text(1)?)))
}

/// What was said of every import: what its columns become, under which headings.
///
/// # Errors
/// Whatever the database says.
pub fn said(tx: &Tx<'_>) -> Result<Vec<(ImportId, String)>> {
    let sql = "SELECT id, map FROM import_batch ORDER BY id";
    tx.all(sql, &[], |row| Ok((ImportId(row.int(0)?), row.text(1)?)))
}

/// Writes other words into what was said of an import, so that no backup brings back what stood there.
///
/// # Errors
/// [`Error::Missing`] if there is no such import.
pub fn reword(tx: &Tx<'_>, import: ImportId, map: &str) -> Result<()> {
    ring_duty::lost(tx, "import_batch", "id = ?1", params![import])?;
    say(tx, import, map)
}

/// Forgets what a file was called.
///
/// # Errors
/// Whatever the database says.
pub fn unname(tx: &Tx<'_>, import: ImportId) -> Result<()> {
    ring_duty::lost(tx, "import_batch", "id = ?1", params![import])?;
    tx.exec("UPDATE import_batch SET name = '' WHERE id = ?1", params![import])?;
    Ok(())
}

/// Takes somebody who was erased out of a row that waits: other words in its cells, or none, and then it is left out.
///
/// # Errors
/// Whatever the database says.
pub fn taken_out(tx: &Tx<'_>, import: ImportId, line: i64, raw: Option<&str>, now: Timestamp) -> Result<()> {
    let this = "import_id = ?1 AND line = ?2";
    ring_duty::lost(tx, "import_row", this, params![import, line])?;
    match raw {
        Some(raw) => {
            tx.exec(&format!("UPDATE import_row SET raw = ?3 WHERE {this}"), params![import, line, raw])?
        }
        None => tx.exec(
            &format!(
                "UPDATE import_row SET raw = NULL, person_id = NULL, outcome = ?3, reason = ?4, decided_at = ?5 WHERE {this}"
            ),
            params![import, line, Outcome::LeftOut.name(), "the person it is about was erased", now],
        )?,
    };
    Ok(())
}

/// How many rows have each outcome.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, import: ImportId) -> Result<BTreeMap<Outcome, u64>> {
    let found = tx.all(
        "SELECT outcome, COUNT(*) FROM import_row WHERE import_id = ?1 GROUP BY outcome",
        params![import],
        |row| Ok((Outcome::named(row.str(0)?), row.int(1)?)),
    )?;
    Ok(found.into_iter().filter_map(|(outcome, n)| Some((outcome?, u64::try_from(n).ok()?))).collect())
}

/// Since when the previews were begun that are kept, and the imports finished of which it is kept what stood in the rows, as the policy
/// says of a day.
///
/// # Errors
/// If there is no such day.
pub fn kept_since(policy: &Policy, today: Date) -> Result<(Timestamp, Timestamp)> {
    let since = |own: Own| {
        let first = today.checked_sub(policy.days(own).days());
        let begins = first.and_then(|first| first.to_zoned(life::zone(policy)));
        begins.map(|begins| begins.timestamp()).map_err(|error| Error::Malformed(error.to_string()))
    };
    Ok((since(Own::Previews)?, since(Own::Imports)?))
}

/// Previews begun before an instant that nobody finished.
///
/// # Errors
/// Whatever the database says.
pub fn old_previews(tx: &Tx<'_>, before: Timestamp) -> Result<Vec<ImportId>> {
    tx.all(
        "SELECT id FROM import_batch WHERE state IN ('asked', 'named', 'planned') AND created_at < ?1 ORDER BY id",
        params![before],
        |row| Ok(ImportId(row.int(0)?)),
    )
}

/// Rows of imports finished before an instant that still have cells, import by import. One that is being undone needs them until it is.
///
/// # Errors
/// Whatever the database says.
pub fn with_cells(tx: &Tx<'_>, before: Timestamp) -> Result<Vec<(ImportId, i64)>> {
    tx.all(
        "SELECT r.import_id, r.line FROM import_row r JOIN import_batch b ON b.id = r.import_id
            WHERE r.raw IS NOT NULL AND b.finished_at IS NOT NULL AND b.finished_at < ?1
            AND b.state <> 'undoing' ORDER BY r.import_id, r.line",
        params![before],
        |row| Ok((ImportId(row.int(0)?), row.int(1)?)),
    )
}

/// Takes the cells out of rows of an import.
///
/// # Errors
/// Whatever the database says.
pub fn bare(tx: &Tx<'_>, import: ImportId, lines: &[i64]) -> Result<()> {
    for some in lines.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|line| Value::from(*line)));
        values.push(import.into());
        let these = format!("line IN ({list}) AND import_id = ?{}", values.len());
        ring_duty::lost(tx, "import_row", &these, &values)?;
        tx.exec(&format!("UPDATE import_row SET raw = NULL WHERE {these}"), &values)?;
    }
    Ok(())
}

fn some(changed: u64) -> Result<()> {
    if changed > 0 { Ok(()) } else { Err(Error::Missing) }
}
