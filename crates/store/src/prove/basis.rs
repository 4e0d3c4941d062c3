//! On what grounds rest: consent in the form asked and in time, nothing against a standing objection.

use std::sync::Arc;

use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::{Activity, ActivityId, Basis, KindSet, RuleId, Sort, WorkId};

use super::kept_on::UNREASONED;
use super::{NAMED, Prover, Seen, named};
use crate::{Result, Value, consent, params};

/// An activity and a clause that a ground which stands names, and whether one of those was kept on and nobody said why.
pub(super) struct Named {
    pub activity: String,
    pub rule: String,
    pub unreasoned: bool,
}

impl Prover<'_, '_> {
    pub(super) fn none_before_consent(
        &self,
        activity: ActivityId,
        work: WorkId,
        event: &str,
        kinds: KindSet,
    ) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let Some(work) = self.policy.works.get(work.index()) else { return Ok(Seen::default()) };
        let from = work.milestones.iter().position(|known| known == event).unwrap_or(0);
        let parts: Vec<&str> = work
            .parts
            .iter()
            .filter(|part| activity.for_whom.iter().any(|whom| whom.category == part.category))
            .map(|part| part.name.as_str())
            .collect();
        let mut broken = Vec::new();
        for name in work.milestones.iter().skip(from) {
            let sql = "SELECT m.id, m.on_date, e.id, p.person_id FROM milestone m JOIN engagement e ON e.id = m.engagement_id
                JOIN engagement_person p ON p.engagement_id = e.id
                WHERE m.name = ?1 AND e.work = ?2 AND m.undone_at IS NULL AND p.part IN ({parts}) AND NOT {consent}";
            broken.extend(self.without_consent(
                activity,
                &parts,
                name,
                &work.name,
                sql,
                "m.on_date",
                "milestone",
            )?);
        }
        for kind in kinds.iter().filter_map(|kind| self.policy.kind(kind)) {
            let sql = match kind.sort {
                Sort::Entry => {
                    "SELECT t.id, t.on_date, e.id, p.person_id FROM entry t JOIN entry_work w ON w.entry_id = t.id
                        JOIN engagement e ON e.id = w.engagement_id JOIN engagement_person p ON p.engagement_id = e.id
                        WHERE t.kind = ?1 AND e.work = ?2 AND p.part IN ({parts}) AND NOT {consent}"
                }
                Sort::Document => {
                    "SELECT t.id, t.on_date, e.id, p.person_id FROM document t JOIN document_work w ON w.document_id = t.id
                        JOIN engagement e ON e.id = w.engagement_id JOIN engagement_person p ON p.engagement_id = e.id
                        WHERE t.kind = ?1 AND e.work = ?2 AND p.part IN ({parts}) AND NOT {consent}"
                }
                Sort::Item | Sort::Record => continue,
            };
            broken.extend(self.without_consent(
                activity,
                &parts,
                &kind.name,
                &work.name,
                sql,
                "t.on_date",
                &kind.name,
            )?);
        }
        let begun = self.count(
            "SELECT COUNT(*) FROM milestone m JOIN engagement e ON e.id = m.engagement_id
                WHERE m.name = ?1 AND e.work = ?2 AND m.undone_at IS NULL",
            params![event, &work.name],
        )?;
        Ok(Seen::of(begun, &format!("times {event}, each after a consent"), named(broken)))
    }

    #[expect(clippy::too_many_arguments, reason = "one query with its parts filled in")]
    fn without_consent(
        &self,
        activity: &Activity,
        parts: &[&str],
        name: &str,
        work: &str,
        sql: &str,
        on: &str,
        what: &str,
    ) -> Result<Vec<String>> {
        let mut values: Vec<Value<'_>> = vec![name.into(), work.into(), activity.name.as_str().into()];
        let places: Vec<String> = parts
            .iter()
            .map(|part| {
                values.push((*part).into());
                format!("?{}", values.len())
            })
            .collect();
        let places = if places.is_empty() { "''".to_owned() } else { places.join(", ") };
        let form = self.form_sql(activity, &mut values);
        let given = format!(
            "EXISTS (SELECT 1 FROM consent c WHERE c.person_id = p.person_id AND c.activity = ?3
                AND (c.engagement_id IS NULL OR c.engagement_id = e.id) AND c.given_on <= {on}
                AND (c.withdrawn_on IS NULL OR c.withdrawn_on > {on}) AND (c.lapses_on IS NULL OR c.lapses_on >= {on}) {form})"
        );
        let sql = format!(
            "{} ORDER BY 1 LIMIT {}",
            sql.replace("{parts}", &places).replace("{consent}", &given),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "{what} {} of {} on work {}: person {} had given no such consent by then",
                row.int(0)?,
                row.date(1)?,
                row.int(2)?,
                row.int(3)?
            ))
        })
    }

    /// What a consent `c` must be to be in the form an activity asks for.
    fn form_sql(&self, activity: &Activity, values: &mut Vec<Value<'_>>) -> String {
        match &activity.basis {
            Basis::Consent { form: form @ ConsentForm::Signed(kind), .. } => {
                values.push(consent::form_name(self.policy, form).into());
                let name = values.len();
                values.push(self.policy.kind(*kind).map_or(String::new(), |kind| kind.name.clone()).into());
                format!(
                    "AND c.form = ?{name} AND EXISTS (SELECT 1 FROM document d WHERE d.id = c.document_id AND d.kind = ?{})",
                    values.len()
                )
            }
            Basis::Consent { form: ConsentForm::Explicit, .. } => "AND c.form NOT LIKE 'opt-in%'".to_owned(),
            _ => String::new(),
        }
    }

    pub(super) fn grounds_on_stated_basis(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let mut broken = Vec::new();
        if matches!(&activity.basis, Basis::LegitimateInterests { assessed: None, .. }) {
            broken.push(format!("{} rests on legitimate interests that nobody assessed", activity.name));
        }
        if matches!(activity.basis, Basis::Consent { .. }) {
            broken.extend(self.without_standing_consent(activity)?);
        }
        broken.extend(self.against_objection(activity)?);
        broken.extend(self.of_no_clause(activity)?);
        let grounds = self.count(
            "SELECT COUNT(*) FROM ground WHERE activity = ?1 AND state = 'active'",
            params![&activity.name],
        )?;
        Ok(Seen::of(
            grounds,
            &format!("grounds of {} on {}", activity.name, activity.basis.words()),
            named(broken),
        ))
    }

    /// Active grounds that name the activity and no clause of it: they rest on a basis nobody stated.
    fn of_no_clause(&self, activity: &Activity) -> Result<Vec<String>> {
        let rules = activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index()));
        let keys: Vec<&str> = rules.flat_map(policy::Rule::keys).collect();
        let stray = |named: &Named| {
            named.activity == activity.name && !named.rule.is_empty() && !keys.contains(&named.rule.as_str())
        };
        if !self.clauses()?.iter().any(stray) {
            return Ok(Vec::new());
        }
        let mut values: Vec<Value<'_>> = vec![activity.name.as_str().into()];
        let mut clauses = vec!["''".to_owned()];
        for key in keys {
            values.push(key.into());
            clauses.push(format!("?{}", values.len()));
        }
        let sql = format!(
            "SELECT id, rule FROM ground WHERE activity = ?1 AND state = 'active' AND rule NOT IN ({}) ORDER BY id LIMIT {}",
            clauses.join(", "),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "ground {} names {}, which is no clause of {}",
                row.int(0)?,
                row.str(1)?,
                activity.name
            ))
        })
    }

    /// What the grounds that stand name, each once: one way through all of them, instead of one for each activity and clause.
    pub(super) fn clauses(&self) -> Result<Arc<Vec<Named>>> {
        self.found.clauses.or(|| self.look_for_clauses().map(Arc::new))
    }

    fn look_for_clauses(&self) -> Result<Vec<Named>> {
        // Nothing here that an index is in the order of: SQLite would go by it, and read every page of the table many times.
        let sql = format!(
            "SELECT DISTINCT activity || '', rule || '', CASE WHEN {UNREASONED} THEN 1 ELSE 0 END FROM ground WHERE state = 'active'"
        );
        self.tx.all(&sql, &[], |row| {
            Ok(Named { activity: row.text(0)?, rule: row.text(1)?, unreasoned: row.bool(2)? })
        })
    }

    /// Active grounds of an activity without a consent in the form asked that stands today, looked for once.
    fn without_standing_consent(&self, activity: &Activity) -> Result<Vec<String>> {
        self.found.unconsented.or(activity.id, || self.on_no_standing_consent(activity))
    }

    fn on_no_standing_consent(&self, activity: &Activity) -> Result<Vec<String>> {
        let mut values: Vec<Value<'_>> =
            vec![activity.name.as_str().into(), self.today.into(), self.cut.into()];
        let form = self.form_sql(activity, &mut values);
        let sql = format!(
            "SELECT g.id, g.person_id FROM ground g WHERE g.activity = ?1 AND g.state = 'active' AND (g.due_on IS NULL OR g.due_on >= ?3)
                AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = g.person_id AND c.activity = ?1 AND c.given_on <= ?2
                    AND (c.engagement_id IS NULL OR g.engagement_id IS NULL OR c.engagement_id = g.engagement_id)
                    AND (c.withdrawn_on IS NULL OR c.withdrawn_on > ?2) AND (c.lapses_on IS NULL OR c.lapses_on >= ?3) {form})
                ORDER BY g.id LIMIT {}",
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "ground {} of person {} rests on no standing consent",
                row.int(0)?,
                row.opt_int(1)?.unwrap_or(0)
            ))
        })
    }

    /// Active grounds of an activity against which a standing objection of the person is: for marketing at once,
    /// for anything else once it was upheld.
    fn against_objection(&self, activity: &Activity) -> Result<Vec<String>> {
        if activity.for_everyone {
            return Ok(Vec::new());
        }
        let purpose =
            Purpose::ALL.iter().find(|(known, _)| *known == activity.purpose).map_or("", |(_, name)| *name);
        let marketing = activity.purpose == Purpose::DirectMarketing;
        let settled = if marketing { "1 = 1" } else { "o.upheld_on IS NOT NULL" };
        let contact = if marketing { "OR o.scope = 'all contact'" } else { "" };
        // A consent given after the objection lifts it: the person's own later word. Objections are few and grounds are many: a
        // cross join keeps SQLite from going through the grounds.
        let sql = format!(
            "SELECT g.id, g.person_id FROM objection o CROSS JOIN ground g
                WHERE g.person_id = o.person_id AND g.activity = ?1 AND g.state = 'active' AND o.lifted_on IS NULL AND {settled}
                AND ((o.scope = 'purpose' AND o.named = ?2) OR (o.scope = 'activity' AND o.named = ?1) {contact})
                AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = g.person_id AND c.activity = ?1
                    AND c.given_on >= o.made_on AND c.withdrawn_on IS NULL)
                ORDER BY g.id LIMIT {}",
            NAMED + 1
        );
        self.tx.all(&sql, params![&activity.name, purpose], |row| {
            Ok(format!(
                "ground {} of person {} stands against their objection",
                row.int(0)?,
                row.opt_int(1)?.unwrap_or(0)
            ))
        })
    }

    pub(super) fn asked_again(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let activity = self.activity(rule.activity)?;
        let Some(asked) = &rule.ask_again else { return Ok(Seen::default()) };
        let oldest = self
            .cut
            .checked_sub(asked.every)
            .map_err(|_| crate::Error::Malformed("how often consent is asked again".into()))?;
        let broken = self.tx.all(
            &format!(
                "SELECT g.id, g.person_id FROM ground g WHERE g.rule = ?1 AND g.state = 'active' AND NOT EXISTS (
                    SELECT 1 FROM consent c WHERE c.person_id = g.person_id AND c.activity = ?2 AND c.given_on >= ?3
                        AND c.withdrawn_on IS NULL) ORDER BY g.id LIMIT {}",
                NAMED + 1
            ),
            params![&rule.key, &activity.name, oldest],
            |row| Ok(format!("ground {} of person {} rests on a consent that was not renewed", row.int(0)?, row.opt_int(1)?.unwrap_or(0))),
        )?;
        let grounds = self.standing(rule)?;
        Ok(Seen::of(grounds, "consents renewed in time", named(broken)))
    }

    pub(super) fn none_without_opt_in(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let mut broken = self.without_standing_consent(activity)?;
        // What left is judged by the moment it was put in the outbox and again by the one it left.
        broken.extend(self.tx.all(
            &format!(
                "SELECT m.id, m.person_id FROM message m WHERE m.activity = ?1 AND m.state = 'sent' AND m.person_id IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = m.person_id AND c.activity = ?1
                        AND c.given_on <= m.queued_on AND (c.withdrawn_on IS NULL OR c.withdrawn_on >= m.queued_on))
                    ORDER BY m.id LIMIT {}",
                NAMED + 1
            ),
            params![&activity.name],
            |row| Ok(format!("message {} left for person {}, who had not opted in", row.int(0)?, row.int(1)?)),
        )?);
        let people = self.count(
            "SELECT COUNT(DISTINCT person_id) FROM ground WHERE activity = ?1 AND state = 'active'",
            params![&activity.name],
        )?;
        Ok(Seen::of(people, &format!("people in {}, each by their own choice", activity.name), named(broken)))
    }
}
