//! What the proof has found over time, promise by promise: for the pages, and as a report that trustees can read on
//! paper. It says of nobody whom it is about, and looks at nothing anew.

use std::collections::BTreeMap;

use custody::Verdict;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use policy::count::counted;
use policy::policy::Clause;
use serde::Serialize;
use store::proof_run::{self, Run, Standing};
use store::{Tx, attestation};

use super::proof::{self, Found};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::error::sentence;
use crate::web::frame::words;

/// How many runs are shown one by one.
const RECENT: u32 = 14;

/// How many of the things that break a promise now the report names.
const NAMED: usize = 5;

/// What one run found of a promise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Past {
    /// The day.
    pub on: Date,
    /// `kept`, `broken`, `attested`, `open`.
    pub verdict: String,
}

/// What has become of one promise over time.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct History {
    /// The last runs, the oldest first.
    pub recent: Vec<Past>,
    /// The same in words: "kept in each of the last 14 runs".
    pub recently: String,
    /// "Kept since Tue 3 Nov 2026"; empty where it is not kept now.
    pub since: String,
    /// "Last broken on Mon 2 Nov 2026: a ground of a person was due ..."; "Never seen broken"; empty without history.
    pub broken: String,
}

/// Every promise's history, by its name; a promise that was never looked at has none.
///
/// # Errors
/// Whatever the store says.
pub fn histories(tx: &Tx<'_>, policy: &Policy) -> Result<BTreeMap<String, History>, Fault> {
    let runs = proof_run::latest(tx, RECENT)?;
    let Some(oldest) = runs.last() else { return Ok(BTreeMap::new()) };
    let mut recent: BTreeMap<String, Vec<Past>> = BTreeMap::new();
    for found in proof_run::found_since(tx, oldest.id)? {
        let Some(run) = runs.iter().find(|run| run.id == found.run) else { continue };
        recent.entry(found.promise).or_default().push(Past { on: run.on, verdict: found.verdict });
    }
    let mut histories = BTreeMap::new();
    for promise in policy.promises.keys() {
        let standing = proof_run::standing(tx, promise)?;
        let mut recent = recent.remove(promise).unwrap_or_default();
        recent.reverse();
        histories.insert(promise.clone(), history(recent, standing));
    }
    Ok(histories)
}

fn history(recent: Vec<Past>, standing: Standing) -> History {
    let Some(now) = recent.last().map(|past| past.verdict.clone()) else { return History::default() };
    let since = match standing.kept_since {
        Some(since) if now == Verdict::Kept.word() => format!("Kept since {}", words(since)),
        Some(since) if now == Verdict::Attested.word() => {
            format!("Kept, with a signature, since {}", words(since))
        }
        _ => String::new(),
    };
    let broken = match standing.broken {
        Some((on, many, what)) => {
            // More than are named one by one nobody has counted.
            let named = i64::try_from(store::prove::NAMED).unwrap_or(i64::MAX);
            let more = match many {
                ..=1 => String::new(),
                many if many > named => format!(" (more than {named} things)"),
                many => format!(" ({many} things)"),
            };
            format!("Last broken on {}{more}: {what}", words(on))
        }
        None if now == Verdict::Open.word() => String::new(),
        None => "Never seen broken".to_owned(),
    };
    History { recently: recently(&recent), recent, since, broken }
}

/// The last runs in words, the newest first: "kept 14 to 28 Nov 2026; broken on 13 Nov 2026".
fn recently(recent: &[Past]) -> String {
    let spans: Vec<&[Past]> = recent.chunk_by(|one, next| one.verdict == next.verdict).collect();
    if let [only] = spans.as_slice()
        && let [first, ..] = only
    {
        return match only.len() {
            1 => format!("{} in its first run", first.verdict),
            many => format!("{} in each of the last {many} runs", first.verdict),
        };
    }
    let said = spans.iter().rev().filter_map(|span| {
        let (first, last) = (span.first()?, span.last()?);
        Some(if first.on == last.on {
            format!("{} on {}", first.verdict, words(first.on))
        } else {
            format!("{} from {} to {}", first.verdict, words(first.on), words(last.on))
        })
    });
    said.collect::<Vec<_>>().join("; ")
}

