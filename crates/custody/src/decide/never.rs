//! Prohibitions: what is never done, whatever a ground allows.

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::channel::{Forbidden, Prohibition};
use policy::law::transfer;
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::policy::{Clause, Processor};
use policy::{CategoryId, Policy};

use crate::act::{Act, Verb};
use crate::basis;
use crate::life::{Life, OnWork};
use crate::part::plays;
use crate::refusal::{Question, Refusal, clause_words, kind_names, promises_on};

use super::disclosure;

/// Answers to requests, and what a law or the safety of data makes us say, are never forbidden.
#[must_use]
pub fn exempt(purpose: Option<Purpose>) -> bool {
    matches!(purpose, Some(Purpose::RightsFulfilment | Purpose::LegalCompliance | Purpose::EnforceSecurity))
}

/// Refuses if any prohibition stands against the act for this person.
pub(super) fn none_stands(policy: &Policy, act: &Act, life: &Life, today: Date) -> Result<(), Refusal> {
    for (at, never) in policy.prohibitions.iter().enumerate() {
        if stands(policy, never, act, life, today) {
            let said = format!("the policy says never {}", never.words.trim_start_matches("never").trim());
            let (because, next) = if let Some((why, next)) = unsafeguarded(policy, never, act, today) {
                (format!("{said}: {why}"), next)
            } else if never.unless_consented {
                (said, "Ask for their consent first.".to_owned())
            } else if never.while_work.is_some() {
                (said, "Wait until their work has ended.".to_owned())
            } else {
                (said, "Leave this person out.".to_owned())
            };
            return Err(Refusal::by(policy, Question::Ground, Some(Clause::Never(at)), because, next));
        }
    }
    Ok(())
}

/// Whether a prohibition forbids the act for this person today.
#[must_use]
pub fn stands(policy: &Policy, never: &Prohibition, act: &Act, life: &Life, today: Date) -> bool {
    forbids(policy, never, act, today)
        && protects(policy, never, life, today)
        && !(never.unless_consented && consented(policy, never, act, life, today))
        && !excepted(policy, never, act, life, today)
}

/// Asks whether the policy forbids, whoever it is about, what an activity of it passes on: then it says two things, and both are
/// named. A prohibition that lets anybody through is asked about each.
///
/// # Errors
/// A [`Refusal`] naming both clauses, with the promises on either.
pub fn contradicted(policy: &Policy, act: &Act, today: Date) -> Result<(), Refusal> {
    let whoever = |never: &Prohibition| {
        never.to.is_empty()
            && never.while_work.is_none()
            && never.after.is_none()
            && !never.unless_consented
            && !never.unless_processor
            && never.unless_reasons.is_empty()
    };
    let mut prohibitions = policy.prohibitions.iter().enumerate();
    let found = prohibitions.find(|(_, never)| whoever(never) && forbids(policy, never, act, today));
    let Some((at, _)) = found else { return Ok(()) };
    let never = Clause::Never(at);
    let said = |clause: &Clause| match promises_on(policy, clause) {
        promises if promises.is_empty() => clause_words(policy, clause),
        promises => format!("{} ({})", clause_words(policy, clause), promises.join(", ")),
    };
    let recipient = act.recipient.as_deref().unwrap_or_default();
    let activity = act.activity.and_then(|id| policy.activity(id));
    let shares = activity.and_then(|activity| {
        Some((activity, activity.shares.iter().position(|share| share.is_with(recipient))?))
    });
    let Some((activity, share)) = shares else {
        let because = format!("the policy says {}", said(&never));
        let next = "Do not pass it on.".to_owned();
        return Err(Refusal::by(policy, Question::Ground, Some(never), because, next));
    };
    let shares = Clause::Share(activity.id, share);
    let because = format!(
        "the policy says that {} goes to {recipient}, in {}, and says {} too: while both stand, nothing goes",
        kind_names(policy, act.kinds.kinds()),
        said(&shares),
        said(&never)
    );
    let next = "Take one of the two out of the policy.".to_owned();
    let mut refusal = Refusal::by(policy, Question::Ground, Some(never), because, next);
    refusal.clause_words = format!("{}; {}", clause_words(policy, &shares), refusal.clause_words);
    for promise in promises_on(policy, &shares) {
        if !refusal.promises.contains(&promise) {
            refusal.promises.push(promise);
        }
    }
    refusal.promises.sort();
    Err(refusal)
}

