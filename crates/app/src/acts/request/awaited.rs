//! What is changed or removed while its person waits for a copy. Ordinary changes go on; nobody makes one unawares: whoever does is
//! told of the request and says why, and what was held on the day it was asked for stands in the copy as it was.

use custody::Sealed;
use custody::id::PersonId;
use jiff::Timestamp;
use serde_json::json;
use store::Tx;
use store::request::{self, CHANGED, REMOVED, Step, Touched};

use super::TEXT_BYTES_MAX;
use crate::acts::Acting;
use crate::fault::Fault;

/// Something held that is about to change or go.
#[derive(Clone, Copy)]
pub(in crate::acts) struct Held<'a> {
    /// `item` or `entry`.
    pub(in crate::acts) origin: &'static str,
    /// Its number.
    pub(in crate::acts) row: i64,
    /// Its kind, by name.
    pub(in crate::acts) kind: &'a str,
    /// When it was written or, where a change is taken back, changed; nothing where it was here before.
    pub(in crate::acts) new: Option<Timestamp>,
    /// Whether it goes, and does not only change.
    pub(in crate::acts) goes: bool,
    /// Whether what was done to it at that moment is taken back: then it is again what it was.
    pub(in crate::acts) back: bool,
}

/// Says in a sentence that somebody waits for a copy; nothing where nobody does.
///
/// # Errors
/// Whatever the store says.
pub fn waits(tx: &Tx<'_>, person: PersonId) -> Result<Option<String>, Fault> {
    let first = request::awaited(tx, person)?.into_iter().next();
    Ok(first.map(|one| {
        format!(
            "They asked on {} to see what we hold, and wait for it. Whoever changes or removes something until then says why; what it \
             says now stands in their copy.",
            crate::web::frame::words(one.received_on)
        )
    }))
}

/// Keeps what somebody waits for as it was held when they asked, with why it changes now.
///
/// # Errors
/// [`Fault::Invalid`] without a reason, where somebody waits.
pub(in crate::acts) fn changing(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (people, held): (&[PersonId], Held<'_>),
    why: &str,
) -> Result<(), Fault> {
    for person in people {
        for one in request::awaited(tx, *person)? {
            // What came after they asked was not held then, and what is taken back was done since.
            let since = |at| {
                let day = acting.instance.clock.on(at);
                one.received_on < day || (held.back && one.received_on == day)
            };
            if held.new.is_some_and(since) {
                continue;
            }
            let why = why.trim();
            if why.is_empty() || why.len() > TEXT_BYTES_MAX {
                let words = format!(
                    "They asked on {} to see what we hold, and wait for it: say in a few words why this changes now. What it says now \
                     stands in their copy, with the reason.",
                    crate::web::frame::words(one.received_on)
                );
                return Err(Fault::field("why", words));
            }
            let (how, step) = if held.goes { ("removed", REMOVED) } else { ("changed", CHANGED) };
            let touched = Touched { origin: held.origin, row: held.row, kind: held.kind, how, why };
            let by = acting.staff_id();
            request::keep_then(tx, one.request, &touched, acting.today, by)?;
            let note = format!("{}: {why}", held.kind);
            request::step(tx, one.request, acting.today, step, Some(&note), by, acting.now)?;
            acting.log(
                tx,
                "request.noted",
                &[*person],
                &json!({ "request": one.request.0, "step": step }),
            )?;
        }
    }
    Ok(())
}

/// What of a request's steps says that something was changed or removed while its person waited.
#[must_use]
pub fn touched(steps: &[Step]) -> Vec<(jiff::civil::Date, bool, Option<Sealed>)> {
    let steps = steps.iter().filter(|step| [CHANGED, REMOVED].contains(&step.step.as_str()));
    steps.map(|step| (step.on, step.step == REMOVED, step.note.clone())).collect()
}
