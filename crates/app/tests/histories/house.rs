//! An instance on either database, its staff, and what lies in its tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::acts::Acting;
use app::fault::Fault;
use app::instance::Instance;
use custody::coverage::Role;
use custody::id::PersonId;
use custody::refusal::Question;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::role::Deed;
use policy::source::File;
use store::keys::Secret;
use store::restoring::Restoring;
use store::schema::{self, Form, Personal};
use store::staff::{self, Account, NewAccount};
use store::{Tx, dispose};

use crate::common::Data;
pub use crate::common::postgres as server;
use crate::plain::Row;

pub struct House {
    pub instance: Instance,
    pub manager: Account,
    /// One in each other role.
    pub others: Vec<Account>,
    place: Data,
    /// The backups, and the second place of the safe, which outlive it.
    outside: Arc<tempfile::TempDir>,
}

/// The operator's secret of every house.
const SECRET: [u8; 32] = [9; 32];

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    Sqlite,
    Postgres,
}

/// A place for a house, empty.
fn place(on: On) -> Data {
    Data::on((on == On::Postgres).then(|| server().unwrap()))
}

/// Says where the backups of a house and the second place of its safe are.
fn keeps_outside(place: &Data, outside: &tempfile::TempDir) {
    let (to, safe) = (outside.path().join("backups"), outside.path().join("safe"));
    std::fs::create_dir_all(&safe).unwrap();
    let toml = format!("[backups]\nto = {to:?}\nsafe = [{safe:?}]\n");
    std::fs::write(place.path().join("probity.toml"), toml).unwrap();
}

/// The text of a policy without what the model does not follow.
pub fn followed(name: &str, text: &str) -> String {
    // The model knows people only: to it what is kept for the work is kept for those on it.
    let mut text = text.replace(" for the work", "");
    // Nor does it follow what these ask before an end.
    if matches!(name, "cti.policy" | "chorus.policy") {
        for asks in
            ["; ask again every 2 years, no answer ends it", "; ask again every year, no answer ends it"]
        {
            text = text.replace(asks, "");
        }
    }
    text
}

pub fn read(name: &str, text: &str) -> Policy {
    let text = followed(name, text);
    let (policy, found) = Policy::read(vec![File { name: name.to_owned(), text }]);
    policy.unwrap_or_else(|| panic!("{name}: {found:#?}"))
}

impl House {
    /// A new one, empty but for a manager who may do everything.
    pub fn new(policy: Policy, begins: Date, on: On) -> Self {
        let place = place(on);
        let outside = Arc::new(tempfile::tempdir().unwrap());
        keeps_outside(&place, &outside);
        let role = policy.roles.iter().max_by_key(|role| role.deeds.len()).unwrap().name.clone();
        let secret = Secret::of(SECRET);
        let url = place.url();
        let instance = Instance::create(place.path(), url.as_deref(), &secret, policy, Some(begins)).unwrap();
        let account = |name: &str, role: &str| {
            let email = format!("{}@house.example", name.to_lowercase().replace(' ', "."));
            let new = NewAccount { name, email: &email, role, person: None, since: begins };
            let added = instance.store.write(|tx| {
                let id = staff::add(tx, &new, instance.clock.now())?;
                staff::get(tx, id)
            });
            added.unwrap()
        };
        let manager = account("Helen Marsh", &role);
        let roles: Vec<String> = instance.policy().roles.iter().map(|role| role.name.clone()).collect();
        let others = roles
            .iter()
            .filter(|name| **name != role)
            .map(|name| account(&format!("The {name}"), name))
            .collect();
        assert!(
            instance
                .policy()
                .role_named(&role)
                .is_some_and(|role| role.deeds.contains(&Deed::AnswerRequests)),
            "{role} may do everything"
        );
        Self { instance, manager, others, place, outside }
    }

