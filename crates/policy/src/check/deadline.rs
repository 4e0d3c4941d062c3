//! Deadlines in the author's own sentences, held against the law's month for an answer. Looks at numbers with a unit
//! of time after a word such as `within`; knows nothing of what the policy's clauses say.

use super::Review;
use super::prose::{Text, sentence_at};

/// What stands before a deadline.
const LEADS: &[&str] = &["within ", "inside "];

/// What may stand before a deadline, or before how long something is kept.
const LOOSE: &[&str] =
    &[" in ", "up to ", "as long as ", "no later than ", "no more than ", "not more than "];

/// What tells how long something is kept.
const KEPT: &[&str] = &["keep", "kept", "store", "hold", "held", "retain", "delete", "erase"];

/// What a deadline is given for, where it is for an answer to somebody about their data.
const ANSWERS: &[&str] = &[
    "answer",
    "respon",
    "reply",
    "replies",
    "request",
    "if you ask",
    "when you ask",
    "you asked",
    "your right",
    "hear from us",
    "hear back",
    "back to you",
    "copy of",
    "comply",
];

/// What makes it a deadline for something else, or one the law gives.
const OTHERS: &[&str] = &[
    "complain",
    "more than",
    "complex",
    "extend",
    "further",
    "cancel",
    "refund",
    "invoice",
    "claim",
    "fees",
    "payable",
];

/// Words that change nothing about a deadline.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "at",
    "most",
    "maximum",
    "of",
    "about",
    "around",
    "approximately",
    "up",
    "to",
    "the",
    "next",
];

/// Numbers as words.
const NUMBERS: &[(&str, u32)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fourteen", 14),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("ninety", 90),
];

/// Units, each with the most of it that the shortest month has room for.
const UNITS: &[(&str, u32)] = &[("day", 28), ("week", 4), ("fortnight", 2), ("month", 1), ("year", 0)];

impl Review<'_> {
    pub(super) fn deadline(&mut self, text: &Text) {
        for lead in LEADS.iter().chain(LOOSE) {
            for (at, _) in text.words.match_indices(lead) {
                // "Two requests in three months" is a number of requests, and no time to answer them in.
                let before = text.words.get(..at).unwrap_or_default();
                if *lead == " in " && (before.ends_with("request") || before.ends_with("requests")) {
                    continue;
                }
                let at = at + (lead.len() - lead.trim_start().len());
                let lead = lead.trim_start();
                let Some((length, late)) = deadline(text.words.get(at + lead.len()..).unwrap_or_default())
                else {
                    continue;
                };
                let (start, end) = sentence_at(&text.words, at);
                let sentence = text.words.get(start..end).unwrap_or_default();
                let about = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
                // Thirty days are right for saying that a complaint came.
                let meant = about(ANSWERS) && !about(OTHERS) || sentence.contains("acknowledg") && late > 2;
                let meant = meant && (LEADS.contains(&lead) || !about(KEPT));
                if late > 0 && meant {
                    let place = text.place(at, at + lead.len() + length);
                    let message = "the law's month ends sooner";
                    self.find("W-LATE-ANSWER", place, message, "say `within a month`");
                }
            }
        }
    }
}

/// What is lost or seen by the wrong eyes.
const BREACHES: &[&str] = &["breach", "incident", "data loss", "lost data", "leak"];

/// What says that it is told.
const REPORTS: &[&str] = &["report", "notif", "tell", "told", "inform", "let the", "advise"];

/// Whom the law has told within 72 hours.
const AUTHORITIES: &[&str] = &["regulator", "commission", "ico", "authorit"];

/// Whom it has told without delay, or not at all.
const OTHERS_TOLD: &[&str] = &[
    "you",
    "people",
    "affected",
    "individual",
    "insur",
    "to the board",
    "trustee",
    "manager",
    "staff",
    "police",
];

/// When nobody can be told in time.
const SLOW: &[&str] = &[
    "once a year",
    "every year",
    "annually",
    "each year",
    "once a quarter",
    "every quarter",
    "quarterly",
    "once a month",
    "every month",
    "monthly",
    "every week",
    "weekly",
    "once a week",
    "at the end of the month",
    "at the end of the year",
    "next board meeting",
    "next meeting",
    "at our convenience",
    "when we have time",
    "when we can",
    "when we get round",
];

/// What says that nobody is told.
const UNREPORTED: &[&str] = &[
    "not report",
    "never report",
    "do not tell the",
    "never tell the",
    "not notify",
    "never notify",
    "not inform the",
    "never inform the",
    "keep breaches to ourselves",
    "not reported",
    "never reported",
];

