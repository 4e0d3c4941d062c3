//! Passing on: what of somebody's details goes to a recipient whom the policy names for it. The decision is asked,
//! what went is written down, and what ends a recipient's leave, or makes it wrong, is followed up. Nothing leaves
//! the program by this: whoever passes it on does so in their own way, and says so here.

use std::collections::BTreeMap;

use custody::act::Asked;
use custody::id::{EngagementId, PersonId, StaffId, TaskId};
use custody::{Act, Actor, Gate, Life, Verb, known};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::periods::Own;
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::policy::Clause;
use policy::role::Deed;
use policy::{Activity, ActivityId, KindSet, Policy, Share};
use serde_json::json;
use store::disclosure::{self, NewDisclosure, Standing, Telling};
use store::task::{self, NewTask};
use store::{Tx, dispose, engagement, request};

use super::Acting;
use super::person::act;
use super::request::put_right;
use super::undone::Undone;
use crate::fault::Fault;
use crate::instance::Instance;

/// What ends what a recipient may do though nothing has happened to the person: somebody else was chosen.
const CHOSEN: &str = "another is chosen";

/// What is to be passed on, and to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passing {
    /// To whom, as the policy names them: `awarding body`, `the trainer`, a processor.
    pub to: String,
    /// To which person, where the recipient is one of those we know.
    pub to_person: Option<PersonId>,
    /// Which kinds.
    pub kinds: KindSet,
    /// Under which activity; without one, the first that shares this with them.
    pub activity: Option<ActivityId>,
}

/// Passes on, and writes it down.
///
/// # Errors
/// [`Fault::Refused`] naming the clause; [`Fault::Invalid`] if none of it is held, or it is not said to whom.
pub fn pass(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, passing: &Passing) -> Result<i64, Fault> {
    let life = acting.life(tx, person)?;
    let gate = super::hashed::gate(acting, tx, passing.kinds, &[person])?;
    let (activity, grant) = decided(acting, &life, passing, &gate)?;
    let held: KindSet =
        dispose::holdings(tx, &acting.policy, person)?.data.iter().map(|datum| datum.kind).collect();
    let missing = passing.kinds.minus(held);
    if !missing.is_empty() {
        let names = custody::refusal::kind_names(&acting.policy, missing);
        return Err(Fault::field("kinds", format!("We hold no {names} of theirs.")));
    }
    let share = activity
        .shares
        .iter()
        .find(|share| share.is_with(&passing.to) && passing.kinds.minus(share.kinds).is_empty());
    let share = share.or_else(|| activity.shares.iter().find(|share| share.is_with(&passing.to)));
    let on = work(&acting.policy, activity, &life, acting.today);
    let to_person = match passing.to_person {
        Some(named) => Some(named),
        None => plays(tx, on, &passing.to)?,
    };
    if to_person.is_none() && acting.policy.category_named(&passing.to).is_some() {
        return Err(Fault::field("to_person", format!("Say to which {} it goes.", passing.to)));
    }
    let processor = acting.policy.processors.iter().find(|processor| processor.name == passing.to);
    let new = NewDisclosure {
        person,
        recipient: share.map_or(passing.to.as_str(), |share| share.with.as_str()),
        recipient_person: to_person,
        kinds: passing.kinds,
        activity: &activity.name,
        reason: &reason(share, processor.map(|processor| processor.does.as_str())),
        engagement: on,
        safeguard: processor.and_then(|processor| processor.safeguard.as_deref()),
        place: processor.map(|processor| processor.place.as_str()),
        on: acting.today,
        by: acting.staff_id(),
    };
    let row = write(acting, tx, &life, &new)?;
    acting.opens("person.passed on", &grant);
    let body = json!({ "disclosure": row, "activity": activity.name, "kinds": disclosure::kinds_text(&acting.policy, passing.kinds) });
    acting.log(tx, "person.passed on", &[person], &body)?;
    Ok(row)
}

