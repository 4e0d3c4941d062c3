//! A run of the proof: every obligation looked at once, several side by side where there are many people, and what was seen put
//! together to a finding for each promise.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use custody::proof::{self, Finding, Obligation, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindId, KindSet, Policy};

use super::found::Found;
use super::{Prover, Seen};
use crate::{Error, Result, Store};

/// How many figures a promise is told with.
const FIGURES_MAX: usize = 6;
/// How many look at once at most, each with a connection of its own: pages want some, too.
pub(super) const AT_ONCE_MAX: usize = 3;

/// What is looked at, and when.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub store: &'a Store,
    pub policy: &'a Policy,
    pub now: Timestamp,
    pub today: Date,
}

/// Looks at every promise of a policy, in the order of their names.
///
/// # Errors
/// If the database cannot be read at all; an obligation that fails by itself is broken, not an error.
pub fn run(store: &Store, policy: &Policy, now: Timestamp, today: Date) -> Result<Vec<Finding>> {
    let promises = proof::obligations(policy);
    // Several promises come to the same.
    let mut each: Vec<&Obligation> = Vec::new();
    for obligation in promises.values().flatten() {
        if !each.contains(&obligation) {
            each.push(obligation);
        }
    }
    let seen = Run { store, policy, now, today }.look_at_all(&each)?;
    let of = |obligation: &Obligation| {
        let at = each.iter().position(|known| *known == obligation);
        at.and_then(|at| seen.get(at)).cloned().unwrap_or_else(|| Err("it was passed over".to_owned()))
    };
    let finding = |(id, obligations): (&String, &Vec<Obligation>)| {
        finding(policy, id, obligations.iter().map(|obligation| (obligation, of(obligation))))
    };
    Ok(promises.iter().map(finding).collect())
}

/// Looks at one promise; nothing if the policy has none of this name.
///
/// # Errors
/// As [`run`].
pub fn promise(
    store: &Store,
    policy: &Policy,
    id: &str,
    now: Timestamp,
    today: Date,
) -> Result<Option<Finding>> {
    let promises = proof::obligations(policy);
    let Some(obligations) = promises.get(id) else { return Ok(None) };
    let each: Vec<&Obligation> = obligations.iter().collect();
    let seen = Run { store, policy, now, today }.look_at_all(&each)?;
    Ok(Some(finding(policy, id, obligations.iter().zip(seen))))
}

/// Looks at one obligation.
///
/// # Errors
/// Whatever the database or the disk says.
pub fn obligation(
    store: &Store,
    policy: &Policy,
    obligation: &Obligation,
    now: Timestamp,
    today: Date,
) -> Result<Seen> {
    Run { store, policy, now, today }.with_prover(&Found::default(), |prover| prover.look(obligation))
}

/// Looks at several obligations, each in its place, in one run.
///
/// # Errors
/// Whatever the database or the disk says.
pub fn several(
    store: &Store,
    policy: &Policy,
    obligations: &[Obligation],
    now: Timestamp,
    today: Date,
) -> Result<Vec<Seen>> {
    Run { store, policy, now, today }.with_prover(&Found::default(), |prover| {
        obligations.iter().map(|obligation| prover.look(obligation)).collect()
    })
}

