//! Weighing what somebody objects to, use by use (UK GDPR Art 21(1)): what rests on an interest of ours is stored and not used from
//! when it is known who asks, until somebody has decided of each use whether it stops or goes on, and they are told.

use custody::id::{EngagementId, ObjectionId, PersonId, RequestId};
use custody::life::Scope;
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::{ActivityId, Basis};
use serde_json::json;
use store::disclosure::Telling;
use store::objection::{self, NewObjection, Verdict, Waiting, Weighed};
use store::request::{self, Kind, SubjectRequest};
use store::{Tx, person, task};

use super::arriving::{Meant, WHO_OBJECTS, finish, stop};
use super::{
    Arrived, Outcome, Who, answering, entitled, identified, on_desk, people, recipients, tell,
    tell_recipients, text,
};
use crate::acts::engagement::{Ahead, ahead_of};
use crate::acts::{Acting, consent, identity};
use crate::fault::Fault;
use crate::print::copy;
use crate::web::page::FieldError;

/// Something that is done with somebody's data, and that they object to.
#[derive(Clone, Debug)]
pub struct Use {
    /// The objection.
    pub objection: ObjectionId,
    /// What is done, as the notice calls it.
    pub title: String,
    /// What for, as the notice says it.
    pub so_that: Option<String>,
    /// The activity, where it is one.
    pub activity: Option<ActivityId>,
    /// What was decided, if anything was.
    pub decided: Option<Weighed>,
}

/// What is answered of one use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// The objection.
    pub objection: ObjectionId,
    /// What becomes of it; nothing where nobody said.
    pub verdict: Option<Verdict>,
    /// Why it goes on, if it does.
    pub because: String,
}

/// What came of one thing that somebody may object to or took back, as they are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Came {
    /// It has stopped.
    Stopped,
    /// It goes on, for this reason.
    GoesOn(String),
    /// It goes on, since they do not object to it.
    NotMeant,
}

/// How far the weighing came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// There is nothing to weigh.
    Nothing,
    /// Somebody has to decide.
    Open,
    /// It is decided, and comes to this.
    Came(Outcome),
}

/// What waits until it is on record who asks is done now, if it is: what rests on an interest is put in doubt, or all contact stops.
///
/// # Errors
/// Whatever the store says.
pub fn known(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<(), Fault> {
    let asked = request::one(tx, &acting.policy, request)?;
    let open = asked.closed_on.is_none() && asked.unknown_since.is_none();
    let Some(person) = asked.person.filter(|_| open) else { return Ok(()) };
    let entitled = asked.behalf.is_none() || asked.authority_seen_on.is_some();
    if !entitled || !identity::on_record(&request::steps(tx, &acting.policy, &asked)?) {
        return Ok(());
    }
    match asked.kind {
        Kind::Objection => {
            for task in task::of_request(tx, asked.id)? {
                if task.done_on.is_none() && task.what == WHO_OBJECTS {
                    task::done(tx, task.id, acting.today, acting.staff_id(), Some("it is known who asks"))?;
                }
            }
            in_doubt(acting, tx, (&asked, person))
        }
        Kind::NoContact => no_contact(acting, tx, (&asked, person)),
        _ => Ok(()),
    }
}

/// Every activity of theirs that rests on an interest of ours is stored and not used until it is weighed.
fn in_doubt(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, person): (&SubjectRequest, PersonId),
) -> Result<(), Fault> {
    if objection::weighs(tx, asked.id)? {
        return Ok(());
    }
    let all = disputed(acting, &acting.life(tx, person)?);
    if all.is_empty() {
        return Ok(());
    }
    for activity in &all {
        let new = NewObjection {
            person,
            scope: &Scope::Activity(*activity),
            made_on: asked.received_on,
            how: &asked.channel,
            words: None,
            request: Some(asked.id),
            by: acting.staff_id(),
        };
        crate::acts::objection::write(acting, tx, &new)?;
    }
    // What is in doubt is restricted (Art 18(1)(d)), and whoever has it from us is told (Art 19); of nothing that goes on.
    tell_recipients(acting, tx, (person, Some(asked.id)), (Telling::Restricted, Some(all.as_slice())))
}

