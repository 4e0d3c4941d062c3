//! Whether what a clause waits for can happen at all: under its activity, with its records, by anybody who may write it
//! down. Knows nothing of how long anything is kept.

use super::Review;
use super::keep::{LASTING, rests_on_consent};
use super::order::named;
use crate::activity::Activity;
use crate::name::{CategoryId, WorkId};
use crate::phrase::{BIRTH, Event, Phrase, Which, Whose, of_work};
use crate::policy::{Part, Work};
use crate::role::Deed;
use crate::rule::Rule;

/// Events that a record brings about, and the records that do. Without one of them they never happen.
const OF_RECORDS: &[(&str, &[&str])] = &[
    ("closed", &["request record", "complaint record", "incident record", "paper record"]),
    ("sent", &["message record"]),
    ("left", &["staff record"]),
];

impl Review<'_> {
    /// Whether what the clause waits for can happen under this activity at all.
    pub(super) fn can_end(&mut self, activity: &Activity, rule: &Rule) {
        // A list of those who are not to be contacted may well never end.
        if !rule.kinds.is_empty() && rule.kinds.minus(self.set(LASTING)).is_empty() {
            return;
        }
        let whom = people(activity);
        let for_any = |event: &Event| whom.iter().any(|whom| self.possible(activity, rule, event, *whom));
        if let Some(event) = blocked(&rule.phrase, &for_any) {
            let never = if event.birthday().is_some() { "be known" } else { "happen" };
            let message = format!("`{}` cannot {never} under this activity", event.written());
            let why = self.why_not(activity, rule, &event);
            return self.find_in(&activity.name, "E-NO-END", rule.span, message, why);
        }
        let idle = one_of_many(&rule.phrase).into_iter().find_map(|part| blocked(part, &for_any));
        let stage = rule.stage.as_ref().and_then(|stage| blocked(&stage.phrase, &for_any));
        self.some_for_ever(activity, rule);
        for (code, event) in [("W-NEVER-COUNTS", idle), ("W-STAGE", stage)] {
            let Some(event) = event else { continue };
            let message = format!("`{}` cannot happen under this activity", event.written());
            let why = self.why_not(activity, rule, &event);
            self.find_in(&activity.name, code, rule.span, message, why);
        }
    }

    /// Of the categories an activity is for, those to whom nothing that ends the clause can ever happen, while it can to
    /// others: what is held of them stays for ever.
    fn some_for_ever(&mut self, activity: &Activity, rule: &Rule) {
        // What the work itself holds is nobody's ground.
        if rule.for_work {
            return;
        }
        let mut names: Vec<&str> = Vec::new();
        let mut waits = None;
        for id in activity.for_whom.iter().map(|whom| whom.category) {
            let possible = |event: &Event| self.possible(activity, rule, event, Some(id));
            let Some(event) = blocked(&rule.phrase, &possible) else { continue };
            // Whom a clause about work never reaches, and another clause does, is held by that one alone.
            let off_work = rule.work.is_some_and(|work| !self.takes_part(work, id));
            if !(off_work && self.held_otherwise(activity, rule, id)) {
                names.extend(self.policy.categories.get(id.index()).map(|category| category.name.as_str()));
                waits = waits.or(Some(event));
            }
        }
        let (Some(event), false) = (waits, names.is_empty()) else { return };
        let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let never = if event.birthday().is_some() { "be known" } else { "happen" };
        let message =
            format!("`{}` cannot {never} to {names}: what is held of them never goes", event.written());
        let help = format!(
            "give {names} an activity of their own, or add what ends it for them: `{}, at most 2 years after last contact`",
            named_or_rest(&rule.phrase)
        );
        self.find_in(&activity.name, "E-NO-END", rule.span, message, help);
    }

    /// Whether a clause of the activity that hangs on nothing holds somebody of a category, and ends for them.
    fn held_otherwise(&self, activity: &Activity, rule: &Rule, whom: CategoryId) -> bool {
        let others = activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index()));
        others.filter(|other| other.id != rule.id && other.condition.is_none()).any(|other| {
            let possible = |event: &Event| self.possible(activity, other, event, Some(whom));
            blocked(&other.phrase, &possible).is_none()
        })
    }

    fn takes_part(&self, work: WorkId, whom: CategoryId) -> bool {
        let work = self.policy.works.get(work.index());
        work.is_some_and(|work| work.parts.iter().any(|part| part.category == whom))
    }

    /// Whether an event can happen under an activity: to somebody of a category, or to anybody at all.
    fn possible(&self, activity: &Activity, rule: &Rule, event: &Event, whom: Option<CategoryId>) -> bool {
        if let Some(named) = event.name.strip_prefix("no longer ") {
            let held = |id: CategoryId| self.policy.categories.get(id.index());
            return whom.is_none_or(|id| held(id).is_some_and(|category| category.name == named));
        }
        let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
        if let Some(work) = work.filter(|work| work.milestones.contains(&event.name)) {
            return self.somebody_may(Deed::RunWork) && whom.is_none_or(|id| self.takes_part(work.id, id));
        }
        if event.which == Which::All {
            let milestone = |work: &&Work| {
                work.milestones.iter().any(|milestone| of_work(&work.name, milestone) == event.name)
            };
            let work = self.policy.works.iter().find(milestone);
            return work.is_none_or(|work| whom.is_none_or(|id| self.takes_part(work.id, id)));
        }
        if let Some((_, records)) = OF_RECORDS.iter().find(|(name, _)| *name == event.name) {
            return !activity.kinds.and(self.set(records)).is_empty();
        }
        if let Some((whose, _)) = event.birthday() {
            return self.born(rule, &whose, whom);
        }
        if self.declared(event) {
            // Somebody has to write it down, and that takes a role that may.
            return self.somebody_may(Deed::AddPeople);
        }
        match event.name.as_str() {
            // Nobody leaves what nobody is known to belong to.
            "left the organisation" => {
                self.held_of("organisation", whom) && self.somebody_may(Deed::AddPeople)
            }
            // One given to something else is taken back there, and ends nothing here.
            "consent withdrawn" => rests_on_consent(activity),
            // Consent to anything else counts too: it lifts what the person asked before.
            "consent given" => self.policy.activities.iter().any(|other| {
                let theirs = |id| other.for_whom.iter().any(|asked| asked.category == id);
                rests_on_consent(other) && (other.for_everyone || whom.is_none_or(theirs))
            }),
            _ => true,
        }
    }

    /// Whether any role of staff may do so much.
    fn somebody_may(&self, deed: Deed) -> bool {
        self.policy.roles.iter().any(|role| role.deeds.contains(&deed))
    }

    /// An event of a person that the policy declares itself: it may happen to them, or not.
    pub(super) fn declared(&self, event: &Event) -> bool {
        self.policy.events.iter().any(|known| known.name == event.name)
    }

    /// Whether a birthday that the phrase means can be known: it is held of whose it is, and whoever the clause is for is
    /// on the work with them.
    fn born(&self, rule: &Rule, whose: &Whose, whom: Option<CategoryId>) -> bool {
        let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
        let parts = work.map(|work| work.parts.as_slice()).unwrap_or_default();
        let joins = whom.is_none_or(|id| parts.iter().any(|part| part.category == id));
        let theirs = |part: &&Part| match whose {
            Whose::Part(name) => part.name == *name,
            _ => true,
        };
        match whose {
            Whose::Own => self.held_of(BIRTH, whom),
            _ => joins && parts.iter().filter(theirs).any(|part| self.held_of(BIRTH, Some(part.category))),
        }
    }

    /// Whether some activity holds data of that name, of these people.
    fn held_of(&self, name: &str, category: Option<CategoryId>) -> bool {
        let kind = self.set(&[name]);
        self.policy.activities.iter().any(|holds| {
            let for_them = holds.for_everyone
                || category
                    .is_none_or(|category| holds.for_whom.iter().any(|whom| whom.category == category));
            for_them && !holds.kinds.and(kind).is_empty()
        })
    }

    fn why_not(&self, activity: &Activity, rule: &Rule, event: &Event) -> String {
        if event.name == "consent withdrawn" {
            return "the basis is not consent: nobody takes back here what they gave to something else"
                .to_owned();
        }
        if event.name == "consent given" {
            return "nothing that rests on consent is for these people: nobody asks them for any".to_owned();
        }
        if event.name.starts_with("no longer ") {
            return "the activity is not for that category".to_owned();
        }
        if event.birthday().is_some() {
            return "no activity holds `date of birth` of these people, or nobody it is for is on that work"
                .to_owned();
        }
        if event.name == "left the organisation"
            && !people(activity).into_iter().any(|whom| self.held_of("organisation", whom))
        {
            return "no activity holds `organisation` of these people: nobody can be known to leave one"
                .to_owned();
        }
        if self.declared(event) || event.name == "left the organisation" {
            return "no role may write it down: that takes `may do add people`".to_owned();
        }
        match rule.work.and_then(|work| self.policy.works.get(work.index())) {
            Some(work) if work.milestones.contains(&event.name) && !self.somebody_may(Deed::RunWork) => {
                format!("no role may `run work`, so nobody can write down that a {} gets so far", work.name)
            }
            Some(work) if work.milestones.contains(&event.name) => {
                format!("nobody `{}` is for takes part in a {}", activity.name, work.name)
            }
            _ => "no record that brings it about is among its `data`".to_owned(),
        }
    }
}

