//! Erasure: what would happen, with numbers, and then exactly that, in one act. What a contract,
//! a duty or a hold still requires is refused, with its reason and its end.

use std::collections::{BTreeMap, BTreeSet};

use custody::act::Asked;
use custody::coverage::{self, Outcome as CoverageOutcome};
use custody::id::{LetterId, PersonId, RequestId};
use custody::{Gate, Life, Sealed, Verb};
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::departure::Departed;
use store::erase::{self, Erased, Part, Why};
use store::request::{self, Kind, NewRequest, Stayed, SubjectRequest};
use store::suppression::{self, Forbids};
use store::task::{self, Task};
use store::{Tx, certificate, dispose, mention, organisation, person};

mod incoming;
mod plain;
mod reason;
mod spoken;
mod stays;

pub use incoming::Incoming;
pub(super) use reason::nameless;
pub use reason::{Asking, Because, Reason};
use reason::{filed, how_they_asked};
use spoken::Masked;
pub use spoken::{INSTEAD, Masking, spoken};
use stays::for_work;
pub use stays::{Came, Stays, sentence};

use super::Acting;
use super::confirmation::{self, Telling};
use super::identity;
use super::letter::{self, About, Sort as LetterSort};
use super::person::act;
use super::request::{ACTIVITY, Done, Outcome, answering, complete, entitled};
use super::undone::Undone;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print::copy;

/// What an erasure would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preview {
    /// Rows that go, by kind.
    pub go: BTreeMap<String, u32>,
    /// Rows that go once what is owed to them was handed over, by kind.
    pub after: BTreeMap<String, u32>,
    /// Links cut in what stays for somebody else.
    pub cut: u32,
    /// What goes of files that wait to be brought in.
    pub incoming: Incoming,
    /// What stays, and why.
    pub stay: Vec<Stays>,
    /// What it would come to.
    pub outcome: Outcome,
    /// Whether a hold keeps something of it.
    pub by_hold: bool,
    /// What somebody must do by hand first.
    pub tasks: Vec<String>,
    /// Whether something on paper is to be destroyed by hand, a paper file or a document that lies on paper.
    pub paper: bool,
    /// Whether something is to be given back or delivered by hand.
    pub handed: bool,
    /// Whom we must tell.
    pub told: Vec<String>,
    /// Whether one of them keeps it for us and has to confirm that it is erased there.
    pub for_us: bool,
    /// What else they had asked, on which day, that ends with it: nothing is left that it was about.
    pub ends: Vec<(Kind, Date)>,
    /// What the keyed marks of their addresses and numbers forbid that stand already, or will.
    pub marks: BTreeSet<Forbids>,
    /// Their initials, which is all the register will have.
    pub initials: String,
    /// Whether an e-mail could tell them that it is done.
    pub by_email: bool,
    /// Whether the policy promises that they hear of it.
    pub promised: bool,
    /// Whether they asked, and so hear what came of it.
    pub asks: bool,
    /// Whether it is on record how we know who asks.
    pub known: bool,
    /// What was looked at: an erasure on another version is not what was agreed to.
    pub version: String,
}

impl Preview {
    /// Whether anything goes at all: an erasure may only end uses, and leave all that is held for another.
    #[must_use]
    pub fn takes(&self) -> bool {
        self.go.values().any(|count| *count > 0)
            || self.cut > 0
            || self.incoming.gone > 0
            || self.incoming.files > 0
    }
}

/// What an erasure would do: it is carried out and taken back, so that the numbers are those that will come.
///
/// # Errors
/// [`Fault::Refused`] if this role may not erase them.
pub fn preview(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    asked: Option<RequestId>,
) -> Result<Preview, Fault> {
    Ok(drafted(acting, tx, person, asked)?.0)
}

