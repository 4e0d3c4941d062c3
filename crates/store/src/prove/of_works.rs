//! What is kept for work itself: whoever is still in it and should have been cut from it, and what nobody is in.

use super::held::{CARRIES, ENTRY_BY_HAND};
use super::{NAMED, Prover};
use crate::asked::{AT_ONCE, listed, placeholders};
use crate::schema::Table;
use crate::{Result, Value};
use custody::id::PersonId;

/// The rules among the values of a question, as they come after the day in `?1`.
fn under(rules: &[&str]) -> String {
    if rules.is_empty() {
        return "1 = 0".to_owned();
    }
    format!("g.rule IN ({})", placeholders(1, rules.len()))
}

/// What waits for somebody's hand is not held without a ground.
fn by_hand(table: &Table) -> String {
    match table.name {
        "document" => "AND NOT EXISTS (SELECT 1 FROM task k WHERE k.document_id = t.id AND k.kind <> 'mask'
                AND (k.done_on IS NULL OR (k.kind = 'deliver' AND k.done_on >= ?1)))"
            .to_owned(),
        "entry" => format!("AND NOT {ENTRY_BY_HAND}"),
        _ => String::new(),
    }
}

impl Prover<'_, '_> {
    /// People in rows of a kind that work keeps for itself, and nothing of theirs does: no ground of their own, and none of
    /// the work that speaks for them, since the activity holds them for it no longer. Of some people, or of all.
    pub(super) fn uncut(
        &self,
        table: &Table,
        kind: &str,
        rules: &[&str],
        people: Option<&[PersonId]>,
    ) -> Result<Vec<String>> {
        let of_work = |rule: &policy::Rule| rule.for_work && rules.contains(&rule.key.as_str());
        if !matches!(table.name, "entry" | "document") || !self.policy.rules.iter().any(of_work) {
            return Ok(Vec::new());
        }
        let mut broken = Vec::new();
        match people {
            Some(people) => {
                for some in people.chunks(AT_ONCE) {
                    broken.extend(self.uncut_of(table, kind, rules, some)?);
                }
            }
            None => broken.extend(self.uncut_of(table, kind, rules, &[])?),
        }
        Ok(broken)
    }

    fn uncut_of(
        &self,
        table: &Table,
        kind: &str,
        rules: &[&str],
        people: &[PersonId],
    ) -> Result<Vec<String>> {
        let (name, under) = (table.name, under(rules));
        let mut values: Vec<Value<'_>> = vec![self.cut.into()];
        values.extend(rules.iter().map(|rule| Value::from(*rule)));
        values.push(kind.into());
        let kind_at = values.len();
        let only = if people.is_empty() {
            "1 = 1".to_owned()
        } else {
            let (ids, _) = listed(people.iter().map(Value::from));
            let places = placeholders(kind_at, ids.len());
            values.extend(ids);
            format!("l.person_id IN ({places})")
        };
        let speaks = CARRIES.replace("g.", "o.");
        let sql = format!(
            "SELECT DISTINCT t.id, l.person_id FROM {name}_person l CROSS JOIN {name} t WHERE {only} AND t.id = l.{name}_id
                AND t.kind = ?{kind_at}
                AND EXISTS (SELECT 1 FROM {name}_work w JOIN ground g ON g.engagement_id = w.engagement_id
                    WHERE w.{name}_id = t.id AND g.person_id IS NULL AND {under} AND {CARRIES})
                AND NOT EXISTS (SELECT 1 FROM ground g WHERE g.person_id = l.person_id AND {under} AND {CARRIES}
                    AND (g.engagement_id IS NULL OR EXISTS (SELECT 1 FROM {name}_work w WHERE w.{name}_id = t.id
                        AND w.engagement_id = g.engagement_id)))
                AND NOT EXISTS (SELECT 1 FROM {name}_work w JOIN ground g ON g.engagement_id = w.engagement_id
                    JOIN engagement_person p ON p.engagement_id = w.engagement_id AND p.person_id = l.person_id
                    JOIN ground o ON o.person_id = l.person_id AND o.activity = g.activity
                        AND (o.engagement_id IS NULL OR o.engagement_id = g.engagement_id)
                    WHERE w.{name}_id = t.id AND g.person_id IS NULL AND {under} AND {CARRIES} AND {speaks})
                AND NOT {} {} ORDER BY t.id, l.person_id LIMIT {}",
            self.waits("l.person_id"),
            by_hand(table),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "{kind} {} is kept for its work, and person {}, whom nothing holds for it, is still in it",
                row.int(0)?,
                row.int(1)?
            ))
        })
    }

    /// Rows of a kind that lie on work, that nobody is in, and that no ground of that work carries.
    pub(super) fn of_nobody(&self, table: &Table, kind: &str, rules: &[&str]) -> Result<Vec<String>> {
        let (name, under) = (table.name, under(rules));
        let mut values: Vec<Value<'_>> = vec![self.cut.into()];
        values.extend(rules.iter().map(|rule| Value::from(*rule)));
        values.push(kind.into());
        let sql = format!(
            "SELECT t.id FROM (SELECT DISTINCT x.{name}_id AS id FROM {name}_work x
                    WHERE NOT EXISTS (SELECT 1 FROM {name}_person p WHERE p.{name}_id = x.{name}_id)) AS s CROSS JOIN {name} t
                WHERE t.id = s.id AND t.kind = ?{}
                AND NOT EXISTS (SELECT 1 FROM {name}_work w JOIN ground g ON g.engagement_id = w.engagement_id
                    WHERE w.{name}_id = t.id AND g.person_id IS NULL AND {under} AND {CARRIES})
                AND NOT EXISTS (SELECT 1 FROM {name}_work w JOIN hold h ON h.engagement_id = w.engagement_id
                    WHERE w.{name}_id = t.id AND (h.ended_on IS NULL OR h.ended_on >= ?1)) {} ORDER BY t.id LIMIT {}",
            values.len(),
            by_hand(table),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!("{kind} {} of nobody is held without a ground", row.int(0)?))
        })
    }
}
