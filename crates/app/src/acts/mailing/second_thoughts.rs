//! What is said of all that waits of a mailing: that it leaves at once, or not at all. It stands in the mailing from that moment on, and
//! whatever was called back leaves no more; of its messages it is carried out some at a time, each time in a transaction of its own, so
//! that nobody who writes something waits for long. After a stop it goes on from there.

use std::time::{Duration, Instant};

use custody::id::MailingId;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::mailing;
use store::message::many;

use super::Acting;
use super::leaving::quicker;
use crate::acts::came_back;
use crate::fault::Fault;
use crate::instance::Instance;

/// Of how many messages it is carried out in one transaction that they leave at once.
const HURRIED_AT_ONCE: u32 = 256;

/// How many go in one transaction: each goes from all its indexes, and the backups are told.
const RECALLED_AT_ONCE: u32 = 100;

/// How long one turn goes on: a server that is asked to stop waits for it.
const TURN: Duration = Duration::from_secs(8);

/// Lets a queued mailing leave without waiting.
///
/// # Errors
/// [`Fault::Refused`] if this role may not send; [`Fault::Changed`] if nothing of it waits.
pub fn hurry(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    if many::waiting_of(tx, mailing, 1)?.is_empty() && mailing::filling(tx, mailing)?.is_none() {
        return Err(Fault::Changed);
    }
    quicker(mailing::hurry(tx, mailing, acting.now))?;
    hurry_some(tx, mailing)?;
    acting.log(tx, "mailing.hurried", &[], &json!({ "mailing": mailing.0 }))
}

/// Calls a mailing back: what has not left is not sent. How many of its messages went already; the others go soon.
///
/// # Errors
/// [`Fault::NotFound`] if it is not on its way.
pub fn call_back(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<u64, Fault> {
    acting.must(Deed::Send)?;
    came_back::decided(acting, tx, mailing, "what had not left was called back")?;
    mailing::call_back(tx, mailing, acting.now)?;
    let gone = call_some_back(acting, tx, mailing)?;
    if mailing::recalled(tx, mailing)?.is_some() {
        acting.log(tx, "mailing.begins to be called back", &[], &json!({ "mailing": mailing.0 }))?;
    }
    Ok(gone)
}

/// Goes on with whatever was said of mailings and is not carried out of all their messages yet.
///
/// # Errors
/// Whatever the store says as it is asked which they are.
pub fn go_on(instance: &Instance) -> Result<(), Fault> {
    let until = Instant::now() + TURN;
    for mailing in instance.store.read(mailing::in_steps)? {
        let mut more = true;
        while more && Instant::now() < until {
            more = match instance.store.write(|tx| step(instance, tx, mailing)) {
                Ok(more) => more,
                // What cannot be done now is done at the next turn, and holds up no other.
                Err(fault) => {
                    tracing::error!(mailing = mailing.0, %fault, "what was said of a mailing could not be carried out yet");
                    false
                }
            };
        }
    }
    Ok(())
}

/// The next of its messages. Whether there are more.
fn step(instance: &Instance, tx: &Tx<'_>, mailing: MailingId) -> Result<bool, Fault> {
    if mailing::recalled(tx, mailing)?.is_some() {
        call_some_back(&Acting::system(instance, "sender"), tx, mailing)?;
        return Ok(mailing::recalled(tx, mailing)?.is_some());
    }
    hurry_some(tx, mailing)?;
    Ok(mailing::hurried(tx, mailing)?.is_some())
}

/// Some messages of a mailing may leave from the moment on in which it was said.
fn hurry_some(tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    let Some(at) = mailing::hurried(tx, mailing)? else { return Ok(()) };
    if many::hurry(tx, mailing, at, HURRIED_AT_ONCE)? < u64::from(HURRIED_AT_ONCE) {
        mailing::hurried_whole(tx, mailing)?;
    }
    Ok(())
}

/// Some messages of a mailing go that was called back; with the last of them it is written down how many did. How many went now.
fn call_some_back(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<u64, Fault> {
    let Some(before) = mailing::recalled(tx, mailing)? else { return Ok(0) };
    let some = many::waiting_of(tx, mailing, RECALLED_AT_ONCE)?;
    let gone = many::call_back(tx, &some)?;
    let recalled = before.saturating_add_unsigned(gone);
    if gone < u64::from(RECALLED_AT_ONCE) {
        mailing::recalls(tx, mailing, None)?;
        acting.log(tx, "mailing.called back", &[], &json!({ "mailing": mailing.0, "messages": recalled }))?;
    } else {
        mailing::recalls(tx, mailing, Some(recalled))?;
    }
    Ok(gone)
}
