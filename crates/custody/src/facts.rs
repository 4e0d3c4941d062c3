//! From a life to the facts a clock reads. What an event name means for a person is said here and nowhere else.

use std::collections::BTreeSet;

use jiff::Zoned;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::clock::{Agreed, Facts, Known};
use policy::phrase::{Phrase, Which, Whose, of_work, plain};
use policy::{Activity, Basis, KindSet, Policy, Rule, Sort};

use crate::basis;
use crate::id::EngagementId;
use crate::life::{Birth, Consent, Ground, Kept, Life, Scope, Told};
use crate::moment::Moment;
use crate::part::{self, plays};

/// The facts of a rule for a person, and one engagement where the rule speaks of work.
/// `ground` gives the day it began and was last reviewed; without one it begins today.
#[must_use]
pub fn facts_for(
    policy: &Policy,
    life: &Life,
    rule: &Rule,
    engagement: Option<EngagementId>,
    ground: Option<&Ground>,
    today: Date,
) -> Facts {
    let mut facts = Facts {
        opened: Some(ground.map_or(today, |ground| ground.opened_on)),
        reviewed: ground.and_then(|ground| ground.reviewed_on),
        ..Facts::default()
    };
    let entered = entered(policy, life, rule, today);
    for (name, on) in &life.events {
        // What ended an earlier time with us says nothing about this one.
        if entered.is_none_or(|entered| *on >= entered) || !ends_at_once(&rule.phrase, name) {
            add(&mut facts, name, *on);
        }
    }
    // To agree is something the person does towards us.
    for on in life.consents.iter().filter_map(Consent::counts_from).filter(|on| *on <= today) {
        add(&mut facts, "incoming contact", on);
    }
    contacts(&mut facts);
    facts.confirmed = facts.events.get("confirmed").and_then(|days| days.iter().max().copied());
    if let Some(activity) = policy.activity(rule.activity) {
        consents(policy, &mut facts, activity, life, (engagement, entered), today);
        objections(policy, &mut facts, activity, life, today);
        records(policy, &mut facts, activity, rule, life);
    }
    categories(policy, &mut facts, life);
    work(policy, &mut facts, life, rule, engagement);
    told(policy, &mut facts, life, engagement, today);
    births(&mut facts, life, engagement);
    of_all(policy, &mut facts, life, rule, today);
    facts
}

/// What was recorded of the person, or on the work the ground is for. The latest row counts; a fact that was so
/// and no longer is ended on the day that was first said.
fn told(policy: &Policy, facts: &mut Facts, life: &Life, engagement: Option<EngagementId>, today: Date) {
    for fact in &policy.facts {
        let about = if fact.work.is_some() { engagement } else { None };
        if fact.work.is_some() && engagement.is_none() {
            continue;
        }
        let mut known = fact.default.clone().map(|value| Known { value, ended: None });
        let mut rows: Vec<&Told> = life
            .facts
            .iter()
            .filter(|row| row.name == fact.name && row.engagement == about && row.on <= today)
            .collect();
        rows.sort_by_key(|row| row.on);
        for row in rows {
            let was = known.as_ref().is_some_and(|known| known.value == "yes");
            let before = known.as_ref().and_then(|known| known.ended);
            let ended = match row.value.as_str() {
                "no" if was => Some(row.on),
                "no" => before,
                _ => None,
            };
            known = Some(Known { value: row.value.clone(), ended });
        }
        if let Some(known) = known {
            facts.known.insert(plain(&fact.name), known);
        }
    }
}

/// The person's birthday, everybody's on the work, and those of each part: one that is not known leaves the last of
/// them unknown, and where nobody has the part there is none.
fn births(facts: &mut Facts, life: &Life, engagement: Option<EngagementId>) {
    if let Some(born) = life.born {
        add(facts, &Whose::Own.born(), born);
    }
    let on_it: Vec<&Birth> =
        life.births.iter().filter(|birth| Some(birth.engagement) == engagement).collect();
    let mut all = |whose: &Whose, of: &dyn Fn(&Birth) -> bool| {
        let births = on_it.iter().filter(|birth| of(birth)).map(|birth| birth.born);
        if let Some(births) = births.collect::<Option<Vec<Date>>>() {
            births.into_iter().for_each(|born| add(facts, &whose.born(), born));
        }
    };
    all(&Whose::Everybody, &|_| true);
    let parts: BTreeSet<&str> = on_it.iter().map(|birth| birth.part.as_str()).collect();
    for part in parts {
        all(&Whose::Part(part.to_owned()), &|birth| birth.part == part);
    }
}

