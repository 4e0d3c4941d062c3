//! Imports: a file of people that was brought in, what became of each of its lines, and taking it back. Created,
//! updated, held, skipped and problems always add up to the lines of the file.

use std::collections::BTreeMap;

use custody::id::{ImportId, PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::dispose::{self, Bytes};
use crate::files::StoredFile;
use crate::{Error, Result, Row, Tx, id, params};

/// What became of a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Not looked at yet.
    Waiting,
    /// A new person.
    Created,
    /// Somebody we hold got something new.
    Updated,
    /// Held back: let go of before, objected, past due. A person decides.
    Held,
    /// Nothing new in it, or left out by whoever imported.
    Skipped,
    /// It cannot be taken as it is.
    Problem,
}

impl Outcome {
    /// Every outcome with its name in the database, in the order a result shows them.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Created, "created"),
        (Self::Updated, "updated"),
        (Self::Held, "held"),
        (Self::Skipped, "skipped"),
        (Self::Problem, "problem"),
        (Self::Waiting, "waiting"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name).map(|(outcome, _)| *outcome);
        found.ok_or_else(|| Error::Malformed("what became of an imported line".into()))
    }
}

/// An import about to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// The file's own name.
    pub name: &'a str,
    /// The file, encrypted, kept so that the import can be looked at and taken back.
    pub file: &'a StoredFile,
    /// Under which activity, by name.
    pub activity: &'a str,
    /// Where the file came from.
    pub source: &'a str,
    /// The day its details were collected.
    pub collected_on: Date,
    /// Which column is which kind, as JSON.
    pub map: &'a str,
    /// How many lines it has, the heading left aside.
    pub rows: usize,
    /// Who imports.
    pub by: Option<StaffId>,
}

/// An import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// Its row.
    pub id: ImportId,
    /// The file's own name.
    pub name: String,
    /// The file and its wrapped key, while it is kept.
    pub file: Option<(String, Vec<u8>)>,
    /// Under which activity.
    pub activity: String,
    /// Where it came from.
    pub source: String,
    /// The day its details were collected.
    pub collected_on: Date,
    /// Which column is which kind, as JSON.
    pub map: String,
    /// `preview`, `running`, `done`, `undone`.
    pub state: String,
    /// How many lines it has.
    pub rows: i64,
    /// Who imported.
    pub by: Option<StaffId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
}

/// One line of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number in the file, the heading being 1.
    pub line: i64,
    /// Who came of it.
    pub person: Option<PersonId>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, without a value of a person.
    pub reason: Option<String>,
    /// Whether what it said is kept, to be fixed or decided on: [`raw`] gives it to whoever may import.
    pub has_raw: bool,
}

/// Begins an import.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, new: &NewImport<'_>, now: Timestamp) -> Result<ImportId> {
    let import = ImportId(id::next());
    tx.exec(
        "INSERT INTO import_batch (id, name, file, file_key, activity, source, collected_on, map, state, rows, created_by, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'preview', ?9, ?10, ?11)",
        params![
            import, new.name, &new.file.name, &new.file.key, new.activity, new.source, new.collected_on, new.map,
            i64::try_from(new.rows).unwrap_or(i64::MAX), new.by, now
        ],
    )?;
    Ok(import)
}

