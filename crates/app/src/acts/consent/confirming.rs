//! A yes that counts only once it is confirmed by e-mail (`confirmed by e-mail within 7 days`): whoever is said to have agreed gets
//! one message with a link, opening it confirms nothing, one press does, and what nobody confirms is forgotten. What they pressed
//! themselves, behind a link that was mailed to them, is confirmed by that.

use custody::act::Asked;
use custody::id::{ConsentId, PersonId};
use custody::life::Consent;
use custody::{Gate, Life, Verb};
use jiff::civil::Date;
use jiff::{Span as Period, Timestamp};
use policy::Activity;
use policy::basis::ConsentForm;
use serde_json::json;
use store::consent::{self, Evidence, Shows};
use store::invitation::{self, Invitation};
use store::message::Sort;
use store::normal::Shape;
use store::suppression::{self, Forbids};
use store::{Tx, item, session};

use super::{Acting, welcome, words};
use crate::acts::person::act;
use crate::acts::question::Leaving;
use crate::acts::request::ACTIVITY;
use crate::acts::{letter as letters, told};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::letter;
use crate::print::copy;
use crate::web::frame;

/// What the link is for.
const AGREE: &str = "agree";

/// How many one transaction forgets.
const AT_ONCE: u32 = 50;

/// Until when a yes about to be written down has to be confirmed, and whether it is by what shows it; nothing where the policy asks
/// for no such thing.
pub(super) fn asked(
    acting: &Acting<'_>,
    form: &ConsentForm,
    evidence: &Evidence<'_>,
) -> Result<Option<(Date, Option<Date>)>, Fault> {
    let ConsentForm::OptIn { confirmed: Some(days), .. } = form else { return Ok(None) };
    if evidence.shows == Shows::Page {
        return Ok(Some((acting.today, Some(acting.today))));
    }
    let by = acting.today.checked_add(Period::new().days(i64::from(*days)))?;
    Ok(Some((by, None)))
}

/// Asks whoever is said to have agreed to confirm it, where that is still to be done.
///
/// # Errors
/// [`Fault::Invalid`] where no e-mail can reach them.
pub(in crate::acts) fn ask(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    given: &Consent,
) -> Result<(), Fault> {
    let Some(by) = given.confirm_by.filter(|_| given.confirmed_on.is_none()) else { return Ok(()) };
    let policy = &acting.policy;
    let activity = policy.activity(given.activity).ok_or(Fault::NotFound)?;
    let nowhere = |why: &str| {
        Fault::field("agreed", format!("This counts only once they confirm it by e-mail, and {why}."))
    };
    let channel = letters::channel(acting).ok_or_else(|| nowhere("no e-mail can leave from here"))?;
    let items = item::of_person(tx, policy, person)?;
    let is_address =
        |item: &&item::Item| policy.kind(item.kind).is_some_and(|kind| Shape::of(&kind.name) == Shape::Email);
    let address = items.iter().find(is_address).ok_or_else(|| nowhere("no address of theirs is here"))?;
    // The program writes, whoever wrote the yes down.
    let opening = act(Verb::Maintain, None, Asked::Exactly([address.kind].into_iter().collect()));
    let sender = Acting::system(acting.instance, "sender");
    let grant = sender.decide(&opening, &[&acting.life(tx, person)?], &Gate::default())?;
    let keys = acting.instance.store.keys();
    if let Some((what, hash)) = suppression::hash(keys, "email", &copy::text(&address.value, &grant)?)
        && suppression::standing_hash(tx, (what, &hash))?.contains(&Forbids::AllContact)
    {
        return Err(nowhere("somebody with their address asked us never to write to it again"));
    }
    let token = store::keys::hex(&letter::token()?);
    let new = Invitation {
        hash: session::hash(token.as_bytes()),
        purpose: AGREE.to_owned(),
        staff: None,
        person: Some(person),
        about: Some(given.id.0),
        created_at: acting.now,
        expires_at: end_of(acting, by)?,
    };
    invitation::add_another(tx, &new)?;
    let leaving = Leaving {
        grant: &grant,
        person,
        address: &address.value,
        activity: ACTIVITY,
        channel,
        sort: Sort::Rights,
        request: None,
        by: acting.staff_id(),
    };
    let said = words::on(acting, tx, activity, given.given_on, "agreed")?.wording;
    let body = format!(
        "Hello,\n\nwe wrote down that you agree to this:\n\n{said}\n\nIf that is so, open this link and confirm it with one press. Opening it alone \
         confirms nothing.\n{}/agree/{token}\n\nIf you do nothing, it does not count, and after {} we forget it.",
        acting.instance.public_address(),
        frame::words(by)
    );
    leaving.queue(acting, tx, "Please confirm that you agree", &body)?;
    let body = json!({ "activity": activity.name, "consent": given.id.0, "by": by.to_string() });
    acting.log(tx, "consent.to confirm", &[person], &body)
}

