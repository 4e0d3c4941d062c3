//! Mailings: one text under one activity, to everybody who may have it today. Decided for each before sending,
//! and for each again at the moment of leaving ([`crate::jobs::outbox`]).

use custody::id::MailingId;
use jiff::SignedDuration;
use policy::channel::{Channel, Means};
use policy::role::Deed;
use policy::{Activity, Policy};
use serde_json::json;
use store::Tx;
use store::mailing::{self, Changed, Draft, Mailing};
use store::picture::Of;

use super::Acting;
use super::audience::{self, Audience, Way};
use super::erasure;
use super::picture;
use crate::fault::Fault;
use crate::mail::letter;
use crate::web::page::FieldError;

pub mod filling;
pub mod leaving;
pub(super) mod reader;
pub mod second_thoughts;
pub mod sender;
pub mod trial;

pub use reader::{Example, example};
pub use second_thoughts::{call_back, hurry};

/// How long a mailing can be called back.
pub const SECOND_THOUGHTS: SignedDuration = SignedDuration::from_mins(10);

/// The longest subject and text, in bytes.
pub(super) const SUBJECT_BYTES_MAX: usize = 300;
pub(super) const BODY_BYTES_MAX: usize = 100_000;

/// The activities that write to many by e-mail, each with its channel.
#[must_use]
pub fn purposes(policy: &Policy) -> Vec<(&Activity, &Channel)> {
    let channels = |activity: &Activity| activity.channels.clone();
    policy
        .activities
        .iter()
        .filter_map(|activity| {
            let many = channels(activity).into_iter().filter_map(|id| policy.channels.get(id.index()));
            Some((
                activity,
                many.into_iter().find(|channel| channel.to_many && channel.means == Means::Email)?,
            ))
        })
        .collect()
}

/// The way a mailing goes, if the policy in force still has it.
///
/// # Errors
/// [`Fault::Other`] if the policy no longer declares its activity or channel.
pub fn way<'p>(policy: &'p Policy, draft: &Draft) -> Result<Way<'p>, Fault> {
    let activity = policy.activity_named(&draft.activity);
    let channel = policy.channel_named(&draft.channel);
    match (activity, channel) {
        // The program puts the footer below every text itself.
        (Some(activity), Some(channel)) => Ok(Way { activity, channel, footer_complete: true }),
        _ => Err(Fault::Other("the policy in force has no such activity or channel any more".to_owned())),
    }
}

/// Begins a mailing under an activity.
///
/// # Errors
/// [`Fault::Invalid`] if no such activity writes to many.
pub fn begin(acting: &Acting<'_>, tx: &Tx<'_>, activity: &str) -> Result<MailingId, Fault> {
    acting.must(Deed::Send)?;
    let (activity, channel) = purposes(&acting.policy)
        .into_iter()
        .find(|(known, _)| known.name == activity)
        .ok_or_else(|| Fault::field("activity", "Choose what the mailing is for."))?;
    let draft = Draft {
        title: activity.title.clone(),
        activity: activity.name.clone(),
        channel: channel.name.clone(),
        subject: String::new(),
        body: String::new(),
    };
    let mailing = mailing::add(tx, &draft, acting.staff_id(), acting.now)?;
    acting.log(tx, "mailing.begun", &[], &json!({ "mailing": mailing.0, "activity": activity.name }))?;
    Ok(mailing)
}

/// Changes what a draft says; if somebody else was quicker, nothing changes and theirs comes back.
///
/// # Errors
/// [`Fault::Invalid`] for a text no mail can carry, and where it waits for its hour.
pub fn write(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
    seen: i64,
    subject: &str,
    body: &str,
) -> Result<Changed, Fault> {
    acting.must(Deed::Send)?;
    let held = mailing::one(tx, mailing)?;
    if held.state == "scheduled" {
        return Err(Fault::field("text", "It waits for its hour: make it a draft again to change it."));
    }
    let wrong = unfit(subject, body);
    if !wrong.is_empty() {
        return Err(Fault::Invalid(wrong));
    }
    let draft = Draft {
        subject: subject.trim().to_owned(),
        body: body.replace("\r\n", "\n").trim().to_owned(),
        ..held.draft
    };
    Ok(mailing::set(tx, mailing, seen, &draft)?)
}

