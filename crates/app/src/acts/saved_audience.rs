//! Audiences kept to come back to, by what they are narrowed and never who is in them; and mailings begun for one. Whoever looks
//! at one sees it as their own role may: what it is narrowed by is asked of the policy each time.

use custody::id::MailingId;
use policy::role::Deed;
use policy::{Activity, Policy};
use serde_json::json;
use store::Tx;
use store::saved_audience::{self, NewSaved, Saved};

use super::audience::{Criteria, Way};
use super::{Acting, mailing};
use crate::fault::Fault;

/// The longest name, in bytes.
const NAME_BYTES_MAX: usize = 100;

/// The way to the people of an activity that writes to many.
///
/// # Errors
/// [`Fault::Invalid`] if no such activity does.
pub fn way<'p>(policy: &'p Policy, activity: &str) -> Result<Way<'p>, Fault> {
    let found = mailing::purposes(policy).into_iter().find(|(known, _)| known.name == activity);
    let (activity, channel) =
        found.ok_or_else(|| Fault::field("activity", "Choose what the mailing is for."))?;
    Ok(Way { activity, channel, footer_complete: true })
}

/// Saves by what an audience is narrowed, for oneself or for colleagues as well.
///
/// # Errors
/// [`Fault::Invalid`] without a name, or for criteria that fit nothing there is; [`Fault::Refused`] where people may not be picked
/// out so.
pub fn save(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (activity, criteria): (&str, &Criteria),
    name: &str,
    shared: bool,
) -> Result<i64, Fault> {
    acting.must(Deed::Send)?;
    let name = name.trim();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err(Fault::field("name", "Call it something, in a line of 100 characters at most."));
    }
    let activity = way(&acting.policy, activity)?.activity;
    fits(acting, tx, activity, criteria)?;
    let criteria = criteria.to_save()?;
    let new = NewSaved { name, activity: &activity.name, criteria: &criteria, shared, by: acting.staff_id() };
    let row = saved_audience::add(tx, &new, acting.now)?;
    let body = json!({ "audience": row, "activity": activity.name, "shared": shared });
    acting.log(tx, "audience.saved", &[], &body)?;
    Ok(row)
}

/// Asks whether an audience may be narrowed so, and whether what it is narrowed by is there.
fn fits(acting: &Acting<'_>, tx: &Tx<'_>, activity: &Activity, criteria: &Criteria) -> Result<(), Fault> {
    criteria.narrow(acting, tx, activity, Vec::new()).map(drop)
}

/// Those that whoever acts sees.
///
/// # Errors
/// [`Fault::Refused`] unless the role may send.
pub fn all(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Saved>, Fault> {
    acting.must(Deed::Send)?;
    Ok(saved_audience::seen_by(tx, acting.staff_id())?)
}

/// One of them.
///
/// # Errors
/// [`Fault::NotFound`] if there is none, or a colleague keeps it for themselves.
pub fn one(acting: &Acting<'_>, tx: &Tx<'_>, row: i64) -> Result<Saved, Fault> {
    acting.must(Deed::Send)?;
    let saved = saved_audience::one(tx, row)?;
    if saved.shared || is_own(acting, &saved) { Ok(saved) } else { Err(Fault::NotFound) }
}

fn is_own(acting: &Acting<'_>, saved: &Saved) -> bool {
    acting.staff_id().is_some() && saved.kept_by == acting.staff_id()
}

/// Whether whoever acts may let go of one: it is theirs, or they run this instance and its owner shared it.
#[must_use]
pub fn may_forget(acting: &Acting<'_>, saved: &Saved) -> bool {
    is_own(acting, saved) || (saved.shared && acting.may(Deed::ManagePolicy))
}

/// Lets go of one.
///
/// # Errors
/// [`Fault::NotFound`] if there is none that whoever acts may let go of.
pub fn forget(acting: &Acting<'_>, tx: &Tx<'_>, row: i64) -> Result<(), Fault> {
    let saved = one(acting, tx, row)?;
    if !may_forget(acting, &saved) {
        return Err(Fault::NotFound);
    }
    saved_audience::forget(tx, row)?;
    acting.log(tx, "audience.forgotten", &[], &json!({ "audience": row }))
}

/// Begins a mailing to those of an activity who fit.
///
/// # Errors
/// As [`save`].
pub fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    activity: &str,
    criteria: &Criteria,
) -> Result<MailingId, Fault> {
    let mailing = mailing::begin(acting, tx, activity)?;
    if *criteria != Criteria::default() {
        fits(acting, tx, way(&acting.policy, activity)?.activity, criteria)?;
        saved_audience::narrow(tx, mailing, &criteria.to_save()?)?;
    }
    Ok(mailing)
}
