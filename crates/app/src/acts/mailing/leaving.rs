//! When a mailing leaves, and how fast: later, at a day and hour, when it is decided who may have it; so many messages a minute; with
//! a pause. All of it stands in the store, so that it goes on by itself after a stop.

use custody::id::{MailingId, StaffId};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use policy::role::Deed;
use serde_json::json;
use store::mailing::Mailing;
use store::task::{self, Kind, NewTask};
use store::{Tx, mailing, staff};

use super::{Acting, SECOND_THOUGHTS, filling, sayable, seen_draft, way};
use crate::fault::Fault;
use crate::instance::Instance;

/// What should have left this long ago is looked at by somebody first: news can be stale by then.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Nothing is to leave later than this from now.
const AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The most that may be said of a pace; more is no pace.
const PER_MINUTE_MAX: i64 = 10_000;

/// Has a draft leave at a day and hour of the organisation's, to whoever may have it then.
///
/// # Errors
/// [`Fault::Changed`] if it was changed or sent since it was looked at; [`Fault::Invalid`] if it says nothing yet, or for an hour that
/// is too near or too far.
pub fn later(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
    seen: i64,
    at: DateTime,
) -> Result<Timestamp, Fault> {
    acting.must(Deed::Send)?;
    let by = acting.staff_id().ok_or(Fault::NotFound)?;
    let held = seen_draft(tx, mailing, seen)?;
    sayable(acting, tx, &held, &way(&acting.policy, &held.draft)?)?;
    let at = at.to_zoned(acting.instance.clock.zone().clone())?.timestamp();
    if at < acting.now.checked_add(SECOND_THOUGHTS)? {
        let words = "Choose a day and hour at least ten minutes from now, or send it now.";
        return Err(Fault::field("on", words));
    }
    if at > acting.now.checked_add(AHEAD)? {
        return Err(Fault::field("on", "Choose a day within a year."));
    }
    mailing::schedule(tx, mailing, seen, at, by)?;
    let body = json!({ "mailing": mailing.0, "at": at.to_string() });
    acting.log(tx, "mailing.scheduled", &[], &body)?;
    Ok(at)
}

/// Makes a mailing that was to leave later a draft again.
///
/// # Errors
/// [`Fault::NotFound`] if it is not waiting for its hour.
pub fn draft_again(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    mailing::unschedule(tx, mailing)?;
    acting.log(tx, "mailing.unscheduled", &[], &json!({ "mailing": mailing.0 }))
}

/// Lets nothing more of a mailing leave until it goes on.
///
/// # Errors
/// [`Fault::Changed`] if it is not leaving, or pauses already.
pub fn pause(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    quicker(mailing::pause(tx, mailing, acting.now))?;
    acting.log(tx, "mailing.paused", &[], &json!({ "mailing": mailing.0 }))
}

/// Lets a mailing go on that pauses because somebody said so.
///
/// # Errors
/// [`Fault::Changed`] if it does not pause; [`Fault::Invalid`] if it does because too much of it came back: that takes a reason.
pub fn go_on(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    if store::came_back::pauses(tx, mailing)? {
        return Err(Fault::field("why", "Say why it may go on: so much of it came back that it pauses."));
    }
    quicker(mailing::go_on(tx, mailing))?;
    acting.log(tx, "mailing.went on", &[], &json!({ "mailing": mailing.0 }))
}

/// Says how many messages of a mailing leave in a minute at most; nothing for as many as the mail server takes.
///
/// # Errors
/// [`Fault::Invalid`] for a number that is no pace; [`Fault::Changed`] if nothing of it can leave any more.
pub fn pace(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mailing: MailingId,
    per_minute: Option<i64>,
) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    if per_minute.is_some_and(|most| !(1..=PER_MINUTE_MAX).contains(&most)) {
        let words =
            "Say a number from 1 to 10,000, or leave it empty for as fast as the mail server takes them.";
        return Err(Fault::field("per-minute", words));
    }
    quicker(mailing::pace(tx, mailing, per_minute))?;
    acting.log(tx, "mailing.paced", &[], &json!({ "mailing": mailing.0, "per_minute": per_minute }))
}

/// Somebody else was quicker, or what leaves by itself.
pub(super) fn quicker(done: Result<(), store::Error>) -> Result<(), Fault> {
    match done {
        Err(store::Error::Missing) => Err(Fault::Changed),
        done => Ok(done?),
    }
}

