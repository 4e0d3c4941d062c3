//! A request arrives: by whom, for whom, by which door; what nobody may weigh is carried out in the act that writes it down.

use custody::act::Asked;
use custody::id::{PersonId, RequestId};
use custody::life::Scope;
use custody::{Gate, Life, Verb};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::role::Deed;
use policy::{Basis, Sort};
use serde_json::json;
use store::normal::{self, Shape};
use store::objection::NewObjection;
use store::request::{self, NewRequest};
use store::suppression::{self, Forbids};
use store::task::{Kind, NewTask};
use store::{Tx, item, organisation, person, search};

use super::{ASKS, Arrived, Who, answering, complete, on_desk, people, text};
use crate::acts::person::act;
use crate::acts::{Acting, task};
use crate::fault::Fault;
use crate::print::copy;

/// Writes a request down and computes by when it must be answered. No more advertising and no more contact are
/// carried out and closed in this very act.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::Invalid`] for a day to come, or a name that
/// several people have.
pub fn open(acting: &Acting<'_>, tx: &Tx<'_>, new: &Arrived) -> Result<RequestId, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let (person, name) = who(acting, tx, &new.who)?;
    let meant = match &new.who {
        Who::Held(_) => Meant::Them,
        // Whoever is written down by nothing but an address or a number is whoever has it: a mark stops that, held or not.
        Who::Said(said) if found(acting, tx, said)?.len() == 1 || shape(said).is_some() => Meant::Them,
        Who::Said(_) => Meant::Somebody,
    };
    let request = written(acting, tx, new, (person, &name), (&request::From::default(), meant))?;
    if request::one(tx, &acting.policy, request)?.closed_on.is_none() {
        crate::acts::letter::acknowledge(acting, tx, crate::acts::letter::About::Request(request))?;
    }
    Ok(request)
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
    if from.behalf.is_some() && from.authority.is_none() {
        return Err(Fault::field(
            "authority",
            "Write what lets them ask: they are the parent, they showed a letter.",
        ));
    }
    if from.seen_on.is_some_and(|seen| seen > acting.today) {
        return Err(Fault::field("seen", "This day has not come yet."));
    }
    request::asked_from(tx, request, from)?;
    if from.behalf.is_some() && from.seen_on.is_some() {
        request::step(tx, request, acting.today, "authority seen", None, acting.staff_id(), acting.now)?;
    }
    acting.log(tx, "request.asked_from", &people(&asked), &json!({ "request": request.0 }))
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
    )
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
    (person, name): (PersonId, &str),
    (from, meant): (&request::From<'_>, Meant),
) -> Result<RequestId, Fault> {
    let asked = ASKS.iter().find(|(word, ..)| *word == new.ask);
    let (word, kind, _) = asked.ok_or_else(|| Fault::field("kind", "Choose what they ask."))?;
    if new.received_on > acting.today {
        return Err(Fault::field("received", "This day has not come yet."));
    }
    let words = text("words", &new.words)?;
    let life = acting.life(tx, person)?;
    let record = acting.policy.kind_named("request record").ok_or(Fault::NotFound)?;
    let store = act(Verb::Store, None, Asked::Exactly([record.id].into_iter().collect()));
    acting.decide(&store, &[&life], &Gate::default())?;
    let belongs = organisation::of_people(tx, &[person])?;
    let belongs = belongs.into_iter().find(|belongs| belongs.until.is_none_or(|until| acting.today < until));
    let request = NewRequest {
        kind: *kind,
        person,
        name,
        organisation: belongs.as_ref().map(|belongs| belongs.name.as_str()),
        received_on: new.received_on,
        channel: &new.channel,
        words: words.as_deref(),
        owner: acting.staff_id(),
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
    match *word {
        "advertising" => {
            let scope = Scope::Purpose(Purpose::DirectMarketing);
            stop(acting, tx, (request, person), new, &scope)?;
            finish(acting, tx, (request, person), meant, "Stopped at once: no more advertising.")?;
        }
        "no contact" => {
            stop(acting, tx, (request, person), new, &Scope::AllContact)?;
            finish(acting, tx, (request, person), meant, "Stopped at once: no more contact.")?;
        }
        "objection" => {
            for scope in disputed(acting, &life) {
                objected(acting, tx, request, person, new, &scope)?;
            }
        }
        _ => {}
    }
    Ok(request)
}

/// Somebody with the name the register keeps.
pub(in crate::acts) fn who(acting: &Acting<'_>, tx: &Tx<'_>, who: &Who) -> Result<(PersonId, String), Fault> {
    let (person, said) = match who {
        Who::Held(person) => (*person, String::new()),
        Who::Said(said) => {
            let said = text("who", said)?.ok_or_else(|| Fault::field("who", "Write who is asking."))?;
            match found(acting, tx, &said)?.as_slice() {
                [] => {
                    let person = person::add(tx, acting.now)?;
                    return Ok((person, said));
                }
                [person] => (*person, said),
                _ => {
                    return Err(Fault::field(
                        "who",
                        "More than one person is found by this. Find the right one under People and open the request there.",
                    ));
                }
            }
        }
    };
    let life = acting.life(tx, person)?;
    let grant = answering(acting, &[&life])?;
    acting.opens("request.opened", &grant);
    let name = person::names(tx, &acting.policy, &[person])?
        .into_iter()
        .find_map(|name| copy::text(&name, &grant).ok());
    Ok((person, name.unwrap_or(said)))
}

/// Whom an address, a number or a name belongs to.
fn found(acting: &Acting<'_>, tx: &Tx<'_>, said: &str) -> Result<Vec<PersonId>, Fault> {
    let Some(shape) = shape(said) else { return Ok(search::find(tx, said, &acting.reach(), 3)?) };
    let mut found = Vec::new();
    for kind in kinds_of(acting, shape) {
        found.extend(item::having(tx, kind, said)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Whether a text is an address or a number, and which.
pub(in crate::acts) fn shape(said: &str) -> Option<Shape> {
    match (normal::email(said), normal::phone(said)) {
        (Some(_), _) => Some(Shape::Email),
        (None, Some(_)) => Some(Shape::Phone),
        (None, None) => None,
    }
}

/// The kinds of details of this shape.
pub(in crate::acts) fn kinds_of<'a>(acting: &'a Acting<'_>, shape: Shape) -> impl Iterator<Item = &'a str> {
    let items = acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item);
    items.filter(move |kind| Shape::of(&kind.name) == shape).map(|kind| kind.name.as_str())
}

/// Ends at once what nobody may weigh, also for an address or number that is given and not held.
fn stop(
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
fn finish(
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
    let owner = match acting.staff_id() {
        Some(staff) => Some(staff),
        None => task::whoever(acting, tx, Deed::AnswerRequests, &[])?,
    };
    request::assign(tx, request, owner)?;
    let what = "Find out who asks us to stop: nobody we hold is known by what they gave, or several are. Object for whoever it is, \
                today, or ask them who they are";
    let new = NewTask {
        person: Some(person),
        request: Some(request),
        owner,
        blocks: true,
        due_on: Some(acting.today),
        ..NewTask::new(Kind::Other, what)
    };
    store::task::add(tx, &new, acting.now)?;
    Ok(())
}

fn objected(
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

/// What an objection to more than advertising puts in doubt: every activity that rests on an interest.
fn disputed(acting: &Acting<'_>, life: &Life) -> Vec<Scope> {
    let mut scopes = vec![Scope::Purpose(Purpose::DirectMarketing)];
    let active = life.grounds.iter().filter(|ground| ground.active(acting.today));
    for ground in active {
        let rule = acting.policy.rules.get(ground.rule.index());
        let Some(activity) = rule.and_then(|rule| acting.policy.activity(rule.activity)) else { continue };
        let weighed = matches!(
            activity.basis,
            Basis::LegitimateInterests { .. } | Basis::PublicTask { .. } | Basis::RecognisedInterest { .. }
        );
        let scope = Scope::Activity(activity.id);
        if weighed && activity.purpose != Purpose::DirectMarketing && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}
