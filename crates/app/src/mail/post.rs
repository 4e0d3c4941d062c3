//! A message of the outbox on its last step: opened with the grant that lets it leave, put together, handed
//! over.

use std::sync::Arc;

use custody::id::MessageId;
use custody::{Grant, Sealed, Shown};
use policy::activity::Purpose;
use policy::channel::Channel;
use policy::{Activity, Policy};
use store::Keys;
use store::mailing::Draft;
use store::message::{Message, Sort, Text};

use super::compose::may_be_pressed;
use super::letter::{Links, filled, one_line, token};
use super::{Kind, Outgoing};
use crate::acts::preference;
use crate::fault::Fault;
use crate::instance::Instance;

/// Whether a message ends with its channel's footer as the policy has it today. Without a footer there is
/// nothing to miss.
///
/// # Errors
/// If the grant does not cover the message.
pub fn footer_complete(
    grant: &Grant,
    message: &Message,
    channel: &Channel,
    links: &Links,
) -> Result<bool, Fault> {
    let Some(footer) = &channel.footer else { return Ok(true) };
    Ok(text(grant, &message.body)?.ends_with(&filled(footer, links)))
}

/// Whether whoever gets a mailing this way can stop more of it: by the footer's link, and always where it promotes us or a
/// press on that link stops it: it rests on their consent, or on an interest. What is none of these says what concerns them, for as
/// long as they are who they are to us.
#[must_use]
pub fn stoppable(channel: &Channel, activity: Option<&Activity>) -> bool {
    let theirs_to_stop = activity
        .is_none_or(|activity| activity.purpose == Purpose::DirectMarketing || preference::stops(activity));
    theirs_to_stop || channel.footer.as_ref().is_none_or(|footer| footer.contains("{unsubscribe}"))
}

/// The message as it is handed to the mail server, without the pictures that it may show.
///
/// # Errors
/// If the grant does not cover the message.
pub fn outgoing(
    instance: &Instance,
    grant: &Grant,
    message: &Message,
    channel: Option<&Channel>,
    links: &Links,
    from: &str,
) -> Result<Outgoing, Fault> {
    // What answers to no link of a person's has no footer: nobody stops their mail by it.
    let own = message.token.is_some() || message.sort != Sort::Rights;
    let footer = channel.filter(|_| own).and_then(|channel| channel.footer.clone());
    let whole = text(grant, &message.body)?;
    let body = match &footer {
        Some(footer) => whole.strip_suffix(&filled(footer, links)).unwrap_or(whole).trim_end(),
        None => whole,
    };
    let policy = instance.policy();
    let activity = message.activity.as_deref().and_then(|name| policy.activity_named(name));
    let kind = match message.sort {
        Sort::Mailing if channel.is_some_and(|channel| !stoppable(channel, activity)) => Kind::Notice,
        Sort::Mailing => Kind::Bulk,
        Sort::Personal => Kind::Personal,
        Sort::Rights | Sort::Parting | Sort::Staff => Kind::Service,
    };
    let bulk = kind == Kind::Bulk;
    // Whoever is told by one of us what we offer can stop it in their mail program as well, and without a word to us.
    let offer = kind == Kind::Personal
        && message.token.is_some()
        && activity.is_some_and(|activity| activity.purpose == Purpose::DirectMarketing)
        && may_be_pressed(&links.unsubscribe);
    Ok(Outgoing {
        kind,
        from: from.to_owned(),
        reply_to: Some(policy.contact.email.clone()),
        to: text(grant, &message.address)?.to_owned(),
        to_name: None,
        subject: text(grant, &message.subject)?.to_owned(),
        body: body.to_owned(),
        pictures: Arc::default(),
        footer,
        notice_url: links.notice.clone(),
        unsubscribe_url: own.then(|| links.unsubscribe.clone()),
        one_click_url: (bulk || offer).then(|| links.unsubscribe.clone()),
        list_id: bulk.then(|| list(&policy, channel)),
        message_token: number(instance.store.keys(), message.id),
        at: instance.clock.now(),
    })
}

/// A mailing as somebody would get it, to look at in one's own mailbox, without the pictures that it may show: its links are those of
/// a preview, and stop nothing.
///
/// # Errors
/// If the system gives no random bytes.
pub fn trial(
    instance: &Instance,
    (activity, channel): (&Activity, &Channel),
    draft: &Draft,
    to: &str,
    from: &str,
) -> Result<Outgoing, Fault> {
    let (policy, links) = (instance.policy(), Links::preview(instance));
    let bulk = stoppable(channel, Some(activity));
    Ok(Outgoing {
        kind: if bulk { Kind::Bulk } else { Kind::Notice },
        from: from.to_owned(),
        reply_to: Some(policy.contact.email.clone()),
        to: to.to_owned(),
        to_name: None,
        subject: one_line(&format!("Test: {}", draft.subject)),
        body: draft.body.clone(),
        pictures: Arc::default(),
        footer: channel.footer.clone(),
        notice_url: links.notice.clone(),
        unsubscribe_url: Some(links.unsubscribe.clone()),
        one_click_url: bulk.then(|| links.unsubscribe.clone()),
        list_id: bulk.then(|| list(&policy, Some(channel))),
        message_token: format!("t{}", store::keys::hex(&token()?)),
        at: instance.clock.now(),
    })
}

/// How many bytes of a keyed hash stand behind the number of a message.
const MARK_BYTES: usize = 8;

/// What a message is known by outside, before the `@` of its Message-ID: its number, and behind it what nobody can tell who does not
/// have the message. Numbers follow each other, so that whoever got one message could else report the next.
#[must_use]
pub fn number(keys: &Keys, message: MessageId) -> String {
    let mark = keys.hash("message number", &message.0.to_string());
    format!("m{message}-{}", store::keys::hex(mark.get(..MARK_BYTES).unwrap_or(&mark)))
}

/// The message that a Message-ID of ours names; nothing for one that was made up.
#[must_use]
pub fn numbered(keys: &Keys, message_id: &str) -> Option<MessageId> {
    let token = message_id.split('@').next()?;
    let (said, _) = token.strip_prefix('m')?.split_once('-')?;
    let message = MessageId(said.parse().ok()?);
    (number(keys, message) == token).then_some(message)
}

/// What mail programs know a channel by.
fn list(policy: &Policy, channel: Option<&Channel>) -> String {
    let host = policy.contact.email.split('@').next_back().unwrap_or("localhost");
    let list = channel.map(|channel| channel.name.replace(' ', "-")).unwrap_or_default();
    format!("{list}.{host}")
}

fn text<'a>(grant: &'a Grant, text: &'a Text) -> Result<&'a str, Fault> {
    match text {
        Text::Sealed(sealed) => opened(grant, sealed),
        Text::Plain(plain) => Ok(plain),
    }
}

fn opened<'a>(grant: &'a Grant, sealed: &'a Sealed) -> Result<&'a str, Fault> {
    Ok(sealed.open(grant).map(Shown::reveal)?)
}
