//! What time it is: the only place that asks the machine. Practice instances keep a date of their own.

use std::sync::{PoisonError, RwLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The clock of an instance.
#[derive(Debug)]
pub struct Clock {
    zone: TimeZone,
    /// On practice instances, the instant it was set to, and the machine's instant when it was.
    practice: Option<RwLock<(Timestamp, Timestamp)>>,
}

impl Clock {
    /// The machine's clock, read in the organisation's time zone.
    #[must_use]
    pub fn real(zone: TimeZone) -> Self {
        Self { zone, practice: None }
    }

    /// A practice clock that goes on from an instant until it is set.
    #[must_use]
    pub fn practice(zone: TimeZone, at: Timestamp) -> Self {
        Self { zone, practice: Some(RwLock::new((at, machine()))) }
    }

    /// The instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.practice {
            None => machine(),
            Some(set) => {
                let (at, then) = *set.read().unwrap_or_else(PoisonError::into_inner);
                at.saturating_add(machine().duration_since(then)).unwrap_or(at)
            }
        }
    }

    /// The date where the organisation is.
    #[must_use]
    pub fn today(&self) -> Date {
        self.on(self.now())
    }

    /// The date where the organisation is, at an instant.
    #[must_use]
    pub fn on(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The instant of a local date and hour.
    #[must_use]
    pub fn at(&self, date: Date, hour: i8) -> Timestamp {
        date.at(hour, 0, 0, 0)
            .to_zoned(self.zone.clone())
            .as_ref()
            .map_or_else(|_| self.now(), Zoned::timestamp)
    }

    /// The organisation's time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether it is a practice clock.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        self.practice.is_some()
    }

    /// Sets a practice clock. A real one cannot be set: returns false.
    pub fn set(&self, at: Timestamp) -> bool {
        match &self.practice {
            None => false,
            Some(clock) => {
                *clock.write().unwrap_or_else(PoisonError::into_inner) = (at, machine());
                true
            }
        }
    }
}

/// The machine's instant, for what is no fact about anybody: rate limits, one-time codes, timing.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
pub fn machine() -> Timestamp {
    Timestamp::now()
}

/// The machine's date, for commands that know no organisation.
#[must_use]
pub fn today_here() -> Date {
    TimeZone::system().to_datetime(machine()).date()
}
