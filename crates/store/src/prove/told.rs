//! Who was told, when, and by which notice.

use custody::decide::exempt;
use jiff::civil::Date;

use super::{NAMED, Prover, Seen, named};
use crate::{Error, Result, life, params, told};

impl Prover<'_, '_> {
    /// Whoever gave us a detail themselves had been shown our notice by that day.
    pub(super) fn told_when_given(&self) -> Result<Seen> {
        let since = told::known_since(self.tx)?;
        let sql = format!(
            "SELECT i.id, i.person_id, i.collected_on FROM item i WHERE i.source = 'the person' AND i.collected_on >= ?1
                AND NOT EXISTS (SELECT 1 FROM told t WHERE t.person_id = i.person_id AND t.on_date <= i.collected_on
                    AND t.way <> 'source') ORDER BY i.id LIMIT {}",
            NAMED + 1
        );
        let broken = self.tx.all(&sql, params![since], |row| {
            Ok(format!(
                "person {} gave item {} on {} and was not shown the notice by then",
                row.int(1)?,
                row.int(0)?,
                row.date(2)?
            ))
        })?;
        let shown = self.count("SELECT COUNT(*) FROM told WHERE way <> 'source'", &[])?;
        Ok(Seen::of(shown, "times somebody was shown the notice, each with its version", named(broken)))
    }

    /// Nobody is held longer than the policy says, or was written to, without having been told.
    pub(super) fn told_in_time(&self) -> Result<Seen> {
        let Some(within) = self.policy.notice.within else { return Ok(Seen::default()) };
        let since = told::known_since(self.tx)?;
        let before = self.cut.checked_sub(within).map_err(|error| Error::Malformed(error.to_string()))?;
        let late = |collected: Date| collected.checked_add(within).is_ok_and(|due| due < self.cut);
        let mut broken = Vec::new();
        // A day more than the shortest month may take, and then each by its own date.
        let sql = format!(
            "SELECT i.person_id, MIN(i.collected_on) FROM item i WHERE i.collected_on >= ?1 AND i.collected_on <= ?2
                AND NOT EXISTS (SELECT 1 FROM told t WHERE t.person_id = i.person_id)
                GROUP BY i.person_id ORDER BY i.person_id LIMIT {}",
            10 * NAMED
        );
        self.tx.each(&sql, params![since, before], |row| {
            let collected = row.date(1)?;
            if late(collected) {
                broken.push(format!(
                    "person {} is held since {collected} and was not told within the policy's time",
                    row.int(0)?
                ));
            }
            Ok::<(), Error>(())
        })?;
        let sql = "SELECT m.id, m.person_id, m.activity, m.sent_at, (SELECT MIN(t.on_date) FROM told t WHERE t.person_id = m.person_id)
            FROM message m WHERE m.state = 'sent' AND m.person_id IS NOT NULL AND m.sent_at IS NOT NULL AND m.queued_on >= ?1
                AND m.request_id IS NULL AND NOT EXISTS (
                    SELECT 1 FROM told t WHERE t.person_id = m.person_id AND t.on_date <= m.queued_on)
            ORDER BY m.id";
        self.tx.each(sql, params![since], |row| {
            let activity = row.opt_text(2)?.and_then(|name| self.policy.activity_named(&name));
            let on = life::local_date(self.policy, row.at(3)?);
            let told = row.opt_date(4)?.is_some_and(|told| told <= on);
            if !told && !exempt(activity.map(|activity| activity.purpose)) && broken.len() <= NAMED {
                broken.push(format!(
                    "message {} of {on} was the first person {} heard of us, and did not lead to the notice",
                    row.int(0)?,
                    row.int(1)?
                ));
            }
            Ok::<(), Error>(())
        })?;
        let people = self.count("SELECT COUNT(DISTINCT person_id) FROM told", &[])?;
        Ok(Seen::of(people, "people told, each in time and before they were written to", named(broken)))
    }
}
