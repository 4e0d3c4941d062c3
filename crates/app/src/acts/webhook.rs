//! Webhooks: other programs are told that something happened. Whoever may manage staff sets them up; what they say is taken from
//! the log, by number, and leaves by a job of its own ([`crate::jobs::webhooks`]). No act says anything to anybody outside here.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use policy::role::Deed;
use serde_json::json;
use store::webhook::{self, Webhook};
use store::{Keys, Tx};
use ureq::http::Uri;
use zeroize::Zeroizing;

use super::Acting;
use super::health::{Line, State, Way};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::outward;
use crate::web::frame::words;

pub mod said;

/// What secrets are sealed for, and addresses.
const SEALED: &str = "webhook secret";
const SEALED_ADDRESS: &str = "webhook address";

/// How many there may be.
const WEBHOOKS_MAX: usize = 20;

/// How many bytes a secret has.
const SECRET_BYTES: usize = 32;

/// For how long messages are signed with the secret before as well.
const BOTH: SignedDuration = SignedDuration::from_hours(24);

/// Sets a webhook up: its number, and its secret, which is shown only now.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::Invalid`] for an address that nothing is sent to.
pub fn add(acting: &Acting<'_>, tx: &Tx<'_>, url: &str, events: &[String]) -> Result<(i64, String), Fault> {
    acting.must(Deed::ManageStaff)?;
    let (url, events) = taken(acting.instance, url, events)?;
    if webhook::all(tx)?.len() >= WEBHOOKS_MAX {
        return Err(Fault::field("url", format!("There are {WEBHOOKS_MAX} already: take one away first.")));
    }
    let secret = drawn()?;
    let sealed = acting.instance.store.keys().seal(SEALED, secret.as_slice())?;
    let added = webhook::add(tx, (&url, &events), &sealed, acting.staff_id(), machine())?;
    acting.log(tx, "webhook.added", &[], &json!({ "webhook": added, "events": events }))?;
    Ok((added, said::shown(secret.as_slice())))
}

/// Changes where a webhook is and what it is told of, if it still is at the version seen.
///
/// # Errors
/// As [`add`]; [`Fault::Changed`] if somebody else was quicker.
pub fn change(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (id, version): (i64, i64),
    url: &str,
    events: &[String],
) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    let (url, events) = taken(acting.instance, url, events)?;
    webhook::one(tx, id)?;
    webhook::change(tx, id, version, &url, &events).map_err(|error| match error {
        store::Error::Contended => Fault::Changed,
        other => other.into(),
    })?;
    acting.log(tx, "webhook.changed", &[], &json!({ "webhook": id, "events": events }))
}

/// Draws another secret for a webhook, which is shown only now. For a day messages are signed with the one before as well.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff.
pub fn rotate(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<String, Fault> {
    acting.must(Deed::ManageStaff)?;
    webhook::one(tx, id)?;
    let secret = drawn()?;
    let sealed = acting.instance.store.keys().seal(SEALED, secret.as_slice())?;
    webhook::set_secret(tx, id, &sealed, machine().saturating_add(BOTH)?)?;
    acting.log(tx, "webhook.secret changed", &[], &json!({ "webhook": id }))?;
    Ok(said::shown(secret.as_slice()))
}

/// Switches a webhook on or off. Of what happens while it is off it is never told.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff.
pub fn switch(acting: &Acting<'_>, tx: &Tx<'_>, id: i64, on: bool) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    if webhook::one(tx, id)?.off_at.is_none() == on {
        return Ok(());
    }
    if on {
        webhook::turn_on(tx, id)?;
    } else {
        webhook::turn_off(tx, id, machine(), None)?;
    }
    let act = if on { "webhook.switched on" } else { "webhook.switched off" };
    acting.log(tx, act, &[], &json!({ "webhook": id }))
}

/// Has a webhook told that it works.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::Invalid`] while it is off.
pub fn try_out(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    if webhook::one(tx, id)?.off_at.is_some() {
        return Err(Fault::field("url", "This webhook is off: switch it on first."));
    }
    webhook::put(tx, id, None, machine())?;
    acting.log(tx, "webhook.tried", &[], &json!({ "webhook": id }))
}

/// Takes a webhook away.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff.
pub fn remove(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    webhook::one(tx, id)?;
    webhook::remove(tx, id)?;
    acting.log(tx, "webhook.removed", &[], &json!({ "webhook": id }))
}

/// The secrets with which messages are signed now, the newest first.
///
/// # Errors
/// If one was sealed by another instance, or changed.
pub fn secrets(keys: &Keys, held: &Webhook) -> Result<Vec<Zeroizing<Vec<u8>>>, Fault> {
    let old = held.old.as_ref().filter(|(_, until)| *until > machine()).map(|(sealed, _)| sealed);
    let all = std::iter::once(&held.secret).chain(old);
    Ok(all.map(|sealed| keys.unseal(SEALED, sealed)).collect::<store::Result<Vec<_>>>()?)
}

/// The address of a webhook.
///
/// # Errors
/// If it was sealed by another instance, or changed.
pub fn address(keys: &Keys, held: &Webhook) -> Result<String, Fault> {
    let plain = keys.unseal(SEALED_ADDRESS, &held.url)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// The host of its address: what may be said of it where the whole may be a secret.
#[must_use]
pub fn host(keys: &Keys, held: &Webhook) -> String {
    let uri = address(keys, held).ok().and_then(|url| url.parse::<Uri>().ok());
    uri.and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_else(|| "an address".to_owned())
}

/// Those that the program switched off, for whoever can see to it.
///
/// # Errors
/// Whatever the store says.
pub fn switched_off(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let zone = instance.clock.zone();
    let lines = webhook::all(tx)?.into_iter().filter_map(|held| {
        let (at, why) = held.off_at.zip(held.off_why.clone())?;
        let on = words(zone.to_datetime(at).date());
        let way = Way { href: "/admin/webhooks", action: "See the webhooks", post: false };
        Some(Line {
            state: State::Failed,
            words: format!(
                "The webhook to {} was switched off on {on}: {why}.",
                host(instance.store.keys(), &held)
            ),
            way: Some(way),
        })
    });
    Ok(lines.collect())
}

/// What was typed, as it is kept: the address sealed.
fn taken(instance: &Instance, url: &str, events: &[String]) -> Result<(Vec<u8>, String), Fault> {
    let url = url.trim();
    outward::check_typed(url, &instance.config.webhooks).map_err(|words| Fault::field("url", words))?;
    let asked: BTreeSet<&str> = events.iter().map(|event| event.trim()).collect();
    let known = |name: &str| said::EVENTS.iter().any(|event| event.name == name);
    if let Some(unknown) = asked.iter().copied().find(|name| !known(name)) {
        return Err(Fault::field("events", format!("There is no event `{unknown}`.")));
    }
    if asked.is_empty() {
        return Err(Fault::field("events", "Choose at least one event."));
    }
    let sealed = instance.store.keys().seal(SEALED_ADDRESS, url.as_bytes())?;
    Ok((sealed, asked.into_iter().collect::<Vec<_>>().join(" ")))
}

fn drawn() -> Result<Zeroizing<[u8; SECRET_BYTES]>, Fault> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    getrandom::fill(secret.as_mut_slice()).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(secret)
}
