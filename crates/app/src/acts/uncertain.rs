//! Messages of a mailing of which nobody knows whether they arrived: the mail server was about to take one when the program was
//! stopped, or its answer never came. None of them leaves again until somebody says so.

use custody::id::{MailingId, MessageId};
use policy::role::Deed;
use serde_json::json;
use store::mailing::{self, Mailing};
use store::message;
use store::task::{self, Kind, NewTask};
use store::{Tx, person};

use super::{Acting, told};
use crate::fault::Fault;

/// The answer to a message never came.
///
/// # Errors
/// Whatever the store says.
pub fn one(acting: &Acting<'_>, tx: &Tx<'_>, held: &message::Message, trouble: &str) -> Result<(), Fault> {
    message::uncertain(tx, held.id, trouble)?;
    let people: Vec<_> = held.person.into_iter().collect();
    acting.log(tx, "message.uncertain", &people, &json!({ "message": held.id.0 }))?;
    held.mailing.map_or(Ok(()), |mailing| owe(acting, tx, mailing))
}

/// The program was stopped with messages in hand that it claimed before an instant. How many.
///
/// # Errors
/// Whatever the store says.
pub fn lost(acting: &Acting<'_>, tx: &Tx<'_>, before: jiff::Timestamp) -> Result<i64, Fault> {
    let lost = message::lost(tx, before)?;
    for (mailing, messages) in &lost {
        acting.log(tx, "message.uncertain", &[], &json!({ "mailing": mailing.0, "messages": messages }))?;
        owe(acting, tx, *mailing)?;
    }
    Ok(lost.iter().map(|(_, messages)| messages).sum())
}

/// Somebody is to say what becomes of them; once for a mailing.
fn owe(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    let held = mailing::one(tx, mailing)?;
    let what = what(acting, &held);
    if task::open_of_words(tx, &what)?.is_none() {
        let owner = held.created_by.map_or_else(
            || super::task::whoever(acting, tx, Deed::Send, &[]),
            |by| super::task::whoever(acting, tx, Deed::Send, &[by]),
        )?;
        let new = NewTask { owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
        task::add(tx, &new, acting.now)?;
    }
    Ok(())
}

/// What becomes of one of them hangs no more on what somebody says: where none is left there is nothing to say, and that is why.
///
/// # Errors
/// Whatever the store says.
pub fn fewer(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, outcome: &str) -> Result<(), Fault> {
    if message::uncertain_of(tx, mailing)?.is_empty()
        && let Some(open) = task::open_of_words(tx, &what(acting, &mailing::one(tx, mailing)?))?
    {
        task::done(tx, open, acting.today, acting.staff_id(), Some(outcome))?;
    }
    Ok(())
}

fn what(acting: &Acting<'_>, held: &Mailing) -> String {
    let zone = acting.instance.clock.zone();
    let at = zone.to_datetime(held.sent_at.unwrap_or(held.created_at));
    format!(
        "Say on the mailing \u{201c}{}\u{201d} of {} whether some of its messages are sent again: nobody knows whether they arrived",
        held.draft.title,
        at.strftime("%-d %b %Y, %H:%M")
    )
}

/// Says what became of the uncertain messages of a mailing: they arrived, or they are sent, decided again as they leave. How many.
///
/// # Errors
/// [`Fault::Refused`] if this role may not send; [`Fault::Changed`] if none is uncertain any more; [`Fault::Invalid`] where the
/// mailing was called back: then nothing of it leaves.
pub fn say(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, arrived: bool) -> Result<usize, Fault> {
    acting.must(Deed::Send)?;
    let held = mailing::one(tx, mailing)?;
    let uncertain = message::uncertain_of(tx, mailing)?;
    if uncertain.is_empty() {
        return Err(Fault::Changed);
    }
    if !arrived && held.state == "called back" {
        return Err(Fault::field(
            "arrived",
            "This mailing was called back: none of it is sent any more. Count them as sent.",
        ));
    }
    for (id, whom) in &uncertain {
        message::say(tx, *id, arrived, acting.now)?;
        if arrived {
            left(acting, tx, *id)?;
        }
        if let Some(whom) = whom.filter(|_| arrived)
            && person::exists(tx, whom)?
        {
            acting.settle(tx, whom)?;
        }
    }
    if !arrived {
        mailing::again(tx, mailing)?;
    }
    if let Some(open) = task::open_of_words(tx, &what(acting, &held))? {
        let outcome = if arrived { "counted as arrived" } else { "sent again" };
        task::done(tx, open, acting.today, acting.staff_id(), Some(outcome))?;
    }
    let body = json!({ "mailing": mailing.0, "messages": uncertain.len(), "arrived": arrived });
    acting.log(tx, "mailing.uncertain said", &[], &body)?;
    Ok(uncertain.len())
}

fn left(acting: &Acting<'_>, tx: &Tx<'_>, id: MessageId) -> Result<(), Fault> {
    told::by_message(acting, tx, &message::one(tx, &acting.policy, id)?)
}
