//! Undoing an import: whom it brought goes again, unless somebody has worked on them since.

use std::time::{Duration, Instant};

use custody::coverage::suspended;
use custody::id::{ImportId, OrganisationId};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::periods::{Own, days_words};
use policy::role::Deed;
use serde_json::json;
use store::import::undo::{Brought, remove_person, take_out, untouched};
use store::import::{self, Batch, ImportRow, Outcome, State};
use store::{Tx, suppression};

use super::must_stand;
use super::run::{Effect, actor};
use crate::acts::{Acting, objection};
use crate::fault::Fault;
use crate::instance::Instance;

/// Rows read for one transaction: few more than it takes out, since the next reads the rest again.
const AT_ONCE: u32 = 16;

/// After how long a transaction ends with the row it is at: whoever writes meanwhile waits no longer. Together rows cost less than
/// each by itself, since the search index is written once for all of them.
const TURN: Duration = Duration::from_millis(30);

/// The last day on which an import can be undone; `None` if it has not finished or was undone.
#[must_use]
pub fn undoable_until(instance: &Instance, batch: &Batch) -> Option<Date> {
    if batch.state != State::Finished {
        return None;
    }
    let days = instance.policy().days(Own::Imports);
    instance.clock.on(batch.finished_at?).checked_add(days.days()).ok()
}

/// Begins to undo an import; [`super::undo::run_undo`] then does it.
///
/// # Errors
/// [`Fault::Refused`] unless the role may import; [`Fault::Invalid`] when it is too late.
pub fn start_undo(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId) -> Result<(), Fault> {
    acting.must(Deed::Import)?;
    let batch = import::one(tx, id)?;
    must_stand(&batch, &[State::Finished])?;
    if undoable_until(acting.instance, &batch).is_none_or(|last| last < acting.today) {
        let days = days_words(acting.policy.days(Own::Imports));
        return Err(Fault::field("undo", format!("An import can be undone for {days}.")));
    }
    import::move_on(tx, id, State::Finished, State::Undoing, acting.now)?;
    acting.log(tx, "import.undo_started", &[], &json!({ "import": id.0 }))
}

/// Takes out what an import brought, to the end.
///
/// # Errors
/// Whatever the store says; running again goes on from there.
pub fn run_undo(instance: &Instance, id: ImportId) -> Result<(), Fault> {
    let mut after = 0;
    loop {
        let last = instance.store.write(|tx| {
            let acting = actor(instance, tx, id)?;
            let rows = import::rows(tx, id, &[Outcome::Created, Outcome::Updated], after, AT_ONCE)?;
            let began = Instant::now();
            let mut last = None;
            for row in &rows {
                let outcome = take_back(&acting, tx, id, row)?;
                let person = row.person.filter(|_| outcome == Outcome::Stayed);
                let settled = ImportRow { line: row.line, person, outcome, reason: None, raw: None };
                import::set_row(tx, id, &settled, None, None)?;
                last = Some(row.line);
                if began.elapsed() > TURN {
                    break;
                }
            }
            if rows.is_empty() {
                let counts = import::counts(tx, id)?;
                let n = |outcome: Outcome| counts.get(&outcome).copied().unwrap_or(0);
                let body = json!({ "import": id.0, "gone": n(Outcome::Gone), "stayed": n(Outcome::Stayed) });
                acting.log(tx, "import.undone", &[], &body)?;
                import::move_on(tx, id, State::Undoing, State::Undone, acting.now)?;
            }
            Ok::<_, Fault>(last)
        })?;
        match last {
            Some(line) => after = line,
            None => return Ok(()),
        }
    }
}

fn take_back(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId, row: &ImportRow) -> Result<Outcome, Fault> {
    let Some(who) = row.person else { return Ok(Outcome::Gone) };
    // Of what is one entry now nothing says which category or organisation came with the file.
    if !store::merge::of_person(tx, who)?.is_empty() {
        return Ok(Outcome::Stayed);
    }
    // Nothing of them is let go of today: a hold, a restriction or a request that needs it stands.
    if store::person::exists(tx, who)? && suspended(&acting.life(tx, who)?, acting.today).is_some() {
        return Ok(Outcome::Stayed);
    }
    if row.outcome == Outcome::Created {
        if !untouched(tx, id, who)? {
            return Ok(Outcome::Stayed);
        }
        remove_person(tx, who)?;
        return Ok(Outcome::Gone);
    }
    let effect: Effect =
        row.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
    let brought =
        Brought { category: effect.category, organisation: effect.organisation.map(OrganisationId) };
    let said = suppression::of_person(tx, acting.instance.store.keys(), who)?;
    let changed_since = take_out(tx, &acting.policy, id, who, &brought, acting.now)?;
    for said in said {
        objection::carried(acting, tx, who, Some(said))?;
    }
    acting.settle_detail(tx, who, policy::phrase::BIRTH)?;
    Ok(if changed_since > 0 { Outcome::Stayed } else { Outcome::Gone })
}
