//! Random histories of people who say yes and no, change address, come twice, are imported, erased and restored. Beside them a
//! plain list of every no, and no message may leave against one, unless the person's own later yes stands between.

use std::collections::{BTreeMap, BTreeSet};

use app::acts::import::{self, Importing, Naming};
use app::acts::person::NewPerson;
use app::acts::{Acting, consent, objection, person};
use app::config::{Config, Smtp};
use app::intake::column;
use app::jobs::outbox;
use custody::id::{ImportId, ItemId, PersonId};
use custody::life::Scope;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::activity::Purpose;
use store::params;

use crate::at_a_glance::compare;
use crate::chance::{Chance, times};
use crate::common;
use crate::post_office::{PostOffice, settings};
use crate::town::{Backup, NEWS, OFFERS, Town};

/// Few addresses, so that people share them.
const ADDRESSES: usize = 7;

/// A no, as whoever said it means it.
struct No {
    /// Who said it, if we had them.
    person: Option<PersonId>,
    /// Every address it covers: what they had, and what they got since.
    covers: BTreeSet<String>,
    on: Date,
    by_link: bool,
    /// Who agreed to what since.
    agreed: BTreeSet<(PersonId, &'static str)>,
    /// Who had which of the addresses since.
    had: BTreeSet<(PersonId, String)>,
}

impl No {
    fn forbids(&self, whom: PersonId, address: &str, activity: &str) -> bool {
        let theirs = self.person == Some(whom)
            || self.covers.contains(address)
            || self.had.iter().any(|(who, _)| *who == whom);
        theirs && !self.agreed.iter().any(|(who, to)| *who == whom && *to == activity)
    }

    fn free(&mut self, addresses: &BTreeSet<String>) {
        self.covers.retain(|address| !addresses.contains(address));
        self.had.retain(|(_, address)| !addresses.contains(address));
    }
}

struct History<'t> {
    town: &'t mut Town,
    /// A mail server that takes everything.
    smtp: Smtp,
    chance: Chance,
    noes: Vec<No>,
    held: BTreeMap<PersonId, BTreeSet<String>>,
    sent: BTreeSet<i64>,
    /// Links of messages that left: the path, whom to, at which address.
    links: Vec<(String, PersonId, String)>,
    imported: Vec<ImportId>,
    backup: Option<Backup>,
    said: Vec<String>,
    /// Audiences that were told at a glance.
    told: usize,
}

