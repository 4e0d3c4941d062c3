//! Of whom data is held: nobody without a category and an activity for it; and what is sensitive, only on a condition.

use std::collections::BTreeMap;

use policy::{Activity, ActivityId, CategoryId, KindId, Sensitivity};

use super::held::{CARRIES, kept};
use super::{NAMED, Prover, Seen, named};
use crate::{Result, Value, params, schema};

impl Prover<'_, '_> {
    pub(super) fn for_whom_stated(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let mut broken = self.nobody_unplaced()?;
        if !activity.for_everyone {
            broken.extend(self.not_for(activity)?);
        }
        let grounds = self.count(
            "SELECT COUNT(*) FROM ground WHERE activity = ?1 AND state = 'active'",
            params![&activity.name],
        )?;
        let whom: Vec<&str> = activity
            .for_whom
            .iter()
            .map(|whom| self.category(whom.category))
            .filter(|name| !name.is_empty())
            .collect();
        let whom = if activity.for_everyone { "everyone".to_owned() } else { whom.join(", ") };
        Ok(Seen {
            figure: format!("{grounds} grounds of {}, for {whom}", activity.name),
            broken: named(broken),
        })
    }

    fn category(&self, id: CategoryId) -> &str {
        self.policy.categories.get(id.index()).map_or("", |category| category.name.as_str())
    }

    /// What is so of everybody, looked for once in a run: a category the policy declares, an activity for it, and some
    /// ground to be held on.
    fn nobody_unplaced(&self) -> Result<Vec<String>> {
        self.found.unplaced.or(|| self.look_for_unplaced())
    }

    fn look_for_unplaced(&self) -> Result<Vec<String>> {
        let idle = self.policy.categories.iter().filter(|category| {
            !self
                .policy
                .activities
                .iter()
                .any(|one| one.for_whom.iter().any(|whom| whom.category == category.id))
        });
        let mut broken: Vec<String> =
            idle.map(|category| format!("no activity is for {}", category.name)).collect();
        let names: Vec<&str> = self.policy.categories.iter().map(|category| category.name.as_str()).collect();
        let held = self.tx.all(
            "SELECT DISTINCT category FROM person_category WHERE annulled_at IS NULL",
            &[],
            |row| row.text(0),
        )?;
        for category in held.iter().filter(|held| !names.contains(&held.as_str())) {
            let sql = format!(
                "SELECT person_id FROM person_category WHERE category = ?1 AND annulled_at IS NULL AND until IS NULL
                    ORDER BY person_id LIMIT {}",
                NAMED + 1
            );
            broken.extend(self.tx.all(&sql, params![category], |row| {
                Ok(format!("person {} is held as {category}, which the policy does not declare", row.int(0)?))
            })?);
        }
        let waits = kept("p.id");
        let sql = format!(
            "SELECT p.id FROM person p WHERE p.into_person_id IS NULL AND NOT EXISTS (SELECT 1 FROM ground g WHERE g.person_id = p.id AND {CARRIES})
                AND NOT EXISTS (SELECT 1 FROM task k WHERE k.person_id = p.id AND k.done_on IS NULL)
                AND NOT EXISTS (SELECT 1 FROM request q WHERE q.person_id = p.id AND q.closed_on IS NULL)
                AND NOT {waits} ORDER BY p.id LIMIT {}",
            NAMED + 1
        );
        broken.extend(self.tx.all(&sql, params![self.cut], |row| {
            Ok(format!("person {} is held under no activity", row.int(0)?))
        })?);
        Ok(broken)
    }

