//! What was passed on: to whom the policy names, no more than it names, while it says so, where it is protected.

use std::collections::BTreeSet;

use custody::act::{Act, Asked, Verb};
use custody::decide::prohibition_stands;
use custody::id::{EngagementId, PersonId};
use jiff::civil::Date;
use policy::check;
use policy::{ActivityId, KindSet, Policy};

use super::{Prover, Seen, named};
use crate::{Result, Value, params};

/// A disclosure as it stands in its row.
struct Row {
    id: i64,
    person: PersonId,
    recipient: String,
    kinds: KindSet,
    unknown: bool,
    activity: String,
    engagement: Option<EngagementId>,
    on: Date,
    ended_on: Option<Date>,
}

impl Prover<'_, '_> {
    fn disclosures(&self, which: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let sql = format!(
            "SELECT id, person_id, recipient, kinds, activity, engagement_id, on_date, ended_on FROM disclosure {which} ORDER BY id"
        );
        self.tx.all(&sql, values, |row| {
            let names: Vec<&str> = row.str(3)?.split(", ").filter(|name| !name.is_empty()).collect();
            Ok(Row {
                id: row.int(0)?,
                person: PersonId(row.int(1)?),
                recipient: row.text(2)?,
                unknown: names.iter().any(|name| self.policy.kind_named(name).is_none()),
                kinds: kinds_of(self.policy, &names),
                activity: row.text(4)?,
                engagement: row.opt_int(5)?.map(EngagementId),
                on: row.date(6)?,
                ended_on: row.opt_date(7)?,
            })
        })
    }

    pub(super) fn shared_as_stated(&self, activity: ActivityId, share: usize) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let Some(stated) = activity.shares.get(share) else { return Ok(Seen::default()) };
        let recipients: BTreeSet<String> = activity.shares.iter().map(|share| bare(&share.with)).collect();
        let rows = self.disclosures("WHERE activity = ?1", params![&activity.name])?;
        let mut broken = Vec::new();
        let mut looked = 0;
        for row in &rows {
            if !recipients.contains(&bare(&row.recipient)) {
                broken.push(format!(
                    "disclosure {} under {} went to somebody it does not name",
                    row.id, activity.name
                ));
                continue;
            }
            if bare(&row.recipient) != bare(&stated.with) {
                continue;
            }
            looked += 1;
            if row.unknown || !row.kinds.minus(stated.kinds).is_empty() {
                broken.push(format!(
                    "disclosure {} to {} carried more than {} names",
                    row.id, stated.with, activity.name
                ));
            }
            let Some(ended) = self.share_ended(stated.until.as_deref(), row)? else { continue };
            if row.on > ended {
                broken.push(format!(
                    "disclosure {} to {} of {} came after {} of {ended}",
                    row.id,
                    stated.with,
                    row.on,
                    until(stated)
                ));
            }
            if row.ended_on.is_none_or(|left| left > ended) && ended < self.today {
                broken.push(format!(
                    "disclosure {} to {} was not ended on {} of {ended}",
                    row.id,
                    stated.with,
                    until(stated)
                ));
            }
        }
        Ok(Seen::of(looked, &format!("disclosures to {}, each as stated", stated.with), named(broken)))
    }

    /// The day a share's end happened on the work a disclosure belongs to.
    fn share_ended(&self, until: Option<&str>, row: &Row) -> Result<Option<Date>> {
        let Some(until) = until else { return Ok(None) };
        match (until, row.engagement) {
            // Another was chosen when somebody took the part on work of the person's.
            ("another is chosen", _) => self.tx.one(
                "SELECT MIN(c.since) FROM engagement_person c JOIN engagement_person p ON p.engagement_id = c.engagement_id
                    WHERE p.person_id = ?1 AND c.person_id <> ?1 AND c.since >= ?2
                    AND NOT EXISTS (SELECT 1 FROM disclosure d WHERE d.id = ?3 AND d.recipient_person_id = c.person_id)",
                params![row.person, row.on, row.id],
                |found| found.opt_date(0),
            ),
            (event, Some(engagement)) => self.tx.one(
                "SELECT MAX(on_date) FROM milestone WHERE engagement_id = ?1 AND name = ?2 AND undone_at IS NULL",
                params![engagement, event],
                |found| found.opt_date(0),
            ),
            (event, None) => self.tx.one(
                "SELECT MAX(on_date) FROM life_event WHERE person_id = ?1 AND name = ?2 AND undone_at IS NULL",
                params![row.person, event],
                |found| found.opt_date(0),
            ),
        }
    }

    pub(super) fn none_shared(&self, prohibition: usize) -> Result<Seen> {
        let Some(never) = self.policy.prohibitions.get(prohibition) else { return Ok(Seen::default()) };
        let rows = self.disclosures("", &[])?;
        let lives = self.lives(rows.iter().map(|row| row.person).collect())?;
        let mut broken = Vec::new();
        for row in &rows {
            let Some(life) = lives.get(&row.person) else { continue };
            let activity = self.policy.activity_named(&row.activity);
            let act = Act {
                verb: Verb::Disclose,
                deed: None,
                kinds: Asked::Exactly(row.kinds),
                purpose: activity.map(|activity| activity.purpose),
                activity: activity.map(|activity| activity.id),
                engagement: row.engagement,
                channel: None,
                recipient: Some(row.recipient.clone()),
            };
            if prohibition_stands(self.policy, never, &act, life, row.on) {
                broken.push(format!("disclosure {} of {} was forbidden", row.id, row.on));
            }
        }
        Ok(Seen::of(rows.len(), "disclosures, none forbidden", named(broken)))
    }

    pub(super) fn processor_within(&self, processor: usize) -> Result<Seen> {
        let Some(processor) = self.policy.processors.get(processor) else { return Ok(Seen::default()) };
        let mut broken = Vec::new();
        for finding in check::check(self.policy, self.today) {
            let here = finding.span.file == processor.span.file
                && finding.span.start >= processor.span.start
                && finding.span.end <= processor.span.end;
            let of_safeguard = matches!(finding.code, "E-SHIELD" | "E-SAFEGUARD" | "E-CLAUSES");
            if of_safeguard && (here || finding.span == processor.safeguard_span) {
                broken.push(format!("{} in {}: {}", processor.name, processor.place, finding.message));
            }
        }
        let rows = self.disclosures("WHERE recipient = ?1", params![&processor.name])?;
        for row in &rows {
            if row.unknown || !row.kinds.minus(processor.kinds).is_empty() {
                broken.push(format!("disclosure {} gave {} more than it may hold", row.id, processor.name));
            }
        }
        Ok(Seen::of(
            rows.len(),
            &format!("disclosures to {}, within what it may hold", processor.name),
            named(broken),
        ))
    }
}

fn until(share: &policy::Share) -> &str {
    share.until.as_deref().unwrap_or("the end")
}

fn kinds_of(policy: &Policy, names: &[&str]) -> KindSet {
    names.iter().filter_map(|name| policy.kind_named(name)).map(|kind| kind.id).collect()
}

/// A recipient as it is compared: `the coach` is `coach`.
fn bare(name: &str) -> String {
    name.trim().trim_start_matches("the ").to_lowercase()
}
