//! Changing the policy: a draft, what adopting it would do, adopting it on a date, and taking that back until then.
//! Nothing is adopted that was not weighed against the people held, and confirmed as it was weighed.

use jiff::Timestamp;
use policy::diff::{self, Change};
use policy::role::Deed;
use policy::source::File;
use policy::{Diagnostic, Policy, Severity};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::adoption::{self as stored, Preview};
use store::policy_version::Adopted;
use store::{Tx, policy_version, setting};

use super::Acting;
use crate::fault::Fault;
use crate::instance::Instance;

/// The setting that holds the text being worked on.
const DRAFT: &str = "policy draft";

/// The most a policy may be, in bytes: some ten thousand lines.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// A text being worked on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// Its files, as `(name, text)`; most policies have one.
    pub files: Vec<(String, String)>,
    /// Who saved it last, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Draft {
    /// As the language reads it.
    #[must_use]
    pub fn files(&self) -> Vec<File> {
        self.files.iter().map(|(name, text)| File { name: name.clone(), text: text.clone() }).collect()
    }
}

/// The draft, if there is one.
///
/// # Errors
/// Whatever the store says.
pub fn draft(tx: &Tx<'_>) -> Result<Option<Draft>, Fault> {
    let text = setting::get(tx, DRAFT)?.filter(|text| !text.is_empty());
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| Fault::Other(format!("the draft cannot be read: {error}")))
}

/// Keeps a text to work on: one of the files of the draft, or of the policy in force where there is none yet.
///
/// # Errors
/// [`Fault::Refused`] unless the role manages the policy; [`Fault::Invalid`] if the text is too long.
pub fn save(acting: &Acting<'_>, tx: &Tx<'_>, place: usize, text: &str) -> Result<Draft, Fault> {
    acting.must(Deed::ManagePolicy)?;
    if text.len() > TEXT_BYTES_MAX {
        return Err(Fault::field("text", "This is longer than a policy can be. Split it with `include`."));
    }
    let mut files = match draft(tx)? {
        Some(draft) => with_texts(draft.files),
        None => with_texts(of(&acting.policy)),
    };
    let (_, kept) = files.get_mut(place).ok_or(Fault::NotFound)?;
    // A browser sends lines as typewriters did.
    *kept = text.replace("\r\n", "\n");
    let by = acting.account.as_ref().map_or_else(String::new, |account| account.name.clone());
    let draft = Draft { files, by, at: acting.now };
    let text = serde_json::to_string(&draft).map_err(|error| Fault::Other(error.to_string()))?;
    setting::set(tx, DRAFT, &text)?;
    Ok(draft)
}

/// Throws the draft away.
///
/// # Errors
/// [`Fault::Refused`] unless the role manages the policy.
pub fn discard(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(), Fault> {
    acting.must(Deed::ManagePolicy)?;
    setting::clear(tx, DRAFT)?;
    Ok(())
}

/// A policy's own files.
fn of(policy: &Policy) -> Vec<(String, String)> {
    policy.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect()
}

/// The text to begin with: the policy in force, its version one higher and its date two weeks on.
#[must_use]
pub fn beginning(acting: &Acting<'_>) -> Vec<(String, String)> {
    use jiff::ToSpan;
    let policy = &acting.policy;
    let from = acting.today.checked_add(14.days()).unwrap_or(acting.today);
    let (was, now) =
        (format!("{}, from {}", policy.version, policy.from), format!("{}, from {from}", policy.version + 1));
    of(policy).into_iter().map(|(name, text)| (name, text.replacen(&was, &now, 1))).collect()
}

/// The files with a place for each text that the policy names and that is not there yet: an assessment, a policy
/// document.
#[must_use]
pub fn with_texts(mut files: Vec<(String, String)>) -> Vec<(String, String)> {
    let all = files.iter().map(|(name, text)| File { name: name.clone(), text: text.clone() });
    let (Some(policy), _) = Policy::read(all.collect()) else { return files };
    for document in policy::register::documents(&policy) {
        if !files.iter().any(|(name, _)| policy::source::same_file(name, &document.file)) {
            files.push((document.file, String::new()));
        }
    }
    files
}

/// A version weighed: what it says differently, what that would do, and what stands in its way.
pub struct Weighed {
    /// The version, where it can be read.
    pub policy: Option<Policy>,
    /// What a careful reader says about it.
    pub findings: Vec<Diagnostic>,
    /// Clause by clause, against the version in force.
    pub changes: Vec<Change>,
    /// What it would do to the people held.
    pub preview: Option<Preview>,
    /// Why it cannot be adopted, in sentences; none if it can.
    pub stops: Vec<String>,
    /// Stands for everything above: an adoption names it, so that nothing is adopted that was not seen.
    pub mark: String,
}

/// Weighs a version against the one in force and the people held. Writes nothing.
///
/// # Errors
/// Whatever the store says.
pub fn weigh(instance: &Instance, files: Vec<File>) -> Result<Weighed, Fault> {
    let old = instance.policy();
    let today = instance.clock.today();
    let (policy, mut findings) = Policy::read(files.clone());
    let Some(new) = policy else {
        let stops = vec!["It cannot be read. The findings say where.".to_owned()];
        return Ok(Weighed {
            policy: None,
            findings,
            changes: Vec::new(),
            preview: None,
            stops,
            mark: String::new(),
        });
    };
    findings.extend(policy::check::check(&new, today));
    findings.sort_by_key(|finding| (finding.span.file, finding.span.start));
    let mut stops = Vec::new();
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error && finding.accepted.is_none())
        .count();
    if errors > 0 {
        let (noun, verb) = if errors == 1 { ("fault", "stands") } else { ("faults", "stand") };
        stops
            .push(format!("{errors} {noun} still {verb} in it. Put right or accept what the findings name."));
    }
    let (newest, pending) = instance.store.read(|tx| {
        let newest = policy_version::all(tx)?.first().map_or(0, |adopted| adopted.version);
        Ok::<_, Fault>((newest, policy_version::pending(tx, today)?))
    })?;
    if let Some(pending) = pending {
        stops.push(format!(
            "Version {} is adopted already and begins on {}. Take that back first, or wait for it.",
            pending.version, pending.from
        ));
    } else if new.version <= newest {
        stops.push(format!(
            "There was a version {newest} already. Write `version {}` at the top.",
            newest + 1
        ));
    }
    if new.from <= today {
        stops.push(
            "It must begin after today, so that it can still be taken back. Write a later date after `from`."
                .to_owned(),
        );
    }
    let changes = diff::diff(&old, &new);
    let preview = stored::preview(&instance.store, &old, &new, new.from.max(today))?;
    for (rule, live) in &preview.vanishing {
        stops.push(format!(
            "`{rule}` is gone, and {live} people are held under it. Write `was {rule}` below the `keep` that takes its \
             place, or `ends {rule}` to let them go."
        ));
    }
    for (role, accounts) in &preview.roleless {
        stops.push(format!("{accounts} accounts have the role {role}, which it does not have. Give them another, or keep the role."));
    }
    let mark = mark(&files, &preview)?;
    Ok(Weighed { policy: Some(new), findings, changes, preview: Some(preview), stops, mark })
}

