//! Engagements: starting a piece of work, what happens on it, and for how long it was agreed to keep what
//! comes of it. Nothing here decides by itself how long that is: the policy's clocks do, from these facts.

use custody::act::Asked;
use custody::id::{EngagementId, OrganisationId, PersonId, StaffId};
use custody::{Act, Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::role::Deed;
use policy::{KindSet, Work};
use serde_json::json;
use store::engagement::{self, Engagement, NewEngagement, Playing};
use store::life::{For, load_readable};
use store::task::{self, Kind, NewTask};
use store::{Tx, organisation, staff};

use super::Acting;
use crate::fault::Fault;
use crate::web::page::FieldError;

mod agreed;
mod ahead;
mod leaving;
mod milestone;

pub use agreed::{AgreedPeriod, agree, agreeable, agreed_by};
pub use ahead::{Ahead, Fate, Line, ahead, ahead_of, last_day, may_end};
pub(super) use leaving::back_on;
pub use leaving::leave;
pub(super) use milestone::undo;
pub use milestone::{ask_by_hand, asked_once, happened, next, record, stage, take_back};

/// How many days somebody has to send the agreement of a new piece of work.
const AGREEMENT_DAYS: i64 = 7;

/// Who pays for a piece of work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Payer {
    /// Nobody was named.
    #[default]
    Nobody,
    /// The person the work is for.
    Person,
    /// An organisation.
    Organisation(OrganisationId),
}

/// A piece of work about to be started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewWork {
    /// What kind, as the policy names it.
    pub work: String,
    /// Who plays which part.
    pub parts: Vec<(String, PersonId)>,
    /// The member of staff it is assigned to.
    pub staff: Option<StaffId>,
    /// Who pays.
    pub payer: Payer,
    /// The day it was opened.
    pub opened_on: Date,
}

/// A piece of work with everything a decision about it needs.
#[derive(Debug)]
pub struct OnHand<'p> {
    /// The row.
    pub engagement: Engagement,
    /// What kind of work.
    pub work: &'p Work,
    /// Who plays which part.
    pub parts: Vec<Playing>,
    /// The lives of those on it.
    pub lives: Vec<Life>,
    /// What the work holds for itself, where the policy keeps something for such work whoever is on it.
    pub alone: Option<Life>,
    /// The person it is for; the work itself, once they have gone and it still holds something.
    pub client: PersonId,
}

impl OnHand<'_> {
    /// The life of the person the work is for.
    ///
    /// # Errors
    /// [`Fault::NotFound`] if they have been let go.
    pub fn life(&self) -> Result<&Life, Fault> {
        self.everything().find(|life| life.person == self.client).ok_or(Fault::NotFound)
    }

    /// The lives of everybody on it, and its own.
    pub fn everything(&self) -> impl Iterator<Item = &Life> {
        self.lives.iter().chain(&self.alone)
    }

    /// Everybody on it.
    #[must_use]
    pub fn people(&self) -> Vec<PersonId> {
        self.lives.iter().map(|life| life.person).collect()
    }
}

/// Loads a piece of work for whoever acts.
///
/// # Errors
/// [`Fault::NotFound`] if there is none, or the person it is for is out of reach.
pub fn on_hand<'p>(
    acting: &'p Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
) -> Result<OnHand<'p>, Fault> {
    let hand = loaded(acting, tx, engagement)?;
    may_be_found(acting, &hand)?;
    Ok(hand)
}

/// The same for a page that only shows it: of whoever on it cannot be read nothing is there.
///
/// # Errors
/// As [`on_hand`].
pub fn on_show<'p>(
    acting: &'p Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
) -> Result<OnHand<'p>, Fault> {
    let hand = as_far_as_readable(acting, tx, engagement)?.0;
    may_be_found(acting, &hand)?;
    Ok(hand)
}

/// Whoever may read nothing of the person has not found their work either.
fn may_be_found(acting: &Acting<'_>, hand: &OnHand<'_>) -> Result<(), Fault> {
    reading(acting, &[hand.life()?]).map(drop).map_err(|_| Fault::NotFound)
}

/// A piece of work as it lies there, for what asks by itself who may.
///
/// # Errors
/// [`Fault::NotFound`] if there is none, or nobody it is for; [`Fault::Refused`] if something of somebody on it cannot be read: what is
/// done to it is done to each of them.
pub(crate) fn loaded<'p>(
    acting: &'p Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
) -> Result<OnHand<'p>, Fault> {
    match as_far_as_readable(acting, tx, engagement)? {
        (hand, true) => Ok(hand),
        (_, false) => Err(super::unreadable(&acting.policy).into()),
    }
}

