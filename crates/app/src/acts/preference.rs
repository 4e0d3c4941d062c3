//! What people want from us: stopping what is sent to them, by their own hand or told to staff, and changing
//! their mind. It counts at once, also for what already waits to leave.

use custody::id::PersonId;
use custody::life::Scope;
use policy::activity::Purpose;
use serde_json::json;
use store::message;
use store::objection::{self, NewObjection};
use store::suppression::{self, Forbids};
use store::{Tx, life};

use super::Acting;
use crate::fault::Fault;

/// How an objection by a message's link is recorded.
pub const BY_LINK: &str = "by the link in our message";

/// Whom a link's token belongs to; nobody once their data is gone.
///
/// # Errors
/// Whatever the store says.
pub fn holder(acting: &Acting<'_>, tx: &Tx<'_>, token: &[u8]) -> Result<Option<PersonId>, Fault> {
    Ok(message::by_token(tx, &acting.policy, token)?.and_then(|message| message.person))
}

/// Whether the person has stopped our marketing.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<bool, Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    Ok(standing(&life, acting).next().is_some())
}

fn standing<'l>(
    life: &'l custody::Life,
    acting: &Acting<'_>,
) -> impl Iterator<Item = &'l custody::life::Objection> {
    let today = acting.today;
    let marketing = Scope::Purpose(Purpose::DirectMarketing);
    life.objections.iter().filter(move |objection| {
        objection.scope == marketing && objection.lifted_on.is_none_or(|lifted| lifted > today)
    })
}

/// Stops every message and call that promotes us (UK GDPR Art 21(2)). Stopping twice is stopping once.
///
/// # Errors
/// [`Fault::NotFound`] if nobody is behind the number any more.
pub fn stop_marketing(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, how: &str) -> Result<(), Fault> {
    if stopped(acting, tx, person)? {
        return Ok(());
    }
    let new = NewObjection {
        person,
        scope: &Scope::Purpose(Purpose::DirectMarketing),
        made_on: acting.today,
        how,
        words: None,
        request: None,
        by: acting.staff_id(),
    };
    super::objection::write(acting, tx, &new).map(drop)
}

/// The person takes back, by their own link, that they stopped our marketing. Both records stay.
///
/// # Errors
/// Whatever the store says.
pub fn resume_marketing(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<(), Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    for objection in standing(&life, acting) {
        objection::lift(tx, objection.id, acting.today)?;
    }
    let keys = acting.instance.store.keys();
    suppression::lift_person(tx, keys, person, Forbids::Marketing, acting.today)?;
    acting.settle(tx, person)?;
    acting.log(tx, "objection.lifted", &[person], &json!({}))
}
