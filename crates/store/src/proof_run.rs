//! The history of the proof: when it ran, how long it took, and what it found of each promise. It holds nothing about
//! anybody: what broke a promise stands here without the numbers of people and rows.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Result, Tx, id, params, ring_duty};

/// What a run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Its row; later runs have higher ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The day, where the organisation is.
    pub on: Date,
    /// The version of the policy that was proved.
    pub version: u32,
    /// Whether somebody asked for it, rather than the night.
    pub by_hand: bool,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// How many promises were kept, attested, broken and open.
    pub counts: [i64; 4],
}

/// What a run found of one promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The run.
    pub run: i64,
    /// The promise.
    pub promise: String,
    /// `kept`, `attested`, `broken` or `open`.
    pub verdict: String,
    /// What was looked at, in a few words with numbers.
    pub figure: String,
    /// How many things broke it.
    pub broken: i64,
    /// What broke it, without the numbers of people and rows; empty where nothing did.
    pub words: String,
}

/// Since when a promise has stood as it does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// The first day of the unbroken row of runs that found it kept or attested, up to the last run.
    pub kept_since: Option<Date>,
    /// When it was last found broken, how many things broke it, and what.
    pub broken: Option<(Date, i64, String)>,
}

/// Writes a run down.
///
/// # Errors
/// Whatever the database says.
pub fn record(tx: &Tx<'_>, run: &Run, found: &[Found]) -> Result<i64> {
    let number = id::next();
    let [kept, attested, broken, open] = run.counts;
    tx.put(
        "INSERT INTO proof_run (id, at, on_date, version, by_hand, took_ms, kept, attested, broken, open)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![number, run.at, run.on, run.version, run.by_hand, run.took_ms, kept, attested, broken, open],
    )?;
    for one in found {
        let words = Some(one.words.as_str()).filter(|words| !words.is_empty());
        tx.put(
            "INSERT INTO proof_found (promise, run_id, verdict, figure, broken, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![&one.promise, number, &one.verdict, &one.figure, one.broken, words],
        )?;
    }
    Ok(number)
}

/// Forgets runs before a day.
///
/// # Errors
/// Whatever the database says.
pub fn tidy(tx: &Tx<'_>, before: Date) -> Result<()> {
    if !tx.any("SELECT 1 FROM proof_run WHERE on_date < ?1", params![before])? {
        return Ok(());
    }
    let old = "run_id IN (SELECT id FROM proof_run WHERE on_date < ?1)";
    ring_duty::delete(tx, "proof_found", old, params![before])?;
    ring_duty::delete(tx, "proof_run", "on_date < ?1", params![before])?;
    Ok(())
}

/// The last runs, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn latest(tx: &Tx<'_>, limit: u32) -> Result<Vec<Run>> {
    tx.all(
        "SELECT id, at, on_date, version, by_hand, took_ms, kept, attested, broken, open FROM proof_run
            ORDER BY id DESC LIMIT ?1",
        params![limit],
        |row| {
            Ok(Run {
                id: row.int(0)?,
                at: row.at(1)?,
                on: row.date(2)?,
                version: u32::try_from(row.int(3)?).unwrap_or(0),
                by_hand: row.bool(4)?,
                took_ms: row.int(5)?,
                counts: [row.int(6)?, row.int(7)?, row.int(8)?, row.int(9)?],
            })
        },
    )
}

/// How many runs there were from a day on, and on how many of them a promise was broken.
///
/// # Errors
/// Whatever the database says.
pub fn since(tx: &Tx<'_>, from: Date) -> Result<(i64, i64)> {
    let runs = tx.count("SELECT COUNT(*) FROM proof_run WHERE on_date >= ?1", params![from])?;
    let broken =
        tx.count("SELECT COUNT(*) FROM proof_run WHERE on_date >= ?1 AND broken > 0", params![from])?;
    Ok((runs, broken))
}

/// What these runs and later ones found, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn found_since(tx: &Tx<'_>, run: i64) -> Result<Vec<Found>> {
    tx.all(
        "SELECT run_id, promise, verdict, figure, broken, words FROM proof_found WHERE run_id >= ?1
            ORDER BY run_id DESC, promise",
        params![run],
        |row| {
            Ok(Found {
                run: row.int(0)?,
                promise: row.text(1)?,
                verdict: row.text(2)?,
                figure: row.text(3)?,
                broken: row.int(4)?,
                words: row.opt_text(5)?.unwrap_or_default(),
            })
        },
    )
}

/// Since when a promise has been kept, and when it was last broken and by what.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, promise: &str) -> Result<Standing> {
    let last = |verdict: &str| {
        tx.maybe(
            "SELECT run_id FROM proof_found WHERE promise = ?1 AND verdict = ?2 ORDER BY run_id DESC LIMIT 1",
            params![promise, verdict],
            |row| row.int(0),
        )
    };
    let (broken, open) = (last("broken")?, last("open")?);
    let after = broken.into_iter().chain(open).max().unwrap_or(0);
    let kept_since = tx.maybe(
        "SELECT r.on_date FROM proof_found f JOIN proof_run r ON r.id = f.run_id
            WHERE f.promise = ?1 AND f.run_id > ?2 ORDER BY f.run_id LIMIT 1",
        params![promise, after],
        |row| row.date(0),
    )?;
    let broken = match broken {
        None => None,
        Some(run) => tx.maybe(
            "SELECT r.on_date, f.broken, f.words FROM proof_found f JOIN proof_run r ON r.id = f.run_id
                WHERE f.promise = ?1 AND f.run_id = ?2",
            params![promise, run],
            |row| Ok((row.date(0)?, row.int(1)?, row.opt_text(2)?.unwrap_or_default())),
        )?,
    };
    Ok(Standing { kept_since, broken })
}