/// Changes what is said about a previewed import: activity, source, date and columns.
///
/// # Errors
/// [`Error::Missing`] if there is no such preview.
pub fn describe(tx: &Tx<'_>, import: ImportId, activity: &str, source: &str, collected_on: Date, map: &str) -> Result<()> {
    let sql = "UPDATE import_batch SET activity = ?2, source = ?3, collected_on = ?4, map = ?5 WHERE id = ?1 AND state = 'preview'";
    match tx.exec(sql, params![import, activity, source, collected_on, map])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Moves an import on: `preview` to `running`, `running` to `done`, `done` to `undone`.
///
/// # Errors
/// [`Error::Missing`] if it is not in the state it is moved from.
pub fn moved(tx: &Tx<'_>, import: ImportId, from: &str, to: &str, now: Timestamp) -> Result<()> {
    let column = match to {
        "done" => ", finished_at = ?4",
        "undone" => ", undone_at = ?4",
        _ => ", created_at = COALESCE(created_at, ?4)",
    };
    let sql = format!("UPDATE import_batch SET state = ?3{column} WHERE id = ?1 AND state = ?2");
    match tx.exec(&sql, params![import, from, to, now])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

const SELECT: &str = "SELECT id, name, file, file_key, activity, source, collected_on, map, state, rows, created_by, created_at, finished_at
    FROM import_batch";

fn read(row: &Row<'_>) -> Result<Import> {
    Ok(Import {
        id: ImportId(row.int(0)?),
        name: row.text(1)?,
        file: row.opt_text(2)?.zip(row.opt_bytes(3)?),
        activity: row.text(4)?,
        source: row.text(5)?,
        collected_on: row.date(6)?,
        map: row.text(7)?,
        state: row.text(8)?,
        rows: row.int(9)?,
        by: row.opt_int(10)?.map(StaffId),
        created_at: row.at(11)?,
        finished_at: row.opt_at(12)?,
    })
}

/// One import.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, import: ImportId) -> Result<Import> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![import], read)
}

/// A page of imports, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn page(tx: &Tx<'_>, after: Option<ImportId>, limit: u32) -> Result<Vec<Import>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    tx.all(&format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"), params![after, limit], read)
}

/// Writes down what became of a line. `raw` is kept only where somebody still has to decide or fix.
///
/// # Errors
/// [`Error::Referred`] if there is no such import or person.
pub fn put(tx: &Tx<'_>, import: ImportId, line: i64, outcome: Outcome, person: Option<PersonId>, reason: Option<&str>, raw: Option<&str>) -> Result<()> {
    tx.exec(
        "INSERT INTO import_row (import_id, line, person_id, outcome, reason, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (import_id, line) DO UPDATE SET person_id = excluded.person_id, outcome = excluded.outcome,
                reason = excluded.reason, raw = excluded.raw",
        params![import, line, person, outcome.name(), reason, raw],
    )?;
    Ok(())
}

/// Writes down who decided about a line that was held back, or fixed it.
///
/// # Errors
/// [`Error::Missing`] if there is no such line.
pub fn decided(tx: &Tx<'_>, import: ImportId, line: i64, by: StaffId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE import_row SET decided_by = ?3, decided_at = ?4 WHERE import_id = ?1 AND line = ?2";
    match tx.exec(sql, params![import, line, by, now])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// A page of an import's lines with one outcome, or of all, in the file's order.
///
/// # Errors
/// Whatever the database says.
pub fn lines(tx: &Tx<'_>, import: ImportId, outcome: Option<Outcome>, after: i64, limit: u32) -> Result<Vec<Line>> {
    tx.all(
        "SELECT line, person_id, outcome, reason, CASE WHEN raw IS NULL THEN 0 ELSE 1 END FROM import_row
            WHERE import_id = ?1 AND line > ?3 AND (?2 = '' OR outcome = ?2) ORDER BY line LIMIT ?4",
        params![import, outcome.map_or("", Outcome::name), after, limit],
        |row| {
            Ok(Line {
                line: row.int(0)?,
                person: row.opt_int(1)?.map(PersonId),
                outcome: Outcome::named(row.str(2)?)?,
                reason: row.opt_text(3)?,
                has_raw: row.bool(4)?,
            })
        },
    )
}

/// What a line said, for whoever brought the file in: they have it already, and it is about nobody yet.
///
/// # Errors
/// [`Error::Missing`] if the line is not there, or what it said is gone.
pub fn raw(tx: &Tx<'_>, import: ImportId, line: i64) -> Result<String> {
    tx.one("SELECT raw FROM import_row WHERE import_id = ?1 AND line = ?2", params![import, line], |row| row.opt_text(0))?
        .ok_or(Error::Missing)
}

/// How many lines had which outcome.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, import: ImportId) -> Result<BTreeMap<Outcome, i64>> {
    let found = tx.all(
        "SELECT outcome, COUNT(*) FROM import_row WHERE import_id = ?1 GROUP BY outcome",
        params![import],
        |row| Ok((Outcome::named(row.str(0)?)?, row.int(1)?)),
    )?;
    Ok(found.into_iter().collect())
}

