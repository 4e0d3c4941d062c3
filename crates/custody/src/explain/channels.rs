//! Whether each channel of an activity is open to a person, in words. What only the moment of sending knows
//! (the footer, the number's check) is named as a condition.

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::channel::{Channel, Means};
use policy::{Activity, KindSet, Policy};

use crate::act::{Act, Asked, Verb};
use crate::basis;
use crate::decide::{exempt, prohibition_stands};
use crate::ground;
use crate::life::{Ground, Life, Scope};

use super::{clock_words, day};

/// Whether a channel may be used under a card's activity, and why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelAnswer {
    /// The channel's title: "news by e-mail".
    pub channel: String,
    /// Whether it may be used today.
    pub open: bool,
    /// Why not, or under which condition; may be empty: "they asked on 3 Mar 2026".
    pub reason: String,
}

pub(super) fn answers(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    activity: &Activity,
    today: Date,
) -> Vec<ChannelAnswer> {
    let channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
    channels
        .map(|channel| {
            let closed = closed(policy, life, ground, activity, channel, today);
            let open = closed.is_none();
            let screened = channel.screening.is_some() && activity.purpose == Purpose::DirectMarketing;
            // What they ask is answered all the same.
            let condition = match (screened, life.restriction.is_some()) {
                (true, _) => "once the number has been checked",
                (false, true) => "to answer what they ask, and for nothing else: the rest is restricted",
                (false, false) => "",
            };
            ChannelAnswer {
                channel: channel.title.clone(),
                open,
                reason: closed.unwrap_or_else(|| condition.to_owned()),
            }
        })
        .collect()
}

fn closed(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    activity: &Activity,
    channel: &Channel,
    today: Date,
) -> Option<String> {
    if life.restriction.is_some() && activity.purpose != Purpose::RightsFulfilment {
        return Some("what we hold is restricted".to_owned());
    }
    let phone = channel.means == Means::Phone;
    let stopped = life.objections.iter().find(|objection| {
        let meant = match objection.scope {
            Scope::AllContact => !exempt(Some(activity.purpose)),
            Scope::Calls => phone && activity.purpose == Purpose::DirectMarketing,
            Scope::Purpose(_) | Scope::Activity(_) => basis::in_scope(policy, activity, objection),
        };
        meant && objection.made_on <= today && !basis::lifted(activity, life, objection, today)
    });
    if let Some(objection) = stopped {
        return Some(format!("they asked on {}", day(objection.made_on)));
    }
    let verb = if phone { Verb::Call } else { Verb::Send };
    if ground::ceased(policy, life, ground, verb, today) {
        let rule = policy.rules.get(ground.rule.index())?;
        return clock_words::stopped(policy, life, ground, rule, today);
    }
    let act = Act {
        verb,
        deed: None,
        kinds: Asked::Exactly(KindSet::none()),
        purpose: Some(activity.purpose),
        activity: Some(activity.id),
        engagement: None,
        channel: Some(channel.id),
        recipient: None,
    };
    let never = policy.prohibitions.iter().find(|never| prohibition_stands(policy, never, &act, life, today));
    never.map(|never| format!("the policy says never {}", never.words.trim_start_matches("never").trim()))
}

/// Why an activity reaches somebody with none of some kinds any more, a name or an address: a stage of the clause that keeps
/// them has begun, and no other clause of the activity keeps them in use.
#[must_use]
pub fn stopped(
    policy: &Policy,
    life: &Life,
    activity: &Activity,
    kinds: KindSet,
    verb: Verb,
    today: Date,
) -> Option<String> {
    let active = life.grounds.iter().filter(|ground| ground.active(today));
    let theirs = active.filter_map(|ground| Some((ground, policy.rules.get(ground.rule.index())?)));
    let theirs = theirs.filter(|(_, rule)| rule.activity == activity.id);
    let (ceased, used): (Vec<_>, Vec<_>) =
        theirs.partition(|(ground, _)| ground::ceased(policy, life, ground, verb, today));
    let used = used.iter().fold(KindSet::none(), |used, (_, rule)| used.or(rule.kinds));
    let unused = kinds.minus(used);
    let (ground, rule) = ceased.into_iter().find(|(_, rule)| !rule.kinds.and(unused).is_empty())?;
    clock_words::stopped(policy, life, ground, rule, today)
}
