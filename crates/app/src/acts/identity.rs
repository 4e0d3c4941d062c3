//! Who asks, in proportion: somebody known, the same address by a link or a code that is mailed to it, a document that is seen
//! and not kept. A code can be tried five times; nothing about it is said but whether it is right.

use custody::id::{PersonId, RequestId};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::invitation::{self, Invitation};
use store::request::{self, Move, SubjectRequest};
use store::{Tx, session};

use super::Acting;
use super::request::{self as desk, people};
use crate::fault::Fault;
use crate::mail::letter;

/// What the link is kept as.
const LINK: &str = "identity";

/// What the code beside it is kept as.
const CODE: &str = "identity code";

/// How long both work.
const HOURS: i64 = 7 * 24;

/// How often a code may be wrong before it works no more.
pub const TRIES: usize = 5;

/// The step that says that a code was wrong.
pub const WRONG: &str = "code wrong";

/// How the proof is written down.
const HOW: &str = "same address";

/// The step that says how we know.
pub const KNOWN: &str = "identity known";

/// The step that says how we know whoever asks for another: nothing is known of that other by it.
pub const ASKER_KNOWN: &str = "whoever asks for them known";

/// How somebody here can know who asks, in words: whichever it is, it has to be said, and no more is asked than the case needs.
pub const WAYS: &[(&str, &str)] = &[
    ("known", "We know them, in person or by voice"),
    (HOW, "They write from the address or number we hold"),
    ("document", "They showed a document; we looked and kept no copy"),
];

/// A way of knowing by its word, as a field of a form said it.
///
/// # Errors
/// [`Fault::Invalid`] for any other.
pub fn way(field: &str, word: &str) -> Result<&'static str, Fault> {
    let found = WAYS.iter().find(|(known, _)| *known == word).map(|(known, _)| *known);
    found.ok_or_else(|| Fault::field(field, "Choose how we know who asks."))
}

/// Whether it is written down how we know who asks: of whoever it is of by now.
#[must_use]
pub fn on_record(steps: &[request::Step]) -> bool {
    let since = steps.iter().rposition(|step| step.step == request::UNTIED).unwrap_or(0);
    steps.iter().skip(since).any(|step| [KNOWN, "identity proved"].contains(&step.step.as_str()))
}

/// Somebody here says how they know who asks. It ends a wait for that.
///
/// # Errors
/// [`Fault::Invalid`] for no such way; [`Fault::Changed`] if the request is closed.
pub fn known(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (how, on): (&str, Date),
) -> Result<(), Fault> {
    let how = way("identity", how)?;
    let asked = desk::on_desk(acting, tx, request)?;
    if asked.closed_on.is_some() {
        return Err(Fault::Changed);
    }
    shown(acting, tx, &asked, (how, on))
}

/// No link and no code that was mailed for a request works any more.
///
/// # Errors
/// Whatever the store says.
pub(super) fn withdraw(tx: &Tx<'_>, request: RequestId) -> Result<(), Fault> {
    Ok([LINK, CODE].iter().try_for_each(|purpose| invitation::drop_about(tx, purpose, request.0))?)
}

/// Makes a link, and a code that can be read out, for whoever reads what goes to the address we hold.
pub(super) fn made(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    person: PersonId,
) -> Result<(String, String), Fault> {
    let token = store::keys::hex(&letter::token()?);
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Other(error.to_string()))?;
    let code = format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000);
    let now = acting.now;
    for (hash, purpose) in [(session::hash(token.as_bytes()), LINK), (of_code(request, &code), CODE)] {
        let new = Invitation {
            hash,
            purpose: purpose.to_owned(),
            staff: None,
            person: Some(person),
            about: Some(request.0),
            created_at: now,
            expires_at: until(now),
        };
        invitation::add_another(tx, &new)?;
    }
    Ok((format!("{}/known/{token}", acting.instance.public_address()), code))
}

/// A code is worth something with its request only.
fn of_code(request: RequestId, code: &str) -> [u8; 32] {
    session::hash(format!("{request} {code}").as_bytes())
}

/// Somebody read a code out to us: whether it is the one we mailed. A wrong one is counted.
///
/// # Errors
/// [`Fault::Invalid`] once it was wrong too often; [`Fault::Refused`] unless the role answers requests.
pub fn code(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, given: &str) -> Result<bool, Fault> {
    let asked = desk::on_desk(acting, tx, request)?;
    if asked.closed_on.is_some() {
        return Err(Fault::Changed);
    }
    let steps = request::steps(tx, &acting.policy, &asked)?;
    if steps.iter().filter(|step| step.step == WRONG).count() >= TRIES {
        return Err(Fault::field(
            "code",
            "A code was wrong five times. None works for this request any more: find out otherwise who they are.",
        ));
    }
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let now = acting.now;
    if invitation::take(tx, of_code(request, &digits), CODE, now)?.is_none() {
        request::step(tx, request, acting.today, WRONG, None, acting.staff_id(), acting.now)?;
        acting.log(tx, "request.noted", &people(&asked), &json!({ "request": request.0, "step": WRONG }))?;
        return Ok(false);
    }
    shown(acting, tx, &asked, (HOW, acting.today))?;
    Ok(true)
}

fn until(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(HOURS)).unwrap_or(now)
}

/// The request behind a link that still works.
///
/// # Errors
/// Whatever the store says.
pub fn behind(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<RequestId>, Fault> {
    let now = acting.now;
    let found = invitation::find(tx, session::hash(token.as_bytes()), LINK, now)?;
    Ok(found.and_then(|found| found.about).map(RequestId))
}

/// They pressed the button behind the link: they read what we send to the address we hold. False where it works no more.
///
/// # Errors
/// Whatever the store says.
pub fn pressed(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<bool, Fault> {
    let now = acting.now;
    let Some(found) = invitation::take(tx, session::hash(token.as_bytes()), LINK, now)? else {
        return Ok(false);
    };
    let Some(request) = found.about.map(RequestId) else { return Ok(false) };
    let asked = match request::one(tx, &acting.policy, request) {
        Ok(asked) if asked.closed_on.is_none() && asked.person == found.person => asked,
        Ok(_) | Err(store::Error::Missing) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    shown(acting, tx, &asked, (HOW, acting.today))?;
    Ok(true)
}

/// Writes down how we know who asks: it ends a pause for it, or is a note.
///
/// # Errors
/// Whatever the store says.
pub(super) fn shown(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    (how, on): (&str, Date),
) -> Result<(), Fault> {
    let id = asked.id;
    if asked.identity_asked_on.is_some() && asked.identity_proved_on.is_none() {
        desk::moved_by(acting, tx, asked, Move::IdentityProved, on)?;
    }
    request::step(tx, id, on, KNOWN, Some(how), acting.staff_id(), acting.now)?;
    acting.log(tx, "request.noted", &people(asked), &json!({ "request": id.0, "step": KNOWN }))?;
    desk::now_known(acting, tx, id)
}
