//! Handing a copy over by a link and a code that goes another way: both for fourteen days, the code tried five times. What is
//! taken is made from what is held and was looked over when the link was made, and nothing is taken once that has changed.

use custody::act::Asked;
use custody::id::{PersonId, RequestId};
use custody::{Gate, Grant, Verb};
use jiff::SignedDuration;
use policy::role::Deed;
use serde_json::json;
use store::invitation::{self, Invitation};
use store::request::{self, Kind, SubjectRequest};
use store::task::{self, NewTask};
use store::{Tx, document, entry, item, redaction, session};

use super::Acting;
use super::person::act;
use super::request::{self as desk, people};
use crate::fault::Fault;
use crate::mail::letter;

/// To whom a link leads: what its parts are kept as, and the steps that say what became of it.
pub(super) struct Way {
    /// What the link is kept as.
    link: &'static str,
    /// What the code to it is kept as.
    code: &'static str,
    /// What was looked over before the link was made is kept as, beside it.
    version: &'static str,
    /// The step that says that a link was made.
    pub(super) offered: &'static str,
    /// The step that says that a code was wrong.
    wrong: &'static str,
    /// The step that says that the copy was fetched.
    pub(super) fetched: &'static str,
}

/// To the person themselves.
const THEMSELVES: Way = Way {
    link: "pack",
    code: "pack code",
    version: "pack version",
    offered: "pack offered by a link",
    wrong: "pack code wrong",
    fetched: "pack fetched",
};

/// To another organisation, at an address that the person confirmed.
pub(super) const ONWARD: Way = Way {
    link: "onward pack",
    code: "onward pack code",
    version: "onward pack version",
    offered: "pack offered to the other organisation",
    wrong: "pack code of the other organisation wrong",
    fetched: "pack fetched by the other organisation",
};

const WAYS: &[&Way] = &[&THEMSELVES, &ONWARD];

/// How often a code may be wrong before the link works no more.
pub const TRIES: usize = 5;

/// The step that says that a right code opened nothing, because what is held is no longer what was looked over.
const CHANGED: &str = "pack changed since its link";

/// The letters of a code: none that is taken for another.
const LETTERS: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";

/// A link and its code, shown once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Where it is fetched.
    pub link: String,
    /// What opens it.
    pub code: String,
}

