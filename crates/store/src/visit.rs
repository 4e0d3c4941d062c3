//! Visits to the public pages, counted after a yes: which page and when, never whose. The count stays; the single
//! visit goes when the policy says. Nothing here knows an address, a browser or a person.

use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::{Error, Result, Tx, id, life, params, ring_duty};

/// A visit somebody agreed to have counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// When.
    pub at: Timestamp,
    /// The page as the routes have it; a value in an address is never part of it.
    pub path: String,
    /// The site whose link was followed; its name alone, never the page there.
    pub from_site: Option<String>,
    /// The day of the yes, as the browser kept it.
    pub agreed_on: Date,
}

/// How often a page was visited on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Count {
    /// The day, where the organisation is.
    pub on: Date,
    /// The page as the routes have it.
    pub path: String,
    /// How often.
    pub visits: u64,
}

/// Writes visits down and counts them.
///
/// # Errors
/// Whatever the database says.
pub fn record(tx: &Tx<'_>, policy: &Policy, visits: &[Visit]) -> Result<()> {
    for visit in visits {
        tx.put(
            "INSERT INTO visit (id, at, path, from_site, agreed_on) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id::next(), visit.at, visit.path.as_str(), visit.from_site.as_deref(), visit.agreed_on],
        )?;
        tx.put(
            "INSERT INTO visit_count (on_date, path, visits) VALUES (?1, ?2, 1)
                ON CONFLICT (on_date, path) DO UPDATE SET visits = visit_count.visits + 1",
            params![life::local_date(policy, visit.at), visit.path.as_str()],
        )?;
    }
    Ok(())
}

/// The instant before which no single visit is held any more, as the policy says; nothing is held without its saying so.
///
/// # Errors
/// If the period is longer than there is time.
pub fn held_from(policy: &Policy, now: Timestamp) -> Result<Timestamp> {
    let Some(stated) = &policy.visits else { return Ok(now) };
    let from = now.to_zoned(life::zone(policy)).checked_sub(stated.kept);
    from.map(|from| from.timestamp()).map_err(|error| Error::Malformed(error.to_string()))
}

/// Whether a single visit of before an instant is held.
///
/// # Errors
/// Whatever the database says.
pub fn any_before(tx: &Tx<'_>, before: Timestamp) -> Result<bool> {
    tx.any("SELECT 1 FROM visit WHERE at < ?1", params![before])
}

/// Lets go of the single visits whose time has come, here and in every backup. Their counts stay.
///
/// # Errors
/// As [`held_from`], and whatever the database says.
pub fn let_go(tx: &Tx<'_>, policy: &Policy, now: Timestamp) -> Result<u64> {
    let before = held_from(policy, now)?;
    ring_duty::delete(tx, "visit", "at < ?1", params![before])
}

/// The counts from a day on, newest first, each day by page.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, from: Date) -> Result<Vec<Count>> {
    tx.all(
        "SELECT on_date, path, visits FROM visit_count WHERE on_date >= ?1 ORDER BY on_date DESC, path",
        params![from],
        |row| {
            Ok(Count {
                on: row.date(0)?,
                path: row.text(1)?,
                visits: u64::try_from(row.int(2)?).unwrap_or_default(),
            })
        },
    )
}

/// From which other sites the single visits came that are still held, the most first, and how many of each.
///
/// # Errors
/// Whatever the database says.
pub fn sites(tx: &Tx<'_>) -> Result<Vec<(String, u64)>> {
    tx.all(
        "SELECT from_site, COUNT(*) FROM visit WHERE from_site IS NOT NULL GROUP BY from_site
            ORDER BY COUNT(*) DESC, from_site LIMIT 20",
        &[],
        |row| Ok((row.text(0)?, u64::try_from(row.int(1)?).unwrap_or_default())),
    )
}
