//! Whatever went left a certificate: each time that the log says something was let go of is held against the certificate
//! that must still be there, until its own time is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use custody::moment::Now;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::RuleId;
use serde_json::Value as Json;

use super::{NAMED, Prover, Seen, named};
use crate::asked::listed;
use crate::{Error, Result, Value, life, params, unowned};

/// How many events are held against their certificates together.
const AT_ONCE: usize = 512;

/// What the log says of certificates, by the key of the clause that let go.
#[derive(Default)]
pub(super) struct Certified {
    /// How many there are, and what is wrong with them.
    rules: BTreeMap<String, (usize, Vec<String>)>,
}

/// One event that says something went.
struct Told {
    at: Timestamp,
    body: Json,
}

impl Prover<'_, '_> {
    /// What the rule let go of has its certificate. A clause that the policy no longer has cannot answer for what it let go
    /// of: every other does.
    pub(super) fn certified(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let all = self.certificates()?;
        let keeps_them =
            self.policy.kind_named("certificate").is_some_and(|kind| rule.kinds.contains(kind.id));
        let (mut seen, mut broken) = (0, Vec::new());
        for (key, (count, wrong)) in &all.rules {
            let known = self.policy.rule_keyed(key);
            let own = keeps_them || known.is_some_and(|known| known.id == rule.id);
            seen += if own { *count } else { 0 };
            if own || known.is_none() {
                broken.extend(wrong.iter().cloned());
            }
        }
        broken.sort();
        broken.dedup();
        Ok(Seen::of(seen, "times that something went, each with its certificate", named(broken)))
    }

    /// The walk through the log, made once.
    fn certificates(&self) -> Result<Arc<Certified>> {
        self.found.certified.or(|| self.walk_through_the_log().map(Arc::new))
    }

    fn walk_through_the_log(&self) -> Result<Certified> {
        let mut found = Certified::default();
        let mut after = 0;
        // Until which day a sweep says it has let certificates go, their time being over.
        let mut through: Option<Date> = None;
        let mut missing: Vec<(Timestamp, i64, Vec<String>)> = Vec::new();
        loop {
            let sql = format!(
                "SELECT id, at, body FROM log_event WHERE act = 'let go' AND id > ?1 AND body IS NOT NULL ORDER BY id LIMIT {AT_ONCE}"
            );
            let mut some = Vec::new();
            self.tx.each(&sql, params![after], |row| {
                after = row.int(0)?;
                let body = serde_json::from_str(row.str(2)?)
                    .map_err(|_| Error::Malformed(format!("event {after} of the log")))?;
                some.push(Told { at: row.at(1)?, body });
                Ok::<(), Error>(())
            })?;
            if some.is_empty() {
                break;
            }
            for told in &some {
                let day = told.body.get("certificates_through").and_then(Json::as_str);
                through = through.max(day.and_then(|day| day.parse().ok()));
            }
            self.hold_against(&some, &mut found, &mut missing)?;
            // Only what may not have gone yet is kept in mind: with the years most have.
            let before = std::mem::take(&mut missing);
            for one in before {
                if !self.over(one.0, through)? {
                    missing.push(one);
                }
            }
        }
        for (at, certificate, rules) in missing {
            if self.over(at, through)? {
                continue;
            }
            let on = life::local_date(self.policy, at);
            let said = format!("certificate {certificate} of what went on {on} is not there");
            found.wrong(&rules, &said);
        }
        Ok(found)
    }

    /// Holds some events against the certificates they name.
    fn hold_against(
        &self,
        some: &[Told],
        found: &mut Certified,
        missing: &mut Vec<(Timestamp, i64, Vec<String>)>,
    ) -> Result<()> {
        let number = |told: &Told| told.body.get("certificate").and_then(Json::as_i64);
        let (values, list) = listed(some.iter().filter_map(number).map(Value::from));
        let mut there: BTreeMap<i64, (String, String)> = BTreeMap::new();
        if !values.is_empty() {
            let sql = format!("SELECT id, counts, cause FROM certificate WHERE id IN ({list})");
            self.tx.each(&sql, &values, |row| {
                there.insert(row.int(0)?, (row.text(1)?, row.text(2)?));
                Ok::<(), Error>(())
            })?;
        }
        for told in some {
            let Some(certificate) = number(told) else { continue };
            let rules: Vec<String> = match told.body.get("rules").and_then(Json::as_array) {
                Some(rules) => rules.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
                None => Vec::new(),
            };
            let Some((counts, cause)) = there.get(&certificate) else {
                missing.push((told.at, certificate, rules));
                continue;
            };
            let counts: Option<Json> = serde_json::from_str(counts).ok();
            if counts.as_ref() != told.body.get("counts")
                || told.body.get("cause").and_then(Json::as_str) != Some(cause)
            {
                found
                    .wrong(&rules, &format!("certificate {certificate} does not say what the log says went"));
            }
            found.count(&rules);
        }
        Ok(())
    }

    /// Whether a certificate of that moment may have gone, its own time being over.
    fn over(&self, at: Timestamp, through: Option<Date>) -> Result<bool> {
        if through.is_some_and(|through| life::local_date(self.policy, at) <= through) {
            return Ok(true);
        }
        let last = unowned::certificate_until(self.policy, at, self.today);
        Ok(last.is_some_and(|last| last.over(Now::at(self.today, self.now))))
    }
}

impl Certified {
    fn of(&mut self, rules: &[String]) -> impl Iterator<Item = &mut (usize, Vec<String>)> {
        // What went under no clause of the policy stands under a name that none has.
        for key in rules {
            self.rules.entry(key.clone()).or_default();
        }
        if rules.is_empty() {
            self.rules.entry(String::new()).or_default();
        }
        self.rules
            .iter_mut()
            .filter(|(key, _)| if rules.is_empty() { key.is_empty() } else { rules.contains(key) })
            .map(|(_, found)| found)
    }

    fn count(&mut self, rules: &[String]) {
        self.of(rules).for_each(|(count, _)| *count += 1);
    }

    fn wrong(&mut self, rules: &[String], said: &str) {
        for (count, wrong) in self.of(rules) {
            *count += 1;
            if wrong.len() <= NAMED {
                wrong.push(said.to_owned());
            }
        }
    }
}
