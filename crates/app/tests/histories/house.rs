//! An instance on either database, its staff, and what lies in its tables.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use app::acts::Acting;
use app::fault::Fault;
use app::instance::Instance;
use custody::coverage::Role;
use custody::id::PersonId;
use custody::refusal::Question;
use jiff::civil::Date;
use policy::Policy;
use policy::role::Deed;
use policy::source::File;
use store::keys::Secret;
use store::schema::{self, Form, Personal};
use store::staff::{self, Account, NewAccount};
use store::{Tx, dispose};

use crate::plain::Row;

pub struct House {
    pub instance: Instance,
    pub manager: Account,
    /// One in each other role.
    pub others: Vec<Account>,
    url: Option<String>,
    schema: Option<String>,
    data: tempfile::TempDir,
}

/// The operator's secret of every house.
const SECRET: [u8; 32] = [9; 32];

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    Sqlite,
    Postgres,
}

/// The address of the PostgreSQL for tests, if there is one.
pub fn server() -> Option<String> {
    std::env::var("PROBITY_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

pub fn read(name: &str, text: &str) -> Policy {
    let (policy, found) = Policy::read(vec![File { name: name.to_owned(), text: text.to_owned() }]);
    policy.unwrap_or_else(|| panic!("{name}: {found:#?}"))
}

impl House {
    /// A new one, empty but for a manager who may do everything.
    pub fn new(policy: Policy, begins: Date, on: On) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (url, schema) = match on {
            On::Sqlite => (None, None),
            On::Postgres => {
                static NEXT: AtomicU32 = AtomicU32::new(0);
                let schema = format!("history_{}_{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
                let server = server().unwrap();
                let mut client = ::postgres::Client::connect(&server, ::postgres::NoTls).unwrap();
                client.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
                let joint = if server.contains('?') { '&' } else { '?' };
                (Some(format!("{server}{joint}options=-c%20search_path%3D{schema},public")), Some(schema))
            }
        };
        let role = policy.roles.iter().max_by_key(|role| role.deeds.len()).unwrap().name.clone();
        let secret = Secret::of(SECRET);
        let instance = Instance::create(data.path(), url.as_deref(), &secret, policy, Some(begins)).unwrap();
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
        Self { instance, manager, others, url, schema, data }
    }

    /// Another server on the same database: the same instance, opened once more.
    pub fn another_server(&self) -> Instance {
        Instance::open(self.data.path(), self.url.as_deref(), &Secret::of(SECRET)).unwrap()
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
        let mut night = self.instance.clock.today();
        while night < day {
            night = night.tomorrow()?;
            self.instance.clock.set(self.instance.clock.at(night, 2));
            app::acts::adoption::begin_when_due(&self.instance)?;
            if night == day || !self.instance.store.read(|tx| store::sweep::due(tx, night))?.is_empty() {
                let report = app::jobs::night::run(&self.instance, night)?;
                if let Some(problem) = report.problems.first() {
                    return Err(Fault::Other(format!("the sweep of {night}: {problem}")));
                }
            }
        }
        self.instance.set_practice_clock(self.instance.clock.at(day, 9))
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

    /// Where a word stands, in any text of any table.
    pub fn stands(&self, word: &str) -> Vec<String> {
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
                        if row.opt_str(0)?.is_some_and(|text| text.contains(word)) {
                            found.push(format!("{}.{}", table.name, column.name));
                        }
                        Ok::<_, store::Error>(())
                    })?;
                }
            }
            Ok(found)
        })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let (Some(schema), Some(server)) = (&self.schema, server()) {
            let dropped = ::postgres::Client::connect(&server, ::postgres::NoTls).and_then(|mut client| {
                client.batch_execute(&format!("SET lock_timeout = '5s'; DROP SCHEMA {schema} CASCADE"))
            });
            if let Err(error) = dropped {
                eprintln!("schema {schema} stays behind: {error}");
            }
        }
    }
}
