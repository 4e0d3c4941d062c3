//! Messages of mailings decided for once more and claimed, many at once: everything that a decision about each of them asks, in as few
//! questions as for one. Nothing here hands a message over, or knows a rule of its own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use custody::act::Asked;
use custody::gate::Reachable;
use custody::id::{MailingId, MessageId, PersonId};
use custody::{Act, Gate, Life, Verb};
use jiff::SignedDuration;
use jiff::civil::Date;
use policy::Policy;
use store::line::Rests;
use store::mailing::{self, Mailing};
use store::message::{self, Message, many};
use store::{Tx, id, line, log, suppression};

use super::desk::{Group, Ready};
use super::put_off;
use crate::acts::audience::{self, Way};
use crate::acts::picture::Leaving;
use crate::acts::{Acting, person};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::letter::Links;
use crate::mail::{Outgoing, post};

/// How many messages one connection takes from the desk at once.
const GROUP: usize = 16;

/// From when before a claim on what was done to people is counted: another server may have begun earlier what it wrote later, and its
/// clock may differ.
const BEFORE: SignedDuration = SignedDuration::from_mins(15);

/// What was seen as messages were decided for, to tell whether it still is so.
pub(super) struct Seen {
    pub(super) claim: Claim,
    pub(super) policy: Arc<Policy>,
    pub(super) events: BTreeMap<PersonId, i64>,
}

/// A claim that is about to be made.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    /// Its number, which every message of it bears.
    pub(super) number: i64,
    /// From which event on it is counted what was done to people.
    pub(super) since: i64,
    /// What was so before.
    pub(super) around: Around,
}

impl Claim {
    /// Looks around before anything is decided: whatever is done from then on is noticed. It is not read as messages are claimed, where it
    /// would meet everybody who writes meanwhile.
    ///
    /// # Errors
    /// Whatever the store says.
    pub(super) fn begin(instance: &Instance) -> Result<Self, Fault> {
        let since = id::since(machine().saturating_sub(BEFORE)?);
        let around = instance.store.read(|tx| Around::now(instance, tx, since))?;
        Ok(Self { number: id::next(), since, around })
    }
}

/// What a decision about anybody may hang on that is done to nobody: which day it is, what was said at any address, and what
/// organisations are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Around {
    today: Date,
    noes: i64,
    organisations: i64,
}

impl Around {
    /// As it is now.
    ///
    /// # Errors
    /// Whatever the store says.
    pub(super) fn now(instance: &Instance, tx: &Tx<'_>, since: i64) -> Result<Self, Fault> {
        Ok(Self {
            today: instance.clock.today(),
            noes: suppression::count_since(tx, since)?,
            organisations: log::count_of(tx, "organisation.changed", since)?,
        })
    }
}

/// Decides again about messages and claims those that may leave; what may not is refused with its reason.
///
/// # Errors
/// Whatever the store says, and then none is claimed.
pub(super) fn claim(
    instance: &Instance,
    tx: &Tx<'_>,
    (some, claim): (&[MessageId], Claim),
    from: &str,
    pictures: &mut Leaving,
) -> Result<Vec<Group>, Fault> {
    let acting = Acting::system(instance, "sender");
    let mut of: BTreeMap<MailingId, Vec<Message>> = BTreeMap::new();
    for held in many::several(tx, &acting.policy, some)? {
        if let Some(mailing) = held.mailing.filter(|_| held.state == "queued") {
            of.entry(mailing).or_default().push(held);
        }
    }
    let mut ready = Vec::with_capacity(some.len());
    for (mailing, messages) in of {
        let mailing = mailing::one(tx, mailing)?;
        if mailing.state == "queued" && mailing.paused_at.is_none() {
            ready.extend(decided(&acting, tx, &mailing, &messages, from, pictures)?);
        }
    }
    if ready.is_empty() {
        return Ok(Vec::new());
    }
    let messages: Vec<MessageId> = ready.iter().map(|ready| ready.message).collect();
    many::claim(tx, &messages, claim.number, acting.now)?;
    let people: Vec<PersonId> = ready.iter().map(|ready| ready.person).collect();
    let events = log::counts_since(tx, &people, claim.since)?;
    Ok(grouped(Seen { claim, policy: acting.policy.clone(), events }, ready))
}

fn grouped(seen: Seen, ready: Vec<Ready>) -> Vec<Group> {
    let (seen, mut ready, mut groups) = (Arc::new(seen), ready.into_iter(), Vec::new());
    loop {
        let some: VecDeque<Ready> = ready.by_ref().take(GROUP).collect();
        if some.is_empty() {
            return groups;
        }
        groups.push(Group { seen: seen.clone(), ready: some });
    }
}

