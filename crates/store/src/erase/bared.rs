//! What stays of somebody who was erased, where a duty keeps records of theirs: that each is, when it was and of which kind, and
//! nothing that says who they are. It says what goes from which record and from when on; whether a record stays is decided elsewhere.

use custody::id::{PersonId, RequestId};
use custody::life::StopCause;

use super::{REMOVED, ended};
use crate::mention::own::{self, Own, own};
use crate::mention::texts;
use crate::{Result, Tx, params, request, ring_duty};

/// What stands instead of a reason that was written about whoever went: that there was one.
const FORGOTTEN: &str = "forgotten with whoever it was about";

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

/// Whoever was erased and of whose requests or complaints one was open then, or a copy was still to be handed to whom, where that is
/// closed since, nothing about it waits to leave, and what stays of it says who they are.
///
/// # Errors
/// Whatever the database says.
pub fn closed_since(tx: &Tx<'_>) -> Result<Vec<PersonId>> {
    // Of whom nothing had a ground nothing was stopped either: that they were erased, the certificate says.
    let erased = |whose: &str| {
        format!(
            "(EXISTS (SELECT 1 FROM ground g WHERE g.person_id = {whose} AND g.state = 'stopped' AND g.cause = 'erased')
                OR EXISTS (SELECT 1 FROM certificate e WHERE e.person_number = {whose} AND e.cause = 'erasure'))
                AND NOT EXISTS (SELECT 1 FROM message w WHERE w.person_id = {whose} AND w.state IN ('queued', 'claimed', 'uncertain'))"
        )
    };
    let closed = format!(
        "SELECT c.person_id FROM complaint c WHERE c.closed_on IS NOT NULL
                AND (c.asked_by IS NOT NULL OR c.words IS NOT NULL OR c.reach IS NOT NULL) AND {}
            UNION SELECT a.person_id FROM request a WHERE a.closed_on IS NOT NULL
                AND (a.asked_by IS NOT NULL OR a.words IS NOT NULL OR a.reach IS NOT NULL) AND {}
            UNION SELECT q.person_id FROM request q JOIN message m ON m.request_id = q.id
                WHERE q.closed_on IS NOT NULL AND m.person_id = q.person_id AND m.address <> '' AND {} ORDER BY 1",
        erased("c.person_id"),
        erased("a.person_id"),
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
    // Nothing else says any more what they are called: what is bared last is read first.
    let asked = "SELECT asked_by FROM request WHERE person_id = ?1 AND closed_on IS NOT NULL AND asked_by IS NOT NULL
        UNION SELECT asked_by FROM complaint WHERE person_id = ?1 AND closed_on IS NOT NULL AND asked_by IS NOT NULL";
    let mut called: Vec<Own> = tx.all(asked, params![person], |row| Ok(own::called(&row.text(0)?)))?;
    if called.is_empty() {
        called.push(own(tx, person)?);
    }
    for own in &called {
        spare_owed(tx, person, own)?;
    }
    Ok(())
}

/// Of the records that a duty keeps, only that they are: when, what kind, under which clause. Addresses, numbers
/// and words in them prove nothing more. What answers the request for it stays until that is closed; where it was owed for a while,
/// what still waits to leave.
pub(super) fn spare(
    tx: &Tx<'_>,
    (person, own): (PersonId, &Own),
    answering: Option<RequestId>,
) -> Result<()> {
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
        tx.put(sql, params![person])?;
    }
    forget_reasons(tx, person)?;
    // What was to be done about them and is done stays as that, and whom it had somebody tell; what it says is masked wherever it may
    // speak of them.
    let done = "SELECT id FROM task WHERE person_id = ?1 AND done_on IS NOT NULL";
    let places = |column: &str, text: &str| match column {
        "what" | "outcome" => own.places_perhaps(text),
        _ => Vec::new(),
    };
    for task in tx.all(done, params![person], |row| row.int(0))? {
        texts::mask_at(tx, ("task", task), places, REMOVED)?;
    }
    // What they asked before stays in its register by initials; the request being answered, until it is closed.
    let earlier = "person_id = ?1 AND id <> ?2 AND closed_on IS NOT NULL";
    ring_duty::lost(tx, "request", earlier, params![person, answering])?;
    tx.put(
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
    tx.put(notes, params![person, answering])?;
    // Why something was left out of a copy that they have, or left in it.
    for (table, bare) in [("pack_choice", "reason = ''"), ("redaction", "note = NULL")] {
        ring_duty::lost(tx, table, &theirs, params![person, answering])?;
        tx.put(&format!("UPDATE {table} SET {bare} WHERE {theirs}"), params![person, answering])?;
    }
    ring_duty::take(tx, "letter", &theirs, params![person, answering])?;
    // Of what was written to them about an incident stays that they were told, and when.
    ring_duty::take(tx, "letter", "person_id = ?1 AND incident_id IS NOT NULL", params![person])?;
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
            tx.put(&sql, params![person, FORGOTTEN])?;
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
    tx.put(&bare, params![person])?;
    let theirs = format!("complaint_id IN (SELECT c.id FROM complaint c WHERE {closed})");
    ring_duty::lost(tx, "complaint_step", &theirs, params![person])?;
    tx.put(&format!("UPDATE complaint_step SET note = NULL WHERE {theirs}"), params![person])?;
    ring_duty::take(tx, "letter", &theirs, params![person])?;
    Ok(())
}

/// Takes address, words and links out of messages.
pub(super) fn bare(tx: &Tx<'_>, which: &str, values: &[crate::Value<'_>]) -> Result<()> {
    ring_duty::lost(tx, "message", which, values)?;
    let sql = format!(
        "UPDATE message SET address = '', subject = '', body = '', html = NULL, token = NULL WHERE {which}"
    );
    tx.put(&sql, values)?;
    Ok(())
}
