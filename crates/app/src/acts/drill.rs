//! Trying a restore: the newest backup is brought back aside, looked at from all sides, held against what people work on,
//! and thrown away. What was found is kept as a report. The database it fills is encrypted with a key that nobody keeps,
//! so that nothing of it can be read when the process has ended, however it ended. It changes nothing that people work on
//! but the record of itself.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use policy::count::counted;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::drill::{self, Drill};
use store::keys::Secret;
use store::place::Place;
use store::restoring::Restoring;
use store::{Keys, Tx, id, log, sweep};
use tokio::io::AsyncWriteExt;

use super::{backup, proof, restore};
use crate::clock::machine;
use crate::config::DRILL_DAYS;
use crate::fault::Fault;
use crate::instance::Instance;

/// The folder in the data directory that a drill fills and takes away.
const ASIDE: &str = "drill";
/// Held by whoever is at it.
const LOCK: &str = "drill.lock";
/// How many details and how many files are opened.
const SAMPLE: usize = 200;
const FILES: usize = 20;
/// How many rows a finding names.
const NAMED: usize = 10;

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// What was found, in a sentence. Numbers of rows, never a value.
    pub found: String,
    /// Whether it is as it must be.
    pub well: bool,
}

/// What a drill came to. The names are a contract with scripts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// When the backup was made; nothing if none could be brought back.
    pub backup: Option<Timestamp>,
    /// Where it lay.
    pub from: String,
    /// The safe it was opened with.
    pub safe: String,
    /// How long all of it took, in seconds.
    pub seconds: f64,
    /// How many rows came back.
    pub rows: u64,
    /// How many stay gone because their keys were destroyed.
    pub gone: u64,
    /// How many files came back.
    pub files: u64,
    /// How many people are held in it.
    pub people: u64,
    /// What was looked at.
    pub checks: Vec<Check>,
}

impl Report {
    /// What is not as it must be.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.well)
    }
}

/// The report of a record; an empty one where it was interrupted.
#[must_use]
pub fn report(of: &Drill) -> Report {
    of.report.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Whether one goes on now.
#[must_use]
pub fn goes_on(instance: &Instance) -> bool {
    lock(instance).is_ok_and(|lock| lock.is_none())
}

fn lock(instance: &Instance) -> Result<Option<File>, Fault> {
    let path = instance.store.data().join(LOCK);
    let said = |error: std::io::Error| Fault::Other(format!("{}: {error}", path.display()));
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(said)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(said(error)),
    }
}

/// Takes away what an interrupted drill left. What will not go stops nothing else, and is tried again every night.
pub fn tidy(instance: &Instance) {
    let tidied = lock(instance).and_then(|lock| match lock {
        Some(_lock) => leave(&instance.store.data().join(ASIDE)),
        None => Ok(()),
    });
    if let Err(fault) = tidied {
        tracing::error!(%fault, "what an interrupted drill left is still there");
    }
}

fn leave(aside: &Path) -> Result<(), Fault> {
    // The safe in it opens with the key of the instance: nought goes over it, as over every safe that is replaced.
    let safe = aside.join("safe");
    if let Ok(length) = std::fs::metadata(&safe).map(|found| found.len()) {
        let nought = vec![0; usize::try_from(length).unwrap_or(0)];
        let over = File::options().write(true).open(&safe).and_then(|mut file| {
            std::io::Write::write_all(&mut file, &nought)?;
            file.sync_data()
        });
        over.map_err(|error| Fault::Other(format!("{}: {error}", safe.display())))?;
    }
    match std::fs::remove_dir_all(aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Fault::Other(format!("{}: {error}", aside.display())))
        }
        _ => Ok(()),
    }
}

/// Which backups and which safe a drill is of, and who wants it.
pub struct Of<'a> {
    /// The place of the backups; without one the instance's own.
    pub from: Option<&'a Place>,
    /// The safe; without one that of a second place, else the one beside the data.
    pub safe: Option<&'a Place>,
    /// The newest backup until then.
    pub until: Option<Timestamp>,
    /// Who asked for it, as the log writes it.
    pub by: &'a str,
}

