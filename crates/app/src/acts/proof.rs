//! The proof of the promises: looking at the data as it is, keeping the latest findings for the pages and what each run
//! came to for the years, and the signatures of what only a person can see. It changes nothing that it looks at.

use custody::Verdict;
use custody::refusal::Question;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::Policy;
use policy::policy::Clause;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::attestation::{self, Signed};
use store::prove::MORE;
use store::{Tx, log, proof_run, schema, setting};

use super::Acting;
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// The setting that holds the latest findings. They name rows by number and hold no value about anybody.
const LATEST: &str = "latest proof";

/// The name under which the nightly proof stands in the log.
pub const NIGHT: &str = "system proof";

/// The name under which a proof asked for on the command line stands in the log.
pub const COMMAND: &str = "system command line";

/// How many years what a run came to is kept: longer than anybody can still go to court over a promise.
pub const YEARS: i64 = 6;

/// How many of the things that broke a promise are kept in its history, in words.
const BROKEN_WORDS: usize = 5;

/// The local hour of the night from which the proof of a day may run: after the sweep.
const HOUR: i8 = 3;

/// What a proof found of one promise. The names are a contract with scripts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// The promise: `CTI-07`.
    pub id: String,
    /// `kept`, `broken`, `attested` or `open`.
    pub verdict: String,
    /// What was looked at, in a few words with numbers.
    pub figure: String,
    /// When.
    pub checked_at: Timestamp,
    /// What breaks it: numbers and dates, never a value.
    pub counterexamples: Vec<String>,
}

/// One run of the proof.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// When.
    pub at: Timestamp,
    /// The day, where the organisation is.
    pub on: Date,
    /// The version of the policy that was proved.
    pub version: u32,
    /// One for each promise, in the order of their names.
    pub found: Vec<Found>,
}

impl Proof {
    /// How many promises have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.found.iter().filter(|found| found.verdict == verdict.word()).count()
    }

    /// Whether a promise is broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.count(Verdict::Broken) > 0
    }

    /// `25 promises: 22 kept, 1 attested, 1 broken, 1 open`.
    #[must_use]
    pub fn sum(&self) -> String {
        let counts: Vec<String> = [Verdict::Kept, Verdict::Attested, Verdict::Broken, Verdict::Open]
            .into_iter()
            .map(|verdict| (self.count(verdict), verdict.word()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let promises = if self.found.len() == 1 { "promise" } else { "promises" };
        format!("{} {promises}: {}", self.found.len(), counts.join(", "))
    }

    /// What was found of one promise.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<&Found> {
        self.found.iter().find(|found| found.id == id)
    }
}

/// Looks at every promise of the policy in force, or at one of them. Writes nothing.
///
/// # Errors
/// If the data cannot be read; [`Fault::NotFound`] if there is no such promise.
pub fn look(instance: &Instance, promise: Option<&str>) -> Result<Proof, Fault> {
    let found = look_once(instance, promise)?;
    // What was written meanwhile under another version, or on another day, may look wrong only by the one it was looked at by.
    if instance.policy().version == found.version && instance.clock.on(instance.clock.now()) == found.on {
        return Ok(found);
    }
    look_once(instance, promise)
}

fn look_once(instance: &Instance, promise: Option<&str>) -> Result<Proof, Fault> {
    let policy = instance.policy();
    let at = instance.clock.now();
    let on = instance.clock.on(at);
    let findings = match promise {
        None => store::prove::run(&instance.store, &policy, at, on)?,
        Some(id) => {
            vec![store::prove::promise(&instance.store, &policy, id, at, on)?.ok_or(Fault::NotFound)?]
        }
    };
    let found = findings
        .into_iter()
        .map(|finding| Found {
            id: finding.id,
            verdict: finding.verdict.word().to_owned(),
            figure: finding.figure,
            checked_at: at,
            counterexamples: finding.counterexamples,
        })
        .collect();
    Ok(Proof { at, on, version: policy.version, found })
}

/// Looks at every promise and keeps what was found for the pages.
///
/// # Errors
/// If the data cannot be read or the findings not kept.
pub fn run(instance: &Instance, actor: &str) -> Result<Proof, Fault> {
    let began = machine();
    let proof = look(instance, None)?;
    let took_ms = machine().duration_since(began).as_millis();
    keep(instance, &proof, actor, i64::try_from(took_ms).unwrap_or(i64::MAX))?;
    Ok(proof)
}