/// The same with what they are told of it, as it is drafted; nothing where nothing may go, which has a letter of its own.
///
/// # Errors
/// As [`preview`].
pub fn drafted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    asked: Option<RequestId>,
) -> Result<(Preview, Option<Sealed>), Fault> {
    tx.tried(|tx| {
        let life = may(acting, tx, person)?;
        let called = letter::called(acting, tx, &life)?;
        let parts = parts(acting, tx, &life)?;
        let of_work = for_work(acting, tx, &life, &parts)?;
        let version = version(acting, tx, person, &parts)?;
        let request = under(acting, tx, person, asked, None)?;
        let known: BTreeSet<_> = task::of_request(tx, request)?.iter().map(|task| task.id).collect();
        let by_email = confirmation::by_email(acting, tx, &life)?;
        let asked = request::one(tx, &acting.policy, request)?;
        let own = mention::own::own(tx, person)?;
        let marks = marks(acting, tx, &life)?;
        let erased = grant(acting, tx, person, &parts, request)?;
        let made: Vec<Task> =
            task::of_request(tx, request)?.into_iter().filter(|task| !known.contains(&task.id)).collect();
        // What was to be done before is to be done still.
        let before = task::open_of_person(tx, person)?;
        let by_hand = |kinds: &[task::Kind]| {
            made.iter().chain(&before).any(|task| task.done_on.is_none() && kinds.contains(&task.kind))
        };
        let paper = by_hand(&[task::Kind::DestroyPaper]);
        let handed = by_hand(&[task::Kind::Return, task::Kind::Deliver]);
        let (told, tasks): (Vec<Task>, Vec<Task>) =
            made.into_iter().partition(|task| task.kind == task::Kind::TellRecipient);
        let came = Came::of(acting, tx, person, (&parts, of_work), &erased)?;
        let ends = erased.ended.iter().map(|other| {
            let other = request::one(tx, &acting.policy, *other)?;
            Ok::<_, Fault>((other.kind, other.received_on))
        });
        let ends = ends.collect::<Result<Vec<_>, Fault>>()?;
        let incoming = match came.outcome {
            Outcome::Refused => Incoming::default(),
            Outcome::Done | Outcome::Partly => incoming::forget(acting, tx, &own)?,
        };
        let ahead = Preview {
            incoming,
            stay: came.stay,
            outcome: came.outcome,
            by_hold: came.by_hold,
            go: erased.departed.counts,
            after: erased.departed.waits,
            cut: erased.departed.cut,
            paper,
            handed,
            tasks: tasks.into_iter().map(|task| by_day(&task)).collect(),
            for_us: told.iter().any(|task| task.blocks),
            told: told
                .iter()
                .filter_map(|task| letter::addressed(task).map(|said| (said, task.blocks)))
                .map(|((who, what), blocks)| {
                    let until =
                        if blocks { "; the request stays open until they have confirmed it" } else { "" };
                    format!("{who} that {what}{until}")
                })
                .collect(),
            ends,
            marks,
            // What waits to go waits with their address: they are told by hand.
            by_email: by_email && erased.departed.kept.is_empty(),
            promised: confirmation::promised(&acting.policy, Some(&asked)),
            asks: asked.channel != request::OUR_OWN,
            known: identity::on_record(&request::steps(tx, &acting.policy, &asked)?),
            initials: request::one(tx, &acting.policy, request)?.initials.unwrap_or_default(),
            version,
        };
        let told = confirmation::drafted(acting, person, (&asked, &parts, &ahead), called.as_deref());
        Ok((ahead, told))
    })
}