/// Tries a restore and keeps the report, also of one that fails.
///
/// # Errors
/// If one goes on already, or the record cannot be written.
pub fn run(live: &Instance, secret: &Secret, of: &Of<'_>) -> Result<Report, Fault> {
    restore::refused(live)?;
    let Some(_alone) = lock(live)? else {
        return Err(Fault::Other("a restore is being tried already: wait until it has ended".to_owned()));
    };
    let aside = live.store.data().join(ASIDE);
    leave(&aside)?;
    let number = live.store.write(|tx| drill::begin(tx, of.by, machine()))?;
    let began = Instant::now();
    let own = backup::safes(live)?.into_iter().next();
    let safe =
        of.safe.cloned().or(own).unwrap_or_else(|| Place::Folder(store::safe::place(live.store.data())));
    let from = of.from.cloned().map_or_else(|| backup::place(live), Ok)?;
    let mut report = Report { from: from.to_string(), safe: safe.to_string(), ..Report::default() };
    let step = |words: &str| live.store.write(|tx| drill::step(tx, number, words)).map_err(Fault::from);
    let tried = bring_back(live, secret, (&from, &safe, of.until), &aside, &step, &mut report);
    let left = leave(&aside);
    if let Err(fault) = tried.and(left) {
        report
            .checks
            .push(check("It can be brought back", Err(crate::web::error::sentence(&fault.to_string()))));
    }
    report.seconds = (began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    let failed = i64::try_from(report.failed().count()).unwrap_or(i64::MAX);
    let text = serde_json::to_string(&report).map_err(|error| Fault::Other(error.to_string()))?;
    let body = json!({ "backup": report.backup, "rows": report.rows, "failed": failed });
    let now = live.clock.now();
    live.store.write(|tx| {
        drill::end(tx, number, failed, &text, machine())?;
        log::append(tx, now, of.by, "drill.ended", &[], &body)
    })?;
    Ok(report)
}

/// Begins a drill in a process of its own, this very program with less of a claim to the processor, and waits until it has
/// noted that it began; it goes on by itself and ends with this one. The key goes to it through a pipe, the database's
/// address through its environment.
///
/// # Errors
/// If one goes on already, the key was changed meanwhile, or no process can be started.
pub async fn start(instance: &Arc<Instance>, by: String) -> Result<(), Fault> {
    let failed = |error: std::io::Error| Fault::Other(format!("a restore could not be tried: {error}"));
    if goes_on(instance) {
        return Ok(());
    }
    let lines = instance.secret().map(Secret::lines).ok_or_else(|| {
        Fault::Other(
            "the key was changed while this server was running: start it again with the new one first"
                .to_owned(),
        )
    })?;
    let newest = || {
        let asked = Arc::clone(instance);
        crate::web::blocking(move || {
            Ok(asked.store.read(|tx| drill::newest(tx, 1))?.first().map(|last| last.id))
        })
    };
    let before = newest().await?;
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = tokio::process::Command::new("nice");
    command.args(["-n", "10"]).arg(program).args([
        "restore",
        "--drill",
        "--key-from-stdin",
        "--by",
        &by,
        "--data",
    ]);
    command.arg(instance.store.data()).env_remove(store::keys::VARIABLE).env_remove("PROBITY_PASSPHRASE");
    match instance.url() {
        Some(url) => command.env("PROBITY_DATABASE", url),
        None => command.env_remove("PROBITY_DATABASE"),
    };
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        let text = zeroize::Zeroizing::new(lines.join("\n"));
        stdin.write_all(text.as_bytes()).await.map_err(failed)?;
    }
    let ended = tokio::spawn(async move {
        let done = child.wait_with_output().await;
        match done {
            Ok(done) if done.status.code().is_some_and(|code| code < 2) => {}
            Ok(done) => {
                tracing::error!(said = %String::from_utf8_lossy(&done.stderr).trim(), "a restore could not be tried")
            }
            Err(error) => tracing::error!(%error, "a restore could not be tried"),
        }
    });
    // Until its record is there, or it has ended without one: whoever asked sees it on the page they come to.
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if ended.is_finished() || newest().await? != before {
            break;
        }
    }
    Ok(())
}

