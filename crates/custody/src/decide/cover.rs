//! The second and third questions: does an active ground of this purpose cover each kind, does its basis stand
//! today, and does no prohibition stand?

use jiff::civil::Date;
use policy::basis::{Basis, ConsentForm};
use policy::policy::Clause;
use policy::{Activity, KindSet, Policy, Rule, Sensitivity, Sort};

use crate::act::{Act, Actor, Verb};
use crate::basis::{self, Standing};
use crate::coverage;
use crate::ground;
use crate::known;
use crate::life::{Ground, Life, State, StopCause};
use crate::moment::Now;
use crate::refusal::{Question, Refusal};
use crate::rows;

use super::{never, role, why_not};

/// The kinds that may be had of what is in sight.
pub(super) fn covered(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    in_sight: KindSet,
    now: Now,
    clauses: &mut Vec<Clause>,
) -> Result<KindSet, Refusal> {
    let today = now.today;
    if act.verb.needs_no_use() {
        return Ok(in_sight);
    }
    if act.verb == Verb::Decide {
        let because = "nothing we hold about them waits for a decision".to_owned();
        return Err(Refusal::by(policy, Question::Ground, None, because, "Open their page.".to_owned()));
    }
    if act.verb.reaches_out() && super::purpose(policy, act).is_none() {
        let because = "a message or call needs a stated purpose".to_owned();
        return Err(Refusal::by(
            policy,
            Question::Ground,
            None,
            because,
            "Choose the activity it belongs to.".to_owned(),
        ));
    }
    unrestricted(policy, actor, act, life, in_sight, today)?;
    if matches!(act.verb, Verb::Finish | Verb::HandOver) {
        return unheld(policy, life, today).map(|()| in_sight);
    }
    if act.verb == Verb::Remove {
        unheld(policy, life, today)?;
    }
    never::none_stands(policy, act, life, today)?;
    if act.verb == Verb::Part {
        return parting(policy, act, life, in_sight, today, clauses);
    }
    let mut covered = KindSet::none();
    let claims = claims(actor, act, life, today);
    if claims {
        covered = why_it_waits(policy, act, in_sight);
    }
    let slipped = act.verb == Verb::TakeBack && life.hold.is_none();
    let own = life.grounds.iter().filter(|ground| {
        claims || ground.active(today) || (slipped && !ground.swept && ended_by_a_fact(&ground.state))
    });
    for ground in own.chain(coverage::of_work(policy, life, today)) {
        let Some((rule, activity)) = rule_of(policy, ground) else { continue };
        if !serves(act, activity) {
            continue;
        }
        let mut kinds = kinds_on(policy, act, ground, rule);
        if life.alone {
            kinds = kinds.or(record_of_work(policy));
        }
        let mut kinds = kinds.and(in_sight);
        if claims || (slipped && !ground.active(today)) {
            covered = covered.or(kinds);
            continue;
        }
        if !act.verb.stores() {
            kinds = kinds.minus(rows::over(policy, life, ground, now));
        }
        // A review that was passed by is made good by reviewing.
        let late = act.verb != Verb::Review && reviewed_late(ground, today);
        if kinds.minus(covered).is_empty() || late {
            continue;
        }
        // What is archived is still the person's own to see.
        if *actor != Actor::Subject && ground::ceased(policy, life, ground, act.verb, today) {
            continue;
        }
        if basis::standing(policy, activity, life, ground.engagement, today) != Standing::Stands {
            continue;
        }
        covered = covered.or(conditioned(policy, activity, kinds));
        if !clauses.contains(&Clause::Keep(rule.id)) {
            clauses.push(Clause::Keep(rule.id));
        }
    }
    if act.verb.stores() {
        covered = covered.or(opened_by(policy, act, in_sight));
    }
    let missing = in_sight.minus(covered);
    if missing.is_empty() || (act.kinds.narrows() && !covered.is_empty()) {
        return Ok(covered);
    }
    Err(why_not::uncovered(policy, act, life, missing, today))
}

/// What a piece of work keeps for itself rests on the record of that work, which has the days its clock counts from.
fn record_of_work(policy: &Policy) -> KindSet {
    policy.kind_named("work record").map(|kind| kind.id).into_iter().collect()
}

/// Whether it is the owner of a hold, or somebody named as helping with it, who reads or discloses what the hold keeps,
/// for the claim it stands for.
fn claims(actor: &Actor, act: &Act, life: &Life, today: Date) -> bool {
    let Actor::Staff { id, .. } = actor else { return false };
    let hold = life.hold.as_ref().filter(|hold| hold.since <= today && hold.serves(*id));
    hold.is_some() && act.purpose.is_none() && matches!(act.verb, Verb::Read | Verb::Disclose)
}

