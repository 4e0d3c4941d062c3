//! A granted erasure (UK GDPR Art 17): what nothing else requires ends now and leaves in the same transaction.
//! What a contract, a duty or a hold still requires is refused, with its reason and its end.

use std::collections::BTreeSet;

use custody::id::{GroundId, MessageId, PersonId, RequestId, StaffId};
use custody::life::{Life, State, StopCause};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::{ActivityId, Basis, Policy, RuleId};
use serde::Serialize;

use crate::departure::{self, Cause, Departed};
use crate::mention::later::{self, Erasure};
use crate::mention::own::{self, Own, own};
use crate::mention::{prose, texts};
use crate::request::Kind;
use crate::suppression::{self, Forbids};
use crate::{Keys, Result, Tx, ground, life, params, request, ring_duty, sweep};

mod ended;

/// What stands in a text about several people instead of the one who went.
const REMOVED: &str = "[removed]";

/// What stands instead of a reason that was written about whoever went: that there was one.
const FORGOTTEN: &str = "forgotten with whoever it was about";

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
    tx.exec(
        "UPDATE restriction SET lifted_on = ?2 WHERE person_id = ?1 AND lifted_on IS NULL",
        params![person, today],
    )?;
    ring_duty::kept(tx, "restriction", "person_id = ?1 AND lifted_on = ?2", params![person, today])?;
    // That it was done is said in a message of its own, the one thing that still holds an address.
    let waiting =
        "person_id = ?1 AND state IN ('queued', 'failed') AND (request_id IS NULL OR request_id <> ?2)";
    ring_duty::delete(tx, "message", waiting, params![person, request])?;
    let stopped = ground::erase(tx, policy, &settled.life, &keep, today, actor, now)?;
    let life = life::load(tx, policy, person, today)?;
    let erasure = Erasure { request, by, instead: REMOVED, today, now };
    // Who they are is known until they have gone.
    let own = own(tx, person)?;
    mask(tx, policy, keys, (person, &own), &erasure)?;
    crate::certificate::forget_notes(tx, person, "")?;
    crate::request::forget_then(
        tx,
        "request_id IN (SELECT q.id FROM request q WHERE q.person_id = ?1)",
        params![person],
    )?;
    let cause = Cause { name: "erasure", actor, by, request: Some(request) };
    let mut departed = departure::carry_out(tx, policy, keys, &life, &cause, today, now)?;
    let nothing = departed.kept.is_empty() && ended::nothing_left(tx, person)?;
    ended::told_instead(tx, (person, request), nothing)?;
    let mut ended = Vec::new();
    if nothing && !departed.gone {
        let (others, bytes) = ended::end(tx, policy, (person, request), (by, actor), (today, now))?;
        departed.bytes.files.extend(bytes.files);
        ended = others;
    }
    if departed.kept.is_empty() && !departed.gone {
        spare(tx, (person, &own), Some(request))?;
        sweep::swept(tx, person, today, now)?;
    }
    if !departed.gone {
        // What kept records of messages that are not sent any more keeps nothing.
        ground::settle(tx, policy, person, today, actor, now)?;
    }
    forget_imports(tx, person, &mut departed)?;
    Ok(Erased { stopped, departed, ended })
}

/// In texts about several people, and those kept for work itself, the person is masked where they surely stand, and whatever
/// stands there exactly as we knew it; a task asks somebody to look through the rest. What a document is called, where its
/// paper is and where it came from is such a text too. One that is also about somebody of whom all has to stay as it is waits.
fn mask(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    (person, own): (PersonId, &Own),
    erasure: &Erasure<'_>,
) -> Result<()> {
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
        let shared = tx.all(&shared, params![person], |row| {
            let texts = (1..=columns.len()).map(|at| row.text(at));
            Ok((row.int(0)?, texts.collect::<Result<Vec<String>>>()?))
        })?;
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
                ring_duty::delete(tx, history, of, params![id])?;
            }
        }
    }
    Ok(())
}

/// Who somebody is who was erased while a copy they had asked for, or a hold, kept all of theirs for a while: the night that ends,
/// the records that stay say it no more. Nothing where nothing is owed.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn owed(tx: &Tx<'_>, person: PersonId) -> Result<Option<Own>> {
    let waits =
        "SELECT 1 FROM ground WHERE person_id = ?1 AND state = 'stopped' AND cause = ?2 AND swept_at IS NULL";
    match tx.any(waits, params![person, StopCause::Erased.name()])? {
        true => own(tx, person).map(Some),
        false => Ok(None),
    }
}

/// Bares what is left of somebody who was erased a while ago, now that nothing keeps the rest any more. Whoever came back meanwhile is
/// held anew, and what is written of that is none of it.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn spare_owed(tx: &Tx<'_>, person: PersonId, own: &Own) -> Result<()> {
    if ended::nothing_left(tx, person)? { spare(tx, (person, own), None) } else { Ok(()) }
}

