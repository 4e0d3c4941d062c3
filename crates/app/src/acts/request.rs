//! Requests: what people ask of us under their rights, by when they must have an answer, what was done, and the
//! answer. What nobody may weigh (no more advertising, no more contact) is done in the act that writes it down.

use custody::act::Asked;
use custody::id::{PersonId, RequestId, StaffId};
use custody::{Actor, Gate, Grant, Life, Verb};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::periods::Own;
use policy::policy::Charge;
use policy::role::Deed;
use policy::{ActivityId, KindSet, Sort};
use serde_json::json;
use store::disclosure::Telling;
use store::dispose::Bytes;
use store::request::{self, Kind, Move, SubjectRequest};
use store::task::NewTask;
use store::{Tx, disclosure, task};

use super::person::act;
use super::{Acting, delivery, identity};
use crate::fault::Fault;

mod arriving;
mod awaited;
pub mod correcting;
mod referred;
pub mod weighing;
mod whose;

pub(super) use arriving::{Meant, answers, may_take, written};
pub use arriving::{asked_from, authority_seen, open, taken};
pub(super) use awaited::{Held, changing};
pub use awaited::{touched, waits};
pub(super) use correcting::put_right;
pub use referred::{Referred, referred};
pub(super) use weighing::known as now_known;
pub(super) use whose::{Whose, having, leave, name_of, nothing_held, shape, who};
pub use whose::{given_out, misfiled, tie, untie};

/// The activity under which people are answered.
pub const ACTIVITY: &str = "rights and complaints";

/// The longest text of a request or an answer, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 20_000;

/// What can be asked: its word, the kind the law knows, and how people say it.
pub const ASKS: &[(&str, Kind, &str)] = &[
    ("access", Kind::Access, "Show me what you hold"),
    ("erasure", Kind::Erasure, "Erase what you hold"),
    ("no contact", Kind::NoContact, "Never contact me again"),
    ("advertising", Kind::Objection, "Stop telling me what you offer"),
    ("objection", Kind::Objection, "Stop using it"),
    ("rectification", Kind::Rectification, "Correct it"),
    ("restriction", Kind::Restriction, "Keep it, but do not use it"),
    ("portability", Kind::Portability, "Let me take it elsewhere"),
];

/// How a kind of request is said.
#[must_use]
pub fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Objection => "Stop using it",
        kind => ASKS.iter().find(|(_, known, _)| *known == kind).map_or("", |(.., words)| words),
    }
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// Somebody who is held.
    Held(PersonId),
    /// Whoever this name, address or number belongs to, held or not.
    Said(String),
}

/// A request as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// What is asked, a word of [`ASKS`].
    pub ask: String,
    /// Who asks.
    pub who: Who,
    /// The day it reached anybody here.
    pub received_on: Date,
    /// By what: `letter`.
    pub channel: String,
    /// In their words.
    pub words: String,
}

/// What came of an act on a request: files whose bytes go once it is committed, and whether the request is closed.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// To be removed by [`remove_files`].
    pub bytes: Bytes,
    /// Closed.
    pub closed: bool,
}

/// Takes away the bytes of files whose rows have gone, and what the database left lying of the rows. What will not go of
/// the files cannot be read any more, and is named.
pub fn remove_files(instance: &crate::instance::Instance, bytes: &Bytes) {
    for name in &bytes.files {
        if let Err(error) = store::files::remove(&instance.store, name) {
            tracing::error!(%error, "the bytes of a file let go are still on the disk; they cannot be read");
        }
    }
    super::residue::at_once(instance);
}

/// What may be read of somebody in order to answer them: everything this role sees, also what it sees only then.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests, or it is the person themselves.
pub fn answering(acting: &Acting<'_>, lives: &[&Life]) -> Result<Grant, Fault> {
    let kinds: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let themselves = acting.actor == Actor::Subject;
    let deed = (!themselves).then_some(Deed::AnswerRequests);
    let answer = act(Verb::Answer, deed, Asked::WhatMayBeSeen(kinds));
    acting.decide(&answer, lives, &Gate::default())
}

/// What opens the names and the records of requests in a list: no more than a list shows.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn listing(acting: &Acting<'_>, tx: &Tx<'_>, people: &[PersonId]) -> Result<Grant, Fault> {
    let lives = acting.lives(tx, people)?;
    let kinds = acting.policy.kinds.iter();
    let kinds = kinds.filter(|kind| {
        kind.sort == Sort::Item || ["request record", "complaint record"].contains(&kind.name.as_str())
    });
    let asked = Asked::WhatMayBeSeen(kinds.map(|kind| kind.id).collect());
    let answer = act(Verb::Answer, Some(Deed::AnswerRequests), asked);
    let grant = acting.decide(&answer, &lives.iter().collect::<Vec<_>>(), &Gate::default())?;
    if !grant.people().is_empty() {
        acting.opens("requests.listed", &grant);
    }
    Ok(grant)
}

