//! What is put right because somebody asks for it. Whatever is changed of theirs while the request is open stands on it by itself;
//! what was put right on paper is said; what they dispute and we keep gets a note of what they say beside it. Nothing is called
//! corrected, or answered so, that is not.

use std::collections::BTreeSet;

use custody::Life;
use custody::id::{EngagementId, PersonId, RequestId};
use policy::KindId;
use serde_json::json;
use store::request::{self, CORRECTED, Kind, NOTED, Step, SubjectRequest, UNCORRECTED};
use store::{Tx, person, task};

use super::{Outcome, answering, entitled, identified, on_desk, people, text};
use crate::acts::entry::{self, NewNote};
use crate::acts::{Acting, disclosure, letter};
use crate::fault::Fault;
use crate::print::copy;

/// The longest word on what was put right elsewhere, in bytes.
const ELSEWHERE_BYTES_MAX: usize = 500;

/// What came of a request to correct something, as its steps say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Corrections {
    /// What was put right and not taken back: kinds, and what was said of paper.
    pub right: Vec<String>,
    /// Whether a note of what they say stands beside what we hold.
    pub noted: bool,
    /// Whoever had it from us and has been told, as the policy names them.
    pub told: Vec<String>,
    /// Whoever had it from us and is still to be told something of it.
    pub to_tell: Vec<String>,
}

/// A kind of line in which a note of theirs can stand, about them alone or on a piece of work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its kind.
    pub kind: KindId,
    /// The work.
    pub engagement: Option<EngagementId>,
    /// Its word in a form.
    pub word: String,
}

/// Writes down on every open request of somebody's to be corrected that something of theirs was changed, or that such a change was
/// taken `back`. The requests.
pub(in crate::acts) fn put_right(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (kind, back): (&str, bool),
) -> Result<Vec<RequestId>, Fault> {
    let open = request::correcting(tx, person)?;
    for id in &open {
        let undone = back && request::stands_corrected(tx, *id, kind)?;
        let step = if undone { UNCORRECTED } else { CORRECTED };
        request::step(tx, *id, acting.today, step, Some(kind), acting.staff_id(), acting.now)?;
    }
    Ok(open)
}

/// What came of a request to correct something; of any other, nothing.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn corrections(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    steps: &[Step],
) -> Result<Corrections, Fault> {
    let mut came = Corrections::default();
    let changes = |step: &&Step| [CORRECTED, UNCORRECTED].contains(&step.step.as_str());
    if asked.kind != Kind::Rectification {
        return Ok(came);
    }
    came.noted = request::stands_noted(tx, asked.id)?;
    if !steps.iter().any(|step| changes(&step)) {
        return Ok(came);
    }
    let grant = match asked.person {
        Some(whose) if person::exists(tx, whose)? => {
            let grant = answering(acting, &[&acting.life(tx, whose)?])?;
            acting.opens("request.read", &grant);
            Some(grant)
        }
        _ => None,
    };
    for step in steps.iter().filter(changes) {
        let what = match (&step.note, &grant) {
            (Some(note), Some(grant)) => copy::text(note, grant)?,
            _ => "a detail".to_owned(),
        };
        if step.step == CORRECTED {
            came.right.push(what);
        } else if let Some(place) = came.right.iter().rposition(|known| *known == what) {
            came.right.remove(place);
        }
    }
    let mut named = BTreeSet::new();
    came.right.retain(|what| named.insert(what.clone()));
    for task in task::of_request(tx, asked.id)? {
        let Some((recipient, _)) = letter::addressed(&task) else { continue };
        let which = if task.done_on.is_none() { &mut came.to_tell } else { &mut came.told };
        if !which.iter().any(|known| known == recipient) {
            which.push(recipient.to_owned());
        }
    }
    let Corrections { told, to_tell, .. } = &mut came;
    told.retain(|told| !to_tell.contains(told));
    Ok(came)
}

