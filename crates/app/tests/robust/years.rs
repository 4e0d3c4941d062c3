//! CTI's world through practice years, night by night: after each night nothing is held that no ground covers, and
//! nothing has gone that one still covered. In `bin/soak` ten years, its people coming again with other addresses.

use std::collections::{BTreeMap, BTreeSet};

use app::instance::Instance;
use app::jobs::night;
use app::world::{Organisation, Pack, World, play_nightly};
use custody::coverage::{self, Outcome};
use custody::id::PersonId;
use custody::proof::{self, Obligation};
use jiff::ToSpan;
use jiff::civil::Date;
use store::keys::Secret;
use store::{dispose, life};

use super::chance::times;

/// A row, by its table and number.
type Row = (&'static str, i64);

/// What is held about each person, and what of it no ground covers on a day.
struct Held {
    rows: BTreeMap<PersonId, BTreeSet<Row>>,
    /// Rows no ground of this person covers that should go by themselves.
    uncovered: BTreeSet<(PersonId, Row)>,
    /// Rows of any outcome no ground of this person covers.
    loose: BTreeSet<(PersonId, Row)>,
}

fn held(instance: &Instance, people: &[PersonId], today: Date) -> Held {
    let policy = instance.policy();
    let mut held = Held { rows: BTreeMap::new(), uncovered: BTreeSet::new(), loose: BTreeSet::new() };
    instance
        .store
        .read(|tx| {
            for &person in people {
                if !tx.any("SELECT 1 FROM person WHERE id = ?1", &[person.0.into()])? {
                    continue;
                }
                let facts = life::load(tx, &policy, person, today)?;
                // As the night will find it: first the grounds are settled.
                let changes = custody::settle(&policy, &facts, today);
                let free = facts.grounds.iter().map(|ground| ground.id.0).max().unwrap_or(0) + 1;
                let facts = custody::settled(&facts, &changes, today, free);
                let data = dispose::holdings(tx, &policy, person)?.data;
                for gone in coverage::uncovered(&policy, &facts, &[], &data, today) {
                    let row = (gone.table, gone.id);
                    held.loose.insert((person, row));
                    if matches!(gone.outcome, Outcome::Dispose(_)) && gone.suspended.is_none() {
                        held.uncovered.insert((person, row));
                    }
                }
                let rows = data.iter().map(|datum| (datum.table, datum.id)).collect();
                held.rows.insert(person, rows);
            }
            Ok::<_, store::Error>(())
        })
        .unwrap();
    held
}

fn everybody(instance: &Instance) -> Vec<PersonId> {
    let all = instance
        .store
        .read(|tx| tx.all("SELECT id FROM person ORDER BY id", &[], |row| Ok(PersonId(row.int(0)?))));
    all.unwrap()
}

/// The obligations that a program left alone must keep, whatever staff leave undone.
fn ours(obligation: &Obligation) -> bool {
    matches!(
        obligation,
        Obligation::NothingUndeclared { .. }
            | Obligation::GoneInTime { .. }
            | Obligation::CacheAgrees { .. }
            | Obligation::EndsAtOnce { .. }
    )
}

#[derive(Default)]
struct Count {
    nights: usize,
    looked_at: usize,
    gone: usize,
    proofs: usize,
}

fn one_night(instance: &Instance, day: Date, whole: bool, count: &mut Count) {
    count.nights += 1;
    let due = instance.store.read(|tx| store::sweep::due(tx, day)).unwrap();
    let people = if whole { everybody(instance) } else { due };
    let before = held(instance, &people, day);
    let report = night::run(instance, day).unwrap();
    let after = held(instance, &people, day);
    if let Some((person, row)) = after.uncovered.first() {
        let policy = instance.policy();
        let life = instance.store.read(|tx| life::load(tx, &policy, *person, day)).unwrap();
        let changes = custody::settle(&policy, &life, day);
        let grounds: Vec<_> =
            life.grounds.iter().map(|ground| (&policy.rules[ground.rule.index()].key, ground)).collect();
        panic!("{row:?} of {person} held a night too long, {day}: {report:?}\n{changes:#?}\n{grounds:#?}");
    }
    for (person, rows) in &before.rows {
        let left = after.rows.get(person);
        for row in rows.iter().filter(|row| left.is_none_or(|left| !left.contains(*row))) {
            assert!(before.loose.contains(&(*person, *row)), "{row:?} of {person} went early, {day}");
            count.gone += 1;
        }
        count.looked_at += rows.len();
    }
    if day.day() == 1 {
        count.proofs += 1;
        let policy = instance.policy();
        // A morning later the proof takes nothing for not late yet.
        let now = instance.clock.at(day, 9);
        for (promise, obligations) in proof::obligations(&policy) {
            for obligation in obligations.iter().filter(|obligation| ours(obligation)) {
                let seen = store::prove::obligation(&instance.store, &policy, obligation, now, day).unwrap();
                assert!(seen.broken.is_empty(), "{promise} on {day}: {obligation:?}: {:?}", seen.broken);
            }
        }
    }
}

/// CTI's world, again and again every three years, so that there is always somebody on every path through it.
fn world(rounds: i32) -> World {
    let text = Pack::named("cti").unwrap().world;
    let mut whole = World::read(text).unwrap();
    for round in 1..rounds {
        let mut again = World::read(text).unwrap();
        let later = |day: Date| day.checked_add((3 * round).years()).unwrap();
        let first = whole.people.len();
        for person in &mut again.people {
            person.key = format!("{}{round}", person.key);
            person.on = later(person.on);
            for (kind, value) in &mut person.details {
                match kind.as_str() {
                    "email" => *value = format!("r{round}.{value}"),
                    "phone" => *value = value.replace("01632 960", &format!("01632 96{round}")),
                    _ => {}
                }
            }
        }
        // A sole trader's organisation went with the last who belonged to it.
        let gone = |key: &String| {
            let trader =
                |one: &&Organisation| one.key == *key && one.subscriber.as_deref() == Some("individual");
            again.organisations.iter().any(|one| trader(&one))
        };
        for person in &mut again.people {
            person.organisation = person.organisation.take().filter(|key| !gone(key));
        }
        for happening in &mut again.happenings {
            happening.on = later(happening.on);
            happening.person += first;
        }
        for office in &mut again.office {
            office.on = later(office.on);
            for key in office.listed.iter_mut().flatten() {
                *key = format!("{key}{round}");
            }
        }
        whole.people.append(&mut again.people);
        whole.happenings.append(&mut again.happenings);
        whole.office.append(&mut again.office);
    }
    whole.happenings.sort_by_key(|happening| happening.on);
    whole.office.sort_by_key(|office| office.on);
    whole.today = whole.today.checked_add((3 * (rounds - 1)).years()).unwrap();
    whole
}

#[test]
fn after_every_night_what_is_held_is_what_the_grounds_cover() {
    let soak = times() > 1;
    let world = world(if soak { 3 } else { 1 });
    let data = tempfile::tempdir().unwrap();
    let policy = Pack::named("cti").unwrap().policy().unwrap();
    let instance =
        Instance::create(data.path(), None, &Secret::random().unwrap(), policy, Some(world.begins)).unwrap();
    let mut count = Count::default();
    play_nightly(&instance, &world, &mut |instance, day| {
        // In a hurry everybody is looked at once a quarter, and every night those something is due for.
        let whole = soak || (day.day() == 1 && day.month() % 3 == 1);
        one_night(instance, day, whole, &mut count);
        Ok(())
    })
    .unwrap();
    // And on until ten years are full, with nobody coming any more.
    let end = world.begins.checked_add(if soak { 10.years() } else { 4.years() }).unwrap();
    let mut day = world.today;
    while day < end {
        day = day.tomorrow().unwrap();
        instance.clock.set(instance.clock.at(day, 2));
        one_night(&instance, day, soak || day.day() == 1, &mut count);
    }
    eprintln!(
        "{} nights, {} rows looked at, {} gone, {} proofs",
        count.nights, count.looked_at, count.gone, count.proofs
    );
    assert!(count.gone > if soak { 150 } else { 50 }, "the years let go of something");
    let verified =
        instance.store.read(|tx| Ok::<_, store::Error>(store::log::verify(tx, instance.store.keys(), None)));
    assert!(verified.unwrap().is_ok());
}