/// `the last of their orders closed`: every piece of work of the kind that the person is or was on.
fn of_all(policy: &Policy, facts: &mut Facts, life: &Life, rule: &Rule, today: Date) {
    for event in rule.phrase.events().into_iter().filter(|event| event.which == Which::All) {
        for kind in &policy.works {
            let named = |milestone: &&String| of_work(&kind.name, milestone) == event.name;
            let Some(milestone) = kind.milestones.iter().find(named) else { continue };
            facts.events.remove(&event.name);
            for on in life.works.iter().filter(|on| on.work == kind.id) {
                match on.milestone(milestone) {
                    Some(day) => add(facts, &event.name, day),
                    // Who has left a piece of work waits for nothing more of it.
                    None if on.until.is_some_and(|until| until <= today) => {}
                    None => {
                        facts.pending.insert(event.name.clone());
                    }
                }
            }
        }
    }
}

/// The day the person last became one of those the activity is for, or the last record that an activity for everyone
/// holds them by was made.
fn entered(policy: &Policy, life: &Life, rule: &Rule, today: Date) -> Option<Date> {
    let activity = policy.activity(rule.activity)?;
    if activity.for_everyone {
        return opening_records(policy, activity, rule, life).map(|kept| kept.recorded.day).max();
    }
    let since = activity.for_whom.iter().flat_map(|whom| {
        let own = life.categories.iter().filter(|held| held.category == whom.category).map(|held| held.since);
        own.chain(life.works.iter().filter(|on| plays(policy, on, whom.category)).map(|on| on.since))
    });
    since.filter(|since| *since <= today).max()
}

/// Whether the phrase says `until` this event.
fn ends_at_once(phrase: &Phrase, name: &str) -> bool {
    match phrase {
        Phrase::Until(event) => event.name == name,
        Phrase::Agreed { default, .. } => ends_at_once(default, name),
        other => other.parts().into_iter().any(|part| ends_at_once(part, name)),
    }
}

fn add(facts: &mut Facts, name: &str, on: Date) {
    facts.events.entry(name.to_owned()).or_default().push(on);
}

/// What comes in is a contact, and every contact is a communication.
fn contacts(facts: &mut Facts) {
    for (narrow, wide) in [("incoming contact", "contact"), ("contact", "communication")] {
        let days = facts.events.get(narrow).cloned().unwrap_or_default();
        if !days.is_empty() {
            facts.events.entry(wide.to_owned()).or_default().extend(days);
        }
    }
}

fn consents(
    policy: &Policy,
    facts: &mut Facts,
    activity: &Activity,
    life: &Life,
    (engagement, entered): (Option<EngagementId>, Option<Date>),
    today: Date,
) {
    let rests_on_it = matches!(activity.basis, Basis::Consent { .. });
    let since = entered.or(facts.opened);
    for (consent, from) in life.consents.iter().filter_map(|one| Some((one, one.counts_from()?))) {
        // Where the activity itself rests on something else, any agreement since there was reason for it is meant.
        let speaks = if rests_on_it { consent.activity == activity.id } else { Some(from) >= since };
        if speaks {
            add(facts, "consent given", from);
        }
    }
    match basis::standing_consent(policy, activity, life, engagement, today) {
        // A consent given again takes the withdrawal back, and confirms that they want to go on.
        Some(standing) => {
            let from = standing.counts_from().unwrap_or(standing.given_on);
            facts.confirmed = Some(from);
            add(facts, "confirmed", from);
        }
        None => {
            let of_it = life.consents.iter().filter(|consent| consent.activity == activity.id);
            let last = of_it.filter_map(|consent| consent.withdrawn_on).filter(|on| *on <= today).max();
            last.into_iter().for_each(|on| add(facts, "consent withdrawn", on));
        }
    }
}

