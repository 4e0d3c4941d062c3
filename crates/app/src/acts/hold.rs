//! Holds: while a claim, an inquiry or a complaint needs it, nothing about somebody is let go. Whoever answers for it,
//! and whoever is named with it, may read and pass on what it keeps, for that and nothing else.

use custody::act::Asked;
use custody::id::{EngagementId, PersonId, StaffId};
use custody::{Gate, Life, Verb};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::KindId;
use policy::role::Deed;
use serde_json::json;
use store::hold::{self, Hold, Review};
use store::staff::{self, Account};
use store::task::{self, Kind, NewTask};
use store::{Tx, engagement};

use super::Acting;
use super::person::act;
use crate::fault::Fault;

/// After how many days somebody looks again at a hold or a restriction, unless they say otherwise.
pub const REVIEW_DAYS: i64 = 90;

/// How many days somebody has to look again at an erasure that a hold stood in the way of.
const LOOK_AGAIN_DAYS: i32 = 14;

/// A hold as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// On everybody on this work of theirs; on the person alone if none is named.
    pub work: Option<EngagementId>,
    /// Why.
    pub why: String,
    /// Who answers for it; whoever places it, unless said.
    pub owner: Option<StaffId>,
    /// Who else may read and pass on what it keeps.
    pub helpers: Vec<StaffId>,
    /// When it is looked at again.
    pub review_on: Option<Date>,
}

/// The kind under which the reason of a hold is opened.
///
/// # Errors
/// [`Fault::NotFound`] for a policy without the built-in kinds.
pub fn kind(acting: &Acting<'_>) -> Result<KindId, Fault> {
    Ok(acting.policy.kind_named("request record").ok_or(Fault::NotFound)?.id)
}

/// Whether whoever acts may see to a hold: its owner, or a role that looks after the policy.
#[must_use]
pub fn is_mine(acting: &Acting<'_>, hold: &Hold) -> bool {
    Some(hold.owner) == acting.staff_id() || acting.may(Deed::ManagePolicy)
}

/// A hold that stands, for whoever may see to it. `of` is whose page it is looked at from.
///
/// # Errors
/// [`Fault::NotFound`] if there is none, it has ended, or it is somebody else's.
pub fn mine(acting: &Acting<'_>, tx: &Tx<'_>, hold: i64, of: Option<PersonId>) -> Result<Hold, Fault> {
    let found = hold::one(tx, hold, of, kind(acting)?)?;
    let stands = found.ended_on.is_none_or(|ended| acting.today < ended);
    if stands && is_mine(acting, &found) { Ok(found) } else { Err(Fault::NotFound) }
}

/// Places a hold on a person, or on everybody on a piece of their work. It stands from today.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks after the policy; [`Fault::Invalid`] without a reason, somebody here who
/// answers for it, or a day to come on which it is looked at again.
pub fn place(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, asking: &Asking) -> Result<i64, Fault> {
    acting.must(Deed::ManagePolicy)?;
    let life = acting.life(tx, person)?;
    within_reach(acting, &life)?;
    // A hold on work holds everybody on it.
    for other in asking.work.map_or_else(|| Ok(Vec::new()), |work| engagement::people(tx, work))? {
        within_reach(acting, &acting.life(tx, other.person)?)?;
    }
    let why = reason(&asking.why)?;
    let review_on = to_come(acting, asking.review_on)?;
    let owner = asking.owner.or(acting.staff_id());
    let owner = here(acting, &staff::all(tx)?, "owner", owner)?;
    if asking.work.is_some_and(|asked| life.works.iter().all(|work| work.engagement != asked)) {
        return Err(Fault::field("work", "They are not on this work."));
    }
    let new = hold::NewHold {
        person: asking.work.is_none().then_some(person),
        engagement: asking.work,
        reason: why,
        owner,
        since: acting.today,
        review_on,
    };
    let hold = hold::place(tx, &new, acting.now)?;
    name_helpers(acting, tx, hold, owner, &asking.helpers)?;
    let body =
        json!({ "hold": hold, "work": asking.work.map(|work| work.0), "review_on": review_on.to_string() });
    acting.log(tx, "hold.placed", &hold::people(tx, hold)?, &body)?;
    Ok(hold)
}