/// A piece of work with those on it who can be read, and whether that is everybody.
pub(crate) fn as_far_as_readable<'p>(
    acting: &'p Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
) -> Result<(OnHand<'p>, bool), Fault> {
    let found = engagement::one(tx, &acting.policy, engagement)?;
    let work = found.work.and_then(|id| acting.policy.works.get(id.index())).ok_or(Fault::NotFound)?;
    let parts = engagement::people(tx, engagement)?;
    let whom = work.parts.first().ok_or(Fault::NotFound)?;
    let alone = match store::life::kept_for(&acting.policy).any(|kept| kept == work.id) {
        true => store::life::works(tx, &acting.policy, &[engagement], acting.today)?.pop(),
        false => None,
    };
    let holds = |life: &&Life| life.grounds.iter().any(|ground| ground.active(acting.today));
    let client = parts.iter().find(|playing| playing.part == whom.name).map(|playing| playing.person);
    let client = client.or(alone.as_ref().filter(holds).map(|life| life.person)).ok_or(Fault::NotFound)?;
    let people: Vec<_> = parts.iter().map(|playing| playing.person).collect();
    let read = load_readable(tx, &acting.policy, &people, acting.today, For::Clocks)?;
    let hand = OnHand { engagement: found, work, parts, lives: read.lives, alone, client };
    Ok((hand, read.unread.is_empty()))
}

/// What this role may read of these people today.
///
/// # Errors
/// [`Fault::Refused`] if it may read nothing of any of them.
pub fn reading(acting: &Acting<'_>, lives: &[&Life]) -> Result<Grant, Fault> {
    let kinds: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    acting.decide(&super::person::act(Verb::Read, None, Asked::WhatMayBeSeen(kinds)), lives, &Gate::default())
}

/// Asks whether whoever acts may run this work: see its record, and do such things at all.
///
/// # Errors
/// [`Fault::Refused`] naming the clause.
pub fn may_run(acting: &Acting<'_>, verb: Verb, life: &Life, on: Option<EngagementId>) -> Result<(), Fault> {
    acting.must(Deed::RunWork)?;
    let Some(kind) = acting.policy.kind_named("work record") else { return Ok(()) };
    let kinds = Asked::Exactly([kind.id].into_iter().collect());
    let act = Act { engagement: on, ..super::person::act(verb, Some(Deed::RunWork), kinds) };
    acting.decide(&act, &[life], &Gate::default())?;
    Ok(())
}

/// Starts a piece of work: who is on it, to whom of the staff it is assigned, who pays.
///
/// # Errors
/// [`Fault::Refused`] if its record may not be kept about one of them; [`Fault::Invalid`] for a part nobody
/// of its category plays, or a payer the policy does not name.
pub fn start(acting: &Acting<'_>, tx: &Tx<'_>, new: &NewWork) -> Result<EngagementId, Fault> {
    acting.must(Deed::RunWork)?;
    let policy = &acting.policy;
    let work = policy.work_named(&new.work).ok_or_else(|| Fault::field("kind", "Choose a kind of work."))?;
    let mut wrong = Vec::new();
    let mut say = |field: &str, words: String| wrong.push(FieldError { field: field.to_owned(), words });
    if new.opened_on > acting.today {
        say("opened", "This day has not come yet.".to_owned());
    }
    let mut joining: Vec<(&str, Life)> = Vec::new();
    for (index, part) in work.parts.iter().enumerate() {
        let chosen = new.parts.iter().find(|(name, _)| *name == part.name);
        let category = policy.categories.get(part.category.index()).map_or("", |found| found.name.as_str());
        match chosen {
            Some((_, person)) => {
                let life = acting.life(tx, *person)?;
                if life.has(part.category, acting.today) {
                    joining.push((part.name.as_str(), life));
                } else {
                    say(&part.name, format!("Choose one of our people who is {}.", article(category)));
                }
            }
            None if index == 0 => say(&part.name, format!("Choose the {}.", part.name)),
            None => {}
        }
    }
    let client = joining.first().map(|(_, life)| life.person);
    let payer = payer(tx, work, new.payer, &mut say)?;
    if !wrong.is_empty() {
        return Err(Fault::Invalid(wrong));
    }
    // Nobody comes within reach of those they may not see by starting work on them.
    for (_, life) in &joining {
        reading(acting, &[life])?;
    }
    let row = NewEngagement {
        work: work.id,
        title: &work.title,
        opened_on: new.opened_on,
        paid_by_organisation: match new.payer {
            Payer::Organisation(id) => Some(id),
            _ => None,
        },
        paid_by_person: client.filter(|_| new.payer == Payer::Person),
    };
    let opened = engagement::open(tx, policy, &row, acting.now)?;
    for (part, life) in &joining {
        engagement::join(tx, opened, life.person, part, new.opened_on)?;
    }
    let people: Vec<_> = joining.iter().map(|(_, life)| life.person).collect();
    let assigned = assign(acting, tx, opened, new.staff, &people)?;
    // Its record is stored on the ground that the work itself opens.
    for person in &people {
        let life = acting.settle(tx, *person)?;
        may_run(acting, Verb::Store, &life, Some(opened))?;
    }
    super::disclosure::chosen(acting, tx, &people, new.opened_on)?;
    if let Some(agreement) =
        work.agreement.as_ref().filter(|agreement| Some(agreement.when.as_str()) == payer)
    {
        let hand = on_hand(acting, tx, opened)?;
        if !super::question::agreement(acting, tx, &hand)? {
            owe_agreement(acting, tx, opened, client, agreement.document)?;
        }
    }
    let body = json!({ "work": work.name, "engagement": opened.0, "payer": payer, "staff": assigned.map(|id| id.0) });
    acting.log(tx, "work.started", &people, &body)?;
    Ok(opened)
}

