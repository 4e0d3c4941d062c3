//! Who was told, when, and by which notice.

use std::collections::BTreeSet;

use custody::decide::exempt;
use jiff::Span;
use jiff::civil::Date;
use policy::activity::has_sender;
use policy::policy::NoticeGiven;

use super::{NAMED, Prover, Seen, named};
use crate::{Error, Result, life, params, sender, told};

impl Prover<'_, '_> {
    /// From which day on something is owed that the policy promises of its notice, and that the program knows of since a day. What came
    /// before a later version promised it was not owed; before the first version's day that one counts.
    fn owed_since(&self, known: Date, promises: impl Fn(&NoticeGiven) -> bool) -> Result<Date> {
        let (since, from_the_first) = self.promised_since(promises)?;
        Ok(if from_the_first { known } else { known.max(since) })
    }

    /// Since which day the policy promises something of its notice without a break, and whether that is since its first version.
    fn promised_since(&self, promises: impl Fn(&NoticeGiven) -> bool) -> Result<(Date, bool)> {
        let versions = self.versions()?;
        let mut since = None;
        for version in versions.iter().filter(|version| version.from <= self.policy.from) {
            since = promises(&version.notice).then(|| since.unwrap_or(version.from));
        }
        let since = since.unwrap_or(self.policy.from);
        Ok((since, versions.first().is_some_and(|first| first.from == since)))
    }

    /// Whoever gave us a detail themselves had been shown our notice by that day.
    pub(super) fn told_when_given(&self) -> Result<Seen> {
        let since = self.owed_since(told::known_since(self.tx)?, |notice| notice.on_forms)?;
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
        let since = self.owed_since(told::known_since(self.tx)?, |notice| notice.within.is_some())?;
        // Each by the time that was promised on the day on which their details came.
        let versions = self.versions()?;
        let then = |on: Date| versions.iter().rev().find(|version| version.from <= on);
        let promised = |on: Date| then(on).and_then(|version| version.notice.within).unwrap_or(within);
        let late =
            |collected: Date| collected.checked_add(promised(collected)).is_ok_and(|due| due < self.cut);
        let all = versions.iter().filter_map(|version| version.notice.within);
        let before = all.filter_map(|within| self.cut.checked_sub(within).ok()).max().unwrap_or(self.cut);
        let mut broken = Vec::new();
        // A day more than the shortest month may take, and then each by its own date.
        let sql = "SELECT i.person_id, MIN(i.collected_on) FROM item i WHERE i.collected_on >= ?1 AND i.collected_on <= ?2
                AND NOT EXISTS (SELECT 1 FROM told t WHERE t.person_id = i.person_id)
                GROUP BY i.person_id ORDER BY i.person_id";
        self.tx.each(sql, params![since, before], |row| {
            let collected = row.date(1)?;
            if broken.len() <= NAMED && late(collected) {
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

    /// Whoever sent details of somebody got the link to pass on, by a message that left or by somebody's hands, and in the time in
    /// which people are told.
    pub(super) fn sender_told(&self) -> Result<Seen> {
        let (promised, _) = self.promised_since(|notice| notice.through_sender)?;
        let since = sender::known_since(self.tx)?.max(promised);
        let sources: BTreeSet<&String> = self.policy.activities.iter().flat_map(|one| &one.from).collect();
        let mut broken = Vec::new();
        for source in sources.into_iter().filter(|source| has_sender(source)) {
            let sql = format!(
                "SELECT i.person_id, MIN(i.collected_on) FROM item i WHERE i.source = ?1 AND i.collected_on >= ?2
                    AND NOT EXISTS (SELECT 1 FROM sender_told s WHERE s.person_id = i.person_id AND s.source = i.source)
                    GROUP BY i.person_id ORDER BY i.person_id LIMIT {}",
                NAMED + 1
            );
            broken.extend(self.tx.all(&sql, params![source, since], |row| {
                Ok(format!(
                    "details of person {} came from {source} on {}, and nothing says that it got the link to pass on",
                    row.int(0)?,
                    row.date(1)?
                ))
            })?);
        }
        let within = self.policy.notice.within.unwrap_or_else(|| Span::new().months(1));
        let sql = "SELECT s.id, s.person_id, s.on_date, s.done_on, m.id, m.state, m.body, t.id, t.done_on FROM sender_told s
            LEFT JOIN message m ON m.id = s.message_id LEFT JOIN task t ON t.id = s.task_id ORDER BY s.id";
        let mut looked = 0;
        self.tx.each(sql, &[], |row| {
            looked += 1;
            if broken.len() > NAMED {
                return Ok(());
            }
            let (id, person, on) = (row.int(0)?, row.int(1)?, row.date(2)?);
            let due = on.checked_add(within).map_err(|error| Error::Malformed(error.to_string()))?;
            let what = match row.opt_date(3)? {
                None if due < self.cut => Some("nobody has given it to them yet".to_owned()),
                None => None,
                Some(done) if done > due => Some(format!("they got it only on {done}")),
                Some(_) => {
                    let left = row.opt_int(4)?.is_none() || row.opt_str(5)? == Some("sent");
                    let leads = row.opt_str(6)?.is_none_or(|body| body.is_empty() || body.contains("/privacy"));
                    let given = row.opt_int(7)?.is_none() || row.opt_date(8)?.is_some();
                    match (left, leads, given) {
                        (false, _, _) => Some("the message with it has not left".to_owned()),
                        (_, false, _) => Some("the message does not lead to the notice".to_owned()),
                        (_, _, false) => Some("whoever was to give it to them has not".to_owned()),
                        _ => None,
                    }
                }
            };
            if let Some(what) = what {
                broken.push(format!(
                    "sender {id} of details of person {person}, who came on {on}, was to get the link by {due}: {what}"
                ));
            }
            Ok::<(), Error>(())
        })?;
        Ok(Seen::of(
            looked,
            "times whoever sent details got the link to pass on, or gets it in time",
            named(broken),
        ))
    }
}
