//! A granted erasure (UK GDPR Art 17): what nothing else requires ends now and leaves in the same transaction.
//! What a contract, a duty or a hold still requires is refused, with its reason and its end.

use std::collections::BTreeSet;

use custody::coverage::{self, Suspended};
use custody::id::{GroundId, MessageId, PersonId, RequestId, StaffId};
use custody::life::{Life, State};
use custody::moment::Now;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::{ActivityId, Basis, Policy, RuleId};
use serde::Serialize;

use crate::departure::{self, Cause, Departed};
use crate::mention::later::{self, Erasure};
use crate::mention::own::{Own, own};
use crate::mention::{prose, texts};
use crate::request::Kind;
use crate::suppression::{self, Forbids};
use crate::{Keys, Result, Tx, dispose, ground, life, params, ring_duty, sweep};

mod bared;
mod ended;
mod incident;

use bared::{bare, spare};
pub use bared::{close, closed_since};
pub(crate) use bared::{owed, spare_owed};

/// What stands in a text about several people instead of the one who went.
const REMOVED: &str = "[removed]";

/// One ground of a person, and what an erasure makes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The ground.
    pub ground: GroundId,
    /// Under which activity.
    pub activity: ActivityId,
    /// Under which clause.
    pub rule: RuleId,
    /// Why it is refused; nothing where it ends.
    pub refused: Option<Why>,
    /// Its last day, where that is known.
    pub until: Option<Date>,
}

/// Why a part of an erasure is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum Why {
    /// A contract with the person still needs it.
    Contract,
    /// A legal duty requires it (Art 17(3)(b)).
    LegalDuty,
    /// A task in the public interest requires it (Art 17(3)(b)).
    PublicTask,
    /// A hold stands: legal claims (Art 17(3)(e)).
    Hold,
    /// It is kept for a piece of work itself, whoever is on it: it stays there, and they are cut from it.
    Work,
}

/// What an erasure of this person would end, and what it would have to leave: the default that whoever grants
/// it sees before. Grounds that stopped already are not in it.
#[must_use]
pub fn proposal(policy: &Policy, life: &Life, today: Date) -> Vec<Part> {
    let held = life.hold.as_ref().is_some_and(|hold| hold.since <= today);
    let active = life.grounds.iter().filter(|ground| ground.state == State::Active);
    let of_work = life.of_work.iter().filter(|ground| ground.active(today));
    let of_work = of_work.filter_map(|ground| {
        let rule = policy.rules.get(ground.rule.index())?;
        Some(Part {
            ground: ground.id,
            activity: rule.activity,
            rule: rule.id,
            refused: Some(Why::Work),
            until: ground.due_on,
        })
    });
    active
        .filter_map(|ground| {
            let rule = policy.rules.get(ground.rule.index())?;
            let activity = policy.activity(rule.activity)?;
            let refused = match &activity.basis {
                // What the law has us keep is kept for that, whether or not a claim needs it as well.
                Basis::LegalObligation { .. } => Some(Why::LegalDuty),
                _ if held => Some(Why::Hold),
                Basis::Contract { at_request: false } => Some(Why::Contract),
                Basis::PublicTask { .. } => Some(Why::PublicTask),
                Basis::Contract { at_request: true }
                | Basis::Consent { .. }
                | Basis::VitalInterests
                | Basis::RecognisedInterest { .. }
                | Basis::LegitimateInterests { .. } => None,
            };
            Some(Part {
                ground: ground.id,
                activity: activity.id,
                rule: rule.id,
                refused,
                until: ground.due_on,
            })
        })
        .chain(of_work)
        .collect()
}

/// What came of a granted erasure.
#[derive(Clone, Debug)]
pub struct Erased {
    /// Grounds that ended.
    pub stopped: usize,
    /// What left, and what keeps the rest.
    pub departed: Departed,
    /// What else they had asked and was ended with it.
    pub ended: Vec<RequestId>,
}