/// No more contact, also at the address they gave; where somebody asks for them it is that one's, and stays as it is.
fn no_contact(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, person): (&SubjectRequest, PersonId),
) -> Result<(), Fault> {
    let grant = answering(acting, &[&acting.life(tx, person)?])?;
    acting.opens("request.read", &grant);
    let reach = asked.reach.as_ref().map(|reach| copy::text(reach, &grant)).transpose()?;
    let new = Arrived {
        ask: String::new(),
        who: reach.filter(|_| asked.behalf.is_none()).map_or(Who::Held(person), Who::Said),
        received_on: asked.received_on,
        channel: asked.channel.clone(),
        words: String::new(),
    };
    stop(acting, tx, (asked.id, person), &new, &Scope::AllContact)?;
    finish(acting, tx, (asked.id, person), Meant::Them, "Stopped: no more contact.")
}

/// What an objection to more than advertising puts in doubt: every activity that rests on an interest.
fn disputed(acting: &Acting<'_>, life: &Life) -> Vec<ActivityId> {
    let mut found = Vec::new();
    for ground in life.grounds.iter().filter(|ground| ground.active(acting.today)) {
        let rule = acting.policy.rules.get(ground.rule.index());
        let Some(activity) = rule.and_then(|rule| acting.policy.activity(rule.activity)) else { continue };
        let weighed = matches!(
            activity.basis,
            Basis::LegitimateInterests { .. } | Basis::PublicTask { .. } | Basis::RecognisedInterest { .. }
        );
        if weighed && activity.purpose != Purpose::DirectMarketing && !found.contains(&activity.id) {
            found.push(activity.id);
        }
    }
    found
}

