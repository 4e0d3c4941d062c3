//! A yes that counts only once it is confirmed by e-mail (`confirmed by e-mail within 7 days`): whoever is said to have agreed gets
//! one message with a link, opening it confirms nothing, one press does, and what nobody confirms is forgotten. What they pressed
//! themselves, behind a link that was mailed to them, is confirmed by that.

use custody::act::Asked;
use custody::basis;
use custody::coverage::suspended;
use custody::id::{ConsentId, PersonId};
use custody::life::{Consent, Objection, Scope};
use custody::refusal::Question;
use custody::{Gate, Grant, Life, Refusal, Verb};
use jiff::civil::Date;
use jiff::{Span as Period, Timestamp};
use policy::basis::ConsentForm;
use serde_json::json;
use store::consent::{self, Evidence, Shows};
use store::invitation::{self, Invitation};
use store::message::{self, Message, Sort, Text};
use store::suppression::{self, Forbids};
use store::{Tx, item, line, session};

use super::{Acting, welcome, words};
use crate::acts::person::act;
use crate::acts::question::Leaving;
use crate::acts::request::ACTIVITY;
use crate::acts::undone::Undone;
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
/// [`Fault::Invalid`] where no e-mail can reach them, or they said no since.
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
    let life = acting.life(tx, person)?;
    if let Some(why) = against(acting, &life, given) {
        return Err(nowhere(why));
    }
    let channel = letters::channel(acting).ok_or_else(|| nowhere("no e-mail can leave from here"))?;
    let items = item::of_person(tx, policy, person)?;
    // Where what they agree to goes; where that holds no address, another of theirs.
    let address = line::address(policy, Some(activity), &items).or(line::address(policy, None, &items));
    let address = address.ok_or_else(|| nowhere("no address of theirs is here"))?;
    // The program writes, whoever wrote the yes down.
    let opening = act(Verb::Maintain, None, Asked::Exactly([address.kind].into_iter().collect()));
    let sender = Acting::system(acting.instance, "sender");
    let grant = sender.decide(&opening, &[&life], &Gate::default())?;
    if never(acting, tx, &copy::text(&address.value, &grant)?)? {
        return Err(nowhere(NEVER));
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
        "Hello,\n\nwe, {controller}, wrote down that you agree to this:\n\n{said}\n\nIf that is so, open this link and confirm it with one press. Opening it alone \
         confirms nothing.\n{}/agree/{token}\n\nIf you do nothing, it does not count, and after {} we forget it. What we hold and why \
         stands here: {}",
        acting.instance.public_address(),
        frame::words(by),
        letter::Links::preview(acting.instance).notice,
        controller = policy.controller
    );
    leaving.queue(acting, tx, "Please confirm that you agree", &body)?;
    let body = json!({ "activity": activity.name, "consent": given.id.0, "by": by.to_string() });
    acting.log(tx, "consent.to confirm", &[person], &body)
}

/// Why nobody is written to at an address.
const NEVER: &str = "somebody with their address asked us never to write to it again";

/// Whether somebody asked us never to write to an address again.
fn never(acting: &Acting<'_>, tx: &Tx<'_>, address: &str) -> Result<bool, Fault> {
    let keys = acting.instance.store.keys();
    Ok(suppression::standing(tx, keys, "email", address)?.contains(&Forbids::AllContact))
}

