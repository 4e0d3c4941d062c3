//! A person: adding them, what may be known about them, changing a detail. The exemplary noun: every
//! other act is written like these.

use custody::act::Asked;
use custody::coverage::{Datum, Role};
use custody::id::{ItemId, OrganisationId, PersonId};
use custody::life::{HeldCategory, Kept};
use custody::moment::Moment;
use custody::refusal::Question;
use custody::{Act, Gate, Life, Refusal, Verb};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::phrase::BIRTH;
use policy::policy::Clause;
use policy::role::Deed;
use policy::{Activity, ActivityId, Category, CategoryId, Kind, KindId, KindSet, Policy, Sort};
use serde_json::json;
use store::consent::{Evidence, Shows};
use store::item::{self, Changed, Item, NewItem};
use store::told::Way;
use store::{Tx, ground, not_entered, person, suppression};

use super::{Acting, actor_words, consent, disclosure, entry, objection, request, told};
use crate::fault::Fault;
use crate::intake::column;
use crate::web::page::FieldError;

mod belonging;
mod origin;

pub use belonging::Added;
pub use origin::{AS_IT_WAS, Origin, offered};

/// The longest value of an item, in bytes.
pub const VALUE_BYTES_MAX: usize = 20_000;

/// Somebody about to be added.
#[derive(Clone, Debug, Default)]
pub struct NewPerson {
    /// The category, as the policy names it.
    pub category: String,
    /// Each value with the name of its kind; empty values count as not given.
    pub values: Vec<(String, String)>,
    /// Where it came from.
    pub source: String,
    /// The day it was collected.
    pub collected_on: Option<Date>,
    /// The organisation they belong to, where one was chosen; one that is only named is among the values.
    pub organisation: Option<OrganisationId>,
    /// Activities they agreed to when they gave us this, by name.
    pub agreed: Vec<String>,
    /// What shows that they did, and what they said or where the paper is; needed where they agreed to something.
    pub shown: Option<(Shows, String)>,
    /// Whether they may also be told what we offer; unless said, nobody is marketed to for having been added.
    pub offers: bool,
    /// Who told them that we hold this, as it came; `None` if nobody did yet.
    pub told: Option<Way>,
}

