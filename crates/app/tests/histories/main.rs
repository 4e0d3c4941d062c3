//! Random histories: staff act at random on a real store, on SQLite always and on PostgreSQL where `PROBITY_TEST_POSTGRES`
//! names one, nights pass, backups are made and restored, and after every step the store is held against a plain, slow model of `docs/meaning.md`: who is held,
//! which rows, which grounds with which dates, what may be used for what, what is owed and suppressed. Under every
//! organisation's policy (CTI's and Chorus's without what they ask before an end), and under one that has every form of phrase.
//!
//! `PROBITY_SEED` says which chances are taken and is printed; `PROBITY_SOAK=N` plays N times as many histories, and one
//! of a thousand acts for every twenty. One that
//! fails is played again with steps left out until only those remain that it needs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

#[path = "../common/at_a_glance.rs"]
mod at_a_glance;
#[path = "../robust/chance.rs"]
mod chance;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod house;
#[path = "../../../store/tests/it/lying.rs"]
mod lying;
mod nowhere;
mod office;
mod outlives;
#[path = "../../../custody/tests/model/plain/mod.rs"]
mod plain;
mod restores;
mod rows;
mod steps;
mod suppressed;
mod together;
mod who_wins;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use app::world::Pack;
use chance::{Chance, times};
use house::{House, On, server};
use jiff::civil::{Date, date};
use steps::{Became, Deed, Step, history, perform};
use world::World;

const FORMS: &str = include_str!("../../../custody/tests/model/forms.policy");
const BEGINS: Date = date(2026, 12, 1);
const LENGTH: usize = 45;
/// How many steps one of every so many has in `bin/soak`: of so many more than a thousand are acts that are taken, and the
/// history ends with the thousandth.
const LONG: (usize, usize) = (2200, 20);
/// How many acts a history has at most.
const ACTS: usize = 1000;
/// After how many steps a long history is held against the model, and after every restore: each look is at everybody, and they become
/// many. One that failed and has become short is looked at after every step.
const LOOKS: usize = 10;
/// After how many steps of a long one it says how far it is.
const TELLS: usize = 200;
/// How long it is tried with fewer steps.
const SHRINKING: Duration = Duration::from_secs(900);

/// The name of a policy's file, and its text.
fn text(name: &str) -> (&'static str, &'static str) {
    match name {
        "forms" => ("forms.policy", FORMS),
        pack => Pack::named(pack).map(|pack| (pack.file, pack.policy)).unwrap(),
    }
}

/// A history that failed: at which step, on what, and what happened up to there.
struct Failed {
    at: usize,
    why: String,
    told: Vec<String>,
}

/// Plays a history from an empty house.
fn play(name: &str, on: On, steps: &[Step], count: &mut Count) -> Result<(), Failed> {
    let (file, text) = text(name);
    let text = house::followed(file, text);
    let policy = house::read(file, &text);
    let mut house = House::new(policy.clone(), BEGINS, on);
    let mut world = World::new(policy, (file, &text), BEGINS);
    let (mut told, mut kept) = (Vec::new(), Vec::new());
    let begun = count.done;
    for (at, step) in steps.iter().enumerate() {
        if count.done - begun == ACTS {
            break;
        }
        if at > 0 && at % TELLS == 0 {
            eprintln!("{name} on {on:?}: {at} steps of {}, {} acts", steps.len(), count.done - begun);
        }
        let words = |became: &Became| match became {
            Became::Done(words) => format!("{at:>3} {} {words}", step.deed.name()),
            Became::Not(why) => format!("{at:>3} {} not: {why}", step.deed.name()),
        };
        let tried = catch_unwind(AssertUnwindSafe(|| {
            let became = match step.deed {
                Deed::BackUp => restores::back_up(&house, &world, &mut kept, &mut count.restores)?,
                Deed::RestoreAny => {
                    restores::restore_any(&mut house, &mut world, step, &mut kept, &mut count.restores)?
                }
                _ => perform(&house, &mut world, step, at)?,
            };
            told.push(words(&became));
            count.step(&became);
            if step.deed == Deed::RestoreAny {
                compare::show(&house, &mut world)?;
            }
            world.keep_up();
            let looks = steps.len() <= 2 * LENGTH || at % LOOKS == 0;
            if !looks && step.deed != Deed::RestoreAny {
                return Ok(());
            }
            compare::agree(&house, &world)?;
            count.told += house.read(|tx| Ok(at_a_glance::compare(&house.acting(), tx, true)))?;
            Ok(())
        }));
        let why = match tried {
            Ok(Ok(())) => continue,
            Ok(Err(why)) => why,
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
                    .unwrap_or_default()
            }
        };
        return Err(Failed { at, why, told });
    }
    let verified = house.read(|tx| {
        Ok(store::log::verify(tx, house.instance.store.keys(), None).map_err(|broken| format!("{broken:?}")))
    });
    let mut why = verified.err().map(|broken| format!("the log does not verify: {broken}"));
    why = why.or(compare::agree(&house, &world).err());
    why = why.or(restores::nowhere(&house, &world, &mut restores::Tally::default()).err());
    count.gone += world.gone.len();
    match why {
        None => Ok(()),
        Some(why) => Err(Failed { at: steps.len(), why, told }),
    }
}