    /// Grounds of an activity of people it is not for: neither the category nor a part on work that has it.
    fn not_for(&self, activity: &Activity) -> Result<Vec<String>> {
        let mut values: Vec<Value<'_>> = vec![activity.name.as_str().into(), self.cut.into()];
        let mut categories = Vec::new();
        let mut parts = vec!["1 = 0".to_owned()];
        for whom in &activity.for_whom {
            values.push(self.category(whom.category).into());
            categories.push(format!("?{}", values.len()));
            for work in &self.policy.works {
                for part in work.parts.iter().filter(|part| part.category == whom.category) {
                    values.push(work.name.as_str().into());
                    values.push(part.name.as_str().into());
                    parts.push(format!("(e.work = ?{} AND ep.part = ?{})", values.len() - 1, values.len()));
                }
            }
        }
        if categories.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT g.id, g.person_id FROM ground g WHERE g.activity = ?1 AND g.state = 'active'
                AND (g.due_on IS NULL OR g.due_on >= ?2) AND g.person_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM person_category c WHERE c.person_id = g.person_id AND c.category IN ({})
                    AND c.annulled_at IS NULL)
                AND NOT EXISTS (SELECT 1 FROM engagement_person ep JOIN engagement e ON e.id = ep.engagement_id
                    WHERE ep.person_id = g.person_id AND ({}))
                ORDER BY g.id LIMIT {}",
            categories.join(", "),
            parts.join(" OR "),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "ground {} of person {}: {} is not for anybody they are to us",
                row.int(0)?,
                row.int(1)?,
                activity.name
            ))
        })
    }

    /// Special-category and criminal-offence data of an activity's kinds: each row on a ground whose activity has a
    /// condition for it, express consent included.
    pub(super) fn condition_stands(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let mut broken = self.policy_documents(activity)?;
        let mut looked = 0;
        for sensitivity in [Sensitivity::Special, Sensitivity::Criminal] {
            for kind in activity.kinds.and(self.policy.kinds_of(sensitivity)).iter() {
                let (loose, rows) = self.sensitive_rows(kind, sensitivity)?;
                broken.extend(loose);
                looked += rows;
            }
        }
        let figure =
            format!("{looked} sensitive details of the kinds of {}, each on a condition", activity.name);
        Ok(Seen { figure, broken: named(broken) })
    }

    /// The rows of a sensitive kind that lie on no condition, and how many there are; looked for once for all activities.
    fn sensitive_rows(&self, kind: KindId, sensitivity: Sensitivity) -> Result<(Vec<String>, usize)> {
        self.found.sensitive.or(kind, || self.look_at_sensitive(kind, sensitivity))
    }

    fn look_at_sensitive(&self, kind: KindId, sensitivity: Sensitivity) -> Result<(Vec<String>, usize)> {
        let Some(declared) = self.policy.kind(kind) else { return Ok((Vec::new(), 0)) };
        let allows = |one: &Activity| {
            let mut stated = one.conditions.iter();
            one.basis.is_express_consent()
                || stated.any(|stated| stated.serves(sensitivity) && !stated.lacks_document())
        };
        let speaks = self.policy.rules.iter().filter(|rule| rule.kinds.contains(kind));
        let rules: Vec<&str> = speaks
            .filter(|rule| self.policy.activity(rule.activity).is_some_and(allows))
            .map(|rule| rule.key.as_str())
            .collect();
        let (mut broken, mut looked) = (Vec::new(), 0);
        let holds = |table: &&schema::Table| super::held::holds(table, &declared.name, declared.sort);
        for table in schema::personal().filter(holds) {
            broken.extend(self.of_table(table, &declared.name, &rules, (&[], "a condition"))?);
            if let schema::KindOf::Column(column) = table.kind {
                let sql = format!("SELECT COUNT(*) FROM {} WHERE {column} = ?1", table.name);
                looked += self.count(&sql, params![&declared.name])?;
            }
        }
        Ok((broken, looked))
    }

    /// Every message, call and disclosure was for an activity that a version of the policy names, and messages left by a
    /// channel that the activity names.
    pub(super) fn uses_named(&self) -> Result<Seen> {
        let mut may: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for version in self.versions()?.iter() {
            for activity in &version.activities {
                let channels = activity.channels.iter().filter_map(|id| version.channels.get(id.index()));
                may.entry(activity.name.clone())
                    .or_default()
                    .extend(channels.map(|channel| channel.name.clone()));
            }
        }
        let mut broken = Vec::new();
        let mut looked = 0;
        for table in ["message", "call", "disclosure"] {
            looked += self.count(&format!("SELECT COUNT(*) FROM {table}"), &[])?;
            let used =
                self.tx.all(&format!("SELECT DISTINCT activity FROM {table}"), &[], |row| row.opt_text(0))?;
            for activity in used.into_iter().flatten().filter(|activity| !may.contains_key(activity)) {
                let sql =
                    format!("SELECT id FROM {table} WHERE activity = ?1 ORDER BY id LIMIT {}", NAMED + 1);
                broken.extend(self.tx.all(&sql, params![&activity], |row| {
                    Ok(format!(
                        "{table} {} was for {activity}, which no version of the policy names",
                        row.int(0)?
                    ))
                })?);
            }
        }
        let nameless = format!(
            "SELECT id FROM message WHERE activity IS NULL AND person_id IS NOT NULL AND request_id IS NULL ORDER BY id LIMIT {}",
            NAMED + 1
        );
        broken.extend(
            self.tx.all(&nameless, &[], |row| Ok(format!("message {} was for no activity", row.int(0)?)))?,
        );
        // What a clause itself has the program say or ask before its end leaves by the way it can.
        let of_its_own =
            "state = 'sent' AND NOT EXISTS (SELECT 1 FROM parting p WHERE p.message_id = message.id)";
        let pairs = self.tx.all(
            &format!(
                "SELECT DISTINCT activity, channel FROM message WHERE activity IS NOT NULL AND {of_its_own}"
            ),
            &[],
            |row| Ok((row.text(0)?, row.text(1)?)),
        )?;
        for (activity, channel) in pairs {
            if may.get(&activity).is_some_and(|channels| !channels.contains(&channel)) {
                let sql = format!(
                    "SELECT id FROM message WHERE activity = ?1 AND channel = ?2 AND {of_its_own} ORDER BY id LIMIT {}",
                    NAMED + 1
                );
                broken.extend(self.tx.all(&sql, params![&activity, &channel], |row| {
                    Ok(format!(
                        "message {} for {activity} left by {channel}, which it does not name",
                        row.int(0)?
                    ))
                })?);
            }
        }
        Ok(Seen::of(
            looked,
            "messages, calls and disclosures, each for an activity the policy names",
            named(broken),
        ))
    }
}