/// Refuses what was decided on a page that showed the request as it no longer is.
///
/// # Errors
/// [`Fault::Changed`] if somebody else was quicker.
pub fn unchanged(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, seen: i64) -> Result<(), Fault> {
    if on_desk(acting, tx, request)?.version == seen { Ok(()) } else { Err(Fault::Changed) }
}

/// A request with the right to answer it.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests, and those of this person.
pub fn on_desk(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<SubjectRequest, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let asked = request::one(tx, &acting.policy, request)?;
    may_answer(acting, tx, asked.person)?;
    Ok(asked)
}

/// Asks whether whoever acts may answer this person, where we hold somebody.
///
/// # Errors
/// [`Fault::Refused`] unless they may.
pub(super) fn may_answer(acting: &Acting<'_>, tx: &Tx<'_>, person: Option<PersonId>) -> Result<(), Fault> {
    match person {
        Some(person) if store::person::exists(tx, person)? => {
            answering(acting, &[&acting.life(tx, person)?]).map(drop)
        }
        _ => Ok(()),
    }
}

/// Makes a move that changes by when the answer is due.
///
/// # Errors
/// [`Fault::Invalid`] with the reason if the law does not let it be made now.
pub fn moved(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    how: Move<'_>,
    on: Date,
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    moved_by(acting, tx, &asked, how, on)
}

/// The same, whoever makes it: the person themselves shows who they are.
pub(super) fn moved_by(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    how: Move<'_>,
    on: Date,
) -> Result<(), Fault> {
    if on > acting.today || on < asked.received_on {
        return Err(Fault::field("on", "Choose a day from the one it was received to today."));
    }
    let request = asked.id;
    request::moved(tx, &acting.policy, request, how, on, acting.staff_id(), acting.now).map_err(lawful)?;
    acting.settle_if_held(tx, asked.person)?;
    acting.log(
        tx,
        "request.moved",
        &people(asked),
        &json!({ "request": request.0, "how": how.step(), "on": on }),
    )?;
    weighing::known(acting, tx, request)
}

/// What the law does not allow, as something to put right.
fn lawful(error: store::Error) -> Fault {
    match error {
        store::Error::Malformed(why) => Fault::field("why", crate::web::error::sentence(&why)),
        error => error.into(),
    }
}

/// What the policy's charge makes of a request: how many of theirs came before it in the time the clause names. It decides
/// nothing; the law wants it shown of each that it is unfounded or excessive.
///
/// # Errors
/// Whatever the store says.
pub fn charge(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Option<String>, Fault> {
    let Charge::Each { pounds, after, within } = &acting.policy.requests.charge else { return Ok(None) };
    let Some(person) = asked.person else { return Ok(None) };
    let number = request::earlier(tx, person, (asked.id, asked.received_on), within)? + 1;
    let over = number > usize::from(*after);
    Ok(Some(format!(
        "This is number {number} of theirs within {}. The policy charges \u{a3}{pounds} for each after {after}{}.",
        policy::phrase::period_words(within),
        if over {
            "; a number alone proves nothing, so decide and say why"
        } else {
            ": nothing for this one"
        }
    )))
}

pub(super) fn people(asked: &SubjectRequest) -> Vec<PersonId> {
    asked.person.into_iter().collect()
}

/// Notes a step that moves no date: how we know who they are, where we looked, that the pack was made.
///
/// # Errors
/// [`Fault::NotFound`] if the request is closed.
pub fn noted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    step: &str,
    note: &str,
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    if asked.closed_on.is_some() {
        return Err(Fault::NotFound);
    }
    let note = text("where", note)?;
    request::step(tx, request, acting.today, step, note.as_deref(), acting.staff_id(), acting.now)?;
    acting.log(tx, "request.noted", &people(&asked), &json!({ "request": request.0, "step": step }))
}

/// Gives a request to a member of staff.
///
/// # Errors
/// [`Fault::NotFound`] if it is closed.
pub fn assign(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    to: Option<StaffId>,
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    request::assign(tx, request, to)?;
    let body = json!({ "request": request.0, "to": to.map(|to| to.0) });
    acting.log(tx, "request.assigned", &people(&asked), &body)
}