impl Corrections {
    /// The same in a sentence or two, for the register.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let right = (!self.right.is_empty()).then(|| format!("Corrected: {}.", self.right.join("; ")));
        let noted = self.noted.then(|| "A note of what they say stands beside what is disputed.".to_owned());
        let said: Vec<String> = [right, noted].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// Refuses an answer that says more than was done.
    ///
    /// # Errors
    /// [`Fault::Invalid`] on `field`.
    pub fn fit(&self, outcome: Outcome, field: &str) -> Result<(), Fault> {
        match outcome {
            Outcome::Done if self.right.is_empty() => Err(Fault::field(
                field,
                "Nothing is corrected on this request yet. Correct it on their page, or write down what was put right elsewhere; or \
                 refuse it, with the reason.",
            )),
            Outcome::Partly if self.right.is_empty() && !self.noted => Err(Fault::field(
                field,
                "Nothing of it is corrected yet, and no note of what they say stands beside it. Do one of them, or refuse it, with the \
                 reason.",
            )),
            _ => Ok(()),
        }
    }
}

/// An open request to correct something, of somebody who is held and of whom it is on record who they are.
fn correctable(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
) -> Result<(SubjectRequest, PersonId), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let open = asked.closed_on.is_none() && asked.unknown_since.is_none();
    let Some(whose) = asked.person.filter(|_| open && asked.kind == Kind::Rectification) else {
        return Err(Fault::Changed);
    };
    entitled(&asked)?;
    identified(acting, tx, &asked)?;
    Ok((asked, whose))
}

/// Somebody says what was put right where the program sees no change: on paper, in a file.
///
/// # Errors
/// [`Fault::Invalid`] unless it is said what, and known who asks; [`Fault::Changed`] if the request is closed, or none of these.
pub fn elsewhere(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, what: &str) -> Result<(), Fault> {
    let (asked, whose) = correctable(acting, tx, request)?;
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let what = what.trim_end_matches('.');
    if what.is_empty() || what.len() > ELSEWHERE_BYTES_MAX || what.contains('\0') {
        return Err(Fault::field("corrected", "Write in a few words what is right now, and where."));
    }
    match acting.policy.kind_named(what) {
        // Where it is the name of what others may have from us, they are told, as of a change on the page.
        Some(_) => disclosure::corrected(acting, tx, whose, (what, false))?,
        None => {
            request::step(tx, request, acting.today, CORRECTED, Some(what), acting.staff_id(), acting.now)?
        }
    }
    acting.log(tx, "request.noted", &people(&asked), &json!({ "request": request.0, "step": CORRECTED }))
}

/// The kinds of line in which a note of theirs can stand today, about them alone first.
#[must_use]
pub fn places(acting: &Acting<'_>, life: &Life) -> Vec<Place> {
    let works = life.works.iter().map(|work| Some(work.engagement));
    let mut places: Vec<Place> = Vec::new();
    for engagement in std::iter::once(None).chain(works) {
        for kind in entry::writable(acting, life, engagement) {
            let known = places.iter().any(|place| place.kind == kind && place.engagement == engagement);
            if let Some(named) = acting.policy.kind(kind).filter(|_| !known) {
                let word =
                    engagement.map_or_else(|| named.name.clone(), |on| format!("{}@{}", named.name, on.0));
                places.push(Place { kind, engagement, word });
            }
        }
    }
    places
}

/// Writes a note of what they say beside what is disputed and stays as it is: a line of their timeline, in a kind that the policy has.
///
/// # Errors
/// [`Fault::Invalid`] without their words, or a kind for them; [`Fault::Refused`] if the line has no place there now;
/// [`Fault::Changed`] if the request is closed, or none of these.
pub fn note(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (place, words): (&str, &str),
) -> Result<(), Fault> {
    let (asked, whose) = correctable(acting, tx, request)?;
    let words = text("note-words", words)?
        .ok_or_else(|| Fault::field("note-words", "Write what they say, and what it is about."))?;
    let places = places(acting, &acting.life(tx, whose)?);
    let place = places.into_iter().find(|known| known.word == place);
    let place = place.ok_or_else(|| Fault::field("note-place", "Choose among which lines it stands."))?;
    let kind = acting.policy.kind(place.kind).ok_or(Fault::NotFound)?;
    let line = NewNote {
        kind: kind.name.clone(),
        body: format!("Disputed, and kept as it is. They say: {words}"),
        on: acting.today,
        direction: None,
        engagement: place.engagement,
    };
    let line = entry::add(acting, tx, whose, &line)?;
    let by = acting.staff_id();
    request::noted(tx, request, acting.today, (&kind.name, line), by, acting.now)?;
    acting.log(tx, "request.noted", &people(&asked), &json!({ "request": request.0, "step": NOTED }))
}
