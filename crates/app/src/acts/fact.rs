//! Facts that periods hang on: recorded of a person, or of a person on a piece of work. What follows from one is
//! the policy's to say: the person's grounds are settled, nothing else is decided here.

use custody::Verb;
use custody::id::{EngagementId, PersonId};
use jiff::civil::Date;
use serde_json::json;
use store::Tx;
use store::fact::{self, NewFact};

use super::Acting;
use super::engagement::{may_run, on_hand};
use crate::fault::Fault;

/// A fact somebody wants to record.
#[derive(Clone, Debug)]
pub struct Telling {
    /// On which work, for facts of work.
    pub engagement: Option<EngagementId>,
    /// About whom; for facts of work, whom the work is for where nobody is named.
    pub person: Option<PersonId>,
    /// The fact, as the policy names it.
    pub name: String,
    /// One of its values, or a date.
    pub value: String,
    /// Since when it is so.
    pub on: Date,
}

/// Records a fact.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] for a fact, a value or a day that cannot be.
pub fn tell(acting: &Acting<'_>, tx: &Tx<'_>, new: &Telling) -> Result<(), Fault> {
    let person = match (new.engagement, new.person) {
        (Some(engagement), named) => {
            let hand = on_hand(acting, tx, engagement)?;
            may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
            let person = named.unwrap_or(hand.client);
            if !hand.people().contains(&person) {
                return Err(Fault::field("person", "This person is not on this work."));
            }
            person
        }
        (None, Some(person)) => {
            may_run(acting, Verb::Change, &acting.life(tx, person)?, None)?;
            person
        }
        (None, None) => return Err(Fault::field("person", "Say about whom this is.")),
    };
    if new.on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let declared = acting
        .policy
        .facts
        .iter()
        .find(|fact| fact.name == new.name && fact.work.is_some() == new.engagement.is_some());
    let Some(declared) = declared else {
        return Err(Fault::field("fact", "The policy has no such fact."));
    };
    let fits = match declared.values.is_empty() {
        true => new.value.parse::<Date>().is_ok(),
        false => declared.values.contains(&new.value),
    };
    if !fits {
        let words = match declared.values.is_empty() {
            true => "Type a date, such as 2026-03-31.".to_owned(),
            false => format!("Choose one of: {}.", declared.values.join(", ")),
        };
        return Err(Fault::field("value", words));
    }
    let row = NewFact {
        person,
        engagement: new.engagement,
        name: &new.name,
        value: &new.value,
        on: new.on,
        by: acting.staff_id(),
    };
    let fact = fact::record(tx, &acting.policy, &row, acting.now)?;
    acting.settle(tx, person)?;
    let on_work = new.engagement.map(|engagement| engagement.0);
    acting.log(
        tx,
        "fact.recorded",
        &[person],
        &json!({ "fact": fact, "name": new.name, "engagement": on_work }),
    )
}