/// Adds a person in one category of the policy, with the details the policy lets that category have.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if a detail has no place; [`Fault::Invalid`] if one cannot be read.
pub fn add(acting: &Acting<'_>, tx: &Tx<'_>, new: &NewPerson) -> Result<PersonId, Fault> {
    acting.must(Deed::AddPeople)?;
    let policy = &acting.policy;
    let category = policy
        .category_named(&new.category)
        .ok_or_else(|| Fault::field("category", "Choose who they are to us."))?;
    let collected_on = new.collected_on.unwrap_or(acting.today);
    if collected_on > acting.today {
        return Err(Fault::field("collected", "This day has not come yet."));
    }
    let source = stated_source(policy, whose(policy, category.id), &new.source)?;
    let values = given(acting, &new.values)?;
    for (kind, _) in &values {
        let theirs = whose(policy, category.id).filter(|activity| activity.kinds.contains(kind.id));
        stated_source(policy, theirs, &source)?;
    }
    if !values.iter().any(|(kind, _)| matches!(kind.name.as_str(), "name" | "email" | "phone")) {
        return Err(Fault::field("name", "A person needs a name or an e-mail address."));
    }
    let person = person::add(tx, acting.now)?;
    person::begin_category(tx, policy, person, category.id, collected_on, acting.staff_id())?;
    // What is only just being written need not be read back: this is all there is about them.
    let mut life = Life::new(person);
    life.categories.push(HeldCategory { category: category.id, since: collected_on, until: None });
    life.events.push(("collected".to_owned(), collected_on));
    life.born = born(values.iter().map(|(kind, value)| (kind.name.as_str(), value.as_str())));
    let out = if new.offers { Vec::new() } else { offers(policy, category.id, None) };
    for activity in out {
        not_entered::add(tx, person, &activity.name, collected_on)?;
        life.not_entered.push(activity.id);
    }
    let asked = agreeable(policy, category);
    for activity in &new.agreed {
        if !asked.iter().any(|asked| asked.name == *activity) {
            return Err(Fault::field("agreed", "Nobody like them is asked to agree to this when they come."));
        }
        let (shows, note) = new.shown.as_ref().ok_or_else(|| {
            Fault::field("agreed-by", "Say how they agreed, and what they said: silence is no yes.")
        })?;
        let evidence = Evidence { shows: *shows, row: None, note: Some(note.trim()) };
        let given = consent::Given::shown(collected_on, evidence);
        let consent = consent::write(acting, tx, &life, activity, given)?;
        life.consents.push(consent);
    }
    if let Some(kind) = policy.kind_named("consent record").filter(|_| !new.agreed.is_empty()) {
        for consent in &life.consents {
            let datum = Datum {
                table: "consent",
                id: consent.id.0,
                kind: kind.id,
                people: vec![(person, Role::Subject)],
                engagements: Vec::new(),
                paper: false,
            };
            let recorded = Moment::at(acting.now.to_zoned(store::life::zone(policy)));
            life.records.push(Kept { datum, dated: None, recorded, closed_on: None, sent: None });
        }
    }
    told::as_they_came(acting, tx, person, new.told, collected_on)?;
    let actor = actor_words(&acting.actor);
    let life = ground::settle_new(tx, policy, &life, acting.today, &actor, acting.now)?;
    let mut kinds: KindSet = values.iter().map(|(kind, _)| kind.id).collect();
    if new.organisation.is_some() {
        let belongs = policy.kinds.iter().find(|kind| column::is_organisation(kind));
        let nowhere = || Fault::field("organisation", "The policy lets nobody's organisation be kept.");
        kinds.insert(belongs.ok_or_else(nowhere)?.id);
    }
    may_store(acting, &life, kinds)?;
    for (kind, value) in values.iter().filter(|(kind, _)| !column::is_organisation(kind)) {
        let new = NewItem {
            person,
            kind: kind.id,
            value,
            source: &source,
            collected_on,
            import: None,
            by: acting.staff_id(),
        };
        item::add_unfound(tx, policy, &new, acting.now)?;
    }
    for agreed in life.consents.iter().filter(|agreed| agreed.counts_from().is_some()) {
        if let Some(activity) = policy.activity(agreed.activity) {
            consent::welcome(acting, tx, person, activity, collected_on)?;
        }
    }
    belonging::begin(acting, tx, person, new.organisation, &values)?;
    ground::settle_rows(tx, policy, person, acting.today, &actor, acting.now)?;
    for agreed in &life.consents {
        consent::ask_to_confirm(acting, tx, person, agreed)?;
    }
    told::sender::owe(acting, tx, person, &source)?;
    let kinds: Vec<_> = values.iter().map(|(kind, _)| kind.name.as_str()).collect();
    acting.log(tx, "person.added", &[person], &json!({ "category": category.name, "kinds": kinds }))?;
    Ok(person)
}

/// The birthday among some details, from which periods may count.
pub(super) fn born<'a>(mut details: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Date> {
    details.find(|(kind, _)| *kind == BIRTH).and_then(|(_, value)| value.trim().parse().ok())
}

/// What people of a category would be told that we offer beside what they come for: direct marketing that rests on
/// a legitimate interest. Where nothing else is done with the category, offers are what they come for.
#[must_use]
pub fn offers(policy: &Policy, category: CategoryId, chosen: Option<ActivityId>) -> Vec<&Activity> {
    let theirs = |activity: &&Activity| {
        activity.for_whom.iter().any(|whom| whom.category == category && whom.once.is_none())
    };
    let offers = |activity: &&Activity| {
        activity.purpose == Purpose::DirectMarketing
            && matches!(activity.basis, Basis::LegitimateInterests { .. })
    };
    let (marketing, other): (Vec<&Activity>, Vec<&Activity>) =
        policy.activities.iter().filter(theirs).partition(offers);
    if other.is_empty() && chosen.is_none() {
        return Vec::new();
    }
    marketing.into_iter().filter(|activity| Some(activity.id) != chosen).collect()
}