/// Erases a person but for the grounds in `keep`, in this transaction: rows, versions, index entries, queued
/// messages but the one that says that it is done, lines and files of imports. Objections leave suppressions behind. What else they had
/// asked ends if nothing is left that it was about. Paper makes tasks that keep the request open. Call [`crate::files::remove`] for the
/// files once this is committed.
///
/// # Errors
/// [`crate::Error::Missing`] if the instance holds nobody of this number.
#[expect(clippy::too_many_arguments, reason = "who, what stays, on whose word, when and with which keys")]
pub fn grant(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    person: PersonId,
    keep: &BTreeSet<GroundId>,
    request: RequestId,
    by: Option<StaffId>,
    actor: &str,
    today: Date,
    now: Timestamp,
) -> Result<Erased> {
    let settled = ground::settle(tx, policy, person, today, actor, now)?;
    // What the request itself has only just opened is a duty too, and was not there to be weighed.
    let mut keep = keep.clone();
    keep.extend(
        proposal(policy, &settled.life, today)
            .iter()
            .filter(|part| part.refused.is_some())
            .map(|part| part.ground),
    );
    for objection in settled.life.objections.iter().filter(|objection| objection.lifted_on.is_none()) {
        if let Some(forbids) = Forbids::by(&objection.scope) {
            suppression::add_person(tx, keys, person, forbids, objection.made_on, "objection", now)?;
        }
    }
    // The person gives up a restriction by asking for erasure.
    tx.put(
        "UPDATE restriction SET lifted_on = ?2 WHERE person_id = ?1 AND lifted_on IS NULL",
        params![person, today],
    )?;
    ring_duty::kept(tx, "restriction", "person_id = ?1 AND lifted_on = ?2", params![person, today])?;
    // That it was done is said in a message of its own, the one thing that still holds an address.
    let waiting =
        "person_id = ?1 AND state IN ('queued', 'failed') AND (request_id IS NULL OR request_id <> ?2)";
    ring_duty::take(tx, "message", waiting, params![person, request])?;
    let stopped = ground::erase(tx, policy, &settled.life, &keep, today, actor, now)?;
    let life = life::load(tx, policy, person, today)?;
    let erasure = Erasure { request, by, instead: REMOVED, today, now };
    // Who they are is known until they have gone.
    let own = own(tx, person)?;
    mask(tx, policy, keys, (&life, &own), &erasure)?;
    // Of whom nothing goes, who they are stays as well.
    if stopped > 0 {
        incident::mask(tx, policy, keys, (person, &own), &erasure)?;
    }
    crate::certificate::forget_notes(tx, person, "")?;
    crate::request::forget_then(
        tx,
        "request_id IN (SELECT q.id FROM request q WHERE q.person_id = ?1)",
        params![person],
    )?;
    let (mut departed, ended) = leave(tx, policy, keys, (&life, &own), request, (by, actor), (today, now))?;
    forget_imports(tx, person, &mut departed)?;
    Ok(Erased { stopped, departed, ended })
}

/// Goes on with an erasure that waited until something was handed over: what was to go after that goes now, or waits still.
///
/// # Errors
/// [`crate::Error::Missing`] if the instance holds nobody of this number.
pub fn go_on(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    person: PersonId,
    request: RequestId,
    (by, actor): (Option<StaffId>, &str),
    (today, now): (Date, Timestamp),
) -> Result<Departed> {
    let life = ground::settle(tx, policy, person, today, actor, now)?.life;
    let own = own(tx, person)?;
    // What ended meanwhile goes with it, and was not masked when the rest was.
    let erasure = Erasure { request, by, instead: REMOVED, today, now };
    mask(tx, policy, keys, (&life, &own), &erasure)?;
    let (departed, _) = leave(tx, policy, keys, (&life, &own), request, (by, actor), (today, now))?;
    Ok(departed)
}

