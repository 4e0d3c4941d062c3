//! Complaints about how we handle somebody's data (Data Protection Act 2018 s.164A): taken from anybody by any door, acknowledged
//! within thirty days, looked into from the first day, and answered with what came of it and where else to go.

use custody::id::{ComplaintId, PersonId, StaffId};
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::complaint::{self, Complaint, NewComplaint};
use store::{Tx, person, staff};

use super::letter::{self, About};
use super::request::{self as desk, Done, Who, Whose};
use super::{Acting, identity, task};
use crate::fault::Fault;

/// A complaint as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// The day it reached anybody here.
    pub received_on: Date,
    /// By what: `letter`.
    pub channel: String,
    /// In their words.
    pub words: String,
    /// Where they want to be answered.
    pub reach: Option<String>,
    /// Who complains for them, and on what authority.
    pub behalf: Option<String>,
}

/// Writes a complaint down. Anybody of the staff may: whoever takes it need not be who answers, and learns nothing by it.
///
/// # Errors
/// [`Fault::Invalid`] for a day to come; [`Fault::NotFound`] for somebody out of sight.
pub fn open(acting: &Acting<'_>, tx: &Tx<'_>, who: &Who, new: &Arrived) -> Result<ComplaintId, Fault> {
    let whose = desk::who(acting, tx, who)?;
    written(acting, tx, &whose, new)
}

/// Writes it down, whoever took it.
///
/// # Errors
/// [`Fault::Invalid`] for a day to come or a text that is too long.
pub(super) fn written(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whose: &Whose,
    new: &Arrived,
) -> Result<ComplaintId, Fault> {
    let (person, name) = (whose.person, whose.name.as_str());
    if new.received_on > acting.today {
        return Err(Fault::field("received", "This day has not come yet."));
    }
    let words = desk::text("words", &new.words)?;
    let life = acting.life(tx, person)?;
    desk::may_take(acting, &life, "complaint record")?;
    let owner = match desk::answers(acting, tx)? {
        Some(staff) => Some(staff),
        None => task::whoever(acting, tx, Deed::AnswerRequests, &[])?,
    };
    let complaint = NewComplaint {
        person,
        name,
        received_on: new.received_on,
        channel: &new.channel,
        words: words.as_deref(),
        reach: new.reach.as_deref(),
        behalf: new.behalf.as_deref(),
        owner,
        by: acting.staff_id(),
    };
    let complaint = complaint::open(tx, &acting.policy, &complaint, acting.now)?;
    acting.log(tx, "complaint.opened", &[person], &json!({ "complaint": complaint.0 }))?;
    acting.settle(tx, person)?;
    if !whose.known {
        complaint::unknown(tx, complaint, acting.today, acting.now)?;
    }
    letter::acknowledge(acting, tx, About::Complaint(complaint))?;
    Ok(complaint)
}

/// A complaint with the right to answer it.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn on_desk(acting: &Acting<'_>, tx: &Tx<'_>, complaint: ComplaintId) -> Result<Complaint, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let found = complaint::one(tx, &acting.policy, complaint)?;
    desk::may_answer(acting, tx, found.person)?;
    Ok(found)
}

/// Refuses what was decided on a page that showed the complaint as it no longer is.
///
/// # Errors
/// [`Fault::Changed`] if somebody else was quicker.
pub fn unchanged(acting: &Acting<'_>, tx: &Tx<'_>, complaint: ComplaintId, seen: i64) -> Result<(), Fault> {
    if on_desk(acting, tx, complaint)?.version == seen { Ok(()) } else { Err(Fault::Changed) }
}

fn when(acting: &Acting<'_>, found: &Complaint, on: Date) -> Result<(), Fault> {
    if found.closed_on.is_some() {
        return Err(Fault::Changed);
    }
    if on > acting.today || on < found.received_on {
        return Err(Fault::field("on", "Choose a day from the one it was received to today."));
    }
    Ok(())
}

fn people(found: &Complaint) -> Vec<PersonId> {
    found.person.into_iter().collect()
}

/// They know that we have it, and how they were told.
///
/// # Errors
/// [`Fault::Invalid`] for a day to come or before it was received.
pub fn acknowledged(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    complaint: ComplaintId,
    (on, how): (Date, &str),
) -> Result<(), Fault> {
    let found = complaint::one(tx, &acting.policy, complaint)?;
    when(acting, &found, on)?;
    let how = desk::text("how", how)?;
    complaint::acknowledged(tx, complaint, on, how.as_deref(), acting.staff_id(), acting.now)?;
    acting.settle_if_held(tx, found.person)?;
    acting.log(tx, "complaint.acknowledged", &people(&found), &json!({ "complaint": complaint.0 }))
}

/// What was found out so far, or that they heard how it stands.
///
/// # Errors
/// [`Fault::Invalid`] without a word about it.
pub fn noted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    complaint: ComplaintId,
    (step, note): (&str, &str),
) -> Result<(), Fault> {
    let found = on_desk(acting, tx, complaint)?;
    when(acting, &found, acting.today)?;
    let note = desk::text("note", note)?.ok_or_else(|| Fault::field("note", "Write a sentence about it."))?;
    complaint::step(tx, complaint, acting.today, step, Some(&note), acting.staff_id(), acting.now)?;
    acting.log(tx, "complaint.noted", &people(&found), &json!({ "complaint": complaint.0, "step": step }))
}

