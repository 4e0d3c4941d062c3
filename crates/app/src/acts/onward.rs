//! Sending what somebody may take with them to another organisation, as they asked (UK GDPR Art 20(2)): to an address that
//! they confirmed, by a link and a code of its own, written down as a disclosure once it was taken. Nothing goes to an
//! address that they did not confirm, and nothing that the policy forbids to pass on.

use custody::act::Asked;
use custody::id::{PersonId, RequestId};
use custody::refusal::{Question, Refusal};
use custody::{Act, Grant, Sealed, Verb};
use jiff::SignedDuration;
use policy::KindSet;
use policy::policy::Clause;
use serde_json::json;
use store::disclosure::NewDisclosure;
use store::invitation::{self, Invitation};
use store::message::{self, Message, NewMessage, Sort};
use store::request::{self, Kind, Step, SubjectRequest};
use store::task::{self, NewTask};
use store::{Tx, dispose, normal, session};

use super::delivery::{self, ONWARD, Offer};
use super::letter::{self as letters, About};
use super::person::act;
use super::question::Leaving;
use super::request::{self as desk, ACTIVITY, people};
use super::{Acting, disclosure};
use crate::fault::Fault;
use crate::mail::letter;
use crate::print::{copy, portable};

/// What the link to confirm an address is kept as.
pub(super) const CONFIRM: &str = "onward address";

/// The step that names the organisation and its address, and the one that says that the person confirmed it.
const NAMED: &str = "other organisation named";
const CONFIRMED: &str = store::request::ONWARD_CONFIRMED;

/// How long the link to confirm works.
const HOURS: i64 = 7 * 24;

/// The longest name of an organisation, and the longest word on how an address was confirmed, in bytes.
const NAME_MAX: usize = 200;

/// Where somebody wants their data to go, as far as that has come.
#[derive(Clone, Debug)]
pub struct Onward {
    /// The organisation and its address, as they stand in one line.
    pub to: Sealed,
    /// When, and how, the person confirmed it.
    pub confirmed: Option<(jiff::civil::Date, Option<Sealed>)>,
    /// When the organisation took it.
    pub taken: Option<jiff::civil::Date>,
}

/// What the steps of a request say about it; nothing where no organisation is named.
#[must_use]
pub fn stands(steps: &[Step]) -> Option<Onward> {
    let place = steps.iter().rposition(|step| step.step == NAMED)?;
    let since = || steps.iter().skip(place + 1);
    let to = steps.get(place)?.note.clone()?;
    let confirmed = since().find(|step| step.step == CONFIRMED).map(|step| (step.on, step.note.clone()));
    Some(Onward {
        to,
        confirmed,
        taken: since().find(|step| step.step == ONWARD.fetched).map(|step| step.on),
    })
}

/// A request to take data elsewhere, from somebody of whom we know who they are.
fn movable(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
) -> Result<(SubjectRequest, PersonId, Vec<Step>), Fault> {
    let asked = desk::on_desk(acting, tx, request)?;
    let person = asked.person.filter(|_| asked.kind == Kind::Portability).ok_or(Fault::NotFound)?;
    desk::entitled(&asked)?;
    let steps = request::steps(tx, &acting.policy, &asked)?;
    desk::identified(acting, tx, &asked)?;
    Ok((asked, person, steps))
}

/// Writes down to which organisation it shall go, and at which address; what was confirmed before counts no more. Where an
/// address of the person's that we held before they asked can be written to, they are asked there to confirm it: whether
/// they were.
///
/// # Errors
/// [`Fault::Invalid`] on the name or the address; [`Fault::Refused`] unless the role answers requests.
pub fn name(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (organisation, address): (&str, &str),
) -> Result<bool, Fault> {
    let (asked, person, _) = movable(acting, tx, request)?;
    let organisation = organisation.split_whitespace().collect::<Vec<_>>().join(" ");
    let odd = |c: char| c.is_control() || matches!(c, '<' | '>' | '{' | '}');
    if organisation.is_empty() || organisation.len() > NAME_MAX || organisation.contains(odd) {
        return Err(Fault::field("organisation", "Write the name of the organisation."));
    }
    let address = normal::email(address)
        .ok_or_else(|| Fault::field("onward-address", "Write the e-mail address of the organisation."))?;
    delivery::withdraw_way(tx, request, &ONWARD)?;
    invitation::drop_about(tx, CONFIRM, request.0)?;
    let to = format!("{organisation} <{address}>");
    request::step(tx, request, acting.today, NAMED, Some(&to), acting.staff_id(), acting.now)?;
    acting.log(tx, "request.noted", &people(&asked), &json!({ "request": request.0, "step": NAMED }))?;
    put_to_them(acting, tx, (request, person), &to)
}

