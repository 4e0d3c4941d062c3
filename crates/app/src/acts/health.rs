//! How an instance is, in sentences: the night, the proof, backups, mail, disk, key, log, people with access,
//! preference files, what is to be signed and reviewed. It looks and repairs nothing; it names nobody held.

use custody::id::PersonId;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use policy::phrase::period_words;
use serde::Serialize;
use store::dialect::Dialect;
use store::place::Place;
use store::{Tx, attestation, hold, log, register, residue, staff, sweep};

use super::{backup, drill, key, proof, sign_in, subscribers, webhook};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::frame::words;

pub mod mail;
pub mod records;

/// Below this many free mebibytes the disk needs somebody.
pub const DISK_MEBIBYTES_MIN: u64 = 1024;

/// How many things that a sweep could not decide are named one by one.
const SHOWN: usize = 20;

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Well,
    /// Somebody should do something about it.
    NeedsYou,
    /// It went wrong.
    Failed,
}

impl State {
    /// In a word or two.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "Well",
            Self::NeedsYou => "Needs you",
            Self::Failed => "Failed",
        }
    }
}

/// One sentence about the instance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// How it is.
    pub state: State,
    /// The sentence.
    pub words: String,
    /// The page on which something can be done about it, and what it is called there.
    #[serde(skip)]
    pub way: Option<Way>,
}

/// What can be done about a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    /// Where.
    pub href: &'static str,
    /// What the button says.
    pub action: &'static str,
    /// Whether it does something, so that it is posted.
    pub post: bool,
}

fn well(words: impl Into<String>) -> Line {
    Line { state: State::Well, words: words.into(), way: None }
}

fn needs(words: impl Into<String>) -> Line {
    Line { state: State::NeedsYou, words: words.into(), way: None }
}

/// A line of what does not work.
pub(super) fn failed(words: impl Into<String>) -> Line {
    Line { state: State::Failed, words: words.into(), way: None }
}

impl Line {
    /// The same with the page on which something can be done about it.
    pub(super) fn way(mut self, href: &'static str, action: &'static str) -> Self {
        self.way = Some(Way { href, action, post: false });
        self
    }

    fn post(mut self, href: &'static str, action: &'static str) -> Self {
        self.way = Some(Way { href, action, post: true });
        self
    }
}

/// What only an administrator can see to and what must not wait: shown on Today as well.
///
/// # Errors
/// Whatever the store says.
pub fn urgent(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let asked = key(instance, tx)?
        .into_iter()
        .chain(drilled(instance, tx)?)
        .chain(mail::long_since(instance, tx)?)
        .chain(webhook::switched_off(instance, tx)?)
        .chain(subscribers::unwell(instance, tx)?);
    Ok(asked.filter(|line| line.state != State::Well).collect())
}

/// Looks at everything.
///
/// # Errors
/// Whatever the store says.
pub fn look(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let today = instance.clock.today();
    let mut lines = Vec::new();
    if let Some(why) = instance.quarantine() {
        let said = format!(
            "In quarantine since a restore: {why}. Repeat what was let go of, objected to or restricted in that time before you end it."
        );
        lines.push(failed(said).post("/admin/quarantine", "I have looked: end the quarantine"));
    }
    lines.push(night(tx, today)?);
    lines.extend(
        undecided(instance, tx)?.into_iter().map(|one| failed(format!("{} {}", one.words, one.next))),
    );
    lines.extend([proved(tx)?, mail::leaves(instance, tx)?]);
    lines.extend(mail::arrives(instance, tx, instance.config.imap.as_ref())?);
    lines.extend(webhook::switched_off(instance, tx)?);
    lines.extend(subscribers::unwell(instance, tx)?);
    lines.extend(of_backups(instance, tx)?);
    lines.extend(residue(instance, tx)?);
    lines.extend(holds(tx, today)?);
    lines.extend(disk(instance));
    lines.extend(key(instance, tx)?);
    lines.push(events(tx)?);
    lines.extend(access(instance, tx)?);
    lines.extend(registers(instance, tx, today)?);
    lines.extend(signatures(instance, tx, today)?);
    lines.extend(policy_review(instance, today)?);
    Ok(lines)
}