impl Review<'_> {
    /// What is said of telling the regulator of a breach: later than 72 hours, or not at all.
    pub(super) fn breach(&mut self, text: &Text) {
        for mark in BREACHES {
            for (at, _) in text.words.match_indices(mark) {
                let (start, end) = sentence_at(&text.words, at);
                let sentence = text.words.get(start..end).unwrap_or_default();
                let about = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
                let of_others = about(OTHERS_TOLD) && !about(AUTHORITIES);
                if !about(REPORTS) || of_others {
                    continue;
                }
                let late = LEADS.iter().chain(LOOSE).find_map(|lead| {
                    let from = sentence.find(lead)?;
                    let length = over_three_days(sentence.get(from + lead.len()..)?)?;
                    let begins = from + lead.len() - lead.trim_start().len();
                    Some((begins, from + lead.len() + length))
                });
                let found = |words: &[&str]| {
                    words.iter().find_map(|word| sentence.find(word).map(|from| (from, from + word.len())))
                };
                let excused = about(&["unless", "unlikely", "no risk", "need not", "only internal"]);
                let never = found(UNREPORTED).filter(|_| !excused);
                if let Some((from, to)) = late.or_else(|| found(SLOW)).or(never) {
                    let message = "the law gives 72 hours";
                    let place = text.place(start + from, start + to);
                    return self.find(
                        "W-BREACH-LATE",
                        place,
                        message,
                        "say `within 72 hours of becoming aware`",
                    );
                }
            }
        }
    }
}

/// How long a deadline's words are, if it is longer than 72 hours.
fn over_three_days(words: &str) -> Option<usize> {
    let (length, _) = deadline(words).or_else(|| hours(words))?;
    let said = words.get(..length)?;
    let number =
        said.split(' ').find_map(|word| numbered(word.trim_matches(|mark: char| !mark.is_alphanumeric())));
    let number = number.unwrap_or(1);
    let unit = |name: &str| said.contains(name);
    let hours = match (unit("hour"), unit("working") || unit("business")) {
        (true, _) => number,
        // Three working days may have a weekend between them.
        (_, true) if number > 2 => u32::MAX,
        _ if unit("day") => number.saturating_mul(24),
        _ => u32::MAX,
    };
    (hours > 72).then_some(length)
}

/// `96 hours`, with how far it goes beyond 72.
fn hours(words: &str) -> Option<(usize, u32)> {
    let (number, rest) = words.split_once(' ')?;
    let count = numbered(number)?;
    let unit = rest.split(|letter: char| !letter.is_alphabetic()).next()?;
    ["hour", "hours"].contains(&unit).then(|| (number.len() + 1 + unit.len(), count.saturating_sub(72)))
}

/// How long a deadline's words are, and how far it goes beyond the shortest month, in its own unit.
fn deadline(words: &str) -> Option<(usize, u32)> {
    let mut number: Option<u32> = None;
    let mut working = false;
    let mut from = 0;
    for word in words.split(' ').take(9) {
        let end = from + word.len();
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        let unit = UNITS.iter().find(|(unit, _)| bare.strip_suffix('s').unwrap_or(bare) == *unit);
        match (unit, number) {
            (Some((unit, most)), number) => {
                let most = if working && *unit == "day" { 20 } else { *most };
                // The finding for thirty days has a line of its own.
                let own = (number, *unit, working) == (Some(30), "day", false);
                let late = if own { 0 } else { number.unwrap_or(1).saturating_sub(most) };
                let cut = word.len() - word.trim_end_matches(|letter: char| !letter.is_alphanumeric()).len();
                return Some((end - cut, late));
            }
            (None, None) if numbered(bare).is_some() => number = numbered(bare),
            (None, Some(_)) if ["working", "business"].contains(&bare) => working = true,
            (None, Some(_)) if ["calendar", "full", "whole"].contains(&bare) || word.starts_with('(') => {}
            (None, None) if FILLERS.contains(&bare) => {}
            _ => return None,
        }
        from = end + 1;
    }
    None
}

/// `40`, `forty`, `forty-five`.
fn numbered(word: &str) -> Option<u32> {
    let named = |word: &str| NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    match word.split_once('-') {
        Some((tens, ones)) => Some(named(tens)? + named(ones)?),
        None => word.parse().ok().or_else(|| named(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_read_in_digits_and_words() {
        let late = |words: &str| deadline(words).map(|(_, late)| late);
        for words in
            ["40 days.", "forty-five days", "six weeks", "two months of", "a year", "a maximum of 60 days"]
        {
            assert!(late(words).is_some_and(|late| late > 0), "{words}");
        }
        for words in ["a month", "one month", "28 days", "four weeks", "20 working days", "1 calendar month"]
        {
            assert_eq!(late(words), Some(0), "{words}");
        }
        assert_eq!(late("our office"), None);
        assert_eq!(late("25 working days"), Some(5));
        assert_eq!(deadline("40 days, or").map(|(length, _)| length), Some("40 days".len()));
    }
}