/// Asks the person, at an address that we held before they asked, whether that is where it shall go.
fn put_to_them(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (request, person): (RequestId, PersonId),
    to: &str,
) -> Result<bool, Fault> {
    let (addresses, grant) = letters::addresses(acting, tx, About::Request(request))?;
    let held = addresses.into_iter().find(|address| address.before);
    let (Some(held), Some(channel)) = (held, letters::channel(acting)) else { return Ok(false) };
    let token = store::keys::hex(&letter::token()?);
    let now = acting.now;
    let new = Invitation {
        hash: session::hash(token.as_bytes()),
        purpose: CONFIRM.to_owned(),
        staff: None,
        person: Some(person),
        about: Some(request.0),
        created_at: now,
        expires_at: now.saturating_add(SignedDuration::from_hours(HOURS)).unwrap_or(now),
    };
    invitation::add_another(tx, &new)?;
    let leaving = Leaving {
        grant: &grant,
        person,
        address: &held.address,
        activity: ACTIVITY,
        channel,
        sort: Sort::Rights,
        request: Some(request),
        by: acting.staff_id(),
    };
    let body = format!(
        "Hello,\n\nyou asked us to send what you gave us to another organisation:\n\n{to}\n\nOpen this link and confirm with one press that it \
         shall go there. Opening it alone confirms nothing.\n{}/onward/{token}\n\nIf the address is wrong, or you did not ask for this, \
         answer this message and confirm nothing: then nothing is sent.",
        acting.instance.public_address()
    );
    leaving.queue(acting, tx, "Where shall we send your data?", &body)?;
    acting.opens("letter.queued", &grant);
    Ok(true)
}

/// The person confirmed the address to somebody here, who says how.
///
/// # Errors
/// [`Fault::Invalid`] where no organisation is named, or it is not said how.
pub fn confirmed_to_us(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, how: &str) -> Result<(), Fault> {
    let (asked, _, steps) = movable(acting, tx, request)?;
    if stands(&steps).is_none() {
        return Err(Fault::field("organisation", "Write down first where it shall go."));
    }
    let how = how.trim();
    if how.is_empty() || how.len() > NAME_MAX {
        let words = "Write how they confirmed the address: read back to us on the telephone, in a letter they signed.";
        return Err(Fault::field("onward-how", words));
    }
    confirm(acting, tx, &asked, how)
}

fn confirm(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest, how: &str) -> Result<(), Fault> {
    invitation::drop_about(tx, CONFIRM, asked.id.0)?;
    request::step(tx, asked.id, acting.today, CONFIRMED, Some(how), acting.staff_id(), acting.now)?;
    acting.log(tx, "request.noted", &people(asked), &json!({ "request": asked.id.0, "step": CONFIRMED }))
}