fn check(what: &str, found: Result<String, String>) -> Check {
    let well = found.is_ok();
    let (Ok(found) | Err(found)) = found;
    Check { what: what.to_owned(), found, well }
}

/// A finding: so many were looked at, and these are not as they must be.
fn none_of(what: &str, well: String, wrong: &str, rows: &[String]) -> Check {
    if rows.is_empty() {
        return check(what, Ok(well));
    }
    let named = rows.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = if rows.len() > NAMED { " and others" } else { "" };
    check(what, Err(format!("{} {wrong}: {named}{more}.", rows.len())))
}

fn bring_back(
    live: &Instance,
    secret: &Secret,
    (from, safe, until): (&Place, &Place, Option<Timestamp>),
    aside: &Path,
    step: &dyn Fn(&str) -> Result<(), Fault>,
    report: &mut Report,
) -> Result<(), Fault> {
    step("1 of 4: reading the backups")?;
    backup::forget(live)?;
    let start = id::next();
    let bytes = restore::safe_bytes(safe)?;
    super::room::for_all_of(live, from)?;
    let into = Restoring::begin(aside, None, &bytes)?;
    // A key for the database and a secret for the keyring that are lost with this process.
    let thrown_away = Secret::random()?;
    let keys = Keys::open(aside, secret).map_err(|error| match error {
        store::Error::WrongKey(_) => Fault::Other(format!(
            "the safe {safe} does not open with the key as it is now: it was written before the key was changed"
        )),
        error => error.into(),
    })?;
    keys.for_a_drill()?.rewrap(aside, &thrown_away)?;
    step("2 of 4: bringing everything back and settling everybody")?;
    let done = restore::run(into, &thrown_away, from, &bytes, until, false)?;
    let restored = &done.restored;
    report.backup = Some(done.point);
    (report.rows, report.gone, report.files) = (restored.rows, restored.gone, restored.files);
    report.people = done.people as u64;
    report.checks.push(match restored.files_missing {
        0 => check(
            "Everything in the backup can be read",
            Ok(format!("{} rows and {} files were.", restored.rows, restored.files)),
        ),
        missing => check(
            "Everything in the backup can be read",
            Err(format!("{missing} files of documents are not in {from}.")),
        ),
    });
    step("3 of 4: looking at what came back")?;
    let instance = Instance::open(aside, None, &thrown_away)?;
    looked_at(&instance, &done.broken, live, report)?;
    step("4 of 4: holding it against what is here")?;
    compared(&instance, live, start, done.point, report)
}

/// What a restored instance says of itself.
fn looked_at(
    restored: &Instance,
    broken: &[String],
    live: &Instance,
    report: &mut Report,
) -> Result<(), Fault> {
    let verified = restored.store.read(|tx| Ok::<_, Fault>(log::verify(tx, restored.store.keys(), None)))?;
    report.checks.push(check(
        "The log is whole",
        match verified {
            Ok(summary) => Ok(format!("{} events, in order and unchanged.", summary.size)),
            Err(error) => Err(format!("It is not as it was written: {error}.")),
        },
    ));
    // What is broken here is broken there as well, and no fault of the backup.
    let here = proof::look(live, None)?;
    let known: Vec<&str> = here
        .found
        .iter()
        .filter(|found| found.verdict == custody::Verdict::Broken.word())
        .map(|found| found.id.as_str())
        .collect();
    let new: Vec<String> = broken
        .iter()
        .filter(|line| line.split_once(" is broken: ").is_none_or(|(promise, _)| !known.contains(&promise)))
        .cloned()
        .collect();
    let well = match known.len() {
        0 => format!("{} were proved, and none is broken.", here.found.len()),
        some => format!(
            "{} were proved; {some} are broken, as they are here: that is no fault of the backup.",
            here.found.len()
        ),
    };
    report.checks.push(none_of("Every promise holds in it as it does here", well, "do not", &new));
    Ok(())
}

