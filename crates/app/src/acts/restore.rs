//! Bringing an instance back from backups. Before anybody is answered everybody is settled on what is known now, and
//! what ran out in the meantime is swept; where the safe does not cover all that happened, the instance opens in
//! quarantine only. It never brings back what was let go of: the keys are not there.

use std::path::Path;

use custody::Refusal;
use custody::id::PersonId;
use custody::refusal::Question;
use jiff::Timestamp;
use policy::role::Deed;
use serde_json::json;
use store::backup::restore::{self, Restored};
use store::backup::{self, Point};
use store::keys::Secret;
use store::place::Place;
use store::restoring::Restoring;
use store::safe::Safe;
use store::{Keys, Tx, ground, log, person, setting, sweep};

use super::Acting;
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// The setting that says why an instance is in quarantine.
pub const QUARANTINE: &str = "quarantine";
/// How many people are settled in one transaction.
const AT_ONCE: usize = 64;
/// Why a message that waited leaves no more.
const DOUBTFUL: &str = "restored from a backup: it may have left already";

/// Under which name it stands in the log.
const ACTOR: &str = "system restore";

/// What came of a restore.
pub struct Report {
    /// When the backup was made.
    pub point: Timestamp,
    /// What came back.
    pub restored: Restored,
    /// How many people are held.
    pub people: usize,
    /// How many messages were waiting and leave no more.
    pub messages: u64,
    /// How many rows left because their time was over.
    pub swept: u32,
    /// What is not as it should be.
    pub broken: Vec<String>,
    /// Why it is in quarantine, if it is.
    pub quarantine: Option<String>,
}

/// The bytes of a safe: a file itself, or the one in a place.
///
/// # Errors
/// If there is none.
pub fn safe_bytes(from: &Place) -> Result<Vec<u8>, Fault> {
    if let Place::Folder(file) = from
        && file.is_file()
    {
        return std::fs::read(file).map_err(|error| Fault::Other(format!("{}: {error}", file.display())));
    }
    for name in [store::safe::NAME, "safe"] {
        if let Some(bytes) = from.get(name)? {
            return Ok(bytes);
        }
    }
    Err(Fault::Other(format!("there is no safe in {from}")))
}

/// The backups of an instance in a place, and its safe, for whoever has the key; nothing is written to a disk but for a
/// moment, aside.
///
/// # Errors
/// If the key does not open the safe, or a backup cannot be read.
pub fn points(from: &Place, bytes: &[u8], secret: &Secret) -> Result<(Vec<Point>, Safe), Fault> {
    let aside = tempfile::tempdir().map_err(|error| Fault::Other(error.to_string()))?;
    let into = Restoring::begin(aside.path(), None, bytes)?;
    let keys = opened_by(into.data(), secret)?;
    Ok((backup::points(from, &keys)?, Safe::read(bytes, &keys)?))
}

/// The keys of a safe, for whoever has the secret it was written with.
fn opened_by(data: &Path, secret: &Secret) -> Result<Keys, Fault> {
    Keys::open(data, secret).map_err(|error| match error {
        store::Error::WrongKey(_) => Fault::Other(
            "this key does not open the safe. After `probity key rotate` the newest key opens the newest safe, and an older safe \
             only the key that it was written with"
                .to_owned(),
        ),
        error => error.into(),
    })
}

/// Fills a new data directory with the newest backup made until an instant. Nobody opens it before all is done, and a
/// restore that fails leaves nothing behind.
///
/// # Errors
/// If the key is wrong, a backup is damaged, or the safe does not cover everything and quarantine was not asked for.
pub fn run(
    into: Restoring,
    secret: &Secret,
    from: &Place,
    bytes: &[u8],
    until: Option<Timestamp>,
    quarantine: bool,
) -> Result<Report, Fault> {
    let keys = opened_by(into.data(), secret)?;
    let safe = Safe::read(bytes, &keys)?;
    let points = backup::points(from, &keys)?;
    let uncovered = restore::uncovered(&safe, &points);
    let opened = restore::opened(&safe, &points);
    let point = opened.iter().rev().find(|point| until.is_none_or(|until| point.at() <= until));
    let point = point.ok_or_else(|| {
        Fault::Other(match opened.first() {
            _ if points.is_empty() => format!("there is no backup of this instance in {from}"),
            None => format!("this safe opens no backup in {from}: it is of another time, or of another instance"),
            Some(oldest) => format!(
                "no backup in {from} is that old: the oldest that this safe opens is of {}. `probity restore ... --list` names \
                 them all",
                oldest.at().to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S")
            ),
        })
    })?;
    if let (Some(why), false) = (&uncovered, quarantine) {
        return Err(Fault::Other(format!(
            "{why}. Find the newest safe. If there is none, --quarantine opens the instance to administrators only, to read"
        )));
    }
    let restored = fill(&into, keys, from, &points, point, safe)?;
    let instance = Instance::open_half(into.data(), into.url(), secret)?;
    let why = uncovered.or_else(|| quarantine.then(|| "it was asked for".to_owned()));
    if let Some(why) = &why {
        instance.store.write(|tx| setting::set(tx, QUARANTINE, why))?;
    }
    let people = settle(&instance)?;
    let acting = Acting::system(&instance, "restore");
    instance.store.write(|tx| super::disclosure::tell_again(&acting, tx))?;
    super::objection::keep_up_all(&instance)?;
    let messages = crate::jobs::outbox::give_up(&instance, DOUBTFUL)?;
    let mut swept = 0;
    let mut broken = Vec::new();
    if why.is_none() {
        let clock = || instance.clock.now();
        let report = sweep::run(&instance.store, &instance.policy(), instance.clock.today(), &clock, false)?;
        swept = report.rows();
        broken.extend(report.problems);
        super::backup::forget(&instance)?;
    }
    let body = json!({
        "made": point.at().to_string(), "rows": restored.rows, "gone": restored.gone, "since": restored.since, "messages": messages, "quarantine": why.is_some(),
    });
    let now = instance.clock.now();
    instance.store.write(|tx| log::append(tx, now, ACTOR, "instance.restored", &[], &body))?;
    broken.extend(unproved(&instance)?);
    into.end(&instance.store)?;
    Ok(Report { point: point.at(), restored, people, messages, swept, broken, quarantine: why })
}