/// Whoever was erased and of whose complaints one was open then, or a copy was still to be handed to whom, where that is closed since,
/// nothing about it waits to leave, and what stays of it says who they are.
///
/// # Errors
/// Whatever the database says.
pub fn closed_since(tx: &Tx<'_>) -> Result<Vec<PersonId>> {
    let erased = |whose: &str| {
        format!(
            "EXISTS (SELECT 1 FROM ground g WHERE g.person_id = {whose} AND g.state = 'stopped' AND g.cause = 'erased')
                AND NOT EXISTS (SELECT 1 FROM message w WHERE w.person_id = {whose} AND w.state IN ('queued', 'claimed', 'uncertain'))"
        )
    };
    let closed = format!(
        "SELECT c.person_id FROM complaint c WHERE c.closed_on IS NOT NULL
                AND (c.asked_by IS NOT NULL OR c.words IS NOT NULL OR c.reach IS NOT NULL) AND {}
            UNION SELECT q.person_id FROM request q JOIN message m ON m.request_id = q.id
                WHERE q.closed_on IS NOT NULL AND m.person_id = q.person_id AND m.address <> '' AND {} ORDER BY 1",
        erased("c.person_id"),
        erased("q.person_id")
    );
    let mut whom = Vec::new();
    for person in tx.all(&closed, &[], |row| Ok(PersonId(row.int(0)?)))? {
        if ended::nothing_left(tx, person)? {
            whom.push(person);
        }
    }
    Ok(whom)
}

/// Takes out of what stays of somebody in [`closed_since`] who they are.
///
/// # Errors
/// Whatever the database says.
pub fn close(tx: &Tx<'_>, person: PersonId) -> Result<()> {
    spare_owed(tx, person, &own(tx, person)?)
}

/// Of the records that a duty keeps, only that they are: when, what kind, under which clause. Addresses, numbers
/// and words in them prove nothing more. What answers the request for it stays until that is closed; where it was owed for a while,
/// what still waits to leave.
fn spare(tx: &Tx<'_>, (person, own): (PersonId, &Own), answering: Option<RequestId>) -> Result<()> {
    for table in ["call", "screening", "not_objecting", "consent", "soft_opt_in", "objection"] {
        ring_duty::lost(tx, table, "person_id = ?1", params![person])?;
    }
    match answering {
        Some(request) => {
            let left = "person_id = ?1 AND NOT (request_id IS NOT NULL AND request_id = ?2 AND state IN ('queued', 'claimed'))";
            bare(tx, left, params![person, request])?;
        }
        None => {
            bare(tx, "person_id = ?1 AND state NOT IN ('queued', 'claimed', 'uncertain')", params![person])?;
        }
    }
    let answering = answering.unwrap_or(RequestId(0));
    for sql in [
        "UPDATE call SET number = '', note = NULL WHERE person_id = ?1",
        "UPDATE screening SET number = '' WHERE person_id = ?1",
        // What was only noted shows it no more; what stands in a row of its own, or on our page, still does.
        "UPDATE consent SET how = '', withdrawn_how = NULL, evidence_note = NULL, evidence_gone =
            CASE WHEN evidence_id IS NULL AND evidence IN ('paper', 'in person') THEN 1 ELSE evidence_gone END WHERE person_id = ?1",
        "UPDATE soft_opt_in SET address = '', how = '', refusal = '' WHERE person_id = ?1",
        "UPDATE objection SET how = '', words = NULL WHERE person_id = ?1",
        // Where somebody else was called at the same number, that rests on it.
        "UPDATE not_objecting SET said_by = '', number = CASE WHEN EXISTS (SELECT 1 FROM call c WHERE c.number = not_objecting.number
            AND (c.person_id IS NULL OR c.person_id <> ?1)) THEN number ELSE '' END WHERE person_id = ?1",
    ] {
        tx.exec(sql, params![person])?;
    }
    forget_reasons(tx, person)?;
    // What was to be done about them and is done stays as that; what it says is masked wherever it may speak of them.
    let done =
        "SELECT id, what, COALESCE(outcome, '') FROM task WHERE person_id = ?1 AND done_on IS NOT NULL";
    let done = tx.all(done, params![person], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))?;
    for (task, what, outcome) in done {
        let masked = [("what", what), ("outcome", outcome)].into_iter().filter_map(|(column, text)| {
            Some((column, own::masked(&text, &own.places_perhaps(&text), REMOVED)?))
        });
        texts::rewrite(tx, ("task", task), &masked.collect::<Vec<_>>())?;
    }
    // What they asked before stays in its register by initials; the request being answered, until it is closed.
    let earlier = "person_id = ?1 AND id <> ?2 AND closed_on IS NOT NULL";
    ring_duty::lost(tx, "request", earlier, params![person, answering])?;
    tx.exec(
        "UPDATE request SET asked_by = NULL, words = NULL, answer = CASE WHEN answer IS NULL THEN NULL
                WHEN outcome = 'ended' THEN 'ended with their erasure' ELSE 'answered' END,
            extended_why = CASE WHEN extended_why IS NULL THEN NULL ELSE 'forgotten with whoever asked' END,
            reach = NULL, behalf = NULL, authority = NULL, tied_from = NULL WHERE person_id = ?1 AND id <> ?2 AND closed_on IS NOT NULL",
        params![person, answering],
    )?;
    request::mask_organisations(tx, own, (earlier, params![person, answering]), REMOVED)?;
    let notes = "UPDATE request_step SET note = NULL WHERE request_id IN
        (SELECT q.id FROM request q WHERE q.person_id = ?1 AND q.id <> ?2 AND q.closed_on IS NOT NULL)";
    let theirs = format!("request_id IN (SELECT q.id FROM request q WHERE {earlier})");
    ring_duty::lost(tx, "request_step", &theirs, params![person, answering])?;
    tx.exec(notes, params![person, answering])?;
    // Why something was left out of a copy that they have, or left in it.
    for (table, bare) in [("pack_choice", "reason = ''"), ("redaction", "note = NULL")] {
        ring_duty::lost(tx, table, &theirs, params![person, answering])?;
        tx.exec(&format!("UPDATE {table} SET {bare} WHERE {theirs}"), params![person, answering])?;
    }
    ring_duty::delete(tx, "letter", &theirs, params![person, answering])?;
    // Of what was written to them about an incident stays that they were told, and when.
    ring_duty::delete(tx, "letter", "person_id = ?1 AND incident_id IS NOT NULL", params![person])?;
    spare_complaints(tx, person)
}

