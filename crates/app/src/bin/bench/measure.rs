//! What a measurement is: a row with its figure, the same work done plainly, and the target it is held to.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use app::cli::{Failure, say};
use serde::Serialize;

/// One measurement.
#[derive(Serialize, Debug, Clone)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// The figure.
    pub figure: f64,
    /// Its unit.
    pub unit: &'static str,
    /// The same work by plain statements on the same rows, in the same unit.
    pub raw: Option<f64>,
    /// The figure over the plain one.
    pub ratio: Option<f64>,
    /// What it should be, in words.
    pub target: Option<String>,
    /// Whether it is.
    pub ok: Option<bool>,
    /// Whether it could not be measured; `target` then says why.
    pub failed: bool,
}

/// What a figure is held to.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// At most this.
    Most(f64),
    /// At least this.
    Least(f64),
    /// At least this share of the plain work's speed.
    Share(f64),
    /// At least this, and at least this share of the plain work's speed.
    LeastAndShare(f64, f64),
}

impl Row {
    /// A row without a target.
    pub fn plain(name: impl Into<String>, figure: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            figure,
            unit,
            raw: None,
            ratio: None,
            target: None,
            ok: None,
            failed: false,
        }
    }

    /// A work that could not be measured, and why.
    pub fn failed(name: &str, why: &str) -> Self {
        Self {
            target: Some(format!("FAILED: {why}")),
            ok: Some(false),
            failed: true,
            ..Self::plain(name, f64::NAN, "")
        }
    }

    /// A row held to a target, beside what the plain work came to.
    pub fn held(
        name: impl Into<String>,
        figure: f64,
        unit: &'static str,
        raw: Option<f64>,
        target: Target,
    ) -> Self {
        let ratio = raw.filter(|raw| *raw > 0.0).map(|raw| figure / raw);
        let share = |least: f64| ratio.is_some_and(|ratio| ratio >= least);
        let (words, ok) = match target {
            Target::Most(most) => (format!("at most {most}"), figure <= most),
            Target::Least(least) => (format!("at least {least}"), figure >= least),
            Target::Share(least) => (format!("at least {least} of plain"), share(least)),
            Target::LeastAndShare(least, of) => {
                (format!("at least {least}, and {of} of plain"), figure >= least && share(of))
            }
        };
        Self { name: name.into(), figure, unit, raw, ratio, target: Some(words), ok: Some(ok), failed: false }
    }

    /// Writes it as a line for people.
    pub fn say(&self) {
        let or_dash = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), figure);
        let verdict = match self.ok {
            _ if self.failed => "FAILED",
            Some(true) => "kept",
            Some(false) => "MISSED",
            None => "",
        };
        say(format_args!(
            "{:<44} {:>11} {:<8} {:>11} {:>7}  {:<34} {verdict}",
            self.name,
            figure(self.figure),
            self.unit,
            or_dash(self.raw),
            or_dash(self.ratio),
            self.target.as_deref().unwrap_or(""),
        ));
    }
}

fn figure(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// The line above the rows.
pub fn heading(people: usize, postgres: bool) {
    let profile = if cfg!(debug_assertions) { "development" } else { "release" };
    let database = if postgres { "PostgreSQL" } else { "SQLite, encrypted" };
    say(format_args!("{people} people, {database}, {profile} build"));
    say(format_args!("{:<44} {:>11} {:<8} {:>11} {:>7}  target", "work", "figure", "unit", "plain", "ratio"));
}

/// Milliseconds a piece of work takes, and what it gave.
pub fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(f64, T), Failure> {
    let began = Instant::now();
    let done = work()?;
    Ok((since(began), done))
}

/// Milliseconds since an instant.
pub fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

/// The value below which a share of the values lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// The middle value.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// How many a second, from a number and milliseconds.
pub fn per_second(count: usize, ms: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let count = count as f64;
    count / (ms / 1e3)
}

/// How long the disk takes to keep 4 KiB for good: the floor under every durable act.
pub fn fsync(dir: &Path) -> Result<Row, Failure> {
    let path = dir.join("fsync");
    let mut file = std::fs::File::create(&path)?;
    let mut took = Vec::new();
    for _ in 0..60 {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        took.push(since(began));
    }
    std::fs::remove_file(&path)?;
    Ok(Row::plain("disk: write and sync 4 KiB, median", median(&took), "ms"))
}

/// A number the kernel keeps about a process, in MiB: `VmHWM`, `VmRSS`.
pub fn memory(what: &str) -> f64 {
    kept_about(&std::fs::read_to_string("/proc/self/status").unwrap_or_default(), what)
}

/// One number of what the kernel says about a process, in MiB.
pub fn kept_about(status: &str, what: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