/// What the keyed marks of their addresses and numbers forbid, by what was said of each and by what they object to.
fn marks(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<BTreeSet<Forbids>, Fault> {
    let keys = acting.instance.store.keys();
    let Some(mut marks) = suppression::standing_person(tx, keys, life.person)? else {
        return Ok(BTreeSet::new());
    };
    let made = life.objections.iter().filter(|made| made.lifted_on.is_none());
    marks.extend(made.filter_map(|made| Forbids::by(&made.scope)));
    Ok(marks)
}

fn by_day(task: &Task) -> String {
    let by = task.due_on.map_or_else(String::new, |due| format!(", by {}", crate::web::frame::words(due)));
    format!("{}{by}", task.what)
}

/// What is there and under which grounds, as a word that changes with it.
fn version(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, parts: &[Part]) -> Result<String, Fault> {
    let held = dispose::holdings(tx, &acting.policy, person)?;
    // Requests are left out: opening one for this erasure changes nothing about it.
    let rows = held.data.iter().filter(|datum| datum.table != "request").map(|datum| (datum.table, datum.id));
    let rows: BTreeSet<_> = rows.collect();
    let known = acting.policy.activity_named(ACTIVITY).map(|activity| activity.id);
    let parts: Vec<_> = parts.iter().filter(|part| Some(part.activity) != known).collect();
    let hash = blake3::hash(format!("{rows:?} {parts:?}").as_bytes()).to_hex();
    Ok(hash.chars().take(16).collect())
}

/// Whether whoever acts may erase this person.
fn may(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Life, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let life = acting.settle(tx, person)?;
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let dispose = act(Verb::Dispose, Some(Deed::AnswerRequests), Asked::Exactly(kinds));
    acting.decide(&dispose, &[&life], &Gate::default())?;
    Ok(life)
}

/// The request an erasure answers: the one given, one that is open, or one of our own making. Where they ask, one of ours is none of
/// theirs, and what they ask is filed.
fn under(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    asked: Option<RequestId>,
    theirs: Option<&Asking<'_>>,
) -> Result<RequestId, Fault> {
    let open = request::of_person(tx, &acting.policy, person)?;
    let mut open = open.into_iter().filter(|open| open.kind == Kind::Erasure && open.closed_on.is_none());
    let fits = |open: &SubjectRequest| theirs.is_none() || open.channel != request::OUR_OWN;
    let found = match asked {
        Some(request) => Some(open.find(|open| open.id == request).ok_or(Fault::NotFound)?).filter(fits),
        None => open.find(fits),
    };
    if let Some(found) = found {
        if found.identity_asked_on.is_some() && found.identity_proved_on.is_none() {
            return Err(Fault::field(
                "why",
                "We asked who they are and do not know yet: say so on the request first.",
            ));
        }
        entitled(&found)?;
        return Ok(found.id);
    }
    if let Some(asking) = theirs {
        return filed(acting, tx, person, asking);
    }
    let life = acting.life(tx, person)?;
    let grant = answering(acting, &[&life])?;
    let name = person::names(tx, &acting.policy, &[person])?;
    let name = name.first().and_then(|name| copy::text(name, &grant).ok()).unwrap_or_default();
    let belongs = organisation::of_people(tx, &[person])?;
    let new = NewRequest {
        kind: Kind::Erasure,
        person,
        name: &name,
        organisation: belongs.first().map(|belongs| belongs.name.as_str()),
        received_on: acting.today,
        channel: request::OUR_OWN,
        words: None,
        owner: acting.staff_id(),
        by: acting.staff_id(),
    };
    Ok(request::open(tx, &acting.policy, &new, acting.now)?)
}

/// Whether somebody asks for it, with a request of theirs: nothing that they ask for is a decision of our own.
fn asks(found: &SubjectRequest, why: &Because<'_>) -> Result<bool, Fault> {
    match found.channel != request::OUR_OWN {
        false if why.reason == Reason::Asked => Err(how_they_asked()),
        theirs => Ok(theirs),
    }
}

/// Refuses an erasure that somebody asks for until it is said how we know who asks; where it is said with it, it is on record.
fn known(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, why: &Because<'_>) -> Result<(), Fault> {
    let found = request::one(tx, &acting.policy, request)?;
    if !asks(&found, why)? || identity::on_record(&request::steps(tx, &acting.policy, &found)?) {
        return Ok(());
    }
    let how = why.known.map(str::trim).filter(|how| !how.is_empty()).ok_or_else(|| {
        Fault::field("known", "Say how we know that it is they who ask: to know them is enough.")
    })?;
    identity::shown(acting, tx, &found, (identity::way("known", how)?, acting.today))
}

fn grant(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    parts: &[Part],
    request: RequestId,
) -> Result<Erased, Fault> {
    super::consent::end_what_waits(acting, tx, person)?;
    let keep = parts.iter().filter(|part| part.refused.is_some()).map(|part| part.ground).collect();
    let keys = acting.instance.store.keys();
    let actor = super::actor_words(&acting.actor);
    let by = acting.staff_id();
    Ok(erase::grant(tx, &acting.policy, keys, person, &keep, request, by, &actor, acting.today, acting.now)?)
}

/// What the erasure makes of each ground; of those of work itself only where one keeps something they are in.
fn parts(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Part>, Fault> {
    let mut parts = erase::proposal(&acting.policy, life, acting.today);
    if parts.iter().any(|part| part.refused == Some(Why::Work)) {
        let held = dispose::holdings(tx, &acting.policy, life.person)?;
        let keeps = |part: &Part| {
            let ground = life.of_work.iter().find(|ground| ground.id == part.ground);
            let theirs = |ground| {
                held.data.iter().any(|datum| coverage::covers(&acting.policy, ground, life.person, datum))
            };
            ground.is_some_and(theirs)
        };
        parts.retain(|part| part.refused != Some(Why::Work) || keeps(part));
    }
    Ok(parts)
}

/// An erasure that was carried out.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The request it answered.
    pub request: RequestId,
    /// Rows that went.
    pub rows: u32,
    /// The same, by kind.
    pub went: BTreeMap<String, u32>,
    /// What it came to.
    pub came: Came,
    /// The same in a word: `done`, `partly`, `nothing erased yet`, `refused`.
    pub word: &'static str,
    /// What stays, and what was left as it is.
    pub stayed: Vec<Stayed>,
    /// Texts of others that speak of them no more.
    pub masked: usize,
    /// Whether the request waits for something that must be done by hand.
    pub waits: bool,
    /// Files to be removed, and whether the request is closed.
    pub done: Done,
}

/// Erases a person: rows, versions, files, index entries, queued messages, in this transaction. The request is
/// answered and closed in the same act, unless paper must be destroyed first.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] for a note that says who they are, or if they asked and nobody tells
/// them what came of it; [`Fault::Changed`] if it is not any more what `seen` showed.
pub fn carry_out(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    asked: Option<RequestId>,
    (why, seen): (Because<'_>, Option<&str>),
    telling: Telling<'_>,
) -> Result<Carried, Fault> {
    let life = may(acting, tx, person)?;
    let note = why.checked(tx, person)?;
    let parts = parts(acting, tx, &life)?;
    if seen.is_some_and(|seen| version(acting, tx, person, &parts).map_or(true, |now| now != seen)) {
        return Err(Fault::Changed);
    }
    let request = under(acting, tx, person, asked, why.theirs())?;
    let asks = asks(&request::one(tx, &acting.policy, request)?, &why)?;
    confirmation::write(acting, tx, (&life, request, &parts), (telling, asks, why.masking.alone.len()))?;
    let own = mention::own::own(tx, person)?;
    let of_work = for_work(acting, tx, &life, &parts)?;
    let called = letter::called(acting, tx, &life)?;
    let erased = grant(acting, tx, person, &parts, request)?;
    let came = Came::of(acting, tx, person, (&parts, of_work), &erased)?;
    if came.outcome != Outcome::Refused {
        known(acting, tx, request, &why)?;
    }
    if telling.mails() && (!erased.departed.kept.is_empty() || came.outcome == Outcome::Refused) {
        return Err(Fault::field(
            "tell",
            "Some of it cannot go yet, or nothing can, as the page says: tell them so yourselves, and say how.",
        ));
    }
    confirmation::told(acting, tx, (request, came.outcome), telling)?;
    if came.by_hold {
        store::hold::stood_in_the_way(tx, person, request, acting.today)?;
    }
    super::delivery::forget(tx, person)?;
    let rows = erased.departed.rows();
    // Who is still here goes on being spoken of.
    let refused = came.outcome == Outcome::Refused;
    let masked =
        if refused { Masked::default() } else { spoken::mask(acting, tx, &own, request, why.masking)? };
    let left = if refused { None } else { spoken::left(&masked) };
    let Masked { now: masked, later, .. } = masked;
    let incoming = if refused { Incoming::default() } else { incoming::forget(acting, tx, &own)? };
    let stayed: Vec<Stayed> = came.stayed().into_iter().chain(later).chain(left).collect();
    let takes = rows > 0 || erased.departed.cut > 0 || incoming.gone > 0 || incoming.files > 0;
    let word = came.word(takes);
    request::came_to(tx, request, word, &stayed)?;
    let body = json!({ "request": request.0, "rows": rows, "outcome": word, "reason": why.reason.word(), "masked": masked });
    if came.outcome == Outcome::Refused {
        request::step(tx, request, acting.today, request::REFUSED, note, acting.staff_id(), acting.now)?;
        acting.log(tx, "person.erasure refused", &[person], &body)?;
    } else {
        certificate::because(tx, person, acting.today, (why.reason.words(), note))?;
        request::step(tx, request, acting.today, "erased", None, acting.staff_id(), acting.now)?;
        acting.log(tx, "person.erased", &[person], &body)?;
    }
    // Whoever had it from us is told of whom: only these tasks say it from now on.
    if let Some(called) = &called {
        task::name(tx, request, called)?;
    }
    let mut done = finish(acting, tx, request)?;
    done.bytes.files.extend(erased.departed.bytes.files.iter().cloned());
    done.bytes.files.extend(incoming.bytes);
    let went = erased.departed.counts;
    Ok(Carried { request, rows, went, came, word, masked, stayed, waits: !done.closed, done })
}

/// Drafts the letter that refuses an erasure of which nothing may go, with what stays, why and until when. Nothing happens by it: when
/// it leaves, the request is refused and closed. What nobody wrote down yet is filed as `why` says that they asked.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] if nobody asked, or something of it can go; [`Fault::Changed`] if it is not
/// any more what `seen` showed.
pub fn refuse_by_letter(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (asked, seen): (Option<RequestId>, Option<&str>),
    why: &Because<'_>,
) -> Result<LetterId, Fault> {
    may(acting, tx, person)?;
    let ahead = preview(acting, tx, person, asked)?;
    if seen.is_some_and(|seen| seen != ahead.version) {
        return Err(Fault::Changed);
    }
    if ahead.outcome != Outcome::Refused {
        return Err(Fault::field("tell", "Something of it can go now, so there is nothing to refuse whole."));
    }
    let request = under(acting, tx, person, asked, why.theirs())?;
    if !asks(&request::one(tx, &acting.policy, request)?, why)? {
        return Err(Fault::field(
            "tell",
            "Nobody asked for it, so there is nobody to refuse it to by a letter.",
        ));
    }
    if ahead.by_hold {
        store::hold::stood_in_the_way(tx, person, request, acting.today)?;
    }
    let why: Vec<&str> = ahead.stay.iter().map(|stays| stays.plain.as_str()).collect();
    letter::draft(acting, tx, About::Request(request), LetterSort::Refusal, (&why.join(" "), None))
}

/// Takes who they are out of what stays of whoever was erased while a complaint of theirs was open, or a copy was still to be handed
/// over, once that is closed. Of how many.
///
/// # Errors
/// Whatever the store says.
pub fn close_since(instance: &Instance, undone: &mut Undone) -> Result<usize, Fault> {
    let whom = instance.store.read(erase::closed_since)?;
    let mut closed = 0;
    for person in &whom {
        match instance.store.write(|tx| erase::close(tx, *person)) {
            Ok(()) => closed += 1,
            Err(error @ (store::Error::Away(_) | store::Error::Contended)) => return Err(error.into()),
            // One that cannot be read stops no other.
            Err(error) => {
                undone.of(*person, "what their erasure left to answer could not be bared", &error.into())
            }
        }
    }
    Ok(closed)
}

/// Answers and closes an erasure that was carried out, once nothing waits any more.
///
/// # Errors
/// Whatever the store says.
pub fn finish(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<Done, Fault> {
    let asked = request::one(tx, &acting.policy, request)?;
    let steps = request::steps(tx, &acting.policy, &asked)?;
    let decided = steps.iter().any(|step| ["erased", request::REFUSED].contains(&step.step.as_str()));
    if asked.kind != Kind::Erasure || asked.closed_on.is_some() || !decided || task::blocking(tx, request)? {
        return Ok(Done::default());
    }
    let gone = after_hand_over(acting, tx, &asked)?;
    if gone.as_ref().is_some_and(|gone| !gone.waits.is_empty()) || task::blocking(tx, request)? {
        return Ok(Done { bytes: gone.map(|gone| gone.bytes).unwrap_or_default(), closed: false });
    }
    let mut done = complete(acting, tx, request, acting.today, &stays::answer(&asked))?;
    done.bytes.files.extend(gone.into_iter().flat_map(|gone| gone.bytes.files));
    Ok(done)
}

/// Takes what was to go after something was handed over, and says what went and what still waits; nothing where nothing waited.
fn after_hand_over(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
) -> Result<Option<Departed>, Fault> {
    let Some(person) = asked.person.filter(|_| asked.outcome.as_deref() != Some(request::REFUSED)) else {
        return Ok(None);
    };
    if !waits(acting, tx, person)? {
        return Ok(None);
    }
    let called = letter::called(acting, tx, &acting.life(tx, person)?)?;
    let (policy, keys) = (&acting.policy, acting.instance.store.keys());
    let actor = super::actor_words(&acting.actor);
    let by = (acting.staff_id(), actor.as_str());
    let departed = erase::go_on(tx, policy, keys, person, asked.id, by, (acting.today, acting.now))?;
    if let Some(called) = &called {
        task::name(tx, asked.id, called)?;
    }
    Ok(Some(departed))
}

/// Whether something of somebody has ended and is there until what is owed to them was handed over.
///
/// # Errors
/// Whatever the store says.
pub(super) fn waits(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<bool, Fault> {
    if !acting.policy.rules.iter().any(|rule| rule.then.hands_over()) || !person::exists(tx, person)? {
        return Ok(false);
    }
    let ended = super::waiting::ended(acting, tx, &acting.life(tx, person)?)?;
    Ok(ended.iter().filter(|one| one.suspended.is_none()).any(|one| match one.outcome {
        CoverageOutcome::Dispose(way) => way.hands_over(),
        CoverageOutcome::Task(way) => one.table == "entry" && way.hands_over(),
        CoverageOutcome::CutLink => false,
    }))
}
