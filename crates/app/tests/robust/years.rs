//! Each organisation's world through practice years, night by night: after each night nothing is held that no ground
//! covers, nothing has gone that one still covered, no row is undeclared, whoever went is found nowhere, what the program
//! keeps by itself is proved kept, nothing opens without a grant, and the log is followed leaf by leaf. Coverage is judged twice,
//! by the program's own answer and by a plain one (`plainly.rs`). At the end of its story every promise is kept, and from then on
//! those that the program keeps by itself. In `bin/soak` all of it after every night of ten years and of everybody, CTI's people
//! coming again with other addresses. In `bin/test` the years of the story and one more: on every night on which something is due,
//! of those it is due for, with everybody and the whole proof once a month, and every night of CTI's last quarter.

use std::collections::{BTreeMap, BTreeSet};

use app::instance::Instance;
use app::jobs::night;
use app::world::{Organisation, Pack, World, play_nightly};
use custody::Life;
use custody::coverage::{self, Outcome};
use custody::id::PersonId;
use custody::proof::{self, Obligation, Verdict};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use store::keys::Secret;
use store::schema::{self, Form, Personal};
use store::{Tx, dispose, life};

use super::chance::times;
use super::plainly::{Day, Followed, nothing_opens_without_a_grant};

/// A row, by its table and number.
type Row = (&'static str, i64);

/// What is held about each person, and what of it no ground covers on a day.
struct Held {
    rows: BTreeMap<PersonId, BTreeSet<Row>>,
    /// Rows no ground of this person covers that should go by themselves.
    uncovered: BTreeMap<(PersonId, Row), String>,
    /// Rows of any outcome no ground of this person covers.
    loose: BTreeSet<(PersonId, Row)>,
}

/// A life as the night will find it: first the grounds are settled.
fn settled(tx: &Tx<'_>, policy: &Policy, person: PersonId, today: Date) -> store::Result<Life> {
    let facts = life::load(tx, policy, person, today)?;
    let changes = custody::settle(policy, &facts, today);
    let free = facts.grounds.iter().map(|ground| ground.id.0).max().unwrap_or(0) + 1;
    Ok(custody::settled(&facts, &changes, today, free))
}

/// Whether somebody still has to do something by hand with a document or an entry: it stays until they say it is done.
fn owed(tx: &Tx<'_>, (table, id): Row) -> store::Result<bool> {
    let sql = format!(
        "SELECT 1 FROM task WHERE done_on IS NULL AND {table}_id = ?1
            AND kind IN ('return', 'deliver', 'destroy paper')"
    );
    Ok(matches!(table, "document" | "entry") && tx.any(&sql, &[id.into()])?)
}

fn held(instance: &Instance, people: &[PersonId], today: Date) -> Held {
    let policy = instance.policy();
    let mut held = Held { rows: BTreeMap::new(), uncovered: BTreeMap::new(), loose: BTreeSet::new() };
    instance
        .store
        .read(|tx| {
            for &person in people {
                if !tx.any("SELECT 1 FROM person WHERE id = ?1", &[person.0.into()])? {
                    continue;
                }
                let facts = settled(tx, &policy, person, today)?;
                let dispose::Holdings { data, undeclared } = dispose::holdings(tx, &policy, person)?;
                assert!(undeclared.is_empty(), "{undeclared:?} of {person} under no activity, {today}");
                let about = data.iter().flat_map(|datum| &datum.people).map(|(about, _)| *about);
                let others: BTreeSet<PersonId> = about.filter(|about| *about != person).collect();
                let others: Vec<Life> = others
                    .into_iter()
                    .map(|other| settled(tx, &policy, other, today))
                    .collect::<store::Result<_>>()?;
                let others: Vec<&Life> = others.iter().collect();
                for gone in coverage::uncovered(&policy, &facts, &others, &data, today) {
                    let row = (gone.table, gone.id);
                    held.loose.insert((person, row));
                    let waits = matches!(gone.outcome, Outcome::Task(_)) || gone.suspended.is_some();
                    if !waits && !owed(tx, row)? {
                        let why = format!("{:?}, {}", gone.outcome, gone.reason);
                        held.uncovered.insert((person, row), why);
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
            | Obligation::EndsCounted { .. }
    )
}

#[derive(Default)]
struct Count {
    nights: usize,
    looked_at: usize,
    gone: usize,
    proofs: usize,
    /// People who are gone, and addresses and numbers of theirs that were looked for.
    people: usize,
    sought: usize,
    /// Values that were tried with a grant.
    opened: usize,
}

/// The years of a world as they go by.
struct Years {
    /// Whether everybody is looked at every night.
    closely: bool,
    count: Count,
    /// The addresses and numbers of everybody who ever was there.
    known: BTreeMap<PersonId, BTreeSet<String>>,
    /// Those who are gone.
    gone: BTreeSet<PersonId>,
    /// The log, as far as it was followed.
    log: Followed,
    /// From which day on everything is looked at every night.
    daily_from: Date,
}

impl Years {
    fn night(&mut self, instance: &Instance, day: Date, whole: bool) {
        self.count.nights += 1;
        let due = instance.store.read(|tx| store::sweep::due(tx, day)).unwrap();
        let daily = day >= self.daily_from;
        let whole = whole || daily;
        if due.is_empty() && !whole {
            return night::practise(instance, day).unwrap();
        }
        let policy = instance.policy();
        let plain = Day::read(instance, day);
        let people = if whole { everybody(instance) } else { due };
        let before = held(instance, &people, day);
        self.remember(instance);
        let report = night::run(instance, day).unwrap();
        assert_eq!(report.problems, [] as [String; 0], "{day}");
        let after = held(instance, &people, day);
        if let Some(((person, row), why)) = after.uncovered.first_key_value() {
            let policy = instance.policy();
            let life = instance.store.read(|tx| life::load(tx, &policy, *person, day)).unwrap();
            let changes = custody::settle(&policy, &life, day);
            let grounds: Vec<_> =
                life.grounds.iter().map(|ground| (&policy.rules[ground.rule.index()].key, ground)).collect();
            let data = instance.store.read(|tx| dispose::holdings(tx, &policy, *person)).unwrap().data;
            let datum = data.iter().find(|datum| (datum.table, datum.id) == *row);
            panic!(
                "{datum:?} of {person} held a night too long, {day}, {why}: {report:?}\n{changes:#?}\n{grounds:#?}"
            );
        }
        for (person, rows) in &before.rows {
            let left = after.rows.get(person);
            for row in rows.iter().filter(|row| left.is_none_or(|left| !left.contains(*row))) {
                assert!(before.loose.contains(&(*person, *row)), "{row:?} of {person} went early, {day}");
                self.count.gone += 1;
            }
            self.count.looked_at += rows.len();
        }
        let now = Day::read(instance, day);
        assert_eq!(now.held_for_nothing(&policy), [] as [String; 0], "{day}");
        assert_eq!(now.lost(&plain, &policy), [] as [String; 0], "{day}");
        self.count.opened += nothing_opens_without_a_grant(instance, &now, day, &everybody(instance));
        self.log.follow(instance);
        // Whoever went this night is looked for this night.
        self.nowhere(instance, day);
        if day.day() == 1 || daily {
            self.proved(instance, day);
        }
    }

    /// What the program keeps by itself is kept, whatever staff leave undone.
    fn proved(&mut self, instance: &Instance, day: Date) {
        self.count.proofs += 1;
        let policy = instance.policy();
        // A morning later the proof takes nothing for not late yet.
        let now = instance.clock.at(day, 9);
        let mut all: Vec<Obligation> = Vec::new();
        for obligation in proof::obligations(&policy).into_values().flatten().filter(ours) {
            if !all.contains(&obligation) {
                all.push(obligation);
            }
        }
        let seen = store::prove::several(&instance.store, &policy, &all, now, day).unwrap();
        for (obligation, seen) in all.iter().zip(seen) {
            assert!(seen.broken.is_empty(), "{day}: {obligation:?}: {:?}", seen.broken);
        }
    }

    /// Who is there, and by which addresses and numbers.
    fn remember(&mut self, instance: &Instance) {
        let sql = "SELECT person_id, value FROM item WHERE kind IN ('email', 'phone')";
        let rows =
            instance.store.read(|tx| tx.all(sql, &[], |row| Ok((PersonId(row.int(0)?), row.text(1)?))));
        for (person, value) in rows.unwrap() {
            self.known.entry(person).or_default().insert(value);
        }
    }

    /// Whoever is gone is found nowhere: no address and no number of theirs stands in any text about anybody.
    fn nowhere(&mut self, instance: &Instance, day: Date) {
        let there: BTreeSet<PersonId> = everybody(instance).into_iter().collect();
        let theirs: BTreeSet<&String> =
            self.known.iter().filter(|(who, _)| there.contains(who)).flat_map(|(_, values)| values).collect();
        let newly = self.known.iter().filter(|(who, _)| !there.contains(who) && !self.gone.contains(who));
        let newly: Vec<PersonId> = newly.map(|(who, _)| *who).collect();
        if newly.is_empty() && day.day() != 1 {
            return;
        }
        self.gone.extend(&newly);
        self.count.people = self.gone.len();
        let gone =
            self.known.iter().filter(|(who, _)| self.gone.contains(who)).flat_map(|(_, values)| values);
        let gone: Vec<&String> = gone.filter(|value| !theirs.contains(value)).collect();
        self.count.sought += gone.len();
        if gone.is_empty() {
            return;
        }
        let found = instance.store.read(|tx| {
            let mut found = Vec::new();
            for table in schema::tables() {
                let texts = table.columns.iter().filter(|column| column.form == Form::Text);
                for column in texts.filter(|column| column.personal != Personal::No) {
                    tx.each(&format!("SELECT {} FROM {}", column.name, table.name), &[], |row| {
                        if let Some(text) = row.opt_str(0)?
                            && let Some(value) = gone.iter().find(|value| text.contains(value.as_str()))
                        {
                            found.push(format!("{value} in {}.{}: {text}", table.name, column.name));
                        }
                        Ok::<_, store::Error>(())
                    })?;
                }
            }
            Ok::<_, store::Error>(found)
        });
        assert_eq!(found.unwrap(), [] as [String; 0], "of people who are gone, on {day}");
    }
}

/// A world as it lies in its file, which need not be compiled in again to be tried.
fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../worlds/{name}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// CTI's world, again and again every three years, so that there is always somebody on every path through it.
fn again_and_again(rounds: i32) -> World {
    let text = &text("cti");
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
                    "email" => *value = value.replace('@', &format!(".r{round}@")),
                    "phone" => {
                        *value = value
                            .replace("01632 960", &format!("01632 96{round}"))
                            .replace("07700 900", &format!("07700 90{round}"));
                    }
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

/// How many promises of a world may be kept with nothing to look at.
const EMPTY_MAX: usize = 3;

/// At the end of a story everything is kept, and by more than nothing.
fn all_kept(name: &str, instance: &Instance) {
    let seen = app::acts::proof::look(instance, None).unwrap();
    let broken: Vec<_> = seen.found.iter().filter(|found| found.verdict == Verdict::Broken.word()).collect();
    assert!(broken.is_empty(), "{name}: {broken:?}");
    let people = instance.store.read(store::person::count).unwrap();
    assert!(people >= 60, "{name} holds {people} people");
    // A proof that looks at nothing proves nothing: each world has what its promises speak of.
    let empty = seen.found.iter().filter(|found| {
        found.verdict == Verdict::Kept.word() && found.figure.split("; ").all(|said| said.starts_with("0 "))
    });
    let empty: Vec<_> = empty.map(|found| (&found.id, &found.figure)).collect();
    assert!(empty.len() <= EMPTY_MAX, "{name}: {empty:?}");
}

/// Lives through a world and on. How many rows must have gone in `bin/test`, and how many in ten years.
fn years(name: &str, at_least: [usize; 2]) {
    let soak = times() > 1;
    let cti = name == "cti";
    let world = if cti && soak { again_and_again(3) } else { World::read(&text(name)).unwrap() };
    let data = tempfile::tempdir().unwrap();
    let policy = Pack::named(name).unwrap().policy().unwrap();
    let instance =
        Instance::create(data.path(), None, &Secret::random().unwrap(), policy, Some(world.begins)).unwrap();
    let quarter = world.today.checked_sub(3.months()).unwrap();
    let mut years = Years {
        closely: soak,
        count: Count::default(),
        known: BTreeMap::new(),
        gone: BTreeSet::new(),
        log: Followed::default(),
        daily_from: match (soak, cti) {
            (true, _) => world.begins,
            (false, true) => quarter,
            (false, false) => Date::MAX,
        },
    };
    play_nightly(&instance, &world, &mut |instance, day| {
        // In a hurry everybody is looked at once a month, and every night those something is due for.
        let whole = years.closely || day.day() == 1;
        years.night(instance, day, whole);
        Ok(())
    })
    .unwrap_or_else(|fault| panic!("{name}: {fault}"));
    // Where the story comes again, nobody sees to the reviews that the rounds before left behind.
    if !(cti && soak) {
        all_kept(name, &instance);
    }
    // And on until ten years are full and two more since the last story began, with nobody coming any more.
    let ten = world.begins.checked_add(10.years()).unwrap();
    let after = |years: i32| world.today.checked_add(years.years()).unwrap();
    let end = if soak { ten.max(after(2)) } else { after(1) };
    let mut day = world.today;
    if !soak {
        years.daily_from = Date::MAX;
    }
    while day < end {
        day = day.tomorrow().unwrap();
        instance.clock.set(instance.clock.at(day, 2));
        years.night(&instance, day, years.closely || day.day() == 1);
    }
    let count = years.count;
    eprintln!(
        "{name}: {} nights, {} rows looked at, {} gone, {} proofs, {} people gone, {} addresses and numbers sought, {} values tried",
        count.nights, count.looked_at, count.gone, count.proofs, count.people, count.sought, count.opened
    );
    let [short, long] = at_least;
    assert!(count.gone > if soak { long } else { short }, "the years let go of something");
    assert!(count.proofs > 40 && count.sought > 0 && count.opened > 100, "the years were looked at");
    let verified =
        instance.store.read(|tx| Ok::<_, store::Error>(store::log::verify(tx, instance.store.keys(), None)));
    assert!(verified.unwrap().is_ok());
}

#[test]
fn of_cti() {
    years("cti", [20, 150]);
}

#[test]
fn of_cmp() {
    years("cmp", [10, 20]);
}

#[test]
fn of_cli() {
    years("cli", [20, 20]);
}

#[test]
fn of_blue_turtle() {
    years("blue-turtle", [20, 20]);
}

#[test]
fn of_chorus() {
    years("chorus", [20, 20]);
}
