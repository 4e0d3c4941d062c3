//! What else somebody had asked, of whom nothing is left once they are erased: a correction of what has gone, a use of it to be
//! weighed. It ends with the erasure, and whoever was still to be told of it is told of the erasure instead. What they asked to see,
//! or to take elsewhere, is never ended here.

use custody::id::{PersonId, RequestId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use serde_json::json;

use crate::dispose::Bytes;
use crate::request::{self, ENDED, Kind};
use crate::{Result, Tx, log, objection, params, ring_duty, task};

/// What of theirs is there that somebody could still correct or use; what only waits to be destroyed or handed over by hand is not.
const HELD: &[&str] = &[
    "SELECT 1 FROM item WHERE person_id = ?1",
    "SELECT 1 FROM entry_person WHERE person_id = ?1",
    "SELECT 1 FROM document_person p WHERE p.person_id = ?1 AND NOT EXISTS (SELECT 1 FROM task t
        WHERE t.document_id = p.document_id AND t.done_on IS NULL AND t.kind IN ('destroy paper', 'return', 'deliver'))",
];

/// Whether nothing of somebody is left but records of what was done.
pub(super) fn nothing_left(tx: &Tx<'_>, person: PersonId) -> Result<bool> {
    for held in HELD {
        if tx.any(held, params![person])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes away what recipients were still to be told of somebody where they are told by this erasure that it is gone: all of it if
/// `nothing` is left, else what was corrected of details that are held no more. The drafts that say it go with it.
pub(super) fn told_instead(
    tx: &Tx<'_>,
    (person, erasure): (PersonId, RequestId),
    nothing: bool,
) -> Result<()> {
    let told = "recipient IN (SELECT n.recipient FROM task n WHERE n.request_id = ?2 AND n.told = 'erased' AND n.done_on IS NULL)";
    let which = match nothing {
        true => "",
        false => {
            " AND told = 'corrected' AND NOT EXISTS (SELECT 1 FROM item i WHERE i.person_id = ?1 AND i.kind = task.detail)"
        }
    };
    let tasks = format!(
        "person_id = ?1 AND kind = 'tell recipient' AND done_on IS NULL AND (request_id IS NULL OR request_id <> ?2) AND {told}{which}"
    );
    if ring_duty::delete(tx, "task", &tasks, params![person, erasure])? > 0 {
        let drafts = format!("person_id = ?1 AND sort = 'recipient' AND sent_on IS NULL AND {told}");
        ring_duty::delete(tx, "letter", &drafts, params![person, erasure])?;
    }
    Ok(())
}

/// Ends what else they had asked and nothing is left of: it is closed and says so. The requests, and the files that can go once this is
/// committed.
pub(super) fn end(
    tx: &Tx<'_>,
    policy: &Policy,
    (person, erasure): (PersonId, RequestId),
    (by, actor): (Option<StaffId>, &str),
    (today, now): (Date, Timestamp),
) -> Result<(Vec<RequestId>, Bytes)> {
    let (mut ended, mut bytes) = (Vec::new(), Bytes::default());
    let asked = request::of_person(tx, policy, person)?;
    let others = asked.iter().filter(|asked| {
        let kept = matches!(asked.kind, Kind::Access | Kind::Portability);
        asked.id != erasure && asked.closed_on.is_none() && !kept
    });
    for asked in others {
        let id = asked.id;
        // What is there to be destroyed by hand still is; whatever else was to be done for it is not any more.
        task::outlive(tx, "?1", params![id])?;
        ring_duty::delete(tx, "task", "request_id = ?1 AND done_on IS NULL", params![id])?;
        for (objection, _) in objection::of_request(tx, policy, id)? {
            objection::uphold(tx, objection, today)?;
        }
        request::step(tx, id, today, request::ENDED_STEP, None, by, now)?;
        request::came_to(tx, id, ENDED, &[])?;
        request::answer(tx, id, today, "Ended: what it was about was erased.", by, now)?;
        bytes.files.extend(request::close(tx, policy, id, today, by, now)?.files);
        let body = json!({ "request": id.0, "kind": asked.kind.name(), "by": erasure.0 });
        log::append(tx, now, actor, "request.ended", &[person], &body)?;
        ended.push(id);
    }
    Ok((ended, bytes))
}