/// Whom an activity is for: each category by itself, or anybody.
fn people(activity: &Activity) -> Vec<Option<CategoryId>> {
    match activity.for_everyone || activity.for_whom.is_empty() {
        true => vec![None],
        false => activity.for_whom.iter().map(|whom| Some(whom.category)).collect(),
    }
}

/// A phrase as a suggestion may name it.
fn named_or_rest(phrase: &Phrase) -> String {
    match named(phrase).as_str() {
        "the rest" => "...".to_owned(),
        named => named.trim_matches('`').to_owned(),
    }
}

/// The parts of a phrase of which the first ends it.
fn one_of_many(phrase: &Phrase) -> Vec<&Phrase> {
    match phrase {
        Phrase::Earlier(_) | Phrase::AtMost(..) => phrase.parts().into_iter().flat_map(one_of_many).collect(),
        Phrase::Longer { phrase, .. } | Phrase::Batch { phrase, .. } | Phrase::More { phrase, .. } => {
            one_of_many(phrase)
        }
        other => vec![other],
    }
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
        Phrase::UntilDay(_)
        | Phrase::WhileSo(_)
        | Phrase::Outside { .. }
        | Phrase::Latest { .. }
        | Phrase::Rolling { .. }
        | Phrase::NotKept { .. }
        | Phrase::Indefinitely => None,
    }
}