impl History<'_> {
    /// Holds every audience told at a glance against everybody in it decided for alone.
    fn glance(&self) -> usize {
        let instance = self.town.instance();
        let acting = Acting::staff(instance, self.town.manager()).unwrap();
        let compared = instance.store.read(|tx| Ok::<_, store::Error>(compare(&acting, tx, false)));
        compared.unwrap().unwrap_or_else(|why| panic!("{why}\n{}", self.said.join("\n")))
    }

    fn today(&self) -> Date {
        self.town.instance().clock.today()
    }

    fn address(&mut self) -> String {
        let name = if self.chance.below(4) == 0 { "P" } else { "p" };
        format!("{name}{}@pool.example", self.chance.below(ADDRESSES))
    }

    fn anybody(&mut self) -> Option<PersonId> {
        let all: Vec<PersonId> = self.held.keys().copied().collect();
        (!all.is_empty()).then(|| *self.chance.one(&all))
    }

    fn item(&mut self) -> Option<(PersonId, ItemId, i64)> {
        let who = self.anybody()?;
        let sql = "SELECT id, version FROM item WHERE person_id = ?1 AND kind = 'email' ORDER BY id";
        let all = self
            .town
            .instance()
            .store
            .read(|tx| tx.all(sql, params![who], |row| Ok((who, ItemId(row.int(0)?), row.int(1)?))));
        let all = all.unwrap();
        (!all.is_empty()).then(|| *self.chance.one(&all))
    }

    /// Sees who has which address now, and what has left.
    fn look(&mut self) {
        let store = &self.town.instance().store;
        let rows = store.read(|tx| {
            tx.all("SELECT p.id, COALESCE(i.normal, '') FROM person p LEFT JOIN item i ON i.person_id = p.id AND i.kind = 'email'", &[], |row| {
                Ok((PersonId(row.int(0)?), row.text(1)?))
            })
        });
        let mut held: BTreeMap<PersonId, BTreeSet<String>> = BTreeMap::new();
        for (who, address) in rows.unwrap() {
            let theirs = held.entry(who).or_default();
            if !address.is_empty() {
                theirs.insert(address);
            }
        }
        for no in &mut self.noes {
            if let Some(who) = no.person
                && !no.agreed.iter().any(|(agreed, _)| *agreed == who)
            {
                let before = self.held.get(&who).cloned().unwrap_or_default();
                let now = held.get(&who).cloned().unwrap_or_default();
                no.covers.extend(now.difference(&before).cloned());
            }
            for (who, theirs) in &held {
                let some = theirs.iter().filter(|address| no.covers.contains(*address));
                no.had.extend(some.map(|address| (*who, address.clone())));
            }
        }
        self.held = held;
        let sql = "SELECT id, person_id, address, activity FROM message WHERE state = 'sent' AND person_id IS NOT NULL AND sort = 'mailing'";
        let left = store.read(|tx| {
            tx.all(sql, &[], |row| Ok((row.int(0)?, PersonId(row.int(1)?), row.text(2)?, row.text(3)?)))
        });
        for (id, whom, address, activity) in left.unwrap() {
            if !self.sent.insert(id) {
                continue;
            }
            let normal = address.to_lowercase();
            let against = self.noes.iter().find(|no| no.forbids(whom, &normal, &activity));
            assert!(
                against.is_none(),
                "{activity} left to {whom} at {address} on {} though a no of {} by {:?} covers {:?}\n{}",
                self.today(),
                against.unwrap().on,
                against.unwrap().person,
                against.unwrap().covers,
                self.said.join("\n")
            );
            self.links.push((self.town.link(&address), whom, normal));
        }
    }

    fn no(&mut self, person: Option<PersonId>, address: Option<&str>, by_link: bool) {
        let person = person.filter(|who| self.held.contains_key(who));
        let mut covers: BTreeSet<String> = address.map(str::to_owned).into_iter().collect();
        covers.extend(person.and_then(|who| self.held.get(&who)).into_iter().flatten().cloned());
        let on = self.today();
        let (agreed, had) = (BTreeSet::new(), BTreeSet::new());
        self.noes.push(No { person, covers, on, by_link, agreed, had });
    }

    /// Their own yes: what they said before does not stand against it, nor what was said at an address that is theirs.
    fn yes(&mut self, who: PersonId, to: &'static str) {
        let today = self.today();
        let theirs = self.held.get(&who).cloned().unwrap_or_default();
        for no in self.noes.iter_mut().filter(|no| no.on < today) {
            no.free(&theirs);
            no.agreed.insert((who, to));
        }
    }

    fn add(&mut self, category: &str) -> Option<PersonId> {
        let (name, email) = (format!("Person {}", self.chance.below(9000)), self.address());
        let supporter = category == "supporter";
        let new = |organisation| NewPerson {
            category: category.into(),
            values: vec![("name".into(), name.clone()), ("email".into(), email.clone())],
            source: if supporter { "the person" } else { "their organisation" }.into(),
            organisation,
            agreed: supporter.then(|| NEWS.into()).into_iter().collect(),
            shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
            offers: true,
            ..NewPerson::default()
        };
        let added = self.town.act(|acting, tx| {
            let firm = (!supporter)
                .then(|| store::organisation::named(tx, "Brightwell Ltd", acting.now))
                .transpose()?;
            person::add(acting, tx, &new(firm))
        });
        added.ok()
    }

    fn import(&mut self) -> bool {
        let rows: Vec<String> =
            (0..2).map(|n| format!("Row {n}{},{}", self.chance.below(50), self.address())).collect();
        let file = format!("Name,Email\r\n{}\r\n", rows.join("\r\n"));
        let (instance, today) = (self.town.instance(), self.today());
        let naming = Naming {
            activity: OFFERS.into(),
            source: "their organisation".into(),
            collected_on: Some(today),
            told: "nobody".into(),
            ..Naming::default()
        };
        let planned = self.town.act(|acting, tx| {
            let (received, sheet) = import::receive(instance, acting, "list.csv", file.as_bytes())?;
            let id = import::keep(acting, tx, &received)?;
            import::name_it(acting, tx, id, &naming)?;
            let importing = Importing::load(&acting.policy, tx, id)?;
            let guesses = column::guess(&sheet, OFFERS, &importing.kinds);
            let words: Vec<String> =
                guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
            import::plan(acting, tx, id, &sheet, &words)?;
            import::start(acting, tx, id)?;
            Ok(id)
        });
        let Ok(id) = planned else { return false };
        import::run(instance, id, |_| {}).unwrap();
        // The list says nothing of where they are; somebody enters it.
        let joined = self.town.act(|acting, tx| {
            let firm = store::organisation::named(tx, "Brightwell Ltd", acting.now)?;
            let sql = "SELECT DISTINCT c.person_id FROM person_category c WHERE c.category = 'organisation contact' AND c.until IS NULL
                AND NOT EXISTS (SELECT 1 FROM belonging b WHERE b.person_id = c.person_id)";
            for who in tx.all(sql, &[], |row| Ok(PersonId(row.int(0)?)))? {
                store::organisation::join(tx, &acting.policy, who, firm, None, None)?;
            }
            Ok(())
        });
        joined.unwrap();
        self.imported.push(id);
        true
    }

    /// What waits leaves: each message by itself to nobody, or all of them at once to a mail server.
    fn leaves(&mut self) {
        let instance = self.town.instance();
        match self.chance.below(2) {
            0 => outbox::play(instance).unwrap(),
            _ => outbox::run_by(instance, &self.smtp).unwrap(),
        }
    }

    fn step(&mut self) -> Option<String> {
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        Some(match self.chance.below(22) {
            0 | 1 => {
                let who = self.add("supporter")?;
                self.look();
                self.yes(who, NEWS);
                format!("{who} comes and agrees")
            }
            2 => format!("{} comes", self.add("organisation contact")?),
            3 => format!("import {}", self.import().then_some("of two")?),
            4 => {
                let id = self.imported.pop()?;
                self.town.act(|acting, tx| import::start_undo(acting, tx, id)).ok()?;
                import::run_undo(self.town.instance(), id).unwrap();
                "the import is undone".to_owned()
            }
            5 => {
                let who = self.anybody()?;
                self.town
                    .act(|acting, tx| {
                        objection::record(acting, tx, who, &marketing, (acting.today, "telephone"))
                    })
                    .ok()?;
                self.no(Some(who), None, false);
                format!("{who} objects by telephone")
            }
            6 | 7 => {
                let (link, whom, at) =
                    (!self.links.is_empty()).then(|| self.chance.one(&self.links).clone())?;
                let answer = match self.chance.below(2) {
                    0 => self.town.post(&link, ""),
                    _ => self.town.one_click(&link),
                };
                assert!(
                    answer.text.contains("You will get no more"),
                    "{}\n{}",
                    answer.text,
                    self.said.join("\n")
                );
                self.no(Some(whom), Some(&at), true);
                format!("the link of {whom} at {at} is pressed")
            }
            8 => {
                let (link, whom, at) =
                    (!self.links.is_empty()).then(|| self.chance.one(&self.links).clone())?;
                self.town.post(&format!("{link}/undo"), "");
                let since = self.today().checked_sub(30.days()).unwrap();
                let theirs: BTreeSet<String> =
                    self.held.get(&whom).into_iter().flatten().cloned().chain([at.clone()]).collect();
                let held = self.held.contains_key(&whom);
                self.noes.retain(|no| !(no.by_link && no.on >= since && held && no.person == Some(whom)));
                self.noes.iter_mut().filter(|no| no.by_link).for_each(|no| no.free(&theirs));
                format!("the link of {whom} at {at} is taken back")
            }
            9 => {
                let at = self.address();
                let answer =
                    self.town.post("/ask", &format!("kind=advertising&reach={at}&name=Somebody&step=send"));
                assert!(answer.text.contains("It counts from now"), "{}", answer.text);
                let at = at.to_lowercase();
                let having: Vec<PersonId> = self
                    .held
                    .iter()
                    .filter(|(_, theirs)| theirs.contains(&at))
                    .map(|(who, _)| *who)
                    .collect();
                self.no(having.first().copied().filter(|_| having.len() == 1), Some(&at), false);
                format!("somebody objects at {at} by the form")
            }
            10 => {
                let (who, at) = (self.anybody()?, self.address());
                let told = ("the person", self.today());
                self.town.act(|acting, tx| person::add_item(acting, tx, who, ("email", &at), told)).ok()?;
                format!("{who} gets {at} too")
            }
            11 | 12 => {
                let ((who, item, seen), at) = (self.item()?, self.address());
                self.town
                    .act(|acting, tx| person::change_item(acting, tx, (who, item), seen, (&at, "")).map(drop))
                    .ok()?;
                format!("{who} changes to {at}")
            }
            13 => {
                let (who, item, seen) = self.item()?;
                match self.chance.below(2) {
                    0 => self.town.act(|acting, tx| person::undo_item(acting, tx, (who, item), seen)).ok()?,
                    _ => self
                        .town
                        .act(|acting, tx| person::remove_item(acting, tx, (who, item), seen, ""))
                        .ok()?,
                }
                format!("an address of {who} is taken back or away")
            }
            14 => {
                let who = self.anybody()?;
                let given = |today| consent::Given::said(today, "asked us");
                self.town.act(|acting, tx| consent::give(acting, tx, who, NEWS, given(acting.today))).ok()?;
                self.look();
                self.yes(who, NEWS);
                format!("{who} agrees")
            }
            15 => {
                let who = self.anybody()?;
                self.town.try_erase(who).ok()?;
                format!("{who} is erased")
            }
            16 => {
                let days = 1 + self.chance.below(20) as i64;
                self.town.later(days);
                format!("{days} days pass")
            }
            17 => {
                self.backup = Some(self.town.back_up());
                "a backup is made".to_owned()
            }
            18 => {
                let today = self.today();
                let backup = self.backup.take()?;
                self.town.restore(&backup);
                self.town.go_to(today);
                self.imported.clear();
                self.noes.iter_mut().for_each(|no| no.had.clear());
                "it is restored from the backup".to_owned()
            }
            19 => {
                self.leaves();
                "what waits leaves".to_owned()
            }
            _ => {
                let activity = *self.chance.one(&[NEWS, OFFERS]);
                self.town.queue_of(activity).ok()?;
                if self.chance.below(3) > 0 {
                    self.leaves();
                }
                format!("a mailing of {activity}")
            }
        })
    }
}

