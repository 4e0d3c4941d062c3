//! Days as they stand in a register's file: `2026-11-02`, `02/11/2026`, `2 November 2026`, `20261102`, `02112026`. The day comes
//! before the month, as they write it where these registers are.

use jiff::civil::Date;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The first day in a text.
pub(super) fn within(text: &str) -> Option<Date> {
    let parts = parts(text);
    let threes = parts.windows(3).find_map(|three| match three {
        [one, two, last] => of_three(one, two, last),
        _ => None,
    });
    threes.or_else(|| parts.iter().find_map(|part| of_one(part)))
}

/// The day that a text is, and nothing else.
pub(super) fn whole(text: &str) -> Option<Date> {
    match parts(text).as_slice() {
        [one, two, last] => of_three(one, two, last),
        [one] => of_one(one),
        _ => None,
    }
}

fn parts(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect()
}

fn of_three(one: &str, two: &str, last: &str) -> Option<Date> {
    let (year, month, day) = if one.len() == 4 { (one, two, last) } else { (last, two, one) };
    of(year, month, day)
}

/// Eight figures with at most letters before them: `HDR20261102`.
fn of_one(part: &str) -> Option<Date> {
    let figures = part.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if figures.len() != 8 || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year_first = of(figures.get(..4)?, figures.get(4..6)?, figures.get(6..)?);
    year_first.or_else(|| of(figures.get(4..)?, figures.get(2..4)?, figures.get(..2)?))
}

fn of(year: &str, month: &str, day: &str) -> Option<Date> {
    let year: i16 = year.parse().ok().filter(|year| (1999..2200).contains(year))?;
    let month = match month.parse::<i8>() {
        Ok(month) => month,
        Err(_) => {
            let start = month.get(..3)?.to_ascii_lowercase();
            let place = MONTHS.iter().position(|known| *known == start)?;
            i8::try_from(place + 1).ok()?
        }
    };
    Date::new(year, month, day.parse().ok()?).ok()
}
