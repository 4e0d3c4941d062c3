//! What of others is taken out of the copy for whoever asks, and what stays: decided once for a person, a number, a
//! whole text, or for one place. Decisions are kept under keyed hashes, so that nobody's name stands in them, with the
//! places they were about when they were made: what is held of others may change, and is decided all the same.

use custody::id::{RequestId, StaffId};
use jiff::civil::Date;

use crate::{Result, Row, Tx, id, params, ring_duty};

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is taken out.
    Remove,
    /// It stays.
    Keep,
}

impl Answer {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Keep => "keep",
        }
    }

    /// The answer of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Remove, Self::Keep].into_iter().find(|answer| answer.word() == word)
    }
}

/// One place in one text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The keyed hash of the text as it was read.
    pub text: [u8; 32],
    /// Where it begins.
    pub start: i64,
    /// Where it ends.
    pub end: i64,
}

/// What a decision is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct About {
    /// The keyed hash of whom, of what, or of a whole text.
    pub mark: [u8; 32],
    /// Only here; everywhere if nowhere is said.
    pub place: Option<Place>,
}

/// A decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Its row.
    pub id: i64,
    /// What it is about.
    pub about: About,
    /// What was decided.
    pub answer: Answer,
    /// The reason, a word the acts know.
    pub why: String,
    /// More about the reason.
    pub note: Option<String>,
    /// When.
    pub on: Date,
    /// Who decided.
    pub by: Option<StaffId>,
    /// Who read it again.
    pub checked_by: Option<StaffId>,
}

/// A decision about to be written.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// What it is about.
    pub about: About,
    /// What is decided.
    pub answer: Answer,
    /// The reason.
    pub why: &'a str,
    /// More about it.
    pub note: Option<&'a str>,
}

/// Writes a decision in place of an earlier one about the same, and gives its row; `seen` is the earlier one's, 0 for none.
/// Nothing where somebody decided about it in the meantime: then nothing was written.
///
/// # Errors
/// [`crate::Error::Referred`] if there is no such request.
pub fn decide(
    tx: &Tx<'_>,
    request: RequestId,
    new: &New<'_>,
    seen: i64,
    on: Date,
    by: Option<StaffId>,
) -> Result<Option<i64>> {
    let before = of_request(tx, request)?.into_iter().find(|known| known.about == new.about);
    if before.as_ref().map_or(0, |known| known.id) != seen {
        return Ok(None);
    }
    if let Some(before) = before {
        take_back(tx, request, before.id)?;
    }
    let decision = id::next();
    let place = new.about.place;
    tx.exec(
        "INSERT INTO redaction (id, request_id, mark, text_mark, from_byte, to_byte, answer, why, note, on_date, recorded_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            decision,
            request,
            new.about.mark.to_vec(),
            place.map(|place| place.text.to_vec()),
            place.map(|place| place.start),
            place.map(|place| place.end),
            new.answer.word(),
            new.why,
            new.note,
            on,
            by
        ],
    )?;
    Ok(Some(decision))
}

/// Keeps the places that a decision is about now.
///
/// # Errors
/// [`crate::Error::Referred`] if there is no such request.
pub fn keep(tx: &Tx<'_>, request: RequestId, decision: i64, places: &[Place]) -> Result<()> {
    for place in places {
        tx.exec(
            "INSERT INTO redaction_place (id, request_id, redaction_id, text_mark, from_byte, to_byte)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id::next(), request, decision, place.text.to_vec(), place.start, place.end],
        )?;
    }
    Ok(())
}

/// The places that decisions of a request were about when they were made, each with its decision's row.
///
/// # Errors
/// Whatever the database says.
pub fn kept(tx: &Tx<'_>, request: RequestId) -> Result<Vec<(i64, Place)>> {
    tx.all(
        "SELECT redaction_id, text_mark, from_byte, to_byte FROM redaction_place WHERE request_id = ?1 ORDER BY id",
        params![request],
        |row| Ok((row.int(0)?, Place { text: row.hash(1)?, start: row.int(2)?, end: row.int(3)? })),
    )
}

/// Takes a decision back.
///
/// # Errors
/// Whatever the database says.
pub fn take_back(tx: &Tx<'_>, request: RequestId, decision: i64) -> Result<()> {
    let places = "redaction_id = ?1 AND request_id = ?2";
    ring_duty::delete(tx, "redaction_place", places, params![decision, request])?;
    ring_duty::delete(tx, "redaction", "id = ?1 AND request_id = ?2", params![decision, request]).map(drop)
}

/// Notes that somebody else has read the decisions again, up to the newest they saw; how many of them.
///
/// # Errors
/// Whatever the database says.
pub fn checked(tx: &Tx<'_>, request: RequestId, (by, newest): (StaffId, i64), on: Date) -> Result<u64> {
    tx.exec(
        "UPDATE redaction SET checked_by = ?2, checked_on = ?3
            WHERE request_id = ?1 AND checked_by IS NULL AND (recorded_by IS NULL OR recorded_by <> ?2)
                AND id <= ?4",
        params![request, by, on, newest],
    )
}

/// Every decision of a request.
///
/// # Errors
/// Whatever the database says.
pub fn of_request(tx: &Tx<'_>, request: RequestId) -> Result<Vec<Decision>> {
    tx.all(
        "SELECT id, mark, text_mark, from_byte, to_byte, answer, why, note, on_date, recorded_by, checked_by
            FROM redaction WHERE request_id = ?1 ORDER BY id",
        params![request],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Decision> {
    let place = match row.opt_bytes(2)? {
        Some(_) => Some(Place { text: row.hash(2)?, start: row.int(3)?, end: row.int(4)? }),
        None => None,
    };
    Ok(Decision {
        id: row.int(0)?,
        about: About { mark: row.hash(1)?, place },
        answer: Answer::named(row.str(5)?)
            .ok_or_else(|| crate::Error::Malformed("redaction.answer".into()))?,
        why: row.text(6)?,
        note: row.opt_text(7)?,
        on: row.date(8)?,
        by: row.opt_int(9)?.map(StaffId),
        checked_by: row.opt_int(10)?.map(StaffId),
    })
}
