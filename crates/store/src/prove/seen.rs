//! Who saw whom: whatever was opened in a role was opened for a reason that the role has, and where that was a piece of work, it
//! was theirs on that day and the person was on it.

use std::collections::{BTreeMap, BTreeSet};

use custody::Need;
use custody::id::{EngagementId, TaskId};
use jiff::civil::Date;
use policy::RoleId;
use policy::role::Reach;

use super::{NAMED, Prover, Seen, named};
use crate::asked::{AT_ONCE, listed};
use crate::{Error, Result, Value, life, params};

/// An event of the log that says what a member of staff opened.
struct View {
    id: i64,
    staff: i64,
    on: Date,
    people: u64,
    needs: Vec<Option<Need>>,
}

/// For what a role opens people, beside work of theirs.
#[derive(Default)]
struct Reasons {
    /// By itself.
    by_itself: bool,
    /// To answer a request.
    to_answer: bool,
    /// To look into an incident.
    to_investigate: bool,
}

/// From when until when somebody of the staff had a piece of work; nothing where the work is no longer held.
type Had = Option<Vec<(Date, Option<Date>)>>;

impl Prover<'_, '_> {
    pub(super) fn seen_by_need(&self, role: RoleId) -> Result<Seen> {
        let Some(role) = self.policy.roles.get(role.index()) else { return Ok(Seen::default()) };
        let may = self.reasons(&role.name)?;
        let mut broken = Vec::new();
        let mut had: BTreeMap<(i64, EngagementId), Had> = BTreeMap::new();
        let views = self.views(&role.name)?;
        let looked = views.len();
        let mut by_work: BTreeMap<BTreeSet<EngagementId>, Vec<&View>> = BTreeMap::new();
        for view in &views {
            if broken.len() > NAMED {
                break;
            }
            let View { id, staff, on, .. } = *view;
            if view.people > 0 && view.needs.is_empty() {
                broken.push(format!(
                    "event {id} of {on} opened somebody's data to staff {staff} for no reason"
                ));
            }
            let mut works = BTreeSet::new();
            for need in &view.needs {
                match need {
                    Some(Need::Role) if !may.by_itself => broken.push(format!(
                        "event {id} of {on}: the role {} does not open this by itself",
                        role.name
                    )),
                    Some(Need::Request) if !may.to_answer => broken.push(format!(
                        "event {id} of {on}: the role {} opens nothing to answer a request",
                        role.name
                    )),
                    Some(Need::Incident) if !may.to_investigate => broken.push(format!(
                        "event {id} of {on}: the role {} does not look into incidents",
                        role.name
                    )),
                    Some(Need::Task(task)) if !self.hands_over(*task)? => broken.push(format!(
                        "event {id} of {on}: staff {staff} opened something for task {task}, which hands nothing over"
                    )),
                    None => broken.push(format!("event {id} of {on} gives a reason that is none")),
                    Some(Need::Work(work)) => {
                        works.insert(*work);
                    }
                    Some(_) => {}
                }
            }
            let mut gone = false;
            for work in &works {
                let known = match had.get(&(staff, *work)) {
                    Some(known) => known,
                    None => {
                        let found = self.had(staff, *work)?;
                        had.entry((staff, *work)).or_insert(found)
                    }
                };
                gone |= known.is_none();
                let then = |(since, until): &(Date, Option<Date>)| {
                    *since <= on && until.is_none_or(|until| until >= on)
                };
                if known.as_ref().is_some_and(|known| !known.iter().any(then)) {
                    broken.push(format!(
                        "event {id} of {on}: staff {staff} opened what comes with work {work}, which was not theirs"
                    ));
                }
            }
            let by_work_alone = view.needs.len() == works.len() && !works.is_empty();
            if by_work_alone && !gone {
                by_work.entry(works).or_default().push(view);
            }
        }
        for (works, views) in &by_work {
            for some in views.chunks(AT_ONCE) {
                broken.extend(self.beside(some, works)?);
            }
        }
        let words = format!("times something was opened by {}, each for a reason that stood", role.name);
        Ok(Seen::of(looked, &words, named(broken)))
    }