fn history(town: &mut Town, name: &str, steps: usize) -> (usize, usize) {
    let config = Config::parse("probity.toml", &settings(PostOffice::open().port)).unwrap();
    let mut history = History {
        town,
        smtp: config.smtp.unwrap(),
        chance: Chance::of(name),
        noes: Vec::new(),
        held: BTreeMap::new(),
        sent: BTreeSet::new(),
        links: Vec::new(),
        imported: Vec::new(),
        backup: None,
        said: Vec::new(),
        told: 0,
    };
    for _ in 0..steps {
        if let Some(said) = history.step() {
            let day = history.today();
            history.said.push(format!("{day}: {said}"));
        }
        history.look();
        history.told += history.glance();
    }
    (history.sent.len(), history.told)
}

fn histories(url: Option<&str>) {
    let (mut sent, mut told) = (0, 0);
    for n in 0..4 * times() {
        let (left, seen) = history(&mut Town::new(url.map(str::to_owned)), &format!("yes and no {n}"), 150);
        sent += left;
        told += seen;
    }
    assert!(sent > 20, "only {sent} messages left: this looks at nothing");
    assert!(told > 200, "only {told} audiences were told at a glance");
}

#[test]
fn no_message_leaves_against_a_no_on_sqlite() {
    histories(None);
}

#[test]
fn no_message_leaves_against_a_no_on_postgres() {
    match common::postgres() {
        Some(url) => histories(Some(&url)),
        None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
    }
}