/// What an answer comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Outcome {
    /// What was asked was done.
    #[default]
    Done,
    /// A part of it.
    Partly,
    /// Nothing of it: with reasons.
    Refused,
}

impl Outcome {
    /// Every outcome with its word and how it reads.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Done, "done", "What was asked was done"),
        (Self::Partly, "partly", "A part of it was done"),
        (Self::Refused, "refused", "Refused, with the reason and how to complain"),
    ];

    /// The outcome of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == word).map(|(outcome, ..)| *outcome)
    }

    /// Its word, in forms, answers to programs and the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, ..)| *outcome == self).map_or("", |(_, word, _)| *word)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Partly => "Partly done",
            Self::Refused => "Refused",
        }
    }
}

/// Refuses what would give, take away or stop something of somebody's before anybody said how we know that it is they who ask.
///
/// # Errors
/// [`Fault::Invalid`] until somebody has: to know them is enough.
pub fn identified(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<(), Fault> {
    let gives = matches!(
        asked.kind,
        Kind::Access | Kind::Portability | Kind::Erasure | Kind::Rectification | Kind::Objection
    );
    let nobody = asked.unknown_since.is_some() || asked.channel == request::OUR_OWN;
    if !gives || nobody || identity::on_record(&request::steps(tx, &acting.policy, asked)?) {
        return Ok(());
    }
    Err(Fault::field("identity", "Say first how we know that it is they who ask: to know them is enough."))
}

/// Refuses what would give or take away somebody's data for another who asks on an authority that nobody here has seen.
///
/// # Errors
/// [`Fault::Invalid`] until somebody has seen it.
pub fn entitled(asked: &SubjectRequest) -> Result<(), Fault> {
    if asked.behalf.is_some() && asked.authority_seen_on.is_none() {
        return Err(Fault::field(
            "answer",
            "Somebody asks for them, and nobody here has seen what lets them: look at it first, or refuse with that reason.",
        ));
    }
    Ok(())
}

/// Records the answer and closes the request; of somebody nobody knows, that nothing else is held of them.
///
/// # Errors
/// [`Fault::Invalid`] for a refusal without its reason, a day to come, an access request without its pack, an
/// erasure that was not carried out, or one that waits for paper.
pub fn answer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    outcome: Outcome,
    (told, on): (&str, Date),
) -> Result<Done, Fault> {
    let asked = on_desk(acting, tx, request)?;
    if asked.closed_on.is_some() {
        return Err(Fault::Changed);
    }
    let told = text("told", told)?;
    let decided = matches!(weighing::came_to(acting, tx, &asked)?, weighing::Stage::Came(_));
    if outcome != Outcome::Done && told.is_none() && !decided {
        return Err(Fault::field(
            "told",
            "Write what was not done and why: they have a right to the reason.",
        ));
    }
    if on > acting.today || on < asked.received_on {
        return Err(Fault::field("on", "Choose a day from the one it was received to today."));
    }
    match outcome {
        Outcome::Refused => delivery::withdraw(tx, request)?,
        Outcome::Done | Outcome::Partly => {
            entitled(&asked)?;
            identified(acting, tx, &asked)?;
        }
    }
    if task::blocking(tx, request)? {
        return Err(Fault::field("answer", "A task keeps this open: it must be done by hand first."));
    }
    let nothing_held = nothing_held(acting, tx, &asked, outcome, "answer")?;
    let steps = request::steps(tx, &acting.policy, &asked)?;
    let has = |name: &str| steps.iter().any(|step| step.step == name);
    match (asked.kind, outcome) {
        _ if nothing_held => {}
        (Kind::Access | Kind::Portability, Outcome::Done) if !has("pack made") => {
            return Err(Fault::field("answer", "Make the pack first."));
        }
        (Kind::Erasure, Outcome::Done | Outcome::Partly) if !has("erased") => {
            return Err(Fault::field("answer", "Erase first: see what would happen."));
        }
        (Kind::Restriction, Outcome::Done) if !has("restricted") => {
            return Err(Fault::field("answer", "Restrict first: see what would happen."));
        }
        _ => {}
    }
    if let (Kind::Erasure, Outcome::Done | Outcome::Partly, Some(person)) =
        (asked.kind, outcome, asked.person)
        && super::erasure::waits(acting, tx, person)?
    {
        let words = "Some of it goes only once something else was handed over: confirm that task first.";
        return Err(Fault::field("answer", words));
    }
    if !nothing_held {
        weighing::no_more_contact(acting, tx, &asked, outcome, "answer")?;
    }
    let corrections = correcting::corrections(acting, tx, &asked, &steps)?;
    if asked.kind == Kind::Rectification && !nothing_held {
        corrections.fit(outcome, "answer")?;
    }
    let uses = weighing::carry_out(acting, tx, &asked, (outcome, told.as_deref()))?;
    // What was decided use by use says it all; a sentence of whoever answers stands after it.
    let told = match (uses.filter(|_| decided), told) {
        (Some(uses), Some(told)) if told.starts_with(&uses) => Some(told),
        (Some(uses), told) => Some([Some(uses), told].into_iter().flatten().collect::<Vec<_>>().join(" ")),
        (None, told) => told,
    };
    // What was put right is said, whatever whoever answers adds.
    let told = [corrections.said(), told].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let (word, came) = match nothing_held {
        true => (request::NOTHING_HELD, "We hold nothing of them but this request"),
        false => (outcome.word(), outcome.words()),
    };
    let words = match Some(told).filter(|told| !told.is_empty()) {
        Some(told) => format!("{came}: {told}"),
        None => format!("{came}."),
    };
    request::came_to(tx, request, word, &asked.stays)?;
    complete(acting, tx, request, on, &words)
}