/// Enters a person in an activity that they were kept out of when they came, with the reason.
///
/// # Errors
/// [`Fault::Invalid`] without a reason; [`Fault::NotFound`] if nothing keeps them out or they are out of reach.
pub fn enter(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    reason: &str,
) -> Result<(), Fault> {
    super::fact::may_tell(acting, &acting.life(tx, person)?)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 500 {
        return Err(Fault::field("entered", "Write why they may be told, in a sentence."));
    }
    not_entered::enter(tx, person, activity, acting.today, acting.staff_id(), reason)?;
    acting.settle(tx, person)?;
    acting.log(tx, "person.entered", &[person], &json!({ "activity": activity }))
}

/// The values that were given, each with its kind, checked for their shape.
fn given<'a>(acting: &'a Acting<'_>, values: &[(String, String)]) -> Result<Vec<(&'a Kind, String)>, Fault> {
    let mut read = Vec::new();
    let mut wrong = Vec::new();
    for (name, value) in values.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let kind = item_kind(&acting.policy, name, None)?;
        match shaped(kind, value) {
            Ok(value) => read.push((kind, value)),
            Err(words) => wrong.push(FieldError { field: kind.name.clone(), words }),
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(Fault::Invalid(wrong)) }
}

/// The item kind of a name, or the refusal that says the policy declares none.
///
/// # Errors
/// [`Fault::Refused`] naming the `data` clause of the activity the person is in.
pub fn item_kind<'p>(policy: &'p Policy, name: &str, life: Option<&Life>) -> Result<&'p Kind, Fault> {
    match policy.kind_named(name) {
        Some(kind) if kind.sort == Sort::Item => Ok(kind),
        _ => Err(undeclared(policy, "item", name, life).into()),
    }
}

/// The refusal of a kind the policy does not declare: it has no place in the program.
#[must_use]
pub fn undeclared(policy: &Policy, sort: &str, name: &str, life: Option<&Life>) -> Refusal {
    let own =
        life.and_then(|life| life.grounds.first()).and_then(|ground| policy.rules.get(ground.rule.index()));
    let activity =
        own.map(|rule| rule.activity).or_else(|| policy.activities.first().map(|activity| activity.id));
    let name: String = name.chars().take(60).collect();
    Refusal::by(
        policy,
        Question::Ground,
        activity.map(Clause::Data),
        format!("the policy declares no {sort} called \u{201c}{name}\u{201d}, so there is no place for it"),
        "Leave it out, or change the policy first.".to_owned(),
    )
}

/// A value as it is kept: trimmed, and of the shape its kind has.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn shaped(kind: &Kind, value: &str) -> Result<String, String> {
    let value = value.trim();
    if value.is_empty() {
        return Err("Type something, or remove it.".to_owned());
    }
    if value.len() > VALUE_BYTES_MAX {
        return Err("This is too long: 20,000 characters at most.".to_owned());
    }
    if value.contains('\0') {
        return Err("There is a character in it that no text has.".to_owned());
    }
    use store::normal::Shape;
    match Shape::of(&kind.name) {
        Shape::Email if store::normal::email(value).is_none() => {
            Err("This is no e-mail address; write it like helen@example.org.".to_owned())
        }
        Shape::Phone if store::normal::phone(value).is_none() => {
            Err("This is no phone number; write it like 01632 960001 or +44 1632 960001.".to_owned())
        }
        _ => Ok(value.to_owned()),
    }
}

/// Asks whether these kinds may be stored about a person, all of them.
fn may_store(acting: &Acting<'_>, life: &Life, kinds: KindSet) -> Result<(), Fault> {
    acting.decide(
        &act(Verb::Store, Some(Deed::AddPeople), Asked::Exactly(kinds)),
        &[life],
        &Gate::default(),
    )?;
    Ok(())
}

/// An act on a person that names no purpose, work, channel or recipient.
#[must_use]
pub fn act(verb: Verb, deed: Option<Deed>, kinds: Asked) -> Act {
    Act { verb, deed, kinds, purpose: None, activity: None, engagement: None, channel: None, recipient: None }
}