/// Where it shall go, behind a link to confirm that still works, and what opens it.
///
/// # Errors
/// Whatever the store says.
pub fn behind(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<(Sealed, Grant)>, Fault> {
    let Some(asked) = linked(acting, tx, token)? else { return Ok(None) };
    let Some(onward) = stands(&request::steps(tx, &acting.policy, &asked)?) else { return Ok(None) };
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let grant = delivery::grant(acting, &life)?;
    acting.opens("request.read", &grant);
    Ok(Some((onward.to, grant)))
}

fn linked(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<SubjectRequest>, Fault> {
    let found = invitation::find(tx, session::hash(token.as_bytes()), CONFIRM, acting.now)?;
    let Some((id, whose)) = found.and_then(|found| Some((RequestId(found.about?), found.person?))) else {
        return Ok(None);
    };
    match request::one(tx, &acting.policy, id) {
        Ok(asked) => Ok(Some(asked).filter(|asked| asked.person == Some(whose))),
        Err(store::Error::Missing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The person pressed the button behind the link. False where it works no more.
///
/// # Errors
/// Whatever the store says.
pub fn pressed(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<bool, Fault> {
    let Some(asked) = linked(acting, tx, token)? else { return Ok(false) };
    confirm(acting, tx, &asked, "by the link that we mailed to the address we hold")?;
    Ok(true)
}

/// What is made to send it: the link and its code, to which address, and whether the program mailed the link there.
#[derive(Debug)]
pub struct Sent {
    /// The link and the code.
    pub offer: Offer,
    /// The organisation and its address.
    pub to: String,
    /// Whether the link was mailed there.
    pub mailed: bool,
}

/// Makes a link and a code for the other organisation, and mails it the link.
///
/// # Errors
/// [`Fault::Invalid`] until the person confirmed the address and the pack is made, or where the policy forbids to pass on
/// what is in it; [`Fault::Refused`] unless the role answers requests.
pub fn offer(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<Sent, Fault> {
    let (asked, person, steps) = movable(acting, tx, request)?;
    delivery::ready(acting, tx, &asked)?;
    let named = stands(&steps).filter(|onward| onward.confirmed.is_some());
    let onward = named.ok_or_else(|| {
        let words = "They have not confirmed where it shall go. Nothing is sent to an address that they did not confirm themselves.";
        Fault::field("onward", words)
    })?;
    let life = acting.life(tx, person)?;
    let grant = desk::answering(acting, &[&life])?;
    let to = copy::text(&onward.to, &grant)?;
    may_pass(acting, tx, (&asked, &life), &to)?;
    let offer = delivery::made(acting, tx, (&asked, person), &ONWARD)?;
    let address = to.rsplit_once(" <").map_or("", |(_, address)| address.trim_end_matches('>'));
    let body = format!(
        "Hello,\n\nsomebody who was with us asked us to send you what they gave us, so that they need not give it to you again. It is one archive, with \
         files for people to read and files for programs. Fetch it here:\n{}\n\nThe code to it reaches you another way. Both work for {} days.\n\n{}",
        offer.link, acting.policy.requests.copies_days, acting.policy.controller
    );
    let channel = letters::channel(acting);
    if let Some(channel) = channel {
        // It answers to nobody's link, and so has no footer by which somebody's mail could be stopped.
        let new = NewMessage {
            person: Some(person),
            mailing: None,
            sort: Sort::Rights,
            activity: Some(ACTIVITY),
            channel: &channel.name,
            address,
            subject: "Data that somebody asked us to send you",
            body: &body,
            html: None,
            token: None,
            not_before: None,
            request: Some(request),
            by: acting.staff_id(),
        };
        message::queue(tx, &new, acting.today, acting.now)?;
    }
    acting.opens("letter.queued", &grant);
    Ok(Sent { offer, to, mailed: channel.is_some() })
}

/// What of theirs goes.
fn kinds(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, life): (&SubjectRequest, &custody::Life),
) -> Result<KindSet, Fault> {
    let held: KindSet =
        dispose::holdings(tx, &acting.policy, life.person)?.data.iter().map(|datum| datum.kind).collect();
    let movable = portable::kinds(&acting.policy, life, asked.received_on, acting.today);
    Ok(held.minus(held.minus(movable)))
}

/// Refuses what the policy forbids to pass on, whoever asks for it: then it is handed to the person.
fn may_pass(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, life): (&SubjectRequest, &custody::Life),
    to: &str,
) -> Result<(), Fault> {
    let passing = Act {
        recipient: Some(to.to_owned()),
        ..act(Verb::Disclose, None, Asked::Exactly(kinds(acting, tx, (asked, life))?))
    };
    let stands = |never: &policy::channel::Prohibition| {
        custody::decide::prohibition_stands(&acting.policy, never, &passing, life, acting.today)
    };
    let Some(at) = acting.policy.prohibitions.iter().position(stands) else { return Ok(()) };
    Err(Fault::Refused(Box::new(Refusal::by(
        &acting.policy,
        Question::Disclosure,
        Some(Clause::Never(at)),
        "the policy forbids passing on what is in this copy, whoever asks for it".to_owned(),
        "Hand it to them by a link of their own, and let them pass it on.".to_owned(),
    ))))
}

/// The other organisation took it: that is a disclosure, written down once for each link.
pub(super) fn passed(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<(), Fault> {
    let person = asked.person.ok_or(Fault::NotFound)?;
    let steps = request::steps(tx, &acting.policy, asked)?;
    let last = steps.iter().rposition(|step| step.step == ONWARD.offered).unwrap_or(0);
    let taken = steps.iter().skip(last).filter(|step| step.step == ONWARD.fetched).count();
    let (Some(onward), true) = (stands(&steps), taken <= 1) else { return Ok(()) };
    let life = acting.life(tx, person)?;
    let to = copy::text(&onward.to, &delivery::grant(acting, &life)?)?;
    let new = NewDisclosure {
        person,
        recipient: &to,
        recipient_person: None,
        kinds: kinds(acting, tx, (asked, &life))?,
        activity: ACTIVITY,
        reason: store::disclosure::TAKEN_ALONG,
        engagement: None,
        safeguard: None,
        place: None,
        on: acting.today,
        by: None,
    };
    let row = disclosure::write(acting, tx, &life, &new)?;
    acting.log(tx, "person.passed on", &[person], &json!({ "disclosure": row, "request": asked.id.0 }))
}

/// The mail server did not take the link to the other organisation: somebody sends it otherwise. Whether it was that.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    let Some(id) = held.request.filter(|_| held.sort == Sort::Rights && held.token.is_none()) else {
        return Ok(false);
    };
    let asked = match request::one(tx, &acting.policy, id) {
        Err(store::Error::Missing) => return Ok(false),
        asked => asked?,
    };
    if asked.kind != Kind::Portability {
        return Ok(false);
    }
    let what = "Send the link to the other organisation again: the mail server did not take it, so nothing has reached them";
    let new = NewTask {
        person: asked.person,
        request: Some(id),
        owner: asked.owner,
        due_on: Some(acting.today),
        ..NewTask::new(task::Kind::Other, what)
    };
    task::add(tx, &new, acting.now)?;
    request::step(tx, id, acting.today, "link to the other organisation not taken", None, None, acting.now)?;
    Ok(true)
}
