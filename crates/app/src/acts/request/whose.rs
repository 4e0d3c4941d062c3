//! Whose a request is: whoever it was written down for, or whoever has what was given. Where nobody has it, or several have, it is
//! nobody's until somebody who answers says whose it is, once; and takes it back, as long as nothing was given out.

use std::collections::BTreeSet;

use custody::act::Asked;
use custody::id::{ObjectionId, PersonId, RequestId};
use custody::{Actor, Gate, Grant, Life, Verb};
use policy::role::Deed;
use policy::{KindSet, Sort};
use serde_json::json;
use store::normal::{self, Shape};
use store::request::{self, Kind, SubjectRequest};
use store::suppression::{self, Forbids, Lifted};
use store::task::{self, Task};
use store::{Tx, dispose, item, letter, objection, organisation, person, search};

use super::arriving::{MARKETING, Meant, NOTHING_ELSE, finish, may_take, stop};
use super::{Arrived, Done, Outcome, Who, answering, on_desk, text};
use crate::acts::letter::Sort as LetterSort;
use crate::acts::person::act;
use crate::acts::{Acting, delivery, identity, objection as objections};
use crate::fault::Fault;
use crate::print::copy;

/// Who asks, as far as that is known.
pub(in crate::acts) struct Whose {
    /// Their number; somebody new where nobody is known.
    pub(in crate::acts) person: PersonId,
    /// The name the register keeps.
    pub(in crate::acts) name: String,
    /// Whether it is somebody we hold.
    pub(in crate::acts) known: bool,
}

/// Somebody with the name the register keeps. Whoever takes it down learns neither whether anybody was found nor who.
///
/// # Errors
/// [`Fault::Invalid`] if nothing says who asks; [`Fault::NotFound`] for somebody out of sight.
pub(in crate::acts) fn who(acting: &Acting<'_>, tx: &Tx<'_>, who: &Who) -> Result<Whose, Fault> {
    let (person, said) = match who {
        Who::Held(person) => {
            objections::seen(acting, &acting.life(tx, *person)?)?;
            (*person, String::new())
        }
        Who::Said(said) => {
            let said = text("who", said)?.ok_or_else(|| Fault::field("who", "Write who is asking."))?;
            match found(acting, tx, &said)?.as_slice() {
                [person] => (*person, said),
                _ => return Ok(Whose { person: person::add(tx, acting.now)?, name: said, known: false }),
            }
        }
    };
    let life = acting.life(tx, person)?;
    let grant = names(acting, &life)?;
    let name = name_of(acting, tx, person, &grant)?;
    Ok(Whose { person, name: name.unwrap_or(said), known: true })
}

/// What somebody is called, where this opens it.
///
/// # Errors
/// Whatever the store says.
pub(in crate::acts) fn name_of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    grant: &Grant,
) -> Result<Option<String>, Fault> {
    let names = person::names(tx, &acting.policy, &[person])?;
    Ok(names.iter().find_map(|name| copy::text(name, grant).ok()))
}

/// What opens a name for the register: whoever answers reads it; for whoever does not the program copies it, and shows it to
/// nobody.
fn names(acting: &Acting<'_>, life: &Life) -> Result<Grant, Fault> {
    if acting.may(Deed::AnswerRequests) {
        let grant = answering(acting, &[life])?;
        acting.opens("request.opened", &grant);
        return Ok(grant);
    }
    let kinds: KindSet = acting.policy.kind_named("name").map(|kind| kind.id).into_iter().collect();
    let copy = act(Verb::Maintain, None, Asked::Exactly(kinds));
    let program = Actor::System("intake");
    let (now, today) = (acting.now, acting.today);
    Ok(custody::decide(&acting.policy, &program, &copy, &[life], &Gate::default(), now, today)?)
}

/// Whom an address, a number or a name belongs to. A name finds those within reach, by any part of it where whoever asks answers
/// requests, and otherwise by all of it.
fn found(acting: &Acting<'_>, tx: &Tx<'_>, said: &str) -> Result<Vec<PersonId>, Fault> {
    let reach = acting.reach();
    let Some(shape) = shape(said) else {
        return Ok(match acting.may(Deed::AnswerRequests) {
            true => search::find(tx, said, &reach, 3)?,
            false => person::within(tx, &reach, item::having(tx, "name", said)?)?,
        });
    };
    having(acting, tx, shape, said)
}

