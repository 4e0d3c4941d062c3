//! Reads a policy as a lawyer would: what the text says, held against the law and against itself.
//! Finds; never repairs, and never stops at the first fault.

mod activity;
mod agreed;
mod at_once;
mod calls;
mod cases;
mod claims;
mod condition;
mod consent;
mod days;
mod deadline;
mod desk;
mod findings;
mod form;
mod head;
mod keep;
mod lawful;
mod mishap;
mod order;
mod outside;
mod passed_on;
mod period;
mod places;
mod possible;
mod processor;
mod prohibited;
mod prose;
mod purpose;
mod records;
mod sayings;
mod senseless;
mod telling;
mod texts;
mod told;
mod wording;

use jiff::civil::Date;

use crate::diagnostic::Diagnostic;
use crate::policy::{Clause, Policy};
use crate::source::Span;

pub use findings::{Code, code, codes, explain};

/// A finding, and what it is about where its place does not say: an activity, a channel, a processor.
struct Finding {
    diagnostic: Diagnostic,
    about: Option<String>,
}

/// What is being looked at, and what was found so far.
struct Review<'a> {
    policy: &'a Policy,
    today: Date,
    found: Vec<Finding>,
}

impl Review<'_> {
    /// Notes a finding about the whole policy; severity and law come with the code.
    fn find(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.note(None, code, span, message.into(), help.into());
    }

    /// Notes a finding about one activity, channel or processor.
    fn find_in(
        &mut self,
        about: &str,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.note(Some(about.to_owned()), code, span, message.into(), help.into());
    }

    fn note(&mut self, about: Option<String>, code: &'static str, span: Span, message: String, help: String) {
        let mut diagnostic = Diagnostic::of_code(code, span, message);
        let known = findings::code(code);
        if let Some(law) = known.and_then(|code| code.law) {
            diagnostic = diagnostic.law(law);
        }
        let wording = known.map_or("", |code| code.wording);
        if !help.is_empty() {
            diagnostic = diagnostic.help(help);
        } else if !wording.is_empty() {
            let verb = if wording.starts_with('`') { "write " } else { "" };
            diagnostic = diagnostic.help(format!("{verb}{wording}"));
        }
        self.found.push(Finding { diagnostic, about });
    }

    /// Where a clause is written, or the beginning of the policy.
    fn place(&self, clause: &Clause) -> Span {
        self.policy.places.get(clause).copied().unwrap_or_default()
    }

    fn head(&self, keyword: &str) -> Span {
        self.place(&Clause::Head(keyword.to_owned()))
    }
}

/// Everything a lawyer would say about a policy on a day, in the order of the text. Findings that the
/// policy accepts carry the day until which it does; those whose acceptance has lapsed stand again.
#[must_use]
pub fn check(policy: &Policy, today: Date) -> Vec<Diagnostic> {
    let mut review = Review { policy, today, found: Vec::new() };
    review.head_findings();
    review.activities();
    review.keeps();
    review.calls();
    review.outside();
    review.desk();
    review.forms();
    review.lawful();
    review.conditions();
    review.telling();
    review.told();
    review.texts();
    review.periods();
    review.processors();
    review.mishaps();
    review.prose();
    let mut found = accept(policy, today, review.found);
    found.sort_by(|a, b| (a.span.file, a.span.start, a.code).cmp(&(b.span.file, b.span.start, b.code)));
    found.dedup();
    found
}

/// Marks what the policy accepts, and looks at the acceptances themselves.
fn accept(policy: &Policy, today: Date, found: Vec<Finding>) -> Vec<Diagnostic> {
    let mut used = vec![false; policy.accepts.len()];
    let places = if policy.accepts.is_empty() { None } else { Some(places::Places::of(policy)) };
    let mut diagnostics = Vec::new();
    for Finding { mut diagnostic, about } in found {
        let acceptable = findings::code(diagnostic.code).is_some_and(|code| code.acceptable);
        let here = |name: &String| {
            about.as_ref() == Some(name)
                || places.as_ref().is_some_and(|places| places.within(diagnostic.span, name))
        };
        let meant: Vec<(&crate::activity::Accept, &mut bool)> = policy
            .accepts
            .iter()
            .zip(&mut used)
            .filter(|(accept, _)| accept.code == diagnostic.code && accept.activity.as_ref().is_none_or(here))
            .collect();
        for (accept, used) in meant {
            *used = true;
            if acceptable && today < accept.until {
                diagnostic.accepted = diagnostic.accepted.max(Some(accept.until));
            } else if acceptable && diagnostic.accepted.is_none() {
                let help = diagnostic.help.take().map(|help| format!("{help}\n")).unwrap_or_default();
                diagnostic.help = Some(format!("{help}it was accepted until {}: decide again", accept.until));
            }
        }
        diagnostics.push(diagnostic);
    }
    for (accept, used) in policy.accepts.iter().zip(used) {
        diagnostics.extend(acceptance(accept, used, today));
    }
    diagnostics
}

fn acceptance(accept: &crate::activity::Accept, used: bool, today: Date) -> Option<Diagnostic> {
    let last = today.checked_add(jiff::Span::new().years(period::LOOKED_AT_YEARS)).unwrap_or(Date::MAX);
    match findings::code(&accept.code) {
        None => {
            let message = format!("no finding is called `{}`", accept.code);
            let distance = |code: &Code| strsim::osa_distance(&accept.code, code.code);
            let near = codes().filter(|code| distance(code) <= 2).min_by_key(|code| distance(code));
            let help = near.map_or("name a code that `probity check` prints".to_owned(), |near| {
                format!("did you mean `{}`?", near.code)
            });
            Some(Diagnostic::error("E-ACCEPT", accept.span, message).help(help))
        }
        Some(code) if !code.acceptable => {
            let message = format!("`{}` cannot be accepted", accept.code);
            Some(
                Diagnostic::error("E-ACCEPT", accept.span, message)
                    .help(format!("`probity check --explain {}` says why", accept.code)),
            )
        }
        Some(_) if accept.until > last => {
            let years = period::LOOKED_AT_YEARS;
            let message = format!("nothing is accepted for more than {years} years without looking again");
            let help = format!("write `until` a day before {last}, and decide again then");
            Some(Diagnostic::error("E-ACCEPT", accept.span, message).help(help))
        }
        Some(_) if !used => {
            let message = format!("there is no `{}` here to accept", accept.code);
            Some(Diagnostic::warning("W-ACCEPT", accept.span, message).help("take this line out"))
        }
        Some(_) => None,
    }
}