/// The item kinds the policy lets a category have before there is any work, with e-mail and name first as it declares them.
#[must_use]
pub fn kinds_for(policy: &Policy, category: &Category) -> KindSet {
    let theirs = |activity: &Activity| {
        activity.for_whom.iter().any(|whom| whom.category == category.id && whom.once.is_none())
    };
    let rules = policy.rules.iter().filter(|rule| {
        policy.activity(rule.activity).is_some_and(theirs)
            && (rule.work.is_none() || custody::ground::waits(policy, rule, category.id))
    });
    let all = rules.fold(KindSet::none(), |kinds, rule| kinds.or(rule.kinds));
    all.iter().filter(|kind| policy.kind(*kind).is_some_and(|kind| kind.sort == Sort::Item)).collect()
}

/// The activities of a category that rest on an opt-in of theirs, given when they give us their details.
#[must_use]
pub fn agreeable<'p>(policy: &'p Policy, category: &Category) -> Vec<&'p Activity> {
    let asks = |activity: &&Activity| {
        let theirs = activity.for_whom.iter().any(|whom| whom.category == category.id && whom.once.is_none());
        theirs
            && matches!(&activity.basis, Basis::Consent { form, before: None } if !matches!(form, ConsentForm::Signed(_)))
    };
    policy.activities.iter().filter(asks).collect()
}

/// Where data of a category may come from, as its activities say.
#[must_use]
pub fn sources_for(policy: &Policy, category: &Category) -> Vec<String> {
    sources(whose(policy, category.id))
}

/// The activities for people of a category.
fn whose(policy: &Policy, category: CategoryId) -> impl Iterator<Item = &Activity> + Clone {
    let theirs = move |activity: &&Activity| activity.for_whom.iter().any(|whom| whom.category == category);
    policy.activities.iter().filter(theirs)
}

/// Where data of some activities may come from; from the person, where they say nothing.
#[must_use]
pub fn sources<'p>(activities: impl Iterator<Item = &'p Activity>) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for source in activities.flat_map(|activity| &activity.from) {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    if sources.is_empty() {
        sources.push("the person".to_owned());
    }
    sources
}

/// Where data comes from, as somebody said it: one of what the activities name, or the only one where nothing was said.
///
/// # Errors
/// [`Fault::Refused`] naming the `from` clause for any other; [`Fault::Invalid`] if it has to be said.
pub(super) fn stated_source<'p>(
    policy: &Policy,
    activities: impl Iterator<Item = &'p Activity> + Clone,
    said: &str,
) -> Result<String, Fault> {
    let known = sources(activities.clone());
    let said = said.trim();
    match known.as_slice() {
        [only] if said.is_empty() => return Ok(only.clone()),
        _ if said.is_empty() => {
            return Err(Fault::field("source", format!("Say where it comes from: {}.", either(&known))));
        }
        _ => {}
    }
    let same = |source: &&String| source.eq_ignore_ascii_case(said);
    known.iter().find(same).cloned().ok_or_else(|| {
        let clause = activities.clone().next().map(|activity| Clause::From(activity.id));
        let because = format!("this may come from {}, and from nowhere else", either(&known));
        let next = "Choose where it really comes from, or change the policy first.".to_owned();
        Refusal::by(policy, Question::Ground, clause, because, next).into()
    })
}

fn either(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}

