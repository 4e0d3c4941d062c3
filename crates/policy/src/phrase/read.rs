//! Reads a retention phrase. Gives every fault it finds, each with its place and where possible a remedy;
//! never guesses what an author meant.

use jiff::Span as Period;
use jiff::civil::Date;

use super::scope::Scope;
use super::token::Token;
use super::{Condition, Event, Phrase, Stage};
use crate::clock::{Clock, Facts, clock, told};
use crate::diagnostic::Diagnostic;
use crate::name::WorkId;
use crate::rule::{AskAgain, Then};
use crate::source::Span;

/// What a `keep` clause says.
#[derive(Clone, Debug)]
pub struct ReadPhrase {
    /// How long.
    pub phrase: Phrase,
    /// `if employed by the client`: else the clause does not speak of it.
    pub condition: Option<Condition>,
    /// `otherwise`: where none of the other clauses' conditions is so.
    pub otherwise: bool,
    /// `review every 2 years`.
    pub review: Option<Period>,
    /// `ask again every 2 years, no answer ends it`.
    pub ask_again: Option<AskAgain>,
    /// `ask 30 days before, no answer ends it`.
    pub ask_before: Option<Period>,
    /// `except those used in the report`: names of kinds, each with its place.
    pub except: Vec<(String, Span)>,
    /// `and then only name, address`: what the longer time is for.
    pub only: Vec<(String, Span)>,
    /// `stop calling 1 year after lapsed`: what ends before the data does.
    pub stage: Option<Stage>,
    /// `tell the person 30 days before`; nothing long where no time is said.
    pub tell_before: Option<Period>,
    /// `then erase`, where it stands in the clause itself.
    pub then: Option<Then>,
    /// The kind of work whose milestones the phrase speaks of.
    pub work: Option<WorkId>,
}

impl ReadPhrase {
    fn of(phrase: Phrase) -> Self {
        Self {
            phrase,
            condition: None,
            otherwise: false,
            review: None,
            ask_again: None,
            ask_before: None,
            except: Vec::new(),
            only: Vec::new(),
            stage: None,
            tell_before: None,
            then: None,
            work: None,
        }
    }

    /// How long, with the archive of its ending: `then archive for 5 years` is so much longer.
    #[must_use]
    pub fn whole(&self) -> Phrase {
        let phrase = self.phrase.clone();
        match self.then.as_ref().and_then(|then| then.archive) {
            Some(period) => Phrase::More { phrase: Box::new(phrase), period },
            None => phrase,
        }
    }

    /// Every event that the whole clause speaks of: those of its condition, its stage and its asking too.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.phrase.events();
        events.extend(self.condition.iter().flat_map(Condition::events));
        events.extend(self.stage.iter().flat_map(|stage| stage.phrase.events()));
        events.extend(self.ask_again.iter().map(|_| Event::only("consent given")));
        events
    }

    /// The clock of the whole clause by itself, as `probity when` shows it: what no other clause says is not known.
    #[must_use]
    pub fn clock(&self, facts: &Facts, today: Date) -> Clock {
        let clock = clock(&self.whole(), self.review.as_ref(), self.ask_again.as_ref(), facts, today);
        told(clock, self.condition.as_ref(), self.stage.as_ref(), self.ask_before.as_ref(), facts, today)
    }
}

pub(super) struct Reader<'a> {
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) base: Span,
    pub(super) scope: &'a Scope,
    /// Any words will do for an event, a category, a fact or a kind.
    pub(super) any: bool,
    pub(super) work: Option<WorkId>,
    pub(super) faults: Vec<Diagnostic>,
}

/// Reads the words after `keep` and the kinds it names.
///
/// `text` is the source itself from `base.start` on, byte for byte, line breaks included: byte `i` of
/// `text` is byte `base.start + i` of the file. Comments are passed over.
///
/// # Errors
/// Every fault found, each at its place, under the code `E-PHRASE`, or `E-AMBIGUOUS` where a sentence could be
/// read in several ways and the author must choose.
pub fn read(text: &str, base: Span, scope: &Scope) -> Result<ReadPhrase, Vec<Diagnostic>> {
    Reader::new(text, base, scope, false).read()
}

/// Reads a phrase without a policy: any words stand for an event or a category.
///
/// # Errors
/// As [`read`], places counting from the beginning of the text.
pub fn read_alone(text: &str) -> Result<ReadPhrase, Vec<Diagnostic>> {
    Reader::new(text, Span::default(), &Scope::default(), true).read()
}

/// Reads a period of days or longer: `6 months`, `a year`, `year` (as in "every year"), `1 year and 6 months`.
#[must_use]
pub fn period(text: &str) -> Option<Period> {
    let scope = Scope::default();
    let mut reader = Reader::new(text, Span::default(), &scope, false);
    let period = reader.every()?;
    let whole = reader.at == reader.tokens.len() && reader.faults.is_empty() && period.get_hours() == 0;
    whole.then_some(period)
}

/// Reads what stands after `then`: `erase`, `return originals to the client, then erase`.
#[must_use]
pub fn ending(text: &str) -> Option<Then> {
    let scope = Scope::default();
    let mut reader = Reader::new(text, Span::default(), &scope, false);
    let then = reader.ending()?;
    (reader.at == reader.tokens.len() && reader.faults.is_empty()).then_some(then)
}

impl Reader<'_> {
    pub(super) fn read(mut self) -> Result<ReadPhrase, Vec<Diagnostic>> {
        if self.tokens.len() > LONGEST {
            let help = "say it in fewer words, or in several `keep` clauses".to_owned();
            self.fault(0, self.tokens.len(), "this is too long to be understood", Some(help));
            return Err(self.faults);
        }
        match self.keep() {
            Some(keep) if self.faults.is_empty() => Ok(keep),
            _ => Err(self.faults),
        }
    }

    fn keep(&mut self) -> Option<ReadPhrase> {
        let start = self.at;
        let mut read = ReadPhrase::of(Phrase::Indefinitely);
        let mut phrase = match self.peek() {
            "stop" => self.stages(&mut read),
            "if" => self.cases(&mut read),
            "the" if self.word(1) == "latest" && self.word(2) != "of" => self.latest(),
            _ => self.term(false),
        };
        if phrase.is_none() {
            if self.faults.is_empty() {
                self.fault(start, self.tokens.len(), "this is no period", Some(FORMS.to_owned()));
            }
            self.skip();
        }
        while self.at < self.tokens.len() {
            let before = phrase.take();
            let broken = before.is_none();
            if broken && !self.suffix_starts() {
                self.at += 1;
                continue;
            }
            // The first part is broken: the rest is read for its own faults only.
            let after = self.suffix(before.unwrap_or(Phrase::Indefinitely), &mut read);
            phrase = after.filter(|_| !broken);
        }
        read.phrase = phrase?;
        read.work = self.work;
        Some(read)
    }

    fn suffix_starts(&self) -> bool {
        matches!(self.word(1), "at" | "or" | "normally" | "review" | "ask")
            && matches!(self.peek(), "," | ";")
    }
}

/// The most words a period may have: parts may lie in parts, and none so deep that reading them takes no end.
const LONGEST: usize = 400;

pub(super) const FORMS: &str = "say `6 months after completed`, `until consent withdrawn`, `while associate`, \
                                `the earlier of A and B` or `the later of A and B`";
