//! One of an audience as a text to many addresses them: decided for, and called what the policy lets it call them.

use std::collections::BTreeMap;

use custody::act::Asked;
use custody::id::PersonId;
use custody::{Act, Gate, Grant, Life, Sealed};
use policy::{KindId, Policy};
use store::mailing::{Draft, Mailing};
use store::organisation::Belonging;
use store::{Tx, item, line, organisation};

use super::{Acting, Audience, Way, audience, way};
use crate::fault::Fault;
use crate::mail::letter::{self, Reader};

/// Somebody of an audience, to see what they will read before it is sent.
pub struct Example {
    /// What opens what they are called.
    pub grant: Grant,
    /// What they are called.
    pub who: Sealed,
    /// The draft as they will read it.
    pub draft: Draft,
}

/// One of an audience as they will be addressed, counting from 0 and going round.
///
/// # Errors
/// Whatever the store says.
pub fn example(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: &Mailing,
    audience: &Audience,
    which: usize,
) -> Result<Option<Example>, Fault> {
    let at = which.checked_rem(audience.will.len()).unwrap_or(0);
    let Some(person) = audience.will.get(at) else { return Ok(None) };
    let way = way(&acting.policy, &mailing.draft)?;
    let to = Addressed::of(acting, tx, &way, &mailing.draft, *person)?;
    let Some(who) = store::person::names(tx, &acting.policy, &[*person])?.into_iter().next() else {
        return Ok(None);
    };
    acting.opens("mailing.previewed", &to.grant);
    let draft = letter::addressed(&to.grant, &to.reader, &mailing.draft)?;
    Ok(Some(Example { grant: to.grant, who, draft }))
}

/// The kind that says what somebody's organisation is, where the policy holds it for this.
pub(super) fn organisation(policy: &Policy, way: &Way<'_>) -> Option<KindId> {
    let kind = policy.kind_named("organisation").map(|kind| kind.id);
    kind.filter(|kind| way.activity.kinds.contains(*kind))
}

/// One of an audience, decided for.
pub(in crate::acts) struct Addressed {
    /// What lets the text leave to them, and opens what it says of them.
    pub(in crate::acts) grant: Grant,
    /// Where it goes, where an address is held.
    pub(super) address: Option<Sealed>,
    /// What it calls them.
    pub(in crate::acts) reader: Reader,
}

impl Addressed {
    /// Decides for one of them, and finds what the text says of them.
    pub(in crate::acts) fn of(
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        way: &Way<'_>,
        draft: &Draft,
        person: PersonId,
    ) -> Result<Self, Fault> {
        let found = Self::of_many(acting, tx, way, draft, &[person])?;
        found.into_iter().next().map(|(_, to)| to).ok_or(Fault::NotFound)
    }

    /// The same of several, each decided for, in as few questions as it takes. In the order of their numbers; whoever cannot be read is
    /// left out.
    pub(super) fn of_many(
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        way: &Way<'_>,
        draft: &Draft,
        people: &[PersonId],
    ) -> Result<Vec<(PersonId, Self)>, Fault> {
        let policy = &acting.policy;
        let lives = acting.lives(tx, people)?;
        let people: &[PersonId] = &lives.iter().map(|life| life.person).collect::<Vec<_>>();
        let reachable = audience::reachable(acting, tx, way, people)?;
        let gate = Gate { footer_complete: way.footer_complete, people: reachable, ..Gate::default() };
        let saying = organisation(policy, way).filter(|_| letter::says(draft, "organisation"));
        let belong = if saying.is_some() { organisation::of_people(tx, people)? } else { Vec::new() };
        let mut held: BTreeMap<PersonId, Vec<item::Item>> = BTreeMap::new();
        for item in item::of_people(tx, policy, people)? {
            held.entry(item.person).or_default().push(item);
        }
        let named = policy.kind_named("name").map(|kind| kind.id);
        let mut addressed = Vec::with_capacity(lives.len());
        for life in &lives {
            let person = life.person;
            let grant = decided(acting, way, (life, &gate), saying)?;
            let items = held.remove(&person).unwrap_or_default();
            let address = line::address(policy, Some(way.activity), &items).map(|item| item.value.clone());
            let may_say = |kind: KindId| grant.covers(person, kind);
            let name = items.iter().find(|item| Some(item.kind) == named && may_say(item.kind));
            let name = name.map(|item| item.value.clone());
            let today =
                |one: &&Belonging| one.person == person && one.until.is_none_or(|until| until > acting.today);
            let organisation = saying.filter(|kind| may_say(*kind)).and_then(|kind| {
                belong.iter().find(today).map(|one| Sealed::new(person, kind, one.name.clone()))
            });
            addressed.push((person, Self { address, reader: Reader { name, organisation }, grant }));
        }
        Ok(addressed)
    }
}

/// Decides for one of them. Where the organisation of this one may not be said, the rest still may.
fn decided(
    acting: &Acting<'_>,
    way: &Way<'_>,
    (life, gate): (&Life, &Gate),
    saying: Option<KindId>,
) -> Result<Grant, Fault> {
    let act = audience::act(&acting.policy, way);
    if let Some(kind) = saying {
        let mut kinds = audience::kinds(&acting.policy, way);
        kinds.insert(kind);
        let whole = Act { kinds: Asked::Exactly(kinds), ..audience::act(&acting.policy, way) };
        match acting.decide(&whole, &[life], gate) {
            Err(Fault::Refused(_)) => {}
            decided => return decided,
        }
    }
    acting.decide(&act, &[life], gate)
}
