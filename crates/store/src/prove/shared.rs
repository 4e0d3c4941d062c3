//! What was passed on: to whom the policy names, no more than it names, while it says so, where it is protected.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use custody::act::{Act, Asked, Verb};
use custody::decide::prohibition_stands;
use custody::id::{EngagementId, GroundId, PersonId};
use custody::life::{Ground, Life, State, StopCause};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::law::transfer::{self, Gap};
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::{Activity, ActivityId, KindSet, Policy, Share};

use super::{Prover, Seen, named};
use crate::{Result, Value, disclosure, hashed, life, life_event, params, policy_version};

/// A disclosure as it stands in its row.
struct Row {
    id: i64,
    person: PersonId,
    recipient: String,
    kinds: KindSet,
    names: Vec<String>,
    unknown: bool,
    activity: String,
    engagement: Option<EngagementId>,
    on: Date,
    ended_on: Option<Date>,
    recorded_at: Timestamp,
}

impl Prover<'_, '_> {
    fn disclosures(&self, which: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let sql = format!(
            "SELECT id, person_id, recipient, kinds, activity, engagement_id, on_date, ended_on, recorded_at FROM disclosure {which} ORDER BY id"
        );
        self.tx.all(&sql, values, |row| {
            let names: Vec<&str> = row.str(3)?.split(", ").filter(|name| !name.is_empty()).collect();
            Ok(Row {
                id: row.int(0)?,
                person: PersonId(row.int(1)?),
                recipient: row.text(2)?,
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                unknown: names.iter().any(|name| self.policy.kind_named(name).is_none()),
                kinds: kinds_of(self.policy, &names),
                activity: row.text(4)?,
                engagement: row.opt_int(5)?.map(EngagementId),
                on: row.date(6)?,
                ended_on: row.opt_date(7)?,
                recorded_at: row.at(8)?,
            })
        })
    }