/// One promise in the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Promise {
    /// `CTI-13`.
    pub id: String,
    /// What is promised, in the policy's words.
    pub words: String,
    /// What the latest run found.
    pub verdict: String,
    /// What was looked at.
    pub figure: String,
    /// What breaks it now, without whose it is.
    pub now: Vec<String>,
    /// What has become of it over time.
    pub history: History,
    /// What must be so, in sentences.
    pub how: Vec<String>,
    /// What people have signed for it.
    pub signed: Vec<String>,
}

/// The report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// Whose promises.
    pub organisation: String,
    /// The day of the report.
    pub on: Date,
    /// "Version 3 of the policy, in force from ...".
    pub version: String,
    /// "25 promises: 22 kept, ...", or that they were never looked at.
    pub sum: String,
    /// When they were looked at.
    pub checked: String,
    /// How often they were in the last twelve months.
    pub year: String,
    /// Whether one is broken.
    pub broken: bool,
    /// One by one.
    pub promises: Vec<Promise>,
}

/// Puts the report together from the latest findings and the history.
///
/// # Errors
/// Whatever the store says.
pub fn report(instance: &Instance, tx: &Tx<'_>) -> Result<Report, Fault> {
    let policy = instance.policy();
    let today = instance.clock.today();
    let latest = proof::latest(tx)?.filter(|proof| proof.version == policy.version);
    let mut histories = histories(tx, &policy)?;
    let mut promises = Vec::with_capacity(policy.promises.len());
    for (id, clauses) in &policy.promises {
        let found = latest.as_ref().and_then(|proof| proof.of(id));
        promises.push(Promise {
            id: id.clone(),
            words: promise_words(&policy, clauses),
            verdict: found.map_or("not checked", |found| found.verdict.as_str()).to_owned(),
            figure: found.map_or_else(String::new, |found| found.figure.clone()),
            now: found.map_or_else(Vec::new, now),
            history: histories.remove(id).unwrap_or_default(),
            how: some(how(&policy, clauses)),
            signed: signed(tx, &policy, id, today)?,
        });
    }
    Ok(Report {
        organisation: policy.controller.clone(),
        on: today,
        version: format!("Version {} of the policy, in force from {}", policy.version, words(policy.from)),
        sum: latest.as_ref().map_or_else(
            || "The promises of this version have not been looked at yet.".to_owned(),
            |proof| format!("{}.", proof.sum()),
        ),
        checked: latest.as_ref().map_or_else(String::new, |proof| {
            let at = proof.at.to_zoned(instance.clock.zone().clone());
            format!("Looked at on {} at {}", words(at.date()), at.strftime("%H:%M"))
        }),
        year: year(tx, today)?,
        broken: latest.as_ref().is_some_and(proof::Proof::is_broken),
        promises,
    })
}

fn now(found: &Found) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let all = found.counterexamples.iter().filter(|words| *words != store::prove::MORE);
    for words in all.map(|words| proof::unnumbered(words)) {
        if !named.contains(&words) {
            named.push(words);
        }
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    named.extend((more > 0).then(|| format!("and {more} more")));
    named
}

fn year(tx: &Tx<'_>, today: Date) -> Result<String, Fault> {
    let (runs, broken) = proof_run::since(tx, today.checked_sub(1.year())?)?;
    let Some(took) = proof_run::latest(tx, 1)?.first().map(|run: &Run| run.took_ms) else {
        return Ok("Nobody has looked yet.".to_owned());
    };
    let runs = counted(runs.unsigned_abs(), "time");
    Ok(match broken {
        0 => format!(
            "Looked at {runs} in the last twelve months, with none broken. The last time took {}.",
            lasted(took)
        ),
        some => format!(
            "Looked at {runs} in the last twelve months; {some} of them found a promise broken. The last time took {}.",
            lasted(took)
        ),
    })
}

