//! What was made anonymous: counts, each of enough people, and nothing that still has its person.

use policy::{Disposal, RuleId};

use super::{NAMED, Prover, Seen, named};
use crate::{Result, params};

impl Prover<'_, '_> {
    pub(super) fn anonymous(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let least = i64::from(self.policy.least_count());
        let mut broken = self.tx.all(
            &format!(
                "SELECT kind, year, people FROM anonymous WHERE rule = ?1 AND people < ?2 ORDER BY year, kind LIMIT {}",
                NAMED + 1
            ),
            params![&rule.key, least],
            |row| Ok(format!("the count of {} of {} is of {} people only", row.str(0)?, row.int(1)?, row.int(2)?)),
        )?;
        // A count by what says who somebody is would be a list of people.
        let kinds: Vec<&str> = rule
            .counts_by
            .iter()
            .flatten()
            .filter_map(|kind| self.policy.kind(*kind))
            .map(|kind| kind.name.as_str())
            .collect();
        let (counts, waits) = crate::anonymous::of_rule(self.tx, &rule.key)?;
        for count in &counts {
            for name in count.by.keys().filter(|name| !kinds.contains(&name.as_str())) {
                let said = format!(
                    "the count of {} of {} is split by {name}, which the clause does not name",
                    count.kind, count.year
                );
                broken.push(said);
            }
        }
        for kind in rule.kinds.iter().filter(|_| rule.then == Disposal::Anonymise) {
            let theirs = self.of_kind(kind)?;
            broken.extend(theirs.into_iter().map(|row| format!("not anonymous: {row}")));
        }
        let counted = usize::try_from(counts.iter().map(|count| count.rows).sum::<i64>()).unwrap_or(0);
        let mut seen = Seen::of(counted, "rows made anonymous and counted", named(broken));
        if waits > 0 {
            seen.figure.push_str(&format!(", {waits} that wait until they are enough to be counted"));
        }
        Ok(seen)
    }
}
