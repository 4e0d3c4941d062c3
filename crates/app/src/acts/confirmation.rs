//! What came of an erasure, said to whoever asked for it before we forget where to write, whatever it comes to (UK GDPR Art 12(3)
//! and (4)): nobody carries one out without saying how they hear of it. The message is written in the act that erases and holds the
//! one address left, until it has left or for thirty days. Nothing here says anything that nobody chose to say.

use custody::id::{MessageId, PersonId, RequestId};
use custody::{Grant, Life, Sealed};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use policy::channel::{Channel, Means};
use serde_json::json;
use store::erase::{self, Part};
use store::message::{self, Message, Sort};
use store::request::{self, SubjectRequest};
use store::task::{self, Kind, NewTask};
use store::{Tx, item, line};

use super::Acting;
use super::erasure::{self, Preview};
use super::letter;
use super::question::Leaving;
use super::request::{ACTIVITY, Outcome, answering};
use super::undone::Undone;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::frame::words;

mod saying;

/// The clause by which it is said.
pub const CLAUSE: &str = "requests: confirm";

/// How whoever is erased hears of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Telling<'a> {
    /// Nobody tells them.
    #[default]
    Nobody,
    /// By e-mail to the address that goes, in the words that are drafted from what goes and what stays.
    ByEmail,
    /// The same, in words that somebody read over and perhaps changed.
    Written(&'a str),
    /// Somebody has told them, and how.
    Already(&'a str),
}

impl<'a> Telling<'a> {
    /// Whether an e-mail says it.
    #[must_use]
    pub fn mails(self) -> bool {
        matches!(self, Self::ByEmail | Self::Written(_))
    }

    /// What a form says: `email`, `told` and how, or `nobody`.
    ///
    /// # Errors
    /// [`Fault::Invalid`] if it says nothing, or not how they were told.
    pub fn read(word: &str, how: &'a str) -> Result<Self, Fault> {
        match word {
            "email" => Ok(Self::ByEmail),
            "told" if how.trim().is_empty() => {
                Err(Fault::field("how", "Write how they were told: by telephone, by letter."))
            }
            "told" => Ok(Self::Already(how)),
            "nobody" => Ok(Self::Nobody),
            _ => Err(Fault::field("tell", "Choose how they hear what came of it.")),
        }
    }
}

/// Whether the policy promises that they hear of it: they asked, and it says so.
#[must_use]
pub fn promised(policy: &Policy, asked: Option<&SubjectRequest>) -> bool {
    policy.requests.confirm_erasure && asked.is_some_and(|asked| asked.channel != request::OUR_OWN)
}

/// Where and how a message reaches somebody.
struct Route<'p> {
    channel: &'p Channel,
    grant: Grant,
    address: Sealed,
}

fn route<'p>(acting: &'p Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Option<Route<'p>>, Fault> {
    let policy = &acting.policy;
    if acting.instance.config.smtp.is_none() && !acting.instance.is_practice() {
        return Ok(None);
    }
    let own = policy.activity_named(ACTIVITY).into_iter().flat_map(|activity| &activity.channels);
    let own = own.filter_map(|id| policy.channels.get(id.index()));
    let others = policy.channels.iter().filter(|channel| !channel.to_many);
    let Some(channel) = own.chain(others).find(|channel| channel.means == Means::Email) else {
        return Ok(None);
    };
    let grant = answering(acting, &[life])?;
    let items = item::of_person(tx, policy, life.person)?;
    let Some(address) = line::address(policy, None, &items) else { return Ok(None) };
    Ok(Some(Route { channel, grant, address: address.value.clone() }))
}

/// Whether an e-mail could tell them.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn by_email(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<bool, Fault> {
    Ok(route(acting, tx, life)?.is_some())
}

