//! What has ended and still holds somebody: a category that nobody has any more, a clause that waits for an end that came, a
//! member of staff who left and is held as one, and a review put off by something taken back.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::{Rule, RuleId};

use super::{NAMED, Prover, Seen, named};
use crate::asked::placeholders;
use crate::{Error, Result, Value, life, params};

/// Days in which somebody must have said whether a person whose account ended is still what they were held as.
const DAYS: i64 = 14;

/// Whoever has ceased to be one of some category: nobody else can be no longer one of a category. They are few, and SQLite goes
/// by them.
pub(super) const SOME_ENDED: &str = "SELECT person_id FROM person_category WHERE until IS NOT NULL";

impl Prover<'_, '_> {
    /// The day since when nothing makes the person of a ground `g` one of a category any more: nobody says so of them, and no
    /// work that stands has them in such a part. Null while something does.
    pub(super) fn no_longer(&self, category: &str, values: &mut Vec<Value<'static>>) -> String {
        let mut add = |value: &str| {
            values.push(value.to_owned().into());
            format!("?{}", values.len())
        };
        let name = add(category);
        let mut parts: Vec<String> = Vec::new();
        for work in &self.policy.works {
            for part in &work.parts {
                let makes = self.policy.categories.get(part.category.index());
                if makes.is_some_and(|makes| makes.name == category) {
                    parts.push(format!("(e.work = {} AND p.part = {})", add(&work.name), add(&part.name)));
                }
            }
        }
        let parts = if parts.is_empty() { "1 = 0".to_owned() } else { parts.join(" OR ") };
        format!(
            "(SELECT MAX(k.until) FROM person_category k WHERE k.person_id = g.person_id AND k.category = {name} AND k.annulled_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM person_category s WHERE s.person_id = g.person_id AND s.category = {name}
                    AND s.until IS NULL AND s.annulled_at IS NULL)
                AND NOT EXISTS (SELECT 1 FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
                    WHERE p.person_id = g.person_id AND p.until IS NULL AND e.closed_on IS NULL AND ({parts})
                    AND NOT EXISTS (SELECT 1 FROM person_category t WHERE t.person_id = g.person_id AND t.category = {name}
                        AND t.annulled_at IS NULL AND t.until >= p.since)))"
        )
    }

    /// Whether the person of a ground `g` has become one of those its activity is for since a day, by themselves or by a part on
    /// work: what ended an earlier time with us says nothing about this one.
    pub(super) fn begun_since(&self, rule: &Rule, day: &str, values: &mut Vec<Value<'static>>) -> String {
        let mut add = |value: &str| {
            values.push(value.to_owned().into());
            format!("?{}", values.len())
        };
        let whom = self.policy.activity(rule.activity).map(|activity| activity.for_whom.as_slice());
        let mut ways: Vec<String> = Vec::new();
        for id in whom.unwrap_or_default().iter().map(|whom| whom.category) {
            let Some(category) = self.policy.categories.get(id.index()) else { continue };
            ways.push(format!(
                "EXISTS (SELECT 1 FROM person_category k WHERE k.person_id = g.person_id AND k.category = {} AND k.annulled_at IS NULL
                    AND k.since > {day})",
                add(&category.name)
            ));
            let parts =
                self.policy.works.iter().flat_map(|work| work.parts.iter().map(move |part| (work, part)));
            for (work, part) in parts.filter(|(_, part)| part.category == id) {
                ways.push(format!(
                    "EXISTS (SELECT 1 FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id
                        WHERE p.person_id = g.person_id AND e.work = {} AND p.part = {} AND p.since > {day})",
                    add(&work.name),
                    add(&part.name)
                ));
            }
        }
        if ways.is_empty() { "1 = 0".to_owned() } else { ways.join(" OR ") }
    }

    pub(super) fn ends_counted(&self, rule: RuleId, categories: &[String]) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let mut broken = Vec::new();
        for category in categories {
            let mut values: Vec<Value<'static>> = vec![rule.key.clone().into(), self.today.into()];
            let ended = self.no_longer(category, &mut values);
            let sql = format!(
                "SELECT g.id, g.person_id, {ended} FROM ground g WHERE g.rule = ?1 AND g.state = 'active' AND g.due_on IS NULL
                    AND g.person_id IN ({SOME_ENDED}) AND {ended} <= ?2 ORDER BY g.id LIMIT {}",
                NAMED + 1
            );
            broken.extend(self.tx.all(&sql, &values, |row| {
                Ok(format!(
                    "ground {} of person {} has no last day, though they are no longer {category} since {}",
                    row.int(0)?,
                    row.int(1)?,
                    row.str(2)?
                ))
            })?);
        }
        broken.extend(self.accounts_ended(rule, categories)?);
        let counted = self.count(
            "SELECT COUNT(*) FROM ground WHERE rule = ?1 AND state = 'active' AND due_on IS NOT NULL",
            params![&rule.key],
        )?;
        let what = format!("people who are no longer {}, each with a last day", categories.join(" or "));
        Ok(Seen::of(counted, &what, named(broken)))
    }

    /// Whoever had an account here and has none any more, is held as one who works here, and nobody has said for how long.
    fn accounts_ended(&self, rule: &Rule, categories: &[String]) -> Result<Vec<String>> {
        if self.activity(rule.activity)?.purpose != Purpose::PersonnelManagement {
            return Ok(Vec::new());
        }
        let before =
            self.today.checked_sub(DAYS.days()).map_err(|error| Error::Malformed(error.to_string()))?;
        let mut values: Vec<Value<'static>> = vec![rule.key.clone().into(), before.into()];
        values.extend(categories.iter().map(|category| category.clone().into()));
        let sql = format!(
            "SELECT g.id, g.person_id, MAX(s.until) FROM (SELECT id, person_id, until FROM staff WHERE person_id IS NOT NULL
                    UNION SELECT a.id, i.person_id, a.until FROM staff a JOIN item i ON i.kind = 'email' AND i.normal = a.email) s
                JOIN ground g ON g.person_id = s.person_id WHERE g.rule = ?1 AND g.state = 'active' AND g.due_on IS NULL AND EXISTS (SELECT 1 FROM person_category c
                    WHERE c.person_id = g.person_id AND c.category IN ({}) AND c.until IS NULL AND c.annulled_at IS NULL)
                GROUP BY g.id, g.person_id, g.reviewed_on HAVING COUNT(*) = COUNT(s.until) AND MAX(s.until) < ?2
                    AND (g.reviewed_on IS NULL OR g.reviewed_on < MAX(s.until)) ORDER BY g.id LIMIT {}",
            placeholders(2, categories.len()),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "the account of person {} ended on {}, and nobody has said whether they are still {} (ground {})",
                row.int(1)?,
                row.str(2)?,
                categories.join(" or "),
                row.int(0)?
            ))
        })
    }

    /// Grounds that began anew while what ended the one before could still be taken back: its review was put off, and nobody
    /// said why.
    pub(super) fn begun_anew(&self, rule: &Rule) -> Result<Vec<String>> {
        // Those that stopped are fewer than those that stand: a cross join keeps SQLite from going through these.
        let sql = "SELECT g.id, g.person_id, s.review_on, g.review_on, g.opened_on, s.swept_at FROM ground s CROSS JOIN ground g
            WHERE s.rule = ?1 AND s.state = 'stopped' AND g.person_id = s.person_id AND g.rule = s.rule
                AND COALESCE(s.engagement_id, 0) = COALESCE(g.engagement_id, 0)
                AND g.state = 'active' AND g.reviewed_on IS NULL AND s.review_on < g.review_on
                AND (s.cause LIKE 'event %' OR s.cause = 'annulled') AND (s.due_on IS NULL OR s.due_on <> s.stopped_on)
                AND s.stopped_on <= g.opened_on ORDER BY g.id";
        let mut found = Vec::new();
        self.tx.each(sql, params![&rule.key], |row| {
            let (opened, swept): (Date, _) = (row.date(4)?, row.opt_at(5)?);
            if swept.is_none_or(|at| opened < life::local_date(self.policy, at)) {
                found.push(format!(
                    "ground {} of person {} began anew: its review of {} became one of {}, and nobody said why",
                    row.int(0)?,
                    row.int(1)?,
                    row.date(2)?,
                    row.date(3)?
                ));
            }
            Ok::<(), Error>(())
        })?;
        Ok(found)
    }
}