/// What a restored instance has and has not beside the one that people work on.
fn compared(
    restored: &Instance,
    live: &Instance,
    start: i64,
    made: Timestamp,
    report: &mut Report,
) -> Result<(), Fault> {
    // What was let go of in the meantime must be gone from the safe before it is asked.
    backup::forget(live)?;
    let (there, here) = (&restored.store, &live.store);
    let back = drill::back(there, here, start)?;
    report.checks.push(none_of(
        "Nothing that was let go of is back",
        format!("{} rows about people were looked for here, and all of them are held.", back.looked_at),
        "rows came back that are not held here",
        &back.rows,
    ));
    let (all, missing) = drill::missing(there, here, made)?;
    // A restore sweeps at once what goes here tonight.
    let today = live.clock.today();
    let due: BTreeSet<i64> = here.read(|tx| sweep::due(tx, today))?.into_iter().map(|who| who.0).collect();
    let swept = here
        .read(|tx| sweep::runs(tx, 1))?
        .first()
        .is_some_and(|run| run.on >= today && run.ended_at.is_some());
    let tonight = match due.len() {
        0 => String::new(),
        some => format!(
            " Something of {} has ended: it went in the restore, and goes here tonight.",
            counted(some as u64, "person")
        ),
    };
    let missing: Vec<String> =
        missing.iter().filter(|who| !due.contains(who)).map(|who| format!("person {who}")).collect();
    report.checks.push(none_of(
        "Nobody is missing",
        format!("Of {all} who were held when it was made, and still are, nobody is missing.{tonight}"),
        "did not come back",
        &missing,
    ));
    let (all, forgotten) = drill::forgotten(there, here, start, (&due, swept))?;
    report.checks.push(none_of(
        "No objection, restriction, hold, suppression or certificate is forgotten",
        format!("Of {all}, also those since the backup, none is missing.{tonight}"),
        "are not there",
        &forgotten,
    ));
    let (read, differ) = drill::sample(there, here, made, SAMPLE)?;
    let differ: Vec<String> = differ.iter().map(|item| format!("item {item}")).collect();
    report.checks.push(none_of(
        "Details taken by chance say what they say here",
        format!("{read} were read and compared."),
        "say something else",
        &differ,
    ));
    let (read, broken) = drill::sample_files(there, FILES)?;
    let broken: Vec<String> = broken.iter().map(|document| format!("document {document}")).collect();
    report.checks.push(none_of(
        "Files taken by chance can be opened",
        format!("{read} were read to their end."),
        "could not be",
        &broken,
    ));
    Ok(())
}

/// How it stands with trying restores: a sentence, and whether it is well.
///
/// # Errors
/// Whatever the database says.
pub fn state(instance: &Instance, tx: &Tx<'_>) -> Result<(bool, String), Fault> {
    let every = instance.config.backups.drill_days.unwrap_or(DRILL_DAYS);
    let Some(last) = drill::newest(tx, 20)?.into_iter().find(|drill| drill.ended_at.is_some()) else {
        return Ok((
            false,
            "No restore has been tried yet: nobody knows whether the backups can be brought back.".to_owned(),
        ));
    };
    let on = last.began_at.to_zoned(instance.clock.zone().clone()).date();
    let day = crate::web::frame::words(on);
    if last.failed > 0 {
        return Ok((
            false,
            format!("The restore that was tried on {day} was not as it must be: see its report."),
        ));
    }
    let said = format!("On {day} a restore was tried, and everything was found as it must be");
    let age = machine().duration_since(last.began_at);
    if age > SignedDuration::from_hours(24 * i64::from(every)) {
        return Ok((
            false,
            format!("{said}; that is longer ago than the {every} days after which it should be tried again."),
        ));
    }
    Ok((true, format!("{said}.")))
}