/// What they said that keeps us from asking them to confirm a yes: with it the yes would not stand, had it counted from the day it was
/// given.
fn against(acting: &Acting<'_>, life: &Life, given: &Consent) -> Option<&'static str> {
    let stands = |objection: &&Objection| {
        objection.made_on <= acting.today && objection.lifted_on.is_none_or(|on| on > acting.today)
    };
    let mut standing = life.objections.iter().filter(stands);
    if standing.any(|objection| objection.scope == Scope::AllContact) {
        return Some("they asked us never to write to them again");
    }
    let mut counted = life.clone();
    for one in counted.consents.iter_mut().filter(|one| one.id == given.id) {
        one.confirmed_on = Some(one.given_on);
    }
    let activity = acting.policy.activity(given.activity)?;
    let stands = basis::standing(&acting.policy, activity, &counted, given.engagement, acting.today).stands();
    (!stands).then_some("they said no since, or would have to be asked again by now: only a later yes counts")
}

/// Decides again as a message leaves that asks to confirm a yes: there must still be something to confirm, nothing they said since
/// against it, and the address be theirs. Any other message is none of this.
///
/// # Errors
/// [`Fault::Refused`] with what has changed.
pub fn may_leave(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    held: &Message,
    life: &Life,
    reading: &Grant,
) -> Result<(), Fault> {
    let (Text::Sealed(body), Text::Sealed(address)) = (&held.body, &held.address) else { return Ok(()) };
    if held.sort != Sort::Rights || held.request.is_some() {
        return Ok(());
    }
    let body = copy::text(body, reading)?;
    let Some(token) = token(&body) else { return Ok(()) };
    let changed = |because: &str| -> Result<(), Fault> {
        let next = "Write it down again once they say yes.".to_owned();
        Err(Refusal::by(&acting.policy, Question::Gate, None, because.to_owned(), next).into())
    };
    let Some((_, given)) = found(acting, tx, token)? else {
        return changed("what it asks them to confirm does not wait any more");
    };
    if let Some(why) = against(acting, life, &given) {
        return changed(why);
    }
    if message::moved(tx, acting.instance.store.keys(), held.id)? {
        return changed("the address this was written to is no longer one of theirs");
    }
    if never(acting, tx, &copy::text(address, reading)?)? {
        return changed(NEVER);
    }
    Ok(())
}

/// The token of the link in a message that asks to confirm a yes.
fn token(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("/agree/")?;
    let token = rest.split(|c: char| !c.is_ascii_hexdigit()).next().unwrap_or_default();
    (token.len() == TOKEN_DIGITS).then_some(token)
}

/// How long a link's token is, in hexadecimal digits.
const TOKEN_DIGITS: usize = 32;

/// The first instant after a day, where the organisation is.
fn end_of(acting: &Acting<'_>, day: Date) -> Result<Timestamp, Fault> {
    Ok(acting.instance.clock.at(day.tomorrow()?, 0))
}

/// What waits behind a link to be confirmed.
pub struct Waiting {
    /// The words somebody is said to have agreed to.
    pub wording: String,
    life: Life,
    given: Consent,
}

/// Whether a yes is still to be confirmed.
fn waits(given: &Consent) -> bool {
    given.confirm_by.is_some() && given.confirmed_on.is_none() && given.withdrawn_on.is_none()
}

/// Whoever a link was mailed to, and the yes of theirs that waits behind it; nothing where it works no more.
fn found(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<(Life, Consent)>, Fault> {
    let found = invitation::find(tx, session::hash(token.as_bytes()), AGREE, acting.now)?;
    let Some(about) = found.and_then(|found| found.about).map(ConsentId) else { return Ok(None) };
    // Of two entries that were put together since, the one that stays has it.
    let Some(whose) = consent::whose(tx, about)? else { return Ok(None) };
    let life = match acting.life(tx, whose) {
        Err(Fault::NotFound) => return Ok(None),
        life => life?,
    };
    let in_time = |given: &Consent| given.confirm_by.is_some_and(|by| acting.today <= by);
    let works = |given: &&Consent| given.id == about && waits(given) && in_time(given);
    let given = life.consents.iter().find(works).cloned();
    Ok(given.map(|given| (life, given)))
}

/// What waits behind a link; nothing where it works no more.
///
/// # Errors
/// Whatever the store says.
pub fn behind(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<Waiting>, Fault> {
    let Some((life, given)) = found(acting, tx, token)? else { return Ok(None) };
    let asked = acting.policy.activity(given.activity).ok_or(Fault::NotFound)?;
    let wording = words::on(acting, tx, asked, given.given_on, "agreed")?.wording;
    Ok(Some(Waiting { wording, life, given }))
}

/// The person pressed the button behind the link: from today on it counts. False where it works no more.
///
/// # Errors
/// Whatever the store says.
pub fn pressed(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<bool, Fault> {
    let Some(waiting) = behind(acting, tx, token)? else { return Ok(false) };
    let (person, given) = (waiting.life.person, waiting.given);
    invitation::take(tx, session::hash(token.as_bytes()), AGREE, acting.now)?;
    if !consent::confirm(tx, given.id, acting.today)? {
        return Ok(false);
    }
    let activity = acting.policy.activity(given.activity).ok_or(Fault::NotFound)?;
    welcome(acting, tx, person, activity, acting.today)?;
    acting.settle(tx, person)?;
    told::on_page(acting, tx, person)?;
    let body = json!({ "activity": activity.name, "consent": given.id.0 });
    acting.log(tx, "consent.confirmed", &[person], &body)?;
    Ok(true)
}

/// Whoever is erased confirms nothing any more: no link that was mailed to them works, and what waited for their press is forgotten,
/// unless a hold or an open request for a copy keeps all of theirs. A restriction is given up by asking for erasure.
///
/// # Errors
/// Whatever the store says.
pub(in crate::acts) fn end(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<(), Fault> {
    let life = acting.life(tx, person)?;
    let held = life.hold.as_ref().is_some_and(|hold| hold.since <= acting.today);
    let kept = held || life.needed(acting.today).is_some();
    for given in life.consents.iter().filter(|given| waits(given)) {
        invitation::drop_about(tx, AGREE, given.id.0)?;
        if kept {
            continue;
        }
        consent::forget_unconfirmed(tx, given.id)?;
        let activity = acting.policy.activity(given.activity).map(|activity| activity.name.as_str());
        let body = json!({ "activity": activity, "consent": given.id.0 });
        acting.log(tx, "consent.not confirmed", &[person], &body)?;
    }
    Ok(())
}

/// Forgets one, unless all of theirs is held on to. Whether it went.
fn forget_one(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (id, person, activity): (ConsentId, PersonId, &str),
) -> Result<bool, Fault> {
    let life = match acting.life(tx, person) {
        Err(Fault::NotFound) => None,
        life => Some(life?),
    };
    if life.is_some_and(|life| suspended(&life, acting.today).is_some()) {
        return Ok(false);
    }
    invitation::drop_about(tx, AGREE, id.0)?;
    consent::forget_unconfirmed(tx, id)?;
    acting.settle_if_held(tx, Some(person))?;
    acting.log(tx, "consent.not confirmed", &[person], &json!({ "activity": activity, "consent": id.0 }))?;
    Ok(true)
}

/// Forgets what was to be confirmed and was not, but what is held on to as all of theirs. How much. One that cannot be dealt with
/// stops no other.
///
/// # Errors
/// Whatever the store says.
pub fn forget(instance: &Instance, undone: &mut Undone) -> Result<usize, Fault> {
    let (mut count, mut last) = (0, ConsentId(0));
    loop {
        let (forgotten, end) = instance.store.write(|tx| {
            let acting = Acting::system(instance, "night");
            let late = consent::unconfirmed(tx, acting.today, last, AT_ONCE)?;
            let mut forgotten = 0;
            for (id, person, activity) in &late {
                match tx.attempt(|tx| forget_one(&acting, tx, (*id, *person, activity.as_str()))) {
                    Ok(gone) => forgotten += usize::from(gone),
                    Err(Fault::Store(error @ (store::Error::Contended | store::Error::Away(_)))) => {
                        return Err(Fault::Store(error));
                    }
                    // The proof names what nobody confirmed and is still here.
                    Err(fault) => {
                        undone.of(*person, "what they never confirmed could not be forgotten", &fault)
                    }
                }
            }
            Ok::<_, Fault>((forgotten, late.last().map(|(id, ..)| *id)))
        })?;
        count += forgotten;
        match end {
            Some(id) => last = id,
            None => return Ok(count),
        }
    }
}
