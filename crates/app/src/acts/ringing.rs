//! Marketing calls to a company at its own number, whoever answers there: the number is nobody's, and is checked before it is shown as
//! a person's is. What is said of people in such a call belongs on their pages; nothing of it is written down here.

use custody::Refusal;
use custody::gate::{self, Reachable, Screened};
use custody::id::OrganisationId;
use policy::Policy;
use policy::channel::{CallResult, Happened};
use policy::role::Deed;
use serde_json::json;
use store::call::{self, Line, NewCall};
use store::organisation::{self, Subscriber};
use store::suppression::{self, Forbids};
use store::{Tx, not_objecting};

use super::call as calls;
use super::{Acting, checking};
use crate::fault::Fault;

/// Why a number is not to be called again where a company asked for that.
const OBJECTION: &str = "objection";

/// A company that is to be called.
#[derive(Clone, Debug)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its own number.
    pub number: String,
}

/// What can come of a call to a company: what happens to a person by it is no part of that.
pub fn results(policy: &Policy) -> impl Iterator<Item = &CallResult> {
    use Happened::{AskedNotToCall, Contact, DoesNotObject};
    let of_company =
        |result: &&CallResult| matches!(result.is, None | Some(AskedNotToCall | Contact | DoesNotObject));
    calls::results(policy).iter().filter(of_company)
}

/// Whether anybody is called here who is in this role, and this organisation has a number of its own.
#[must_use]
pub fn may_ring(acting: &Acting<'_>, details: &organisation::Details) -> bool {
    acting.may(Deed::Call)
        && calls::way(&acting.policy).is_some()
        && details.subscriber == Subscriber::Corporate
        && details.phone.is_some()
}

/// A company with a number of its own.
///
/// # Errors
/// [`Fault::NotFound`] if it has none, or is none; [`Fault::Refused`] if the role may not call.
pub fn company(acting: &Acting<'_>, tx: &Tx<'_>, organisation: OrganisationId) -> Result<Company, Fault> {
    acting.must(Deed::Call)?;
    let found = organisation::one(tx, organisation)?;
    if !may_ring(acting, &found.details) {
        return Err(Fault::NotFound);
    }
    let number = found.details.phone.ok_or(Fault::NotFound)?;
    Ok(Company { name: found.details.name, number })
}

/// Whether it may be called now.
///
/// # Errors
/// [`Fault::Refused`] with the reason: listed, unchecked, checked against an old list, asked not to be.
pub fn decide(acting: &Acting<'_>, tx: &Tx<'_>, company: &Company) -> Result<(), Fault> {
    let (_, screening) = calls::way(&acting.policy).ok_or(Fault::NotFound)?;
    let screened = call::check(tx, acting.instance.store.keys(), screening, &company.number)?;
    may(acting, tx, company, screened).map_err(Fault::from)?.map_err(Fault::from)
}

fn may(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    company: &Company,
    screened: Screened,
) -> Result<Result<(), Refusal>, store::Error> {
    let keys = acting.instance.store.keys();
    let suppressed = suppression::bars(tx, keys, "phone", &company.number, true, true)?;
    let facts = Reachable { suppressed, screened: Some(screened), ..Reachable::default() };
    let channel = calls::way(&acting.policy).map(|(way, _)| way.channel).ok_or(store::Error::Missing)?;
    Ok(gate::company(&acting.policy, channel, &facts, acting.today))
}

/// Checks its number, keeps the check, and says what was found and whether it may be called.
///
/// # Errors
/// [`Fault::Invalid`] if its number is none.
pub fn check(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    organisation: OrganisationId,
) -> Result<(Screened, Result<(), Refusal>), Fault> {
    let company = company(acting, tx, organisation)?;
    let (_, screening) = calls::way(&acting.policy).ok_or(Fault::NotFound)?;
    let (keys, by) = (acting.instance.store.keys(), acting.staff_id());
    let line = Line { person: None, organisation: Some(organisation) };
    let screened = call::screen(tx, keys, screening, line, &company.number, by, acting.today, acting.now)
        .map_err(calls::no_number)?;
    let decided = may(acting, tx, &company, screened.clone())?;
    let body = json!({
        "organisation": organisation.0, "registers": screened.registers.len(), "granted": decided.is_ok(),
    });
    acting.log(tx, "number.checked", &[], &body)?;
    Ok((screened, decided))
}

/// What is to be asked of whoever answers for a register before its number can be called.
///
/// # Errors
/// As [`checking::of_company`].
pub fn questions(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    organisation: OrganisationId,
) -> Result<Vec<checking::Question>, Fault> {
    let company = company(acting, tx, organisation)?;
    checking::of_company(acting, tx, &company.number)
}

/// Writes a call down, decided at that moment, and does what follows from what was said.
///
/// # Errors
/// [`Fault::Refused`] if it may not be called: then no call can be logged either.
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    organisation: OrganisationId,
    result: &str,
) -> Result<(), Fault> {
    let company = company(acting, tx, organisation)?;
    let result = results(&acting.policy)
        .find(|known| known.name == result)
        .ok_or_else(|| Fault::field("result", "Choose what came of the call."))?;
    let (screened, decided) = check(acting, tx, organisation)?;
    decided?;
    let (way, _) = calls::way(&acting.policy).ok_or(Fault::NotFound)?;
    let line = Line { person: None, organisation: Some(organisation) };
    let new = NewCall {
        line,
        number: &company.number,
        activity: &way.activity.name,
        screened: Some(&screened),
        outcome: &result.name,
        note: None,
        by: acting.staff_id(),
        at: acting.now,
        on: acting.today,
    };
    let call = call::record(tx, &new).map_err(calls::no_number)?;
    let (number, keys) = (company.number.as_str(), acting.instance.store.keys());
    match result.is {
        Some(Happened::AskedNotToCall) => {
            let (on, now) = (acting.today, acting.now);
            suppression::add(tx, keys, "phone", number, Forbids::Calls, on, OBJECTION, now)?;
            not_objecting::withdraw(tx, number, on)?;
        }
        Some(Happened::DoesNotObject) => {
            let (on, by, now) = (acting.today, acting.staff_id(), acting.now);
            not_objecting::record(tx, line, number, "the subscriber", on, by, now)?;
        }
        _ => {}
    }
    let body = json!({ "call": call, "organisation": organisation.0, "result": result.name });
    acting.log(tx, "call.recorded", &[], &body)
}
