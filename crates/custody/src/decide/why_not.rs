//! Why a kind is not covered: the clause to name, and what would change it.

use jiff::civil::Date;
use policy::basis::{Basis, ConsentForm};
use policy::phrase::Ceases;
use policy::policy::Clause;
use policy::{Activity, Kind, KindSet, Policy};

use crate::act::Act;
use crate::basis::{self, Standing};
use crate::explain::{day, stage_words};
use crate::ground;
use crate::id::EngagementId;
use crate::life::{Life, State};
use crate::part::plays;
use crate::refusal::{Question, Refusal, kind_names, listed};

use super::cover;

/// The refusal for kinds that no ground covers. The first kind decides what is said.
pub(super) fn uncovered(policy: &Policy, act: &Act, life: &Life, missing: KindSet, today: Date) -> Refusal {
    let Some(kind) = missing.iter().next().and_then(|kind| policy.kind(kind)) else {
        return by(
            policy,
            None,
            "nothing was asked for".to_owned(),
            "Say which data the act needs.".to_owned(),
        );
    };
    let holds: Vec<&Activity> =
        policy.activities.iter().filter(|activity| activity.kinds.contains(kind.id)).collect();
    if let Some(named) =
        act.activity.and_then(|id| policy.activity(id)).filter(|named| !named.kinds.contains(kind.id))
    {
        let because = format!("the policy does not declare {} for {}", kind.name, named.name);
        return by(
            policy,
            Some(Clause::Data(named.id)),
            because,
            "Leave it out, or change the policy.".to_owned(),
        );
    }
    if holds.is_empty() {
        let because = format!("no activity of the policy may hold {}", kind.name);
        return by(
            policy,
            Some(Clause::Kind(kind.id)),
            because,
            "Leave it out, or change the policy.".to_owned(),
        );
    }
    let theirs: Vec<&Activity> = holds
        .iter()
        .copied()
        .filter(|activity| cover::serves(act, activity) && concerns(policy, activity, life))
        .collect();
    // What they were held under last says most; only then what they could be held under.
    let mut theirs = theirs;
    theirs.sort_by_key(|activity| std::cmp::Reverse(last_held(policy, activity, life, missing, today)));
    for activity in &theirs {
        if let Some(refusal) = without_basis(policy, act, activity, life, kind, today) {
            return refusal;
        }
        if let Some(refusal) = ended(policy, activity, life, missing, today) {
            return refusal;
        }
        if let Some(refusal) = resting(policy, act, activity, life, kind, today) {
            return refusal;
        }
    }
    if let Some(activity) = theirs.iter().find(|activity| life.not_entered.contains(&activity.id)) {
        let because = format!("they were not entered in {} when they came", activity.name);
        let next = "Enter them on their page, and say why they may be told.".to_owned();
        return by(policy, Some(Clause::For(activity.id)), because, next);
    }
    if let Some(activity) = theirs.first() {
        let because =
            format!("{} is kept for {} only on its own work, at its own time", kind.name, activity.name);
        return by(
            policy,
            Some(Clause::For(activity.id)),
            because,
            "Start or choose the work it belongs to.".to_owned(),
        );
    }
    not_theirs(policy, act, &holds, life, kind)
}

/// Whether the activity is for such a person at all.
fn concerns(policy: &Policy, activity: &Activity, life: &Life) -> bool {
    activity.for_everyone
        || activity.for_whom.iter().any(|whom| {
            life.ever_had(whom.category) || life.works.iter().any(|on| plays(policy, on, whom.category))
        })
}

