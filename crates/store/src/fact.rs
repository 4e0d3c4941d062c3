//! Facts that periods hang on: of a person, or of a person on one piece of work. Names and values are those the
//! policy declares; a fact is never changed, a later one takes its place.

use custody::id::{EngagementId, PersonId, StaffId};
use custody::life::Told;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::{Error, Result, Tx, id, params};

/// A fact to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewFact<'a> {
    /// About whom.
    pub person: PersonId,
    /// On which work, for facts of work.
    pub engagement: Option<EngagementId>,
    /// The fact, as the policy names it.
    pub name: &'a str,
    /// One of its values, or a date.
    pub value: &'a str,
    /// Since when it is so.
    pub on: Date,
    /// Who recorded it.
    pub by: Option<StaffId>,
}

/// Records a fact. The caller settles the person's grounds afterwards.
///
/// # Errors
/// [`Error::Malformed`] if the policy declares no such fact, or not this value; [`Error::Referred`] if there is no
/// such person.
pub fn record(tx: &Tx<'_>, policy: &Policy, new: &NewFact<'_>, now: Timestamp) -> Result<i64> {
    let declared = policy
        .facts
        .iter()
        .find(|fact| fact.name == new.name && fact.work.is_some() == new.engagement.is_some());
    let Some(declared) = declared else {
        return Err(Error::Malformed(format!("the policy declares no fact `{}`", new.name)));
    };
    let fits = match declared.values.is_empty() {
        true => new.value.parse::<Date>().is_ok(),
        false => declared.values.iter().any(|value| value == new.value),
    };
    if !fits {
        return Err(Error::Malformed(format!("`{}` cannot be `{}`", new.name, new.value)));
    }
    let fact = id::next();
    tx.exec(
        "INSERT INTO fact (id, person_id, engagement_id, name, value, on_date, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![fact, new.person, new.engagement, new.name, new.value, new.on, new.by, now],
    )?;
    Ok(fact)
}

/// What is recorded of a person, by themselves or on one piece of work, the latest first: each row with its number.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(
    tx: &Tx<'_>,
    person: PersonId,
    engagement: Option<EngagementId>,
) -> Result<Vec<(i64, Told)>> {
    tx.all(
        "SELECT id, name, value, on_date FROM fact WHERE person_id = ?1 AND undone_at IS NULL
            AND ((CAST(?2 AS BIGINT) IS NULL AND engagement_id IS NULL) OR engagement_id = ?2) ORDER BY on_date DESC, id DESC",
        params![person, engagement],
        |row| Ok((row.int(0)?, Told { name: row.text(1)?, engagement, value: row.text(2)?, on: row.date(3)? })),
    )
}

/// Takes a fact back: it was recorded by mistake, and the one before it counts again.
///
/// # Errors
/// [`Error::Missing`] if there is none of this number about this person and work, or it was taken back already.
pub fn undo(
    tx: &Tx<'_>,
    (person, engagement): (PersonId, Option<EngagementId>),
    fact: i64,
    now: Timestamp,
) -> Result<()> {
    match tx.exec(
        "UPDATE fact SET undone_at = ?4 WHERE id = ?1 AND person_id = ?2 AND undone_at IS NULL
            AND ((CAST(?3 AS BIGINT) IS NULL AND engagement_id IS NULL) OR engagement_id = ?3)",
        params![fact, person, engagement, now],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}