impl Run<'_> {
    /// Everything as it is now, with what others of the same run found.
    pub(super) fn with_prover<T>(
        self,
        found: &Found,
        f: impl FnOnce(&Prover<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        self.store.read(|tx| f(&Prover::new(self, tx, found)))
    }

    /// What each of several obligations finds, in their order, or why it could not be looked at.
    fn look_at_all(self, each: &[&Obligation]) -> Result<Vec<std::result::Result<Seen, String>>> {
        let found = Found::default();
        let about: Vec<KindSet> = each.iter().filter_map(|one| about_everybody(self.policy, one)).collect();
        let kinds = about.iter().fold(KindSet::none(), |all, kinds| all.or(*kinds));
        let kinds: Vec<KindId> = kinds.iter().collect();
        // First what many of them ask for, so that they do not wait for one another: everybody, then kind by kind. What fails here
        // is told where it is asked for.
        let walked = if about.is_empty() { None } else { self.walk(&found).ok() };
        if let Some(walkers) = walked {
            self.beside(walkers, &kinds, &found, |prover, kind| prover.of_kind(*kind).is_ok())?;
        }
        let walkers = walked.unwrap_or(1);
        self.beside(walkers, each, &found, |prover, obligation| {
            prover.look(obligation).map_err(|error| error.to_string())
        })
    }

    /// Looks at each of several things, as many at once as there are walkers: what came of each, in their order. Each is read by
    /// itself: what somebody wrote meanwhile may be seen by one and not by another, and one that fails stops no other.
    pub(super) fn beside<I: Sync, T: Send>(
        self,
        walkers: usize,
        things: &[I],
        found: &Found,
        look: impl Fn(&Prover<'_, '_>, &I) -> T + Sync,
    ) -> Result<Vec<T>> {
        let next = AtomicUsize::new(0);
        let walk = || {
            let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
            let mine = numbers.map_while(|at| Some((at, things.get(at)?)));
            mine.map(|(at, thing)| Ok((at, self.with_prover(found, |prover| Ok(look(prover, thing)))?)))
                .collect::<Result<Vec<_>>>()
        };
        let mut all = std::thread::scope(|scope| {
            let others: Vec<_> = (1..walkers).map(|_| scope.spawn(walk)).collect();
            let mut all = walk()?;
            for other in others {
                all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok::<_, Error>(all)
        })?;
        all.sort_by_key(|(at, _)| *at);
        Ok(all.into_iter().map(|(_, came)| came).collect())
    }
}

/// The kinds of which an obligation looks at every row; nothing if it does not ask for the walk past everybody.
fn about_everybody(policy: &Policy, obligation: &Obligation) -> Option<KindSet> {
    match obligation {
        Obligation::NothingUndeclared { activity } => policy.activity(*activity).map(|one| one.kinds),
        Obligation::GoneInTime { rule } | Obligation::Anonymous { rule } => {
            policy.rules.get(rule.index()).map(|rule| rule.kinds)
        }
        Obligation::EachInTime { .. } | Obligation::CacheAgrees { .. } => Some(KindSet::none()),
        _ => None,
    }
}

/// What a promise comes to, of what was seen of its obligations.
fn finding<'o>(
    policy: &Policy,
    id: &str,
    seen: impl ExactSizeIterator<Item = (&'o Obligation, std::result::Result<Seen, String>)>,
) -> Finding {
    let id = id.to_owned();
    if seen.len() == 0 {
        let figure = "nothing in this version of the program looks at it".to_owned();
        return Finding { id, verdict: Verdict::Open, figure, counterexamples: Vec::new() };
    }
    let mut figures: Vec<String> = Vec::new();
    let mut broken = BTreeSet::new();
    let mut attested = false;
    for (obligation, seen) in seen {
        attested |= matches!(obligation, Obligation::Attested { .. });
        match seen {
            Ok(seen) => {
                // A figure says that all was well, which it was not where something was found.
                if seen.broken.is_empty() && !seen.figure.is_empty() && !figures.contains(&seen.figure) {
                    figures.push(seen.figure);
                }
                broken.extend(seen.broken);
            }
            Err(error) => {
                broken.insert(format!("{} could not be looked at: {error}", obligation.name()));
            }
        }
    }
    let unseen = proof::not_looked_at(policy, &id);
    let verdict = match (broken.is_empty(), unseen.is_empty(), attested) {
        (false, _, _) => Verdict::Broken,
        (true, false, _) => Verdict::Open,
        (true, true, true) => Verdict::Attested,
        (true, true, false) => Verdict::Kept,
    };
    let left = figures.len().saturating_sub(FIGURES_MAX);
    if left > 0 {
        figures.truncate(FIGURES_MAX);
        figures.push(format!("and {left} more things looked at"));
    }
    let mut figure = figures.join("; ");
    if matches!(verdict, Verdict::Broken | Verdict::Open) && !figure.is_empty() {
        figure.insert_str(0, "the rest is as promised: ");
    }
    if !unseen.is_empty() {
        let end = if figure.is_empty() { "" } else { "; " };
        figure.insert_str(
            0,
            &format!("nothing in this version of the program looks at `{}`{end}", unseen.join("`, `")),
        );
    }
    Finding { id, verdict, figure, counterexamples: broken.into_iter().collect() }
}