/// Refuses, while the instance is in quarantine, everything but what an administrator reads.
///
/// # Errors
/// [`Fault::Refused`] naming why and what ends it.
pub fn quarantined(acting: &Acting<'_>, reads: bool) -> Result<(), Fault> {
    if reads && acting.may(Deed::ManagePolicy) {
        return Ok(());
    }
    refused(acting.instance)
}

/// Refuses everything while the instance is in quarantine.
///
/// # Errors
/// As [`quarantined`].
pub fn refused(instance: &Instance) -> Result<(), Fault> {
    let Some(why) = instance.quarantine() else { return Ok(()) };
    Err(Fault::Refused(Box::new(Refusal::by(
        &instance.policy(),
        Question::Role,
        None,
        format!("this instance was restored and is in quarantine: {why}"),
        "An administrator must look at the days that are not covered and end the quarantine on the Admin page.".to_owned(),
    ))))
}

/// Ends the quarantine: an administrator has looked at the days that are not covered, and answers for it.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage the policy.
pub fn end_quarantine(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
    acting.must(Deed::ManagePolicy)?;
    let why = setting::get(tx, QUARANTINE)?.ok_or(Fault::NotFound)?;
    setting::clear(tx, QUARANTINE)?;
    acting.log(tx, "quarantine.ended", &[], &json!({ "because": why }))
}

/// Fills the database; the safe goes beside it, so that what is let go of from now on leaves the old backups too.
fn fill(
    into: &Restoring,
    keys: Keys,
    from: &Place,
    points: &[Point],
    point: &Point,
    mut safe: Safe,
) -> Result<Restored, Fault> {
    let store = into.create(keys)?;
    let restored = restore::fill(&store, from, points, point, &safe)?;
    // Backups made from now on say that they are newer than every one there is, also where the safe was not.
    safe.changes = points.iter().map(|point| point.header.ring).fold(safe.changes, u64::max);
    safe.write(&store, &[], machine())?;
    Ok(restored)
}

/// Settles everybody on what is known now and makes them findable. How many there are.
fn settle(instance: &Instance) -> Result<usize, Fault> {
    let policy = instance.policy();
    let (today, now) = (instance.clock.today(), instance.clock.now());
    // Who was put together or taken apart since the point stays so.
    instance.store.write(|tx| store::merge::after_restore(tx, &policy))?;
    instance.store.write(store::consent::after_restore)?;
    instance.store.write(store::line::after_restore)?;
    let people = instance.store.read(|tx| {
        let all = "SELECT id FROM person WHERE into_person_id IS NULL ORDER BY id";
        tx.all(all, &[], |row| Ok(PersonId(row.int(0)?)))
    })?;
    for some in people.chunks(AT_ONCE) {
        instance.store.write(|tx| {
            for who in some {
                ground::settle(tx, &policy, *who, today, ACTOR, now)?;
                person::refind(tx, &policy, *who)?;
            }
            Ok::<_, Fault>(())
        })?;
    }
    for problem in sweep::settle_works(&instance.store, &policy, today, ACTOR, now)? {
        tracing::error!(problem, "a piece of work could not be settled after a restore");
    }
    Ok(people.len())
}

/// The promises that are broken after it, with what shows it.
fn unproved(instance: &Instance) -> Result<Vec<String>, Fault> {
    let proof = super::proof::look(instance, None)?;
    let broken = proof.found.into_iter().filter(|found| found.verdict == custody::Verdict::Broken.word());
    let first = |found: &super::proof::Found| found.counterexamples.first().cloned().unwrap_or_default();
    Ok(broken.map(|found| format!("{} is broken: {}", found.id, first(&found))).collect())
}
