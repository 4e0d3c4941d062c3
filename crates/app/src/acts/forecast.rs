//! What leaves us in the months to come, counted within somebody's reach. It promises no more than the facts of today
//! say: whatever is recorded meanwhile moves a day.

use jiff::civil::Date;
use serde::Serialize;
use store::Tx;
use store::forecast::{self, Asked, Counted, Leaving, Which};
use store::reach::Reach;

use crate::fault::Fault;

/// How many months from today pages look ahead.
pub const MONTHS: u16 = 12;

/// What leaves in some months, and what has no day of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Forecast {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// What goes by itself, by month and activity.
    pub months: Vec<Leaving>,
    /// Whose day comes too, but a hold, a restriction or an open request keeps it.
    pub kept: Vec<Counted>,
    /// What has ended and is still here.
    pub ended: Vec<Counted>,
    /// What somebody must decide on.
    pub reviews: Vec<Counted>,
    /// What waits for an event and has no day.
    pub awaiting: Vec<Counted>,
}

impl Forecast {
    /// How many last days there are.
    #[must_use]
    pub fn last_days(&self) -> i64 {
        self.months.iter().map(|leaving| leaving.last_days).sum()
    }

    /// How many people leave altogether.
    #[must_use]
    pub fn altogether(&self) -> i64 {
        self.months.iter().map(|leaving| leaving.altogether).sum()
    }
}

/// How many in all.
#[must_use]
pub fn sum(counted: &[Counted]) -> i64 {
    counted.iter().map(|one| one.count).sum()
}

/// Looks ahead for so many months, of one activity or of all.
///
/// # Errors
/// Whatever the store says.
pub fn look(
    tx: &Tx<'_>,
    reach: &Reach,
    today: Date,
    months: u16,
    activity: Option<&str>,
) -> Result<Forecast, Fault> {
    let (from, until) = forecast::window(today, months);
    let asked = Asked { reach, today, from, until, activity, awaiting: None };
    Ok(Forecast {
        from,
        until,
        months: forecast::months(tx, &asked)?,
        kept: forecast::counts(tx, &asked, Which::Kept)?,
        ended: forecast::counts(tx, &asked, Which::Ended)?,
        reviews: forecast::counts(tx, &asked, Which::Review)?,
        awaiting: forecast::counts(tx, &asked, Which::Awaiting)?,
    })
}
