//! Sentences that people write in privacy notices and that nobody could hold them to. The author must choose;
//! nothing here guesses for them.

use super::read::Reader;

/// Words that leave the length open, and what to write instead.
const VAGUE: &[(&[&str], &str, &str)] = &[
    (
        &["about", "approximately", "around", "roughly", "circa", "some", "several", "almost", "nearly"],
        "this leaves the length open",
        "write the number that is meant, or `at most 7 years after completed`",
    ),
    (
        &["normally", "usually", "typically", "generally", "ordinarily"],
        "this leaves the exceptions open",
        "leave it out, and say who may agree on more: `6 months after completed, or as agreed by ..., normally at \
         most 5 years`; or write each case: `if ..., ...; otherwise ...`",
    ),
];

/// Ways of saying nothing, and what to write instead.
const EMPTY: &[(&str, &str)] = &[
    ("as long as", "name the event after which it is not needed: `6 months after completed`"),
    ("for as long as", "name the event after which it is not needed: `6 months after completed`"),
    ("so long as", "name the event after which it is not needed: `6 months after completed`"),
    ("no longer needed", "name the event after which it is not needed: `until completed`"),
    ("no longer necessary", "name the event after which it is not needed: `until completed`"),
    ("no longer required", "name the event after which it is not needed: `until completed`"),
    (
        "in line with",
        "write the period the guidance gives, or `as \"the regulator\" requires, at most 7 years after completed`",
    ),
    (
        "in accordance with",
        "write the period it gives, or `as \"the regulator\" requires, at most 7 years after completed`",
    ),
    (
        "according to",
        "write the period it gives, or `as \"the regulator\" requires, at most 7 years after completed`",
    ),
    ("subject to", "write the period, and each exception as a case: `if ..., ...; otherwise ...`"),
    (
        "as required by law",
        "write the period the law gives: `6 years after the end of the year to 31 March of paid`",
    ),
    ("as required", "say who requires it: `as \"the funder\" requires, at most 12 years after paid`"),
    ("as necessary", "name the event after which it is not needed: `6 months after completed`"),
    ("as needed", "name the event after which it is not needed: `6 months after completed`"),
    ("as appropriate", "write the period"),
    ("where appropriate", "write the period"),
    ("a reasonable", "write the period: `3 months after completed`"),
    ("a few", "write the number"),
    ("up to", "say `at most`: `at most 6 years after completed`"),
    ("no longer than", "say `at most`: `at most 6 years after completed`"),
    ("no more than", "say `at most`: `at most 6 years after completed`"),
    ("not longer than", "say `at most`: `at most 6 years after completed`"),
    ("not more than", "say `at most`: `at most 6 years after completed`"),
    ("a minimum of", "say what ends it too: `6 years after completed, at most 10 years after completed`"),
    ("a maximum of", "say `at most`: `at most 6 years after completed`"),
    ("at least", "say what ends it too: `until closed, at least 6 years after completed`"),
];

