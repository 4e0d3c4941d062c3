//! What came of messages of mailings, written down many at once: what left, what waits again, and what a stop left in the journal.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{MailingId, MessageId, PersonId};
use jiff::Timestamp;
use policy::Policy;
use serde_json::json;
use store::message::{self, Message, many};
use store::{Tx, mailing};

use super::desk::News;
use super::journal::{Became, Journal, LeftOver};
use super::{passes, record};
use crate::acts::{Acting, told, uncertain};
use crate::fault::Fault;
use crate::instance::Instance;

/// Writes down what a program before this one, or a turn that broke off, left in the journal: what left is sent, what waits waits
/// again, and the rest is uncertain.
///
/// # Errors
/// Whatever the store says, and the disk of the journal.
pub(super) fn left_over(instance: &Instance) -> Result<(), Fault> {
    match Journal::open(instance.store.data())? {
        Some(journal) => written_down(instance, &journal),
        None => Ok(()),
    }
}

/// The same of a journal that is open already.
///
/// # Errors
/// As [`left_over`].
pub(super) fn written_down(instance: &Instance, journal: &Journal) -> Result<(), Fault> {
    let found = journal.left_over()?;
    if !found.is_empty() {
        match instance.store.write(|tx| write_down(instance, tx, &found)) {
            Ok(()) => {}
            Err(fault) if passes(&fault) => return Err(fault),
            // They count as lost in their time, and keep nothing else from leaving.
            Err(fault) => {
                tracing::error!(%fault, "what became of messages in hand could not be written down")
            }
        }
        journal.begin_anew()?;
    }
    Ok(())
}

fn write_down(instance: &Instance, tx: &Tx<'_>, found: &LeftOver) -> Result<(), Fault> {
    let acting = Acting::system(instance, "sender");
    let (mut left, mut back, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (message, _) in many::claimed(tx)?.into_iter().filter(|(_, claim)| found.speaks_of(*claim)) {
        match found.of(message) {
            Became::Left => left.push(message),
            Became::Waits => back.push(message),
            Became::Unknown => unknown.push(message),
        }
    }
    // Another server may have counted them as lost meanwhile.
    let known = [left.as_slice(), back.as_slice()].concat();
    let lost = many::several(tx, &acting.policy, &known)?;
    let lost = lost.iter().filter(|held| held.state == "uncertain").filter_map(|held| held.mailing);
    let lost: BTreeSet<MailingId> = lost.collect();
    many::found_again(tx, &known)?;
    // They left soon after they were claimed, whatever was said since.
    sent(&acting, tx, &many::claimed_at(tx, &left)?)?;
    wait_again(tx, &acting.policy, &back)?;
    for mailing in lost {
        mailing::again(tx, mailing)?;
        uncertain::fewer(&acting, tx, mailing, "it is known what became of each")?;
    }
    for held in many::several(tx, &acting.policy, &unknown)?.iter().filter(|held| held.state == "claimed") {
        uncertain::one(&acting, tx, held, message::STOPPED)?;
    }
    if !unknown.is_empty() {
        tracing::warn!(
            messages = unknown.len(),
            "a stop interrupted these of a mailing; none is sent again until somebody says so"
        );
    }
    Ok(())
}

/// Writes down what came of messages.
///
/// # Errors
/// Whatever the store says.
pub(super) fn settle(instance: &Instance, tx: &Tx<'_>, news: &News) -> Result<(), Fault> {
    let acting = Acting::system(instance, "sender");
    let well = news.came.iter().filter(|came| came.handed.sent.is_ok());
    let left: Vec<_> = well.map(|came| (came.handed.message, came.at)).collect();
    sent(&acting, tx, &left)?;
    for came in news.came.iter().filter(|came| came.handed.sent.is_err()) {
        record(instance, tx, &came.handed)?;
    }
    wait_again(tx, &acting.policy, &news.back)
}

/// Writes down that messages left, each at its moment. One that was given up while it was in hand, or went with whom it was for, stays
/// that.
fn sent(acting: &Acting<'_>, tx: &Tx<'_>, left: &[(MessageId, Timestamp)]) -> Result<(), Fault> {
    let ids: Vec<MessageId> = left.iter().map(|(message, _)| *message).collect();
    let mut held = many::several(tx, &acting.policy, &ids)?;
    held.retain(|held| held.state == "claimed");
    if held.is_empty() {
        return Ok(());
    }
    many::sent(tx, left)?;
    told::by_messages(acting, tx, &held)?;
    let people: BTreeSet<PersonId> = held.iter().filter_map(|held| held.person).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    // The record of a message is the program's own, and nothing else about anybody changed but that they were told.
    acting.settle_records(tx, &people)?;
    let mut of: BTreeMap<(Option<MailingId>, &str), Vec<&Message>> = BTreeMap::new();
    for one in &held {
        of.entry((one.mailing, one.channel.as_str())).or_default().push(one);
    }
    for ((mailing, channel), some) in of {
        let people: Vec<PersonId> = some.iter().filter_map(|held| held.person).collect();
        let messages: Vec<i64> = some.iter().map(|held| held.id.0).collect();
        let mailing = mailing.map(|mailing| mailing.0);
        let body = json!({ "mailing": mailing, "messages": messages, "channel": channel });
        acting.log(tx, "message.sent", &people, &body)?;
    }
    Ok(())
}

/// Lets messages wait again of which nothing was said to the mail server; those of a mailing that was called back meanwhile go as
/// its others went.
fn wait_again(tx: &Tx<'_>, policy: &Policy, back: &[MessageId]) -> Result<(), Fault> {
    if back.is_empty() {
        return Ok(());
    }
    many::give_back(tx, back)?;
    let mut of: BTreeMap<MailingId, Vec<MessageId>> = BTreeMap::new();
    for held in many::several(tx, policy, back)? {
        if let Some(mailing) = held.mailing {
            of.entry(mailing).or_default().push(held.id);
        }
    }
    for (mailing, messages) in of {
        if mailing::one(tx, mailing)?.state == "called back" {
            many::call_back(tx, &messages)?;
        }
    }
    Ok(())
}