/// Somebody looked at a hold again: it goes on, because it still has to, until it is looked at once more.
///
/// # Errors
/// As [`place`]; [`Fault::NotFound`] if it is not theirs to see to.
pub fn prolong(acting: &Acting<'_>, tx: &Tx<'_>, hold: i64, asking: &Asking) -> Result<(), Fault> {
    let found = mine(acting, tx, hold, None)?;
    let why = reason(&asking.why)?;
    let next = to_come(acting, asking.review_on)?;
    let owner = here(acting, &staff::all(tx)?, "owner", asking.owner.or(Some(found.owner)))?;
    let review = Review { on: acting.today, why, by: acting.staff_id(), owner, next };
    hold::review(tx, hold, &review)?;
    name_helpers(acting, tx, hold, owner, &asking.helpers)?;
    let body = json!({ "hold": hold, "owner": owner.0, "review_on": next.to_string() });
    acting.log(tx, "hold.reviewed", &hold::people(tx, hold)?, &body)
}

/// Ends a hold today: what was due while it stood goes tonight, and somebody looks again at each erasure that it stood in
/// the way of.
///
/// # Errors
/// [`Fault::NotFound`] if it is not theirs to see to; [`Fault::Invalid`] without a reason.
pub fn end(acting: &Acting<'_>, tx: &Tx<'_>, hold: i64, why: &str) -> Result<(), Fault> {
    mine(acting, tx, hold, None)?;
    let why = reason(why)?;
    hold::end(tx, hold, acting.today, why, acting.staff_id())?;
    let mut again = 0;
    for (request, person, owner) in hold::erasures(tx, hold)? {
        if acting.life(tx, person)?.hold.is_some() {
            // Another hold stands in the way still: its end asks.
            continue;
        }
        let task = NewTask {
            person: Some(person),
            request: Some(request),
            owner: owner.or(acting.staff_id()),
            due_on: Some(acting.today.checked_add(LOOK_AGAIN_DAYS.days())?),
            ..NewTask::new(
                Kind::Other,
                "Look again at the erasure they asked for: the hold that stood in its way has ended",
            )
        };
        task::add(tx, &task, acting.now)?;
        hold::looked_at(tx, person)?;
        again += 1;
    }
    let people = hold::people(tx, hold)?;
    acting.log(tx, "hold.ended", &people, &json!({ "hold": hold, "erasures_to_look_at": again }))
}

/// Whether whoever acts may decide what becomes of this person's data at all. Asked as for letting go: what has ended
/// already and goes tonight may be held still.
fn within_reach(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let keep = act(Verb::Dispose, Some(Deed::ManagePolicy), Asked::Exactly(kinds));
    acting.decide(&keep, &[life], &Gate::default()).map(drop)
}

pub(super) fn reason(why: &str) -> Result<&str, Fault> {
    let why = why.trim();
    if why.is_empty() || why.len() > 2_000 {
        return Err(Fault::field("why", "Write why, in a sentence."));
    }
    Ok(why)
}

pub(super) fn to_come(acting: &Acting<'_>, day: Option<Date>) -> Result<Date, Fault> {
    day.filter(|day| *day > acting.today)
        .ok_or_else(|| Fault::field("review", "Choose a day to come on which somebody looks again."))
}

/// Somebody of the staff who is here and whose role may look.
pub(super) fn here(
    acting: &Acting<'_>,
    staff: &[Account],
    field: &str,
    who: Option<StaffId>,
) -> Result<StaffId, Fault> {
    let mut here = staff.iter().filter(|account| account.until.is_none());
    match here.find(|account| Some(account.id) == who) {
        Some(account) if acting.policy.role_named(&account.role).is_some() => Ok(account.id),
        _ => Err(Fault::field(field, "Choose somebody who is on the staff.")),
    }
}

fn name_helpers(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hold: i64,
    owner: StaffId,
    helpers: &[StaffId],
) -> Result<(), Fault> {
    let staff = staff::all(tx)?;
    let helpers = helpers.iter().filter(|helper| **helper != owner);
    let named: Vec<StaffId> =
        helpers.map(|helper| here(acting, &staff, "helpers", Some(*helper))).collect::<Result<_, _>>()?;
    Ok(hold::name_helpers(tx, hold, &named)?)
}
