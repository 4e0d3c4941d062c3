//! When and how people were told that we hold their details, and by which version of our notice. A record is never
//! rewritten; whoever is told again gets another.

use std::collections::BTreeSet;

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::asked::{AT_ONCE, listed};
use crate::reach::Reach;
use crate::{Error, Result, Tx, Value, id, params, ring_duty, setting};

/// The setting that holds the day from which on it is on record who was told what.
const SINCE: &str = "told since";

/// How somebody was told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Way {
    /// On a page of ours, as they filled it in.
    Page,
    /// By one of us: in a talk, on a form, by letter.
    Staff,
    /// By whoever gave us their details.
    Source,
    /// By a message of ours that leads to the notice.
    Message,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Page, Self::Staff, Self::Source, Self::Message];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Staff => "staff",
            Self::Source => "source",
            Self::Message => "message",
        }
    }

    /// The way of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// In a few words: "by one of us".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Page => "on our own page",
            Self::Staff => "by one of us",
            Self::Source => "by whoever gave us their details",
            Self::Message => "by our first message",
        }
    }
}

/// That somebody was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// On which day.
    pub on: Date,
    /// How.
    pub way: Way,
    /// The version of the notice they were shown; unknown where somebody else told them.
    pub version: Option<u32>,
}

/// Writes down that somebody was told.
///
/// # Errors
/// Whatever the database says.
pub fn record(tx: &Tx<'_>, person: PersonId, told: &Told, by: Option<StaffId>, now: Timestamp) -> Result<()> {
    tx.exec(
        "INSERT INTO told (id, person_id, on_date, way, notice_version, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id::next(), person, told.on, told.way.name(), told.version, by, now],
    )?;
    ring_duty::delete(tx, "untold", "person_id = ?1", params![person])?;
    Ok(())
}

/// Every time somebody was told, the first first.
///
/// # Errors
/// Whatever the database says; [`Error::Malformed`] for a way nobody knows.
pub fn of_person(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Told>> {
    tx.all(
        "SELECT on_date, way, notice_version FROM told WHERE person_id = ?1 ORDER BY on_date, id",
        params![person],
        |row| {
            let version = row.opt_int(2)?.map(u32::try_from).transpose();
            Ok(Told {
                on: row.date(0)?,
                way: Way::named(row.str(1)?)
                    .ok_or_else(|| Error::Malformed("how somebody was told".into()))?,
                version: version.map_err(|_| Error::Malformed("a policy's version".into()))?,
            })
        },
    )
}

/// Those of some people who were ever told.
///
/// # Errors
/// Whatever the database says.
pub fn ever_of(tx: &Tx<'_>, people: &[PersonId]) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for some in people.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|person| Value::from(*person)));
        let sql = format!("SELECT DISTINCT person_id FROM told WHERE person_id IN ({list})");
        found.extend(tx.all(&sql, &values, |row| Ok(PersonId(row.int(0)?)))?);
    }
    Ok(found)
}

/// Notes from which day on it is on record who was told what: the day an instance is made, or was brought forward.
///
/// # Errors
/// Whatever the database says.
pub fn since(tx: &Tx<'_>, day: Date) -> Result<()> {
    setting::set(tx, SINCE, &day.to_string())
}

/// Whether it is noted from which day on that is on record: not in an instance of an earlier release.
///
/// # Errors
/// Whatever the database says.
pub fn begun(tx: &Tx<'_>) -> Result<bool> {
    Ok(setting::get(tx, SINCE)?.is_some())
}

/// The day from which on it is on record who was told what; always, where nothing says otherwise.
///
/// # Errors
/// [`Error::Malformed`] if the setting is no date.
pub fn known_since(tx: &Tx<'_>) -> Result<Date> {
    let Some(text) = setting::get(tx, SINCE)? else { return Ok(date(1, 1, 1)) };
    text.parse().map_err(|_| Error::Malformed("setting told since".into()))
}

/// Notes that somebody must still be told, whose details came on a day.
///
/// # Errors
/// Whatever the database says.
pub fn owe(tx: &Tx<'_>, person: PersonId, since: Date) -> Result<()> {
    tx.exec(
        "INSERT INTO untold (person_id, since) VALUES (?1, ?2) ON CONFLICT (person_id) DO NOTHING",
        params![person, since],
    )?;
    Ok(())
}

/// Since when somebody should be told whom nobody has told yet.
///
/// # Errors
/// Whatever the database says.
pub fn owed_since(tx: &Tx<'_>, person: PersonId) -> Result<Option<Date>> {
    tx.maybe("SELECT since FROM untold WHERE person_id = ?1", params![person], |row| row.date(0))
}

/// People within reach whom nobody has told yet, those whose details came first first, each with the day.
///
/// # Errors
/// Whatever the database says.
pub fn untold(tx: &Tx<'_>, reach: &Reach, limit: u32) -> Result<Vec<(PersonId, Date)>> {
    let mut values = params![limit].to_vec();
    let sql = format!(
        "SELECT u.person_id, u.since FROM untold u WHERE {} ORDER BY u.since, u.person_id LIMIT ?1",
        reach.sql("u.person_id", &mut values)
    );
    tx.all(&sql, &values, |row| Ok((PersonId(row.int(0)?), row.date(1)?)))
}
