//! The fifth question: is the recipient one the policy names for these kinds, still, and safeguarded there?

use jiff::civil::Date;
use policy::law::transfer;
use policy::policy::{Clause, Processor};
use policy::{Activity, KindSet, Policy, Share};

use crate::act::{Act, Verb};
use crate::coverage;
use crate::life::{Ground, Life};
use crate::refusal::{Question, Refusal, kind_names};

use super::cover;

/// Refuses what goes to somebody the policy does not name for it.
pub(super) fn allowed(
    policy: &Policy,
    act: &Act,
    life: &Life,
    kinds: KindSet,
    today: Date,
) -> Result<(), Refusal> {
    let recipient = match (act.verb, act.recipient.as_deref()) {
        (Verb::Disclose | Verb::Export, Some(recipient)) => recipient,
        (Verb::Disclose, None) => {
            let because = "a disclosure needs a recipient".to_owned();
            return Err(Refusal::by(
                policy,
                Question::Disclosure,
                None,
                because,
                "Say to whom it goes.".to_owned(),
            ));
        }
        _ => return Ok(()),
    };
    if let Some(at) = policy.processors.iter().position(|processor| processor.name == recipient) {
        return to_processor(policy, at, kinds, today);
    }
    let mut allowed = KindSet::none();
    let mut nearest = None;
    let own = life.grounds.iter().filter(|ground| ground.active(today));
    for ground in own.chain(coverage::of_work(policy, life, today)) {
        let Some((rule, activity)) = cover::rule_of(policy, ground) else { continue };
        if !cover::serves(act, activity) {
            continue;
        }
        for (at, share) in activity.shares.iter().enumerate().filter(|(_, share)| share.is_with(recipient)) {
            nearest = Some((activity, at, share));
            if begun(share, ground, life, today) && !over(share, ground, life, today) {
                allowed = allowed.or(share.kinds.and(rule.kinds));
            }
        }
    }
    let missing = kinds.minus(allowed);
    if missing.is_empty() {
        return Ok(());
    }
    Err(not_shared(policy, recipient, nearest, missing))
}

/// Whether what the share waits for has happened: a milestone of the ground's own work, and our word to the person.
#[must_use]
pub fn begun(share: &Share, ground: &Ground, life: &Life, today: Date) -> bool {
    let happened = |event: &str| {
        let here = |engagement| ground.engagement.is_none_or(|own| own == engagement);
        let mut on_work = life.works.iter().filter(|on| here(on.engagement));
        on_work.any(|on| on.milestone(event).is_some_and(|day| day <= today))
    };
    let told = || {
        let ours = |name: &str| matches!(name, "communication" | "contact");
        life.events.iter().any(|(name, on)| ours(name) && ground.opened_on <= *on && *on <= today)
    };
    share.after.as_deref().is_none_or(happened) && (!share.once_told || told())
}

/// Whether what ends the share has happened, on the ground's own work or to the person.
#[must_use]
pub fn over(share: &Share, ground: &Ground, life: &Life, today: Date) -> bool {
    let Some(event) = share.until.as_deref() else { return false };
    let mut on_work =
        life.works.iter().filter(|on| ground.engagement.is_none_or(|engagement| engagement == on.engagement));
    on_work.any(|on| on.milestone(event).is_some_and(|day| day <= today))
        || life.events.iter().any(|(name, on)| name == event && *on <= today)
}

fn to_processor(policy: &Policy, at: usize, kinds: KindSet, today: Date) -> Result<(), Refusal> {
    let Some(processor) = policy.processors.get(at) else { return Ok(()) };
    let clause = Some(Clause::Processor(at));
    let missing = kinds.minus(processor.kinds);
    if !missing.is_empty() {
        let because = format!("{} may not hold {}", processor.name, kind_names(policy, missing));
        return Err(Refusal::by(
            policy,
            Question::Disclosure,
            clause,
            because,
            "Leave it out, or change the policy.".to_owned(),
        ));
    }
    safeguarded(policy, processor, today)
        .map_err(|(because, next)| Refusal::by(policy, Question::Disclosure, clause, because, next))
}

/// Whether anything may go to a processor of the policy on a day: at home, or under a safeguard that stands there.
///
/// # Errors
/// A [`Refusal`] naming the processor's clause.
pub fn may_receive(policy: &Policy, processor: &str, today: Date) -> Result<(), Refusal> {
    let Some(at) = policy.processors.iter().position(|known| known.name == processor) else {
        return Err(not_shared(policy, processor, None, KindSet::none()));
    };
    to_processor(policy, at, KindSet::none(), today)
}

/// What is missing for data to go to a processor on a day, and what would change it.
pub(super) fn safeguarded(
    policy: &Policy,
    processor: &Processor,
    today: Date,
) -> Result<(), (String, String)> {
    let Some(gap) = transfer::gap_of(policy, processor, today) else { return Ok(()) };
    let because = format!("{} keeps data in {}, and {}", processor.name, processor.place, gap.words());
    let next = format!(
        "Give {} a safeguard that stands, in the policy: `under data bridge, checked DATE` for a company on its list, or `under IDTA signed DATE`. Until then nothing goes there.",
        processor.name
    );
    Err((because, next))
}

fn not_shared(
    policy: &Policy,
    recipient: &str,
    nearest: Option<(&Activity, usize, &Share)>,
    missing: KindSet,
) -> Refusal {
    let kinds = kind_names(policy, missing);
    let (clause, because, next) = match nearest {
        None => {
            let next = "Add the recipient to an activity of the policy, or do not pass it on.".to_owned();
            let what = if missing.is_empty() { "anything" } else { kinds.as_str() };
            (None, format!("the policy does not name {recipient} as one who gets {what}"), next)
        }
        Some((activity, at, share)) if missing.minus(share.kinds).is_empty() => {
            if let Some(early) = too_early(share) {
                let because = format!("{recipient} gets {kinds} {early}, and that has not happened");
                let next = "Do that first.".to_owned();
                return Refusal::by(
                    policy,
                    Question::Disclosure,
                    Some(Clause::Share(activity.id, at)),
                    because,
                    next,
                );
            }
            let until = share.until.as_deref().unwrap_or("then");
            let because = format!("{recipient} gets {kinds} until {until}, and that has happened");
            (Some(Clause::Share(activity.id, at)), because, "Do not pass it on any more.".to_owned())
        }
        Some((activity, at, share)) => {
            let because = format!("{recipient} gets {} and not {kinds}", kind_names(policy, share.kinds));
            (Some(Clause::Share(activity.id, at)), because, "Leave that out.".to_owned())
        }
    };
    Refusal::by(policy, Question::Disclosure, clause, because, next)
}

/// What a share waits for, where nothing ends it: then that is why it does not stand.
fn too_early(share: &Share) -> Option<String> {
    if share.until.is_some() {
        return None;
    }
    match (&share.after, share.once_told) {
        (Some(event), false) => Some(format!("after {event}")),
        (Some(event), true) => Some(format!("after {event}, once the person is told")),
        (None, true) => Some("once the person is told".to_owned()),
        (None, false) => None,
    }
}