/// What staff wrote of why somebody was restricted, held on to, kept on, entered later or kept for longer, and why an objection of theirs
/// was decided as it was: that there was a reason stays with the record, what it said does not. What stands still is not theirs alone.
fn forget_reasons(tx: &Tx<'_>, person: PersonId) -> Result<()> {
    let reasons: [(&str, &str, &[&str]); 6] = [
        ("restriction", " AND lifted_on IS NOT NULL", &["reason", "reviewed_why"]),
        ("hold", " AND ended_on IS NOT NULL", &["reason", "reviewed_why", "ended_why"]),
        ("ground", "", &["reviewed_why"]),
        ("not_entered", "", &["reason"]),
        ("agreement", "", &["reason"]),
        ("objection", "", &["because"]),
    ];
    for (table, and, columns) in reasons {
        for column in columns {
            let said = format!("person_id = ?1{and} AND {column} IS NOT NULL");
            ring_duty::lost(tx, table, &said, params![person])?;
            let sql = format!("UPDATE {table} SET {column} = ?2 WHERE {said}");
            tx.exec(&sql, params![person, FORGOTTEN])?;
        }
    }
    Ok(())
}

/// Of a complaint that was answered stays that it was made, acknowledged and answered, and when.
fn spare_complaints(tx: &Tx<'_>, person: PersonId) -> Result<()> {
    let closed = "person_id = ?1 AND closed_on IS NOT NULL";
    ring_duty::lost(tx, "complaint", closed, params![person])?;
    let bare = format!(
        "UPDATE complaint SET asked_by = NULL, words = NULL, reach = NULL, behalf = NULL,
            answer = CASE WHEN answer IS NULL THEN NULL ELSE 'answered' END WHERE {closed}"
    );
    tx.exec(&bare, params![person])?;
    let theirs = format!("complaint_id IN (SELECT c.id FROM complaint c WHERE {closed})");
    ring_duty::lost(tx, "complaint_step", &theirs, params![person])?;
    tx.exec(&format!("UPDATE complaint_step SET note = NULL WHERE {theirs}"), params![person])?;
    ring_duty::delete(tx, "letter", &theirs, params![person])?;
    Ok(())
}

/// Takes address, words and links out of messages.
fn bare(tx: &Tx<'_>, which: &str, values: &[crate::Value<'_>]) -> Result<()> {
    ring_duty::lost(tx, "message", which, values)?;
    let sql = format!(
        "UPDATE message SET address = '', subject = '', body = '', html = NULL, token = NULL WHERE {which}"
    );
    tx.exec(&sql, values)?;
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

/// Lines of imported files hold everything at once, so they go whole, whatever is kept.
fn forget_imports(tx: &Tx<'_>, person: PersonId, departed: &mut Departed) -> Result<()> {
    let imports =
        tx.all("SELECT DISTINCT import_id FROM import_row WHERE person_id = ?1", params![person], |row| {
            row.int(0)
        })?;
    ring_duty::lost(tx, "import_row", "person_id = ?1", params![person])?;
    tx.exec("UPDATE import_row SET raw = NULL, reason = NULL WHERE person_id = ?1", params![person])?;
    for import in imports {
        crate::dispose::forget_import_file(tx, import, &mut departed.bytes)?;
    }
    Ok(())
}
