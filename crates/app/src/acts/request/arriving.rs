//! A request arrives: by whom, for whom, by which door; what nobody may weigh is carried out in the act that writes it down.

use custody::act::Asked;
use custody::id::{PersonId, RequestId, StaffId};
use custody::life::Scope;
use custody::{Gate, Life, Verb};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::role::Deed;
use serde_json::json;
use store::normal;
use store::objection::NewObjection;
use store::request::{self, NewRequest};
use store::suppression::{self, Forbids};
use store::task::{Kind, NewTask};
use store::{Tx, organisation};

use super::weighing::known;
use super::whose::{Whose, shape, who};
use super::{ASKS, Arrived, Who, complete, on_desk, people, text};
use crate::acts::person::act;
use crate::acts::{Acting, identity, letter, task};
use crate::fault::Fault;

/// What anybody may stop for anybody, and nobody weighs (UK GDPR Art 21(3)).
pub(super) const MARKETING: Scope = Scope::Purpose(Purpose::DirectMarketing);

/// The step that says that somebody whom nobody knows yet asks for an end of advertising and for nothing else.
pub(super) const NOTHING_ELSE: &str = "asked for an end of advertising and nothing else";

/// Writes a request down and computes by when it must be answered. Anybody of the staff may: whoever takes the call need not
/// be who answers, and learns nothing by it. No more advertising and no more contact are carried out in this very act.
///
/// # Errors
/// [`Fault::Invalid`] for a day to come; [`Fault::NotFound`] for somebody out of sight.
pub fn open(acting: &Acting<'_>, tx: &Tx<'_>, new: &Arrived) -> Result<RequestId, Fault> {
    taken(acting, tx, new, (&request::From::default(), None))
}

/// The same, with where they want to be answered, who asks for them, and how whoever takes it knows that it is they.
///
/// # Errors
/// As [`open`]; [`Fault::Invalid`] if somebody asks for another on no authority.
pub fn taken(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    new: &Arrived,
    (from, how): (&request::From<'_>, Option<&str>),
) -> Result<RequestId, Fault> {
    authorised(acting, from)?;
    let how = how.map(|how| identity::way("known", how)).transpose()?;
    let whose = who(acting, tx, &new.who)?;
    // Whoever is written down by nothing but an address or a number is whoever has it: a mark stops that, held or not.
    let by_address =
        matches!(&new.who, Who::Said(said) if shape(said).is_some()) && !at_their_own(from, &new.who);
    let meant = if whose.known || by_address { Meant::Them } else { Meant::Somebody };
    let request = written(acting, tx, new, &whose, (from, meant))?;
    let asked = request::one(tx, &acting.policy, request)?;
    let by = acting.staff_id();
    // What was said of whoever rings is kept, also where what they ask is done by now.
    match how {
        Some(how) if from.behalf.is_some() => {
            request::step(tx, request, acting.today, identity::ASKER_KNOWN, Some(how), by, acting.now)?;
        }
        Some(how) if whose.known => identity::shown(acting, tx, &asked, (how, acting.today))?,
        _ => {}
    }
    if asked.closed_on.is_some() {
        return Ok(request);
    }
    if from.behalf.is_some() && from.seen_on.is_some() {
        request::step(tx, request, acting.today, "authority seen", None, by, acting.now)?;
    }
    letter::acknowledge(acting, tx, letter::About::Request(request))?;
    Ok(request)
}

/// Whether the address that was given is of whoever asks for another: nothing is known of that other by it, and nothing stops there.
fn at_their_own(from: &request::From<'_>, who: &Who) -> bool {
    from.behalf.is_some() && matches!(who, Who::Said(said) if from.reach == Some(said.as_str()))
}

/// Refuses what somebody asks for another without a word on what lets them, or on a day to come.
fn authorised(acting: &Acting<'_>, from: &request::From<'_>) -> Result<(), Fault> {
    if from.behalf.is_some() && from.authority.is_none() {
        return Err(Fault::field(
            "authority",
            "Write what lets them ask: they are the parent, they showed a letter.",
        ));
    }
    if from.seen_on.is_some_and(|seen| seen > acting.today) {
        return Err(Fault::field("seen", "This day has not come yet."));
    }
    Ok(())
}

/// Who asks for whom, and where they want to be answered, as somebody here wrote it down.
///
/// # Errors
/// [`Fault::Invalid`] if somebody asks for another on no authority, or nobody says when it was seen.
pub fn asked_from(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    from: &request::From<'_>,
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    authorised(acting, from)?;
    request::asked_from(tx, request, from)?;
    if from.behalf.is_some() && from.seen_on.is_some() {
        request::step(tx, request, acting.today, "authority seen", None, acting.staff_id(), acting.now)?;
    }
    acting.log(tx, "request.asked_from", &people(&asked), &json!({ "request": request.0 }))?;
    // Whoever asks for themselves after all needs nothing that lets them.
    known(acting, tx, request)
}

/// Somebody here looked at what lets whoever asks do so for another. Nothing of it is kept.
///
/// # Errors
/// [`Fault::NotFound`] if nobody asks for another; [`Fault::Invalid`] for a day to come.
pub fn authority_seen(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, on: Date) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    if asked.behalf.is_none() {
        return Err(Fault::NotFound);
    }
    request::authority_seen(tx, request, on)?;
    request::step(tx, request, on, "authority seen", None, acting.staff_id(), acting.now)?;
    acting.log(
        tx,
        "request.noted",
        &people(&asked),
        &json!({ "request": request.0, "step": "authority seen" }),
    )?;
    known(acting, tx, request)
}

