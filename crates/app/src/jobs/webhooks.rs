//! Telling other programs that something happened: what the log says since the last turn is put down for every webhook that is
//! told of it, and leaves, each webhook on a thread of its own and for a few seconds, so that a slow one holds up no other for
//! long. What is not taken is tried again as Standard Webhooks has it; one that takes nothing for five days is switched off. It
//! sends numbers only.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::webhook::{self, Waiting, Webhook};

use crate::acts::Acting;
use crate::acts::webhook::{address, said, secrets};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::outward::{self, Answered};

/// How long is waited after each attempt that failed, in seconds; after the last there is none: the schedule that Standard
/// Webhooks recommends, ten attempts in a little more than three days.
pub const AGAIN: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// A webhook that takes nothing for so long is switched off.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);

/// While it takes nothing, a webhook is tried once in so many seconds at most, however much it is to be told.
const PAUSE: i64 = 60;
/// And after the first time that it did not.
const FIRST_PAUSE: i64 = 5;

/// How much one turn tells one webhook at most, and for how long.
const TURN: u32 = 200;
const TURN_LASTS: SignedDuration = SignedDuration::from_secs(10);

/// The receiver wants nothing more.
const GONE: u16 = 410;

/// Does it.
///
/// # Errors
/// Whatever the store says. A receiver that does not answer is no fault of this job.
pub fn run(instance: &Instance) -> Result<(), Fault> {
    let now = machine();
    let (all, behind) =
        instance.store.read(|tx| Ok::<_, Fault>((webhook::all(tx)?, webhook::behind(tx)?)))?;
    if all.iter().any(|held| held.old.as_ref().is_some_and(|(_, until)| *until <= now)) {
        instance.store.write(|tx| webhook::forget_old(tx, now))?;
    }
    let standing: Vec<Webhook> = all.into_iter().filter(|held| held.off_at.is_none()).collect();
    if behind {
        for held in &standing {
            while instance.store.write(|tx| webhook::collect(tx, held, said::named, now))? {}
        }
    }
    std::thread::scope(|scope| {
        let telling: Vec<_> =
            standing.iter().map(|held| scope.spawn(move || tell(instance, held.id, now))).collect();
        for one in telling {
            match one.join() {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => tracing::error!(%fault, "a webhook could not be told"),
                Err(_) => tracing::error!("telling a webhook ended early"),
            }
        }
    });
    Ok(())
}

/// Tells one webhook what is due.
fn tell(instance: &Instance, id: i64, began: Timestamp) -> Result<(), Fault> {
    let due = instance.store.read(|tx| webhook::due(tx, id, began, TURN))?;
    let agent = outward::agent(&instance.config.webhooks);
    for message in due {
        let now = machine();
        if now.duration_since(began) > TURN_LASTS {
            break;
        }
        // Somebody may have changed it, or taken it away, since the one before.
        let found = instance.store.read(|tx| match webhook::one(tx, id) {
            Ok(held) => Ok::<_, Fault>(Some((held, readable(said::body(tx, &message))?))),
            Err(store::Error::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        })?;
        let Some((held, body)) = found else { break };
        if held.off_at.is_some() || held.wait_until.is_some_and(|until| until > now) {
            break;
        }
        let body = match body {
            Ok(Some(body)) => body,
            Ok(None) => {
                instance.store.write(|tx| webhook::forget(tx, message.id))?;
                continue;
            }
            // It is tried again and given up as what nobody takes is, and what waits beside it goes before it.
            Err(why) => {
                note(instance, &held, &message, Err(why))?;
                break;
            }
        };
        let keys = secrets(instance.store.keys(), &held)?;
        let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_slice()).collect();
        let headers = [
            ("webhook-signature", said::signatures(&keys, &body, now)?),
            ("webhook-timestamp", now.as_second().to_string()),
            ("webhook-id", body.id),
        ];
        // What may be gone to may have changed since it was typed.
        let url = address(instance.store.keys(), &held)?;
        let answer = outward::check_typed(&url, &instance.config.webhooks)
            .and_then(|()| outward::post(&agent, &url, &headers, &body.body));
        if !note(instance, &held, &message, answer)? {
            break;
        }
    }
    Ok(())
}

/// What is to be said, or why what happened cannot be read.
fn readable(body: Result<Option<said::Said>, Fault>) -> Result<Result<Option<said::Said>, String>, Fault> {
    match body {
        Err(Fault::Store(error)) if error.is_unreadable() => {
            Ok(Err(format!("what happened could not be read: {error}")))
        }
        body => body.map(Ok),
    }
}

/// Writes down what came of an attempt. Whether the next may be made.
fn note(
    instance: &Instance,
    held: &Webhook,
    message: &Waiting,
    answer: Result<Answered, String>,
) -> Result<bool, Fault> {
    let now = machine();
    let (why, status, wait) = match answer {
        Ok(Answered { status: 200..=299, .. }) => {
            instance.store.write(|tx| webhook::taken(tx, held.id, message.id, now))?;
            return Ok(true);
        }
        Ok(Answered { status, wait }) => (format!("it answered {status}"), status, wait),
        Err(why) => (why, 0, None),
    };
    let wait = wait.unwrap_or(SignedDuration::ZERO);
    let pause = if held.failing_since.is_some() { PAUSE } else { FIRST_PAUSE };
    let pause = now.saturating_add(wait.max(SignedDuration::from_secs(pause)))?;
    let again = usize::try_from(message.attempts).ok().and_then(|attempts| AGAIN.get(attempts));
    let again = match again {
        Some(seconds) => Some(now.saturating_add(wait.max(jittered(*seconds)?))?),
        None => None,
    };
    let too_long = held.failing_since.is_some_and(|since| now.duration_since(since) >= PATIENCE);
    let off = match status {
        GONE => Some("it answered 410, which means that it wants nothing more".to_owned()),
        _ if too_long => Some(format!("for five days nothing was taken, and at last {why}")),
        _ => None,
    };
    instance.store.write(|tx| {
        let acting = Acting::system(instance, "webhooks");
        webhook::failed(tx, held.id, (message.id, again), (now, pause), &why)?;
        if again.is_none() {
            let body = json!({ "webhook": held.id, "event": message.event });
            acting.log(tx, "webhook.given up", &[], &body)?;
        }
        if let Some(off) = &off {
            webhook::turn_off(tx, held.id, now, Some(off))?;
            acting.log(tx, "webhook.switched off", &[], &json!({ "webhook": held.id, "status": status }))?;
        }
        Ok::<_, Fault>(())
    })?;
    Ok(false)
}

/// A wait, longer by up to a tenth: what failed together is not tried again together.
fn jittered(seconds: i64) -> Result<SignedDuration, Fault> {
    let chance = getrandom::u32().map_err(|error| Fault::Other(error.to_string()))?;
    let longer = seconds.saturating_mul(100) * i64::from(chance % 1_000) / 1_000;
    Ok(SignedDuration::from_millis(seconds.saturating_mul(1_000).saturating_add(longer)))
}
