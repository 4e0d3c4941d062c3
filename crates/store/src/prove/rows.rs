//! Rows that go one by one: none is still here after its own end, whatever its ground does.

use std::collections::BTreeMap;

use custody::coverage;
use custody::life::Life;
use custody::moment::Now;
use custody::rows;
use jiff::SignedDuration;
use policy::RuleId;

use super::{Prover, Seen, named};
use crate::{Result, params};

/// How long after its moment a row kept by the hour is late: the hourly sweep has come by once.
const LATE: SignedDuration = SignedDuration::from_mins(90);

impl Prover<'_, '_> {
    pub(super) fn each_in_time(&self, rule: RuleId) -> Result<Seen> {
        let broken = self.everybody()?.late.get(&rule).cloned().unwrap_or_default();
        let key = &self.rule(rule)?.key;
        let waiting = self.count(
            "SELECT COUNT(*) FROM ground WHERE rule = ?1 AND state = 'active' AND row_on IS NOT NULL",
            params![key],
        )?;
        let counted = self.tx.count(
            "SELECT CAST(COALESCE(SUM(how_many), 0) AS BIGINT) FROM forgotten WHERE rule = ?1",
            params![key],
        )?;
        let mut seen = Seen::of(waiting, "people of whom each row goes by itself", named(broken));
        if counted > 0 {
            seen.figure.push_str(&format!(", {counted} rows counted and let go before"));
        }
        Ok(seen)
    }

    /// The rows of one person that the sweep should have taken by themselves.
    pub(super) fn late_rows(&self, life: &Life, found: &mut BTreeMap<RuleId, Vec<String>>) -> Result<()> {
        let late = Now::at(self.cut, self.now.saturating_sub(LATE).unwrap_or(self.now));
        for ground in life.grounds.iter().filter(|ground| ground.row.is_some() || ground.active(self.cut)) {
            let by_row = self.policy.rules.get(ground.rule.index()).is_some_and(|rule| rule.by_row);
            for kept in life.records.iter().filter(|_| by_row) {
                let datum = &kept.datum;
                let ended = coverage::covers(self.policy, ground, life.person, datum)
                    && rows::last_of(self.policy, life, ground, datum, self.today)
                        .is_some_and(|last| last.over(late));
                if !ended
                    || coverage::covered(self.policy, life, datum, late)
                    || self.row_waits(life, datum)?
                {
                    continue;
                }
                let kind = self.policy.kind(datum.kind).map_or("row", |kind| kind.name.as_str());
                let said = format!("{kind} {} of person {} outlived its own end", datum.id, life.person);
                let broken = found.entry(ground.rule).or_default();
                if !broken.contains(&said) {
                    broken.push(said);
                }
            }
        }
        Ok(())
    }

    /// Whether something keeps what is due: a hold, a restriction, an open request, or a task about the row itself.
    fn row_waits(&self, life: &Life, datum: &coverage::Datum) -> Result<bool> {
        let suspended = format!("SELECT 1 WHERE {}", self.waits("?2"));
        if self.tx.any(&suspended, params![self.cut, life.person])? {
            return Ok(true);
        }
        let column = match datum.table {
            "document" => "document_id",
            "paper" => "paper_id",
            _ => return Ok(false),
        };
        let task = format!("SELECT 1 FROM task WHERE {column} = ?1 AND done_on IS NULL");
        self.tx.any(&task, params![datum.id])
    }
}
