//! Periods: whether each ends, and whether it can.

use super::Review;
use crate::activity::{Activity, Purpose};
use crate::basis::Basis;
use crate::kind::KindSet;
use crate::name::CategoryId;
use crate::phrase::{BIRTH, Event, Phrase, Whose};
use crate::role::Deed;
use crate::rule::Rule;

/// Events that a record brings about, and the records that do. Without one of them they never happen.
const OF_RECORDS: &[(&str, &[&str])] = &[
    ("closed", &["request record", "complaint record", "incident record", "paper record"]),
    ("sent", &["message record"]),
    ("left", &["staff record"]),
];

/// What must outlive everything else, so that somebody is never written to again.
const LASTING: &[&str] = &["suppression", "certificate", "objection record"];

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
            for rule in activity.rules.iter().filter_map(|id| policy.rules.get(id.index())) {
                self.period(activity, rule);
                self.can_end(activity, rule);
                self.suppression(activity, rule);
                self.consent_proof(activity, rule);
            }
        }
    }

    pub(super) fn set(&self, names: &[&str]) -> KindSet {
        names.iter().filter_map(|name| self.policy.kind_named(name)).map(|kind| kind.id).collect()
    }

    fn period(&mut self, activity: &Activity, rule: &Rule) {
        let looked_at = rule.review.is_some() || rule.ask_again.is_some();
        // A list of those who are not to be contacted must last; it only needs looking at.
        let lasting = !rule.kinds.is_empty() && rule.kinds.minus(self.set(LASTING)).is_empty();
        match self.ending(&rule.phrase) {
            Ending::Never if lasting && looked_at => {}
            Ending::Never => {
                let (message, help) = match &rule.phrase {
                    Phrase::While(category) => (
                        "only you can end this".to_owned(),
                        format!(
                            "write `2 years after no longer {category}`, or add `at most 6 years after last contact`"
                        ),
                    ),
                    _ => (
                        "this never ends by itself".to_owned(),
                        "name an event and a span after it, or a cap".to_owned(),
                    ),
                };
                self.find_in(&activity.name, "E-INDEFINITE", rule.span, message, help);
            }
            Ending::Theirs if !looked_at => {
                let help =
                    "add `review every 2 years`, `ask again every 2 years, no answer ends it`, or a cap";
                self.find_in(&activity.name, "W-OPEN-END", rule.span, "this may never happen", help);
            }
            Ending::Theirs if !lasting && rule.ask_again.is_none() => {
                let message = "until the person does something, only a review ends this";
                self.find_in(&activity.name, "A-REVIEW-ONLY", rule.span, message, "");
            }
            Ending::Theirs | Ending::Dated => {}
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

    /// Whether what the clause waits for can happen under this activity at all.
    fn can_end(&mut self, activity: &Activity, rule: &Rule) {
        // A list of those who are not to be contacted may well never end.
        if !rule.kinds.is_empty() && rule.kinds.minus(self.set(LASTING)).is_empty() {
            return;
        }
        let possible = |event: &Event| self.possible(activity, rule, event);
        if let Some(event) = blocked(&rule.phrase, &possible) {
            let never = if event.birthday().is_some() { "be known" } else { "happen" };
            let message = format!("`{}` cannot {never} under this activity", event.written());
            let why = self.why_not(activity, rule, &event);
            self.find_in(&activity.name, "E-NO-END", rule.span, message, why);
        }
    }

    fn possible(&self, activity: &Activity, rule: &Rule, event: &Event) -> bool {
        if let Some(category) = event.name.strip_prefix("no longer ") {
            return activity.for_everyone
                || activity.for_whom.iter().any(|whom| {
                    self.policy
                        .categories
                        .get(whom.category.index())
                        .is_some_and(|held| held.name == category)
                });
        }
        let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
        if let Some(work) = work.filter(|work| work.milestones.contains(&event.name)) {
            return activity.for_everyone
                || activity
                    .for_whom
                    .iter()
                    .any(|whom| work.parts.iter().any(|part| part.category == whom.category));
        }
        if let Some((_, records)) = OF_RECORDS.iter().find(|(name, _)| *name == event.name) {
            return !activity.kinds.and(self.set(records)).is_empty();
        }
        if let Some((whose, _)) = event.birthday() {
            return self.born(activity, rule, &whose);
        }
        if self.declared(event) {
            // Somebody has to write it down, and that takes a role that may.
            return self.policy.roles.iter().any(|role| role.deeds.contains(&Deed::AddPeople));
        }
        match event.name.as_str() {
            "consent withdrawn" => {
                let records = self.set(&["consent record"]);
                matches!(activity.basis, Basis::Consent { .. }) || !activity.kinds.and(records).is_empty()
            }
            // Consent to anything else counts too: it lifts what the person asked before.
            "consent given" => {
                self.policy.activities.iter().any(|other| matches!(other.basis, Basis::Consent { .. }))
            }
            _ => true,
        }
    }

    /// An event of a person that the policy declares itself: it may happen to them, or not.
    fn declared(&self, event: &Event) -> bool {
        self.policy.events.iter().any(|known| known.name == event.name)
    }

    /// Whether anybody's birthday that the phrase means can be known: it is held of them, and they are on the work.
    fn born(&self, activity: &Activity, rule: &Rule, whose: &Whose) -> bool {
        let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
        let parts = work.map(|work| work.parts.as_slice()).unwrap_or_default();
        let own: Vec<_> = activity.for_whom.iter().map(|whom| whom.category).collect();
        let joins = activity.for_everyone || parts.iter().any(|part| own.contains(&part.category));
        let whom: Vec<_> = match whose {
            Whose::Own if activity.for_everyone => return self.held_of(None),
            Whose::Own => own,
            _ if !joins => return false,
            Whose::Everybody => parts.iter().map(|part| part.category).collect(),
            Whose::Part(name) => {
                parts.iter().filter(|part| part.name == *name).map(|part| part.category).collect()
            }
        };
        whom.into_iter().any(|category| self.held_of(Some(category)))
    }

    /// Whether some activity holds dates of birth, of these people.
    fn held_of(&self, category: Option<CategoryId>) -> bool {
        let births = self.set(&[BIRTH]);
        self.policy.activities.iter().any(|holds| {
            let for_them = holds.for_everyone
                || category
                    .is_none_or(|category| holds.for_whom.iter().any(|whom| whom.category == category));
            for_them && !holds.kinds.and(births).is_empty()
        })
    }

    fn why_not(&self, activity: &Activity, rule: &Rule, event: &Event) -> String {
        if event.name.starts_with("consent") {
            return "the basis is not consent: nobody gives or withdraws any".to_owned();
        }
        if event.name.starts_with("no longer ") {
            return "the activity is not for that category".to_owned();
        }
        if event.birthday().is_some() {
            return "no activity holds `date of birth` of these people, or nobody it is for is on that work"
                .to_owned();
        }
        if self.declared(event) {
            return "no role may write it down: that takes `may do add people`".to_owned();
        }
        match rule.work.and_then(|work| self.policy.works.get(work.index())) {
            Some(work) if work.milestones.contains(&event.name) => {
                format!("nobody `{}` is for takes part in a {}", activity.name, work.name)
            }
            _ => "no record that brings it about is among its `data`".to_owned(),
        }
    }

    /// The list of those not to be contacted outlives every marketing activity.
    fn suppression(&mut self, activity: &Activity, rule: &Rule) {
        let marketing = self.policy.activities.iter().any(|other| other.purpose == Purpose::DirectMarketing);
        let covers = |records: KindSet| !rule.kinds.and(records).is_empty();
        if covers(self.set(&["suppression"]))
            && marketing
            && matches!(self.ending(&rule.phrase), Ending::Dated)
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
    pub(super) fn ending(&self, phrase: &Phrase) -> Ending {
        match phrase {
            Phrase::After { event, .. } | Phrase::AfterYear { event, .. } | Phrase::Until(event)
                if self.declared(event) =>
            {
                Ending::Theirs
            }
            Phrase::After { .. } | Phrase::AfterYear { .. } => Ending::Dated,
            Phrase::Agreed { default, .. } => self.ending(default),
            Phrase::Until(event) if event.name.starts_with("no longer ") => Ending::Never,
            Phrase::Until(event) if of_the_person(&event.name) => Ending::Theirs,
            Phrase::Until(_) => Ending::Dated,
            Phrase::While(_) | Phrase::Indefinitely | Phrase::Review { .. } | Phrase::Outside { .. } => {
                Ending::Never
            }
            Phrase::WhileSo(_) | Phrase::Latest { .. } => Ending::Theirs,
            Phrase::Rolling { .. } | Phrase::NotKept { .. } => Ending::Dated,
            Phrase::Longer { phrase, .. } | Phrase::Batch { phrase, .. } | Phrase::More { phrase, .. } => {
                self.ending(phrase)
            }
            Phrase::Cases { .. } | Phrase::Later(_) => {
                all_of(phrase.parts().into_iter().map(|part| self.ending(part)))
            }
            Phrase::Earlier(_) | Phrase::AtMost(..) => {
                soonest(phrase.parts().into_iter().map(|part| self.ending(part)))
            }
        }
    }
}

/// How a phrase ends.
pub(super) enum Ending {
    /// On a day that can be told once something has happened that always does.
    Dated,
    /// When the person does something, and they may not.
    Theirs,
    /// Not by itself.
    Never,
}

fn all_of(parts: impl Iterator<Item = Ending>) -> Ending {
    parts.fold(Ending::Dated, |all, part| match (all, part) {
        (Ending::Never, _) | (_, Ending::Never) => Ending::Never,
        (Ending::Theirs, _) | (_, Ending::Theirs) => Ending::Theirs,
        _ => Ending::Dated,
    })
}

fn soonest(parts: impl Iterator<Item = Ending>) -> Ending {
    parts.fold(Ending::Never, |all, part| match (all, part) {
        (Ending::Dated, _) | (_, Ending::Dated) => Ending::Dated,
        (Ending::Theirs, _) | (_, Ending::Theirs) => Ending::Theirs,
        _ => Ending::Never,
    })
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
    ]
    .contains(&event)
}

/// The event that keeps a phrase from ever ending, if every way it could end is closed.
fn blocked(phrase: &Phrase, possible: &dyn Fn(&Event) -> bool) -> Option<Event> {
    let all = |parts: &[&Phrase]| {
        let closed: Option<Vec<Event>> = parts.iter().map(|part| blocked(part, possible)).collect();
        closed.and_then(|events| events.into_iter().next())
    };
    match phrase {
        Phrase::Until(event)
        | Phrase::After { event, .. }
        | Phrase::AfterYear { event, .. }
        | Phrase::Review { event, .. } => (!possible(event)).then(|| event.clone()),
        Phrase::While(category) => {
            let event = Event::only(format!("no longer {category}"));
            (!possible(&event)).then_some(event)
        }
        Phrase::Earlier(parts) => all(&parts.iter().collect::<Vec<_>>()),
        Phrase::AtMost(phrase, cap) => all(&[phrase, cap]),
        // All must happen: one that cannot is enough.
        Phrase::Later(parts) => parts.iter().find_map(|part| blocked(part, possible)),
        Phrase::Agreed { default, .. } => blocked(default, possible),
        Phrase::Longer { phrase, .. } | Phrase::Batch { phrase, .. } | Phrase::More { phrase, .. } => {
            blocked(phrase, possible)
        }
        Phrase::Cases { .. } => phrase.parts().into_iter().find_map(|part| blocked(part, possible)),
        Phrase::WhileSo(_)
        | Phrase::Outside { .. }
        | Phrase::Latest { .. }
        | Phrase::Rolling { .. }
        | Phrase::NotKept { .. }
        | Phrase::Indefinitely => None,
    }
}