/// Of one mailing those that may leave, put together.
fn decided(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: &Mailing,
    messages: &[Message],
    from: &str,
    pictures: &mut Leaving,
) -> Result<Vec<Ready>, Fault> {
    let chosen = acting.instance.config.sender(&mailing.draft.channel, mailing.sender.as_deref());
    let (from, pictures) = (chosen.unwrap_or(from), pictures.of(tx, Some(mailing.id))?);
    let deciding = Deciding::of(acting, tx, mailing, messages)?;
    let mut ready = Vec::with_capacity(messages.len());
    for held in messages {
        let outgoing = match &deciding {
            Some(deciding) => deciding.leave(acting, held, from),
            None => super::leave(acting, tx, held, from),
        };
        match (outgoing, held.person) {
            (Ok(outgoing), Some(person)) => {
                match &deciding {
                    Some(deciding) => deciding.note_rests(tx, held.id)?,
                    None => audience::note_rests(acting, tx, held)?,
                }
                let outgoing = Outgoing { pictures: pictures.clone(), ..outgoing };
                ready.push(Ready { message: held.id, person, tries: held.attempts + 1, outgoing });
            }
            (Err(Fault::Refused(refusal)), _) => super::refuse(acting, tx, held, &refusal)?,
            (Err(Fault::Store(error)), _) if !error.is_unreadable() => return Err(error.into()),
            (other, _) => {
                let fault = other.err().unwrap_or(Fault::NotFound);
                tracing::error!(message = held.id.0, %fault, "a message could not be taken in hand");
                put_off(acting.instance, tx, held.id)?;
            }
        }
    }
    Ok(ready)
}

/// All that is asked about several messages of one mailing to decide about each.
struct Deciding<'a> {
    way: Way<'a>,
    act: Act,
    reading: Act,
    lives: BTreeMap<PersonId, Life>,
    facts: BTreeMap<PersonId, Reachable>,
    rests: BTreeMap<MessageId, Rests>,
}

impl<'a> Deciding<'a> {
    /// Nothing where they are to be decided about one by one: the policy in force has no such activity or channel any more.
    fn of(
        acting: &'a Acting<'_>,
        tx: &Tx<'_>,
        mailing: &Mailing,
        messages: &[Message],
    ) -> Result<Option<Self>, Fault> {
        let policy: &'a Policy = &acting.policy;
        let activity = policy.activity_named(&mailing.draft.activity);
        let (Some(activity), Some(channel)) = (activity, policy.channel_named(&mailing.draft.channel)) else {
            return Ok(None);
        };
        let of_mailing = |held: &Message| held.person.filter(|_| held.sort == message::Sort::Mailing);
        let to: BTreeMap<PersonId, MessageId> =
            messages.iter().filter_map(|held| Some((of_mailing(held)?, held.id))).collect();
        if to.len() != messages.len() {
            return Ok(None);
        }
        let people: Vec<PersonId> = to.keys().copied().collect();
        let way = Way { activity, channel, footer_complete: true };
        let lives = acting.lives(tx, &people)?;
        let (facts, rests) = audience::leaving_many(acting, tx, &way, &to)?;
        let record = policy.kind_named("message record").map(|kind| kind.id).into_iter().collect();
        Ok(Some(Self {
            act: audience::act(policy, &way),
            reading: person::act(Verb::Maintain, None, Asked::Exactly(record)),
            lives: lives.into_iter().map(|life| (life.person, life)).collect(),
            way,
            facts,
            rests,
        }))
    }

    /// A message put together, if it may leave now.
    fn leave(&self, acting: &Acting<'_>, held: &Message, from: &str) -> Result<Outgoing, Fault> {
        let person = held.person.ok_or(Fault::NotFound)?;
        let life = self.lives.get(&person).ok_or(Fault::NotFound)?;
        let links = Links::of(acting.instance, held.token.as_deref().unwrap_or_default());
        // The record itself is the program's to read; whether it may leave is decided after.
        let reading = acting.decide(&self.reading, &[life], &Gate::default())?;
        let footer_complete = post::footer_complete(&reading, held, self.way.channel, &links)?;
        let facts = self.facts.get(&person).cloned().unwrap_or_default();
        let gate = Gate { footer_complete, people: BTreeMap::from([(person, facts)]), ..Gate::default() };
        acting.decide(&self.act, &[life], &gate)?;
        post::outgoing(acting.instance, &reading, held, Some(self.way.channel), &links, from)
    }

    /// Writes down, as a message leaves, why nobody had to be asked before.
    fn note_rests(&self, tx: &Tx<'_>, message: MessageId) -> Result<(), Fault> {
        match self.rests.get(&message) {
            Some(rests) => Ok(line::rests(tx, message, *rests)?),
            None => Ok(()),
        }
    }
}