/// Lets mailings leave whose hour has come, to whoever may have them now. One that cannot is a draft again, and a task says why.
///
/// # Errors
/// Whatever the store says as it is asked which they are.
pub fn when_due(instance: &Instance) -> Result<(), Fault> {
    let now = instance.clock.now();
    for mailing in instance.store.read(|tx| mailing::due(tx, now))? {
        match instance.store.write(|tx| leave(instance, tx, mailing)) {
            // Another server let it leave, or somebody took it back meanwhile.
            Ok(()) | Err(Fault::Changed) => {}
            // One that the store cannot begin now holds up no other, and is looked at again.
            Err(Fault::Store(error)) => {
                tracing::error!(mailing = mailing.0, %error, "a mailing whose hour has come could not be begun");
            }
            Err(fault) => {
                let why = in_words(&fault);
                let stays =
                    instance.store.write(|tx| stay(&Acting::system(instance, "sender"), tx, mailing, &why));
                match stays {
                    // Somebody took it back meanwhile.
                    Ok(()) | Err(Fault::NotFound) => {}
                    Err(fault) => {
                        tracing::error!(mailing = mailing.0, %fault, "a mailing that cannot leave is no draft again yet");
                    }
                }
            }
        }
    }
    Ok(())
}

/// Hands a mailing over whose hour has come, as whoever had it leave then may today.
fn leave(instance: &Instance, tx: &Tx<'_>, mailing: MailingId) -> Result<(), Fault> {
    let held = mailing::one(tx, mailing)?;
    let (Some(at), Some(by), "scheduled") = (held.leaves_at, held.scheduled_by, held.state.as_str()) else {
        return Err(Fault::Changed);
    };
    let acting = as_who_sends(instance, tx, by)?;
    if acting.now.duration_since(at) > STALE_AFTER {
        return Err(Fault::Other(
            "the program did not run at its hour, and that is more than a day ago".to_owned(),
        ));
    }
    filling::begin(&acting, tx, &held, acting.now)
}

/// What goes on by itself is done as whoever had it begun, while they may.
///
/// # Errors
/// [`Fault::Other`] where they are not on the staff any more; [`Fault::Refused`] where their role may not send.
pub(super) fn as_who_sends<'i>(
    instance: &'i Instance,
    tx: &Tx<'_>,
    by: StaffId,
) -> Result<Acting<'i>, Fault> {
    let account = match staff::get(tx, by) {
        Ok(account) if account.until.is_none() => account,
        Ok(_) | Err(store::Error::Missing) => {
            return Err(Fault::Other("whoever had it leave then is not on the staff any more".to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    let acting = Acting::staff(instance, account)?;
    acting.must(Deed::Send)?;
    Ok(acting)
}

/// Why something was not done, in words.
pub(super) fn in_words(fault: &Fault) -> String {
    match fault {
        Fault::Invalid(wrong) => wrong.iter().map(|one| one.words.as_str()).collect::<Vec<_>>().join(" "),
        fault => fault.to_string(),
    }
}

/// A mailing that was to leave does not: it is a draft again, and somebody is told why.
///
/// # Errors
/// [`Fault::NotFound`] if it is not waiting for its hour.
pub fn stay(acting: &Acting<'_>, tx: &Tx<'_>, mailing: MailingId, why: &str) -> Result<(), Fault> {
    let held = mailing::one(tx, mailing)?;
    mailing::unschedule(tx, mailing)?;
    let first: Vec<_> = held.scheduled_by.into_iter().collect();
    let owner = crate::acts::task::whoever(acting, tx, Deed::Send, &first)?;
    let what = format!(
        "The mailing \u{201c}{}\u{201d} was to leave on {} and did not: it is a draft again. {}",
        held.draft.title,
        hour(acting, &held),
        crate::web::people::capital(why.trim_end_matches('.'))
    );
    task::add(
        tx,
        &NewTask { owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) },
        acting.now,
    )?;
    acting.log(tx, "mailing.stayed", &[], &json!({ "mailing": mailing.0 }))
}

/// When a mailing is to leave, in words.
#[must_use]
pub fn hour(acting: &Acting<'_>, held: &Mailing) -> String {
    held.leaves_at.map_or_else(String::new, |at| {
        acting.instance.clock.zone().to_datetime(at).strftime("%a %-d %b %Y at %H:%M").to_string()
    })
}

/// After a restore nobody knows whether what was to leave has left since: none of it leaves by itself.
///
/// # Errors
/// Whatever the store says.
pub fn none_by_itself(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
    let why = "this instance was restored from a backup since, and it may have left before";
    mailing::due(tx, Timestamp::MAX)?.into_iter().try_for_each(|mailing| stay(acting, tx, mailing, why))
}
