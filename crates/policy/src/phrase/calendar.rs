//! Ends of years and months, and the days on which a batch runs. Civil dates only.

use jiff::Span as Period;
use jiff::civil::{Date, Weekday};

/// A stretch of the calendar that ends on a fixed day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Year {
    /// To 31 December.
    Calendar,
    /// To 5 April (Income Tax Act 2007 s.4).
    Tax,
    /// To the day that the policy says, since no law says one: `financial year ends 31 March`.
    Financial {
        /// Its last month.
        month: i8,
        /// Its last day.
        day: i8,
    },
    /// To 31 August.
    Academic,
    /// `the year to 30 June`: the organisation's own.
    To {
        /// Its last month.
        month: i8,
        /// Its last day.
        day: i8,
    },
    /// `the month`: to its last day.
    Month,
    /// `the next month`: to the last day of the month that follows.
    NextMonth,
}

impl Year {
    /// The years whose end is known by their word, with the word a policy uses for each.
    pub const ALL: &[(Self, &'static str)] =
        &[(Self::Calendar, "calendar"), (Self::Tax, "tax"), (Self::Academic, "academic")];

    /// As a policy writes it: `tax year`, `year to 30 June`, `next month`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::To { month, day } => format!("year to {day} {}", month_name(month)),
            Self::Financial { .. } => "financial year".to_owned(),
            Self::Month => "month".to_owned(),
            Self::NextMonth => "next month".to_owned(),
            year => {
                let word = Self::ALL.iter().find(|(known, _)| *known == year).map_or("", |(_, name)| name);
                format!("{word} year")
            }
        }
    }

    /// The day on which it ends, where its name does not say it: `31 March` of the financial year.
    #[must_use]
    pub fn ends(self) -> Option<String> {
        let (month, day) = match self {
            Self::Tax => (4, 5),
            Self::Academic => (8, 31),
            Self::Financial { month, day } => (month, day),
            Self::Calendar | Self::To { .. } | Self::Month | Self::NextMonth => return None,
        };
        Some(format!("{day} {}", month_name(month)))
    }

    /// The longest that its end can be away from a day in it.
    #[must_use]
    pub fn at_most(self) -> Period {
        match self {
            Self::Month => Period::new().months(1),
            Self::NextMonth => Period::new().months(2),
            _ => Period::new().years(1),
        }
    }

    /// The last day of the stretch that a day falls in; `None` past the end of the calendar.
    #[must_use]
    pub fn end(self, day: Date) -> Option<Date> {
        match self {
            Self::Calendar => yearly(day, 12, 31),
            Self::Tax => yearly(day, 4, 5),
            Self::Academic => yearly(day, 8, 31),
            Self::Financial { month, day: last } | Self::To { month, day: last } => yearly(day, month, last),
            Self::Month => Some(day.last_of_month()),
            Self::NextMonth => Some(day.last_of_month().tomorrow().ok()?.last_of_month()),
        }
    }
}

/// The day on which what is due is cleared out together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Batch {
    /// `cleared out at the end of the month`.
    MonthEnd,
    /// `cleared out every 1st of the month`.
    Monthly(i8),
    /// `cleared out every 31 August`.
    Yearly {
        /// The month.
        month: i8,
        /// The day.
        day: i8,
    },
    /// `cleared out every Friday`.
    Weekly(Weekday),
}

impl Batch {
    /// As a policy writes it: `at the end of the month`, `every 31 August`.
    #[must_use]
    pub fn written(self) -> String {
        match self {
            Self::MonthEnd => "at the end of the month".to_owned(),
            Self::Monthly(day) => format!("every {} of the month", ordinal(day)),
            Self::Yearly { month, day } => format!("every {day} {}", month_name(month)),
            Self::Weekly(day) => format!("every {}", weekday_name(day)),
        }
    }

    /// The first such day on or after a day; `None` past the end of the calendar.
    #[must_use]
    pub fn next(self, from: Date) -> Option<Date> {
        match self {
            Self::MonthEnd => Some(from.last_of_month()),
            Self::Monthly(day) => {
                let of = |month: Date| {
                    let last = month.last_of_month().day();
                    Date::new(month.year(), month.month(), day.min(last)).ok()
                };
                let this = of(from)?;
                if this >= from { Some(this) } else { of(from.last_of_month().tomorrow().ok()?) }
            }
            Self::Yearly { month, day } => yearly(from, month, day),
            Self::Weekly(day) => {
                let days = from.weekday().until(day);
                from.checked_add(jiff::Span::new().days(i64::from(days))).ok()
            }
        }
    }
}

/// The next such day of a year on or after a day; 29 February clamps to the 28th.
fn yearly(from: Date, month: i8, day: i8) -> Option<Date> {
    let of = |year: i16| {
        let first = Date::new(year, month, 1).ok()?;
        Date::new(year, month, day.min(first.last_of_month().day())).ok()
    };
    let this = of(from.year())?;
    if from <= this { Some(this) } else { of(from.year().checked_add(1)?) }
}

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The name of a month from 1 up.
pub(super) fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// The month of a name, in any case.
pub(super) fn month(name: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(name))?;
    i8::try_from(at + 1).ok()
}

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("Monday", Weekday::Monday),
    ("Tuesday", Weekday::Tuesday),
    ("Wednesday", Weekday::Wednesday),
    ("Thursday", Weekday::Thursday),
    ("Friday", Weekday::Friday),
    ("Saturday", Weekday::Saturday),
    ("Sunday", Weekday::Sunday),
];

pub(super) fn weekday(name: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, day)| *day)
}

fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, known)| *known == day).map_or("", |(name, _)| name)
}

/// A day and a month that some year has: `31 august`.
pub(crate) fn day_of_year(day: &str, month_word: &str) -> Option<(i8, i8)> {
    let (month, day) = (month(month_word)?, day.parse::<i8>().ok()?);
    Date::new(2024, month, day).ok().map(|_| (month, day))
}

/// A day of a month, in words: `1st`, `22nd`.
fn ordinal(day: i8) -> String {
    let ending = match (day % 10, day / 10) {
        (1, ten) if ten != 1 => "st",
        (2, ten) if ten != 1 => "nd",
        (3, ten) if ten != 1 => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

/// The day of `1st`, `22nd`, `5`.
pub(super) fn day_of_month(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    digits.parse::<i8>().ok().filter(|day| (1..=31).contains(day))
}