/// Why a person stays when their import is taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stays {
    /// Who.
    pub person: PersonId,
    /// Since written to, joined to work, answered, or held for something else.
    pub because: &'static str,
}

/// The people an import created, a page after a person.
///
/// # Errors
/// Whatever the database says.
pub fn created(tx: &Tx<'_>, import: ImportId, after: PersonId, limit: u32) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT DISTINCT person_id FROM import_row WHERE import_id = ?1 AND outcome = 'created' AND person_id > ?2 ORDER BY person_id LIMIT ?3",
        params![import, after, limit],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// Takes one person's part of an import back: the items it brought go; the person goes with them if nothing has
/// happened since. Objections stay whatever is taken back. Why they stay, if they do.
///
/// # Errors
/// Whatever the database says.
pub fn take_back(tx: &Tx<'_>, policy: &Policy, import: ImportId, person: PersonId, bytes: &mut Bytes) -> Result<Option<Stays>> {
    let since = [
        ("SELECT 1 FROM message WHERE person_id = ?1 AND state IN ('claimed', 'sent')", "we have written to them"),
        ("SELECT 1 FROM engagement_person WHERE person_id = ?1", "they joined a piece of work"),
        ("SELECT 1 FROM entry_person WHERE person_id = ?1", "something was noted about them"),
        ("SELECT 1 FROM document_person WHERE person_id = ?1", "there is a document about them"),
        ("SELECT 1 FROM consent WHERE person_id = ?1", "they gave a consent"),
        ("SELECT 1 FROM objection WHERE person_id = ?1", "they objected"),
        ("SELECT 1 FROM request WHERE person_id = ?1", "they asked something of us"),
        ("SELECT 1 FROM call WHERE person_id = ?1", "they were called"),
    ];
    for (sql, because) in since {
        if tx.any(sql, params![person])? {
            return Ok(Some(Stays { person, because }));
        }
    }
    let other = "SELECT 1 FROM item WHERE person_id = ?1 AND (import_id IS NULL OR import_id <> ?2 OR version > 1)";
    if tx.any(other, params![person, import])? {
        return Ok(Some(Stays { person, because: "something was added or changed by hand" }));
    }
    tx.exec("UPDATE import_row SET person_id = NULL, raw = NULL WHERE import_id = ?1 AND person_id = ?2", params![import, person])?;
    tx.exec("DELETE FROM message WHERE person_id = ?1", params![person])?;
    let items = tx.all("SELECT id FROM item WHERE person_id = ?1", params![person], |row| row.int(0))?;
    for item in items {
        dispose::remove(tx, "item", item, bytes)?;
    }
    for sql in [
        "DELETE FROM belonging WHERE person_id = ?1",
        "DELETE FROM person_category WHERE person_id = ?1",
        "DELETE FROM ground WHERE person_id = ?1",
    ] {
        tx.exec(sql, params![person])?;
    }
    if !dispose::leave_if_empty(tx, policy, person, bytes)? {
        crate::person::refind(tx, policy, person)?;
        return Ok(Some(Stays { person, because: "something else is held about them" }));
    }
    Ok(None)
}

/// Takes back what an import added to people who were held before: the items it brought that nobody changed.
///
/// # Errors
/// Whatever the database says.
pub fn take_additions_back(tx: &Tx<'_>, policy: &Policy, import: ImportId, bytes: &mut Bytes) -> Result<u64> {
    let added = tx.all(
        "SELECT i.id, i.person_id FROM item i JOIN import_row r ON r.import_id = i.import_id AND r.person_id = i.person_id
            WHERE i.import_id = ?1 AND r.outcome = 'updated' AND i.version = 1",
        params![import],
        |row| Ok((row.int(0)?, PersonId(row.int(1)?))),
    )?;
    let mut people = std::collections::BTreeSet::new();
    let mut gone = 0;
    for (item, person) in added {
        dispose::remove(tx, "item", item, bytes)?;
        people.insert(person);
        gone += 1;
    }
    for person in people {
        crate::person::refind(tx, policy, person)?;
    }
    Ok(gone)
}