    pub(super) fn shared_as_stated(&self, activity: ActivityId, share: usize) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let Some(stated) = activity.shares.get(share) else { return Ok(Seen::default()) };
        let recipients: BTreeSet<String> = activity.shares.iter().map(|share| bare(&share.with)).collect();
        // One recipient may be named in several lines, with what each is for.
        let same = activity.shares.iter().filter(|share| share.is_with(&stated.with));
        let named_to = same.fold(KindSet::none(), |kinds, share| kinds.or(share.kinds));
        let rows = self.disclosures("WHERE activity = ?1", params![&activity.name])?;
        let mut broken = Vec::new();
        let mut looked = 0;
        // What goes to a processor is looked at by the processor's own clause.
        let processors: BTreeSet<String> = self.policy.processors.iter().map(|one| bare(&one.name)).collect();
        for row in rows.iter().filter(|row| !processors.contains(&bare(&row.recipient))) {
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
            if row.unknown || !row.kinds.minus(named_to).is_empty() {
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
        broken.extend(self.still_in_an_audience(activity, stated)?);
        Ok(Seen::of(looked, &format!("disclosures to {}, each as stated", stated.with), named(broken)))
    }

    /// Who may be in the audience of a network no more is taken out of it: from the night on that follows a period's last day.
    fn still_in_an_audience(&self, activity: &Activity, stated: &Share) -> Result<Vec<String>> {
        let mut still = Vec::new();
        let on = self.today.yesterday().unwrap_or(self.today);
        let ways = hashed::ways(self.policy);
        for way in ways.iter().filter(|way| way.activity.id == activity.id && stated.is_with(way.with)) {
            for one in disclosure::outlived(self.tx, (&activity.name, way.with), None, on)? {
                still.push(format!(
                    "disclosure {} to {} was not ended, though {} holds them no more",
                    one.id, way.with, activity.name
                ));
            }
        }
        Ok(still)
    }

    /// The day a share's end happened, on the work a disclosure belongs to or to its person.
    fn share_ended(&self, until: Option<&str>, row: &Row) -> Result<Option<Date>> {
        let Some(until) = until else { return Ok(None) };
        // Another was chosen when somebody took the part on work of the person's.
        if until == "another is chosen" {
            return self.tx.one(
                "SELECT MIN(c.since) FROM engagement_person c JOIN engagement_person p ON p.engagement_id = c.engagement_id
                    WHERE p.person_id = ?1 AND c.person_id <> ?1 AND c.since >= ?2
                    AND NOT EXISTS (SELECT 1 FROM disclosure d WHERE d.id = ?3 AND d.recipient_person_id = c.person_id)",
                params![row.person, row.on, row.id],
                |found| found.opt_date(0),
            );
        }
        let day = |sql: &str, values: &[Value<'_>]| self.tx.one(sql, values, |found| found.opt_date(0));
        let on_work = match row.engagement {
            Some(engagement) => day(
                "SELECT MAX(on_date) FROM milestone WHERE engagement_id = ?1 AND name = ?2 AND undone_at IS NULL",
                params![engagement, until],
            )?,
            None => None,
        };
        let written = format!(
            "SELECT MAX(v.on_date) FROM life_event v WHERE v.person_id = ?1 AND v.name = ?2 AND {}",
            life_event::speaks()
        );
        let written = day(&written, params![row.person, until])?;
        // Whoever leaves in the ordinary way has it stand with the organisation, and nowhere else.
        let left = match until {
            LEFT_THE_ORGANISATION => {
                day(&format!("SELECT {}", life_event::day_left("?1")), params![row.person])?
            }
            _ => None,
        };
        Ok(on_work.max(written).max(left))
    }

    pub(super) fn none_shared(&self, prohibition: usize) -> Result<Seen> {
        let Some(never) = self.policy.prohibitions.get(prohibition) else { return Ok(Seen::default()) };
        let rows = self.disclosures("", &[])?;
        let (lives, mut broken) = self.lives(rows.iter().map(|row| row.person).collect())?;
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
            let then = self.when_passed(life, row)?;
            if prohibition_stands(self.policy, never, &act, &then, row.on) {
                broken.push(format!("disclosure {} of {} was forbidden", row.id, row.on));
            }
        }
        Ok(Seen::of(rows.len(), "disclosures, none forbidden", named(broken)))
    }

    /// Somebody's life as it was when something of theirs was passed on: what ended on that day ended only when it was written
    /// down, and what was passed on before that was passed on while it stood.
    fn when_passed<'l>(&self, life: &'l Life, row: &Row) -> Result<Cow<'l, Life>> {
        let ended = |ground: &Ground| matches!(&ground.state, State::Stopped { on, .. } if *on == row.on);
        let on_its_day = life::local_date(self.policy, row.recorded_at) == row.on;
        if !on_its_day || !life.grounds.iter().any(ended) {
            return Ok(Cow::Borrowed(life));
        }
        let sql = "SELECT id FROM ground WHERE person_id = ?1 AND state = 'stopped' AND stopped_on = ?2 AND stopped_at >= ?3";
        let values = params![row.person, row.on, row.recorded_at];
        let stood = self.tx.all(sql, values, |found| Ok(GroundId(found.int(0)?)))?;
        let mut then = life.clone();
        for ground in then.grounds.iter_mut().filter(|ground| stood.contains(&ground.id)) {
            let activity = self.policy.rules.get(ground.rule.index()).map(|rule| rule.activity);
            let withdrawn = matches!(&ground.state, State::Stopped { cause: StopCause::Withdrawn, .. });
            // The consent stood as long as the ground that rests on it.
            for consent in then.consents.iter_mut().filter(|_| withdrawn) {
                if Some(consent.activity) == activity && consent.withdrawn_on == Some(row.on) {
                    consent.withdrawn_on = None;
                }
            }
            ground.state = State::Active;
        }
        Ok(Cow::Owned(then))
    }

    /// A processor got only what it may hold, on days on which its safeguard stood, both by the policy of the day; and
    /// nothing went to anybody no policy names.
    pub(super) fn processor_within(&self, processor: usize) -> Result<Seen> {
        let Some(processor) = self.policy.processors.get(processor) else { return Ok(Seen::default()) };
        let name = &processor.name;
        let gap = transfer::gap_of(self.policy, processor, self.today);
        let mut broken = Vec::new();
        if gap == Some(Gap::Unstated) {
            broken.push(format!("{name} in {}: the policy states no safeguard", processor.place));
        }
        let versions = self.versions()?;
        let rows = self.disclosures("WHERE lower(recipient) = lower(?1)", params![name])?;
        for row in &rows {
            let version = versions.iter().rev().find(|version| version.from <= row.on).unwrap_or(self.policy);
            let Some(held) = version.processors.iter().find(|one| one.name == *name) else {
                broken.push(format!(
                    "disclosure {} of {} went to {name} before the policy named it",
                    row.id, row.on
                ));
                continue;
            };
            let may_hold =
                |kind: &String| version.kind_named(kind).is_some_and(|kind| held.kinds.contains(kind.id));
            if !row.names.iter().all(may_hold) {
                broken.push(format!("disclosure {} gave {name} more than it may hold", row.id));
            }
            if let Some(gap) = transfer::gap_of(version, held, row.on) {
                broken.push(format!(
                    "disclosure {} of {} went to {name} in {}: {}",
                    row.id,
                    row.on,
                    held.place,
                    gap.words()
                ));
            }
        }
        broken.extend(self.to_nobody_named(&versions)?);
        let figure = match gap {
            None => format!(
                "{} disclosures to {name} in {}, within what it may hold",
                rows.len(),
                processor.place
            ),
            Some(gap) if rows.is_empty() => {
                format!("nothing goes to {name} in {}: {}", processor.place, gap.words())
            }
            Some(gap) => {
                format!("{} disclosures to {name}; nothing goes there now: {}", rows.len(), gap.words())
            }
        };
        Ok(Seen { figure, broken: named(broken) })
    }

    /// The versions of the policy adopted so far, the earliest first, the one at hand the last; read once.
    pub(super) fn versions(&self) -> Result<Arc<Vec<Policy>>> {
        self.found.versions.or(|| self.read_versions().map(Arc::new))
    }

    fn read_versions(&self) -> Result<Vec<Policy>> {
        let mut versions = Vec::new();
        for adopted in policy_version::all(self.tx)? {
            if adopted.version != self.policy.version
                && let (Some(policy), _) = Policy::read(adopted.files)
            {
                versions.push(policy);
            }
        }
        versions.push(self.policy.clone());
        versions.sort_by_key(|version| version.from);
        Ok(versions)
    }

    /// Disclosures to somebody whom no version of the policy names as one who gets anything; what somebody had sent to where
    /// they confirmed is their own wish, as long as the request that says so is held.
    fn to_nobody_named(&self, versions: &[Policy]) -> Result<Vec<String>> {
        let mut named = BTreeSet::new();
        for version in versions {
            named.extend(version.processors.iter().map(|one| bare(&one.name)));
            named.extend(version.recipients.iter().map(|one| bare(&one.name)));
            named
                .extend(version.activities.iter().flat_map(|one| &one.shares).map(|share| bare(&share.with)));
        }
        let mut unknown = Vec::new();
        let wished = "SELECT d.id, d.recipient, d.on_date, CASE WHEN d.reason = ?1 AND (
                EXISTS (SELECT 1 FROM request r JOIN request_step s ON s.request_id = r.id
                    WHERE r.person_id = d.person_id AND r.kind = 'portability' AND s.step = ?2 AND s.on_date <= d.on_date)
                OR NOT EXISTS (SELECT 1 FROM request r WHERE r.person_id = d.person_id AND r.kind = 'portability')
            ) THEN 1 ELSE 0 END FROM disclosure d ORDER BY d.id";
        let values = params![crate::disclosure::TAKEN_ALONG, crate::request::ONWARD_CONFIRMED];
        self.tx.each(wished, values, |row| {
            if row.int(3)? == 0 && !named.contains(&bare(row.str(1)?)) {
                let (id, on) = (row.int(0)?, row.date(2)?);
                unknown.push(format!("disclosure {id} of {on} went to somebody the policy does not name"));
            }
            Ok::<(), crate::Error>(())
        })?;
        Ok(unknown)
    }
}

fn until(share: &Share) -> &str {
    share.until.as_deref().unwrap_or("the end")
}

fn kinds_of(policy: &Policy, names: &[&str]) -> KindSet {
    names.iter().filter_map(|name| policy.kind_named(name)).map(|kind| kind.id).collect()
}

/// A recipient as it is compared: `the coach` is `coach`.
fn bare(name: &str) -> String {
    name.trim().trim_start_matches("the ").to_lowercase()
}
