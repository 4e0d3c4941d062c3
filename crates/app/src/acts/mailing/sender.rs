//! Which of the addresses that are set up a mailing leaves from: one of its channel's, chosen while it is a draft.

use custody::id::MailingId;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::mailing::{self, Mailing};
use store::message::Message;

use super::{Acting, seen_draft};
use crate::fault::Fault;
use crate::instance::Instance;

/// Has a draft leave from one of the addresses that are set up for its channel.
///
/// # Errors
/// [`Fault::Invalid`] for an address that is not; [`Fault::Changed`] if it was changed or sent since it was looked at.
pub fn choose(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
    seen: i64,
    from: &str,
) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    let held = seen_draft(tx, mailing, seen)?;
    if !acting.instance.config.senders(&held.draft.channel).contains(&from) {
        return Err(Fault::field("from", "Choose one of the addresses that are set up for this."));
    }
    mailing::leaves_from(tx, mailing, seen, from)?;
    acting.log(tx, "mailing.sender chosen", &[], &json!({ "mailing": mailing.0 }))
}

/// What a mailing leaves from; nothing where no mail server is set.
#[must_use]
pub fn of<'i>(instance: &'i Instance, held: &Mailing) -> Option<&'i str> {
    instance.config.sender(&held.draft.channel, held.sender.as_deref())
}

/// What a message leaves from, as it leaves: `otherwise` where no mail server is set.
///
/// # Errors
/// Whatever the store says.
pub fn of_message(
    instance: &Instance,
    tx: &Tx<'_>,
    held: &Message,
    otherwise: &str,
) -> Result<String, Fault> {
    let chosen = match held.mailing {
        Some(mailing) => mailing::sender(tx, mailing)?,
        None => None,
    };
    let from = instance.config.sender(&held.channel, chosen.as_deref());
    Ok(from.unwrap_or(otherwise).to_owned())
}