impl Reader<'_> {
    /// Whether a sentence begins here that can be read in several ways; it is faulted and passed over.
    pub(super) fn hedge(&mut self) -> bool {
        let from = self.at;
        let lead = usize::from(matches!(self.peek(), "for" | "it" | "they" | "is" | "are"));
        for skip in [0, lead] {
            self.at = from + skip;
            if let Some((_, message, help)) = VAGUE.iter().find(|(words, _, _)| words.contains(&self.peek()))
            {
                self.fault_of("E-AMBIGUOUS", from + skip, self.at + 1, *message, Some((*help).to_owned()));
                return self.passed();
            }
            if let Some((_, help)) = EMPTY.iter().find(|(words, _)| self.eat(words)) {
                // What belongs to it is underlined with it.
                self.skip();
                self.fault_of(
                    "E-AMBIGUOUS",
                    from,
                    self.at,
                    "nobody can tell from this when it ends",
                    Some((*help).to_owned()),
                );
                return self.passed();
            }
        }
        self.at = from;
        if self.between() {
            return self.passed();
        }
        self.at = from;
        false
    }

    /// `current year plus 6 years`, `date of birth + 25 years`: as schools and councils write it. Says how it is said here.
    pub(super) fn added_up(&mut self) -> bool {
        let from = self.at;
        self.skip();
        let to = self.at;
        self.at = from;
        let plus = (from + 1..to).find(|at| matches!(self.text(*at, at + 1).as_str(), "plus" | "+"));
        let Some(plus) = plus else { return false };
        self.at = plus + 1;
        let more = self.span().is_some();
        let (before, more) = (self.text(from, plus), more.then(|| self.text(plus + 1, self.at)));
        self.at = from;
        let Some(more) = more else { return false };
        let this_year = ["current", "this"].iter().any(|word| before.split(' ').any(|said| said == *word));
        let born = before.contains("birth") || before.split(' ').any(|word| word == "dob");
        let help = match (before.contains(" after "), this_year, born) {
            (true, ..) => {
                format!("add them up; or say what happens in between: `{before}, archived for {more}`")
            }
            (_, true, _) => format!(
                "say what it is the year of: `{more} after the end of the academic year of left school`, or `of the tax year \
                 of paid`"
            ),
            (_, _, true) => format!("say `{more} after date of birth`, or `until age ...`"),
            _ => format!(
                "say `{more} after {}`",
                before.trim_start_matches("until ").trim_start_matches("date of ")
            ),
        };
        self.fault(from, to, "a period is counted after something", Some(help));
        self.at = to;
        self.passed()
    }

    fn passed(&mut self) -> bool {
        self.skip();
        true
    }

    /// `3 to 7 years`, `between 3 and 7 years`, `3-7 years`, `6+1 years`, `6+ years`, `6 years or so`.
    fn between(&mut self) -> bool {
        let from = self.at;
        let _ = self.eat("between") || self.eat("from");
        let word = self.peek().to_owned();
        let unit = |word: &str| {
            matches!(
                word,
                "day" | "days" | "week" | "weeks" | "month" | "months" | "year" | "years" | "hours"
            )
        };
        let number = |word: &str| word.parse::<u32>().is_ok();
        if let Some((a, b)) = word.split_once(['-', '–', '+']).filter(|(a, _)| number(a)) {
            let to = self.at + 1 + usize::from(unit(self.word(1)));
            let period = self.word(1).to_owned();
            let help = match (word.contains('+'), b.parse::<u32>(), a.parse::<u32>()) {
                (true, Ok(more), Ok(first)) => {
                    format!(
                        "write `{} {period} after ...`, or `{first} {period} after the end of the year to 31 March of ...`",
                        first.saturating_add(more)
                    )
                }
                (true, _, _) => format!(
                    "write `{a} {period} after ...`, or what ends it: `until closed, at least {a} {period} after ...`"
                ),
                _ => choose((a, &period), (b, &period)),
            };
            self.fault_of("E-AMBIGUOUS", from, to, "this is more than one period", Some(help));
            return true;
        }
        // `3 to 7 years`, `3 years to 7 years`, `6 or 7 years`.
        let first_unit = usize::from(unit(self.word(1)));
        let joint = 1 + first_unit;
        let joins = matches!(self.word(joint), "to" | "or" | "and" | "-" | "–");
        if number(&word) && joins && number(self.word(joint + 1)) && unit(self.word(joint + 2)) {
            // `1 year and 6 months` is one period.
            if self.word(joint) == "and" && first_unit == 1 && self.at == from {
                return false;
            }
            let (other, period) = (self.word(joint + 1).to_owned(), self.word(joint + 2).to_owned());
            // `6 months or 2 years`, but `3 to 7 years`.
            let first = if first_unit == 1 { self.word(1).to_owned() } else { period.clone() };
            let help = choose((&word, &first), (&other, &period));
            self.fault_of(
                "E-AMBIGUOUS",
                from,
                self.at + joint + 3,
                "this is more than one period",
                Some(help),
            );
            return true;
        }
        if number(&word)
            && unit(self.word(1))
            && self.word(2) == "or"
            && matches!(self.word(3), "so" | "more" | "less" | "longer")
        {
            let help = format!("write `{word} {} after ...`, or `at most ...`", self.word(1));
            self.fault_of("E-AMBIGUOUS", self.at + 2, self.at + 4, "this leaves the length open", Some(help));
            return true;
        }
        false
    }
}

/// Two periods, each a number and a unit: which of them is meant, and how to say what decides.
fn choose(one: (&str, &str), other: (&str, &str)) -> String {
    let days = |(number, unit): (&str, &str)| {
        let each = match unit.trim_end_matches('s') {
            "hour" => 1,
            "day" => 24,
            "week" => 24 * 7,
            "month" => 24 * 30,
            _ => 24 * 365,
        };
        number.parse::<u64>().unwrap_or_default().saturating_mul(each)
    };
    let said = |(number, unit): (&str, &str)| match number {
        "1" => format!("1 {}", unit.trim_end_matches('s')),
        number => format!("{number} {}s", unit.trim_end_matches('s')),
    };
    let (short, long) = if days(one) <= days(other) { (one, other) } else { (other, one) };
    let (short, long) = (said(short), said(long));
    format!(
        "choose: `{long} after ...`; or say which fact decides: `if ..., {long} after ...; otherwise {short} after ...`; \
         or who: `{short} after ..., or as agreed with the person, at most {long}`"
    )
}