/// What they are told, as it is drafted, with the name of whoever is told; nothing where nothing may go, which has a letter of its own.
pub(super) fn drafted(
    acting: &Acting<'_>,
    person: PersonId,
    (asked, parts, ahead): (&SubjectRequest, &[Part], &Preview),
    name: Option<&str>,
) -> Option<Sealed> {
    let kind = acting.policy.kind_named("request record")?.id;
    let text = || saying::body(acting, since(asked), (parts, ahead, 0), name);
    (ahead.outcome != Outcome::Refused).then(|| Sealed::new(person, kind, text()))
}

/// The day on which they asked, if anybody did.
fn since(asked: &SubjectRequest) -> Option<Date> {
    (asked.channel != request::OUR_OWN).then_some(asked.received_on)
}

/// Writes the message if there is to be one, before what it is about goes. So many texts of others are left `alone` that speak of them.
///
/// # Errors
/// [`Fault::Invalid`] if somebody `asks` for it and nobody tells them, or no e-mail reaches them.
pub fn write(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (life, request, parts): (&Life, RequestId, &[Part]),
    (telling, asks, alone): (Telling<'_>, bool, usize),
) -> Result<(), Fault> {
    match telling {
        Telling::Nobody if asks => Err(Fault::field(
            "tell",
            "They asked, so they hear what came of it (Art 12(3) and (4)). Say how, before we forget where to write.",
        )),
        // How they were told is written down when it is clear what of.
        Telling::Nobody | Telling::Already(_) => Ok(()),
        Telling::ByEmail | Telling::Written(_) => {
            let asked = request::one(tx, &acting.policy, request)?;
            let Some(route) = route(acting, tx, life)? else {
                return Err(Fault::field(
                    "tell",
                    "No e-mail reaches them: tell them by letter or telephone, and say how.",
                ));
            };
            // What comes of it is seen beforehand: once it has gone, nothing says where to write.
            let ahead = erasure::preview(acting, tx, life.person, Some(request))?;
            let leaving = Leaving {
                grant: &route.grant,
                person: life.person,
                address: &route.address,
                activity: ACTIVITY,
                channel: route.channel,
                sort: Sort::Rights,
                request: Some(request),
                by: acting.staff_id(),
            };
            let name = letter::called(acting, tx, life)?;
            let draft = |on, alone| saying::body(acting, on, (parts, &ahead, alone), name.as_deref());
            let on = since(&asked);
            let body = match telling {
                // The page before may not have known yet that they asked, nor which texts are left as they are.
                Telling::Written(text)
                    if ![on, None].into_iter().any(|on| saying::same(&draft(on, 0), text)) =>
                {
                    saying::changed(acting, &ahead, text, alone)?
                }
                _ => draft(on, alone),
            };
            leaving.queue(acting, tx, saying::subject(&ahead), &body)?;
            acting.opens("confirmation.queued", &route.grant);
            let by = acting.staff_id();
            Ok(request::step(tx, request, acting.today, request::WRITTEN, None, by, acting.now)?)
        }
    }
}

/// Writes down that somebody told them, and how: that it is done, or that it is refused.
///
/// # Errors
/// Whatever the store says.
pub fn told(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (request, outcome): (RequestId, Outcome),
    telling: Telling<'_>,
) -> Result<(), Fault> {
    let Telling::Already(how) = telling else { return Ok(()) };
    let step = match outcome {
        Outcome::Done => request::TOLD,
        Outcome::Partly => request::TOLD_PART,
        Outcome::Refused => request::TOLD_REFUSED,
    };
    Ok(request::step(tx, request, acting.today, step, Some(how.trim()), acting.staff_id(), acting.now)?)
}

/// Whether a message says that an erasure was done.
fn confirms(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    let Some(asked) = held.request.filter(|_| held.sort == Sort::Rights) else { return Ok(false) };
    match request::one(tx, &acting.policy, asked) {
        // The request has gone since.
        Err(store::Error::Missing) => Ok(false),
        asked => Ok(asked?.kind == request::Kind::Erasure),
    }
}

/// It has left: the address it went to goes.
///
/// # Errors
/// Whatever the store says.
pub fn left(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<(), Fault> {
    if confirms(acting, tx, held)? {
        erase::confirmed(tx, held.id)?;
    }
    Ok(())
}

/// The mail server does not take it: somebody tells them otherwise, before the address goes. Whether it was that.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    if !confirms(acting, tx, held)? {
        return Ok(false);
    }
    let until = last_day(&acting.policy, held.queued_on)?;
    let what = format!(
        "Tell them otherwise that they are erased: the mail server did not take our message. It still holds their address, until {}",
        words(until)
    );
    let new = NewTask {
        person: held.person,
        request: held.request,
        owner: held
            .request
            .map(|asked| request::one(tx, &acting.policy, asked))
            .transpose()?
            .and_then(|asked| asked.owner),
        due_on: Some(until),
        rule: Some(CLAUSE),
        ..NewTask::new(Kind::Other, &what)
    };
    task::add(tx, &new, acting.now)?;
    Ok(true)
}