fn without_basis(
    policy: &Policy,
    act: &Act,
    activity: &Activity,
    life: &Life,
    kind: &Kind,
    today: Date,
) -> Option<Refusal> {
    let clause = Some(Clause::Basis(activity.id));
    let verb = if act.verb.stores() { "kept" } else { "used" };
    let refuse = |because: String, next: String| {
        Some(Refusal::by(policy, Question::Basis, clause.clone(), because, next))
    };
    if cover::conditioned(policy, activity, KindSet::from_iter([kind.id])).is_empty() {
        let because = format!("{} needs a signed or explicit consent beside the basis", kind.name);
        return refuse(because, "Change the policy: state how people agree to it.".to_owned());
    }
    match basis::standing(policy, activity, life, engagement(policy, act, activity, life), today) {
        Standing::Stands => None,
        Standing::NoConsent => {
            let (what, next) = missing_consent(policy, activity);
            refuse(format!("{} may be {verb} only once {what}", kind.name), next)
        }
        Standing::TooLate => {
            let before = match &activity.basis {
                Basis::Consent { before: Some(event), .. } => event.as_str(),
                _ => "that",
            };
            let because = format!("{} may be {verb} only with consent given before {before}", kind.name);
            refuse(because, "Check the dates of the consent and of the work.".to_owned())
        }
        Standing::Withdrawn(on) => refuse(
            format!("consent to {} was withdrawn on {}", activity.name, day(on)),
            "Only the person can agree again.".to_owned(),
        ),
        Standing::Lapsed(on) => refuse(
            format!("consent to {} lapsed on {}: it was not renewed", activity.name, day(on)),
            "Ask again.".to_owned(),
        ),
        Standing::Objected(on) => {
            let because = format!("the person objected to {} on {}", activity.name, day(on));
            refuse(because, "Only the person can change that, by agreeing later.".to_owned())
        }
        Standing::Disputed(on) => {
            let because =
                format!("the person's objection of {} to {} is not decided yet", day(on), activity.name);
            refuse(because, "Decide and answer it on the rights desk.".to_owned())
        }
        Standing::NotAssessed => {
            let because =
                format!("the interest behind {} was never weighed against people's own", activity.name);
            refuse(because, "Write the assessment, and name its file in the policy.".to_owned())
        }
    }
}

/// The engagement an act speaks of; where it names none, the latest of the activity's kind.
fn engagement(policy: &Policy, act: &Act, activity: &Activity, life: &Life) -> Option<EngagementId> {
    let theirs =
        life.works.iter().filter(|on| activity.for_whom.iter().any(|whom| plays(policy, on, whom.category)));
    act.engagement.or_else(|| theirs.max_by_key(|on| on.opened_on).map(|on| on.engagement))
}

fn missing_consent(policy: &Policy, activity: &Activity) -> (String, String) {
    match &activity.basis {
        Basis::Consent { form: ConsentForm::Signed(kind), .. } => {
            let form = policy.kind(*kind).map_or("consent form", |kind| kind.name.as_str());
            let work = activity
                .work
                .and_then(|id| policy.works.get(id.index()))
                .map_or("person", |work| work.name.as_str());
            (
                format!("the signed {form} is on file"),
                format!("Record the signed {form} on the {work} first."),
            )
        }
        Basis::Consent { form: ConsentForm::OptIn { confirmed: Some(_), .. }, .. } => (
            "the person has opted in and confirmed it by e-mail".to_owned(),
            "Ask them, and write their yes down on their page: they are mailed a link to confirm it. Nobody is held for it alone before."
                .to_owned(),
        ),
        Basis::Consent { form: ConsentForm::OptIn { .. }, .. } => {
            ("the person has opted in".to_owned(), "Ask them; silence is no consent.".to_owned())
        }
        _ => ("the person has agreed".to_owned(), "Ask them, and record what they said.".to_owned()),
    }
}

/// Until when the activity held it for them: the far future while it does, `None` if it never did.
fn last_held(
    policy: &Policy,
    activity: &Activity,
    life: &Life,
    missing: KindSet,
    today: Date,
) -> Option<Date> {
    let of_it = life.grounds.iter().filter(|ground| {
        let rule = policy.rules.get(ground.rule.index());
        rule.is_some_and(|rule| rule.activity == activity.id && !rule.kinds.and(missing).is_empty())
    });
    let until = of_it.map(|ground| match &ground.state {
        _ if ground.active(today) => Date::MAX,
        State::Stopped { on, .. } => *on,
        State::Active => ground.due_on.unwrap_or(Date::MAX),
    });
    until.max()
}