/// The first instant after a day, where the organisation is.
fn end_of(acting: &Acting<'_>, day: Date) -> Result<Timestamp, Fault> {
    Ok(acting.instance.clock.at(day.tomorrow()?, 0))
}

/// What waits behind a link to be confirmed.
pub struct Waiting {
    /// The words somebody is said to have agreed to.
    pub wording: String,
    life: Life,
    consent: ConsentId,
    activity: policy::ActivityId,
}

/// What waits behind a link; nothing where it works no more.
///
/// # Errors
/// Whatever the store says.
pub fn behind(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<Waiting>, Fault> {
    let found = invitation::find(tx, session::hash(token.as_bytes()), AGREE, acting.now)?;
    let Some((id, whose)) = found.and_then(|found| Some((ConsentId(found.about?), found.person?))) else {
        return Ok(None);
    };
    let life = match acting.life(tx, whose) {
        Err(Fault::NotFound) => return Ok(None),
        life => life?,
    };
    let waits = |given: &&Consent| {
        given.id == id
            && given.confirmed_on.is_none()
            && given.withdrawn_on.is_none()
            && given.confirm_by.is_some_and(|by| acting.today <= by)
    };
    let Some((consent, given_on, activity)) =
        life.consents.iter().find(waits).map(|given| (given.id, given.given_on, given.activity))
    else {
        return Ok(None);
    };
    let asked: &Activity = acting.policy.activity(activity).ok_or(Fault::NotFound)?;
    let wording = words::on(acting, tx, asked, given_on, "agreed")?.wording;
    Ok(Some(Waiting { wording, life, consent, activity }))
}

/// The person pressed the button behind the link: from today on it counts. False where it works no more.
///
/// # Errors
/// Whatever the store says.
pub fn pressed(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<bool, Fault> {
    let Some(waiting) = behind(acting, tx, token)? else { return Ok(false) };
    let person = waiting.life.person;
    invitation::take(tx, session::hash(token.as_bytes()), AGREE, acting.now)?;
    if !consent::confirm(tx, waiting.consent, acting.today)? {
        return Ok(false);
    }
    let activity = acting.policy.activity(waiting.activity).ok_or(Fault::NotFound)?;
    welcome(acting, tx, person, activity, acting.today)?;
    acting.settle(tx, person)?;
    told::on_page(acting, tx, person)?;
    let body = json!({ "activity": activity.name, "consent": waiting.consent.0 });
    acting.log(tx, "consent.confirmed", &[person], &body)?;
    Ok(true)
}

/// Forgets what was to be confirmed and was not. How much.
///
/// # Errors
/// Whatever the store says.
pub fn forget(instance: &Instance) -> Result<usize, Fault> {
    let mut count = 0;
    loop {
        let forgotten = instance.store.write(|tx| {
            let acting = Acting::system(instance, "night");
            let late = consent::unconfirmed(tx, acting.today, AT_ONCE)?;
            for (id, person, activity) in &late {
                invitation::drop_about(tx, AGREE, id.0)?;
                consent::forget_unconfirmed(tx, *id)?;
                acting.settle_if_held(tx, Some(*person))?;
                let body = json!({ "activity": activity, "consent": id.0 });
                acting.log(tx, "consent.not confirmed", &[*person], &body)?;
            }
            Ok::<_, Fault>(late.len())
        })?;
        if forgotten == 0 {
            return Ok(count);
        }
        count += forgotten;
    }
}