/// What leaves by an erasure, and what ends with it and is bared once nothing of it waits.
fn leave(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    (life, own): (&Life, &Own),
    request: RequestId,
    (by, actor): (Option<StaffId>, &str),
    (today, now): (Date, Timestamp),
) -> Result<(Departed, Vec<RequestId>)> {
    let person = life.person;
    let cause = Cause { name: "erasure", actor, by, request: Some(request) };
    let mut departed = departure::carry_out(tx, policy, keys, life, &cause, today, now)?;
    let nothing = departed.kept.is_empty() && ended::nothing_left(tx, person)?;
    ended::told_instead(tx, (person, request), nothing)?;
    let mut ended = Vec::new();
    if nothing && !departed.gone {
        let (others, bytes) = ended::end(tx, policy, (person, request), (by, actor), (today, now))?;
        departed.bytes.files.extend(bytes.files);
        ended = others;
    }
    if departed.kept.is_empty() && departed.waits.is_empty() && !departed.gone {
        spare(tx, (person, own), Some(request))?;
        sweep::swept(tx, person, today, now)?;
    }
    if !departed.gone {
        // What kept records of messages that are not sent any more keeps nothing.
        ground::settle(tx, policy, person, today, actor, now)?;
    }
    Ok((departed, ended))
}

/// In texts about several people, and those kept for work itself, the person is masked where they surely stand, and whatever
/// stands there exactly as we knew it; a task asks somebody to look through the rest. What a document is called, where its
/// paper is and where it came from is such a text too. A text that a ground of their own still keeps is left as it is, and so is
/// every one of them while they are on hold; a text that is also about somebody of whom all has to stay as it is waits.
fn mask(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    (life, own): (&Life, &Own),
    erasure: &Erasure<'_>,
) -> Result<()> {
    let person = life.person;
    let moment = Now::at(erasure.today, erasure.now);
    if coverage::suspended(life, erasure.today) == Some(Suspended::Hold) {
        return Ok(());
    }
    let mut known = tx.all(
        "SELECT value FROM item WHERE person_id = ?1 AND normal <> '' UNION SELECT value FROM item_history WHERE person_id = ?1",
        params![person],
        |row| row.text(0),
    )?;
    known.retain(|value| value.trim().chars().count() > 2);
    known.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for prose in ["entry", "document"].into_iter().filter_map(prose::of) {
        let table = prose.table.name;
        let columns: Vec<String> =
            prose.columns.iter().map(|column| format!("COALESCE(t.{column}, '')")).collect();
        let shared = format!(
            "SELECT t.id, {} FROM {table} AS t WHERE t.id IN (SELECT p.{table}_id FROM {table}_person p WHERE p.person_id = ?1)
                AND (EXISTS (SELECT 1 FROM {table}_person o WHERE o.{table}_id = t.id AND o.person_id <> ?1)
                    OR EXISTS (SELECT 1 FROM {table}_work w JOIN ground g ON g.engagement_id = w.engagement_id
                        WHERE w.{table}_id = t.id AND g.person_id IS NULL AND g.state = 'active'))",
            columns.join(", ")
        );
        let mut shared = tx.all(&shared, params![person], |row| {
            let texts = (1..=columns.len()).map(|at| row.text(at));
            Ok((row.int(0)?, texts.collect::<Result<Vec<String>>>()?))
        })?;
        if shared.is_empty() {
            continue;
        }
        let ids: Vec<i64> = shared.iter().map(|(id, _)| *id).collect();
        let mut kept = BTreeSet::new();
        for some in ids.chunks(128) {
            let mut rows = dispose::linked_rows(tx, policy, table, some)?;
            rows.retain(|datum| coverage::covered(policy, life, datum, moment));
            kept.extend(rows.into_iter().map(|datum| datum.id));
        }
        shared.retain(|(id, _)| !kept.contains(id));
        let beside = format!(
            "SELECT DISTINCT o.person_id FROM {table}_person p JOIN {table}_person o ON o.{table}_id = p.{table}_id
                WHERE p.person_id = ?1 AND o.person_id <> ?1"
        );
        let beside = tx.all(&beside, params![person], |row| Ok(PersonId(row.int(0)?)))?;
        let mut beside = life::load_many(tx, policy, &beside, erasure.today)?;
        beside.retain(later::stays);
        for (id, texts) in shared {
            let about = if beside.is_empty() { Vec::new() } else { prose::whom(tx, table, id)? };
            if let Some(held) = beside.iter().find(|life| about.contains(&life.person)) {
                later::put_off(tx, policy, keys, own, (table, id), held, erasure)?;
                continue;
            }
            let masked = prose.columns.iter().zip(texts).filter_map(|(column, text)| {
                let bare = known.iter().fold(text.clone(), |text, value| text.replace(value.trim(), REMOVED));
                let bare = own.masked(&bare, REMOVED).unwrap_or(bare);
                (bare != text).then_some((*column, bare))
            });
            texts::rewrite(tx, (table, id), &masked.collect::<Vec<_>>())?;
            // What it said before says it all again.
            if let Some((history, of)) = prose.before() {
                ring_duty::take(tx, history, of, params![id])?;
            }
        }
    }
    Ok(())
}

