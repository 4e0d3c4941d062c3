//! Whole clauses in words: how long, in which case, what stops before, who is asked or told, and what then.

use jiff::Span as Period;

use super::{Speech, Voice, condition, every_words, list, period_words, phrase};
use crate::phrase::{Ceases, Condition, Phrase, ReadPhrase, Stage};
use crate::policy::{Policy, Work};
use crate::rule::{AskAgain, Rule};

/// What a clause says beside its period.
#[derive(Clone, Copy, Default)]
struct Beside<'a> {
    review: Option<&'a Period>,
    ask_again: Option<&'a AskAgain>,
    ask_before: Option<&'a Period>,
    condition: Option<&'a Condition>,
    stage: Option<&'a Stage>,
    tell_before: Option<&'a Period>,
}

/// A phrase with its review and its asking again.
#[must_use]
pub fn keep_words(
    phrase: &Phrase,
    review: Option<&Period>,
    ask_again: Option<&AskAgain>,
    voice: Voice,
    work: Option<&Work>,
) -> String {
    said(phrase, Beside { review, ask_again, ..Beside::default() }, &[], Speech::plain(voice, work))
}

impl ReadPhrase {
    /// The whole clause in words, where no policy gives its names any.
    #[must_use]
    pub fn words(&self, voice: Voice) -> String {
        let beside = Beside {
            review: self.review.as_ref(),
            ask_again: self.ask_again.as_ref(),
            ask_before: self.ask_before.as_ref(),
            condition: self.condition.as_ref(),
            stage: self.stage.as_ref(),
            tell_before: self.tell_before.as_ref(),
        };
        let except: Vec<String> = self.except.iter().map(|(name, _)| format!("the {name}")).collect();
        let phrase = self.whole();
        let mut whole = said(&phrase, beside, &except, Speech::plain(voice, None));
        if self.otherwise {
            whole.push_str(", in every other case");
        }
        if !self.only.is_empty() {
            let only: Vec<String> = self.only.iter().map(|(name, _)| name.clone()).collect();
            whole.push_str(&format!(", and then only {}", list(&only, "and")));
        }
        whole
    }
}

/// How long a rule keeps: the wording of the notice and of a person's page.
#[must_use]
pub fn rule_words(policy: &Policy, rule: &Rule, voice: Voice) -> String {
    let work = rule.work.and_then(|work| policy.works.get(work.index()));
    let beside = Beside {
        review: rule.review.as_ref(),
        ask_again: rule.ask_again.as_ref(),
        ask_before: rule.ask_before.as_ref(),
        condition: rule.condition.as_ref(),
        stage: rule.stage.as_ref(),
        tell_before: rule.tell_before.as_ref(),
    };
    let except: Vec<String> = rule
        .except
        .iter()
        .filter_map(|kind| policy.kind(kind))
        .map(|kind| match kind.words == kind.name {
            true => format!("the {}", kind.name),
            false => kind.words.clone(),
        })
        .collect();
    let speech = Speech { papers: rule.for_work && rule.names_kinds, ..Speech::of(policy, voice, work) };
    let speech = policy.activity(rule.activity).map_or(speech, |activity| speech.to(activity));
    let mut whole = said(&rule.phrase, beside, &except, speech);
    if rule.for_work {
        whole.push_str(", for the work itself");
    }
    whole
}

fn said(keep: &Phrase, beside: Beside<'_>, except: &[String], speech: Speech<'_>) -> String {
    let voice = speech.voice;
    let mut whole = phrase::said(keep, speech);
    if !except.is_empty() {
        whole.push_str(&format!(", except what is used in {}", list(except, "or")));
    }
    match beside.condition {
        Some(Condition::Not(inner)) => {
            whole.push_str(&format!(", unless {}", condition::said(inner, speech)));
        }
        Some(so) => whole.push_str(&format!(", if {}", condition::said(so, speech))),
        None => {}
    }
    // What is archived says so itself.
    let archived = matches!(keep, Phrase::More { .. });
    if let Some(stage) = beside.stage.filter(|_| !archived) {
        let stops = match stage.what {
            Ceases::Use => voice.pick("we stop using it", "we stop using it"),
            Ceases::Writing => voice.pick("we stop writing to you", "we stop writing to them"),
            Ceases::Calling => voice.pick("we stop calling you", "we stop calling them"),
            Ceases::Contacting => voice.pick("we stop contacting you", "we stop contacting them"),
            Ceases::Sharing => "we stop passing it on".to_owned(),
        };
        whole.push_str(&format!("; {stops} {}", phrase::said(&stage.phrase, speech)));
    }
    if let Some(every) = beside.review {
        whole.push_str(&format!("; we look at it every {}", every_words(every)));
    }
    let let_go = voice.pick("let it go if you do not answer", "let it go if they do not answer");
    if let Some(ask) = beside.ask_again {
        let them = voice.pick("you", "them");
        whole.push_str(&format!("; we ask {them} again every {}, and {let_go}", every_words(&ask.every)));
        if ask.within.fieldwise() != AskAgain::every(ask.every).within {
            whole.push_str(&format!(" within {}", period_words(&ask.within)));
        }
    }
    if let Some(before) = beside.ask_before {
        let them = voice.pick("you", "them");
        whole.push_str(&format!("; we ask {them} {} before, and {let_go}", period_words(before)));
    }
    if let Some(before) = beside.tell_before {
        let them = voice.pick("you", "them");
        match before.is_zero() {
            true => whole.push_str(&format!("; we tell {them} first")),
            false => whole.push_str(&format!("; we tell {them} {} before", period_words(before))),
        }
    }
    whole
}

/// What stays of anonymised data: "counts by year and gender, none of fewer than 5".
#[must_use]
pub fn counts_words(policy: &Policy, rule: &Rule) -> String {
    let by = rule.counts_by.iter().flatten().filter_map(|kind| policy.kind(*kind));
    let names: Vec<String> =
        std::iter::once("year".to_owned()).chain(by.map(|kind| kind.name.clone())).collect();
    let names = list(&names, "and");
    format!("counts by {names}, none of fewer than {}", policy.least_count())
}
