//! The period agreed with the person: who may agree on it, how long it may be, and who decided on more.

use custody::id::EngagementId;
use custody::refusal::Question;
use custody::{Refusal, Verb};
use jiff::Span;
use policy::phrase::{Phrase, period_words};
use policy::policy::Clause;
use policy::{Policy, Rule, WorkId, clock};
use serde_json::json;
use store::Tx;
use store::engagement::{self, NewAgreement};

use super::{may_run, on_hand};
use crate::acts::Acting;
use crate::fault::Fault;

/// The longest period anybody can mean, in months.
const MONTHS_MAX: i32 = 600;

/// A period somebody wants to agree on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgreedPeriod {
    /// Months, counted from the clause's own event.
    pub months: i32,
    /// Why, where it is longer than usual.
    pub reason: String,
    /// Who agreed, by their parts on the work: `client`, `coach`.
    pub by: Vec<String>,
}

/// The clause of a kind of work that lets a period be agreed.
#[must_use]
pub fn agreeable(policy: &Policy, work: WorkId) -> Option<&Rule> {
    policy.rules.iter().find(|rule| rule.work == Some(work) && rule.phrase.agreed().is_some())
}

/// Who agrees on it, part by part: `client`, `coach`.
#[must_use]
pub fn agreed_by(rule: &Rule) -> Vec<String> {
    let Some(Phrase::Agreed { by, .. }) = rule.phrase.agreed() else { return Vec::new() };
    let split = by.split(" and ").flat_map(|some| some.split(','));
    split
        .map(|part| part.trim().trim_start_matches("the ").to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// Records a period agreed with the person.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if others than those it names agreed, or it takes no more than its cap;
/// [`Fault::Invalid`] if it is longer than usual and no reason is given.
pub fn agree(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    new: &AgreedPeriod,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    let life = hand.life()?;
    may_run(acting, Verb::Change, life, Some(engagement))?;
    let policy = &acting.policy;
    let rule = agreeable(policy, hand.work.id).ok_or(Fault::NotFound)?;
    if new.months < 1 || new.months > MONTHS_MAX {
        return Err(Fault::field("months", "Type a number of months between 1 and 600."));
    }
    let asked = agreed_by(rule);
    let mut given = new.by.clone();
    given.sort_unstable();
    let mut wanted = asked.clone();
    wanted.sort_unstable();
    if given != wanted {
        return Err(not_theirs_to_set(policy, rule, &asked).into());
    }
    let period = if new.months % 12 == 0 {
        Span::new().years(new.months / 12)
    } else {
        Span::new().months(new.months)
    };
    let from =
        rule.phrase.events().iter().find_map(|event| {
            life.works.iter().find(|on| on.engagement == engagement)?.milestone(&event.name)
        });
    let reason = new.reason.trim();
    let over = clock::over_cap(&rule.phrase, &period, from.unwrap_or(acting.today));
    match over {
        Some(over) if !over.with_reason => return Err(over_the_cap(policy, rule, &period).into()),
        Some(_) if reason.is_empty() => {
            let words = format!(
                "{} is longer than the policy says is normal. Say why, or agree on less.",
                capital(&period_words(&period))
            );
            return Err(Fault::field("reason", words));
        }
        _ => {}
    }
    let agreement = NewAgreement {
        engagement,
        person: hand.client,
        period: &period,
        reason: Some(reason).filter(|reason| !reason.is_empty()),
        decided_by: over.and(acting.staff_id()),
        agreed_on: acting.today,
        by: acting.staff_id(),
    };
    engagement::agree(tx, &agreement, acting.now)?;
    acting.settle(tx, hand.client)?;
    let body =
        json!({ "engagement": engagement.0, "period": period.to_string(), "over the cap": over.is_some() });
    acting.log(tx, "period.agreed", &[hand.client], &body)
}

fn not_theirs_to_set(policy: &Policy, rule: &Rule, asked: &[String]) -> Refusal {
    let names: Vec<&str> = asked.iter().map(String::as_str).collect();
    let who = custody::refusal::listed(&names);
    Refusal::by(
        policy,
        Question::Ground,
        Some(Clause::Keep(rule.id)),
        format!("the period is agreed by {who}, and by nobody else; whoever pays has no say in it"),
        format!("Ask {who}, and record what they agreed."),
    )
}

fn over_the_cap(policy: &Policy, rule: &Rule, period: &Span) -> Refusal {
    Refusal::by(
        policy,
        Question::Ground,
        Some(Clause::Keep(rule.id)),
        format!("{} is longer than the policy allows", period_words(period)),
        "Agree on less, or change the policy.".to_owned(),
    )
}

fn capital(words: &str) -> String {
    crate::web::people::capital(words)
}