    /// Another server on the same database: the same instance, opened once more.
    pub fn another_server(&self) -> Instance {
        Instance::open(self.place.path(), self.place.url().as_deref(), &Secret::of(SECRET)).unwrap()
    }

    /// Where its backups lie.
    pub fn backups(&self) -> PathBuf {
        self.outside.path().join("backups")
    }

    /// The safe in its second place, as an operator would take it.
    pub fn second_safe(&self) -> PathBuf {
        self.outside.path().join("safe/probity.safe")
    }

    /// The safe beside its data.
    pub fn own_safe(&self) -> PathBuf {
        self.place.path().join("safe")
    }

    /// Another house, of what a backup and a safe bring back. One that is to take the place of this one writes its safe
    /// where this one did.
    pub fn brought_back(&self, at: Timestamp, safe: &Path, takes_over: bool) -> Result<Self, String> {
        let place = place(if self.place.url().is_some() { On::Postgres } else { On::Sqlite });
        if takes_over {
            keeps_outside(&place, &self.outside);
        }
        let (data, url, secret) = (place.path(), place.url(), Secret::of(SECRET));
        let bytes = std::fs::read(safe).map_err(|error| format!("{}: {error}", safe.display()))?;
        let said = |fault: Fault| format!("a restore of {at}: {fault}");
        let into = Restoring::begin(data, url.as_deref(), &bytes).map_err(|error| said(error.into()))?;
        let report = app::acts::restore::run(into, &secret, &self.backups().into(), &bytes, Some(at), false)
            .map_err(said)?;
        // Staff in a history leave much undone, and their promises broken.
        let problems: Vec<_> = report.broken.iter().filter(|line| !line.contains(" is broken: ")).collect();
        if !problems.is_empty() || report.restored.files_missing > 0 || report.point != at {
            return Err(format!("a restore of {at}: {problems:?}, {:?}", report.restored));
        }
        let instance = Instance::open(data, url.as_deref(), &secret).map_err(said)?;
        let (manager, others) = (self.manager.clone(), self.others.clone());
        Ok(Self { instance, manager, others, place, outside: Arc::clone(&self.outside) })
    }

    /// Goes on in another house; this one is pulled down.
    pub fn move_into(&mut self, new: Self) {
        let old = std::mem::replace(self, new);
        drop(old);
    }

    /// What is in every file of a document, by its number.
    pub fn files(&self) -> Vec<(String, String)> {
        let sql = "SELECT id, file, file_key FROM document WHERE file IS NOT NULL";
        let files =
            self.read(|tx| tx.all(sql, &[], |row| Ok((row.int(0)?, row.text(1)?, row.bytes(2)?.to_vec()))));
        let text = |(id, name, key): (i64, String, Vec<u8>)| {
            let bytes = store::files::read(&self.instance.store, &name, &key).unwrap();
            (format!("the file of document {id}"), String::from_utf8_lossy(&bytes).into_owned())
        };
        files.into_iter().map(text).collect()
    }