/// What somebody objects to with this request and is not told about yet, use by use.
///
/// # Errors
/// Whatever the store says.
pub fn uses(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Vec<Use>, Fault> {
    let Some(person) = asked.person.filter(|_| asked.kind == Kind::Objection) else { return Ok(Vec::new()) };
    let waiting = objection::waiting(tx, &acting.policy, person)?;
    let theirs = waiting.into_iter().filter(|one| one.request == Some(asked.id));
    Ok(theirs.map(|one| shown(acting, one)).collect())
}

fn shown(acting: &Acting<'_>, one: Waiting) -> Use {
    let (title, so_that, activity) = match &one.scope {
        Scope::Activity(id) => {
            let activity = acting.policy.activity(*id);
            (
                activity.map_or_else(String::new, |activity| activity.title.clone()),
                activity.and_then(|activity| activity.so_that.clone()),
                Some(*id),
            )
        }
        other => {
            let (_, named) = objection::scope_name(&acting.policy, other);
            (format!("All that we do for {}", named.unwrap_or("this")), None, None)
        }
    };
    Use { objection: one.id, title, so_that, activity, decided: one.weighed }
}

/// How far the weighing came, with whether they took something back by the same request: that was done, whatever goes on. What they do
/// not object to makes no answer less than whole.
#[must_use]
pub fn stage(uses: &[Use], back: bool) -> Stage {
    let some = |is: fn(&Weighed) -> bool| uses.iter().filter_map(|one| one.decided.as_ref()).any(is);
    let stopped = back || some(|decided| matches!(decided, Weighed::Stops));
    let goes_on = some(|decided| matches!(decided, Weighed::GoesOn(_)));
    match (stopped, goes_on) {
        _ if uses.is_empty() => Stage::Nothing,
        _ if uses.iter().any(|one| one.decided.is_none()) => Stage::Open,
        (_, false) => Stage::Came(Outcome::Done),
        (true, true) => Stage::Came(Outcome::Partly),
        (false, true) => Stage::Came(Outcome::Refused),
    }
}

/// How far the weighing of a request came.
///
/// # Errors
/// Whatever the store says.
pub fn came_to(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Stage, Fault> {
    stage_of(acting, tx, asked, &uses(acting, tx, asked)?)
}

/// The same where its uses are read already.
fn stage_of(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest, uses: &[Use]) -> Result<Stage, Fault> {
    let back = !uses.is_empty() && !taken_back(acting, tx, asked)?.is_empty();
    Ok(stage(uses, back))
}

/// What was decided of each use, as they are told: what it is called, and why it goes on where it does; and what they took back with
/// this request of what they had agreed to. Nothing until all is decided.
///
/// # Errors
/// Whatever the store says; where the grant does not cover a reason.
pub fn decided(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    grant: &Grant,
) -> Result<Vec<(String, Came)>, Fault> {
    let uses = uses(acting, tx, asked)?;
    if uses.iter().any(|one| one.decided.is_none()) {
        return Ok(Vec::new());
    }
    let one = |one: &Use| {
        let came = match &one.decided {
            Some(Weighed::GoesOn(because)) => Came::GoesOn(copy::text(because, grant)?),
            Some(Weighed::NotMeant) => Came::NotMeant,
            Some(Weighed::Stops) | None => Came::Stopped,
        };
        Ok((one.title.clone(), came))
    };
    let mut decided = uses.iter().map(one).collect::<Result<Vec<_>, Fault>>()?;
    for (_, title) in taken_back(acting, tx, asked)? {
        decided.push((copy::text(&title, grant)?, Came::Stopped));
    }
    Ok(decided)
}

/// What they took back with this request of what they had agreed to, and when.
///
/// # Errors
/// Whatever the store says.
pub fn taken_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
) -> Result<Vec<(Date, Sealed)>, Fault> {
    let steps = request::steps(tx, &acting.policy, asked)?;
    let back = steps.into_iter().filter(|step| step.step == request::TAKEN_BACK);
    Ok(back.filter_map(|step| Some((step.on, step.note?))).collect())
}

/// Takes back what somebody agreed to, because they ask for it with this request: at once, and nobody weighs it (UK GDPR Art 7(3)).
///
/// # Errors
/// [`Fault::Invalid`] until it is said how we know who asks, and what lets whoever asks for another; [`Fault::NotFound`] if they agreed
/// to no such thing; [`Fault::Changed`] if the request is closed, or nobody's.
pub fn take_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (activity, engagement): (&str, Option<EngagementId>),
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let open = asked.closed_on.is_none() && asked.unknown_since.is_none();
    let Some(person) = asked.person.filter(|_| open && asked.kind == Kind::Objection) else {
        return Err(Fault::Changed);
    };
    entitled(&asked)?;
    identified(acting, tx, &asked)?;
    consent::take_back(acting, tx, person, (activity, engagement))?;
    let title = acting.policy.activity_named(activity).map_or(activity, |known| known.title.as_str());
    let by = acting.staff_id();
    request::step(tx, request, acting.today, request::TAKEN_BACK, Some(title), by, acting.now)?;
    let body = json!({ "request": request.0, "step": request::TAKEN_BACK });
    acting.log(tx, "request.noted", &people(&asked), &body)
}

/// The same in a sentence or two, for the register.
#[must_use]
pub fn said(decided: &[(String, Came)]) -> Option<String> {
    let titles = |wanted: &Came| {
        let of = decided.iter().filter(|(_, came)| came == wanted).map(|(title, _)| title.as_str());
        Some(of.collect::<Vec<_>>().join("; ")).filter(|titles| !titles.is_empty())
    };
    let mut said: Vec<String> =
        titles(&Came::Stopped).into_iter().map(|all| format!("Stopped: {all}.")).collect();
    for (title, came) in decided {
        if let Came::GoesOn(why) = came {
            said.push(format!("Goes on: {title}. {}", crate::web::error::sentence(why)));
        }
    }
    said.extend(titles(&Came::NotMeant).map(|all| format!("Not objected to: {all}.")));
    (!said.is_empty()).then(|| said.join(" "))
}

