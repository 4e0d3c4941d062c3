//! Requests that wait for their person while something whose time has ended is kept for them alone. After three
//! months somebody decides: answer and let it go, or keep it on until a day, with the reason.

use custody::id::{PersonId, RequestId, StaffId};
use jiff::ToSpan;
use jiff::civil::Date;

use super::NEEDING;
use crate::{Error, Result, Tx, params};

/// For how many months something may wait by itself.
pub const MONTHS: i32 = 3;
/// How many days somebody has to decide once it has waited for so long.
pub const DAYS: i32 = 14;

/// A request that waits, and something is kept for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The request.
    pub request: RequestId,
    /// Whose.
    pub person: PersonId,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Since when it waits for its person.
    pub since: Date,
    /// From which day on somebody is asked what becomes of what is kept.
    pub asks_from: Date,
    /// The last day for deciding it.
    pub decide_by: Date,
    /// Until when somebody keeps it on.
    pub kept_until: Option<Date>,
}

/// What the time of has ended and is still here, of the person `q.person_id`: `?1` is today.
const ENDED: &str = "SELECT 1 FROM ground g WHERE g.person_id = q.person_id AND ((g.state = 'stopped' AND g.swept_at IS NULL AND g.stopped_on <= ?1)
    OR (g.state = 'active' AND (g.due_on < ?1 OR g.row_on < ?1)))";

/// The requests that wait for their person and for which something is kept, those who wait longest first; of one
/// clause, or of all.
///
/// # Errors
/// Whatever the database says.
pub fn waiting(tx: &Tx<'_>, rule: Option<&str>, today: Date) -> Result<Vec<Waiting>> {
    let of_rule = if rule.is_some() { "AND g.rule = ?2" } else { "AND CAST(?2 AS TEXT) IS NULL" };
    let mut found = tx.all(
        &format!(
            "SELECT q.id, q.person_id, q.owner_id, q.paused_on, q.identity_asked_on, q.identity_proved_on, q.fee_asked_on,
                q.fee_paid_on, q.kept_until, q.received_on FROM request q
                WHERE q.closed_on IS NULL AND q.answered_on IS NULL AND q.due_on IS NULL AND q.kind IN {NEEDING}
                AND q.person_id IS NOT NULL AND EXISTS ({ENDED} {of_rule})"
        ),
        params![today, rule],
        |row| {
            let unanswered = |asked: Option<Date>, here: Option<Date>| asked.filter(|_| here.is_none());
            let since = [
                row.opt_date(3)?,
                unanswered(row.opt_date(4)?, row.opt_date(5)?),
                unanswered(row.opt_date(6)?, row.opt_date(7)?),
            ];
            let since = since.into_iter().flatten().min().unwrap_or(row.date(9)?);
            let long = since.saturating_add(MONTHS.months());
            let (decided, asks) = (long.saturating_add(DAYS.days()), long.tomorrow().unwrap_or(Date::MAX));
            // Who has kept it on decided until then, and is asked again before.
            let kept_until = row.opt_date(8)?.filter(|until| *until > long);
            Ok(Waiting {
                request: RequestId(row.int(0)?),
                person: PersonId(row.int(1)?),
                owner: row.opt_int(2)?.map(StaffId),
                since,
                asks_from: kept_until.map_or(asks, |until| until.saturating_sub(DAYS.days())),
                decide_by: kept_until.unwrap_or(decided),
                kept_until,
            })
        },
    )?;
    found.sort_by_key(|one| (one.since, one.request));
    Ok(found)
}

/// Writes down until when what waits is kept on.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request.
pub fn keep_on(tx: &Tx<'_>, request: RequestId, until: Date) -> Result<()> {
    let sql = "UPDATE request SET kept_until = ?2, version = version + 1 WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![request, until])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}
