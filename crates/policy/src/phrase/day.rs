//! Reading a day of the calendar that a period ends on: `31 December 2030`, `2030-12-31`, `the end of 2030`. Knows nothing
//! of today.

use jiff::civil::Date;

use super::event::STOPS;
use super::read::Reader;
use super::{Phrase, calendar};

/// What an author wrote for a day.
enum Written {
    /// A year, a month and a day, which the calendar may not have.
    Day(i16, i8, i8),
    /// A day and a month of no year.
    NoYear,
    /// `31/12/2030`: which of the first two is the month is for the author to say.
    Figures(i16, i8, i8),
}

impl Reader<'_> {
    /// Whether a day of the calendar stands here.
    pub(super) fn day_starts(&self) -> bool {
        self.written_day().is_some()
    }

    /// The day that stands here. One that the calendar has not, or that names no year, is faulted and passed over.
    pub(super) fn fixed_day(&mut self) -> Option<Phrase> {
        let from = self.at;
        let (words, written) = self.written_day()?;
        self.at += words;
        let known = match written {
            Written::Figures(year, month, day) => {
                let said =
                    Date::new(year, month, day).map_or("31 December 2030".to_owned(), crate::notice::day);
                let help = format!("say the month in letters: `until {said}`");
                self.fault_of(
                    "E-DATE",
                    from,
                    self.at,
                    "a day in figures can be read in two ways",
                    Some(help),
                );
                return None;
            }
            Written::Day(year, month, day) => Date::new(year, month, day).ok(),
            Written::NoYear => {
                let said = self.text(from, self.at);
                let help = format!(
                    "name the year: `until {said} 2030`; or say what it counts from, `..., cleared out every {said}`"
                );
                self.fault(from, self.at, "of which year", Some(help));
                return None;
            }
        };
        if known.is_none() {
            let help = "write `until 31 December 2030`".to_owned();
            self.fault_of("E-DATE", from, self.at, "the calendar has no such day", Some(help));
        }
        known.map(Phrase::UntilDay)
    }

    /// A day as it is written, with the number of its words.
    fn written_day(&self) -> Option<(usize, Written)> {
        let numbers: Option<Vec<i16>> = self.peek().split('-').map(|part| part.parse().ok()).collect();
        if let Some([year @ 1000..=9999, month, day]) = numbers.as_deref() {
            let (month, day) = (i8::try_from(*month).unwrap_or(0), i8::try_from(*day).unwrap_or(0));
            return Some((1, Written::Day(*year, month, day)));
        }
        let figures: Option<Vec<i16>> = self.peek().split(['/', '.']).map(|part| part.parse().ok()).collect();
        if let Some([day, month, year]) = figures.as_deref() {
            let year = if *year < 100 { year.saturating_add(2000) } else { *year };
            let (month, day) = (i8::try_from(*month).unwrap_or(0), i8::try_from(*day).unwrap_or(0));
            return Some((1, Written::Figures(year, month, day)));
        }
        let year = |word: &str| word.parse::<i16>().ok().filter(|year| (1000..=9999).contains(year));
        let ends = |word: &str| word.is_empty() || STOPS.contains(&word) || word == "then";
        let lead = usize::from(self.peek() == "the");
        if self.word(lead) == "end"
            && self.word(lead + 1) == "of"
            && ends(self.word(lead + 3))
            && let Some(year) = year(self.word(lead + 2))
        {
            return Some((lead + 3, Written::Day(year, 12, 31)));
        }
        let (month, day) = (calendar::month(self.word(1))?, calendar::day_of_month(self.peek()));
        match (day, year(self.word(2))) {
            (Some(day), Some(year)) => Some((3, Written::Day(year, month, day))),
            (Some(_), None) if ends(self.word(2)) => Some((2, Written::NoYear)),
            // `31 February`, `45 May`: a number and a month are meant for a day.
            (None, Some(year)) if self.peek().parse::<u16>().is_ok() => {
                Some((3, Written::Day(year, month, 0)))
            }
            _ => None,
        }
    }
}