/// Whoever still has what was passed on under some activities, or at all, each once.
pub(super) fn recipients(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    under: Option<&[ActivityId]>,
) -> Result<Vec<String>, Fault> {
    let concerned = |activity: &str| {
        under.is_none_or(|some| {
            acting.policy.activity_named(activity).is_some_and(|known| some.contains(&known.id))
        })
    };
    let mut recipients = Vec::new();
    for one in disclosure::having(tx, person)? {
        if concerned(&one.activity) && !recipients.contains(&one.recipient) {
            recipients.push(one.recipient);
        }
    }
    Ok(recipients)
}

/// Makes a task of telling each recipient who still has it, once, that something became of what they got: of what was passed on to
/// them under some activities, or of all of it.
pub(super) fn tell_recipients(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    of: (PersonId, Option<RequestId>),
    (telling, under): (Telling, Option<&[ActivityId]>),
) -> Result<(), Fault> {
    tell(acting, tx, of, telling, &recipients(acting, tx, of.0, under)?)
}

/// The same of recipients who are known.
pub(super) fn tell(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, request): (PersonId, Option<RequestId>),
    telling: Telling,
    recipients: &[String],
) -> Result<(), Fault> {
    // Where they press a link that we mailed, nobody of the staff acts.
    let owner = match (acting.staff_id(), request) {
        (Some(staff), _) => Some(staff),
        (None, Some(request)) => request::one(tx, &acting.policy, request)?.owner,
        (None, None) => None,
    };
    for recipient in recipients {
        if matches!(telling, Telling::Restricted | Telling::Stopped) {
            task::goes_on_no_more(tx, person, recipient)?;
        }
        let what = telling.task(recipient, "");
        let new = NewTask {
            person: Some(person),
            request,
            owner,
            due_on: acting.today.checked_add(acting.policy.days(Own::Recipients).days()).ok(),
            ..telling.new_task((recipient, None), &what)
        };
        task::add(tx, &new, acting.now)?;
    }
    Ok(())
}

/// Answers and closes a request, and settles.
///
/// # Errors
/// Whatever the store says.
pub(super) fn complete(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    on: Date,
    words: &str,
) -> Result<Done, Fault> {
    let asked = request::one(tx, &acting.policy, request)?;
    request::answer(tx, request, on, words, acting.staff_id(), acting.now)?;
    let body = json!({ "request": request.0, "kind": asked.kind.name() });
    acting.log(tx, "request.answered", &people(&asked), &body)?;
    let mut bytes = request::close(tx, &acting.policy, request, acting.today, acting.staff_id(), acting.now)?;
    acting.settle_if_held(tx, asked.person)?;
    // The ground of the request itself may have been the last.
    if let Some(person) = asked.person.filter(|_| asked.kind == Kind::Erasure) {
        store::dispose::leave_if_empty(tx, person, &mut bytes)?;
    }
    Ok(Done { bytes, closed: true })
}

/// A text as it is kept: trimmed; nothing if it is empty.
pub(super) fn text(field: &str, given: &str) -> Result<Option<String>, Fault> {
    let text = given.trim().replace("\r\n", "\n");
    if text.len() > TEXT_BYTES_MAX || text.contains('\0') {
        return Err(Fault::field(field, "This is too long, or has a character in it that no text has."));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