fn moment(instance: &Instance, at: Timestamp) -> String {
    let when = at.to_zoned(instance.clock.zone().clone());
    format!("{} at {}", words(when.date()), when.strftime("%H:%M"))
}

/// Why something failed, as a sentence of its own.
fn reason(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" Why: {why}.") }
}

fn night(tx: &Tx<'_>, today: Date) -> Result<Line, Fault> {
    let Some(run) = sweep::runs(tx, 1)?.into_iter().next() else {
        return Ok(well("The first sweep is tonight at two."));
    };
    let report: sweep::Report =
        run.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()).unwrap_or_default();
    let when = words(run.on);
    Ok(if run.ended_at.is_none() {
        failed(format!("The sweep in the night of {when} did not end; it goes on where it stopped tonight."))
    } else if run.on < today.yesterday()? {
        needs(format!(
            "The last sweep was in the night of {when}. The server must be running at two in the morning."
        ))
    } else if !report.problems.is_empty() {
        let open = counted(i64::try_from(report.problems.len()).unwrap_or(i64::MAX), "thing", "things");
        failed(format!("The sweep in the night of {when} could not decide {open}; they follow."))
    } else {
        let gone = counted(run.disposed, "row", "rows");
        well(format!("The last sweep was in the night of {when}: {gone} went, nothing failed."))
    })
}

/// What went and still lies in the database's log, once it has lain there for an hour.
fn residue(instance: &Instance, tx: &Tx<'_>) -> Result<Option<Line>, Fault> {
    let lain = |since: &jiff::Timestamp| machine().duration_since(*since) > SignedDuration::from_hours(1);
    let Some(since) = residue::since(tx)?.filter(lain) else { return Ok(None) };
    let when = since.to_zoned(instance.clock.zone().clone());
    let said = format!(
        "What went since {} at {} still lies in the log or the dead rows of the database, because somebody reads it without \
         end: end whatever has had it open since then, or start the server again.",
        words(when.date()),
        when.strftime("%H:%M")
    );
    Ok(Some(if residue::overdue(tx)?.is_some() { failed(said) } else { needs(said) }))
}

/// Holds whose day to be looked at has passed: what they keep stays, and nobody says why.
fn holds(tx: &Tx<'_>, today: Date) -> Result<Option<Line>, Fault> {
    Ok(match hold::passed(tx, today)? {
        0 => None,
        1 => Some(
            needs("A hold was to be looked at again, and was not: what it keeps does not go.")
                .way("/", "See it on Today"),
        ),
        many => Some(
            needs(format!(
                "{many} holds were to be looked at again, and were not: what they keep does not go."
            ))
            .way("/", "See them on Today"),
        ),
    })
}

/// Something that could not be decided: it stays, and is tried again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undecided {
    /// What and why, in a sentence without a value.
    pub words: String,
    /// What to do, in a sentence.
    pub next: String,
    /// Whom it is about.
    pub person: Option<PersonId>,
}

/// What to do about something that could not be decided, by why.
fn next_step(problem: &str) -> &'static str {
    const TABLE: &[(&str, &str)] = &[
        (
            "the policy declares no such kind",
            "Adopt a version of the policy that declares it, and it goes as that version says; the next night tries again.",
        ),
        (
            "file ",
            "Its row is gone and nobody can open it any more. See to the disk; the next night takes the rest of it.",
        ),
        ("no room left", "Make room on the disk; the next night tries again."),
        (
            "wrong form",
            "What is stored of them cannot be read. Have whoever looks after the database put it right, or restore it from a \
             backup; it stays, and the next night tries again.",
        ),
        (
            "damaged",
            "What is stored of them cannot be read. Have whoever looks after the database put it right, or restore it from a \
             backup; it stays, and the next night tries again.",
        ),
    ];
    let known = TABLE.iter().find(|(why, _)| problem.contains(why));
    known.map_or(
        "It stays, and the next night tries again. If that fails too, show this sentence to whoever looks after the program.",
        |(_, next)| next,
    )
}

