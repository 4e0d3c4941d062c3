//! Periods: whether each ends, and whether it can.

use super::Review;
use super::period::shorter;
use crate::activity::{Activity, Purpose};
use crate::basis::Basis;

use crate::kind::KindSet;

use crate::phrase::{Event, Phrase, period_words};

use crate::rule::Rule;

/// What must outlive everything else, so that somebody is never written to again.
pub(super) const LASTING: &[&str] = &["suppression", "certificate", "objection record"];

/// The longest that what may never end goes without being looked at, in years.
const LOOKED_AT_AT_LEAST: i64 = 5;

impl Review<'_> {
    pub(super) fn keeps(&mut self) {
        let policy = self.policy;
        for activity in &policy.activities {
            if activity.rules.is_empty() {
                self.find_in(
                    &activity.name,
                    "E-KEEP",
                    activity.span,
                    "nothing says how long this is kept",
                    "write `keep 6 months after ...`",
                );
            }
            self.cases(activity);
            for rule in activity.rules.iter().filter_map(|id| policy.rules.get(id.index())) {
                self.period(activity, rule);
                self.can_end(activity, rule);
                self.ends_at_once(activity, rule);
                self.agreed_nowhere(activity, rule);
                self.suppression(activity, rule);
                self.consent_proof(activity, rule);
                self.disclosures_last(activity, rule);
            }
        }
    }

    pub(super) fn set(&self, names: &[&str]) -> KindSet {
        names.iter().filter_map(|name| self.policy.kind_named(name)).map(|kind| kind.id).collect()
    }

    fn period(&mut self, activity: &Activity, rule: &Rule) {
        // What is looked at once in a lifetime is not looked at.
        let often = |every: &jiff::Span| !shorter(jiff::Span::new().years(LOOKED_AT_AT_LEAST), *every);
        let asked = rule.ask_again.is_some() || rule.ask_before.is_some();
        let looked_at = rule.review.as_ref().is_some_and(often) || asked;
        // A list of those who are not to be contacted must last; it only needs looking at.
        let lasting = !rule.kinds.is_empty() && rule.kinds.minus(self.set(LASTING)).is_empty();
        match self.ending(activity, &rule.phrase) {
            Ending::Never if lasting && looked_at => {}
            Ending::Ours if looked_at => {
                let message = "until you write down that they no longer are, only a review ends this";
                self.find_in(&activity.name, "A-REVIEW-ONLY", rule.span, message, "");
            }
            Ending::Ours => {
                let message = "only you can end this, and nothing makes you look";
                let help = "add `review every 2 years`, or `at most 6 years after last contact`";
                self.find_in(&activity.name, "E-INDEFINITE", rule.span, message, help);
            }
            Ending::Never => {
                let message = "this never ends by itself";
                let help = "name an event and a span after it, or a cap";
                self.find_in(&activity.name, "E-INDEFINITE", rule.span, message, help);
            }
            // A period that is long enough for whoever comes to it, and says nothing of who never does.
            Ending::Declared if !looked_at => {
                let ours = |event: &Event| event.name.starts_with("no longer ");
                let events = rule.phrase.events();
                let event = events.iter().find(|event| self.declared(event) || ours(event));
                let name = event.map_or("", |event| event.name.as_str());
                let message = match event.is_some_and(ours) {
                    true => format!("`{name}` is for you to write down, and nothing makes you look"),
                    false => format!("whoever never comes to `{name}` has no period"),
                };
                self.find_in(
                    &activity.name,
                    "A-STALLED",
                    rule.span,
                    message,
                    "add `review every 2 years`, or a cap such as `at most 15 years after last contact`",
                );
            }
            // What lapses with what it is to remember has a finding of its own.
            Ending::Theirs if self.lapses(rule) => {}
            Ending::Theirs if !looked_at => {
                let help =
                    "add `review every 2 years`, `ask again every 2 years, no answer ends it`, or a cap";
                let message = match rule.review {
                    Some(every) => {
                        format!("this may never happen, and in {} nobody looks at it", period_words(&every))
                    }
                    None => "this may never happen".to_owned(),
                };
                self.find_in(&activity.name, "W-OPEN-END", rule.span, message, help);
            }
            Ending::Theirs if !lasting && !asked => {
                let message = "until the person does something, only a review ends this";
                self.find_in(&activity.name, "A-REVIEW-ONLY", rule.span, message, "");
            }
            Ending::Theirs | Ending::Declared | Ending::Dated => {}
        }
        if rule.phrase.events().iter().any(|event| event.name == "communication") {
            let help = "say `last contact` (what the person did, or a two-way talk)";
            self.find_in(
                &activity.name,
                "W-SELF-RENEWING",
                rule.span,
                "your own newsletters count, so it may never end",
                help,
            );
        }
    }

    /// Whether the list of those not to be contacted ends by something else than their own yes: by the very objection it
    /// is to remember, above all.
    fn lapses(&self, rule: &Rule) -> bool {
        !rule.kinds.and(self.set(&["suppression"])).is_empty()
            && rule.phrase.events().iter().any(|event| event.name != "consent given")
    }

    /// The list of those not to be contacted outlives every marketing activity.
    fn suppression(&mut self, activity: &Activity, rule: &Rule) {
        let marketing = self.policy.activities.iter().any(|other| other.purpose == Purpose::DirectMarketing);
        let covers = |records: KindSet| !rule.kinds.and(records).is_empty();
        if covers(self.set(&["suppression"]))
            && marketing
            && (rule.ask_again.is_some()
                || rule.ask_before.is_some()
                || self.lapses(rule)
                || matches!(self.ending(activity, &rule.phrase), Ending::Dated | Ending::Declared))
        {
            let help = "write `keep suppression until consent given, review every 2 years`";
            self.find_in(
                &activity.name,
                "W-SUPPRESSION",
                rule.span,
                "once this goes, the person could be written to again",
                help,
            );
        }
    }
}

