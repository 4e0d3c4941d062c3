//! What goes in one departure, and the certificates of it: one of what was handed over before, and one of the rest. It takes nothing
//! away.

use std::collections::{BTreeMap, BTreeSet};

use custody::coverage::{Outcome, Uncovered};
use custody::id::PersonId;
use custody::life::Life;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Disposal, KindId, Policy, RuleId};
use serde_json::json;

use super::Cause;
use crate::certificate::{self, NewCertificate};
use crate::{Keys, Result, Tx, dispose, log};

/// What goes.
#[derive(Default)]
pub(super) struct Going {
    /// Its rows, by table and kind.
    pub(super) rows: Vec<(&'static str, i64, KindId)>,
    /// Who remains of whom any of it says something.
    pub(super) remains: Remains,
    /// The clauses under which it was held.
    pub(super) rules: BTreeSet<RuleId>,
    /// Of what was handed over, and of what was not.
    certified: BTreeMap<bool, Certified>,
}

/// Who remains when something goes.
#[derive(Clone, Copy, Default)]
pub(super) struct Remains {
    /// The person whose it is: a ground of theirs goes on, or something of theirs waits, for a hand or for what keeps it.
    pub(super) they: bool,
    /// Somebody else is in what is held of them.
    pub(super) others: bool,
}

/// What one certificate is about.
#[derive(Default)]
struct Certified {
    kinds: Vec<KindId>,
    rules: BTreeSet<RuleId>,
    reasons: BTreeSet<String>,
    disposals: BTreeSet<(Disposal, &'static str)>,
}

impl Going {
    /// Adds a row that goes in this way.
    pub(super) fn add(&mut self, policy: &Policy, one: Uncovered, disposal: Disposal) {
        let rule = one.rule.and_then(|rule| policy.rules.get(rule.index()));
        self.rows.push((one.table, one.id, one.kind));
        self.rules.extend(one.rule);
        let certified = self.certified.entry(disposal.hands_over()).or_default();
        certified.kinds.push(one.kind);
        certified.rules.extend(one.rule);
        certified.reasons.insert(one.reason);
        certified.disposals.insert((disposal, certificate::disposal_name(disposal, rule)));
    }

    /// Writes the certificates, and into the log that something was let go: `identities` are the addresses, numbers and names that
    /// went.
    pub(super) fn certify(
        &self,
        (tx, keys): (&Tx<'_>, &Keys),
        policy: &Policy,
        life: &Life,
        cause: &Cause<'_>,
        (identities, earliest): (&[(String, String)], Option<Date>),
        (today, now): (Date, Timestamp),
    ) -> Result<()> {
        let whom: &[PersonId] = if life.alone { &[] } else { &[life.person] };
        for (handed_over, certified) in &self.certified {
            let counts = dispose::counted(policy, certified.kinds.iter());
            let disposals: Vec<&str> = certified.disposals.iter().map(|(_, name)| *name).collect();
            let rules = certificate::rule_keys(policy, &certified.rules);
            // A detail is never handed over: what says who it was stands with the rest.
            let details = !handed_over;
            let written = certificate::write(
                tx,
                keys,
                &NewCertificate {
                    person: life.person,
                    on: today,
                    rules: &rules,
                    cause: cause.name,
                    disposal: &disposals.join(", "),
                    counts: &counts,
                    reasons: &certified.reasons,
                    by: cause.by,
                    earliest_collected: earliest.filter(|_| details),
                    identities: if details { identities } else { &[] },
                },
                now,
            )?;
            let body =
                json!({ "certificate": written.0, "cause": cause.name, "counts": counts, "rules": rules });
            log::append(tx, now, cause.actor, "let go", whom, &body)?;
        }
        Ok(())
    }
}

/// How a row goes that nothing waits for any more: as it was handed over, or after that.
pub(super) fn after(outcome: Outcome) -> Disposal {
    match outcome {
        Outcome::Task(way) => way,
        Outcome::Dispose(_) | Outcome::CutLink => Disposal::Erase,
    }
}