/// The record of why somebody's data waits, if the act is one that a page is read by.
fn why_it_waits(policy: &Policy, act: &Act, in_sight: KindSet) -> KindSet {
    if act.verb == Verb::Disclose {
        return KindSet::none();
    }
    policy.kind_named("request record").map(|kind| kind.id).into_iter().collect::<KindSet>().and(in_sight)
}

/// Where to reach somebody and how to call them, while a clause has something said to them.
fn parting(
    policy: &Policy,
    act: &Act,
    life: &Life,
    in_sight: KindSet,
    today: Date,
    clauses: &mut Vec<Clause>,
) -> Result<KindSet, Refusal> {
    match act.activity.and_then(|activity| crate::parting::speaks(policy, life, activity, today)) {
        Some(rule) => {
            clauses.push(Clause::Keep(rule));
            Ok(in_sight)
        }
        None => Err(Refusal::by(
            policy,
            Question::Ground,
            None,
            "nothing that ends is left to be said to them".to_owned(),
            "There is nothing to do.".to_owned(),
        )),
    }
}

/// What may be seen of somebody about whom a decision is owed, by those who may decide: the items on grounds that
/// are restricted, held, objected to or past their review. Without it nobody could ever find them again and decide.
pub(super) fn undecided(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    in_sight: KindSet,
    today: Date,
) -> KindSet {
    let looks =
        act.verb == Verb::Decide || (matches!(act.verb, Verb::List | Verb::Read) && act.kinds.narrows());
    if !looks || act.purpose.is_some() || !role::decides(policy, actor) {
        return KindSet::none();
    }
    let suspended = life.restriction.as_ref().is_some_and(|restriction| restriction.since <= today)
        || life.hold.as_ref().is_some_and(|hold| hold.since <= today)
        || life.needed(today).is_some();
    let waits = |ground: &Ground| reviewed_late(ground, today) || disputed(policy, life, ground, today);
    let owed = life.grounds.iter().filter(|ground| suspended || (ground.active(today) && waits(ground)));
    let kinds = owed
        .filter_map(|ground| rule_of(policy, ground))
        .fold(KindSet::none(), |kinds, (rule, _)| kinds.or(rule.kinds));
    let items = |kind: &policy::KindId| policy.kind(*kind).is_some_and(|kind| kind.sort == Sort::Item);
    let items: KindSet = kinds.and(in_sight).iter().filter(items).collect();
    if suspended { items.or(why_it_waits(policy, act, in_sight)) } else { items }
}

/// The name of somebody whose data is out of use for a time, for those who may write down what that time counts from. Without
/// it nobody could ever find them and do so.
pub(super) fn resting(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    in_sight: KindSet,
    today: Date,
) -> KindSet {
    let looks = matches!(act.verb, Verb::List | Verb::Read) && act.kinds.narrows();
    if !looks || act.purpose.is_some() || act.activity.is_some() || !role::records(policy, actor) {
        return KindSet::none();
    }
    let Some(name) = policy.kind_named("name").map(|kind| kind.id) else { return KindSet::none() };
    let restricted = life.restriction.as_ref().is_some_and(|restriction| restriction.since <= today);
    let mut active = life.grounds.iter().filter(|ground| !restricted && ground.active(today));
    let rests = active.any(|ground| {
        rule_of(policy, ground).is_some_and(|(rule, activity)| {
            rule.kinds.contains(name)
                && ground::ceased(policy, life, ground, act.verb, today)
                && !counts_from(policy, rule).is_empty()
                && basis::standing(policy, activity, life, ground.engagement, today) == Standing::Stands
        })
    });
    if rests { in_sight.and(std::iter::once(name).collect()) } else { KindSet::none() }
}

/// What somebody may write down that a clause counts from.
pub(super) fn counts_from<'p>(policy: &'p Policy, rule: &Rule) -> Vec<&'p str> {
    let events = rule.events();
    known::recordable(policy).filter(|name| events.iter().any(|event| event == name)).collect()
}

pub(super) fn rule_of<'a>(policy: &'a Policy, ground: &Ground) -> Option<(&'a Rule, &'a Activity)> {
    let rule = policy.rules.get(ground.rule.index())?;
    Some((rule, policy.activity(rule.activity)?))
}

/// Whether the activity is one the act may rest on.
pub(super) fn serves(act: &Act, activity: &Activity) -> bool {
    act.activity.is_none_or(|named| named == activity.id)
        && act.purpose.is_none_or(|purpose| purpose == activity.purpose)
}

/// A review passed without a decision restricts what rests on it.
pub(super) fn reviewed_late(ground: &Ground, today: Date) -> bool {
    ground.review_on.is_some_and(|review| review < today)
}