/// Whether the prohibition itself lets the act through: a processor's, or for a reason it names.
fn excepted(policy: &Policy, never: &Prohibition, act: &Act, life: &Life, today: Date) -> bool {
    let Some(recipient) = act.recipient.as_deref() else { return false };
    if never.unless_processor && policy.processors.iter().any(|known| known.name == recipient) {
        return true;
    }
    life.grounds.iter().filter(|ground| ground.active(today)).any(|ground| {
        let rule = policy.rules.get(ground.rule.index());
        let shares = rule.and_then(|rule| policy.activity(rule.activity)).map(|activity| &activity.shares);
        shares.into_iter().flatten().any(|share| {
            share.with == recipient && share.reason.is_some_and(|why| never.unless_reasons.contains(&why))
        })
    })
}

/// What of somebody a prohibition reads.
pub(super) enum Read {
    /// It does not forbid such an act.
    Nothing,
    /// Their work, and what happened to them.
    Life,
    /// Whether they are of one of these categories, or held as one.
    Categories(Vec<CategoryId>),
    /// It stands against everybody, or reads more.
    Everything,
}

/// What of somebody a prohibition reads against an act that writes to them.
pub(super) fn reads(policy: &Policy, never: &Prohibition, act: &Act) -> Read {
    let purpose = super::purpose(policy, act);
    let forbids = match &never.what {
        Forbidden::SendMarketing => purpose == Some(Purpose::DirectMarketing),
        Forbidden::SendAnything => !exempt(purpose),
        Forbidden::Share(_) | Forbidden::ShareOutside { .. } => false,
    };
    // What happened to somebody is written down or is a milestone; other events are read off more than that.
    let written = never.after.as_ref().is_none_or(|event| {
        !DERIVED.contains(&event.as_str())
            && policy.works.iter().any(|work| work.milestones.iter().any(|milestone| milestone == event))
    });
    match (forbids, never.while_work.is_some() || never.after.is_some()) {
        (false, _) => Read::Nothing,
        (true, true) if written => Read::Life,
        (true, false) if !never.to.is_empty() => Read::Categories(never.to.clone()),
        (true, _) => Read::Everything,
    }
}

/// Events of somebody that are written down nowhere by themselves.
const DERIVED: &[&str] = &[
    LEFT_THE_ORGANISATION,
    "left",
    "collected",
    "incoming contact",
    "contact",
    "communication",
    "last contact",
];

fn forbids(policy: &Policy, never: &Prohibition, act: &Act, today: Date) -> bool {
    let purpose = super::purpose(policy, act);
    let sharing = matches!(act.verb, Verb::Disclose | Verb::Export);
    match &never.what {
        Forbidden::SendMarketing => act.verb.reaches_out() && purpose == Some(Purpose::DirectMarketing),
        Forbidden::SendAnything => act.verb.reaches_out() && !exempt(purpose),
        Forbidden::Share(named) => {
            let meant = |word: &String| purpose.is_some() && Purpose::said(word) == purpose;
            sharing && (named.is_empty() || named.iter().any(meant))
        }
        Forbidden::ShareOutside { place, unless_safeguarded } => {
            sharing
                && outside(policy, act, place, today)
                    .is_some_and(|safeguarded| !(*unless_safeguarded && safeguarded))
        }
    }
}

/// Whether the act's recipient is outside a place, and if so whether a safeguard stands there that day.
fn outside(policy: &Policy, act: &Act, place: &str, today: Date) -> Option<bool> {
    if let Some(processor) = processor(policy, act) {
        let away = !processor.place.eq_ignore_ascii_case(place);
        return away.then(|| disclosure::safeguarded(policy, processor, today).is_ok());
    }
    let name = act.recipient.as_deref()?;
    let recipient = policy.recipients.iter().find(|recipient| recipient.name == name)?;
    let there = recipient.place.as_deref().filter(|there| !there.eq_ignore_ascii_case(place))?;
    Some(transfer::gap(&policy.home, there, None, today).is_none())
}