/// Adds a detail to somebody who is already here. An organisation they name is one they belong to from then on.
///
/// # Errors
/// [`Fault::Refused`] if no active ground lets it be stored, naming the clause.
pub fn add_item(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (kind, value): (&str, &str),
    (source, collected_on): (&str, Date),
) -> Result<Added, Fault> {
    let life = acting.life(tx, person)?;
    let kind = item_kind(&acting.policy, kind, Some(&life))?;
    may_store(acting, &life, [kind.id].into_iter().collect())?;
    let held = acting.policy.activities.iter().filter(|activity| {
        activity.kinds.contains(kind.id) && activity.for_whom.iter().any(|whom| life.ever_had(whom.category))
    });
    let source = &stated_source(&acting.policy, held, source)?;
    let value = shaped(kind, value).map_err(|words| Fault::field("value", words))?;
    if collected_on > acting.today {
        return Err(Fault::field("collected", "This day has not come yet."));
    }
    if column::is_organisation(kind) {
        return belonging::add(acting, tx, person, (kind, &value), source);
    }
    let new = NewItem {
        person,
        kind: kind.id,
        value: &value,
        source,
        collected_on,
        import: None,
        by: acting.staff_id(),
    };
    let item = item::add(tx, &acting.policy, &new, acting.now)?;
    told::sender::owe(acting, tx, person, source)?;
    acting.settle_detail(tx, person, &kind.name)?;
    objection::holds_at(acting, tx, person, item)?;
    request::put_right(acting, tx, person, (&kind.name, false))?;
    if kind.name == BIRTH {
        // A birthday may say that what keeps it is over.
        let life = acting.life(tx, person)?;
        acting.must_be_kept(&life, &entry::written(item.0, "item", kind.id, person, None))?;
    }
    acting.log(tx, "item.added", &[person], &json!({ "kind": kind.name, "item": item.0 }))?;
    Ok(Added::Item(item))
}

/// Changes a detail, if it still is at the version the form saw. While its person waits for a copy, with the reason.
///
/// # Errors
/// [`Fault::Refused`] if it may not be changed by this role; [`Fault::Invalid`] without the reason.
pub fn change_item(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, item): (PersonId, ItemId),
    seen: i64,
    said: (&str, &str),
) -> Result<Changed, Fault> {
    change_item_from(acting, tx, (person, item), seen, said, Origin::default())
}

/// The same, with from whom it is now and since when.
///
/// # Errors
/// As [`change_item`]; also [`Fault::Refused`] for a source that the policy does not name, and [`Fault::Invalid`] for a day to come.
pub fn change_item_from(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, item): (PersonId, ItemId),
    seen: i64,
    (value, why): (&str, &str),
    origin: Origin<'_>,
) -> Result<Changed, Fault> {
    let (life, kind, held) = by_hand(acting, tx, Verb::Change, (person, item))?;
    let value = shaped(kind, value).map_err(|words| Fault::field("value", words))?;
    let differs = item::differs(tx, item, &value)?;
    let from = origin::of(acting, tx, (&life, &held), (origin, differs))?;
    if held.version == seen {
        request::changing(acting, tx, (&[person], awaited(&held, kind, false)), why)?;
    }
    let said = suppression::of_item(tx, acting.instance.store.keys(), item)?;
    let now = (value.as_str(), from.as_ref().map(|(source, on)| (source.as_str(), *on)));
    let changed = item::set_from(tx, &acting.policy, (item, seen), now, acting.staff_id(), acting.now)?;
    if let Changed::Stored(version) = changed {
        objection::carried(acting, tx, person, said)?;
        if let Some((source, _)) = from.filter(|(source, _)| *source != held.source) {
            told::sender::owe(acting, tx, person, &source)?;
        }
        acting.settle_detail(tx, life.person, &kind.name)?;
        if differs {
            objection::holds_at(acting, tx, person, item)?;
        }
        // Saved as it was, nothing is put right, and whoever has it from us has it right.
        if differs {
            disclosure::corrected(acting, tx, person, (&kind.name, false))?;
        }
        acting.log(
            tx,
            "item.changed",
            &[person],
            &json!({ "kind": kind.name, "item": item.0, "version": version }),
        )?;
    }
    Ok(changed)
}

/// Takes the last change of a detail back.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Changed`] if somebody changed it since.
pub fn undo_item(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, item): (PersonId, ItemId),
    seen: i64,
) -> Result<(), Fault> {
    let (_, kind, held) = by_hand(acting, tx, Verb::Change, (person, item))?;
    let was = request::Held { new: Some(held.updated_at), back: true, ..awaited(&held, kind, false) };
    request::changing(acting, tx, (&[person], was), "")?;
    let said = suppression::of_item(tx, acting.instance.store.keys(), item)?;
    match item::undo(tx, &acting.policy, item, seen, acting.staff_id(), acting.now)? {
        Changed::Conflict(_) => Err(Fault::Changed),
        Changed::Stored(version) => {
            objection::carried(acting, tx, person, said)?;
            acting.settle_detail(tx, person, &kind.name)?;
            disclosure::corrected(acting, tx, person, (&kind.name, true))?;
            let body = json!({ "kind": kind.name, "item": item.0, "version": version });
            acting.log(tx, "item.changed", &[person], &body)
        }
    }
}

