//! Days and moments: most of what is held goes by the day, machine records by the hour.

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

/// A day, and the moment on it where that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The day, in the organisation's time.
    pub day: Date,
    /// The moment.
    pub at: Option<Zoned>,
}

impl Moment {
    /// A moment known to the minute.
    #[must_use]
    pub fn at(at: Zoned) -> Self {
        Self { day: at.date(), at: Some(at) }
    }
}

impl From<Date> for Moment {
    fn from(day: Date) -> Self {
        Self { day, at: None }
    }
}

/// When it is: the day, and where hours matter the moment. A day alone is its beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// The day, in the organisation's time.
    pub today: Date,
    /// The moment on it.
    pub at: Option<Timestamp>,
}

impl Now {
    /// A moment of a day.
    #[must_use]
    pub fn at(today: Date, at: Timestamp) -> Self {
        Self { today, at: Some(at) }
    }
}

impl From<Date> for Now {
    fn from(today: Date) -> Self {
        Self { today, at: None }
    }
}

/// The end of what goes by itself: its last day, and the moment on it where a period in hours ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Last {
    /// The last day on which it may be held.
    pub on: Date,
    /// The moment it ends on that day.
    pub at: Option<Timestamp>,
}

impl PartialOrd for Last {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The sooner is the lesser. A whole day outlasts every moment of it.
impl Ord for Last {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |last: &Self| (last.on, last.at.is_none(), last.at);
        key(self).cmp(&key(other))
    }
}

impl Last {
    /// Whether it is over: on the days after, and on the day itself from the moment on.
    #[must_use]
    pub fn over(self, now: Now) -> bool {
        match (self.at, now.at) {
            (Some(end), Some(now)) => end <= now,
            _ => self.on < now.today,
        }
    }
}