/// What the latest night and the latest hour could not decide or do: of what kind, or why, and whose; and whether the keys of
/// what went could not be destroyed. No value.
///
/// # Errors
/// Whatever the store says.
pub fn undecided(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Undecided>, Fault> {
    let run = sweep::runs(tx, 1)?.into_iter().next();
    let report: sweep::Report = run
        .and_then(|run| run.detail)
        .and_then(|detail| serde_json::from_str(&detail).ok())
        .unwrap_or_default();
    let mut problems = report.problems;
    problems.extend(sweep::undecided_by_hour(tx)?);
    problems.extend(super::undone::latest(tx)?);
    // A whole part of the night, or what is nobody's, stands before the many that something could not be done for.
    problems.sort_by_key(|problem| (problem.starts_with("person "), problem.clone()));
    problems.dedup();
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    let mut said: Vec<Undecided> = problems
        .into_iter()
        .map(|problem| {
            let person = problem.strip_prefix("person ").and_then(|rest| rest.split_once(':'));
            let person =
                person.and_then(|(id, why)| Some((PersonId(id.parse().ok()?), why.trim().to_owned())));
            let next = next_step(&problem).to_owned();
            match person {
                Some((person, why)) => {
                    Undecided { words: format!("Not decided: {why}."), next, person: Some(person) }
                }
                None => Undecided { words: format!("Not decided: {problem}."), next, person: None },
            }
        })
        .collect();
    if more > 0 {
        let words = format!("And {more} more.");
        said.push(Undecided { words, next: String::new(), person: None });
    }
    if let Some((since, why)) = backup::unforgotten(tx)? {
        let when = since.to_zoned(instance.clock.zone().clone());
        let words = format!(
            "Since {} at {} the keys of what went could not be destroyed: {why}.",
            words(when.date()),
            when.strftime("%H:%M")
        );
        let next = "A backup could still give it back. Make the safe in the data directory readable and writable; it is tried \
                    again every few seconds."
            .to_owned();
        said.push(Undecided { words, next, person: None });
    }
    Ok(said)
}

fn proved(tx: &Tx<'_>) -> Result<Line, Fault> {
    let way = |line: Line| line.way("/policy/proof", "See the proof");
    Ok(match proof::latest(tx)? {
        None => needs("The promises have never been proved.").way("/policy/proof", "See the proof"),
        Some(proof) if proof.is_broken() => {
            way(failed(format!("On {} the proof found: {}.", words(proof.on), proof.sum())))
        }
        Some(proof) => way(well(format!("On {} the proof found: {}.", words(proof.on), proof.sum()))),
    })
}

/// How the backups are, whether the safe reaches its second places, and whether a restore was tried.
///
/// # Errors
/// Whatever the store says.
pub fn of_backups(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let mut lines = vec![backups(instance)];
    if let Some((since, why)) = backup::behind(tx)? {
        lines.push(failed(format!(
            "Since {} the safe could not be written to its second place. What is let go of meanwhile could come back from a \
             backup with what lies there: make it reachable.{}",
            moment(instance, since),
            reason(&why)
        )));
    }
    if let Some((since, why)) = backup::failing(tx)? {
        lines.push(failed(format!(
            "Since {} no backup could be made.{}",
            moment(instance, since),
            reason(&why)
        )));
    }
    lines.extend(drilled(instance, tx)?);
    Ok(lines)
}

/// When a restore was tried last; nothing where no backup was ever made. It does not look at their place, which may be far.
fn drilled(instance: &Instance, tx: &Tx<'_>) -> Result<Option<Line>, Fault> {
    if log::of_act(tx, "backup.made", 1)?.is_empty() {
        return Ok(None);
    }
    let (is_well, said) = drill::state(instance, tx)?;
    let line = if is_well || instance.is_practice() { well(said) } else { needs(said) };
    Ok(Some(line.way("/admin/backups#drill", "Try a restore")))
}

fn backups(instance: &Instance) -> Line {
    let policy = instance.policy();
    let newest = backup::newest(instance);
    let stated = policy.backups.as_ref();
    let line = match (newest, stated) {
        (None, _) if instance.is_practice() => well("This is practice: no backup is made by itself."),
        (None, Some(_)) => {
            needs("The policy promises backups and there is none yet; the first is made tonight.")
        }
        (None, None) => needs("There is no backup, and the policy says nothing about any."),
        (Some(at), _) => {
            let kept = stated
                .map_or_else(String::new, |backups| format!(", each kept {}", period_words(&backups.kept)));
            let bucket = backup::place(instance).ok().filter(|place| matches!(place, Place::Bucket(_)));
            let there = bucket.map_or_else(String::new, |bucket| format!(" in {bucket}"));
            let said =
                format!("The newest backup was made and read back on {}{there}{kept}.", moment(instance, at));
            if !instance.is_practice() && instance.config.backups.safe.is_empty() {
                return needs(format!(
                    "{said} If this machine is lost they cannot be read: `probity.toml` names no second place for the safe."
                ));
            }
            let old = machine().duration_since(at) > SignedDuration::from_hours(49);
            if old && stated.is_some() && !instance.is_practice() { needs(said) } else { well(said) }
        }
    };
    line.post("/admin/backup", "Make one now")
}

/// The places outside this machine that backups and their safe go to, each tried.
///
/// # Errors
/// In words, if what is configured is no place.
pub fn places(instance: &Instance) -> Result<Vec<Line>, Fault> {
    let configured = &instance.config.backups;
    if configured.to.is_none() && configured.safe.is_empty() {
        return Ok(Vec::new());
    }
    let tried = backup::tried_all(&instance.config, instance.store.data())?;
    Ok(tried
        .into_iter()
        .map(|tried| if tried.well { well(tried.words) } else { failed(tried.words) })
        .collect())
}

/// How many kibibytes `df` says are free on the disk that holds some data; nothing where it cannot be asked.
#[must_use]
pub fn free(data: &std::path::Path) -> Option<u64> {
    let said = std::process::Command::new("df").arg("-Pk").arg(data).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// How much of the disk is free.
fn disk(instance: &Instance) -> Option<Line> {
    let mebibytes = free(instance.store.data())? / 1024;
    let words = if mebibytes >= 10 * 1024 {
        format!("{} GB of the disk are free.", mebibytes / 1024)
    } else {
        format!("{mebibytes} MB of the disk are free.")
    };
    Some(if mebibytes < DISK_MEBIBYTES_MIN { needs(words) } else { well(words) })
}

fn key(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let encrypted = match instance.store.dialect() {
        Dialect::Sqlite => "Database and files are encrypted with your key.",
        Dialect::Postgres => {
            "Files are encrypted with your key; the disk of the database server is yours to encrypt."
        }
    };
    let sheet = match key::confirmed(instance, tx)? {
        _ if !key::wanted(instance) => {
            return Ok(vec![
                well(format!("{encrypted} It lies beside the data, as only practice allows."))
                    .way("/admin/key", "See the recovery sheet"),
            ]);
        }
        Some(on) => {
            well(format!("On {} somebody confirmed that they hold the recovery sheet of the key.", words(on)))
                .way("/admin/key", "Print it again")
        }
        None => needs(key::UNCONFIRMED).way("/admin/key", "Print and confirm it"),
    };
    Ok(vec![well(encrypted), sheet])
}

fn events(tx: &Tx<'_>) -> Result<Line, Fault> {
    Ok(match log::checkpoint(tx)? {
        None => well("Nothing has been logged yet."),
        Some(checkpoint) => {
            well(format!("The log holds {} events under a signed checkpoint.", checkpoint.size))
                .way("/admin/log", "See the log")
        }
    })
}

fn access(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let policy = instance.policy();
    let here: Vec<_> = staff::all(tx)?.into_iter().filter(|account| account.until.is_none()).collect();
    let roles: Vec<String> = policy
        .roles
        .iter()
        .map(|role| (here.iter().filter(|account| account.role == role.name).count(), &role.name))
        .filter(|(count, _)| *count > 0)
        .map(|(count, role)| format!("{count} as {role}"))
        .collect();
    let people = counted(i64::try_from(here.len()).unwrap_or(i64::MAX), "person has", "people have");
    let mut lines =
        vec![well(format!("{people} access: {}.", roles.join(", "))).way("/admin/staff", "See who")];
    let lost = here.iter().filter(|account| policy.role_named(&account.role).is_none()).count();
    if lost > 0 {
        lines.push(
            needs(format!("{lost} of them have a role that the policy in force does not have."))
                .way("/admin/staff", "Give another"),
        );
    }
    let bare = here
        .iter()
        .filter(|account| sign_in::asks_second_factor(&policy, &account.role) && !account.totp_confirmed)
        .count();
    if bare > 0 {
        lines.push(needs(format!("{bare} of them have still to set up their second proof.")));
    }
    Ok(lines)
}

/// How old the files are that numbers are screened against.
fn registers(instance: &Instance, tx: &Tx<'_>, today: Date) -> Result<Vec<Line>, Fault> {
    let policy = instance.policy();
    let mut lines = Vec::new();
    for screening in policy.channels.iter().filter_map(|channel| channel.screening.as_ref()) {
        for name in &screening.registers {
            let called = name.to_uppercase();
            let checker = instance.config.screening.get(name);
            let known = |processor: &str| policy.processors.iter().any(|known| known.name == processor);
            let processor = checker.and_then(|checker| checker.processor.as_deref());
            if let Some(unknown) = processor.filter(|processor| !known(processor)) {
                lines.push(needs(format!(
                    "The policy names no processor called {unknown}, who is to answer for {called}: nobody is asked."
                )));
            }
            lines.push(match register::newest(tx, name)? {
                None if checker.is_some() => {
                    well(format!("No {called} file is loaded: each number is asked about as it is checked."))
                }
                None => needs(format!("No {called} file has been loaded, so no marketing call can be made.")),
                Some(file) => {
                    let days = today.since(file.dated_on)?.get_days();
                    let said = format!("The {called} file is of {}, {days} days old", words(file.dated_on));
                    let stale = days >= i32::from(screening.fewer_than_days);
                    if stale && checker.is_some() {
                        well(format!(
                            "{said}: too old to call by, so each number is asked about as it is checked."
                        ))
                    } else if stale {
                        needs(format!("{said}: too old to call by, a new one is needed."))
                    } else {
                        well(format!("{said}, {} numbers.", file.numbers))
                    }
                }
            });
        }
    }
    Ok(lines)
}

fn signatures(instance: &Instance, tx: &Tx<'_>, today: Date) -> Result<Vec<Line>, Fault> {
    let mut lines = Vec::new();
    for asked in &instance.policy().attestations {
        let signed = attestation::latest(tx, &asked.what)?;
        if signed.is_none_or(|signed| signed.lapses_on < today) {
            lines.push(
                needs(format!("The {} has to sign that {}.", asked.by, asked.what))
                    .way("/policy/proof", "Sign"),
            );
        }
    }
    Ok(lines)
}

fn policy_review(instance: &Instance, today: Date) -> Result<Option<Line>, Fault> {
    let policy = instance.policy();
    let Some((every, last)) = policy.review else { return Ok(None) };
    let next = last.checked_add(every)?;
    Ok(Some(if next < today {
        needs(format!("The policy was to be reviewed by {}.", words(next))).way("/policy", "See the policy")
    } else {
        well(format!(
            "Version {} of the policy is in force; its next review is due on {}.",
            policy.version,
            words(next)
        ))
    }))
}

fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Recomputes the log: that it is whole, in a sentence, or the first thing in it that is not.
#[must_use]
pub fn log_line(instance: &Instance, tx: &Tx<'_>) -> Line {
    match log::verify(tx, instance.store.keys(), None) {
        Ok(summary) => well(format!("The log is whole: {} events, in order and unchanged.", summary.size)),
        Err(broken) => failed(format!("The log is not as it was written: {broken}.")),
    }
}