/// The last day on which the message may hold the address it goes to.
fn last_day(policy: &Policy, queued: Date) -> Result<Date, Fault> {
    Ok(queued.checked_add(policy.requests.confirming_days.days())?)
}

/// The message that an erasure was done, and what opens its address where the mail server did not take it.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn last(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
) -> Result<Option<(Message, Option<Grant>)>, Fault> {
    let Some(found) = message::of_request(tx, &acting.policy, request)?.into_iter().next_back() else {
        return Ok(None);
    };
    let grant = match found.person.filter(|_| {
        found.state == "failed"
            && acting.today <= found.queued_on.saturating_add(acting.policy.requests.confirming_days.days())
    }) {
        Some(person) => {
            let life = acting.life(tx, person)?;
            let grant = answering(acting, &[&life])?;
            acting.opens("confirmation.read", &grant);
            Some(grant)
        }
        None => None,
    };
    Ok(Some((found, grant)))
}

/// Takes the address out of what has waited for too long. How many there were.
///
/// # Errors
/// Whatever the store says.
pub fn forget(instance: &Instance, undone: &mut Undone) -> Result<usize, Fault> {
    let today = instance.clock.today();
    let days = Acting::system(instance, "confirmation").policy.requests.confirming_days;
    let late = instance.store.read(|tx| erase::unconfirmed(tx, days, today))?;
    let mut forgotten = 0;
    for one in late {
        match instance.store.write(|tx| forget_one(instance, tx, one)) {
            Ok(()) => forgotten += 1,
            Err(Fault::Store(error @ (store::Error::Away(_) | store::Error::Contended))) => {
                return Err(error.into());
            }
            // The others go all the same; the proof names a message that still holds an address.
            Err(fault) => {
                undone.one("the address of a confirmation could not be forgotten: message", one.0, &fault)
            }
        }
    }
    Ok(forgotten)
}

fn forget_one(instance: &Instance, tx: &Tx<'_>, one: MessageId) -> Result<(), Fault> {
    let acting = Acting::system(instance, "confirmation");
    let held = message::one(tx, &acting.policy, one)?;
    match message::give_up(tx, one, "it could not leave in time") {
        Ok(()) | Err(store::Error::Missing) => erase::confirmed(tx, one)?,
        Err(error) => return Err(error.into()),
    }
    let people: Vec<PersonId> = held.person.into_iter().collect();
    acting.log(tx, "confirmation.forgotten", &people, &json!({ "message": one.0 }))?;
    acting.settle_if_held(tx, held.person)
}

/// Confirmations that wait: what a practice night writes down as said.
///
/// # Errors
/// Whatever the store says.
pub fn waiting(instance: &Instance) -> Result<Vec<MessageId>, Fault> {
    Ok(instance.store.read(erase::confirming)?)
}