/// Asks whether it may be passed on today, and under which activity; writes nothing.
///
/// # Errors
/// [`Fault::Refused`] naming the clause.
pub fn decided<'p>(
    acting: &'p Acting<'_>,
    life: &Life,
    passing: &Passing,
    gate: &Gate,
) -> Result<(&'p Activity, custody::Grant), Fault> {
    let mut refused: Option<custody::Refusal> = None;
    for activity in routes(&acting.policy, passing) {
        let asked = Act {
            activity: Some(activity.id),
            recipient: Some(passing.to.clone()),
            ..act(Verb::Disclose, Some(Deed::Send), Asked::Exactly(passing.kinds))
        };
        match acting.decide(&asked, &[life], gate) {
            Ok(grant) => return Ok((activity, grant)),
            Err(Fault::Refused(refusal))
                if refused.as_ref().is_none_or(|first| says_less(first, &refusal)) =>
            {
                refused = Some(*refusal);
            }
            Err(Fault::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    if let Some(refusal) = refused {
        return Err(Fault::Refused(Box::new(refusal)));
    }
    // Nothing in the policy names them: the decision says so.
    let asked = Act {
        recipient: Some(passing.to.clone()),
        ..act(Verb::Disclose, Some(Deed::Send), Asked::Exactly(passing.kinds))
    };
    acting.decide(&asked, &[life], gate)?;
    Err(Fault::field("to", "The policy does not name them as one who gets this."))
}

/// Whether another refusal says more about why a recipient gets it not: the sharing or the prohibition itself.
fn says_less(first: &custody::Refusal, other: &custody::Refusal) -> bool {
    let about_it = |refusal: &custody::Refusal| {
        matches!(refusal.clause, Some(Clause::Share(..) | Clause::Never(_) | Clause::Processor(_)))
    };
    !about_it(first) && about_it(other)
}

/// The activities that may pass it on: the one named, or those that share with this recipient, or that hold what a
/// processor may have.
fn routes<'p>(policy: &'p Policy, passing: &Passing) -> Vec<&'p Activity> {
    if let Some(named) = passing.activity {
        return policy.activity(named).into_iter().collect();
    }
    let processor = policy.processors.iter().any(|processor| processor.name == passing.to);
    let shares = |activity: &&Activity| {
        activity.shares.iter().any(|share| share.is_with(&passing.to))
            || (processor && !activity.for_everyone && passing.kinds.minus(activity.kinds).is_empty())
    };
    policy.activities.iter().filter(shares).collect()
}

/// What the activities under which a person is held today let pass, and to whom, in the policy's order.
#[must_use]
pub fn shares<'p>(policy: &'p Policy, life: &Life, today: Date) -> Vec<&'p Share> {
    let theirs = |activity: &&Activity| {
        let of = |rule: policy::RuleId| {
            policy.rules.get(rule.index()).is_some_and(|rule| rule.activity == activity.id)
        };
        life.grounds.iter().any(|ground| ground.active(today) && of(ground.rule))
    };
    policy.activities.iter().filter(theirs).flat_map(|activity| &activity.shares).collect()
}

/// The work that a disclosure under an activity belongs to: the latest that the person's ground of it stands on.
fn work(policy: &Policy, activity: &Activity, life: &Life, today: Date) -> Option<EngagementId> {
    let of_it = life.grounds.iter().filter(|ground| {
        let rule = policy.rules.get(ground.rule.index());
        ground.active(today) && rule.is_some_and(|rule| rule.activity == activity.id)
    });
    let on_ground = of_it.filter_map(|ground| ground.engagement).next_back();
    // A rule that counts from the person's own events still has its people on work: the trainer of a course.
    on_ground.or_else(|| {
        let ends = |name: &String| activity.shares.iter().any(|share| share.until.as_ref() == Some(name));
        let declares = |on: &&custody::life::OnWork| {
            policy.works.get(on.work.index()).is_some_and(|work| work.milestones.iter().any(ends))
        };
        life.works.iter().rev().find(declares).map(|on| on.engagement)
    })
}