/// What was tried, so that a test that tries nothing is seen.
#[derive(Default)]
struct Count {
    histories: usize,
    done: usize,
    refused: usize,
    gone: usize,
    /// Audiences that were told at a glance and held against everybody decided for alone.
    told: usize,
    restores: restores::Tally,
}

impl Count {
    fn step(&mut self, became: &Became) {
        match became {
            Became::Done(_) => self.done += 1,
            Became::Not(_) => self.refused += 1,
        }
    }
}

/// The same failure with as few steps as a while of trying finds.
fn shrunk(name: &str, on: On, steps: &[Step], failed: Failed) -> (Vec<Step>, Failed) {
    let mut few: Vec<Step> = steps.iter().take(failed.at + 1).copied().collect();
    let mut failed = failed;
    let kind = |why: &str| {
        why.split(['\n', '(', '{'])
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_ascii_digit())
            .collect::<String>()
    };
    let mut tries = 60;
    let began = Instant::now();
    let mut width = few.len() / 2;
    while width > 0 && tries > 0 {
        let mut at = 0;
        while at < few.len() && tries > 0 && began.elapsed() < SHRINKING {
            tries -= 1;
            let mut fewer = few.clone();
            fewer.drain(at..(at + width).min(few.len()));
            match play(name, on, &fewer, &mut Count::default()) {
                Err(again) if kind(&again.why) == kind(&failed.why) => {
                    fewer.truncate(again.at + 1);
                    (few, failed) = (fewer, again);
                }
                _ => at += width,
            }
        }
        width /= 2;
    }
    (few, failed)
}

fn histories(name: &str, on: On) {
    if on == On::Postgres && server().is_none() {
        return eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
    }
    let mut chance = Chance::of(&format!("histories {name} {on:?}"));
    let mut count = Count::default();
    let (long, one_of) = LONG;
    let lengths = (0..times() / one_of).map(|_| long).chain((0..times()).map(|_| LENGTH));
    for length in lengths {
        let steps = history(&mut chance, length);
        count.histories += 1;
        let begun = count.done;
        if let Err(failed) = play(name, on, &steps, &mut count) {
            eprintln!("{name} on {on:?}: differs at step {}, tried with fewer: {}", failed.at, failed.why);
            let (few, failed) = shrunk(name, on, &steps, failed);
            panic!(
                "{name} on {on:?}, history {}: the store and the model differ at step {} of {}\n{}\n{}\n{:?}",
                count.histories,
                failed.at,
                few.len(),
                failed.told.join("\n"),
                failed.why,
                few.get(failed.at)
            );
        }
        assert!(
            length != long || count.done - begun == ACTS,
            "a long history of {} acts",
            count.done - begun
        );
    }
    eprintln!(
        "{name} on {on:?}: {} histories, {} acts, {} not taken, {} people gone, {} audiences told at a glance",
        count.histories, count.done, count.refused, count.gone, count.told
    );
    let restores = &count.restores;
    eprintln!(
        "  {} backups, {} houses moved, {} points restored beside: {} words of people let go of looked for, {} rows let go \
         of since, {} people who had to be there",
        restores.backups, restores.moved, restores.beside, restores.sought, restores.away, restores.there
    );
    assert!(count.done > count.histories * 10, "histories in which hardly anything happens");
    let looked = restores.sought > 0 && restores.away > 0 && restores.there > 0;
    assert!(
        restores.backups > 1 && restores.moved + restores.beside > 0 && (times() == 1 || looked),
        "histories in which nothing is restored"
    );
}

macro_rules! under {
    ($($test:ident: $name:literal),* $(,)?) => {$(
        mod $test {
            use super::{On, histories};

            #[test]
            fn sqlite() {
                histories($name, On::Sqlite);
            }

            #[test]
            fn postgres() {
                histories($name, On::Postgres);
            }
        }
    )*};
}

under! {
    cti: "cti",
    chorus: "chorus",
    cmp: "cmp",
    cli: "cli",
    blue_turtle: "blue-turtle",
    every_form: "forms",
}
