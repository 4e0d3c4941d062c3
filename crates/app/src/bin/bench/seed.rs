//! An instance full of invented people, written through the store as the acts write it, and a server before it.
//! The same people for the same number, whatever machine it runs on.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use app::acts::sign_in;
use app::cli::{Failure, complain};
use app::fault::Fault;
use app::instance::Instance;
use app::world::Pack;
use app::{routes, server};
use custody::coverage::Role;
use custody::id::{OrganisationId, PersonId};
use custody::life::Scope;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::{KindId, Policy};
use store::consent::{self, Evidence, NewConsent};
use store::dialect::Dialect;
use store::entry::{self, Direction, NewEntry};
use store::item::{self, NewItem};
use store::keys::Secret;
use store::objection::{self, NewObjection};
use store::organisation;
use store::staff::{self, Account, NewAccount};
use store::{Store, Tx, ground, person};

use super::measure::{per_second, since};
use super::names::{self, Chance};

/// The day on which everything is measured.
pub const TODAY: Date = date(2026, 12, 1);
/// The address of who acts.
const EMAIL: &str = "bench@cti.example";
/// The day on which those who are due were last heard of: three months and more before.
const LAST_HEARD: Date = date(2026, 6, 10);
/// The day on which those were last heard of who are due first, on [`NIGHT`].
const HEARD_FIRST: Date = date(2026, 3, 10);
/// A night on which only they are due.
pub const NIGHT: Date = date(2026, 8, 1);
/// Lines of everybody's timeline.
const LINES: usize = 10;
/// People written in one transaction.
const AT_ONCE: usize = 500;
/// How many people there are when PostgreSQL is told to look at its tables again, for its plans.
const LOOKED_AT: &[usize] = &[2_000, 20_000];
/// How many people are due for the sweep, as many again for the plain deletes beside it, and for a night while people work.
const DUE: usize = 1_000;
/// How many are erased, and as many again plainly.
const ERASED: usize = 100;

/// What is measured.
pub struct Seeded {
    /// The instance.
    pub instance: Arc<Instance>,
    /// Who acts.
    pub account: Account,
    /// The key of a program that may do everything.
    pub key: String,
    /// Where the server listens.
    pub address: SocketAddr,
    /// People who stay.
    pub people: Vec<PersonId>,
    /// People to erase.
    pub to_erase: Vec<PersonId>,
    /// People to erase by plain statements.
    pub to_erase_plainly: Vec<PersonId>,
    /// People whose time has passed: the sweep is to find them.
    pub due: Vec<PersonId>,
    /// As many, to be deleted by plain statements.
    pub due_plainly: Vec<PersonId>,
    /// As many, who are due on an earlier night.
    pub due_first: Vec<PersonId>,
    /// Where the data is.
    pub data: std::path::PathBuf,
    /// The database, if it is not a file there.
    pub url: Option<String>,
    /// Where scratch files may lie.
    pub dir: std::path::PathBuf,
    /// Whether everything is done a tenth as often.
    pub quick: bool,
    _runtime: tokio::runtime::Runtime,
}

impl Seeded {
    /// The store.
    pub fn store(&self) -> &Store {
        &self.instance.store
    }

    /// A person who stays, by any number.
    pub fn person(&self, n: usize) -> PersonId {
        self.people.get(n % self.people.len().max(1)).copied().unwrap_or(PersonId(0))
    }

    /// How often something is done, or how much of it there is.
    pub fn times(&self, usually: usize) -> usize {
        if self.quick { (usually / 10).max(1) } else { usually }
    }

    /// An instant of the day on which everything is measured.
    pub fn now(&self) -> Timestamp {
        self.instance.clock.now()
    }
}

