//! Killed in the middle (SIGKILL, nothing is tidied up): of a sweep, an erasure, an import, a backup, a restore, a change of the key, a
//! mailing, and of people being added. Opened again, the database is whole, the log verifies, an act is there or it is
//! not, and nobody whose message is on record as sent gets it twice. A kill counts only where it hit a running process,
//! and each test goes on until so many did.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use app::instance::Instance;
use store::Store;
use store::dialect::Dialect;
use store::schema::Form;

use super::binary::{Said, made, opened, program};
use super::chance::{Chance, times};
use super::common::copied::{Database, copied};

mod backup;
mod erasure;
mod import;
mod mailbox;
mod restore;
mod rotate;
mod serving;
mod sweep;

/// CTI's own world, played once.
pub struct Template {
    data: tempfile::TempDir,
    database: Option<Database>,
    key: String,
}

/// A copy of it, for one kill or a few.
pub struct Copy {
    data: tempfile::TempDir,
    database: Option<Database>,
}

impl Template {
    fn new(server: Option<String>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let database = server.map(|server| Database::new(&server, None));
        let url = database.as_ref().map(Database::url);
        let key = made(app::world::Pack::named("cti").unwrap().world, data.path(), url.as_deref());
        Self { data, database, key }
    }

    /// On SQLite, for every test that wants one.
    fn sqlite() -> &'static Self {
        static MADE: OnceLock<Template> = OnceLock::new();
        MADE.get_or_init(|| Self::new(None))
    }

    fn copy(&self) -> Copy {
        let database = self.database.as_ref().map(|of| Database::new(&of.server, Some(of)));
        Copy { data: copied(self.data.path()), database }
    }

    /// Which database, for saying so.
    fn on(&self) -> &'static str {
        if self.database.is_some() { "PostgreSQL" } else { "SQLite" }
    }
}

impl Copy {
    fn path(&self) -> &Path {
        self.data.path()
    }

    fn open(&self) -> Instance {
        opened(self.path(), self.database.as_ref().map(Database::url).as_deref())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).arg("--data").arg(self.path());
        if let Some(database) = &self.database {
            command.arg("--database").arg(database.url());
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        super::binary::said(&mut self.command(arguments))
    }

    /// How long a command takes that nobody disturbs, and what it said.
    fn timed(&self, arguments: &[&str]) -> (Duration, Said) {
        let began = Instant::now();
        let said = self.run(arguments);
        (began.elapsed(), said)
    }
}

/// Kills of one sort, until enough of them hit a running process.
struct Kills {
    of: String,
    chance: Chance,
    enough: usize,
    hit: usize,
    late: usize,
}

/// Kills of every sort that hit a running process.
static ALL: AtomicUsize = AtomicUsize::new(0);

impl Kills {
    /// So many in `bin/test`, and as many more in `bin/soak` as it is longer.
    fn of(what: &str, enough: usize) -> Self {
        Self { of: what.to_owned(), chance: Chance::of(what), enough: enough * times(), hit: 0, late: 0 }
    }

    /// Whether more are wanted. A test whose kills come too late again and again tests nothing.
    fn more(&self) -> bool {
        assert!(
            self.late <= 40 + 10 * self.hit,
            "{}: {} kills hit, {} came late",
            self.of,
            self.hit,
            self.late
        );
        self.hit < self.enough
    }

    /// Starts a command and kills it at any moment of the time it takes undisturbed. Whether it was still running.
    fn kill(&mut self, command: &mut Command, takes: Duration) -> bool {
        let began = Instant::now();
        let mut child = command.spawn().unwrap();
        let most = usize::try_from(takes.as_micros()).unwrap();
        let after = Duration::from_micros(self.chance.below(most) as u64);
        std::thread::sleep(after.saturating_sub(began.elapsed()));
        self.now(&mut child)
    }

    /// Starts a command and kills it as soon as something is so, or a moment later. Whether it was still running.
    fn kill_once(&mut self, command: &mut Command, so: impl Fn() -> bool) -> bool {
        let mut child = command.spawn().unwrap();
        while !so() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(self.chance.below(20_000) as u64));
        self.now(&mut child)
    }

    /// Kills a process. Whether it was still running.
    fn now(&mut self, child: &mut Child) -> bool {
        use std::os::unix::process::ExitStatusExt;
        child.kill().unwrap();
        let hit = child.wait().unwrap().signal() == Some(9);
        if hit {
            self.hit += 1;
            ALL.fetch_add(1, SeqCst);
        } else {
            self.late += 1;
        }
        hit
    }

    /// Says how many there were.
    fn end(self) {
        assert!(self.hit >= self.enough && self.hit > 0, "{}: nothing was killed", self.of);
        let all = ALL.load(SeqCst);
        eprintln!(
            "kills, {}: {} hit it running, {} came late; {all} of every sort so far",
            self.of, self.hit, self.late
        );
    }
}

fn broken(instance: &Instance) -> BTreeSet<String> {
    let found = app::acts::proof::look(instance, None).unwrap().found;
    found.into_iter().filter(|found| found.verdict == "broken").map(|found| found.id).collect()
}