fn processor<'p>(policy: &'p Policy, act: &Act) -> Option<&'p Processor> {
    let name = act.recipient.as_deref()?;
    policy.processors.iter().find(|processor| processor.name == name)
}

/// What is missing where only safeguarded sharing is let through.
fn unsafeguarded(policy: &Policy, never: &Prohibition, act: &Act, today: Date) -> Option<(String, String)> {
    let Forbidden::ShareOutside { unless_safeguarded: true, .. } = &never.what else { return None };
    disclosure::safeguarded(policy, processor(policy, act)?, today).err()
}

fn protects(policy: &Policy, never: &Prohibition, life: &Life, today: Date) -> bool {
    let conditional = never.while_work.is_some() || never.after.is_some();
    if !conditional {
        return never.to.is_empty()
            || never.to.iter().any(|category| still_one(policy, life, *category, today));
    }
    let theirs =
        |on: &&OnWork| never.to.is_empty() || never.to.iter().any(|category| plays(policy, on, *category));
    let running = life.works.iter().filter(theirs).any(|on| {
        never.while_work.is_none_or(|work| on.work == work)
            && on.opened_on <= today
            && runs(policy, on, today)
    });
    if never.while_work.is_some() && running {
        return true;
    }
    // From the next day on, once everything they came for has ended. A new piece of work is a new time.
    never.after.as_deref().is_some_and(|event| {
        let happened = |on: &OnWork| on.milestone(event).is_some_and(|day| day < today);
        let declares = |on: &&OnWork| {
            policy
                .works
                .get(on.work.index())
                .is_some_and(|work| work.milestones.iter().any(|milestone| milestone == event))
        };
        let mut of_kind = life.works.iter().filter(theirs).filter(declares).peekable();
        let on_work = of_kind.peek().is_some() && of_kind.all(|on| happened(on) || !runs(policy, on, today));
        let any = life.works.iter().filter(theirs).any(happened);
        (on_work && any) || life.events.iter().any(|(name, on)| name == event && *on < today)
    })
}

/// Has the category, or is still held under one of its activities.
fn still_one(policy: &Policy, life: &Life, category: CategoryId, today: Date) -> bool {
    life.has(category, today)
        || life.grounds.iter().filter(|ground| ground.active(today)).any(|ground| {
            let activity =
                policy.rules.get(ground.rule.index()).and_then(|rule| policy.activity(rule.activity));
            activity.is_some_and(|activity| activity.for_whom.iter().any(|whom| whom.category == category))
        })
}

/// From its opening to its last milestone, while the person is on it.
fn runs(policy: &Policy, on: &OnWork, today: Date) -> bool {
    let last = policy.works.get(on.work.index()).and_then(|work| work.milestones.last());
    let ended = last.and_then(|last| on.milestone(last)).is_some_and(|day| day <= today);
    !ended && on.until.is_none_or(|until| today < until)
}

/// Whether a consent stands that speaks for this act: to an activity of its purpose, and not one given only for
/// work that the prohibition says is over.
fn consented(policy: &Policy, never: &Prohibition, act: &Act, life: &Life, today: Date) -> bool {
    let purpose = super::purpose(policy, act);
    life.consents.iter().any(|consent| {
        let Some(activity) = policy.activity(consent.activity) else { return false };
        let over = consent.engagement.is_some_and(|engagement| {
            let gated = matches!(&activity.basis, policy::Basis::Consent { before: Some(_), .. });
            let on = life.works.iter().find(|on| on.engagement == engagement);
            let after = never.after.as_deref();
            gated
                && on.is_some_and(|on| {
                    after.is_some_and(|event| on.milestone(event).is_some_and(|day| day <= today))
                })
        });
        !over
            && act.activity.is_none_or(|named| named == activity.id)
            && purpose.is_none_or(|purpose| purpose == activity.purpose)
            && basis::standing_consent(policy, activity, life, consent.engagement, today).is_some()
    })
}