    pub fn acting(&self) -> Acting<'_> {
        Acting::staff(&self.instance, self.manager.clone()).unwrap()
    }

    /// The manager acts.
    pub fn act<T>(&self, mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.instance.store.write(|tx| f(&self.acting(), tx))
    }

    /// The manager acts, or where only another role may, somebody in it: so that the answer is about the people.
    pub fn somebody<T>(
        &self,
        mut f: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut answer = self.act(&mut f);
        for account in &self.others {
            let elsewhere = match &answer {
                Err(Fault::Refused(refusal)) => refusal.question == Question::Role,
                Err(Fault::NotFound) => true,
                _ => false,
            };
            if !elsewhere {
                break;
            }
            let tried =
                self.instance.store.write(|tx| f(&Acting::staff(&self.instance, account.clone())?, tx));
            if !matches!(&tried, Err(Fault::NotFound)) {
                answer = tried;
            }
        }
        answer
    }

    pub fn read<T>(&self, f: impl FnOnce(&Tx<'_>) -> store::Result<T>) -> T {
        self.instance.store.read(f).unwrap()
    }

    /// Nine in the morning of a day, nothing swept in between.
    pub fn go_to(&self, day: Date) {
        self.instance.set_practice_clock(self.instance.clock.at(day, 9)).unwrap();
    }

    /// Lives through every night on which something is due, and through the last.
    pub fn nights_until(&self, day: Date) -> Result<(), Fault> {
        while self.nights_until_said(day)? < day {}
        Ok(())
    }

    /// The same, until the first night that wrote a message. Which it was.
    pub fn nights_until_said(&self, day: Date) -> Result<Date, Fault> {
        let newest = || self.read(|tx| tx.one("SELECT max(id) FROM message", &[], |row| row.opt_int(0)));
        let mut night = self.instance.clock.today();
        let before = newest();
        while night < day {
            night = night.tomorrow()?;
            self.instance.clock.set(self.instance.clock.at(night, 2));
            app::acts::adoption::begin_when_due(&self.instance)?;
            if night == day || !self.instance.store.read(|tx| store::sweep::due(tx, night))?.is_empty() {
                let report = app::jobs::night::run(&self.instance, night)?;
                if let Some(problem) = report.problems.first() {
                    return Err(Fault::Other(format!("the sweep of {night}: {problem}")));
                }
                if newest() > before {
                    break;
                }
            }
        }
        self.instance.set_practice_clock(self.instance.clock.at(night, 9))?;
        Ok(night)
    }

    pub fn people(&self) -> Vec<PersonId> {
        self.read(|tx| tx.all("SELECT id FROM person ORDER BY id", &[], |row| Ok(PersonId(row.int(0)?))))
    }

    pub fn count(&self, sql: &str) -> usize {
        usize::try_from(self.read(|tx| tx.count(sql, &[]))).unwrap()
    }

    /// Every row about these people.
    pub fn rows(&self, people: &[PersonId]) -> BTreeMap<(String, i64), Row> {
        let policy = self.instance.policy();
        self.read(|tx| {
            let mut rows = BTreeMap::new();
            for person in people {
                let held = dispose::holdings(tx, &policy, *person)?;
                assert!(held.undeclared.is_empty(), "{:?}", held.undeclared);
                for datum in held.data {
                    let mut about: Vec<(i64, bool)> =
                        datum.people.iter().map(|(who, role)| (who.0, *role == Role::Subject)).collect();
                    about.sort_unstable();
                    about.dedup_by_key(|(who, _)| *who);
                    let mut works: Vec<_> =
                        datum.engagements.iter().map(|(on, class)| (on.0, class.clone())).collect();
                    works.sort();
                    let row = Row {
                        table: datum.table.to_owned(),
                        number: datum.id,
                        kind: policy.kind(datum.kind).unwrap().name.clone(),
                        people: about,
                        works,
                        paper: datum.paper,
                    };
                    rows.insert((row.table.clone(), row.number), row);
                }
            }
            Ok(rows)
        })
    }

    /// Which of these words stand where, in any text of any table.
    pub fn stand(&self, words: &[String]) -> Vec<(String, String)> {
        self.read(|tx| {
            let mut found = Vec::new();
            for table in schema::tables() {
                for column in table
                    .columns
                    .iter()
                    .filter(|column| column.form == Form::Text && column.personal != Personal::No)
                {
                    let sql = format!("SELECT {} FROM {}", column.name, table.name);
                    tx.each(&sql, &[], |row| {
                        let text = row.opt_str(0)?.unwrap_or_default();
                        let here = words.iter().filter(|word| text.contains(word.as_str()));
                        found.extend(
                            here.map(|word| (word.clone(), format!("{}.{}", table.name, column.name))),
                        );
                        Ok::<_, store::Error>(())
                    })?;
                }
            }
            Ok(found)
        })
    }
}