/// Keeps what was found: the latest for the pages, with the numbers of what breaks a promise; the history without them.
fn keep(instance: &Instance, proof: &Proof, actor: &str, took_ms: i64) -> Result<(), Fault> {
    let text = serde_json::to_string(proof).map_err(|error| Fault::Other(error.to_string()))?;
    let body = json!({
        "version": proof.version,
        "kept": proof.count(Verdict::Kept),
        "attested": proof.count(Verdict::Attested),
        "broken": proof.count(Verdict::Broken),
        "open": proof.count(Verdict::Open),
    });
    let counts = [Verdict::Kept, Verdict::Attested, Verdict::Broken, Verdict::Open]
        .map(|verdict| i64::try_from(proof.count(verdict)).unwrap_or(i64::MAX));
    let run = proof_run::Run {
        id: 0,
        at: proof.at,
        on: proof.on,
        version: proof.version,
        by_hand: actor != NIGHT,
        took_ms,
        counts,
    };
    let found: Vec<proof_run::Found> = proof.found.iter().map(without_numbers).collect();
    let before = proof.on.checked_sub(YEARS.years())?;
    instance.store.write(|tx| {
        setting::set(tx, LATEST, &text)?;
        proof_run::record(tx, &run, &found)?;
        proof_run::tidy(tx, before)?;
        log::append(tx, proof.at, actor, "proof.run", &[], &body)?;
        Ok::<_, Fault>(())
    })
}

/// What was found of a promise, for the years: what broke it, but not of whom.
fn without_numbers(found: &Found) -> proof_run::Found {
    let mut said: Vec<(String, usize)> = Vec::new();
    let named = found.counterexamples.iter().filter(|words| *words != MORE);
    for words in named.map(|words| unnumbered(words)) {
        match said.iter_mut().find(|(known, _)| *known == words) {
            Some((_, times)) => *times += 1,
            None => said.push((words, 1)),
        }
    }
    let more = said.len().saturating_sub(BROKEN_WORDS);
    said.truncate(BROKEN_WORDS);
    let mut words: Vec<String> = said
        .into_iter()
        .map(|(words, times)| if times == 1 { words } else { format!("{words} ({times} times)") })
        .collect();
    words.extend((more > 0).then(|| format!("and {more} other things")));
    proof_run::Found {
        run: 0,
        promise: found.id.clone(),
        verdict: found.verdict.clone(),
        figure: found.figure.clone(),
        broken: i64::try_from(found.counterexamples.len()).unwrap_or(i64::MAX),
        words: words.join("; "),
    }
}

/// What breaks a promise beyond so many that are shown, in words; nothing where that is all. Where more was found than is named
/// one by one, nobody has counted it.
#[must_use]
pub fn more(counterexamples: &[String], shown: usize) -> Option<String> {
    let named = counterexamples.iter().filter(|words| *words != MORE).count();
    match (named.saturating_sub(shown), named < counterexamples.len()) {
        (0, false) => None,
        (0, true) => Some(MORE.to_owned()),
        (left, false) => Some(format!("and {left} more")),
        (left, true) => Some(format!("and more than {left} more")),
    }
}

/// What breaks a promise, in words that say of nobody whom it is about: `ground 7 of person 12 was due 2026-11-19` is
/// `a ground of a person was due 2026-11-19`.
#[must_use]
pub fn unnumbered(words: &str) -> String {
    let mut said: Vec<String> = Vec::new();
    for word in words.split(' ') {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        let noun = said.last().map(|noun| noun.trim_matches(|c: char| !c.is_alphabetic()).to_owned());
        let names = noun.is_some_and(|noun| {
            matches!(noun.as_str(), "work" | "account" | "file")
                // A version of the policy is nobody's.
                || noun != "version" && schema::tables()
                    .any(|table| table.name == noun || table.name.ends_with(&format!("_{noun}")))
        });
        // A number of a row, by what stands before it or by its length: it becomes the noun alone.
        if number && (names || bare.len() >= 8) {
            if let Some(noun) = said.last_mut().filter(|_| names) {
                let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
                let after: String =
                    word.chars().skip_while(|c| !c.is_ascii_digit()).skip(bare.len()).collect();
                *noun = format!("{article} {noun}{after}");
            } else {
                said.push("\u{2026}".to_owned());
            }
        } else {
            said.push(word.to_owned());
        }
    }
    said.join(" ")
}

