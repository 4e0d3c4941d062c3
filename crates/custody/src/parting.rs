//! What must be said to a person before a ground of theirs ends: that it ends, or the question whether to go on. From
//! when on, and whether it was. Nothing here says how it is said.
//!
//! INVARIANT (no vain question): whoever is asked can change the end by a yes.

use jiff::Span as Period;
use jiff::civil::Date;
use policy::{Basis, Policy, Rule, RuleId};

use crate::ground;
use crate::id::{ConsentId, GroundId};
use crate::life::{Consent, Ground, Life, State, StopCause};

/// How many days after its end a ground whose person could not be told keeps what it covered, out of use: the parting
/// ground. What is said to somebody who leaves may go out so long and no longer.
pub const DAYS: i64 = 30;

/// What a yes to the question whether to go on is, beside a consent where the activity rests on one.
pub const A_YES: &[&str] = &["confirmed", "incoming contact"];

/// What a clause has said to the person before the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Says {
    /// That it ends: `tell the person 30 days before`.
    Told,
    /// Whether it shall go on: `ask 30 days before, no answer ends it`.
    Asked,
}

impl Says {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Asked => "asked",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Told, Self::Asked].into_iter().find(|says| says.name() == name)
    }
}

/// Something that was said before an end, or is on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Of which ground.
    pub ground: GroundId,
    /// What.
    pub says: Says,
    /// Of which end: the last day as it stood then.
    pub ends: Date,
    /// The day it reached them; nothing while it is on its way, or somebody has yet to say it by hand.
    pub said_on: Option<Date>,
}

/// Something to be said now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owed {
    /// Of which ground.
    pub ground: GroundId,
    /// Of which clause.
    pub rule: RuleId,
    /// What.
    pub says: Says,
    /// The day from which it is owed.
    pub from: Date,
    /// The last day of the ground.
    pub ends: Date,
}

/// What a clause has said before the end, and how long before.
#[must_use]
pub fn of_rule(rule: &Rule) -> Vec<(Says, Period)> {
    let asked = rule.ask_before.or_else(|| rule.ask_again.as_ref().map(|ask| ask.within));
    let asked = asked.map(|before| (Says::Asked, before));
    asked.into_iter().chain(rule.tell_before.map(|before| (Says::Told, before))).collect()
}

/// Whether any clause of the policy has something said before the end.
#[must_use]
pub fn any(policy: &Policy) -> bool {
    policy.rules.iter().any(|rule| !of_rule(rule).is_empty())
}

/// The latest end of which something may have to be said today.
#[must_use]
pub fn horizon(policy: &Policy, today: Date) -> Date {
    let leads = policy.rules.iter().flat_map(of_rule).map(|(_, before)| before);
    // Going forward and back again by months may differ by the length of a month's end.
    let ends =
        leads.filter_map(|before| today.checked_add(before).ok()?.checked_add(Period::new().days(4)).ok());
    ends.max().unwrap_or(today)
}

/// The last day of a ground of which the person is to hear: a period that runs out, or an event that ended it. Whoever
/// ended it themselves, by an objection, a withdrawal or a request, need not be told.
#[must_use]
pub fn end(ground: &Ground) -> Option<Date> {
    match &ground.state {
        State::Active => ground.due_on,
        State::Stopped {
            on,
            cause: StopCause::Due | StopCause::Lapsed | StopCause::LetGo | StopCause::Event(_),
        } => ground.due_on.or_else(|| on.yesterday().ok()),
        State::Stopped { .. } => None,
    }
}

/// What is to be said today and was not begun. A question is put while the ground still stands; that something ends
/// is told afterwards too, until its parting ground is over.
#[must_use]
pub fn owed(policy: &Policy, life: &Life, today: Date) -> Vec<Owed> {
    let mut owed = Vec::new();
    for ground in &life.grounds {
        let (Some(rule), Some(ends)) = (policy.rules.get(ground.rule.index()), end(ground)) else { continue };
        for (says, before) in of_rule(rule) {
            let Ok(from) = ends.checked_sub(before) else { continue };
            let in_time = match says {
                Says::Asked => ground.active(today),
                Says::Told => !parted(ends, today),
            };
            let begun = life
                .said
                .iter()
                .any(|said| said.ground == ground.id && said.says == says && said.ends == ends);
            if from <= today
                && in_time
                && !begun
                && (says == Says::Told || moves(policy, life, ground, today))
            {
                owed.push(Owed { ground: ground.id, rule: rule.id, says, from, ends });
            }
        }
    }
    owed
}

/// Whether a yes of today would move the end.
fn moves(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> bool {
    let Some(ends) = ground.due_on else { return false };
    let renewed = answered_yes(policy, life, ground, today);
    ground::due_on(policy, &renewed, ground, today).is_none_or(|due| due > ends)
}

/// The life as it would be after a yes.
fn answered_yes(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> Life {
    let mut life = life.clone();
    life.events.extend(A_YES.iter().map(|event| ((*event).to_owned(), today)));
    let activity = policy.rules.get(ground.rule.index()).and_then(|rule| policy.activity(rule.activity));
    if let Some(activity) = activity
        && let Basis::Consent { form, .. } = &activity.basis
    {
        let document = life
            .consents
            .iter()
            .rfind(|given| given.activity == activity.id)
            .and_then(|given| given.document);
        life.consents.push(Consent {
            id: ConsentId(i64::MAX),
            activity: activity.id,
            engagement: ground.engagement,
            form: form.clone(),
            document,
            given_on: today,
            lapses_on: None,
            withdrawn_on: None,
            confirm_by: None,
            confirmed_on: None,
        });
    }
    life
}

/// Whether the parting ground of an end is over.
fn parted(ends: Date, today: Date) -> bool {
    ends.checked_add(Period::new().days(DAYS)).is_ok_and(|last| last < today)
}

/// Whether what a ground covered waits because its person has not been told that it ends.
#[must_use]
pub fn untold(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> bool {
    let tells = policy.rules.get(ground.rule.index()).is_some_and(|rule| rule.tell_before.is_some());
    let Some(ends) = end(ground).filter(|ends| tells && !parted(*ends, today)) else { return false };
    !life.said.iter().any(|said| {
        said.ground == ground.id && said.says == Says::Told && said.ends == ends && said.said_on.is_some()
    })
}

/// Whether a message of this activity may still go out to the person on a parting ground: something is to be said of a
/// ground under it that stands, or ended no longer ago than the parting ground lasts. The clause that wants it said.
#[must_use]
pub fn speaks(policy: &Policy, life: &Life, activity: policy::ActivityId, today: Date) -> Option<RuleId> {
    life.grounds.iter().find_map(|ground| {
        let rule = policy.rules.get(ground.rule.index()).filter(|rule| rule.activity == activity)?;
        let says = of_rule(rule);
        let asks = ground.active(today) && !says.is_empty();
        let tells = says.iter().any(|(says, _)| *says == Says::Told);
        (asks || (tells && end(ground).is_some_and(|ends| !parted(ends, today)))).then_some(rule.id)
    })
}