/// Makes a link to the pack of a request, and a code.
///
/// # Errors
/// [`Fault::Invalid`] unless the pack is made and we know who they are; [`Fault::Refused`] unless the role answers requests.
pub fn offer(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<Offer, Fault> {
    let asked = desk::on_desk(acting, tx, request)?;
    let person = asked.person.filter(|_| matches!(asked.kind, Kind::Access | Kind::Portability));
    let person = person.ok_or(Fault::NotFound)?;
    desk::entitled(&asked)?;
    ready(acting, tx, &asked)?;
    made(acting, tx, (&asked, person), &THEMSELVES)
}

/// Holds a copy back until we know who asks, and it is made.
pub(super) fn ready(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<(), Fault> {
    desk::identified(acting, tx, asked)?;
    let steps = request::steps(tx, &acting.policy, asked)?;
    if !steps.iter().any(|step| step.step == "pack made") {
        return Err(Fault::field("pack", "Make the pack first."));
    }
    Ok(())
}

/// Makes a link and a code of one way; what was made before for the same way works no more.
pub(super) fn made(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, person): (&SubjectRequest, PersonId),
    way: &Way,
) -> Result<Offer, Fault> {
    let request = asked.id;
    withdraw_way(tx, request, way)?;
    let token = store::keys::hex(&letter::token()?);
    let code = code()?;
    let version = version(acting, tx, request, person)?;
    let now = acting.now;
    let expires_at = now
        .saturating_add(SignedDuration::from_hours(acting.policy.requests.copies_days * 24))
        .unwrap_or(now);
    let hashes = [
        (session::hash(token.as_bytes()), way.link),
        (opens(&token, &code), way.code),
        (opens(&token, &version), way.version),
    ];
    for (hash, purpose) in hashes {
        let new = Invitation {
            hash,
            purpose: purpose.to_owned(),
            staff: None,
            person: Some(person),
            about: Some(request.0),
            created_at: now,
            expires_at,
        };
        invitation::add_another(tx, &new)?;
    }
    request::step(tx, request, acting.today, way.offered, None, acting.staff_id(), acting.now)?;
    acting.log(tx, "pack.offered", &people(asked), &json!({ "request": request.0, "way": way.link }))?;
    Ok(Offer { link: format!("{}/pack/{token}", acting.instance.public_address()), code })
}

/// No link to the pack of a request works any more.
///
/// # Errors
/// Whatever the store says.
pub fn withdraw(tx: &Tx<'_>, request: RequestId) -> Result<(), Fault> {
    WAYS.iter().try_for_each(|way| withdraw_way(tx, request, way))
}

/// No link of one way works any more.
pub(super) fn withdraw_way(tx: &Tx<'_>, request: RequestId, way: &Way) -> Result<(), Fault> {
    let purposes = [way.link, way.code, way.version];
    Ok(purposes.iter().try_for_each(|purpose| invitation::drop_about(tx, purpose, request.0))?)
}

/// No link to anything of a person works any more: they are erased.
///
/// # Errors
/// Whatever the store says.
pub fn forget(tx: &Tx<'_>, person: PersonId) -> Result<(), Fault> {
    let purposes = WAYS.iter().flat_map(|way| [way.link, way.code, way.version]);
    let mut purposes = purposes.chain([super::onward::CONFIRM]);
    Ok(purposes.try_for_each(|purpose| invitation::drop_person(tx, purpose, person))?)
}

/// Whether a link to the pack of a request works now.
///
/// # Errors
/// Whatever the store says.
pub fn stands(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<bool, Fault> {
    Ok(invitation::stands(tx, THEMSELVES.link, request.0, acting.now)?)
}

/// What is held of somebody and what was decided about it, as a word that changes with it: a link hands over what was looked over
/// and nothing that came since.
fn version(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, person: PersonId) -> Result<String, Fault> {
    let policy = &acting.policy;
    let items: Vec<_> =
        item::of_person(tx, policy, person)?.iter().map(|one| (one.id, one.version)).collect();
    let lines = entry::of_person(tx, policy, person, (None, None), u32::MAX / 4)?;
    let lines: Vec<_> = lines.iter().map(|one| (one.id, one.version, one.people.len())).collect();
    let documents = document::of_person(tx, policy, person)?;
    let documents: Vec<_> = documents.iter().map(|one| (one.id, one.size, one.people.len())).collect();
    let decided: Vec<_> = redaction::of_request(tx, request)?.iter().map(|one| one.id).collect();
    let hash = blake3::hash(format!("{items:?} {lines:?} {documents:?} {decided:?}").as_bytes());
    Ok(hash.to_hex().to_string())
}

/// Whether what is held is still what was looked over when a link was made.
///
/// # Errors
/// Whatever the store says.
pub fn unchanged(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, token): (&SubjectRequest, &str),
) -> Result<bool, Fault> {
    let person = asked.person.ok_or(Fault::NotFound)?;
    let now = acting.now;
    let version = version(acting, tx, asked.id, person)?;
    for way in WAYS {
        if invitation::find(tx, opens(token, &version), way.version, now)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A right code opened nothing, because what is held has changed: somebody here looks it over and makes another link.
///
/// # Errors
/// Whatever the store says.
pub fn changed(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<(), Fault> {
    let what = "Look the pack over again and make another link: what we hold changed after the link was made, so it gave them nothing";
    let waits = task::of_request(tx, asked.id)?;
    if waits.iter().any(|task| task.done_on.is_none() && task.what == what) {
        return Ok(());
    }
    let owner = match asked.owner {
        Some(owner) => Some(owner),
        None => super::task::whoever(acting, tx, Deed::AnswerRequests, &[])?,
    };
    let new = NewTask {
        person: asked.person,
        request: Some(asked.id),
        owner,
        due_on: Some(acting.today),
        ..NewTask::new(task::Kind::Other, what)
    };
    task::add(tx, &new, acting.now)?;
    request::step(tx, asked.id, acting.today, CHANGED, None, None, acting.now)?;
    acting.log(tx, "request.noted", &people(asked), &json!({ "request": asked.id.0, "step": CHANGED }))
}

fn code() -> Result<String, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Other(error.to_string()))?;
    // Bytes at the end of the range are left out, so that no letter is likelier than another.
    let fair = bytes.iter().filter(|byte| usize::from(**byte) < 256 - 256 % LETTERS.len());
    let letters: String = fair
        .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()))
        .map(|byte| char::from(*byte))
        .take(8)
        .collect();
    if letters.len() == 8 { Ok(letters) } else { code() }
}