/// What was answered of each use, or what is to put right.
fn checked(uses: &[Use], answers: &[Answered]) -> Result<Vec<(ObjectionId, Verdict, Option<String>)>, Fault> {
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for one in uses {
        let answer = answers.iter().find(|answer| answer.objection == one.objection);
        let mut say = |field: &str, words: &str| {
            wrong.push(FieldError { field: format!("{field}-{}", one.objection), words: words.to_owned() });
        };
        match answer.map(|answer| (answer.verdict, text("why", &answer.because))) {
            Some((Some(Verdict::GoesOn), Ok(Some(because)))) => {
                good.push((one.objection, Verdict::GoesOn, Some(because)));
            }
            Some((Some(Verdict::GoesOn), Ok(None))) => say(
                "why",
                "Write why this outweighs what they say, or which claim it is needed for: they have a right to the reason.",
            ),
            Some((Some(Verdict::GoesOn), Err(_))) => say("why", "This is too long."),
            Some((Some(verdict), _)) => good.push((one.objection, verdict, None)),
            _ => say("use", "Say whether it stops or goes on."),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(Fault::Invalid(wrong)) }
}

fn open(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<(SubjectRequest, Vec<Use>), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let uses = uses(acting, tx, &asked)?;
    if asked.closed_on.is_some() || uses.is_empty() {
        return Err(Fault::Changed);
    }
    Ok((asked, uses))
}

/// What would stay and what would go in the coming night if they were told this today. It changes nothing.
///
/// # Errors
/// [`Fault::Invalid`] unless each use has an answer, and what goes on a reason; [`Fault::Changed`] if nothing waits to be weighed.
pub fn foreseen(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    answers: &[Answered],
) -> Result<Ahead, Fault> {
    let (asked, uses) = open(acting, tx, request)?;
    let answers = checked(&uses, answers)?;
    let mut life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    for made in &mut life.objections {
        match answers.iter().find(|(objection, ..)| *objection == made.id) {
            Some((_, Verdict::Stops, _)) => made.upheld_on = Some(acting.today),
            Some((_, Verdict::GoesOn | Verdict::NotMeant, _)) => made.lifted_on = Some(acting.today),
            None => {}
        }
    }
    ahead_of(acting, tx, &life)
}

/// Decides of each use whether it stops or goes on, and why, or that they do not object to it. It happens when they are told, and can
/// be decided anew until then.
///
/// # Errors
/// As [`foreseen`].
pub fn weigh(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    answers: &[Answered],
) -> Result<(), Fault> {
    let (asked, uses) = open(acting, tx, request)?;
    let answers = checked(&uses, answers)?;
    for (objection, verdict, because) in &answers {
        objection::weigh(tx, *objection, *verdict, because.as_deref())?;
    }
    request::step(tx, request, acting.today, objection::DECIDED, None, acting.staff_id(), acting.now)?;
    let many = |wanted| answers.iter().filter(|(_, verdict, _)| *verdict == wanted).count();
    let body = json!({
        "request": request.0,
        "stop": many(Verdict::Stops),
        "go on": many(Verdict::GoesOn),
        "not meant": many(Verdict::NotMeant),
    });
    acting.log(tx, "request.weighed", &people(&asked), &body)
}

/// Refuses an answer that is not what was decided use by use, or one before that was decided.
///
/// # Errors
/// [`Fault::Invalid`] on `field`.
pub fn fits(stage: Stage, outcome: Outcome, field: &str) -> Result<(), Fault> {
    match stage {
        Stage::Came(came) if came != outcome => Err(Fault::field(
            field,
            "This is not what was decided use by use. Decide again what stops and what goes on, or answer what was decided.",
        )),
        Stage::Open => Err(Fault::field(
            field,
            "Say of each use first whether it stops or goes on, and why: only then is it clear what is done.",
        )),
        _ => Ok(()),
    }
}

/// Refuses to call it done that nobody gets in touch with them any more, before this request has stopped all contact.
///
/// # Errors
/// [`Fault::Invalid`] on `field`.
pub fn no_more_contact(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    outcome: Outcome,
    field: &str,
) -> Result<(), Fault> {
    if (asked.kind, outcome) != (Kind::NoContact, Outcome::Done) {
        return Ok(());
    }
    let made = objection::of_request(tx, &acting.policy, asked.id)?;
    if made.iter().any(|(_, scope)| *scope == Some(Scope::AllContact)) {
        return Ok(());
    }
    Err(Fault::field(
        field,
        "What we offer has stopped, and other contact has not yet: say first how we know who asks. It is answered with that.",
    ))
}

/// Carries out what was decided of what somebody objected to with this request, now that they are told; what nobody decided by
/// itself is as the whole answer says. What the register says of it.
pub(super) fn carry_out(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    (outcome, told): (Outcome, Option<&str>),
) -> Result<Option<String>, Fault> {
    let uses = uses(acting, tx, asked)?;
    let stage = stage_of(acting, tx, asked, &uses)?;
    // One answer for all of it is one for each use; one in part says nothing of any.
    if stage != Stage::Open || outcome == Outcome::Partly {
        fits(stage, outcome, "answer")?;
    }
    if stage == Stage::Open {
        let because = told.filter(|_| outcome == Outcome::Refused);
        let verdict = if because.is_some() { Verdict::GoesOn } else { Verdict::Stops };
        uses.iter().try_for_each(|one| objection::weigh(tx, one.objection, verdict, because))?;
    }
    let said = match asked.person.filter(|_| !uses.is_empty()) {
        Some(person) if person::exists(tx, person)? => {
            let grant = answering(acting, &[&acting.life(tx, person)?])?;
            acting.opens("request.read", &grant);
            said(&decided(acting, tx, asked, &grant)?)
        }
        _ => None,
    };
    let decided = self::uses(acting, tx, asked)?;
    for (objection, scope) in objection::of_request(tx, &acting.policy, asked.id)? {
        let weighed = scope.is_none_or(|scope| !objection::is_marketing(&acting.policy, &scope));
        let goes_on = match decided.iter().find(|one| one.objection == objection) {
            Some(one) => matches!(one.decided, Some(Weighed::GoesOn(_) | Weighed::NotMeant)),
            None => outcome == Outcome::Refused && weighed,
        };
        match goes_on {
            true => objection::lift(tx, objection, acting.today)?,
            false => objection::uphold(tx, objection, acting.today)?,
        }
    }
    if let Some(person) = asked.person.filter(|_| !decided.is_empty())
        && person::exists(tx, person)?
    {
        tell_what_came(acting, tx, (asked.id, person), &decided)?;
    }
    Ok(said)
}

/// Tells recipients what came of what was in doubt: that it stops, or, where they had heard that it may only be stored, that it goes on.
/// Nobody is told any more that it is in doubt.
fn tell_what_came(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (request, person): (RequestId, PersonId),
    decided: &[Use],
) -> Result<(), Fault> {
    let of = (person, Some(request));
    task::superseded(tx, of, Telling::Restricted)?;
    let stop: Vec<&Use> = decided.iter().filter(|one| matches!(one.decided, Some(Weighed::Stops))).collect();
    // Whoever has it for a use that goes on goes on, too; what stops and is no one activity is all of it.
    let under: Option<Vec<ActivityId>> = stop.iter().map(|one| one.activity).collect();
    let stopped = match stop.is_empty() {
        true => Vec::new(),
        false => recipients(acting, tx, person, under.as_deref())?,
    };
    tell(acting, tx, of, Telling::Stopped, &stopped)?;
    if acting.life(tx, person)?.restriction.is_some() {
        return Ok(());
    }
    let heard = task::left_in_doubt(tx, person)?;
    let mut goes_on = recipients(acting, tx, person, None)?;
    goes_on.retain(|one| heard.contains(one) && !stopped.contains(one));
    goes_on.iter().try_for_each(|one| Ok::<(), Fault>(task::goes_on_no_more(tx, person, one)?))?;
    tell(acting, tx, of, Telling::GoesOn, &goes_on)
}