/// Who plays the recipient's part on the work: `the coach`.
fn plays(tx: &Tx<'_>, on: Option<EngagementId>, to: &str) -> Result<Option<PersonId>, Fault> {
    let Some(on) = on else { return Ok(None) };
    let part = to.strip_prefix("the ").unwrap_or(to);
    let playing = engagement::people(tx, on)?;
    Ok(playing.iter().find(|one| one.part == part && one.until.is_none()).map(|one| one.person))
}

fn reason(share: Option<&Share>, does: Option<&str>) -> String {
    let stated = share.and_then(|share| {
        let what_for = share.what_for.clone();
        what_for.or_else(|| share.reason.map(|reason| reason.words().to_owned()))
    });
    stated.or_else(|| does.map(str::to_owned)).unwrap_or_default()
}

/// Writes a disclosure down, under the activity that keeps the proof of it. The program writes it, whoever passes on.
///
/// # Errors
/// [`Fault::Refused`] if no activity may keep the record.
pub(super) fn write(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    new: &NewDisclosure<'_>,
) -> Result<i64, Fault> {
    if let Some(record) = acting.policy.kind_named("disclosure record") {
        let store = act(Verb::Store, None, Asked::Exactly([record.id].into_iter().collect()));
        let (policy, writer) = (&acting.policy, Actor::System("sender"));
        custody::decide(policy, &writer, &store, &[life], &Gate::default(), acting.now, acting.today)?;
    }
    let row = disclosure::record(tx, &acting.policy, new, acting.now)?;
    acting.settle(tx, life.person)?;
    Ok(row)
}

/// Ends what recipients may do with what they got, where the policy says `until` a milestone that has happened.
///
/// # Errors
/// Whatever the store says.
pub(super) fn ended_by(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: &[PersonId],
    (engagement, event): (EngagementId, &str),
    on: Date,
) -> Result<(), Fault> {
    ends(acting, tx, people, on, |share, standing| {
        standing.engagement == Some(engagement) && share.until.as_deref() == Some(event)
    })
}

/// Ends it where the policy says `until` something that has happened to the person: they left their organisation.
///
/// # Errors
/// Whatever the store says.
pub(super) fn ended_by_their_own(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<(), Fault> {
    for (event, on) in happened(&acting.policy, life, acting.today) {
        ends(acting, tx, &[life.person], on, |share, _| share.until.as_deref() == Some(event))?;
    }
    Ok(())
}

/// What has happened to a person until which something of anybody is shared, and on which day.
fn happened<'p>(policy: &'p Policy, life: &Life, today: Date) -> BTreeMap<&'p str, Date> {
    let mut happened: BTreeMap<&str, Date> = BTreeMap::new();
    let shares = policy.activities.iter().flat_map(|activity| &activity.shares);
    for event in shares.filter_map(|share| share.until.as_deref()) {
        let days = life.events.iter().filter(|(name, on)| name == event && *on <= today);
        if let Some(day) = days.map(|(_, on)| *on).max() {
            happened.insert(event, day);
        }
    }
    happened
}