    /// Whether a task has somebody give something back or deliver it. Nothing is said of one that has gone since.
    fn hands_over(&self, task: TaskId) -> Result<bool> {
        let other = "SELECT 1 FROM task WHERE id = ?1 AND kind NOT IN ('return', 'deliver')";
        Ok(!self.tx.any(other, params![task])?)
    }

    /// What any version of the policy lets the role open people for.
    fn reasons(&self, role: &str) -> Result<Reasons> {
        let mut may = Reasons::default();
        for version in self.versions()?.iter() {
            for role in version.roles.iter().filter(|known| known.name == role) {
                for sight in &role.sights {
                    may.by_itself |= sight.reach == Reach::All && !sight.only_to_answer;
                    may.to_answer |= sight.only_to_answer;
                }
                may.to_investigate |= custody::decide::investigates(version, role.id);
            }
        }
        Ok(may)
    }

    /// What the log says was opened in a role, since events say in which.
    fn views(&self, role: &str) -> Result<Vec<View>> {
        let quoted = serde_json::Value::from(role).to_string();
        let sql = "SELECT id, at, actor, body FROM log_event
            WHERE actor LIKE 'staff %' AND body LIKE ?1 ORDER BY id";
        let mut found = Vec::new();
        self.tx.each(sql, params![format!("%\"role\":{quoted}%")], |row| {
            let body: serde_json::Value = match row.opt_str(3)?.map(serde_json::from_str) {
                Some(Ok(body)) => body,
                Some(Err(_)) => return Err(Error::Malformed("an event's body".into())),
                None => return Ok(()),
            };
            let by = body.get("by").and_then(serde_json::Value::as_array);
            let (Some(by), true) = (by, body.get("role").is_some_and(|said| said == role)) else {
                return Ok(());
            };
            found.push(View {
                id: row.int(0)?,
                staff: row.str(2)?.trim_start_matches("staff ").parse().unwrap_or(0),
                on: life::local_date(self.policy, row.at(1)?),
                people: body.get("people").and_then(serde_json::Value::as_u64).unwrap_or(0),
                needs: by.iter().map(|need| need.as_str().and_then(|need| need.parse().ok())).collect(),
            });
            Ok(())
        })?;
        Ok(found)
    }

    fn had(&self, staff: i64, work: EngagementId) -> Result<Had> {
        if !self.tx.any("SELECT 1 FROM engagement WHERE id = ?1", params![work])? {
            return Ok(None);
        }
        let sql = "SELECT since, until FROM engagement_staff WHERE engagement_id = ?1 AND staff_id = ?2";
        self.tx.all(sql, params![work, staff], |row| Ok((row.date(0)?, row.opt_date(1)?))).map(Some)
    }

    /// Whoever was opened with work that they are not on. Nothing is said of somebody of whom a part has gone since.
    fn beside(&self, views: &[&View], works: &BTreeSet<EngagementId>) -> Result<Vec<String>> {
        let works: Vec<String> = works.iter().map(ToString::to_string).collect();
        let (values, events) = listed(views.iter().map(|view| Value::from(view.id)));
        // What was of an entry that was put into theirs was theirs as long as it was there.
        let sql = format!(
            "SELECT s.event_id, s.person_id FROM log_subject s JOIN person p ON p.id = s.person_id AND p.into_person_id IS NULL
                WHERE s.event_id IN ({events})
                AND NOT EXISTS (SELECT 1 FROM engagement_person e WHERE e.engagement_id IN ({}) AND (e.person_id = s.person_id
                    OR e.person_id IN (SELECT m.was_person_id FROM merge m WHERE m.person_id = s.person_id)))
                AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.person_number = s.person_id)
                ORDER BY s.event_id, s.person_id LIMIT {}",
            works.join(", "),
            NAMED + 1
        );
        let found = self.tx.all(&sql, &values, |row| Ok((row.int(0)?, row.int(1)?)))?;
        let said = |(event, person): (i64, i64)| {
            let view = views.iter().find(|view| view.id == event)?;
            Some(format!(
                "event {event} of {}: person {person} was opened to staff {} with work that they are not on",
                view.on, view.staff
            ))
        };
        Ok(found.into_iter().filter_map(said).collect())
    }
}