/// The message that an erasure was done has left, or may not wait any longer: it holds no address any more.
///
/// # Errors
/// Whatever the database says.
pub fn confirmed(tx: &Tx<'_>, message: MessageId) -> Result<()> {
    bare(tx, "id = ?1", params![message])
}

/// Messages that an erasure was done which have waited for more than so many days.
///
/// # Errors
/// Whatever the database says.
pub fn unconfirmed(tx: &Tx<'_>, days: i64, today: Date) -> Result<Vec<MessageId>> {
    let before = today.saturating_sub(days.days());
    tx.all(
        "SELECT m.id FROM request q JOIN message m ON m.request_id = q.id
            WHERE q.kind = ?1 AND m.address <> '' AND m.queued_on < ?2 ORDER BY m.id",
        params![Kind::Erasure.name(), before],
        |row| Ok(MessageId(row.int(0)?)),
    )
}

/// Messages that an erasure was done which wait to leave.
///
/// # Errors
/// Whatever the database says.
pub fn confirming(tx: &Tx<'_>) -> Result<Vec<MessageId>> {
    tx.all(
        "SELECT m.id FROM message m JOIN request q ON q.id = m.request_id
            WHERE m.state = 'queued' AND q.kind = ?1 ORDER BY m.id",
        params![Kind::Erasure.name()],
        |row| Ok(MessageId(row.int(0)?)),
    )
}

/// Whoever was erased at an instant or since, and of whom something under an activity, by its name, ended with it or has gone.
///
/// # Errors
/// Whatever the database says.
pub fn since(tx: &Tx<'_>, activity: &str, at: Timestamp) -> Result<BTreeSet<PersonId>> {
    let ended = "SELECT person_id FROM ground
            WHERE activity = ?1 AND state = 'stopped' AND cause = 'erased' AND stopped_at >= ?2 AND person_id IS NOT NULL
        UNION SELECT person_number FROM certificate WHERE cause = 'erasure' AND at >= ?2";
    let whom = tx.all(ended, params![activity, at], |row| Ok(PersonId(row.int(0)?)))?;
    Ok(whom.into_iter().collect())
}

/// Lines of imported files hold everything at once, so they go whole, whatever is kept.
fn forget_imports(tx: &Tx<'_>, person: PersonId, departed: &mut Departed) -> Result<()> {
    let imports =
        tx.all("SELECT DISTINCT import_id FROM import_row WHERE person_id = ?1", params![person], |row| {
            row.int(0)
        })?;
    ring_duty::lost(tx, "import_row", "person_id = ?1", params![person])?;
    tx.put("UPDATE import_row SET raw = NULL, reason = NULL WHERE person_id = ?1", params![person])?;
    for import in imports {
        crate::dispose::forget_import_file(tx, import, &mut departed.bytes)?;
    }
    Ok(())
}