fn mark(files: &[File], preview: &Preview) -> Result<String, Fault> {
    let texts: Vec<(&str, &str)> =
        files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    let all = serde_json::to_vec(&(texts, preview)).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(blake3::hash(&all).to_hex().chars().take(16).collect())
}

/// Adopts what was weighed: it begins on its own date. The draft is done with.
///
/// # Errors
/// [`Fault::Refused`] unless the role manages the policy; [`Fault::Changed`] if what was seen is no longer what would
/// happen; [`Fault::Invalid`] if something stands in its way.
pub fn adopt(acting: &Acting<'_>, tx: &Tx<'_>, weighed: &Weighed, seen: &str) -> Result<u32, Fault> {
    acting.must(Deed::ManagePolicy)?;
    if let Some(stop) = weighed.stops.first() {
        return Err(Fault::field("adopt", stop.clone()));
    }
    if weighed.mark != seen {
        return Err(Fault::Changed);
    }
    let (Some(new), Some(preview)) = (&weighed.policy, &weighed.preview) else { return Err(Fault::NotFound) };
    policy_version::adopt(tx, new, acting.now, acting.staff_id())?;
    setting::clear(tx, DRAFT)?;
    let body = json!({
        "version": new.version,
        "from": new.from.to_string(),
        "changes": weighed.changes.len(),
        "earlier": preview.earlier.len(),
        "later": preview.later.len(),
        "ended": preview.ended.len(),
        "groundless": preview.groundless.len() + preview.of_works.len(),
        "told": preview.told_people().len(),
        "mark": weighed.mark,
    });
    acting.log(tx, "policy.adopted", &[], &body)?;
    Ok(new.version)
}

/// Takes an adoption back before its day; the text becomes the draft again.
///
/// # Errors
/// [`Fault::Refused`] unless the role manages the policy; [`Fault::NotFound`] if it has begun.
pub fn withdraw(acting: &Acting<'_>, tx: &Tx<'_>, version: u32) -> Result<(), Fault> {
    acting.must(Deed::ManagePolicy)?;
    let all = policy_version::all(tx)?;
    let adopted: Adopted =
        all.into_iter().find(|adopted| adopted.version == version).ok_or(Fault::NotFound)?;
    policy_version::withdraw(tx, version, acting.today)?;
    let by = acting.account.as_ref().map_or_else(String::new, |account| account.name.clone());
    let files = adopted.files.into_iter().map(|file| (file.name, file.text)).collect();
    let text = serde_json::to_string(&Draft { files, by, at: acting.now });
    setting::set(tx, DRAFT, &text.map_err(|error| Fault::Other(error.to_string()))?)?;
    acting.log(tx, "policy.withdrawn", &[], &json!({ "version": version }))
}

/// Lets the version of the day come into force: names carried over, the policy read again, everybody's grounds
/// settled under it. Does nothing on any other day.
///
/// # Errors
/// Whatever the store says.
pub fn begin_when_due(instance: &Instance) -> Result<(), Fault> {
    let today = instance.clock.today();
    let due = instance.store.read(|tx| policy_version::in_force(tx, today))?;
    if due.version != instance.policy().version {
        instance.refresh_policy()?;
    }
    let people = stored::settle_all(&instance.store, &instance.policy(), today, instance.clock.now())?;
    if people > 0 {
        tracing::info!(version = due.version, people, "a version of the policy began");
    }
    Ok(())
}
