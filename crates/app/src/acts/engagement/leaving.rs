//! Leaving a piece of work before it ends: somebody is no longer on it, and until the night that can be taken back. Whom the work
//! is for leaves with its last milestone.

use custody::Verb;
use custody::id::{EngagementId, PersonId};
use jiff::civil::Date;
use serde_json::json;
use store::{Tx, engagement, staff};

use super::{OnHand, assign, loaded, may_run, on_hand, reading};
use crate::acts::{Acting, disclosure};
use crate::fault::Fault;

/// Records that somebody is no longer on a piece of work, from a day on. What they are by their part on it ends with it.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] if they are not on it or the work is for them, for a day to come
/// or one before they joined.
pub fn leave(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    work: EngagementId,
    on: Date,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, work)?;
    may_run(acting, Verb::Change, hand.life()?, Some(work))?;
    let theirs = hand.lives.iter().find(|life| life.person == whom).ok_or(Fault::NotFound)?;
    reading(acting, &[theirs])?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    if whom == hand.client {
        return Err(Fault::field("on", "The work is for them: it ends with its last milestone."));
    }
    let mut parts: Vec<&str> = Vec::new();
    for playing in hand.parts.iter().filter(|playing| playing.person == whom && playing.until.is_none()) {
        if on < playing.since {
            let day = crate::web::frame::words(playing.since);
            return Err(Fault::field("on", format!("They joined on {day}.")));
        }
        engagement::leave(tx, work, whom, &playing.part, on)?;
        parts.push(&playing.part);
    }
    if parts.is_empty() {
        return Err(Fault::field("on", "They are not on it any more."));
    }
    // With the part goes the sight that came with it.
    for account in staff::all(tx)?.into_iter().filter(|account| account.person == Some(whom)) {
        engagement::unassign(tx, work, account.id, acting.today)?;
    }
    settle(acting, tx, &hand)?;
    let body = json!({ "engagement": work.0, "parts": parts, "on": on.to_string() });
    acting.log(tx, "work.left", &[whom], &body)
}

/// Takes that back for whoever is known to may: they are on it, as before.
///
/// # Errors
/// [`Fault::NotFound`] if they did not leave it; [`Fault::Invalid`] if somebody else plays their part by now.
pub(in crate::acts) fn back_on(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    work: EngagementId,
) -> Result<(), Fault> {
    let (hand, before) = (loaded(acting, tx, work)?, acting.life(tx, whom)?);
    let left = hand.parts.iter().filter(|playing| playing.person == whom && playing.until.is_some());
    let mut parts: Vec<&str> = Vec::new();
    for playing in left {
        let taken = |other: &store::engagement::Playing| other.part == playing.part && other.until.is_none();
        if hand.parts.iter().any(taken) {
            return Err(Fault::field("part", "Somebody else plays this part now."));
        }
        engagement::stay(tx, work, whom, &playing.part)?;
        parts.push(&playing.part);
    }
    if parts.is_empty() {
        return Err(Fault::NotFound);
    }
    if engagement::staff(tx, work, acting.today)?.is_empty() {
        assign(acting, tx, work, None, &[whom])?;
    }
    settle(acting, tx, &hand)?;
    disclosure::taken_back(acting, tx, (&before, &acting.life(tx, whom)?), None)?;
    acting.log(tx, "work.left taken back", &[whom], &json!({ "engagement": work.0, "parts": parts }))
}

fn settle(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>) -> Result<(), Fault> {
    hand.people().into_iter().try_for_each(|person| acting.settle(tx, person).map(drop))
}