/// Whether an objection to what the ground is for waits to be weighed.
fn disputed(policy: &Policy, life: &Life, ground: &Ground, today: Date) -> bool {
    if life.objections.is_empty() {
        return false;
    }
    rule_of(policy, ground).is_some_and(|(_, activity)| {
        let standing = basis::standing(policy, activity, life, ground.engagement, today);
        matches!(standing, Standing::Disputed(_))
    })
}

/// What the ground covers for this act: entries and documents only on its own engagement.
fn kinds_on(policy: &Policy, act: &Act, ground: &Ground, rule: &Rule) -> KindSet {
    let Some(engagement) = ground.engagement else { return rule.kinds };
    let elsewhere = match act.engagement {
        Some(asked) => asked != engagement,
        // What is stored on no work is covered by no ground of work; reading asks about each datum by itself.
        None => act.verb.stores(),
    };
    if !elsewhere {
        return rule.kinds;
    }
    let items = |kind: &policy::KindId| {
        policy.kind(*kind).is_some_and(|kind| matches!(kind.sort, Sort::Item | Sort::Record))
    };
    rule.kinds.iter().filter(items).collect()
}

/// Special and criminal data need a condition beside the basis: an express consent, or one the activity states
/// with all that the law wants for it.
pub(super) fn conditioned(policy: &Policy, activity: &Activity, kinds: KindSet) -> KindSet {
    let express = matches!(
        &activity.basis,
        Basis::Consent { form: ConsentForm::Signed(_) | ConsentForm::Explicit, .. }
    );
    if express {
        kinds
    } else {
        let stated = |sensitivity| {
            let mut conditions = activity.conditions.iter();
            conditions.any(|condition| condition.serves(sensitivity) && !condition.lacks_document())
        };
        [Sensitivity::Special, Sensitivity::Criminal]
            .into_iter()
            .filter(|sensitivity| !stated(*sensitivity))
            .fold(kinds, |kinds, sensitivity| kinds.minus(policy.kinds_of(sensitivity)))
    }
}

/// What an activity for everyone will hold by the record that is being written.
fn opened_by(policy: &Policy, act: &Act, in_sight: KindSet) -> KindSet {
    let record = |kind: policy::KindId| policy.kind(kind).is_some_and(|kind| kind.sort != Sort::Item);
    let opens = policy.activities.iter().filter(|activity| {
        activity.for_everyone && serves(act, activity) && in_sight.and(activity.kinds).iter().any(record)
    });
    opens.fold(KindSet::none(), |kinds, activity| kinds.or(in_sight.and(activity.kinds)))
}

/// Whether a ground ended by what was recorded of the person, and not by their own will or an erasure: only that can have
/// been a slip.
fn ended_by_a_fact(state: &State) -> bool {
    use StopCause::{Annulled, Due, Event, LetGo};
    matches!(state, State::Stopped { cause: Event(_) | Due | Annulled | LetGo, .. })
}

/// A hold suspends every disposal, also what somebody does by hand and whatever they open for it.
fn unheld(policy: &Policy, life: &Life, today: Date) -> Result<(), Refusal> {
    if life.hold.as_ref().is_none_or(|hold| hold.since > today) {
        return Ok(());
    }
    let because = "a hold stands: nothing of what we hold may be let go".to_owned();
    let next = "Do it once the hold has ended, and record it then.".to_owned();
    Err(Refusal::by(policy, Question::Ground, None, because, next))
}

/// A restriction leaves storage, the person's own request, and claims.
fn unrestricted(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    kinds: KindSet,
    today: Date,
) -> Result<(), Refusal> {
    let Some(restriction) = life.restriction.as_ref().filter(|restriction| restriction.since <= today) else {
        return Ok(());
    };
    // What they ask, say and agree to is written down still; no work is begun with them.
    let records = kinds.iter().all(|kind| policy.kind(kind).is_some_and(|kind| kind.sort == Sort::Record))
        && kinds.and(record_of_work(policy)).is_empty();
    let staff = match actor {
        Actor::Staff { id, .. } => Some(*id),
        Actor::System(_) | Actor::Subject => None,
    };
    let decides = staff == Some(restriction.owner) && act.verb == Verb::Read;
    let claims = life.hold.as_ref().is_some_and(|hold| staff.is_some_and(|staff| hold.serves(staff)))
        && matches!(act.verb, Verb::Read | Verb::Disclose);
    let own = *actor == Actor::Subject && matches!(act.verb, Verb::Read | Verb::Export);
    if (act.verb.stores() && records) || decides || claims || own {
        return Ok(());
    }
    let because = "processing is restricted: what we hold may be stored and nothing else".to_owned();
    Err(Refusal::by(
        policy,
        Question::Ground,
        None,
        because,
        "Decide about the restriction on the rights desk first.".to_owned(),
    ))
}