/// Makes the instance, its people and its server; what was seeded in this directory before is taken as it is.
pub fn make(dir: &Path, scratch: &Path, url: Option<&str>, people: usize) -> Result<Seeded, Failure> {
    let (data, list) = (dir.join("data"), dir.join("people.json"));
    let (instance, mut seeded) = if list.exists() {
        let instance = Arc::new(Instance::open(&data, url, &secret())?);
        let numbers: Vec<i64> = serde_json::from_slice(&std::fs::read(&list)?)?;
        (instance, numbers.into_iter().map(PersonId).collect())
    } else {
        std::fs::create_dir_all(&data)?;
        let pack = Pack::named("cti").ok_or_else(|| Failure("the policy pack is missing".to_owned()))?;
        let instance = Arc::new(Instance::create(&data, url, &secret(), pack.policy()?, Some(TODAY))?);
        let seeded = seeded(&instance, people)?;
        let numbers: Vec<i64> = seeded.iter().map(|person| person.0).collect();
        std::fs::write(&list, serde_json::to_vec(&numbers)?)?;
        (instance, seeded)
    };
    let account = instance.store.read(|tx| staff::by_email(tx, EMAIL))?;
    let account = account.ok_or_else(|| Failure("nobody is there to act".to_owned()))?;
    let key = sign_in::api_key(&instance, &account, "bench")?;
    let people = seeded.len();
    let (erased, due) = (ERASED.min(people / 20), DUE.min(people / 10));
    let mut due_first = seeded.split_off(seeded.len().saturating_sub(3 * due));
    let due = due_first.split_off(due_first.len().saturating_sub(2 * due));
    let to_erase = seeded.split_off(seeded.len().saturating_sub(2 * erased));
    let halves = |all: &[PersonId]| {
        (all.iter().step_by(2).copied().collect(), all.iter().skip(1).step_by(2).copied().collect())
    };
    let (to_erase, to_erase_plainly) = halves(&to_erase);
    let (due, due_plainly) = halves(&due);
    let runtime = app::cli::runtime()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let app = server::layered(routes::routes(Arc::clone(&instance)), &instance.config);
    runtime.spawn(server::serve(listener, app, std::future::pending()));
    Ok(Seeded {
        instance,
        account,
        key,
        address,
        people: seeded,
        to_erase,
        to_erase_plainly,
        due,
        due_plainly,
        due_first,
        data,
        url: url.map(str::to_owned),
        dir: scratch.to_owned(),
        quick: false,
        _runtime: runtime,
    })
}

/// Adds who acts, and everybody.
fn seeded(instance: &Instance, people: usize) -> Result<Vec<PersonId>, Failure> {
    instance.store.write(|tx| {
        let new =
            NewAccount { name: "Bench", email: EMAIL, role: "business manager", person: None, since: TODAY };
        staff::add(tx, &new, instance.clock.now())
    })?;
    let began = Instant::now();
    let seeded = people_of(instance, people)?;
    if instance.store.dialect() == Dialect::Postgres {
        instance.store.write(|tx| tx.exec("ANALYZE", &[]))?;
    }
    complain(format_args!("seeded {people} people, {:.0} a second", per_second(people, since(began))));
    Ok(seeded)
}

/// The secret of every instance made here, as the environment says it: nobody's data is in one.
pub const SECRET: &str = "0707070707070707070707070707070707070707070707070707070707070707";

fn secret() -> Secret {
    Secret::of([7; 32])
}

/// Who somebody is to the organisation.
struct Sort {
    category: &'static str,
    kinds: &'static [&'static str],
    belongs: bool,
    line: &'static str,
    direction: Direction,
    day: Date,
}

const CONTACT: Sort = Sort {
    category: "organisation contact",
    kinds: &["name", "email", "phone", "address", "job title"],
    belongs: true,
    line: "contact record",
    direction: Direction::Both,
    day: TODAY,
};
const SUPPLIER: Sort =
    Sort { category: "supplier", kinds: &["name", "email", "phone", "address"], ..CONTACT };
const SUPPORTER: Sort = Sort { category: "supporter", kinds: &["name", "email"], belongs: false, ..CONTACT };
const SEEKER: Sort = Sort {
    category: "coaching client",
    kinds: &["name", "email", "phone"],
    line: "enquiry",
    direction: Direction::In,
    day: LAST_HEARD,
    ..CONTACT
};
const SOUGHT_FIRST: Sort = Sort { day: HEARD_FIRST, ..SEEKER };

/// A company, to whose people offers may be sent.
fn company(name: String) -> organisation::Details {
    organisation::Details {
        name,
        subscriber: organisation::Subscriber::Corporate,
        phone: None,
        // Every invented address ends as this one does, and so may be written to.
        email: Some("office@example".to_owned()),
        address: None,
        website: None,
        notes: None,
    }
}

