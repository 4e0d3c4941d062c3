//! What somebody agreed to, behind the link of any message to them: each taken back by one press, and given again by another while
//! that may be called a mistake. Both records stay.

use custody::basis;
use custody::id::{ConsentId, PersonId};
use custody::life::Life;
use policy::Activity;
use policy::activity::Purpose;
use serde_json::json;
use store::{Tx, consent as records, life};

use super::{BY_LINK, mistakes_since, stopped};
use crate::acts::{Acting, consent};
use crate::fault::Fault;
use crate::web::frame::words;

/// Something they agreed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreed {
    /// The consent's row, or the name of the activity that was taken back.
    pub value: String,
    /// What it is, and since when.
    pub words: String,
}

/// What they agreed to that stands, and what they took back by a link so lately that it may be called a mistake.
///
/// # Errors
/// Whatever the store says.
pub fn agreed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
) -> Result<(Vec<Agreed>, Vec<Agreed>), Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    let stands = consent::standing(acting, &life).into_iter();
    let stands = stands.filter(|given| {
        acting.policy.activity_named(&given.activity).is_some_and(|activity| {
            basis::standing(&acting.policy, activity, &life, given.engagement, acting.today).stands()
        })
    });
    let stands = stands.map(|given| Agreed {
        value: given.id.to_string(),
        words: format!("\u{201c}{}\u{201d}, since {}", given.title, words(given.given_on)),
    });
    let again = mistaken(acting, tx, &life)?.into_iter().map(|activity| Agreed {
        value: activity.name.clone(),
        words: format!("\u{201c}{}\u{201d}", activity.title),
    });
    Ok((stands.collect(), again.collect()))
}

/// What was taken back by a link lately, does not stand, and can be agreed to by one press.
fn mistaken<'p>(acting: &'p Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<&'p Activity>, Fault> {
    let lately = records::taken_back_by(tx, life.person, BY_LINK, mistakes_since(acting)?)?;
    let stopped = stopped(acting, tx, life.person)?;
    let askable = consent::askable(acting, life).into_iter();
    let again = askable.filter(|activity| {
        lately.contains(&activity.name)
            && !(stopped && activity.purpose == Purpose::DirectMarketing)
            && !basis::standing(&acting.policy, activity, life, None, acting.today).stands()
    });
    Ok(again.collect())
}

/// Takes one consent back. What is not theirs, or stands no more, is left alone.
///
/// # Errors
/// Whatever the store says.
pub fn take_back(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, given: ConsentId) -> Result<(), Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    let Some(stands) = consent::standing(acting, &life).into_iter().find(|one| one.id == given) else {
        return Ok(());
    };
    if records::withdraw(tx, person, &stands.activity, stands.engagement, acting.today, BY_LINK)? > 0 {
        acting.settle(tx, person)?;
        let body = json!({ "activity": stands.activity, "engagement": stands.engagement.map(|id| id.0) });
        acting.log(tx, "consent.withdrawn", &[person], &body)?;
    }
    Ok(())
}

/// Agrees again to what was taken back by mistake: their own word of today.
///
/// # Errors
/// [`Fault::Refused`] if it may not be kept.
pub fn again(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, activity: &str) -> Result<(), Fault> {
    let life = life::load(tx, &acting.policy, person, acting.today)?;
    let Some(activity) = mistaken(acting, tx, &life)?.into_iter().find(|one| one.name == activity) else {
        return Ok(());
    };
    let given = consent::Given::themselves(acting.today, BY_LINK);
    consent::opt_in(acting, tx, &life, activity, given).map(drop)
}
