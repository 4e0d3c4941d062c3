//! What waited for somebody's hand: given back, delivered, destroyed. Once somebody says that it is done, the row goes, with a
//! certificate. It never says so itself.

use custody::coverage;
use custody::id::{DocumentId, EngagementId, PersonId, StaffId, TaskId};
use custody::moment::Now;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::periods::Own;
use policy::{Disposal, Policy};
use serde_json::json;

use crate::dispose::{self, Bytes};
use crate::life::{self, For};
use crate::task::{self, Kind, NewTask, Task};
use crate::{Result, Tx, certificate, log, owing, paper, params, parting, ring_duty};

/// Whoever is in the document that a task is about.
///
/// # Errors
/// Whatever the database says.
pub fn in_document(tx: &Tx<'_>, which: TaskId) -> Result<Vec<PersonId>> {
    let sql = "SELECT DISTINCT p.person_id FROM task k JOIN document_person p ON p.document_id = k.document_id WHERE k.id = ?1 ORDER BY 1";
    tx.all(sql, params![which], |row| Ok(PersonId(row.int(0)?)))
}

/// Confirms that a task is done, and does what waited for it: the row of the document goes once nobody else is still to get a copy and
/// nothing of it lies on paper or elsewhere, which is a task of its own; the paper is recorded as destroyed. The files to be removed
/// once this is committed; the caller settles the person, and whoever else is [in the document](in_document).
///
/// # Errors
/// [`Error::Missing`] if there is no such open task.
pub fn confirm(
    tx: &Tx<'_>,
    policy: &Policy,
    which: TaskId,
    on: Date,
    by: Option<StaffId>,
    outcome: Option<&str>,
    now: Timestamp,
) -> Result<(Task, Bytes)> {
    let mut left = in_document(tx, which)?;
    // What says of what it is, and where that lies, goes once it is done.
    let asked = task::one(tx, which)?;
    let done = task::done(tx, which, on, by, outcome)?;
    parting::said_by_hand(tx, which, on)?;
    // That somebody said so is what the proof holds a task that is done against.
    let actor = by.map_or_else(|| "system tasks".to_owned(), |by| format!("staff {by}"));
    let about: Vec<PersonId> = done.person.into_iter().collect();
    let body = json!({ "task": which.0, "kind": done.kind.name() });
    log::append(tx, now, &actor, "task.confirmed", &about, &body)?;
    let mut bytes = Bytes::default();
    match (done.kind, done.document, done.paper) {
        (Kind::Return | Kind::Deliver | Kind::DestroyPaper, Some(document), _) => {
            let kind = "SELECT kind FROM document WHERE id = ?1";
            let kind = tx.maybe(kind, params![document], |row| row.text(0))?;
            // What a piece of work held for itself is nobody's but the work's.
            let whose = done.person.or(done.engagement.map(|work| PersonId(work.0)));
            if let (Some(kind), Some(person)) = (kind, whose) {
                let way = match done.kind {
                    Kind::Return => Disposal::ReturnThenErase,
                    Kind::Deliver => Disposal::DeliverThenErase,
                    _ => Disposal::Erase,
                };
                let rule = done.rule.as_deref().and_then(|key| policy.rule_keyed(key));
                let way = certificate::disposal_name(way, rule);
                certificate::by_hand(tx, (person, on, by), done.rule.as_deref(), (way, &kind), now)?;
            }
            let copy = "SELECT 1 FROM document WHERE id = ?1 AND usable = 1";
            let stays =
                tx.any(copy, params![document])? || task::stands_for(tx, Some(document.0), None, None)?;
            let rule = || done.rule.as_deref().and_then(|key| policy.rule_keyed(key));
            let copied = !stays && done.kind == Kind::Deliver;
            if copied && owing::stays_where_it_lies(tx, rule(), document)? {
                destroy(tx, policy, &asked, document, now)?;
            } else if done.kind == Kind::DestroyPaper || !stays {
                dispose::remove(tx, "document", document.0, &mut bytes)?;
            } else if let Some(work) = done.engagement
                && !task::stands_for(tx, Some(document.0), None, Some(work))?
                && !needed_on(tx, policy, document, work, now)?
            {
                // Something else keeps it, or has still to hand it over: only this work has let go of it, once each on it has theirs and
                // nobody on it needs it.
                let there = "document_id = ?1 AND engagement_id = ?2";
                ring_duty::delete(tx, "document_work", there, params![document, work])?;
            }
        }
        (Kind::DestroyPaper, None, Some(file)) => {
            if let Some(person) = paper::destroyed(tx, file, on)? {
                let what = (certificate::disposal_name(Disposal::Erase, None), "paper file");
                certificate::by_hand(tx, (person, on, by), done.rule.as_deref(), what, now)?;
            }
        }
        _ => {}
    }
    left.extend(done.person.filter(|person| !left.contains(person)));
    for person in left {
        dispose::leave_if_empty(tx, person, &mut bytes)?;
    }
    Ok((done, bytes))
}

/// Has somebody destroy what a copy was delivered of: the task says what it is, and where, as that of the delivery did.
fn destroy(
    tx: &Tx<'_>,
    policy: &Policy,
    delivered: &Task,
    document: DocumentId,
    now: Timestamp,
) -> Result<()> {
    let row = "SELECT kind, elsewhere FROM document WHERE id = ?1";
    let (kind, elsewhere) = tx.one(row, params![document], |row| Ok((row.text(0)?, row.bool(1)?)))?;
    let what = task::destroying(&kind, elsewhere);
    let until = life::local_date(policy, now).checked_add(policy.days(Own::ByHand).days());
    let new = NewTask {
        person: delivered.person,
        engagement: delivered.engagement,
        request: delivered.request,
        document: Some(document),
        about: delivered.about.as_deref(),
        place: delivered.place.as_deref(),
        rule: delivered.rule.as_deref(),
        blocks: delivered.blocks,
        owner: delivered.owner,
        due_on: until.ok(),
        ..NewTask::new(Kind::DestroyPaper, &what)
    };
    task::add(tx, &new, now)?;
    Ok(())
}

/// Whether a piece of work on which a document lies still needs it, by a ground of its own or of anybody in the document; of whom that
/// cannot be read, they may.
fn needed_on(
    tx: &Tx<'_>,
    policy: &Policy,
    document: DocumentId,
    work: EngagementId,
    now: Timestamp,
) -> Result<bool> {
    let data = dispose::linked_rows(tx, policy, "document", &[document.0])?;
    let Some(datum) = data.first() else { return Ok(false) };
    let today = life::local_date(policy, now);
    let people: Vec<PersonId> = datum.people.iter().map(|(person, _)| *person).collect();
    let mut found = life::load_readable(tx, policy, &people, today, For::Clocks)?;
    let (works, unread) = life::readable_works(tx, policy, &[work], today)?;
    found.lives.extend(works);
    let unknown = !found.unread.is_empty() || !unread.is_empty();
    Ok(unknown || coverage::needed_on(policy, &found.lives, work, datum, Now::at(today, now)))
}