/// A ground that keeps it, out of use by now.
fn resting(
    policy: &Policy,
    act: &Act,
    activity: &Activity,
    life: &Life,
    kind: &Kind,
    today: Date,
) -> Option<Refusal> {
    let (ground, rule) = life.grounds.iter().filter(|ground| ground.active(today)).find_map(|ground| {
        let rule = policy.rules.get(ground.rule.index())?;
        let theirs = rule.activity == activity.id && rule.kinds.contains(kind.id);
        (theirs && ground::ceased(policy, life, ground, act.verb, today)).then_some((ground, rule))
    })?;
    // What is still in use for something else says what it is not used for any more.
    let part = rule.stage.as_ref().is_some_and(|stage| stage.what != Ceases::Use);
    let words = if part { stage_words(policy, life, ground, rule, today) } else { None };
    let words = words.unwrap_or_else(|| "out of use by now".to_owned());
    let because = format!("{} is kept for {}, and {words}", kind.name, activity.name);
    let next = match cover::counts_from(policy, rule).as_slice() {
        [] => "There is nothing to do: it goes by itself at its end.".to_owned(),
        events => {
            format!("If it has happened again, write down what its time counts from: {}.", listed(events))
        }
    };
    Some(by(policy, Some(Clause::Keep(rule.id)), because, next))
}

/// A ground that covered it, and is over or waits to be looked at.
fn ended(
    policy: &Policy,
    activity: &Activity,
    life: &Life,
    missing: KindSet,
    today: Date,
) -> Option<Refusal> {
    let of_it = life.grounds.iter().filter_map(|ground| {
        let rule = policy.rules.get(ground.rule.index())?;
        (rule.activity == activity.id && !rule.kinds.and(missing).is_empty()).then_some((ground, rule))
    });
    let (ground, rule) = of_it.max_by_key(|(ground, _)| (ground.active(today), ground.opened_on))?;
    let kinds = kind_names(policy, rule.kinds.and(missing));
    let clause = Some(Clause::Keep(rule.id));
    if ground.active(today) {
        let review = ground.review_on.filter(|review| *review < today)?;
        let because = format!("{kinds} had to be reviewed by {}, and nobody has decided", day(review));
        return Some(by(policy, clause, because, "Review it, and record the decision.".to_owned()));
    }
    let (on, why) = match &ground.state {
        State::Stopped { on, cause } => (*on, cause.words()),
        State::Active => (ground.due_on?.tomorrow().ok()?, "the period ran out".to_owned()),
    };
    let because = format!("{} for {} ended on {}: {why}", kinds, activity.name, day(on));
    let next = match ground.swept {
        true => "There is nothing to do: what nothing else keeps has gone.",
        false => "Nothing: it goes with the next night's sweep.",
    };
    Some(by(policy, clause, because, next.to_owned()))
}

/// Activities hold it, for others or for another purpose.
fn not_theirs(policy: &Policy, act: &Act, holds: &[&Activity], life: &Life, kind: &Kind) -> Refusal {
    let Some(activity) = holds.iter().find(|activity| !concerns(policy, activity, life)).or(holds.first())
    else {
        return by(
            policy,
            Some(Clause::Kind(kind.id)),
            format!("no activity may hold {}", kind.name),
            String::new(),
        );
    };
    if let Some(held) = holds.iter().find(|activity| concerns(policy, activity, life))
        && (act.activity.is_some() || act.purpose.is_some())
    {
        let because = format!("{} is held for {}, not for this purpose", kind.name, held.name);
        let next = "Choose an activity of the policy that has this purpose and holds it.".to_owned();
        return by(policy, Some(Clause::Data(held.id)), because, next);
    }
    let names = activity.for_whom.iter().filter_map(|whom| policy.categories.get(whom.category.index()));
    let names: Vec<&str> = names.map(|category| category.name.as_str()).collect();
    let because = format!(
        "{} may be held about a {} only ({})",
        kind.name,
        listed(&names).replace(" and ", " or "),
        activity.name
    );
    by(
        policy,
        Some(Clause::Data(activity.id)),
        because,
        "Leave it out, or say that the person is one.".to_owned(),
    )
}

fn by(policy: &Policy, clause: Option<Clause>, because: String, next: String) -> Refusal {
    Refusal::by(policy, Question::Ground, clause, because, next)
}