/// Runs the proof of the day, once, after the night's sweep: by the clock, or because the policy has changed.
///
/// # Errors
/// As [`run`].
pub fn when_due(instance: &Instance) -> Result<(), Fault> {
    let today = instance.clock.today();
    if instance.clock.now() < instance.clock.at(today, HOUR) {
        return Ok(());
    }
    let (latest, swept) =
        instance.store.read(|tx| Ok::<_, Fault>((latest(tx)?, store::sweep::runs(tx, 1)?)))?;
    let swept = swept.first().is_some_and(|run| run.on >= today && run.ended_at.is_some());
    let version = instance.policy().version;
    if !swept || latest.is_some_and(|proof| proof.on == today && proof.version == version) {
        return Ok(());
    }
    let proof = run(instance, NIGHT)?;
    tracing::info!(promises = proof.found.len(), broken = proof.count(Verdict::Broken), "the day's proof");
    Ok(())
}

/// The latest findings, if the proof has ever run.
///
/// # Errors
/// Whatever the store says.
pub fn latest(tx: &Tx<'_>) -> Result<Option<Proof>, Fault> {
    // Findings kept by an older version of the program may not be readable: then there are none until the next run.
    Ok(setting::get(tx, LATEST)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Signs what stands at this place of the policy's attestations, until the policy asks for it again.
///
/// # Errors
/// [`Fault::NotFound`] if the policy has none there; [`Fault::Refused`] unless the role is the one that signs.
pub fn sign(acting: &Acting<'_>, tx: &Tx<'_>, place: usize, evidence: &str) -> Result<Signed, Fault> {
    let asked = acting.policy.attestations.get(place).ok_or(Fault::NotFound)?;
    let role = acting.role().map_or("", |role| role.name.as_str());
    let Some(staff) = acting.staff_id().filter(|_| role == asked.by) else {
        return Err(Fault::Refused(Box::new(custody::Refusal::by(
            &acting.policy,
            Question::Role,
            Some(Clause::Attest(place)),
            format!("the {} signs this, not the {role}", asked.by),
            format!("Ask the {} to sign.", asked.by),
        ))));
    };
    let evidence = Some(evidence.trim()).filter(|evidence| !evidence.is_empty());
    let signed = attestation::sign(tx, &acting.policy, place, staff, acting.today, evidence, acting.now)?;
    acting.log(
        tx,
        "attestation.signed",
        &[],
        &json!({ "attestation": signed.id, "until": signed.lapses_on }),
    )?;
    Ok(signed)
}

/// The places of the attestations that a promise stands on.
#[must_use]
pub fn attestations(policy: &Policy, promise: &str) -> Vec<usize> {
    let clauses = policy.promises.get(promise).map_or(&[][..], Vec::as_slice);
    clauses
        .iter()
        .filter_map(|clause| match clause {
            Clause::Attest(place) => Some(*place),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::unnumbered;

    #[test]
    fn what_broke_a_promise_is_kept_without_whose() {
        for (words, kept) in [
            (
                "ground 7 of person 12 was due 2026-11-19 and still stands",
                "a ground of a person was due 2026-11-19 and still stands",
            ),
            (
                "item 1184467440737095516 came from where the policy lets no email come from",
                "an item came from where the policy lets no email come from",
            ),
            ("the notice of version 3 does not say so", "the notice of version 3 does not say so"),
            ("hold 9 stands and nobody said why", "a hold stands and nobody said why"),
            (
                "message 44, of person 3: its footer is not ours",
                "a message, of a person: its footer is not ours",
            ),
            ("the newest backup is 3 days old", "the newest backup is 3 days old"),
            ("for 1184467440737095516 nobody signed", "for \u{2026} nobody signed"),
        ] {
            assert_eq!(unnumbered(words), kept);
        }
    }
}
