//! The link to our notice for whoever sent us somebody's details, so that they pass it on: by e-mail to the organisation's own
//! address, by somebody's hands where there is none. It takes nothing off what we owe the people themselves.

use custody::Refusal;
use custody::id::{OrganisationId, PersonId};
use custody::refusal::Question;
use jiff::Span as Period;
use jiff::civil::Date;
use policy::activity::has_sender;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::message::{self, Message, NewMessage, Sort, Text};
use store::sender::{self, By, NewSender};
use store::suppression::{self, Forbids};
use store::task::{self, Kind, NewTask};

use crate::acts::{Acting, letter, organisation};
use crate::fault::Fault;
use crate::mail::letter::Links;
use crate::web::frame::words;

/// Somebody's details came from a source of the policy: whoever sent them gets the link, once a day however many they sent.
///
/// # Errors
/// Whatever the store says.
pub(in crate::acts) fn owe(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    source: &str,
) -> Result<(), Fault> {
    if !acting.policy.notice.through_sender || !has_sender(source) {
        return Ok(());
    }
    // Of several organisations nobody can tell here which one sent them.
    let organisation = match organisation::belongs(tx, person)?.as_slice() {
        [only] => Some(only.organisation),
        _ => None,
    };
    let from = (organisation, source);
    if sender::stands(tx, person, from)? {
        return Ok(());
    }
    let (by, done_on) = match sender::of_day(tx, from, acting.today)? {
        Some(same) => same,
        None => (begin(acting, tx, from)?, None),
    };
    let new = NewSender { person, organisation, source, on: acting.today, by, done_on };
    sender::record(tx, &new, acting.now)?;
    let by_message = matches!(by, By::Message(_));
    let body = json!({ "organisation": organisation.map(|id| id.0), "by message": by_message });
    acting.log(tx, "sender.owed", &[person], &body)
}

/// Writes to an organisation, or has somebody do it.
fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (organisation, source): (Option<OrganisationId>, &str),
) -> Result<By, Fault> {
    if let Some(organisation) = organisation
        && let Some(address) = address(acting, tx, organisation)?
        && let Some(channel) = letter::channel(acting)
    {
        let body = format!(
            "Hello,\n\nyou sent us details of people on {}. Please pass this on to each of them:\n\n{} has your details. What we do with them and \
             why, for how long, and what you can ask of us stands here:\n{}\n\nWe tell them ourselves, too.\n\n{}",
            words(acting.today),
            acting.policy.controller,
            link(acting),
            acting.policy.controller
        );
        let new = NewMessage {
            person: None,
            mailing: None,
            sort: Sort::Rights,
            activity: None,
            channel: &channel.name,
            address: &address,
            subject: "For the people whose details you sent us",
            body: &body,
            html: None,
            token: None,
            not_before: None,
            request: None,
            by: acting.staff_id(),
        };
        return Ok(By::Message(message::queue(tx, &new, acting.today, acting.now)?));
    }
    Ok(By::Task(by_hand(acting, tx, (organisation, source), acting.today)?))
}

/// The address of a company's own that may be written to.
fn address(acting: &Acting<'_>, tx: &Tx<'_>, organisation: OrganisationId) -> Result<Option<String>, Fault> {
    let details = store::organisation::one(tx, organisation)?.details;
    if details.subscriber != store::organisation::Subscriber::Corporate {
        return Ok(None);
    }
    let Some(address) = details.email else { return Ok(None) };
    if store::normal::email(&address).is_none() {
        return Ok(None);
    }
    Ok((!never(acting, tx, &address)?).then_some(address))
}

/// Whether somebody asked us never to write to an address again.
fn never(acting: &Acting<'_>, tx: &Tx<'_>, address: &str) -> Result<bool, Fault> {
    let keys = acting.instance.store.keys();
    Ok(suppression::standing(tx, keys, "email", address)?.contains(&Forbids::AllContact))
}

/// Decides again as a message with the link leaves: nobody may have asked us since never to write there. Any other message is none
/// of this.
///
/// # Errors
/// [`Fault::Refused`] where somebody did.
pub fn may_leave(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<(), Fault> {
    let (None, Text::Plain(address)) = (held.person, &held.address) else { return Ok(()) };
    if sender::of_message(tx, held.id)?.is_none() || !never(acting, tx, address)? {
        return Ok(());
    }
    let because = "somebody at this address asked us never to write to it again".to_owned();
    let next = "Give them the link another way.".to_owned();
    Err(Refusal::by(&acting.policy, Question::Gate, None, because, next).into())
}

/// Has somebody give the link to whoever sent details on a day. The task names nobody: who sent them stands on their page.
fn by_hand(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (organisation, source): (Option<OrganisationId>, &str),
    on: Date,
) -> Result<custody::id::TaskId, Fault> {
    let home = acting.instance.public_address();
    let whom = match organisation {
        Some(organisation) => format!("{home}/organisations/{organisation}"),
        None => format!("whoever it was ({source})"),
    };
    let what = format!(
        "Give the link to our notice, {}, to those who sent us details of people on {}, and ask that it is passed on: {whom}",
        link(acting),
        words(on)
    );
    let new = NewTask {
        owner: crate::acts::task::whoever(acting, tx, Deed::AddPeople, &[])?,
        due_on: Some(on.checked_add(within(acting))?),
        ..NewTask::new(Kind::Other, &what)
    };
    Ok(task::add(tx, &new, acting.now)?)
}

/// The time in which we tell people is the time for whoever passes it on.
fn within(acting: &Acting<'_>) -> Period {
    acting.policy.notice.within.unwrap_or_else(|| Period::new().months(1))
}

/// Where the notice is.
fn link(acting: &Acting<'_>) -> String {
    Links::preview(acting.instance).notice
}

/// A message with the link left.
///
/// # Errors
/// Whatever the store says.
pub fn left(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<(), Fault> {
    if held.person.is_none() {
        sender::left(tx, held.id, acting.today)?;
    }
    Ok(())
}

/// A message with the link does not leave: somebody gives it to them. Whether it was one.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    if held.person.is_some() {
        return Ok(false);
    }
    let Some((organisation, source, on)) = sender::of_message(tx, held.id)? else { return Ok(false) };
    let task = by_hand(acting, tx, (organisation, &source), on)?;
    sender::by_hand_instead(tx, held.id, task)?;
    acting.log(tx, "sender.by hand", &[], &json!({ "message": held.id.0, "task": task.0 }))?;
    Ok(true)
}