/// Ends of everybody what is shared until something that has happened to them and goes on all the same: it happened before a version of
/// the policy said so, or before this program ended it with that. Somebody of whom something cannot be read stops no other.
///
/// # Errors
/// Whatever the store says as it is asked who they may be.
pub fn night(instance: &Instance, undone: &mut Undone) -> Result<(), Fault> {
    let acting = Acting::system(instance, "disclosure");
    let policy = &acting.policy;
    let of_a_person = |share: &Share| {
        let until = share.until.as_deref().unwrap_or_default();
        until == LEFT_THE_ORGANISATION || known::recordable(policy).any(|event| event == until)
    };
    for activity in policy.activities.iter().filter(|activity| activity.shares.iter().any(&of_a_person)) {
        for person in instance.store.read(|tx| disclosure::standing_under(tx, &activity.name))? {
            let ended = instance.store.read(|tx| {
                let life = acting.life(tx, person)?;
                Ok::<_, Fault>(!happened(policy, &life, acting.today).is_empty())
            });
            let done = match ended {
                Ok(true) => {
                    instance.store.write(|tx| ended_by_their_own(&acting, tx, &acting.life(tx, person)?))
                }
                ended => ended.map(drop),
            };
            match done {
                // Whoever is not here any more is nobody's to end anything of.
                Ok(()) | Err(Fault::NotFound) => {}
                Err(Fault::Store(error @ (store::Error::Away(_) | store::Error::Contended))) => {
                    return Err(error.into());
                }
                Err(fault) => undone.of(person, "what is shared of them could not be ended", &fault),
            }
        }
    }
    Ok(())
}

/// Ends it for those who were not chosen, where the policy says `until another is chosen`.
///
/// # Errors
/// Whatever the store says.
pub(super) fn chosen(acting: &Acting<'_>, tx: &Tx<'_>, people: &[PersonId], on: Date) -> Result<(), Fault> {
    ends(acting, tx, people, on, |share, standing| {
        share.until.as_deref() == Some(CHOSEN)
            && standing.recipient_person.is_none_or(|person| !people.contains(&person))
    })
}

/// What was recorded is taken back, before which somebody's life was another than it is `after`, as was the work on which a milestone is
/// said to have happened: what recipients may do with what they got goes on where that had ended it and nothing else does, and while the
/// person is held for it. Whoever confirmed that no copy is left has none.
///
/// # Errors
/// Whatever the store says.
pub(super) fn taken_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (before, after): (&Life, &Life),
    milestone: Option<(EngagementId, &str, Date)>,
) -> Result<(), Fault> {
    let (policy, today) = (&acting.policy, acting.today);
    let still = happened(policy, after, today);
    let own = happened(policy, before, today).into_iter().filter(|(event, _)| !still.contains_key(event));
    let own: Vec<(&str, Date)> = own.collect();
    let ended = match own.is_empty() && milestone.is_none() {
        true => Vec::new(),
        false => disclosure::ended(tx, after.person)?,
    };
    for standing in ended {
        let Some(activity) = policy.activity_named(&standing.activity) else { continue };
        let named: Vec<&Share> =
            activity.shares.iter().filter(|share| share.is_with(&standing.recipient)).collect();
        let by = |event: &str, on: Date| {
            let that = |share: &&&Share| share.until.as_deref() == Some(event);
            named.iter().find(that).copied().filter(|_| standing.ended_on == Some(on.max(standing.on)))
        };
        let of_work = milestone.filter(|(work, ..)| standing.engagement == Some(*work));
        let of_work = of_work.and_then(|(_, event, on)| by(event, on));
        let Some(share) = of_work.or_else(|| own.iter().find_map(|&(event, on)| by(event, on))) else {
            continue;
        };
        let of_it = |ground: &custody::Ground| {
            policy.rules.get(ground.rule.index()).is_some_and(|rule| rule.activity == activity.id)
        };
        let held = after.grounds.iter().any(|ground| ground.active(today) && of_it(ground));
        if held && !over_all_the_same(acting, tx, after, &standing)? {
            let asked = share.then_destroyed.then_some(Telling::NoCopy);
            disclosure::goes_on(tx, after.person, &standing, asked)?;
        }
    }
    super::hashed::taken_back(acting, tx, (before, after))
}