/// What came of it was told: it is closed.
///
/// # Errors
/// [`Fault::Invalid`] without an outcome, or for a day to come.
pub fn answer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    complaint: ComplaintId,
    (told, on): (&str, Date),
) -> Result<(), Fault> {
    let found = on_desk(acting, tx, complaint)?;
    when(acting, &found, on)?;
    let told = desk::text("told", told)?
        .ok_or_else(|| Fault::field("told", "Write what came of it: they have a right to the outcome."))?;
    complaint::answer(tx, complaint, on, &told, acting.staff_id(), acting.now)?;
    acting.log(tx, "complaint.answered", &people(&found), &json!({ "complaint": complaint.0 }))?;
    acting.settle_if_held(tx, found.person)
}

/// Says whose a complaint of nobody known is, and how we know. It moves no day.
///
/// # Errors
/// [`Fault::Changed`] if it is somebody's by now; [`Fault::Invalid`] without how we know, or for nobody we hold;
/// [`Fault::Refused`] unless the role answers requests, and those of this person.
pub fn tie(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    complaint: ComplaintId,
    (to, how): (PersonId, &str),
) -> Result<Done, Fault> {
    let found = on_desk(acting, tx, complaint)?;
    if found.closed_on.is_some() || found.unknown_since.is_none() {
        return Err(Fault::Changed);
    }
    let how = identity::way("identity", how)?;
    if found.person == Some(to) || !person::exists(tx, to)? {
        return Err(Fault::field("whose", "Choose whose it is."));
    }
    let life = acting.life(tx, to)?;
    desk::answering(acting, &[&life])?;
    desk::may_take(acting, &life, "complaint record")?;
    complaint::tie(tx, complaint, to, (how, acting.staff_id()), (acting.today, acting.now))?;
    acting.log(tx, "complaint.tied", &[to], &json!({ "complaint": complaint.0, "on": acting.today }))?;
    acting.settle(tx, to)?;
    let mut done = Done::default();
    desk::leave(acting, tx, found.person, &mut done)?;
    Ok(done)
}

/// Takes a complaint off whoever it was filed to, with the reason: by a slip, or by an address that several share. No day of it moves.
///
/// # Errors
/// [`Fault::Invalid`] without a reason, or once they were told anything of it; [`Fault::Changed`] if it is closed, or nobody's.
pub fn misfiled(acting: &Acting<'_>, tx: &Tx<'_>, complaint: ComplaintId, why: &str) -> Result<(), Fault> {
    let found = on_desk(acting, tx, complaint)?;
    let (Some(was), None, None) = (found.person, found.closed_on, found.unknown_since) else {
        return Err(Fault::Changed);
    };
    let why = desk::text("misfiled-why", why)?
        .ok_or_else(|| Fault::field("misfiled-why", "Write how you know that it is not theirs."))?;
    let steps = complaint::steps(tx, &acting.policy, &found)?;
    // What was told before it was theirs was told to somebody else.
    let mut since = steps.iter().rev().take_while(|step| step.step != store::request::TIED);
    if since.any(|step| step.step == complaint::PROGRESS) {
        return Err(Fault::field("misfiled-why", "They were told how it stands: answer it as theirs."));
    }
    let letters = store::letter::about(tx, &acting.policy, About::Complaint(complaint))?;
    let says_nothing = letter::Sort::Acknowledgement.name();
    // What left before it was theirs left to somebody else.
    let tied = found.tied_on.unwrap_or(found.received_on);
    let told = |letter: &store::letter::Letter| {
        letter.person == was && letter.sort != says_nothing && letter.sent_on.is_some_and(|sent| tied <= sent)
    };
    if letters.iter().any(told) {
        return Err(Fault::field("misfiled-why", "A letter about it has left to them: answer it as theirs."));
    }
    let nobody = person::add(tx, acting.now)?;
    complaint::untie(tx, complaint, nobody, (&why, acting.staff_id()), (acting.today, acting.now))?;
    acting.settle(tx, nobody)?;
    acting.settle(tx, was)?;
    acting.log(tx, "complaint.untied", &[nobody], &json!({ "complaint": complaint.0, "on": acting.today }))
}

/// Gives a complaint to a member of staff.
///
/// # Errors
/// [`Fault::NotFound`] if it is closed, or nobody here has this number.
pub fn assign(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    complaint: ComplaintId,
    to: Option<StaffId>,
) -> Result<(), Fault> {
    let found = on_desk(acting, tx, complaint)?;
    if let Some(to) = to {
        staff::get(tx, to)?;
    }
    complaint::assign(tx, complaint, to)?;
    let body = json!({ "complaint": complaint.0, "to": to.map(|to| to.0) });
    acting.log(tx, "complaint.assigned", &people(&found), &body)
}
