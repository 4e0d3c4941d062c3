//! Deciding: one decision by itself, everybody a mailing might reach with every reason against, the proof of every
//! promise; and what memory all of this took.

use std::hint::black_box;
use std::time::Instant;

use app::acts::Acting;
use app::acts::audience::{self, Way};
use app::cli::Failure;
use custody::act::Asked;
use custody::{Act, Actor, Gate, Verb};
use policy::{KindSet, Sort};
use store::{Error, life, params, prove as proof, schema};

use super::measure::{Row, Target, median, memory as peak, since, timed};
use super::seed::{Seeded, TODAY};

/// The decision of what of a person may be read, by itself.
pub fn decision(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    const TIMES: u32 = 20_000;
    let policy = seeded.instance.policy();
    let role =
        policy.role_named(&seeded.account.role).ok_or_else(|| Failure("the role is missing".to_owned()))?.id;
    let actor = Actor::Staff { id: seeded.account.id, role };
    let person = seeded.store().read(|tx| life::load(tx, &policy, seeded.person(3), TODAY))?;
    let (gate, now) = (Gate::default(), seeded.now());
    let items: KindSet =
        policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
    let one =
        ["name", "email"].iter().filter_map(|name| policy.kind_named(name)).map(|kind| kind.id).collect();
    let mut rows = Vec::new();
    for (name, verb, kinds) in [
        ("decision: read what may be seen", Verb::Read, Asked::WhatMayBeSeen(items)),
        ("decision: store two kinds", Verb::Store, Asked::Exactly(one)),
    ] {
        let act = Act {
            verb,
            deed: None,
            kinds,
            purpose: None,
            activity: None,
            engagement: None,
            channel: None,
            recipient: None,
        };
        let mut took = Vec::new();
        for _ in 0..5 {
            let began = Instant::now();
            for _ in 0..TIMES {
                let decided =
                    custody::decide(&policy, &actor, black_box(&act), &[&person], &gate, now, TODAY);
                black_box(&decided.map_err(|refusal| Failure(refusal.because))?);
            }
            took.push(since(began) * 1e6 / f64::from(TIMES));
        }
        rows.push(Row::held(name, median(&took), "ns", None, Target::Most(2_000.0)));
    }
    Ok(rows)
}

/// Everybody the news for organisations might go to, with every reason against, as the page shows it; beside it the same with
/// everybody decided for one by one, who must get the same answer.
pub fn audience(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let acting = Acting::staff(&seeded.instance, seeded.account.clone())?;
    let missing = || Failure("the policy has no such activity or channel".to_owned());
    let activity = acting.policy.activity_named("news for organisations").ok_or_else(missing)?;
    let channel =
        acting.policy.channels.iter().find(|channel| channel.name == "mailing").ok_or_else(missing)?;
    let way = Way { activity, channel, footer_complete: true };
    let (mut took, mut plain, mut reached) = (Vec::new(), Vec::new(), 0);
    for _ in 0..3 {
        let (ms, found) = timed(|| Ok(seeded.store().read(|tx| audience::of(&acting, tx, &way))?))?;
        took.push(ms);
        reached = found.will.len();
        if reached == 0 || found.not() == 0 {
            return Err(Failure(format!(
                "{reached} reached and {} left out: one of them is missing",
                found.not()
            )));
        }
        let (ms, _) = timed(|| {
            Ok(seeded.store().read(|tx| {
                let sql = "SELECT i.person_id, i.value FROM person_category c JOIN item i ON i.person_id = c.person_id AND i.kind = 'email'
                    WHERE c.category = ?1 AND c.until IS NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.person_id = c.person_id)";
                tx.all(sql, params!["organisation contact"], |row| row.text(1))
            })?)
        })?;
        plain.push(ms);
    }
    #[expect(clippy::cast_precision_loss, reason = "a target in proportion")]
    let most = 150.0 * (seeded.people.len() as f64 / 1e5);
    let store = seeded.store();
    let people = store.read(|tx| audience::candidates(&acting, tx, activity))?;
    let (alone, each) = timed(|| Ok(store.read(|tx| audience::one_by_one(&acting, tx, &way, &people))?))?;
    if store.read(|tx| audience::of(&acting, tx, &way))? != each {
        return Err(Failure("everybody decided for one by one gets another answer".to_owned()));
    }
    let name = format!("audience with every reason ({reached} reached)");
    Ok(vec![
        Row::held(name, median(&took), "ms", Some(median(&plain)), Target::Most(most)),
        Row::plain("the same audience, everybody decided for one by one", alone, "ms"),
    ])
}

/// The proof of every promise of the policy; beside it every row of every table read once, in the order in which they lie.
pub fn prove(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let (ms, findings) = timed(|| Ok(proof::run(seeded.store(), &policy, seeded.now(), TODAY)?))?;
    let (plain, rows) = timed(|| {
        Ok(seeded.store().read(|tx| {
            let mut rows = 0_u64;
            for table in schema::tables() {
                tx.each(&format!("SELECT * FROM {}", table.name), &[], |_| {
                    rows += 1;
                    Ok::<_, Error>(())
                })?;
            }
            Ok::<_, Error>(rows)
        })?)
    })?;
    if rows == 0 {
        return Err(Failure("no table has a row".to_owned()));
    }
    #[expect(clippy::cast_precision_loss, reason = "a target in proportion")]
    let most = 30_000.0 * (seeded.people.len() as f64 / 1e6);
    let name = format!("prove, {} promises", findings.len());
    Ok(vec![Row::held(name, ms, "ms", Some(plain), Target::Most(most))])
}

/// What this process came to: the server, but also its clients, the seeding and the plain work beside it.
pub fn memory(_: &Seeded) -> Result<Vec<Row>, Failure> {
    Ok(vec![Row::held(
        "memory at its highest, server and clients",
        peak("VmHWM"),
        "MiB",
        None,
        Target::Most(150.0),
    )])
}