fn objections(policy: &Policy, facts: &mut Facts, activity: &Activity, life: &Life, today: Date) {
    for objection in &life.objections {
        if basis::lifted(activity, life, objection, today) {
            continue;
        }
        if matches!(
            objection.scope,
            Scope::Calls | Scope::AllContact | Scope::Purpose(Purpose::DirectMarketing)
        ) {
            add(facts, "asked not to call", objection.made_on);
        }
        if objection.scope == Scope::AllContact || basis::in_scope(policy, activity, objection) {
            add(facts, "asked us to stop", objection.made_on);
        }
    }
}

/// `closed`, `sent` and `recorded` speak of the last such event over the records that opened the rule, and over the
/// details that have a clock of their own. One still open leaves `closed` unknown.
fn records(policy: &Policy, facts: &mut Facts, activity: &Activity, rule: &Rule, life: &Life) {
    let of_it = || opening_records(policy, activity, rule, life).chain(details(policy, rule, life));
    put_last(facts, "recorded", of_it().map(|kept| &kept.recorded));
    put_last(facts, "sent", of_it().filter_map(|kept| kept.sent.as_ref()));
    if let Some(Some(on)) = of_it().map(|kept| kept.closed_on).reduce(|a, b| Some(a?.max(b?))) {
        add(facts, "closed", on);
    }
}

fn put_last<'a>(facts: &mut Facts, event: &str, moments: impl Iterator<Item = &'a Moment>) {
    let Some(last) = moments.max_by_key(|moment| (moment.day, moment.at.as_ref().map(Zoned::timestamp)))
    else {
        return;
    };
    add(facts, event, last.day);
    facts.times.extend(last.at.clone().map(|at| (event.to_owned(), at)));
}

/// The details under a clause that gives each a clock of its own.
pub(crate) fn details<'a>(policy: &Policy, rule: &Rule, life: &'a Life) -> impl Iterator<Item = &'a Kept> {
    let items = |kind: &policy::KindId| policy.kind(*kind).is_some_and(|kind| kind.sort == Sort::Item);
    let own: KindSet =
        if rule.details_by_row() { rule.kinds.iter().filter(items).collect() } else { KindSet::none() };
    life.records.iter().filter(move |kept| own.contains(kept.datum.kind))
}

/// The records that open a rule of an activity for everyone: those it names, or where it names items only, all
/// that its activity keeps.
pub(crate) fn opening_records<'a>(
    policy: &Policy,
    activity: &Activity,
    rule: &Rule,
    life: &'a Life,
) -> impl Iterator<Item = &'a Kept> {
    let rows = |kinds: KindSet| -> KindSet {
        kinds.iter().filter(|kind| policy.kind(*kind).is_some_and(|kind| kind.sort != Sort::Item)).collect()
    };
    let named = rows(rule.kinds);
    let among = if named.is_empty() { rows(activity.kinds) } else { named };
    life.records.iter().filter(move |kept| among.contains(kept.datum.kind))
}

/// Each category ever held, with the day it was no longer held, on whichever side it was held longest: by the person
/// themselves, or by a part on work while that work stands.
fn categories(policy: &Policy, facts: &mut Facts, life: &Life) {
    let own = life.categories.iter().map(|held| (held.category, held.until));
    let by_work = life.works.iter().flat_map(|on| {
        let parts = policy.works.get(on.work.index()).map(|work| work.parts.as_slice()).unwrap_or_default();
        parts
            .iter()
            .filter(|part| part.name == on.part)
            .map(|part| (part.category, part::ends(policy, life, on, part.category)))
    });
    for (category, until) in own.chain(by_work) {
        let Some(category) = policy.categories.get(category.index()) else { continue };
        facts
            .categories
            .entry(category.name.clone())
            .and_modify(|known| *known = known.and_then(|known| Some(known.max(until?))))
            .or_insert(until);
    }
}

/// The milestones of the engagement. Those of other work say nothing about this ground.
fn work(policy: &Policy, facts: &mut Facts, life: &Life, rule: &Rule, engagement: Option<EngagementId>) {
    let Some(work) = rule.work.and_then(|id| policy.works.get(id.index())) else { return };
    for milestone in &work.milestones {
        facts.events.remove(milestone);
    }
    let Some(on) = life.works.iter().find(|on| Some(on.engagement) == engagement) else { return };
    for (milestone, day) in &on.milestones {
        add(facts, milestone, *day);
    }
    facts.agreed =
        on.agreed.as_ref().map(|agreed| Agreed { period: agreed.period, reasoned: agreed.reason.is_some() });
}