/// Takes a detail away by hand. While its person waits for a copy, with the reason.
///
/// # Errors
/// [`Fault::Refused`] if this role may not, or a hold stands; [`Fault::Changed`] if somebody changed it since; [`Fault::Invalid`] without the reason.
pub fn remove_item(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, item): (PersonId, ItemId),
    seen: i64,
    why: &str,
) -> Result<(), Fault> {
    let (_, kind, held) = by_hand(acting, tx, Verb::Remove, (person, item))?;
    if held.version != seen {
        return Err(Fault::Changed);
    }
    request::changing(acting, tx, (&[person], awaited(&held, kind, true)), why)?;
    let said = suppression::of_item(tx, acting.instance.store.keys(), item)?;
    item::remove(tx, &acting.policy, item)?;
    objection::carried(acting, tx, person, said)?;
    acting.settle_detail(tx, person, &kind.name)?;
    disclosure::corrected_as_asked(acting, tx, person, (&kind.name, false))?;
    acting.log(tx, "item.removed", &[person], &json!({ "kind": kind.name, "item": item.0 }))
}

/// A detail as whoever waits for a copy is owed it.
fn awaited<'k>(held: &Item, kind: &'k Kind, goes: bool) -> request::Held<'k> {
    let new = (held.version == 1).then_some(held.updated_at);
    request::Held { origin: "item", row: held.id.0, kind: &kind.name, new, goes, back: false }
}

/// A detail that is changed or taken away, once that is decided.
fn by_hand<'p>(
    acting: &'p Acting<'_>,
    tx: &Tx<'_>,
    verb: Verb,
    (person, item): (PersonId, ItemId),
) -> Result<(Life, &'p Kind, Item), Fault> {
    let held = item::one(tx, &acting.policy, item)?;
    if held.person != person {
        return Err(Fault::NotFound);
    }
    let life = acting.life(tx, person)?;
    let kinds = [held.kind].into_iter().collect();
    acting.decide(&act(verb, Some(Deed::AddPeople), Asked::Exactly(kinds)), &[&life], &Gate::default())?;
    let kind = acting.policy.kind(held.kind).ok_or(Fault::NotFound)?;
    Ok((life, kind, held))
}

/// The kinds this role may add about a person today: what the page has room for, and nothing else.
#[must_use]
pub fn addable(acting: &Acting<'_>, life: &Life) -> Vec<KindId> {
    let items = acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item);
    items
        .filter(|kind| may_store(acting, life, [kind.id].into_iter().collect()).is_ok())
        .map(|kind| kind.id)
        .collect()
}

/// Whether this role may change an item of this kind about a person today.
#[must_use]
pub fn may_change(acting: &Acting<'_>, life: &Life, kind: KindId) -> bool {
    may_by_hand(acting, life, kind, Verb::Change)
}

/// Whether this role may take an item of this kind away by hand today: not while a hold stands.
#[must_use]
pub fn may_remove(acting: &Acting<'_>, life: &Life, kind: KindId) -> bool {
    may_by_hand(acting, life, kind, Verb::Remove)
}

fn may_by_hand(acting: &Acting<'_>, life: &Life, kind: KindId, verb: Verb) -> bool {
    let kinds = Asked::Exactly([kind].into_iter().collect());
    acting.decide(&act(verb, Some(Deed::AddPeople), kinds), &[life], &Gate::default()).is_ok()
}

/// The items of a person that the grant lets be shown, and how many it does not.
#[must_use]
pub fn shown(grant: &custody::Grant, items: Vec<Item>) -> (Vec<Item>, u64) {
    let (shown, hidden): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| grant.covers(item.person, item.kind));
    (shown, hidden.len() as u64)
}