fn opens(token: &str, code: &str) -> [u8; 32] {
    session::hash(format!("{token} {code}").as_bytes())
}

/// The request behind a link that still works; nothing if it is used up, too old, or its person is gone.
///
/// # Errors
/// Whatever the store says.
pub fn behind(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<Option<SubjectRequest>, Fault> {
    Ok(leads_to(acting, tx, token)?.map(|(asked, _)| asked))
}

/// The same, with the way it goes.
fn leads_to(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    token: &str,
) -> Result<Option<(SubjectRequest, &'static Way)>, Fault> {
    let now = acting.now;
    for way in WAYS {
        let Some(found) = invitation::find(tx, session::hash(token.as_bytes()), way.link, now)? else {
            continue;
        };
        let Some(id) = found.about.map(RequestId) else { return Ok(None) };
        let asked = match request::one(tx, &acting.policy, id) {
            Ok(asked) if asked.person.is_some() && asked.person == found.person => asked,
            Ok(_) | Err(store::Error::Missing) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let steps = request::steps(tx, &acting.policy, &asked)?;
        let last = steps.iter().rposition(|step| step.step == way.offered).unwrap_or(0);
        let wrong = steps.iter().skip(last).filter(|step| step.step == way.wrong).count();
        return Ok(Some((asked, *way)).filter(|_| wrong < TRIES));
    }
    Ok(None)
}

/// Whether a code opens a link; a wrong one is counted. Nothing where the link works no more.
///
/// # Errors
/// Whatever the store says.
pub fn open(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (token, code): (&str, &str),
) -> Result<Option<(SubjectRequest, bool)>, Fault> {
    let Some((asked, way)) = leads_to(acting, tx, token)? else { return Ok(None) };
    let code: String =
        code.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase();
    let now = acting.now;
    let right = invitation::find(tx, opens(token, &code), way.code, now)?.is_some();
    let step = if right { way.fetched } else { way.wrong };
    request::step(tx, asked.id, acting.today, step, None, None, acting.now)?;
    acting.log(tx, "request.noted", &people(&asked), &json!({ "request": asked.id.0, "step": step }))?;
    Ok(Some((asked, right)))
}

/// What was opened by a link left: where another organisation took it, that is a disclosure.
///
/// # Errors
/// [`Fault::Refused`] if no activity may keep the record.
pub fn left(acting: &Acting<'_>, tx: &Tx<'_>, token: &str) -> Result<(), Fault> {
    match leads_to(acting, tx, token)? {
        Some((asked, way)) if way.link == ONWARD.link => super::onward::passed(acting, tx, &asked),
        _ => Ok(()),
    }
}

/// What opens a pack for the person whose it is.
///
/// # Errors
/// [`Fault::Refused`] if the policy in force does not let them have it.
pub fn grant(acting: &Acting<'_>, life: &custody::Life) -> Result<Grant, Fault> {
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    acting.decide(&act(Verb::Answer, None, Asked::Exactly(kinds)), &[life], &Gate::default())
}
