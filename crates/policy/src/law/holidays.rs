//! Bank holidays, read from a list that is data, not code. Says which days are working days in which nation.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};

use crate::policy::Nation;

const LIST: &str = include_str!("holidays.txt");

static DAYS: LazyLock<BTreeMap<Date, Vec<Nation>>> = LazyLock::new(|| LIST.lines().filter_map(row).collect());

/// Every nation with the word a policy and the command line use for it.
pub const NATIONS: &[(Nation, &str)] = &[
    (Nation::EnglandWales, "england-wales"),
    (Nation::Scotland, "scotland"),
    (Nation::NorthernIreland, "northern-ireland"),
];

/// The nation of a word.
#[must_use]
pub fn nation(word: &str) -> Option<Nation> {
    NATIONS.iter().find(|(_, name)| *name == word).map(|(nation, _)| *nation)
}

fn row(line: &str) -> Option<(Date, Vec<Nation>)> {
    let mut words = line.split_whitespace();
    let day = words.next()?.parse().ok()?;
    Some((day, words.filter_map(nation).collect()))
}

/// Whether a day is a bank holiday in a nation.
#[must_use]
pub fn is_holiday(day: Date, nation: Nation) -> bool {
    DAYS.get(&day).is_some_and(|nations| nations.contains(&nation))
}

/// Whether a day is neither a weekend day nor a bank holiday.
#[must_use]
pub fn is_working_day(day: Date, nation: Nation) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day, nation)
}

/// The day itself, or the next working day after it.
#[must_use]
pub fn working_day_from(day: Date, nation: Nation) -> Date {
    let mut rolled = day;
    while !is_working_day(rolled, nation) {
        match rolled.tomorrow() {
            Ok(next) => rolled = next,
            Err(_) => break,
        }
    }
    rolled
}

/// Whether the list reaches this day; later ones are counted as if no holiday fell.
#[must_use]
pub fn known_for(day: Date) -> bool {
    let (first, last) = (DAYS.first_key_value(), DAYS.last_key_value());
    first.is_some_and(|(first, _)| day.year() >= first.year())
        && last.is_some_and(|(last, _)| day.year() <= last.year())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_line_of_the_list_is_understood() {
        for line in LIST.lines().filter(|line| !line.starts_with('#')) {
            let (day, nations) = row(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(nations.len(), line.split_whitespace().count() - 1, "{line}");
            assert!(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday), "{line}");
        }
    }

    #[test]
    fn years_have_the_usual_number_of_days() {
        for year in 2024..=2028 {
            let count =
                |nation| DAYS.iter().filter(|(day, who)| day.year() == year && who.contains(&nation)).count();
            assert_eq!(count(Nation::EnglandWales), 8, "{year}");
            // In 2026 Scotland kept a day for the World Cup.
            assert_eq!(count(Nation::Scotland), if year == 2026 { 10 } else { 9 }, "{year}");
            assert_eq!(count(Nation::NorthernIreland), 10, "{year}");
        }
        assert!(known_for(date(2028, 12, 31)) && !known_for(date(2029, 1, 1)));
    }

    #[test]
    fn easter_monday_is_no_holiday_in_scotland() {
        assert!(is_working_day(date(2027, 3, 29), Nation::Scotland));
        assert!(!is_working_day(date(2027, 3, 29), Nation::EnglandWales));
    }
}
