//! Restrictions (UK GDPR Art 18): what is held is stored and nothing else, until somebody decides. Somebody answers for each,
//! and looks at it again by a day: it goes on for a reason, or it is lifted once the person was told.

use custody::id::{PersonId, RequestId, StaffId};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::disclosure::Telling;
use store::restriction::{self, NewRestriction, Review, Standing};
use store::{Tx, request, staff, task};

use super::hold::{REVIEW_DAYS, here, kind, reason, to_come};
use super::request::{answering, on_desk, recipients, tell, tell_recipients};
use super::{Acting, identity};
use crate::fault::Fault;

/// A restriction as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Why.
    pub why: String,
    /// Since when; today unless said.
    pub on: Option<Date>,
    /// Who answers for it; whoever places it, unless said.
    pub owner: Option<StaffId>,
    /// When it is looked at again.
    pub review_on: Option<Date>,
    /// The request it answers.
    pub request: Option<RequestId>,
}

/// Restricts a person: what is held is stored and nothing else, until somebody decides.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::Invalid`] without a reason, somebody here who answers
/// for it or a day to come on which it is looked at again, or if one stands already.
pub fn place(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, asking: &Asking) -> Result<(), Fault> {
    acting.must(Deed::AnswerRequests)?;
    let life = acting.life(tx, person)?;
    answering(acting, &[&life])?;
    let why = reason(&asking.why)?;
    let since = asking.on.unwrap_or(acting.today);
    if since > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    if life.restriction.is_some() {
        return Err(Fault::field("why", "What we hold about them is restricted already."));
    }
    let new = NewRestriction {
        person,
        reason: why,
        owner: here(acting, &staff::all(tx)?, "owner", asking.owner.or(acting.staff_id()))?,
        since,
        review_on: looked_at(acting, asking)?,
        request: asking.request,
    };
    restriction::place(tx, &new, acting.now)?;
    if let Some(request) = asking.request {
        let found = on_desk(acting, tx, request)?;
        if found.person != Some(person) || found.closed_on.is_some() {
            return Err(Fault::NotFound);
        }
        request::step(tx, request, acting.today, "restricted", None, acting.staff_id(), acting.now)?;
    }
    tell_recipients(acting, tx, (person, asking.request), (Telling::Restricted, None))?;
    acting.settle(tx, person)?;
    acting.log(tx, "person.restricted", &[person], &json!({ "request": asking.request.map(|asked| asked.0) }))
}

fn looked_at(acting: &Acting<'_>, asking: &Asking) -> Result<Date, Fault> {
    match asking.review_on {
        Some(day) => to_come(acting, Some(day)),
        None => Ok(acting.today.checked_add(REVIEW_DAYS.days())?),
    }
}

/// The restriction that stands for somebody, for whoever answers requests.
///
/// # Errors
/// [`Fault::NotFound`] if nothing restricts them.
pub fn standing(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Standing, Fault> {
    answering(acting, &[&acting.life(tx, person)?])?;
    let standing = restriction::of_person(tx, person, kind(acting)?)?;
    standing.into_iter().next().ok_or(Fault::NotFound)
}

/// Somebody looked at a restriction again: it goes on, because it still has to, until it is looked at once more.
///
/// # Errors
/// As [`place`]; [`Fault::NotFound`] if nothing restricts them.
pub fn prolong(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, asking: &Asking) -> Result<(), Fault> {
    let found = standing(acting, tx, person)?;
    let owner = here(acting, &staff::all(tx)?, "owner", asking.owner.or(Some(found.owner)))?;
    let next = looked_at(acting, asking)?;
    let review = Review { on: acting.today, why: reason(&asking.why)?, by: acting.staff_id(), owner, next };
    restriction::review(tx, found.id, &review)?;
    acting.settle(tx, person)?;
    let body = json!({ "restriction": found.id, "owner": owner.0, "review_on": next.to_string() });
    acting.log(tx, "person.restriction_reviewed", &[person], &body)
}

/// Lifts what restricts a person. They are told before (UK GDPR Art 18(3)): whoever lifts it says that they were, and how it is
/// known that it was they who were told.
///
/// # Errors
/// [`Fault::Invalid`] unless they were told; [`Fault::NotFound`] if nothing restricts them.
pub fn lift(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (told, known): (&str, &str),
) -> Result<(), Fault> {
    answering(acting, &[&acting.life(tx, person)?])?;
    if told.trim().is_empty() {
        return Err(Fault::field("told", "They must be told before it is lifted: write how they were."));
    }
    let known = identity::way("known", known)?;
    let standing = restriction::of_person(tx, person, kind(acting)?)?;
    if standing.is_empty() {
        return Err(Fault::NotFound);
    }
    let of = (person, standing.iter().find_map(|one| one.request));
    for restriction in standing {
        task::superseded(tx, (person, restriction.request), Telling::Restricted)?;
        restriction::lift(tx, restriction.id, acting.today, told.trim(), acting.staff_id())?;
        if let Some(request) = restriction.request {
            let by = acting.staff_id();
            request::step(tx, request, acting.today, identity::KNOWN, Some(known), by, acting.now)?;
            request::step(tx, request, acting.today, "lifted", None, by, acting.now)?;
        }
    }
    tell_that_it_ended(acting, tx, of)?;
    acting.settle(tx, person)?;
    acting.log(tx, "person.restriction_lifted", &[person], &json!({ "known": known }))
}

/// Whoever had heard that it may only be stored hears that this has ended, too; but not while something that the person objects to is in
/// doubt with them, and nobody who had not heard of it.
fn tell_that_it_ended(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    of: (PersonId, Option<RequestId>),
) -> Result<(), Fault> {
    let heard = task::left_restricted(tx, of.0)?;
    let mut stored_on = task::left_in_doubt(tx, of.0)?;
    stored_on.extend(task::to_hear_only_stored(tx, of.0)?);
    let mut told = recipients(acting, tx, of.0, None)?;
    told.retain(|one| heard.contains(one) && !stored_on.contains(one));
    tell(acting, tx, of, Telling::Lifted, &told)
}
