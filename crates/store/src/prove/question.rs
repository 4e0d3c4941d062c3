//! What we ask people on their work: the agreement goes to whoever pays for themselves and to nobody else, the opt-in
//! question to everybody at its time, and nothing but a yes counts as one.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{ActivityId, WorkId};

use super::{Prover, Seen, named};
use crate::{Error, Result, params};

/// Days in which an agreement or a question must have left, or somebody must have put it by hand.
const DAYS: i64 = 14;
/// How far back it is looked: what was sent is itself let go after a time.
const YEARS: i64 = 1;

/// A piece of work and its person, as far as these obligations look.
struct Looked {
    engagement: i64,
    on: Date,
    by_person: bool,
    by_organisation: bool,
}

impl Prover<'_, '_> {
    pub(super) fn agreement_sent(&self, work: WorkId) -> Result<Seen> {
        let Some(work) = self.policy.works.get(work.index()) else { return Ok(Seen::default()) };
        let (Some(agreement), Some(whom)) = (&work.agreement, work.parts.first()) else {
            return Ok(Seen::default());
        };
        let Some(kind) = self.policy.kind(agreement.document) else { return Ok(Seen::default()) };
        let person_pays = agreement.when.strip_prefix("the ").unwrap_or(&agreement.when) == whom.name;
        let sql = "SELECT e.id, e.opened_on, e.paid_by_person_id, e.paid_by_organisation_id FROM engagement e
            JOIN engagement_person p ON p.engagement_id = e.id AND p.part = ?2 WHERE e.work = ?1 ORDER BY e.id";
        let all = self.tx.all(sql, params![&work.name, &whom.name], |row| {
            Ok(Looked {
                engagement: row.int(0)?,
                on: row.date(1)?,
                by_person: row.opt_int(2)?.is_some(),
                by_organisation: row.opt_int(3)?.is_some(),
            })
        })?;
        let since = self.since()?;
        let mut broken = Vec::new();
        let mut owed = 0;
        for one in &all {
            let theirs = if person_pays { one.by_person } else { one.by_organisation };
            let asked = self.tx.any(
                "SELECT 1 FROM message WHERE engagement_id = ?1 AND asks = 'agreement' AND state <> 'refused'",
                params![one.engagement],
            )?;
            let left = self.tx.any(
                "SELECT 1 FROM message WHERE engagement_id = ?1 AND asks = 'agreement' AND state = 'sent'",
                params![one.engagement],
            )?;
            let filed = |ours: &str| {
                let sql = format!(
                    "SELECT 1 FROM document d JOIN document_work w ON w.document_id = d.id
                        WHERE w.engagement_id = ?1 AND d.kind = ?2 AND d.source {ours} 'us'"
                );
                self.tx.any(&sql, params![one.engagement, &kind.name])
            };
            if !theirs && (asked || filed("=")?) {
                broken.push(format!(
                    "{} {}, not paid by {}: a {} was written",
                    work.name,
                    one.engagement,
                    agreement.when.trim_start_matches("the "),
                    kind.name
                ));
            }
            if theirs && one.on >= since {
                owed += 1;
                if self.late(one.on)? && !left && !filed("<>")? {
                    broken.push(format!(
                        "{} {} of {}: no {} was sent",
                        work.name, one.engagement, one.on, kind.name
                    ));
                }
            }
        }
        let figure = format!(
            "{owed} of {} opened within a year are paid by {}, each sent the {}",
            policy::count::plural(&work.name),
            agreement.when,
            kind.name
        );
        Ok(Seen { figure, broken: named(broken) })
    }

    pub(super) fn opt_in_asked(&self, activity: ActivityId, work: WorkId, milestone: &str) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let Some(work) = self.policy.works.get(work.index()) else { return Ok(Seen::default()) };
        let Some(whom) = work.parts.first() else { return Ok(Seen::default()) };
        let asks = format!("opt-in {}", activity.name);
        let since = self.since()?;
        let sql = "SELECT e.id, m.on_date, p.person_id FROM engagement e
            JOIN engagement_person p ON p.engagement_id = e.id AND p.part = ?2
            JOIN milestone m ON m.engagement_id = e.id AND m.name = ?3 AND m.undone_at IS NULL
            WHERE e.work = ?1 AND m.on_date >= ?4 ORDER BY e.id";
        let ended = self.tx.all(sql, params![&work.name, &whom.name, milestone, since], |row| {
            Ok((row.int(0)?, row.date(1)?, row.int(2)?))
        })?;
        let mut broken = Vec::new();
        for (engagement, on, person) in &ended {
            let left = self.tx.any(
                "SELECT 1 FROM message WHERE engagement_id = ?1 AND asks = ?2 AND (state = 'sent' OR answer IS NOT NULL)",
                params![*engagement, &asks],
            )?;
            let by_hand = self.tx.any(
                "SELECT 1 FROM task WHERE engagement_id = ?1 AND done_on IS NOT NULL AND what LIKE 'Ask%'",
                params![*engagement],
            )?;
            let said = self.tx.any(
                "SELECT 1 FROM consent WHERE person_id = ?1 AND activity = ?2 AND given_on >= ?3",
                params![*person, &activity.name, *on],
            )?;
            if self.late(*on)? && !left && !by_hand && !said {
                broken.push(format!(
                    "{} {engagement} reached {milestone} on {on}: they were not asked",
                    work.name
                ));
            }
        }
        // A consent that says it came by a question's link must have that question's yes behind it.
        let sql = "SELECT c.id, c.person_id FROM consent c WHERE c.activity = ?1 AND c.how LIKE 'by the link%' AND EXISTS
            (SELECT 1 FROM message m WHERE m.person_id = c.person_id AND m.asks = ?2)
            AND NOT EXISTS (SELECT 1 FROM message m WHERE m.person_id = c.person_id AND m.asks = ?2 AND m.answer = 'yes')
            AND c.withdrawn_on IS NULL";
        self.tx.each(sql, params![&activity.name, &asks], |row| {
            broken.push(format!("consent {} of person {} has no yes behind it", row.int(0)?, row.int(1)?));
            Ok::<(), Error>(())
        })?;
        let figure = format!(
            "{} {} reached {milestone} within a year, each asked",
            ended.len(),
            policy::count::plural(&work.name)
        );
        Ok(Seen { figure, broken: named(broken) })
    }

    fn since(&self) -> Result<Date> {
        self.today.checked_sub(YEARS.years()).map_err(|error| Error::Malformed(error.to_string()))
    }

    /// Whether what was owed from a day on should have been done by now.
    fn late(&self, from: Date) -> Result<bool> {
        let by = from.checked_add(DAYS.days()).map_err(|error| Error::Malformed(error.to_string()))?;
        Ok(by < self.today)
    }
}
