//! What may follow a period: caps and floors, agreements, conditions, reviews, what goes on longer, and how
//! it ends.

use super::read::{FORMS, ReadPhrase, Reader};
use super::stage;
use super::{Batch, Ceases, Condition, Phrase, Stage, calendar};
use crate::rule::AskAgain;
use crate::source::Span;

impl Reader<'_> {
    /// One addition to a phrase: the phrase as it then is, or nothing where the addition is broken.
    pub(super) fn suffix(&mut self, before: Phrase, read: &mut ReadPhrase) -> Option<Phrase> {
        let from = self.at;
        let separated = self.eat(",") || self.eat(";");
        if self.eat("or as agreed") || self.eat("or as agreed,") {
            return self.agreed(before, from);
        }
        if self.peek() == "or"
            && !matches!(before, Phrase::Cases { .. })
            && let Some(both) = self.whichever(&before)
        {
            return Some(both);
        }
        if self.eat("or sooner if") {
            let sooner = self.event()?;
            return Some(Phrase::Earlier(vec![before, Phrase::Until(sooner)]));
        }
        if self.eat("at most") {
            let cap = self.cap(&before)?;
            return Some(Phrase::AtMost(Box::new(before), Box::new(cap)));
        }
        if self.eat("at least") {
            let floor = self.cap(&before)?;
            return Some(Phrase::Later(vec![before, floor]));
        }
        if self.eat("cleared out") {
            let day = self.batch(from)?;
            return Some(Phrase::Batch { phrase: Box::new(before), day });
        }
        if self.eat("longer while") {
            let during = self.condition(Some(&before))?;
            let back = self.at;
            let _ = self.eat(",");
            if self.eat("and then only") || self.eat("then only") {
                read.only = self.named("only");
            } else {
                self.at = back;
            }
            return Some(Phrase::Longer { phrase: Box::new(before), during });
        }
        if self.peek() == "if" || self.peek() == "unless" {
            return self.hanging(before, read);
        }
        if self.eat("archived for") || self.eat("then archived for") || self.eat("and then archived for") {
            let period = self.span()?;
            read.stage = Some(Stage { what: Ceases::Use, phrase: before.clone() });
            return Some(Phrase::More { phrase: Box::new(before), period });
        }
        if self.aside(read, from) {
            return Some(before);
        }
        self.stray(from, separated);
        Some(before)
    }

    /// `A or B, whichever is later`: where the words say which of the two counts. Else nothing is read.
    fn whichever(&mut self, before: &Phrase) -> Option<Phrase> {
        let (back, faults) = (self.at, self.faults.len());
        let mut parts = vec![before.clone()];
        let mut counts = None;
        while self.eat("or") {
            parts.extend(self.term(false));
            // `25 years after date of birth, or 8 years after death if sooner`.
            counts = self.which_counts();
            if counts.is_some() {
                break;
            }
            // `until 25, or until 26 if 17 then`: the second is for that case.
            if let (2, true, "if") = (parts.len(), self.faults.len() == faults, self.peek()) {
                let other = parts.pop()?;
                self.at += 1;
                let condition = self.condition(Some(before))?;
                let cases = vec![(condition, other)];
                return Some(Phrase::Cases { cases, otherwise: Box::new(before.clone()) });
            }
            if !(self.peek() == "or" || (self.peek() == "," && self.word(1) == "or")) {
                break;
            }
            let _ = self.eat(",");
        }
        match counts.filter(|_| self.faults.len() == faults && parts.len() > 1) {
            Some(true) => Some(Phrase::Later(parts)),
            Some(false) => Some(Phrase::Earlier(parts)),
            None => {
                self.at = back;
                self.faults.truncate(faults);
                None
            }
        }
    }

    /// `whichever is later` (yes), `whichever comes first` (no), `if sooner` (no).
    pub(super) fn which_counts(&mut self) -> Option<bool> {
        const LATER: &[&str] = &["later", "latest", "last", "longer", "longest"];
        const EARLIER: &[&str] =
            &["earlier", "earliest", "first", "sooner", "soonest", "shorter", "shortest"];
        let back = self.at;
        let _ = self.eat(",");
        let lead = [
            "whichever is the",
            "whichever is",
            "whichever comes",
            "whichever happens",
            "whichever ends",
            "if that is",
            "if this is",
            "if it is",
            "if that comes",
            "if",
        ];
        if lead.iter().any(|words| self.eat(words)) {
            let word = self.peek().to_owned();
            self.at += 1;
            if LATER.contains(&word.as_str()) {
                return Some(true);
            }
            if EARLIER.contains(&word.as_str()) {
                return Some(false);
            }
        }
        self.at = back;
        None
    }

    /// What is said of the clause and does not change its period.
    fn aside(&mut self, read: &mut ReadPhrase, from: usize) -> bool {
        if self.eat("review every") {
            read.review = self.every();
        } else if self.eat("ask again every") {
            read.ask_again = self.every().map(AskAgain::every);
            let within = self.ends(from, "say `ask again every 2 years, no answer ends it`");
            if let (Some(ask), Some(within)) = (&mut read.ask_again, within) {
                ask.within = within;
            }
        } else if self.peek() == "ask" && self.word(1).parse::<u16>().is_ok() {
            self.at += 1;
            read.ask_before = self.span();
            if !self.eat("before") {
                let help = "say `ask 30 days before, no answer ends it`".to_owned();
                self.fault(from, self.at, "when they are asked", Some(help));
            }
            let _ = self.ends(from, "say `ask 30 days before, no answer ends it`");
        } else if self.eat("tell the person") || self.eat("tell them") {
            let period = self.span();
            if !self.eat("before") && !self.eat("first") {
                let help = "say `tell the person before`, or `tell the person 30 days before`".to_owned();
                self.fault(from, self.at, "when they are told", Some(help));
            }
            read.tell_before = Some(period.unwrap_or_default());
        } else if self.eat("except") {
            read.except = self.exceptions();
        } else if self.eat("otherwise") {
            read.otherwise = true;
        } else if self.eat("given before") {
            if let Some(event) = self.event() {
                read.condition = Some(Condition::GivenBefore(event));
            }
        } else if self.peek() == "then" || (self.peek() == "and" && self.word(1) == "then") {
            let _ = self.eat("and");
            let _ = self.eat("then");
            let start = self.at;
            read.then = self.ending();
            if read.then.is_none() {
                self.skip_all();
                let help = format!("write one of: `then {}`", stage::ENDINGS.join("`, `then "));
                self.fault(start, self.at, "this is not a way data can end", Some(help));
            }
        } else {
            return false;
        }
        true
    }

    /// `if C` of the whole clause, or `if C, PERIOD` as one case of several.
    fn hanging(&mut self, before: Phrase, read: &mut ReadPhrase) -> Option<Phrase> {
        let from = self.at;
        let not = self.peek() == "unless";
        self.at += 1;
        let condition = self.condition(Some(&before))?;
        let condition = if not { Condition::Not(Box::new(condition)) } else { condition };
        let back = self.at;
        let separated = self.eat(",") || self.eat(";");
        // `30 years after discharged, if given blood; otherwise 8 years after discharged`.
        if separated && self.eat("otherwise") {
            let _ = self.eat(",");
            if self.term_starts() && !matches!(before, Phrase::Cases { .. }) {
                let otherwise = Box::new(self.term(false)?);
                return Some(Phrase::Cases { cases: vec![(condition, before)], otherwise });
            }
            self.at = back;
            let _ = self.eat(",") || self.eat(";");
        }
        if separated && self.term_starts() {
            let period = self.term(false)?;
            return Some(match before {
                Phrase::Cases { mut cases, otherwise } => {
                    cases.push((condition, period));
                    Phrase::Cases { cases, otherwise }
                }
                before => Phrase::Cases { cases: vec![(condition, period)], otherwise: Box::new(before) },
            });
        }
        self.at = back;
        if read.condition.is_some() {
            let help = "say `if A or B`, or write one `keep` for each case".to_owned();
            self.fault(from, self.at, "there is a condition already", Some(help));
        }
        read.condition = Some(condition);
        Some(before)
    }

    /// `no answer ends it`, or `no answer within 14 days ends it` with the time there is for it.
    fn ends(&mut self, from: usize, help: &str) -> Option<jiff::Span> {
        let back = self.at;
        let _ = self.eat(",") || self.eat(";");
        let within = if self.eat("no answer within") { self.span() } else { None };
        if !self.eat(if within.is_some() { "ends it" } else { "no answer ends it" }) {
            self.at = back;
            self.fault(from, back, "what happens when nobody answers", Some(help.to_owned()));
        }
        within
    }

    fn agreed(&mut self, default: Phrase, from: usize) -> Option<Phrase> {
        let mut by = if self.eat("by") || self.eat("with") { self.until_break() } else { String::new() };
        if by.is_empty() && self.any {
            // A phrase tried by itself may leave out whom it is agreed with; a policy must say.
            by = "the person".to_owned();
        }
        if by.is_empty() {
            let help = "say `or as agreed by client and coach`, or `or as agreed with the person`".to_owned();
            self.fault(from, self.at, "agreed by whom", Some(help));
        }
        if !matches!(default, Phrase::After { .. } | Phrase::AfterYear { .. }) {
            let help = "begin with what holds where nothing is agreed: `6 months after completed`".to_owned();
            self.fault(from, self.at, "an agreed period needs an event to be counted from", Some(help));
        }
        let back = self.at;
        let _ = self.eat(",") || self.eat(";");
        let normally = self.eat("normally at most");
        let at_most = if normally || self.eat("at most") {
            Some(Box::new(self.cap(&default)?))
        } else {
            self.at = back;
            None
        };
        Some(Phrase::Agreed { default: Box::new(default), by, at_most, normally })
    }

    /// A cap or a floor; `5 years` alone is counted from the event of what it caps.
    fn cap(&mut self, capped: &Phrase) -> Option<Phrase> {
        let from = self.at;
        if self.day_starts() {
            return self.fixed_day();
        }
        if let Some(period) = self.span() {
            if self.peek() == "after" {
                self.at = from;
            } else if let Phrase::After { event, .. } = capped {
                return Some(Phrase::After { period, event: event.clone() });
            } else {
                self.after_what(from);
                return None;
            }
        }
        let before = self.faults.len();
        let term = self.term(false);
        if term.is_none() {
            if self.faults.len() == before {
                self.fault(from, self.at + 1, "this is no period", Some(FORMS.to_owned()));
            }
            self.skip();
        }
        term
    }

    /// `every 31 August`, `every Friday`, `every 1st of the month`, `at the end of the month`.
    fn batch(&mut self, from: usize) -> Option<Batch> {
        if self.eat("at the end of the month")
            || self.eat("at the end of each month")
            || self.eat("every month")
        {
            return Some(Batch::MonthEnd);
        }
        let _ = self.eat("on the") || self.eat("on") || self.eat("every");
        if let Some(day) = calendar::weekday(self.peek().trim_end_matches('s')) {
            self.at += 1;
            return Some(Batch::Weekly(day));
        }
        if let Some((month, day)) = calendar::day_of_year(self.peek(), self.word(1)) {
            self.at += 2;
            return Some(Batch::Yearly { month, day });
        }
        let day = calendar::day_of_month(self.peek());
        if let Some(day) = day {
            self.at += 1;
            if self.eat("of the month") || self.eat("of each month") || self.eat("of every month") {
                return Some(Batch::Monthly(day));
            }
        }
        self.skip();
        let help = "say `cleared out every 31 August`, `every Friday`, `every 1st of the month` or `at the end of \
                    the month`";
        self.fault(from, self.at, "on which days it is cleared out", Some(help.to_owned()));
        None
    }

    /// `those used in the report`, `those in the appendices`, or the names of kinds.
    fn exceptions(&mut self) -> Vec<(String, Span)> {
        for lead in [
            "those used in the",
            "those used in",
            "those in the",
            "those in",
            "what was used in the",
            "what is used in the",
            "the",
        ] {
            if self.eat(lead) {
                break;
            }
        }
        self.named("except")
    }

    /// Kinds of data, separated by commas or `and`.
    fn named(&mut self, after: &str) -> Vec<(String, Span)> {
        let mut kinds = Vec::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), "" | "," | ";" | "and" | "if" | "then") {
                self.at += 1;
            }
            let words = self.text(from, self.at);
            if words.is_empty() {
                let help = format!("name kinds of data: `{after} name, address`");
                self.fault(from, from + 1, "a kind of data is missing here", Some(help));
                break;
            }
            let known =
                self.scope.kinds.iter().find(|kind| **kind == words || crate::count::plural(kind) == words);
            match known {
                Some(kind) => kinds.push((kind.clone(), self.place(from, self.at))),
                None if self.any => kinds.push((words, self.place(from, self.at))),
                None => {
                    let near =
                        crate::diagnostic::nearest(&words, self.scope.kinds.iter().map(String::as_str));
                    let help = near.map_or_else(
                        || "declare it as `item`, `entry` or `document`".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.fault(from, self.at, format!("no kind of data is called `{words}`"), Some(help));
                }
            }
            let back = self.at;
            let again = (self.eat(",") && self.kind_starts()) || self.eat("and");
            if !again {
                self.at = back;
                break;
            }
        }
        kinds
    }

    /// Whether what follows a comma is one more kind, not the next addition.
    fn kind_starts(&self) -> bool {
        !matches!(
            self.peek(),
            "" | "if"
                | "unless"
                | "otherwise"
                | "at"
                | "or"
                | "review"
                | "ask"
                | "tell"
                | "then"
                | "longer"
                | "cleared"
                | "except"
        )
    }

    /// How to say which of two counts, in their own words where that makes a period.
    fn choice(&self, first: &str, second: &str) -> String {
        let reads = |text: &str| Reader::new(text, Span::default(), self.scope, self.any).read().is_ok();
        let (earlier, later) =
            (format!("the earlier of {first} and {second}"), format!("the later of {first} and {second}"));
        // What already names two is not read again: there would be no end to it.
        let chosen = first.starts_with("the earlier of") || first.starts_with("the later of");
        if !chosen && reads(&earlier) && reads(&later) {
            return format!("say `{earlier}`, or `{later}`");
        }
        "say `the earlier of A and B`, or `the later of A and B`, each of them a whole period: `6 months after completed`"
            .to_owned()
    }

    fn stray(&mut self, from: usize, separated: bool) {
        let to = self.at + 1;
        let word = self.peek().to_owned();
        match word.as_str() {
            "normally" => {
                let help =
                    "say `at most`, or say before it who may agree on more: `or as agreed by ...`".to_owned();
                self.fault(self.at, to, "`normally at most` caps what is agreed, and nothing is", Some(help));
            }
            "or" | "and" => {
                let first = self.text(0, from);
                let second = self.text(self.at + 1, self.tokens.len());
                let second = second.split(" , whichever").next().unwrap_or_default().trim_end_matches(" ,");
                let second = second.split(" whichever").next().unwrap_or_default();
                let help = self.choice(&first, second);
                self.fault_of(
                    "E-AMBIGUOUS",
                    self.at,
                    to,
                    "it is not clear which of the two counts",
                    Some(help),
                );
                self.at = self.tokens.len();
            }
            "" if separated => self.fault(from, self.at, "something is missing here", None),
            _ if self.hedge() => {}
            _ => {
                let help = "after a period come `at most`, `at least`, `or as agreed by`, `or sooner if`, `if`, \
                            `otherwise`, `longer while`, `except those used in`, `cleared out every`, \
                            `review every`, `ask again every`, `tell the person before` or `then`";
                self.fault(self.at, to, "this cannot follow a period", Some(help.to_owned()));
            }
        }
        self.at += 1;
        self.skip();
    }
}