/// That the database is whole and the log is true.
#[track_caller]
fn sound(instance: &Instance) {
    let store = &instance.store;
    match store.dialect() {
        Dialect::Sqlite => {
            let dangling: i64 = store
                .read(|tx| {
                    Ok::<_, store::Error>(tx.all("PRAGMA foreign_key_check", &[], |_| Ok(()))?.len() as i64)
                })
                .unwrap();
            assert_eq!(dangling, 0, "rows that refer to nothing");
            let whole = store.read(|tx| tx.one("PRAGMA integrity_check", &[], |row| row.text(0))).unwrap();
            assert_eq!(whole, "ok");
            let sql = "INSERT INTO search_index (search_index) VALUES ('integrity-check')";
            store.write(|tx| tx.exec(sql, &[])).unwrap();
        }
        Dialect::Postgres => {
            for table in store::schema::tables() {
                for (column, other) in
                    table.columns.iter().filter_map(|column| Some((column.name, column.refers?)))
                {
                    let sql = format!(
                        "SELECT count(*) FROM {} t WHERE t.{column} IS NOT NULL
                            AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.id = t.{column})",
                        table.name
                    );
                    assert_eq!(count(store, &sql), 0, "{}.{column} refers to nothing", table.name);
                }
            }
            let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready";
            assert_eq!(count(store, invalid), 0, "indexes that are not whole");
        }
    }
    let now = instance.clock.now();
    while store.write(|tx| store::log::sequence(tx, store.keys(), now)).unwrap() {}
    let verified =
        store.read(|tx| Ok::<_, store::Error>(store::log::verify(tx, store.keys(), None))).unwrap();
    assert!(verified.is_ok(), "{:?}", verified.err());
    certified(instance);
    no_orphans(instance);
}

/// That whatever the log says went has its certificate: the clause that keeps certificates answers for all of them.
#[track_caller]
fn certified(instance: &Instance) {
    let policy = instance.policy();
    let kind = policy.kind_named("certificate").unwrap().id;
    let rule = policy.rules.iter().find(|rule| rule.kinds.contains(kind)).unwrap().id;
    let (now, today) = (instance.clock.now(), instance.clock.today());
    let obligation = custody::proof::Obligation::Certified { rule };
    let seen = store::prove::obligation(&instance.store, &policy, &obligation, now, today).unwrap();
    assert_eq!(seen.broken, [] as [String; 0], "something went without its certificate");
}

/// That every file a row refers to is there, and that what a kill left of any other goes with the next tidying.
#[track_caller]
fn no_orphans(instance: &Instance) {
    let store = &instance.store;
    let referred = store.read(store::files::referred).unwrap();
    for name in &referred {
        assert!(
            store::files::exists(store, name).unwrap(),
            "a row refers to file {name}, which is not there"
        );
    }
    let there = || {
        let within = |path: &Path| {
            std::fs::read_dir(path)
                .into_iter()
                .flatten()
                .map(|entry| entry.unwrap().path())
                .collect::<Vec<_>>()
        };
        let folders = within(&store.data().join("files"));
        folders.iter().flat_map(|folder| within(folder)).collect::<Vec<_>>()
    };
    // Nobody writes any more, though the files are younger than what is tidied away.
    let long_ago = std::time::UNIX_EPOCH;
    for path in there() {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    assert_eq!(store::files::tidy(store).unwrap().left, [] as [String; 0]);
    let left: BTreeSet<String> =
        there().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(left, referred, "files that no row refers to");
}

/// What is kept of people and work, row by row.
fn kept(instance: &Instance) -> BTreeMap<&'static str, BTreeSet<String>> {
    let tables =
        ["person", "organisation", "item", "entry", "document", "engagement", "consent", "objection"];
    let tables = tables.map(|name| store::schema::table(name).unwrap());
    let rows = tables.map(|table| {
        let texts = table.columns.iter().filter(|column| column.form == Form::Text);
        let texts: Vec<String> = texts.map(|column| format!("COALESCE({}, '')", column.name)).collect();
        let texts = if texts.is_empty() { "''".to_owned() } else { texts.join(" || '|' || ") };
        let sql = format!("SELECT id, {texts} FROM {}", table.name);
        let rows = instance
            .store
            .read(|tx| tx.all(&sql, &[], |row| Ok(format!("{} {}", row.int(0)?, row.text(1)?))))
            .unwrap();
        (table.name, rows.into_iter().collect())
    });
    rows.into()
}

fn count(store: &Store, sql: &str) -> i64 {
    store.read(|tx| tx.count(sql, &[])).unwrap()
}

/// A mailing, sweeps, erasures, imports, backups, restores and changes of the key on the PostgreSQL for tests, one after another: most
/// share one template.
#[test]
fn on_postgres_an_act_is_there_or_it_is_not() {
    let Some(server) = super::common::postgres() else {
        return eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
    };
    serving::a_mailing_killed(Some(&server), 3);
    serving::preparing_killed(Some(&server), 2);
    let template = Template::new(Some(server));
    sweep::killed(&template, 2);
    erasure::killed(&template, 1);
    import::killed(&template, 1);
    backup::killed(&template, 3);
    restore::killed(&template, 3);
    rotate::killed(&template, 2);
}