impl Review<'_> {
    /// How a phrase ends. What the policy declares as an event of people happens to few of them.
    pub(super) fn ending(&self, activity: &Activity, phrase: &Phrase) -> Ending {
        // Whoever this is for has agreed: it begins with that.
        let agreed = |event: &Event| event.name == "consent given" && rests_on_consent(activity);
        match phrase {
            Phrase::Until(event) if self.declared(event) => Ending::Theirs,
            Phrase::After { event, .. } | Phrase::AfterYear { event, .. }
                if self.declared(event) || event.name.starts_with("no longer ") =>
            {
                Ending::Declared
            }
            Phrase::After { event, .. } | Phrase::AfterYear { event, .. }
                if only_theirs(&event.name) && !agreed(event) =>
            {
                Ending::Theirs
            }
            Phrase::After { .. } | Phrase::AfterYear { .. } => Ending::Dated,
            Phrase::Agreed { default, .. } => self.ending(activity, default),
            Phrase::Until(event) if event.name.starts_with("no longer ") => Ending::Ours,
            Phrase::While(_) => Ending::Ours,
            Phrase::Until(event) if of_the_person(&event.name) => Ending::Theirs,
            Phrase::Until(_) => Ending::Dated,
            Phrase::Indefinitely | Phrase::Review { .. } | Phrase::Outside { .. } => Ending::Never,
            Phrase::WhileSo(_) | Phrase::Latest { .. } => Ending::Theirs,
            Phrase::UntilDay(_) | Phrase::Rolling { .. } | Phrase::NotKept { .. } => Ending::Dated,
            Phrase::Longer { phrase, .. } | Phrase::Batch { phrase, .. } | Phrase::More { phrase, .. } => {
                self.ending(activity, phrase)
            }
            Phrase::Cases { .. } | Phrase::Later(_) => {
                let parts = phrase.parts().into_iter().map(|part| self.ending(activity, part));
                parts.max().unwrap_or(Ending::Dated)
            }
            Phrase::Earlier(_) | Phrase::AtMost(..) => {
                let parts = phrase.parts().into_iter().map(|part| self.ending(activity, part));
                parts.min().unwrap_or(Ending::Never)
            }
        }
    }
}

/// How a phrase ends, the surest first: of several of which all must end the last counts, of others the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// On a day that can be told once something has happened that always does.
    Dated,
    /// So long after what the policy declares as an event of people, to which some never come.
    Declared,
    /// When the person does something, and they may not.
    Theirs,
    /// When somebody writes down that they no longer are what they were.
    Ours,
    /// Not by itself.
    Never,
}

/// Events of few people, whether anything is counted from them or not.
fn only_theirs(event: &str) -> bool {
    [
        "asked us to stop",
        "asked not to call",
        "confirmed",
        "phone changes",
        "consent withdrawn",
        "consent given",
        "left the organisation",
        "newer version",
    ]
    .contains(&event)
}

pub(super) fn rests_on_consent(activity: &Activity) -> bool {
    matches!(activity.basis, Basis::Consent { .. })
}

/// Events that lie with the person, or that we may never hear of.
fn of_the_person(event: &str) -> bool {
    [
        "consent withdrawn",
        "consent given",
        "phone changes",
        "asked not to call",
        "asked us to stop",
        "left the organisation",
        "left",
        "contact",
        "incoming contact",
        "communication",
        "confirmed",
        "newer version",
    ]
    .contains(&event)
}
