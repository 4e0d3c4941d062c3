//! Transfers: whether anything protects personal data in a place abroad on a day (UK GDPR Art 44 to 46). It knows
//! the law's instruments and their dates, and never looks whether a company really stands on a list.

use jiff::civil::{Date, date};

use super::uk::adequate;
use crate::Policy;
use crate::policy::Processor;

/// The US Privacy Shield was struck down on this day (CJEU C-311/18).
pub const SHIELD_ENDED: Date = date(2020, 7, 16);
/// The US Safe Harbor was struck down on this day (CJEU C-362/14).
pub const HARBOR_ENDED: Date = date(2015, 10, 6);
/// The UK-US data bridge stands from this day (SI 2023/1028).
pub const BRIDGE_FROM: Date = date(2023, 10, 12);
/// The international data transfer agreement and addendum can be used from this day (DPA 2018 s.119A).
pub const AGREEMENT_FROM: Date = date(2022, 3, 21);

/// Why nothing protects data in a place on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gap {
    /// No safeguard is stated.
    Unstated,
    /// It was struck down.
    Ended {
        /// What it was called.
        what: &'static str,
        /// The day from which it protects nothing.
        on: Date,
    },
    /// It does not stand yet.
    NotYet {
        /// What it is called.
        what: &'static str,
        /// The day from which it stands.
        from: Date,
    },
    /// The data bridge leads to the USA only.
    Elsewhere,
    /// The European clauses alone do not work for UK data.
    ClausesAlone,
    /// The law knows no such safeguard.
    Unknown,
}

impl Gap {
    /// In a few words: "Privacy Shield ended 2020-07-16".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Unstated => "no safeguard is stated".to_owned(),
            Self::Ended { what, on } => format!("{what} ended {on}"),
            Self::NotYet { what, from } => format!("{what} stands only from {from}"),
            Self::Elsewhere => "the data bridge leads to the USA only".to_owned(),
            Self::ClausesAlone => "the European clauses alone do not work for UK data".to_owned(),
            Self::Unknown => "the law knows no such safeguard".to_owned(),
        }
    }
}

/// What is missing for data to go to a place under a safeguard on a day; nothing at home, or where the law itself
/// finds the place adequate.
#[must_use]
pub fn gap(home: &str, place: &str, safeguard: Option<&str>, on: Date) -> Option<Gap> {
    if place.eq_ignore_ascii_case(home) || adequate(place) {
        return None;
    }
    let words = safeguard.unwrap_or_default().to_lowercase();
    if words.trim().is_empty() {
        return Some(Gap::Unstated);
    }
    if words.contains("privacy shield") {
        return (on >= SHIELD_ENDED).then_some(Gap::Ended { what: "Privacy Shield", on: SHIELD_ENDED });
    }
    if words.contains("safe harbo") {
        return (on >= HARBOR_ENDED).then_some(Gap::Ended { what: "Safe Harbor", on: HARBOR_ENDED });
    }
    if words.contains("data bridge") {
        if !["usa", "us", "united states"].contains(&place.to_lowercase().as_str()) {
            return Some(Gap::Elsewhere);
        }
        return (on < BRIDGE_FROM).then_some(Gap::NotYet { what: "the data bridge", from: BRIDGE_FROM });
    }
    if words.contains("idta") || words.contains("addendum") {
        let from = signed(&words).map_or(AGREEMENT_FROM, |signed| signed.max(AGREEMENT_FROM));
        return (on < from).then_some(Gap::NotYet { what: "the agreement", from });
    }
    // Rules that a regulator has approved bind every company of the group (UK GDPR Art 46(2)(b), 47).
    if words.contains("binding corporate rules") {
        return None;
    }
    if words.contains("adequacy") && partly_adequate(place) {
        return None;
    }
    if words.contains("clauses") || words.contains("scc") {
        return Some(Gap::ClausesAlone);
    }
    Some(Gap::Unknown)
}

/// Whether the law finds a place adequate for some who receive data there: for companies in Japan, and for those that
/// Canada's privacy act binds.
#[must_use]
pub fn partly_adequate(place: &str) -> bool {
    ["japan", "canada"].contains(&place.to_lowercase().as_str())
}

/// [`gap`] for a processor of a policy.
#[must_use]
pub fn gap_of(policy: &Policy, processor: &Processor, on: Date) -> Option<Gap> {
    gap(&policy.home, &processor.place, processor.safeguard.as_deref(), on)
}

/// The day in `... signed 2026-03-01`.
pub(crate) fn signed(words: &str) -> Option<Date> {
    words.split_once("signed ")?.1.split_whitespace().next()?.trim_end_matches(',').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instrument_stands_in_its_time_and_place() {
        let now = date(2026, 12, 1);
        assert_eq!(gap("UK", "uk", None, now), None);
        assert_eq!(gap("UK", "France", None, now), None);
        assert_eq!(gap("UK", "USA", None, now), Some(Gap::Unstated));
        assert_eq!(gap("UK", "USA", Some("privacy shield"), date(2020, 7, 15)), None);
        let ended = gap("UK", "USA", Some("Privacy Shield"), date(2020, 7, 16)).unwrap();
        assert_eq!(ended.words(), "Privacy Shield ended 2020-07-16");
        assert!(gap("UK", "USA", Some("data bridge"), date(2023, 10, 11)).is_some());
        assert_eq!(gap("UK", "USA", Some("data bridge"), date(2023, 10, 12)), None);
        assert_eq!(gap("UK", "India", Some("data bridge"), now), Some(Gap::Elsewhere));
        assert!(gap("UK", "India", Some("IDTA signed 2026-03-01"), date(2026, 2, 28)).is_some());
        assert_eq!(gap("UK", "India", Some("IDTA signed 2026-03-01"), date(2026, 3, 1)), None);
        assert_eq!(gap("UK", "India", Some("standard clauses"), now), Some(Gap::ClausesAlone));
        assert_eq!(gap("UK", "India", Some("trust"), now), Some(Gap::Unknown));
        assert_eq!(gap("UK", "USA", Some("binding corporate rules approved 2026-01-01"), now), None);
        assert_eq!(gap("UK", "Japan", None, now), Some(Gap::Unstated));
        assert_eq!(gap("UK", "Japan", Some("adequacy regulations"), now), None);
        assert_eq!(gap("UK", "India", Some("adequacy regulations"), now), Some(Gap::Unknown));
        assert_eq!(gap("UK", "South Korea", None, now), None);
    }
}