fn people_of(instance: &Instance, people: usize) -> Result<Vec<PersonId>, Failure> {
    let policy = instance.policy();
    let now = instance.clock.now();
    let organisations = instance.store.write(|tx| {
        (0..(people / 20).max(1))
            .map(|n| organisation::add(tx, &company(names::organisation(n)), now))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let due = DUE.min(people / 10);
    let (due_first, due_from) = (people.saturating_sub(3 * due), people.saturating_sub(2 * due));
    let mut all = Vec::with_capacity(people);
    while all.len() < people {
        let until = people.min(all.len() + AT_ONCE);
        let some = instance.store.write(|tx| {
            let mut some = Vec::with_capacity(AT_ONCE);
            for n in all.len()..until {
                let sort = match n % 10 {
                    _ if n >= due_from => &SEEKER,
                    _ if n >= due_first => &SOUGHT_FIRST,
                    7 | 8 => &SUPPLIER,
                    9 => &SUPPORTER,
                    _ => &CONTACT,
                };
                some.push((sort.day, one(tx, &policy, n, sort, &organisations, now)?));
            }
            for day in [HEARD_FIRST, LAST_HEARD, TODAY] {
                let then: Vec<PersonId> =
                    some.iter().filter(|(on, _)| *on == day).map(|(_, who)| *who).collect();
                ground::settle_many(tx, &policy, &then, day, "system bench", now)?;
            }
            Ok::<_, Fault>(some.into_iter().map(|(_, who)| who).collect::<Vec<_>>())
        })?;
        all.extend(some);
        if instance.store.dialect() == Dialect::Postgres && LOOKED_AT.contains(&all.len()) {
            instance.store.write(|tx| tx.exec("ANALYZE", &[]))?;
        }
        if all.len() % 10_000 == 0 {
            complain(format_args!("{} people", all.len()));
        }
    }
    Ok(all)
}

fn kind(policy: &Policy, name: &str) -> Result<KindId, Fault> {
    policy.kind_named(name).map(|kind| kind.id).ok_or(Fault::NotFound)
}

fn one(
    tx: &Tx<'_>,
    policy: &Policy,
    n: usize,
    sort: &Sort,
    organisations: &[OrganisationId],
    now: Timestamp,
) -> Result<PersonId, Fault> {
    let invented = names::person(n);
    let mut chance = Chance::of(0x0c33_0000 + n as u64);
    let who = person::add(tx, now)?;
    let category = policy.category_named(sort.category).ok_or(Fault::NotFound)?.id;
    let since = sort.day.saturating_sub(30.days());
    person::begin_category(tx, policy, who, category, since, None)?;
    let mut items: Vec<(&str, &str)> = Vec::new();
    for name in sort.kinds {
        let value = match *name {
            "name" => invented.name.as_str(),
            "email" => &invented.email,
            "phone" => &invented.phone,
            "address" => &invented.address,
            _ => invented.job,
        };
        let new = NewItem {
            person: who,
            kind: kind(policy, name)?,
            value,
            source: "the person",
            collected_on: since,
            import: None,
            by: None,
        };
        item::add_unfound(tx, policy, &new, now)?;
        items.push((name, value));
    }
    let works_at = n % organisations.len();
    let organisation = organisations.get(works_at).filter(|_| sort.belongs);
    if let Some(organisation) = organisation {
        organisation::begin(tx, who, *organisation, Some(since), None)?;
    }
    if sort.category == "supporter" {
        let form = ConsentForm::OptIn { asked_with: None, confirmed: None };
        let activity = policy.activity_named("supporters").ok_or(Fault::NotFound)?.id;
        let new = NewConsent {
            person: who,
            activity,
            engagement: None,
            form: &form,
            document: None,
            given_on: since,
            lapses_on: None,
            wording: "Yes, send me your news.",
            notice_version: Some(3),
            how: "on the website",
            evidence: Evidence::PAGE,
            by: None,
        };
        consent::record(tx, policy, &new, now)?;
    }
    if n % 20 == 3 && sort.category == CONTACT.category {
        let scope = Scope::Purpose(Purpose::DirectMarketing);
        let new = NewObjection {
            person: who,
            scope: &scope,
            made_on: TODAY,
            how: "by telephone",
            words: None,
            request: None,
            by: None,
        };
        objection::record(tx, policy, &new, now)?;
    }
    for line in 0..LINES {
        let days = i64::try_from(line * 30 + chance.below(30)).unwrap_or(0);
        let new = NewEntry {
            kind: kind(policy, sort.line)?,
            on: sort.day.saturating_sub(days.days()),
            direction: Some(sort.direction),
            body: &names::line(n * LINES + line),
            source: "staff",
            import: None,
            people: &[(who, Role::Subject)],
            engagements: &[],
            author: None,
        };
        entry::add(tx, policy, &new, now)?;
    }
    let name = organisation.map(|_| names::organisation(works_at));
    person::find_by(tx, policy, who, items.into_iter(), name.as_deref().into_iter())?;
    Ok(who)
}