/// What no mail can carry of a subject and a text.
pub(super) fn unfit(subject: &str, body: &str) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let mut blame = |field: &str, words: &str| {
        wrong.push(FieldError { field: field.to_owned(), words: words.to_owned() });
    };
    if subject.chars().any(char::is_control) || subject.len() > SUBJECT_BYTES_MAX {
        blame("subject", "A subject is one line of 300 characters at most.");
    }
    if body.len() > BODY_BYTES_MAX || body.contains('\0') {
        blame("text", "This is too long: 100,000 characters at most.");
    }
    wrong
}

/// Who will receive a mailing today, and who will not and why.
///
/// # Errors
/// Whatever the store says.
pub fn audience(acting: &Acting<'_>, tx: &Tx<'_>, mailing: &Mailing) -> Result<Audience, Fault> {
    acting.must(Deed::Send)?;
    audience::of_mailing(acting, tx, &way(&acting.policy, &mailing.draft)?, mailing.id)
}

/// Hands a mailing to the outbox: a message for everybody who may have it now, to leave in ten minutes. Where its activity is for more
/// than a few nobody has theirs yet, and all of them have soon ([`filling`]).
///
/// # Errors
/// [`Fault::Changed`] if it was changed or sent since it was looked at; [`Fault::Invalid`] if it says nothing,
/// still has the place in it where somebody stood who was erased, or reaches nobody.
pub fn send(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, seen: i64) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    let held = seen_draft(tx, mailing, seen)?;
    filling::begin(acting, tx, &held, acting.now.checked_add(SECOND_THOUGHTS)?)
}

/// A draft, if it still is one and at the version seen.
fn seen_draft(tx: &Tx<'_>, mailing: MailingId, seen: i64) -> Result<Mailing, Fault> {
    let held = mailing::one(tx, mailing)?;
    if held.state != "draft" || held.version != seen {
        return Err(Fault::Changed);
    }
    Ok(held)
}

/// Refuses a draft that says nothing yet, has a word in braces that nothing could be filled in for, or shows a picture that is not there.
fn sayable(acting: &Acting<'_>, tx: &Tx<'_>, held: &Mailing, way: &Way<'_>) -> Result<(), Fault> {
    let draft = &held.draft;
    if draft.subject.is_empty() {
        return Err(Fault::field("subject", "Write a subject."));
    }
    if draft.body.is_empty() {
        return Err(Fault::field("text", "Write what the message says."));
    }
    without_gaps(&draft.subject, &draft.body)?;
    picture::all_there(tx, Of::Mailing(held.id), &draft.body)?;
    if letter::says(draft, "organisation") && reader::organisation(&acting.policy, way).is_none() {
        let words = format!(
            "The policy lets us hold no organisation for \u{201c}{}\u{201d}: leave `{{organisation}}` out.",
            way.activity.title
        );
        return Err(Fault::field("text", &words));
    }
    Ok(())
}

/// Refuses words with a field in them that nothing is filled in for, or with the place where somebody stood who was erased.
pub(super) fn without_gaps(subject: &str, text: &str) -> Result<(), Fault> {
    for (field, text) in [("subject", subject), ("text", text)] {
        if let Some(unknown) = letter::unknown_field(text) {
            let words = format!(
                "`{unknown}` would stand there as it is: `{{name}}`, `{{given name}}` and `{{organisation}}` are filled in."
            );
            return Err(Fault::field(field, &words));
        }
        if text.contains(erasure::INSTEAD) {
            let words = format!(
                "It says \u{201c}{}\u{201d} where somebody stood who was erased since: write it again without them.",
                erasure::INSTEAD
            );
            return Err(Fault::field(field, &words));
        }
    }
    Ok(())
}
