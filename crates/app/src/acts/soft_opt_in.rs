//! How we got somebody's address, written down where the law then lets us write to it without having asked: the soft opt-in
//! (PECR 2003 reg 22(3) of customers, (3A) of supporters). Each condition is asked for; none is taken for granted.

use custody::act::Asked;
use custody::id::PersonId;
use custody::{Gate, Life, Verb};
use policy::Activity;
use policy::basis::SoftOptIn;
use policy::law::uk;
use policy::role::Deed;
use serde_json::json;
use store::soft_opt_in::{self, NewSoftOptIn};
use store::{Tx, item, line};

use super::audience::soft_opt_in_of;
use super::person::act;
use super::{Acting, consent};
use crate::fault::Fault;

/// The longest answer, in characters.
const LONGEST: usize = 1000;

/// From whom the address must have come, as sources are told.
const THE_PERSON: &str = "the person";

/// What is said about how an address was got.
#[derive(Clone, Debug)]
pub struct Got {
    /// For which activity, by name.
    pub activity: String,
    /// In which sale, talk or support of theirs.
    pub how: String,
    /// How they could refuse free of charge, as it was said to them there.
    pub refusal: String,
    /// Whether what they will hear of is our own and of that sort.
    pub own: bool,
}

/// The activities under which somebody is held that write to whoever gave their address so.
#[must_use]
pub fn offered<'a>(acting: &'a Acting<'_>, life: &Life) -> Vec<&'a Activity> {
    let rules = life.grounds.iter().filter(|ground| ground.active(acting.today));
    let held: Vec<_> = rules
        .filter_map(|ground| acting.policy.rules.get(ground.rule.index()))
        .map(|rule| rule.activity)
        .collect();
    let theirs = |activity: &&Activity| soft_opt_in_of(activity).is_some() && held.contains(&activity.id);
    acting.policy.activities.iter().filter(theirs).collect()
}

/// Records how the address that mail to somebody goes to was got. It is of the day since which we have it, and covers no other.
///
/// # Errors
/// [`Fault::Refused`] if nothing may be recorded of them; [`Fault::Invalid`] for a condition that is not met or not said.
pub fn record(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, got: &Got) -> Result<i64, Fault> {
    let life = acting.life(tx, person)?;
    consent::may_record(acting, &life)?;
    // It is no word of theirs, and lets their address be used.
    let held = item::of_person(tx, &acting.policy, person)?;
    let kinds = line::email_kinds(&acting.policy, None);
    let kinds = held.iter().map(|item| item.kind).filter(|kind| kinds.contains(*kind)).collect();
    let change = act(Verb::Change, Some(Deed::AddPeople), Asked::Exactly(kinds));
    acting.decide(&change, &[&life], &Gate::default())?;
    let offered = offered(acting, &life);
    let activity = offered.iter().find(|activity| activity.name == got.activity).ok_or_else(|| {
        Fault::field("activity", "Choose news that may go to whoever gave us their address themselves.")
    })?;
    let address = soft_opt_in::address(tx, &acting.policy, activity, person)?
        .ok_or_else(|| Fault::field("how", "We hold no e-mail address of theirs."))?;
    let how = said("how", &got.how, "Say in which sale, talk or support of theirs we got it.")?;
    let refusal =
        said("refusal", &got.refusal, "Say how they could refuse, there and then and free of charge.")?;
    if !got.own {
        let words = match soft_opt_in_of(activity) {
            Some(SoftOptIn::Supporters) => "Only our own charitable purposes may be written about.",
            _ => "Only our own products and services of that sort may be written about.",
        };
        return Err(Fault::field("own", words));
    }
    if address.source != THE_PERSON {
        let words = format!("We have this address from {}, and it must have come from them.", address.source);
        return Err(Fault::field("how", words));
    }
    if soft_opt_in_of(activity) == Some(SoftOptIn::Supporters) && address.collected_on < uk::SUPPORTERS_FROM {
        let words = format!(
            "We got this address before {}, when charities were first let write so. Ask for their consent.",
            crate::web::frame::words(uk::SUPPORTERS_FROM)
        );
        return Err(Fault::field("how", words));
    }
    let new = NewSoftOptIn {
        person,
        activity: &activity.name,
        address: &address.normal,
        on: address.collected_on,
        how,
        refusal,
        by: acting.staff_id(),
    };
    let row = soft_opt_in::record(tx, &new, acting.now)?;
    acting.settle(tx, person)?;
    acting.log(tx, "soft opt-in.recorded", &[person], &json!({ "activity": activity.name, "row": row }))?;
    Ok(row)
}

fn said<'a>(field: &str, words: &'a str, missing: &str) -> Result<&'a str, Fault> {
    let words = words.trim();
    if words.is_empty() {
        return Err(Fault::field(field, missing));
    }
    if words.chars().count() > LONGEST || words.contains('\0') {
        return Err(Fault::field(field, "This is too long: 1,000 characters at most."));
    }
    Ok(words)
}

/// Takes back what was recorded by a slip: nothing leaves on it any more.
///
/// # Errors
/// [`Fault::NotFound`] if there is no such record of theirs; [`Fault::Refused`] if nothing may be recorded of them.
pub fn take_back(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, row: i64) -> Result<(), Fault> {
    let life = acting.life(tx, person)?;
    consent::may_record(acting, &life)?;
    soft_opt_in::take_back(tx, person, row)?;
    acting.settle(tx, person)?;
    acting.log(tx, "soft opt-in.taken back", &[person], &json!({ "row": row }))
}
