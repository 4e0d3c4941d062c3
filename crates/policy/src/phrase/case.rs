//! Reading conditions: `if employed by the client`, `if under 16 then`, `while a dispute is open`.

use super::condition::plain;
use super::read::{ReadPhrase, Reader};
use super::{Condition, Phrase};
use crate::diagnostic::nearest;

impl Reader<'_> {
    /// The words after `if`, `unless` or `longer while`. `then` means on the day of the first event of `before`.
    pub(super) fn condition(&mut self, before: Option<&Phrase>) -> Option<Condition> {
        let from = self.at;
        let _ = self.eat("they were") || self.eat("they are") || self.eat("the person was");
        if let Some(found) = self.ages() {
            return found.and_then(|(years, under)| self.that_old(from, years, under, before));
        }
        self.at = from;
        while !matches!(self.peek(), "" | "," | ";") {
            self.at += 1;
        }
        let words = self.text(from, self.at);
        if words.is_empty() {
            let help = "name a fact: `if employed by the client`".to_owned();
            self.fault(from, from + 1, "a condition is missing here", Some(help));
            return None;
        }
        if let Some(found) = self.is_so(&words) {
            return Some(found);
        }
        let parts: Option<Vec<Condition>> = words.split(" or ").map(|part| self.is_so(part)).collect();
        if let Some(parts) = parts.filter(|parts| parts.len() > 1) {
            return Some(Condition::Any(parts));
        }
        if let Some(help) = self.values_of(&words) {
            self.fault(from, self.at, format!("`{words}` cannot be"), Some(help));
            return None;
        }
        let near = nearest(&words, self.scope.facts.iter().map(|fact| fact.name.as_str()));
        let help = near.map_or_else(
            || {
                let name = plain(&words);
                format!("declare it under its kind of work, `facts {name}: yes or no`, or for a person, `fact {name}: yes or no`")
            },
            |near| format!("did you mean `{near}`?"),
        );
        self.fault(from, self.at, format!("no fact is called `{words}`"), Some(help));
        None
    }

    /// What a fact that the words name may be, where they say that it is something else.
    fn values_of(&self, words: &str) -> Option<String> {
        let (name, _) = words.split_once(" is ")?;
        let fact = self.scope.facts.iter().find(|fact| plain(&fact.name) == plain(name))?;
        let values: Vec<String> = fact.values.iter().map(|value| format!("`{name} is {value}`")).collect();
        (!values.is_empty())
            .then(|| format!("write {}, or declare the value with the fact", values.join(" or ")))
    }

    /// A fact that is so, or has a value; with `not` before it, the contrary.
    pub(super) fn is_so(&mut self, words: &str) -> Option<Condition> {
        if let Some(rest) = words.strip_prefix("not ") {
            return Some(Condition::Not(Box::new(self.is_so(rest)?)));
        }
        if self.any {
            let is = words.split_once(" is ").filter(|(_, value)| !value.contains(' ') && *value != "open");
            return Some(match is {
                Some((fact, value)) => {
                    Condition::Is { fact: plain(fact), value: value.to_owned(), written: words.to_owned() }
                }
                None if words.contains(" or ") => return None,
                None => {
                    Condition::Is { fact: plain(words), value: "yes".to_owned(), written: words.to_owned() }
                }
            });
        }
        let (fact, value) = self.scope.fact(words)?;
        let (fact, work) = (plain(&fact.name), fact.work);
        self.work = self.work.or(work);
        Some(Condition::Is { fact, value, written: words.to_owned() })
    }

    /// How old: at least so many years, and under so many. Nothing where the words are about something else, and nothing
    /// within that where they are about an age and do not say which.
    #[expect(clippy::option_option, reason = "no age at all, and one that is not understood")]
    fn ages(&mut self) -> Option<Option<(i16, Option<i16>)>> {
        let from = self.at;
        // What is known of people may begin so too: `if under investigation`, `if over 60 days late`.
        let ends =
            |word: &str| matches!(word, "" | "," | ";" | "then" | "when" | "at" | "the" | "and" | "or");
        match self.peek() {
            "under" | "younger" => {
                let alone = self.peek() == "under" && matches!(self.word(1), "" | "," | ";");
                let age = alone || self.word(1) == "than" || numeric(self.word(1));
                if !age || !(self.eat("under") || self.eat("younger than")) {
                    return None;
                }
                Some(match self.number_of_years() {
                    Some(years) => Some((0, Some(years))),
                    None => {
                        self.skip();
                        let help = Some("say `if under 16 then`".to_owned());
                        self.fault(from, self.at, "under what age", help);
                        None
                    }
                })
            }
            "over" | "above" | "older" | "between"
                if numeric(self.word(1)) && ends(self.word(2)) || self.word(1) == "than" =>
            {
                self.skip();
                let message = "it is not clear whether that age itself counts";
                let help = "say `if 18 or over then`, or `if 16 or 17 then`".to_owned();
                self.fault_of("E-AMBIGUOUS", from, self.at, message, Some(help));
                Some(None)
            }
            _ => {
                let said = self.eat("aged");
                let next = self.word(1);
                if !numeric(self.peek()) || !(said || ends(next) || next == "to") {
                    self.at = from;
                    return None;
                }
                let Some(years) = self.number_of_years() else {
                    self.skip();
                    self.fault(from, self.at, "how old", Some("say `if 17 then`".to_owned()));
                    return Some(None);
                };
                if ["or over", "or older", "or more", "and over"].iter().any(|words| self.eat(words)) {
                    return Some(Some((years, None)));
                }
                let back = self.at;
                let last = if self.eat("or") || self.eat("to") { self.number_of_years() } else { None };
                let last = last.filter(|last| *last > years).unwrap_or_else(|| {
                    self.at = back;
                    years
                });
                Some(Some((years, Some(last + 1))))
            }
        }
    }

    fn number_of_years(&mut self) -> Option<i16> {
        let years = self.peek().parse::<i16>().ok().filter(|years| (1..=150).contains(years))?;
        self.at += 1;
        Some(years)
    }

    /// `under 16 then`, `17 when last lesson`, `18 or over at collected`: on which day somebody was that old.
    fn that_old(
        &mut self,
        start: usize,
        from: i16,
        under: Option<i16>,
        before: Option<&Phrase>,
    ) -> Option<Condition> {
        self.knows_births(start);
        let of_before =
            || before.and_then(|phrase| phrase.events().into_iter().find(|event| event.birthday().is_none()));
        let at = if self.eat("when") || self.eat("at") && self.peek() != "the" {
            self.event()
        } else {
            let _ = self.eat("then") || self.eat("the time");
            of_before()
        };
        match at {
            Some(at) => Some(Condition::Aged { from, under, at }),
            None => {
                let help = format!("say when: `if {} when collected`", super::ages(from, under));
                let message = if from == 0 { "under that age on which day" } else { "that old on which day" };
                self.fault(start, self.at, message, Some(help));
                None
            }
        }
    }

    /// `if A, P; if B, Q; otherwise R`, from the beginning of a clause.
    pub(super) fn cases(&mut self, read: &mut ReadPhrase) -> Option<Phrase> {
        let from = self.at;
        let mut cases: Vec<(Condition, Phrase)> = Vec::new();
        loop {
            if self.eat("if") {
                let condition = self.condition(None)?;
                let _ = self.eat(",") || self.eat(";");
                cases.push((condition, self.term(false)?));
            } else if self.eat("otherwise") {
                let _ = self.eat(",");
                let otherwise = Box::new(self.term(false)?);
                return Some(Phrase::Cases { cases, otherwise });
            }
            let back = self.at;
            let separated = self.eat(",") || self.eat(";");
            if !separated || !matches!(self.peek(), "if" | "otherwise") {
                self.at = back;
                break;
            }
        }
        match (cases.pop(), cases.is_empty()) {
            (Some((condition, phrase)), true) => {
                read.condition = Some(condition);
                Some(phrase)
            }
            _ => {
                let help = "add `; otherwise 6 years after closed`".to_owned();
                self.fault(from, self.at, "what holds where none of these is so", Some(help));
                None
            }
        }
    }
}

fn numeric(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit() || first == '-')
}