/// Everybody who has an address or a number.
///
/// # Errors
/// Whatever the store says.
pub(in crate::acts) fn having(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    shape: Shape,
    said: &str,
) -> Result<Vec<PersonId>, Fault> {
    let items = acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item);
    let mut found = Vec::new();
    for kind in items.filter(|kind| Shape::of(&kind.name) == shape) {
        found.extend(item::having(tx, &kind.name, said)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Whether an answer says that nothing else is held of whoever asks: nobody knows whose the request is, and nobody has what they gave. That
/// nobody gets in touch with them is never done with that.
///
/// # Errors
/// [`Fault::Invalid`] on `field` if somebody we hold has it.
pub(in crate::acts) fn nothing_held(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    outcome: Outcome,
    field: &str,
) -> Result<bool, Fault> {
    if outcome != Outcome::Done || asked.unknown_since.is_none() || asked.kind == Kind::NoContact {
        return Ok(false);
    }
    if let (Some(person), Some(reach)) = (asked.person, &asked.reach) {
        let grant = answering(acting, &[&acting.life(tx, person)?])?;
        acting.opens("request.read", &grant);
        let said = copy::text(reach, &grant)?;
        if shape(&said).is_some() && !found(acting, tx, &said)?.is_empty() {
            return Err(Fault::field(
                field,
                "Somebody whom we hold has the address or the number that they gave: say first whose it is.",
            ));
        }
    }
    Ok(true)
}

/// Whether a text is an address or a number, and which.
pub(in crate::acts) fn shape(said: &str) -> Option<Shape> {
    match (normal::email(said), normal::phone(said)) {
        (Some(_), _) => Some(Shape::Email),
        (None, Some(_)) => Some(Shape::Phone),
        (None, None) => None,
    }
}

/// Says whose a request of nobody known is, and how we know. It moves no day. What was asked to stop at once stops for them in
/// this act, and closes it.
///
/// # Errors
/// [`Fault::Changed`] if it is somebody's by now; [`Fault::Invalid`] without how we know, or for nobody we hold;
/// [`Fault::Refused`] unless the role answers requests, and those of this person.
pub fn tie(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (to, how): (PersonId, &str),
) -> Result<Done, Fault> {
    let asked = on_desk(acting, tx, request)?;
    if asked.closed_on.is_some() || asked.unknown_since.is_none() {
        return Err(Fault::Changed);
    }
    let how = identity::way("identity", how)?;
    if asked.person == Some(to) || !person::exists(tx, to)? {
        return Err(Fault::field("whose", "Choose whose it is."));
    }
    let life = acting.life(tx, to)?;
    let grant = answering(acting, &[&life])?;
    acting.opens("request.tied", &grant);
    may_take(acting, &life, "request record")?;
    let name = name_of(acting, tx, to, &grant)?;
    let initials =
        name.as_deref().map_or_else(|| asked.initials.clone().unwrap_or_default(), normal::initials);
    let belongs = organisation::of_people(tx, &[to])?;
    let belongs = belongs.iter().find(|belongs| belongs.until.is_none_or(|until| acting.today < until));
    let firm = belongs.map(|belongs| belongs.name.as_str());
    request::tie(tx, request, (to, &initials, firm), acting.today)?;
    request::step(tx, request, acting.today, request::TIED, Some(how), acting.staff_id(), acting.now)?;
    acting.log(tx, "request.tied", &[to], &json!({ "request": request.0, "on": acting.today }))?;
    acting.settle(tx, to)?;
    let mut done = Done::default();
    let tied = request::one(tx, &acting.policy, request)?;
    let advertising = stopped(acting, tx, (&tied, to))?;
    // Closed first: whoever asks for an end of advertising alone disputes nothing else that we do, known or not.
    if advertising {
        finish(acting, tx, (request, to), Meant::Them, "Stopped: no more advertising.")?;
    }
    if tied.identity_asked_on.is_none() || tied.identity_proved_on.is_some() {
        identity::shown(acting, tx, &tied, (how, acting.today))?;
    }
    leave(acting, tx, asked.person, &mut done)?;
    done.closed = request::one(tx, &acting.policy, request)?.closed_on.is_some();
    Ok(done)
}

/// What anybody may stop stops for whoever it is of by now, and whether that is all they asked; the rest waits until it is known who
/// asks.
fn stopped(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, to): (&SubjectRequest, PersonId),
) -> Result<bool, Fault> {
    let new = Arrived {
        ask: String::new(),
        who: Who::Held(to),
        received_on: asked.received_on,
        channel: asked.channel.clone(),
        words: String::new(),
    };
    if !matches!(asked.kind, Kind::Objection | Kind::NoContact) {
        return Ok(false);
    }
    stop(acting, tx, (asked.id, to), &new, &MARKETING)?;
    let finding = |task: &&Task| task.kind == task::Kind::Other && task.blocks && task.done_on.is_none();
    let tasks = task::of_request(tx, asked.id)?;
    if let Some(found) = tasks.iter().find(finding) {
        task::done(tx, found.id, acting.today, acting.staff_id(), Some("said whose it is"))?;
    }
    // Kept when it arrived: the task may have been ticked before.
    let steps = request::steps(tx, &acting.policy, asked)?;
    Ok(asked.kind == Kind::Objection && steps.iter().any(|step| step.step == NOTHING_ELSE))
}

/// Whoever it was written down for has nothing else, and goes; or stays with what came to be held of them since.
pub(in crate::acts) fn leave(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    was: Option<PersonId>,
    done: &mut Done,
) -> Result<(), Fault> {
    acting.settle_if_held(tx, was)?;
    if let Some(was) = was {
        dispose::leave_if_empty(tx, was, &mut done.bytes)?;
    }
    Ok(())
}

/// What speaks against taking it back, in words; nothing while nothing was given out or done for them.
///
/// # Errors
/// Whatever the store says.
pub fn given_out(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Option<String>, Fault> {
    const DONE: &[&str] =
        &["pack made", "pack offered by a link", "pack fetched", "erased", "restricted", request::TAKEN_BACK];
    if asked.unknown_since.is_some() {
        return Ok(Some("nobody has said whose it is".to_owned()));
    }
    let tied = asked.tied_on.unwrap_or(asked.received_on);
    let steps = request::steps(tx, &acting.policy, asked)?;
    let since = steps.iter().rposition(|step| step.step == request::TIED).unwrap_or(0);
    let done = steps.iter().skip(since).find(|step| DONE.contains(&step.step.as_str()));
    if let Some(done) = done {
        return Ok(Some(done.step.clone()));
    }
    let letters = letter::about(tx, &acting.policy, letter::About::Request(asked.id))?;
    // Neither that we have it nor the question who they are says anything of them.
    let says_nothing = [LetterSort::Acknowledgement.name(), LetterSort::Identity.name()];
    let told = |letter: &&letter::Letter| {
        Some(letter.person) == asked.person
            && !says_nothing.contains(&letter.sort.as_str())
            && letter.sent_on.is_some_and(|sent| tied <= sent)
    };
    Ok(letters.iter().find(told).map(|_| "a letter has left".to_owned()))
}

/// Takes back that it is theirs: it was a slip. What they were held to have objected to is lifted with it.
///
/// # Errors
/// [`Fault::Invalid`] once something was given out or done for them; [`Fault::Changed`] if it is closed, or nobody's.
pub fn untie(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    if asked.tied_on.is_none() {
        return Err(Fault::Changed);
    }
    nobodys(acting, tx, &asked, None)
}

/// Takes a request off whoever it was filed to by an address or a number that several share, with the reason. Its day stays as it is,
/// and somebody says whose it is, as of every request of nobody known.
///
/// # Errors
/// [`Fault::Invalid`] without a reason, or once something was given out or done for them; [`Fault::Changed`] if it is closed, or nobody's.
pub fn misfiled(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, why: &str) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let why = text("misfiled-why", why)?
        .ok_or_else(|| Fault::field("misfiled-why", "Write how you know that it is not theirs."))?;
    nobodys(acting, tx, &asked, Some(&why))
}

fn nobodys(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest, why: Option<&str>) -> Result<(), Fault> {
    let request = asked.id;
    let (Some(was), None, None) = (asked.person, asked.closed_on, asked.unknown_since) else {
        return Err(Fault::Changed);
    };
    if let Some(done) = given_out(acting, tx, asked)? {
        let words =
            format!("This cannot be taken back any more: {done}. Answer it, or refuse it with the reason.");
        return Err(Fault::field("whose", words));
    }
    let made = objection::of_request(tx, &acting.policy, request)?;
    let theirs: BTreeSet<ObjectionId> = made.into_iter().map(|(made, _)| made).collect();
    let life = acting.life(tx, was)?;
    for made in life.objections.iter().filter(|made| theirs.contains(&made.id)) {
        let another = life.objections.iter().any(|other| {
            other.scope == made.scope && !theirs.contains(&other.id) && other.lifted_on.is_none()
        });
        if let Some(forbids) = Forbids::by(&made.scope).filter(|_| !another) {
            let keys = acting.instance.store.keys();
            suppression::lift_person(tx, keys, was, forbids, Lifted::With(request), acting.today)?;
        }
    }
    still_stopped(acting, tx, asked, &life)?;
    // What ended by it begins again; only then nothing of it stays with them.
    theirs.iter().try_for_each(|made| objection::lift(tx, *made, acting.today))?;
    acting.settle(tx, was)?;
    let nobody = person::add(tx, acting.now)?;
    identity::withdraw(tx, request)?;
    delivery::withdraw(tx, request)?;
    // The name and the initials it has may be of the one it is taken off.
    let name = request::SOMEBODY;
    request::untie(tx, request, nobody, (name, &normal::initials(name)), acting.today)?;
    request::step(tx, request, acting.today, request::UNTIED, why, acting.staff_id(), acting.now)?;
    acting.settle(tx, nobody)?;
    acting.settle(tx, was)?;
    acting.log(tx, "request.untied", &[nobody], &json!({ "request": request.0, "on": acting.today }))
}

/// Whoever a request is of, advertising to the address they gave has stopped, and nobody weighs that: it is no slip of ours that brings
/// it back.
fn still_stopped(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    filed_to: &Life,
) -> Result<(), Fault> {
    let stops = matches!(asked.kind, Kind::Objection | Kind::NoContact) && asked.behalf.is_none();
    let Some(reach) = asked.reach.as_ref().filter(|_| stops) else { return Ok(()) };
    let grant = answering(acting, &[filed_to])?;
    acting.opens("request.read", &grant);
    let reach = copy::text(reach, &grant)?;
    let kind = if normal::email(&reach).is_some() { "email" } else { "phone" };
    let (keys, since) = (acting.instance.store.keys(), asked.received_on);
    suppression::add(tx, keys, kind, &reach, Forbids::Marketing, since, "objection", acting.now)?;
    Ok(())
}
