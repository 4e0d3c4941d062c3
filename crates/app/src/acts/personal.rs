//! Mail from one member of staff to one person: under an activity by which they may be written to today, as words, with its channel's
//! footer or signature below. Nothing here goes to many, and nothing is filled in.

use custody::Life;
use custody::id::{MessageId, PersonId};
use policy::channel::{Channel, Means};
use policy::role::Deed;
use policy::{Activity, Policy};
use serde_json::json;
use store::mailing::Draft;
use store::message::{self, Message, NewMessage, Sort};
use store::task::{self, Kind, NewTask};
use store::{Tx, item, line};

use super::Acting;
use super::audience::{self, Way};
use super::mailing::{BODY_BYTES_MAX, SUBJECT_BYTES_MAX};
use crate::fault::Fault;
use crate::mail::letter::{self, Links};
use crate::web::page::FieldError;

/// The activities that write to one at a time by e-mail, each with its channel.
pub(super) fn one_to_one(policy: &Policy) -> impl Iterator<Item = (&Activity, &Channel)> {
    policy.activities.iter().filter_map(move |activity| {
        let mut channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
        Some((activity, channels.find(|channel| channel.means == Means::Email && !channel.to_many)?))
    })
}

/// Under what somebody may be written to today, and under what they are held and may not be, and why.
#[derive(Debug, Default)]
pub struct Ways<'p> {
    /// What they may be written to under, each with its channel.
    pub open: Vec<(&'p Activity, &'p Channel)>,
    /// What they may not be written to under: its title, and why.
    pub closed: Vec<(String, String)>,
}

/// Finds out under what somebody may be written to.
///
/// # Errors
/// [`Fault::Refused`] if this role may not send.
pub fn ways<'p>(acting: &'p Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Ways<'p>, Fault> {
    acting.must(Deed::Send)?;
    let policy = &acting.policy;
    let mut ways = Ways::default();
    for (activity, channel) in one_to_one(policy) {
        match audience::decide(acting, tx, &Way { activity, channel, footer_complete: true }, life) {
            Ok(_) => ways.open.push((activity, channel)),
            Err(Fault::Refused(refusal)) => {
                // Also what an objection has stopped: that is why.
                let mut under =
                    life.grounds.iter().filter_map(|ground| policy.rules.get(ground.rule.index()));
                if under.any(|rule| rule.activity == activity.id) {
                    ways.closed.push((activity.title.clone(), refusal.because));
                }
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(ways)
}

/// Writes to somebody: it leaves at once, decided again as it does.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if they may not be written to so; [`Fault::Invalid`] for a text no mail can carry, and where no
/// address of theirs is held.
pub fn send(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    (subject, body): (&str, &str),
) -> Result<MessageId, Fault> {
    acting.must(Deed::Send)?;
    let life = acting.life(tx, person)?;
    let (activity, channel) = one_to_one(&acting.policy)
        .find(|(known, _)| known.name == activity)
        .ok_or_else(|| Fault::field("activity", "Choose what you write to them about."))?;
    let draft = said(activity, channel, subject, body)?;
    let way = Way { activity, channel, footer_complete: true };
    let grant = audience::decide(acting, tx, &way, &life)?;
    let items = item::of_person(tx, &acting.policy, person)?;
    let address = line::address(&acting.policy, Some(activity), &items);
    let Some(address) = address.map(|item| &item.value) else {
        return Err(Fault::field(
            "activity",
            "No e-mail address of theirs is held for this. Ask them for one, or choose something else.",
        ));
    };
    let token = letter::linked(acting.instance, &grant, (person, &activity.name), address)?;
    let links = Links::of(acting.instance, &token);
    let letter = letter::write(&grant, address, &draft, channel.footer.as_deref(), &links)?;
    let new = NewMessage {
        person: Some(person),
        mailing: None,
        sort: Sort::Personal,
        activity: Some(&activity.name),
        channel: &channel.name,
        address: &letter.address,
        subject: &letter.subject,
        body: &letter.body,
        html: None,
        token: Some(&token),
        not_before: None,
        request: None,
        by: acting.staff_id(),
    };
    let queued = message::queue(tx, &new, acting.today, acting.now)?;
    acting.opens("mail.written", &grant);
    // The record of the message is a datum of its own.
    acting.settle(tx, person)?;
    super::form::answered(acting, tx, person, acting.today)?;
    let body = json!({ "message": queued.0, "activity": activity.name, "channel": channel.name });
    acting.log(tx, "mail.written", &[person], &body)?;
    Ok(queued)
}

/// Mail to somebody did not leave: whoever wrote it is told, and why. Whether they are. What becomes of a question says
/// [`super::question::stopped`].
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message, why: &str) -> Result<bool, Fault> {
    let (Some(whom), Sort::Personal) = (held.person, held.sort) else { return Ok(false) };
    if !store::person::exists(tx, whom)? || store::question::of_message(tx, held.id)?.is_some() {
        return Ok(false);
    }
    let what =
        format!("A message to them did not leave ({why}): see whether it still may, and say it otherwise");
    let first: Vec<_> = message::queued_by(tx, held.id)?.into_iter().collect();
    let new = NewTask {
        person: Some(whom),
        owner: super::task::whoever(acting, tx, Deed::Send, &first)?,
        due_on: Some(acting.today),
        ..NewTask::new(Kind::Other, &what)
    };
    task::add(tx, &new, acting.now)?;
    Ok(true)
}

/// What was typed, as a letter.
fn said(activity: &Activity, channel: &Channel, subject: &str, body: &str) -> Result<Draft, Fault> {
    let (subject, body) = (subject.trim(), body.replace("\r\n", "\n").trim().to_owned());
    let mut wrong = Vec::new();
    let mut blame = |field: &str, words: &str| {
        wrong.push(FieldError { field: field.to_owned(), words: words.to_owned() });
    };
    if subject.is_empty() {
        blame("subject", "Write a subject.");
    }
    if subject.chars().any(char::is_control) || subject.len() > SUBJECT_BYTES_MAX {
        blame("subject", "A subject is one line of 300 characters at most.");
    }
    if body.is_empty() {
        blame("text", "Write what the message says.");
    }
    if body.len() > BODY_BYTES_MAX || body.contains('\0') {
        blame("text", "This is too long: 100,000 characters at most.");
    }
    if !wrong.is_empty() {
        return Err(Fault::Invalid(wrong));
    }
    Ok(Draft {
        title: activity.title.clone(),
        activity: activity.name.clone(),
        channel: channel.name.clone(),
        subject: subject.to_owned(),
        body,
    })
}
