//! What is kept on because somebody decided so: reviews done with a reason, holds that somebody answers for; and that what
//! went does not go on lying in the database's log.

use policy::RuleId;

use super::{NAMED, Prover, Seen, named};
use crate::{Result, params, request, residue};

/// A ground that was kept on, though nobody said why or who did it.
pub(super) const UNREASONED: &str =
    "reviewed_on IS NOT NULL AND (reviewed_why IS NULL OR TRIM(reviewed_why) = '' OR reviewed_by IS NULL)";

impl Prover<'_, '_> {
    pub(super) fn reviews_done(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let limit = NAMED + 1;
        // Found by the day, since few are late and many are of the rule: hence no plain `rule`.
        let mut broken = self.tx.all(
            &format!(
                "SELECT id, person_id, review_on FROM ground WHERE rule || '' = ?1 AND state = 'active' AND review_on IS NOT NULL
                    AND review_on < ?2 ORDER BY review_on, id LIMIT {limit}"
            ),
            params![&rule.key, self.today],
            |row| Ok(format!("ground {} of person {}: its review of {} was passed", row.int(0)?, row.opt_int(1)?.unwrap_or(0), row.date(2)?)),
        )?;
        if self.clauses()?.iter().any(|named| named.rule == rule.key && named.unreasoned) {
            broken.extend(self.tx.all(
                &format!(
                    "SELECT id, person_id, reviewed_on FROM ground WHERE rule = ?1 AND state = 'active' AND {UNREASONED}
                        ORDER BY id LIMIT {limit}"
                ),
                params![&rule.key],
                |row| {
                    let (ground, person) = (row.int(0)?, row.opt_int(1)?.unwrap_or(0));
                    Ok(format!("ground {ground} of person {person} was kept on on {} and nobody said why", row.date(2)?))
                },
            )?);
        }
        broken.extend(self.begun_anew(rule)?);
        let grounds = self.count(
            "SELECT COUNT(*) FROM ground WHERE rule = ?1 AND state = 'active' AND review_on IS NOT NULL",
            params![&rule.key],
        )?;
        Ok(Seen::of(grounds, "reviews, none passed, each with its reason", named(broken)))
    }

    /// The holds that keep something of a rule: each with a reason, with somebody here who answers for it, and looked at
    /// in time.
    pub(super) fn holds_answered(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        // Holds are few and grounds are many: a cross join keeps SQLite from going through the grounds.
        let keeping = "FROM (SELECT id AS hold_id, person_id FROM hold WHERE ended_on IS NULL AND person_id IS NOT NULL
            UNION ALL SELECT w.id, p.person_id FROM hold w JOIN engagement_person p ON p.engagement_id = w.engagement_id
                WHERE w.ended_on IS NULL) k CROSS JOIN ground g
            WHERE g.person_id = k.person_id AND g.rule = ?1 AND g.swept_at IS NULL";
        // What the work holds for itself is kept by a hold on the work alone.
        let of_work = "h.ended_on IS NULL AND EXISTS (SELECT 1 FROM ground g
            WHERE g.person_id IS NULL AND g.engagement_id = h.engagement_id AND g.rule = ?1 AND g.swept_at IS NULL)";
        let keeping = match rule.for_work {
            true => of_work.to_owned(),
            false => format!("h.id IN (SELECT k.hold_id {keeping})"),
        };
        let holds = self.answered("hold", &keeping, &rule.key)?;
        let keeping = "h.lifted_on IS NULL AND EXISTS (SELECT 1 FROM ground g
            WHERE g.person_id = h.person_id AND g.rule = ?1 AND g.swept_at IS NULL)";
        let restrictions = self.answered("restriction", keeping, &rule.key)?;
        let mut figures = Vec::new();
        for (count, what) in [(holds.0, "holds"), (restrictions.0, "restrictions")] {
            if count > 0 {
                let words = format!("{what}, each with its reason, its owner and a day to look again");
                figures.push(policy::count::said(count, &words));
            }
        }
        let asked = self.asked_and_waiting(&rule.key)?;
        if asked.0 > 0 {
            let words = "requests for a copy that wait for their person, looked at again in time";
            figures.push(policy::count::said(asked.0, words));
        }
        let broken = holds.1.into_iter().chain(restrictions.1).chain(asked.1).collect();
        Ok(Seen { figure: figures.join("; "), broken: named(broken) })
    }

    /// How many requests for a copy wait for their person and keep something of a rule, and of which nobody has decided in
    /// time whether that goes on.
    fn asked_and_waiting(&self, rule: &str) -> Result<(usize, Vec<String>)> {
        let waiting = request::waiting(self.tx, Some(rule), self.today)?;
        let late = waiting.iter().filter(|one| one.decide_by < self.today).map(|one| {
            format!(
                "request {} of person {} has waited for them since {}, and nobody decided by {} what becomes of what is kept for it",
                one.request, one.person, one.since, one.decide_by
            )
        });
        Ok((waiting.len(), late.collect()))
    }

    /// How many of what stands keep something, and which of them lack a reason, an owner or a day to come.
    fn answered(&self, what: &str, which: &str, rule: &str) -> Result<(usize, Vec<String>)> {
        let found = self.tx.all(
            &format!(
                "SELECT h.id, h.review_on, COALESCE(h.reviewed_why, h.reason), s.id FROM {what} h
                    LEFT JOIN staff s ON s.id = h.owner_id AND (s.until IS NULL OR s.until > ?2) WHERE {which} ORDER BY h.id"
            ),
            params![rule, self.today],
            |row| Ok((row.int(0)?, row.date(1)?, row.str(2)?.trim().is_empty(), row.opt_int(3)?.is_none())),
        )?;
        let (count, mut broken) = (found.len(), Vec::new());
        for (id, review_on, no_reason, no_owner) in found {
            if review_on < self.today {
                broken.push(format!("{what} {id} was to be looked at again by {review_on}"));
            }
            if no_reason {
                broken.push(format!("{what} {id} stands and nobody said why"));
            }
            if no_owner {
                broken.push(format!("{what} {id} stands and nobody here answers for it"));
            }
        }
        Ok((count, broken))
    }

    pub(super) fn nothing_left_behind(&self) -> Result<Seen> {
        let broken = residue::overdue(self.tx)?.map(|since| {
            format!("what went since {since} may still lie in the log or the dead rows of the database")
        });
        Ok(Seen {
            figure: "what went is out of the database's log".to_owned(),
            broken: broken.into_iter().collect(),
        })
    }
}
