//! What a clause says about time: stored dates agree with the facts, events end grounds at once, reviews are
//! done, and long agreed periods have a reason.

use std::collections::BTreeSet;

use jiff::Span as Period;
use policy::clock::over_cap;
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::{Rule, RuleId};

use super::{NAMED, Prover, Seen, named};
use crate::{Error, Result, Value, life_event, params};

impl Prover<'_, '_> {
    pub(super) fn cache_agrees(&self, rule: RuleId) -> Result<Seen> {
        let broken = self.everybody()?.stale.get(&rule).cloned().unwrap_or_default();
        let grounds = self.standing(self.rule(rule)?)?;
        Ok(Seen::of(grounds, "stored dates equal to what the facts say", named(broken)))
    }

    pub(super) fn ends_at_once(&self, rule: RuleId, events: &[String]) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let mut broken = Vec::new();
        for event in events {
            broken.extend(self.outlived(rule, event)?);
        }
        let ended = self.count(
            "SELECT COUNT(*) FROM ground WHERE rule = ?1 AND state = 'stopped' AND cause LIKE 'event %'",
            params![&rule.key],
        )?;
        Ok(Seen::of(ended, &format!("grounds ended by {}", events.join(" or ")), named(broken)))
    }

    /// Active grounds of a rule whose person or work has had the event.
    fn outlived(&self, rule: &Rule, event: &str) -> Result<Vec<String>> {
        let bare = event.strip_prefix("last ").or_else(|| event.strip_prefix("first ")).unwrap_or(event);
        // The day it happened, and whom it can have happened to at all: they are few, and SQLite goes by them.
        let left = life_event::day_left("g.person_id");
        let (happened, whom) = match bare {
            LEFT_THE_ORGANISATION => (
                left.as_str(),
                "SELECT person_id FROM belonging WHERE until IS NOT NULL",
            ),
            "asked not to call" => (
                "(SELECT MIN(o.made_on) FROM objection o WHERE o.person_id = g.person_id AND o.lifted_on IS NULL
                    AND (o.scope IN ('calls', 'all contact') OR (o.scope = 'purpose' AND o.named = 'DirectMarketing'))
                    AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = g.person_id AND c.activity = g.activity
                        AND c.given_on >= o.made_on AND c.withdrawn_on IS NULL))",
                "SELECT person_id FROM objection WHERE lifted_on IS NULL",
            ),
            "consent withdrawn" => (
                "(SELECT MAX(c.withdrawn_on) FROM consent c WHERE c.person_id = g.person_id AND c.activity = g.activity
                    AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.person_id = g.person_id AND n.activity = g.activity
                        AND n.withdrawn_on IS NULL AND n.given_on >= c.withdrawn_on))",
                "SELECT person_id FROM consent WHERE withdrawn_on IS NOT NULL",
            ),
            _ => ("NULL", ""),
        };
        let mut values: Vec<Value<'static>> = vec![rule.key.clone().into(), self.today.into()];
        let (name, happened, whom) = match bare.strip_prefix("no longer ") {
            Some(category) => (category, self.no_longer(category, &mut values), super::ended::SOME_ENDED),
            None => (bare, happened.to_owned(), whom),
        };
        let mut broken = Vec::new();
        if happened != "NULL" {
            let again = match bare {
                LEFT_THE_ORGANISATION => self.begun_since(rule, &happened, &mut values),
                _ => "1 = 0".to_owned(),
            };
            let sql = format!(
                "SELECT g.id, g.person_id, {happened} FROM ground g WHERE g.rule = ?1 AND g.state = 'active' AND g.person_id IN ({whom})
                    AND {happened} <= ?2 AND NOT ({again}) ORDER BY g.id LIMIT {}",
                NAMED + 1
            );
            broken.extend(self.tx.all(&sql, &values, |row| {
                Ok(format!(
                    "ground {} of person {} outlived `{event}` of {}",
                    row.int(0)?,
                    row.int(1)?,
                    row.str(2)?
                ))
            })?);
        }
        let mut values: Vec<Value<'static>> =
            vec![rule.key.clone().into(), self.today.into(), name.to_owned().into()];
        let again = self.begun_since(rule, "v.on_date", &mut values);
        let sql = format!(
            "SELECT g.id, g.person_id, v.on_date FROM ground g JOIN life_event v ON v.person_id = g.person_id
                WHERE g.rule = ?1 AND g.state = 'active' AND v.name = ?3 AND v.on_date <= ?2 AND {}
                    AND NOT ({again}) ORDER BY g.id LIMIT {}",
            life_event::speaks(),
            NAMED + 1
        );
        broken.extend(self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "ground {} of person {} outlived `{event}` of {}",
                row.int(0)?,
                row.int(1)?,
                row.str(2)?
            ))
        })?);
        let sql = format!(
            "SELECT g.id, g.person_id, m.on_date FROM ground g JOIN milestone m ON m.engagement_id = g.engagement_id
                WHERE g.rule = ?1 AND g.state = 'active' AND m.name = ?3 AND m.on_date <= ?2 AND m.undone_at IS NULL ORDER BY g.id LIMIT {}",
            NAMED + 1
        );
        broken.extend(self.tx.all(&sql, params![&rule.key, self.today, name], |row| {
            Ok(format!(
                "ground {} of person {} outlived `{event}` of {}",
                row.int(0)?,
                row.opt_int(1)?.unwrap_or(0),
                row.str(2)?
            ))
        })?);
        Ok(broken)
    }

    pub(super) fn caps_reasoned(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let Some(work) = rule.work.and_then(|work| self.policy.works.get(work.index())) else {
            return Ok(Seen::default());
        };
        let agreed = self.tx.all(
            "SELECT a.id, a.engagement_id, a.period, a.reason, a.agreed_on FROM agreement a JOIN engagement e ON e.id = a.engagement_id
                WHERE e.work = ?1 ORDER BY a.id",
            params![&work.name],
            |row| Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.opt_text(3)?, row.date(4)?)),
        )?;
        let mut broken = Vec::new();
        let mut reasoned = BTreeSet::new();
        for (id, engagement, period, reason, on) in &agreed {
            let period: Period = period.parse().map_err(|_| Error::Malformed("an agreed period".into()))?;
            let given = reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
            match over_cap(&rule.phrase, &period, *on) {
                Some(over) if !over.with_reason => broken
                    .push(format!("agreement {id} on work {engagement} is over a cap that takes no reason")),
                Some(_) if !given => broken
                    .push(format!("agreement {id} on work {engagement} is over the cap without a reason")),
                Some(_) => {
                    reasoned.insert(*id);
                }
                None => {}
            }
        }
        let words = format!("agreed periods, {} over the cap with a reason", reasoned.len());
        Ok(Seen::of(agreed.len(), &words, named(broken)))
    }
}