/// Whether it is certain whose data a request is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::acts) enum Meant {
    /// The one person it was written down for, and nobody else.
    Them,
    /// Perhaps somebody else whom we hold: somebody here finds out.
    Somebody,
}

/// Writes it down, whoever took it. What nobody may weigh is done in this act, and called done only where it is certain whom it
/// is about.
///
/// # Errors
/// As [`open`].
pub(in crate::acts) fn written(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    new: &Arrived,
    whose: &Whose,
    (from, meant): (&request::From<'_>, Meant),
) -> Result<RequestId, Fault> {
    let person = whose.person;
    let asked = ASKS.iter().find(|(word, ..)| *word == new.ask);
    let (word, kind, _) = asked.ok_or_else(|| Fault::field("kind", "Choose what they ask."))?;
    if new.received_on > acting.today {
        return Err(Fault::field("received", "This day has not come yet."));
    }
    let words = text("words", &new.words)?;
    let life = acting.life(tx, person)?;
    may_take(acting, &life, "request record")?;
    let belongs = organisation::of_people(tx, &[person])?;
    let belongs = belongs.into_iter().find(|belongs| belongs.until.is_none_or(|until| acting.today < until));
    let request = NewRequest {
        kind: *kind,
        person,
        name: &whose.name,
        organisation: belongs.as_ref().map(|belongs| belongs.name.as_str()),
        received_on: new.received_on,
        channel: &new.channel,
        words: words.as_deref(),
        owner: answers(acting, tx)?,
        by: acting.staff_id(),
    };
    let request = request::open(tx, &acting.policy, &request, acting.now)?;
    acting.log(
        tx,
        "request.opened",
        &[person],
        &json!({ "request": request.0, "kind": kind.name(), "on": new.received_on }),
    )?;
    if *from != request::From::default() {
        request::asked_from(tx, request, from)?;
    }
    acting.settle(tx, person)?;
    let theirs;
    let new = if at_their_own(from, &new.who) {
        theirs = Arrived { who: Who::Held(person), ..new.clone() };
        &theirs
    } else {
        new
    };
    match *word {
        "advertising" => {
            stop(acting, tx, (request, person), new, &MARKETING)?;
            if meant == Meant::Somebody {
                let by = acting.staff_id();
                request::step(tx, request, acting.today, NOTHING_ELSE, None, by, acting.now)?;
            }
            finish(acting, tx, (request, person), meant, "Stopped at once: no more advertising.")?;
        }
        // Whoever is heard by one of us is believed; by the form anybody can name anybody, and nothing but advertising stops
        // before it is known who asks.
        "no contact" if acting.staff_id().is_some() => {
            stop(acting, tx, (request, person), new, &Scope::AllContact)?;
            finish(acting, tx, (request, person), meant, "Stopped at once: no more contact.")?;
        }
        "no contact" => {
            stop(acting, tx, (request, person), new, &MARKETING)?;
            if meant == Meant::Somebody {
                find_out(acting, tx, (request, person), (WHO_ASKS, true))?;
            }
        }
        "objection" => {
            objected(acting, tx, request, person, new, &MARKETING)?;
            // By the form anybody can give an address that we hold: until it is known that it is they, nothing else is in doubt.
            if acting.staff_id().is_none() && meant == Meant::Them {
                find_out(acting, tx, (request, person), (WHO_OBJECTS, false))?;
            }
        }
        _ => {}
    }
    if !whose.known && request::one(tx, &acting.policy, request)?.closed_on.is_none() {
        request::unknown(tx, request, acting.today)?;
        request::step(tx, request, acting.today, request::UNKNOWN, None, acting.staff_id(), acting.now)?;
    }
    Ok(request)
}

/// Asks whether what somebody asks may be written down of them, by whoever takes it.
pub(in crate::acts) fn may_take(acting: &Acting<'_>, life: &Life, record: &str) -> Result<(), Fault> {
    let record = acting.policy.kind_named(record).ok_or(Fault::NotFound)?;
    let verb = if acting.staff_id().is_some() { Verb::TakeDown } else { Verb::Store };
    let store = act(verb, None, Asked::Exactly([record.id].into_iter().collect()));
    acting.decide(&store, &[life], &Gate::default()).map(drop)
}

/// Who of the staff sees to it: whoever takes it, if they may answer; else somebody who may. A form finds them by itself.
pub(in crate::acts) fn answers(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Option<StaffId>, Fault> {
    match acting.staff_id() {
        Some(_) if !acting.may(Deed::AnswerRequests) => task::whoever(acting, tx, Deed::AnswerRequests, &[]),
        staff => Ok(staff),
    }
}

/// Ends at once what nobody may weigh, also for an address or number that is given and not held.
pub(super) fn stop(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (request, person): (RequestId, PersonId),
    new: &Arrived,
    scope: &Scope,
) -> Result<(), Fault> {
    objected(acting, tx, request, person, new, scope)?;
    if let (Who::Said(said), Some(forbids)) = (&new.who, Forbids::by(scope)) {
        let kind = if normal::email(said).is_some() { "email" } else { "phone" };
        let keys = acting.instance.store.keys();
        suppression::add(tx, keys, kind, said, forbids, new.received_on, "objection", acting.now)?;
    }
    Ok(())
}

/// Calls what was stopped done, where it is certain that it was stopped for whoever asked; else somebody here finds out today whose
/// it is, and it stays open until they have.
pub(super) fn finish(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (request, person): (RequestId, PersonId),
    meant: Meant,
    words: &str,
) -> Result<(), Fault> {
    if meant == Meant::Them {
        request::step(tx, request, acting.today, "stopped", None, acting.staff_id(), acting.now)?;
        return complete(acting, tx, request, acting.today, words).map(drop);
    }
    find_out(acting, tx, (request, person), (WHO_ASKS, true))
}

/// What is to be found out where nobody is known by what was given.
const WHO_ASKS: &str = "Find out who asks us to stop: nobody we hold is known by what they gave, or several are. Say on the request whose \
                        it is, today, or ask them who they are";

/// What is to be found out where an objection came by the form from an address that we hold.
pub(super) const WHO_OBJECTS: &str = "Find out whether it is they who object: it came by the form, from an address that we hold. Say on the \
                                      request how you know, today, or ask them who they are";

/// Gives somebody the task of finding out today whose it is; the request waits for it where it `blocks`.
fn find_out(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (request, person): (RequestId, PersonId),
    (what, blocks): (&str, bool),
) -> Result<(), Fault> {
    let owner = match answers(acting, tx)? {
        Some(staff) => Some(staff),
        None => task::whoever(acting, tx, Deed::AnswerRequests, &[])?,
    };
    request::assign(tx, request, owner)?;
    let new = NewTask {
        person: Some(person),
        request: Some(request),
        owner,
        blocks,
        due_on: Some(acting.today),
        ..NewTask::new(Kind::Other, what)
    };
    store::task::add(tx, &new, acting.now)?;
    Ok(())
}

pub(super) fn objected(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    person: PersonId,
    new: &Arrived,
    scope: &Scope,
) -> Result<(), Fault> {
    let words = Some(new.words.trim()).filter(|words| !words.is_empty());
    let objection = NewObjection {
        person,
        scope,
        made_on: new.received_on,
        how: &new.channel,
        words,
        request: Some(request),
        by: acting.staff_id(),
    };
    crate::acts::objection::write(acting, tx, &objection).map(drop)
}
