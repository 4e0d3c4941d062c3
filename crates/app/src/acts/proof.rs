//! The proof of the promises: looking at the data as it is, keeping the latest findings for the pages, and the
//! signatures of what only a person can see. It changes nothing that it looks at.

use custody::Verdict;
use custody::refusal::Question;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::policy::Clause;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::attestation::{self, Signed};
use store::{Tx, log, setting};

use super::Acting;
use crate::fault::Fault;
use crate::instance::Instance;

/// The setting that holds the latest findings. They name rows by number and hold no value about anybody.
const LATEST: &str = "latest proof";

/// The name under which the nightly proof stands in the log.
pub const NIGHT: &str = "system proof";

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
    let proof = look(instance, None)?;
    let text = serde_json::to_string(&proof).map_err(|error| Fault::Other(error.to_string()))?;
    let body = json!({
        "version": proof.version,
        "kept": proof.count(Verdict::Kept),
        "attested": proof.count(Verdict::Attested),
        "broken": proof.count(Verdict::Broken),
        "open": proof.count(Verdict::Open),
    });
    instance.store.write(|tx| {
        setting::set(tx, LATEST, &text)?;
        log::append(tx, proof.at, actor, "proof.run", &[], &body)?;
        Ok::<_, Fault>(())
    })?;
    Ok(proof)
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
