//! What may be used, for which purpose: the second and third question of section 6, asked of the model's grounds.

use std::collections::BTreeSet;

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::phrase::Ceases;
use policy::{Policy, Sensitivity, Sort};

use super::basis::{self, Stands};
use super::clock;
use super::each;
use super::facts;
use super::ground::Ground;
use super::held::{self, Row};
use super::person::Person;

/// What is done with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    Change,
    Store,
    Write,
    Call,
    Share,
}

/// The kinds that may be used for a purpose today, by their names.
pub fn kinds(
    policy: &Policy,
    person: &Person,
    grounds: &[Ground],
    purpose: Purpose,
    to: Use,
    today: Date,
) -> BTreeSet<String> {
    standing(policy, person, grounds, Some(purpose), to, today).into_iter().map(|(kind, _)| kind).collect()
}

/// Whether an entry, a document or an item of a kind may be stored today, on a piece of work or on none.
pub fn stored(
    policy: &Policy,
    person: &Person,
    grounds: &[Ground],
    kind: &str,
    work: Option<i64>,
    today: Date,
) -> bool {
    let sort = policy.kinds.iter().find(|known| known.name == kind).map(|kind| kind.sort);
    let lies_on_work = matches!(sort, Some(Sort::Entry | Sort::Document));
    // An activity for everyone holds whatever row is written first.
    let opens = policy.activities.iter().filter(|activity| activity.for_everyone).any(|activity| {
        sort != Some(Sort::Item)
            && policy.kinds.iter().any(|known| known.name == kind && activity.kinds.contains(known.id))
    });
    let all = standing(policy, person, grounds, None, Use::Store, today);
    let there = |on: Option<i64>| !lies_on_work || on.is_none() || on == work;
    !person.restricted && (opens || all.iter().any(|(known, on)| known == kind && there(*on)))
}

/// Kinds that grounds let be used, each with the work of its ground.
fn standing(
    policy: &Policy,
    person: &Person,
    grounds: &[Ground],
    purpose: Option<Purpose>,
    to: Use,
    today: Date,
) -> BTreeSet<(String, Option<i64>)> {
    let mut may = BTreeSet::new();
    if person.restricted {
        return may;
    }
    for ground in grounds.iter().filter(|ground| ground.holds(today)) {
        let Some(rule) = policy.rule_keyed(&ground.key) else { continue };
        let activity = policy.activity(rule.activity).unwrap();
        let late = ground.review.is_some_and(|review| review < today);
        let other = purpose.is_some_and(|purpose| activity.purpose != purpose);
        if other || late || ceased(policy, person, ground, to, today) {
            continue;
        }
        if basis::stands(policy, person, activity, ground.work, today) != Stands::Yes {
            continue;
        }
        let express = matches!(
            &activity.basis,
            Basis::Consent { form: ConsentForm::Signed(_) | ConsentForm::Explicit, .. }
        );
        let stated = |sensitivity: Sensitivity| {
            let mut conditions = activity.conditions.iter();
            conditions.any(|condition| condition.serves(sensitivity) && !condition.lacks_document())
        };
        for kind in policy.kinds.iter().filter(|kind| rule.kinds.contains(kind.id)) {
            // What of a kind is there has all ended by itself.
            let there = person.kept.iter().filter(|kept| kept.row.kind == kind.name);
            let mut there = there.filter(|kept| held::covers(policy, ground, &kept.row)).peekable();
            let ended = |row: &Row| {
                each::over(policy, person, ground, row, today).is_some_and(|after| after <= today)
            };
            if to != Use::Store && there.peek().is_some() && there.all(|kept| ended(&kept.row)) {
                continue;
            }
            let needs = matches!(kind.sensitivity, Sensitivity::Special | Sensitivity::Criminal);
            if !needs || express || stated(kind.sensitivity) {
                may.insert((kind.name.clone(), ground.work));
            }
        }
    }
    may
}

/// Whether a stage of the ground's clause has stopped this use already.
fn ceased(policy: &Policy, person: &Person, ground: &Ground, to: Use, today: Date) -> bool {
    let Some(rule) = policy.rule_keyed(&ground.key) else { return false };
    let Some(stage) = &rule.stage else { return false };
    let meant = match stage.what {
        Ceases::Use => true,
        Ceases::Writing => to == Use::Write,
        Ceases::Calling => to == Use::Call,
        Ceases::Contacting => matches!(to, Use::Write | Use::Call),
        Ceases::Sharing => to == Use::Share,
    };
    let facts = facts::of(policy, person, rule, ground.work, (ground.opened, ground.reviewed), today);
    let after = match clock::of_phrase(&stage.phrase, &facts).end {
        clock::End::Known(last) => last.after(),
        _ => None,
    };
    meant && after.is_some_and(|after| after <= today)
}