/// The payer as the policy's clause names it.
fn payer<'w>(
    tx: &Tx<'_>,
    work: &'w Work,
    given: Payer,
    say: &mut impl FnMut(&str, String),
) -> Result<Option<&'w str>, Fault> {
    let named = match given {
        Payer::Nobody if work.paid_by.is_empty() => return Ok(None),
        Payer::Nobody => {
            say("payer", "Choose who pays.".to_owned());
            return Ok(None);
        }
        Payer::Person => work.paid_by.iter().find(|payer| is_person(work, payer)),
        Payer::Organisation(id) => {
            organisation::one(tx, id)?;
            work.paid_by.iter().find(|payer| !is_person(work, payer))
        }
    };
    if named.is_none() {
        say(
            "payer",
            match work.paid_by.as_slice() {
                [] => "The policy says of nobody that they pay for it.".to_owned(),
                some => format!("The policy says that it is paid by {}.", some.join(" or ")),
            },
        );
    }
    Ok(named.map(String::as_str))
}

/// Whether a payer, as the policy writes it, is the person the work is for: `the client`.
#[must_use]
pub fn is_person(work: &Work, payer: &str) -> bool {
    let name = payer.strip_prefix("the ").unwrap_or(payer);
    work.parts.first().is_some_and(|part| part.name == name)
}

/// Assigns the member of staff who was named, or else whoever of the staff is one of those on the work.
fn assign(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    named: Option<StaffId>,
    people: &[PersonId],
) -> Result<Option<StaffId>, Fault> {
    let who = match named {
        Some(id) => {
            let account = staff::get(tx, id)?;
            if account.until.is_some() {
                return Err(Fault::field("staff", "They have left. Choose somebody on the staff."));
            }
            Some(id)
        }
        None => staff::all(tx)?
            .into_iter()
            .find(|account| {
                account.until.is_none() && account.person.is_some_and(|whom| people.contains(&whom))
            })
            .map(|account| account.id),
    };
    if let Some(id) = who {
        engagement::assign(tx, engagement, id, acting.today)?;
    }
    Ok(who)
}

/// Gives a piece of work to another member of the staff, or to nobody; whoever had it has it no longer.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] if they have left.
pub fn hand_over(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    to: Option<StaffId>,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
    for had in engagement::staff(tx, engagement, acting.today)?.into_iter().filter(|had| Some(*had) != to) {
        engagement::unassign(tx, engagement, had, acting.today)?;
    }
    if to.is_some() {
        assign(acting, tx, engagement, to, &[])?;
    }
    let body = json!({ "engagement": engagement.0, "staff": to.map(|id| id.0) });
    acting.log(tx, "work.assigned", &hand.people(), &body)
}

/// The agreement that this payer is owed: a task, until the document is on file.
pub(super) fn owe_agreement(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    person: Option<PersonId>,
    document: policy::KindId,
) -> Result<(), Fault> {
    let name = acting.policy.kind(document).map_or("agreement", |kind| kind.name.as_str());
    let what = format!("Send the {name}, and put it on file.");
    let due_on = acting.today.checked_add(jiff::Span::new().days(AGREEMENT_DAYS)).ok();
    let new = NewTask { person, engagement: Some(engagement), due_on, ..NewTask::new(Kind::Other, &what) };
    task::add(tx, &new, acting.now)?;
    Ok(())
}

/// Puts somebody into a part nobody plays yet: the coach, once one is chosen.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] if they are not of the part's category, or
/// somebody plays it.
pub fn join(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    part: &str,
    person: PersonId,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
    let known = hand.work.parts.iter().find(|known| known.name == part).ok_or(Fault::NotFound)?;
    if hand.parts.iter().any(|playing| playing.part == part && playing.until.is_none()) {
        return Err(Fault::field(part, "Somebody plays this part already."));
    }
    let life = acting.life(tx, person)?;
    if !life.has(known.category, acting.today) {
        return Err(Fault::field(part, "The policy gives this part to people of another category."));
    }
    reading(acting, &[&life])?;
    engagement::join(tx, engagement, person, part, acting.today)?;
    assign(acting, tx, engagement, None, &[person])?;
    let people: Vec<_> = hand.people().into_iter().chain([person]).collect();
    for person in &people {
        let life = acting.settle(tx, *person)?;
        may_run(acting, Verb::Store, &life, Some(engagement))?;
    }
    super::disclosure::chosen(acting, tx, &people, acting.today)?;
    acting.log(tx, "work.joined", &[person], &json!({ "engagement": engagement.0, "part": part }))
}

/// A category with its article: `an associate`.
fn article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}