fn lasted(ms: i64) -> String {
    if ms < 1000 { "less than a second".to_owned() } else { counted((ms / 1000).unsigned_abs(), "second") }
}

/// The first of many sentences, and how many more there are.
fn some(mut how: Vec<String>) -> Vec<String> {
    let more = how.len().saturating_sub(NAMED);
    if more > 1 {
        how.truncate(NAMED);
        how.push(format!("And {more} more of the sort."));
    }
    how
}

/// What must be so for a promise to be kept, in sentences.
#[must_use]
pub fn how(policy: &Policy, clauses: &[Clause]) -> Vec<String> {
    let mut how: Vec<String> = Vec::new();
    for obligation in clauses.iter().flat_map(|clause| custody::proof::of_clause(policy, clause)) {
        let said = obligation.sentence(policy);
        if !how.contains(&said) {
            how.push(said);
        }
    }
    how
}

/// A promise in the policy's own words: its clause, or how many clauses it stands on.
#[must_use]
pub fn promise_words(policy: &Policy, clauses: &[Clause]) -> String {
    match clauses {
        [] => String::new(),
        [Clause::Open(words)] => sentence(words),
        [one] => policy.clause_text(one),
        [first, rest @ ..] if rest.len() < 4 => {
            let more = rest.iter().map(|clause| policy.clause_text(clause));
            std::iter::once(policy.clause_text(first)).chain(more).collect::<Vec<_>>().join("; ")
        }
        [first, ..] => {
            let what = match first {
                Clause::Data(_) => "every data clause",
                Clause::Basis(_) => "every basis clause",
                Clause::Keep(_) => "every keep clause",
                _ => "clauses",
            };
            format!("{what}, {} of them", clauses.len())
        }
    }
}

/// Who signed what of a promise, and until when it counts.
fn signed(tx: &Tx<'_>, policy: &Policy, promise: &str, today: Date) -> Result<Vec<String>, Fault> {
    let asked = proof::attestations(policy, promise).into_iter();
    let asked = asked.filter_map(|place| policy.attestations.get(place));
    asked
        .map(|asked| {
            let (what, by) = (sentence(&asked.what), &asked.by);
            Ok(match attestation::latest(tx, &asked.what)? {
                None => format!("{what} Nobody has signed yet; the {by} does."),
                Some(signed) if signed.lapses_on < today => {
                    format!("{what} The signature of the {by} lapsed on {}.", words(signed.lapses_on))
                }
                Some(signed) => format!(
                    "{what} Signed by the {by} on {}, until {}.",
                    words(signed.on),
                    words(signed.lapses_on)
                ),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn past(day: i8, verdict: &str) -> Past {
        Past { on: date(2026, 11, day), verdict: verdict.to_owned() }
    }

    #[test]
    fn a_history_is_told_in_words() {
        let steady = vec![past(1, "kept"), past(2, "kept"), past(3, "kept")];
        assert_eq!(recently(&steady), "kept in each of the last 3 runs");
        let changed = vec![past(1, "kept"), past(2, "broken"), past(3, "kept"), past(4, "kept")];
        let said = history(
            changed,
            Standing {
                kept_since: Some(date(2026, 11, 3)),
                broken: Some((date(2026, 11, 2), 2, "a task".into())),
            },
        );
        assert_eq!(
            said.recently,
            "kept from Tue 3 Nov 2026 to Wed 4 Nov 2026; broken on Mon 2 Nov 2026; kept on Sun 1 Nov 2026"
        );
        assert_eq!(said.since, "Kept since Tue 3 Nov 2026");
        assert_eq!(said.broken, "Last broken on Mon 2 Nov 2026 (2 things): a task");
        let now = history(vec![past(4, "broken")], Standing::default());
        assert_eq!((now.since.as_str(), now.recently.as_str()), ("", "broken in its first run"));
    }
}