/// Whether what a recipient may do with what they got of somebody is over by what has happened all the same: to the person, on the work it
/// was passed on for, or since another may have been chosen.
///
/// # Errors
/// Whatever the store says.
pub(super) fn over_all_the_same(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    standing: &Standing,
) -> Result<bool, Fault> {
    let there = match standing.engagement {
        Some(work) => engagement::milestones(tx, work)?,
        None => Vec::new(),
    };
    let of_theirs = happened(&acting.policy, life, acting.today);
    let shares = acting.policy.activity_named(&standing.activity).map(|activity| &activity.shares);
    let named = shares.into_iter().flatten().filter(|share| share.is_with(&standing.recipient));
    Ok(named.filter_map(|share| share.until.as_deref()).any(|event| {
        let stands = there.iter().any(|one| one.name == event && !one.undone);
        event == CHOSEN || stands || of_theirs.contains_key(event)
    }))
}

fn ends(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: &[PersonId],
    on: Date,
    is_over: impl Fn(&Share, &Standing) -> bool,
) -> Result<(), Fault> {
    for person in people {
        for standing in disclosure::standing(tx, *person)? {
            let shares = acting.policy.activity_named(&standing.activity).map(|activity| &activity.shares);
            let over = shares
                .into_iter()
                .flatten()
                .find(|share| share.is_with(&standing.recipient) && is_over(share, &standing));
            let Some(share) = over else { continue };
            disclosure::end(tx, standing.id, on.max(standing.on))?;
            if share.then_destroyed {
                owe(
                    acting,
                    tx,
                    (*person, standing.engagement),
                    (&standing.recipient, None),
                    Telling::NoCopy,
                )?;
            }
        }
    }
    Ok(())
}

/// A detail was put right, or a change of one taken `back`: it stands on the request that asked for it, and whoever still has it from us
/// is told, whether or not they may still use it (UK GDPR Art 19).
///
/// # Errors
/// Whatever the store says.
pub(super) fn corrected(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (kind, back): (&str, bool),
) -> Result<(), Fault> {
    let mut told: Vec<String> = Vec::new();
    let asked = put_right(acting, tx, person, (kind, back))?.first().copied();
    for standing in disclosure::having(tx, person)? {
        if standing.kinds.iter().any(|held| held == kind) && !told.contains(&standing.recipient) {
            let task = owe(
                acting,
                tx,
                (person, standing.engagement),
                (&standing.recipient, Some(kind)),
                Telling::Corrected,
            )?;
            if let Some(asked) = asked {
                task::belongs(tx, task, asked)?;
            }
            told.push(standing.recipient);
        }
    }
    Ok(())
}

/// The same, only where an open request of theirs asks for it: whatever changes else is ordinary work on the file.
///
/// # Errors
/// Whatever the store says.
pub(super) fn corrected_as_asked(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    what: (&str, bool),
) -> Result<(), Fault> {
    if request::correcting(tx, person)?.is_empty() {
        return Ok(());
    }
    corrected(acting, tx, person, what)
}

/// Whoever has from us what was erased in the last year is to be told where no task says so any more: a backup that was restored may be
/// older than the task. Of whom nothing says any more: whoever knows tells them, and else says why nobody could.
///
/// # Errors
/// Whatever the store says.
pub(super) fn tell_again(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
    for one in disclosure::untold(tx, &acting.policy, acting.today.saturating_sub(1.year()))? {
        owe(acting, tx, (one.person, None), (&one.recipient, None), Telling::Erased)?;
    }
    Ok(())
}

fn owe(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, engagement): (PersonId, Option<EngagementId>),
    (recipient, detail): (&str, Option<&str>),
    telling: Telling,
) -> Result<TaskId, Fault> {
    let due_on = acting.today.checked_add(acting.policy.days(Own::Recipients).days()).ok();
    let what = telling.task(recipient, detail.unwrap_or_default());
    // Whoever acts, where they answer what people ask of us.
    let acts: Vec<StaffId> = acting.staff_id().into_iter().collect();
    let new = NewTask {
        person: Some(person),
        engagement,
        owner: super::task::whoever(acting, tx, Deed::AnswerRequests, &acts)?,
        due_on,
        ..telling.new_task((recipient, detail), &what)
    };
    Ok(task::add(tx, &new, acting.now)?)
}
