//! Civil days counted by hand: months clamp to the month's end, 29 February included.

use jiff::Span;
use jiff::civil::{Date, Weekday};
use policy::phrase::{Batch, Year};

fn leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

fn made(year: i32, month: i32, day: i32) -> Option<Date> {
    let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok()
}

/// So many days later, one at a time.
fn days_later(day: Date, days: i32) -> Option<Date> {
    let mut day = day;
    for _ in 0..days {
        day = day.tomorrow().ok()?;
    }
    Some(day)
}

/// A day and a period: years and months first, clamped, then weeks and days. Whole days of hours count as days.
pub fn plus(day: Date, period: &Span) -> Option<Date> {
    let months = i32::from(period.get_years()) * 12 + period.get_months();
    let from = (i32::from(day.year()) * 12) + i32::from(day.month()) - 1 + months;
    let (year, month) = (from.div_euclid(12), from.rem_euclid(12) + 1);
    let clamped = made(year, month, i32::from(day.day()).min(days_in(year, month)))?;
    days_later(clamped, period.get_weeks() * 7 + period.get_days() + period.get_hours() / 24)
}

/// So many years after a birthday.
pub fn turns(born: Date, years: i32) -> Option<Date> {
    let year = i32::from(born.year()) + years;
    let month = i32::from(born.month());
    made(year, month, i32::from(born.day()).min(days_in(year, month)))
}

/// The first day from `from` on for which something is so; years of them are looked through.
fn first(from: Date, so: impl Fn(Date) -> bool) -> Option<Date> {
    let mut day = from;
    for _ in 0..800 {
        if so(day) {
            return Some(day);
        }
        day = day.tomorrow().ok()?;
    }
    None
}

fn last_of_month(day: Date) -> bool {
    i32::from(day.day()) == days_in(i32::from(day.year()), i32::from(day.month()))
}

/// Whether a day is this day of a month, or the month's last where it has no such day.
fn is_day(day: Date, wanted: i8) -> bool {
    day.day() == wanted || (last_of_month(day) && day.day() < wanted)
}

/// The last day of the stretch of the calendar in which a day falls.
pub fn year_end(year: Year, day: Date) -> Option<Date> {
    let yearly = |month: i8, last: i8| first(day, |day| day.month() == month && is_day(day, last));
    match year {
        Year::Calendar => yearly(12, 31),
        Year::Tax => yearly(4, 5),
        Year::Academic => yearly(8, 31),
        Year::Financial { month, day: last } | Year::To { month, day: last } => yearly(month, last),
        Year::Month => first(day, last_of_month),
        Year::NextMonth => first(first(day, last_of_month)?.tomorrow().ok()?, last_of_month),
    }
}

/// The first day from a day on at which the batch runs.
pub fn batch_day(batch: Batch, from: Date) -> Option<Date> {
    match batch {
        Batch::MonthEnd => first(from, last_of_month),
        Batch::Monthly(wanted) => first(from, |day| is_day(day, wanted)),
        Batch::Yearly { month, day: wanted } => {
            first(from, |day| day.month() == month && is_day(day, wanted))
        }
        Batch::Weekly(wanted) => first(from, |day| weekday(day) == wanted),
    }
}

/// Counted from a Monday everybody agrees on.
fn weekday(day: Date) -> Weekday {
    let monday = Date::constant(2024, 1, 1);
    let days = day.since(monday).map_or(0, |span| span.get_days()).rem_euclid(7);
    [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ][usize::try_from(days).unwrap()]
}
