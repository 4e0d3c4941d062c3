//! What waits for somebody's hand, by the clause that let it go: an original to give back, a copy to deliver, paper to
//! destroy, somebody elsewhere to tell, a text to look through or mask that stays for somebody else. Each is there as a
//! task, is done by its day, and is done because somebody said so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use custody::coverage::{self, Datum, Outcome, Uncovered};
use custody::handing;
use custody::id::{EngagementId, PersonId};
use custody::life::Life;
use policy::{Disposal, RuleId};

use super::held::CARRIES;
use super::{NAMED, Prover, Seen, named};
use crate::asked::{AT_ONCE, placeholders};
use crate::task::HAS_GONE;
use crate::{Error, Result, Value, departure, dispose, life, params};

/// The tasks that a disposal leaves to be done.
const BY_HAND: &str = "k.kind IN ('return', 'deliver', 'destroy paper', 'tell recipient', 'mask')";

/// How many paper files are asked after one by one for the clause they were kept under.
const ASKED_MAX: usize = 256;

/// What is to be done by hand, by the key of the clause it comes from.
#[derive(Default)]
pub(super) struct ByHand {
    /// How many tasks there are and were, and what is wrong with them.
    rules: BTreeMap<String, (usize, Vec<String>)>,
}

impl ByHand {
    fn wrong(&mut self, rule: &str, said: &str) {
        let (_, wrong) = self.rules.entry(rule.to_owned()).or_default();
        if wrong.len() <= NAMED {
            wrong.push(said.to_owned());
        }
    }
}

/// A paper file, or the task to destroy it, of which it does not stand there under which clause it was kept.
struct Unruled {
    person: Option<PersonId>,
    work: Option<i64>,
    said: String,
}

impl Prover<'_, '_> {
    /// What the rule let go of and somebody must see to is seen to. What belongs to a clause that the policy no longer has,
    /// every other answers for.
    pub(super) fn done_by_hand(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let all = self.by_hand()?;
        let (mut seen, mut broken) = (0, self.never_asked(rule)?);
        broken.extend(self.not_to_each(rule)?);
        for (key, (count, wrong)) in &all.rules {
            let known = self.policy.rule_keyed(key);
            let own = known.is_some_and(|known| known.id == rule.id);
            seen += if own { *count } else { 0 };
            if own || known.is_none() {
                broken.extend(wrong.iter().cloned());
            }
        }
        broken.sort();
        broken.dedup();
        let figure = match seen {
            0 => String::new(),
            _ => policy::count::said(seen, "things to be seen to by hand, each by its day"),
        };
        Ok(Seen { figure, broken: named(broken) })
    }

    /// The tasks and the paper files, gone through once.
    fn by_hand(&self) -> Result<Arc<ByHand>> {
        self.found.by_hand.or(|| self.go_through_what_is_done_by_hand().map(Arc::new))
    }

    fn go_through_what_is_done_by_hand(&self) -> Result<ByHand> {
        let mut found = ByHand::default();
        let mut unruled = Vec::new();
        let sql = format!(
            "SELECT k.rule, COUNT(*) FROM task k WHERE k.rule IS NOT NULL AND {BY_HAND} GROUP BY k.rule"
        );
        self.tx.each(&sql, &[], |row| {
            found.rules.entry(row.text(0)?).or_default().0 = usize::try_from(row.int(1)?).unwrap_or(0);
            Ok::<(), Error>(())
        })?;
        self.tasks_late(&mut found, &mut unruled)?;
        self.on_nobodys_word(&mut found, &mut unruled)?;
        self.papers_never_asked(&mut unruled)?;
        for (rule, said) in self.nobody_to_tell_of_the_night()? {
            found.wrong(&rule, &said);
        }
        for one in &unruled {
            for rule in self.kept_under(one)? {
                found.wrong(&rule, &one.said);
            }
        }
        Ok(found)
    }

    /// Tasks whose day has passed, or that have none. While something keeps what they are about, nobody may see to them.
    fn tasks_late(&self, found: &mut ByHand, unruled: &mut Vec<Unruled>) -> Result<()> {
        let held = "EXISTS (SELECT 1 FROM hold wh WHERE wh.engagement_id = k.engagement_id
            AND (wh.ended_on IS NULL OR wh.ended_on >= ?1))";
        let sql = format!(
            "SELECT k.rule, k.id, k.what, k.due_on, k.owner_id, k.person_id, k.engagement_id, k.kind, k.mask FROM task k
                WHERE k.done_on IS NULL AND (k.due_on IS NULL OR k.due_on < ?2 OR k.mask IS NOT NULL) AND {BY_HAND}
                AND NOT {held} AND NOT (k.person_id IS NOT NULL AND {}) ORDER BY k.due_on, k.id",
            self.waits("k.person_id")
        );
        self.tx.each(&sql, params![self.cut, self.today], |row| {
            let owner = row
                .opt_int(4)?
                .map_or_else(|| "which is nobody's".to_owned(), |owner| format!("which is staff {owner}'s"));
            let day = match (row.opt_date(3)?, row.opt_str(8)?) {
                (_, Some(_)) => "waits for a hold or a restriction that stands no more".to_owned(),
                (Some(due), None) => format!("was to be done by {due}"),
                (None, None) => "has no day by which it is to be done".to_owned(),
            };
            let tell = row.str(7)? == "tell recipient";
            // Whom it is to be told may be a person.
            let what = if tell { "Tell whoever had the details from us" } else { row.str(2)? };
            let said = format!("task {} ({what}), {owner}, {day}", row.int(1)?);
            match row.opt_str(0)? {
                Some(rule) => found.wrong(rule, &said),
                // Whoever must be told of what nobody's clause ended is proved by the register of what was asked.
                None if tell => {}
                None if unruled.len() < ASKED_MAX => unruled.push(Unruled {
                    person: row.opt_int(5)?.map(PersonId),
                    work: row.opt_int(6)?,
                    said,
                }),
                None => {}
            }
            Ok::<(), Error>(())
        })
    }

    /// Tasks that are done, and nobody said so: the log, as far back as it goes, does not know of it.
    fn on_nobodys_word(&self, found: &mut ByHand, unruled: &mut Vec<Unruled>) -> Result<()> {
        let oldest = self.tx.maybe("SELECT at FROM log_event ORDER BY id LIMIT 1", &[], |row| row.at(0))?;
        let Some(oldest) = oldest.map(|at| life::local_date(self.policy, at)) else { return Ok(()) };
        let mut confirmed = BTreeSet::new();
        let sql = "SELECT body FROM log_event WHERE act = 'task.confirmed' AND body IS NOT NULL";
        self.tx.each(sql, &[], |row| {
            let body: serde_json::Value = serde_json::from_str(row.str(0)?).unwrap_or_default();
            confirmed.extend(body.get("task").and_then(serde_json::Value::as_i64));
            Ok::<(), Error>(())
        })?;
        let sql = format!(
            "SELECT k.rule, k.id, k.done_on, k.person_id, k.engagement_id, k.kind FROM task k
                WHERE k.done_on IS NOT NULL AND k.done_on > ?1 AND {BY_HAND}
                AND NOT (k.kind = 'mask' AND (COALESCE(k.outcome, '') = '{HAS_GONE}'
                    OR (k.document_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = k.document_id))
                    OR (k.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry n WHERE n.id = k.entry_id))))
                ORDER BY k.id"
        );
        self.tx.each(&sql, params![oldest], |row| {
            let task = row.int(1)?;
            if confirmed.contains(&task) {
                return Ok(());
            }
            let said = format!("task {task} stands as done on {}, and nobody said so", row.date(2)?);
            match row.opt_str(0)? {
                Some(rule) => found.wrong(rule, &said),
                None if row.str(5)? == "tell recipient" || unruled.len() >= ASKED_MAX => {}
                None => unruled.push(Unruled {
                    person: row.opt_int(3)?.map(PersonId),
                    work: row.opt_int(4)?,
                    said,
                }),
            }
            Ok::<(), Error>(())
        })
    }

    /// The keys of the clauses that are not for everyone.
    fn apart(&self) -> Vec<&str> {
        let rules = self.policy.rules.iter();
        let apart = rules.filter(|rule| {
            self.policy.activity(rule.activity).is_some_and(|activity| !activity.for_everyone)
        });
        apart.map(|rule| rule.key.as_str()).collect()
    }

    /// Paper files that are still there, that no clause needs any more, and that nobody is asked to destroy.
    fn papers_never_asked(&self, unruled: &mut Vec<Unruled>) -> Result<()> {
        let mut values: Vec<Value<'_>> = vec![self.cut.into()];
        let needed = listed_after(&mut values, &self.apart());
        let sql = format!(
            "SELECT p.id, p.person_id, p.engagement_id, p.since FROM paper p WHERE p.destroyed_on IS NULL
                AND NOT EXISTS (SELECT 1 FROM task k WHERE k.paper_id = p.id AND k.done_on IS NULL)
                AND NOT EXISTS (SELECT 1 FROM ground g WHERE g.person_id = p.person_id AND g.rule IN ({needed}) AND {CARRIES}
                    AND (p.engagement_id IS NULL OR g.engagement_id IS NULL OR g.engagement_id = p.engagement_id))
                AND NOT EXISTS (SELECT 1 FROM hold wh WHERE wh.engagement_id = p.engagement_id
                    AND (wh.ended_on IS NULL OR wh.ended_on >= ?1))
                AND NOT {} ORDER BY p.id LIMIT {}",
            self.waits("p.person_id"),
            NAMED + 1
        );
        unruled.extend(self.tx.all(&sql, &values, |row| {
            let (paper, since) = (row.int(0)?, row.date(3)?);
            Ok(Unruled {
                person: Some(PersonId(row.int(1)?)),
                work: row.opt_int(2)?,
                said: format!("paper file {paper} of {since} is needed no more, and nobody is to destroy it"),
            })
        })?);
        Ok(())
    }

    /// The keys of the clauses under which a paper file was kept last; where nobody knows, of those that keep the record of it.
    fn kept_under(&self, one: &Unruled) -> Result<BTreeSet<String>> {
        let mut values: Vec<Value<'_>> = vec![one.person.into(), one.work.into()];
        let apart = listed_after(&mut values, &self.apart());
        let sql = format!(
            "SELECT g.rule, g.stopped_on FROM ground g WHERE g.person_id = ?1 AND g.state = 'stopped' AND g.cause <> 'annulled'
                AND g.rule IN ({apart}) AND (CAST(?2 AS BIGINT) IS NULL OR g.engagement_id IS NULL OR g.engagement_id = ?2)
                ORDER BY g.stopped_on DESC"
        );
        let ended = self.tx.all(&sql, &values, |row| Ok((row.text(0)?, row.date(1)?)))?;
        let last = ended.first().map(|(_, on)| *on);
        let mut rules: BTreeSet<String> =
            ended.into_iter().filter(|(_, on)| Some(*on) == last).map(|(rule, _)| rule).collect();
        if rules.is_empty() {
            let record = self.policy.kind_named("paper record").map(|kind| kind.id);
            let keeps =
                self.policy.rules.iter().filter(|rule| record.is_some_and(|kind| rule.kinds.contains(kind)));
            rules.extend(keeps.map(|rule| rule.key.clone()));
        }
        Ok(rules)
    }

    /// Documents that still lie on work whose ground for them ended, that are to be handed over for it, and that nobody is
    /// asked to hand over: something else keeps them, so that they are not without a ground.
    fn never_asked(&self, rule: &policy::Rule) -> Result<Vec<String>> {
        if !rule.then.hands_over() {
            return Ok(Vec::new());
        }
        let name = |kind| self.policy.kind(kind).map(|kind| kind.name.as_str());
        let kinds: Vec<&str> = rule.kinds.iter().filter_map(name).collect();
        let classes: Vec<&str> = rule.kinds.minus(rule.except).iter().filter_map(name).collect();
        let mut values: Vec<Value<'_>> = vec![self.cut.into(), rule.key.as_str().into()];
        let kinds = listed_after(&mut values, &kinds);
        let classes = listed_after(&mut values, &classes);
        let handed_over = rule.unless.as_ref().map_or_else(String::new, |milestone| {
            values.push(milestone.as_str().into());
            format!(
                "AND NOT EXISTS (SELECT 1 FROM milestone m WHERE m.engagement_id = g.engagement_id AND m.name = ?{}
                    AND m.undone_at IS NULL)",
                values.len()
            )
        });
        // Each gets a copy of their own, whoever else of the same clause it stays for.
        let copies = rule.then == Disposal::DeliverThenErase && !rule.for_work;
        let (of_each, since) = match copies && handing::goes_to_them(self.policy, rule) {
            true => ("AND o.person_id = g.person_id", ""),
            false => ("", "AND k.done_on >= g.stopped_on"),
        };
        let sql = format!(
            "SELECT DISTINCT d.id, g.engagement_id, g.stopped_on FROM ground g
                JOIN document_work w ON w.engagement_id = g.engagement_id JOIN document d ON d.id = w.document_id
                WHERE g.rule = ?2 AND g.state = 'stopped' AND g.cause <> 'annulled' AND g.stopped_on < ?1
                AND (g.dated_on IS NULL OR g.dated_on < ?1)
                AND ((w.class IS NULL AND d.kind IN ({kinds})) OR (w.class IS NOT NULL AND w.class IN ({classes})))
                AND (g.person_id IS NULL OR EXISTS
                    (SELECT 1 FROM document_person l WHERE l.document_id = d.id AND l.person_id = g.person_id))
                AND NOT EXISTS (SELECT 1 FROM ground o WHERE o.rule = g.rule AND o.engagement_id = g.engagement_id
                    AND o.state = 'active' {of_each})
                AND NOT EXISTS (SELECT 1 FROM task k WHERE k.document_id = d.id AND k.done_on IS NULL AND k.kind <> 'mask')
                AND NOT EXISTS (SELECT 1 FROM task k WHERE k.document_id = d.id AND k.person_id = g.person_id AND k.kind = 'deliver'
                    AND k.done_on >= ?1)
                AND NOT EXISTS (SELECT 1 FROM task k WHERE k.document_id = d.id AND k.engagement_id = g.engagement_id
                    AND COALESCE(k.person_id, 0) = COALESCE(g.person_id, 0) AND k.kind IN ('return', 'deliver')
                    AND k.done_on IS NOT NULL {since})
                AND NOT {} AND NOT (g.person_id IS NOT NULL AND {}) {handed_over} ORDER BY d.id LIMIT {}",
            self.work_waits("g.engagement_id"),
            self.waits("g.person_id"),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            Ok(format!(
                "document {} still lies on work {}, which let go of it on {}, and nobody is to hand it over",
                row.int(0)?,
                row.int(1)?,
                row.date(2)?
            ))
        })
    }

    /// Entries that somebody is to hand over to one of those in them, and nobody to another whose own clause says the same; and documents
    /// of which a copy is to be delivered.
    fn not_to_each(&self, rule: &policy::Rule) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        if handing::goes_to_them(self.policy, rule) {
            for (table, kinds) in [("entry", "'return', 'deliver'"), ("document", "'deliver'")] {
                broken.extend(self.not_to_each_of(rule, table, kinds)?);
            }
        }
        Ok(broken)
    }

    fn not_to_each_of(&self, rule: &policy::Rule, table: &str, kinds: &str) -> Result<Vec<String>> {
        let keys: Vec<&str> = rule.keys().collect();
        let mut values: Vec<Value<'_>> = Vec::new();
        let keys = listed_after(&mut values, &keys);
        let sql = format!(
            "SELECT DISTINCT p.person_id, k.{table}_id FROM task k JOIN {table}_person p ON p.{table}_id = k.{table}_id
                WHERE k.kind IN ({kinds}) AND k.done_on IS NULL AND k.rule IN ({keys})
                AND NOT EXISTS (SELECT 1 FROM task o WHERE o.{table}_id = k.{table}_id AND o.person_id = p.person_id
                    AND o.kind IN ({kinds}))
                ORDER BY p.person_id, k.{table}_id"
        );
        let never_asked = self.tx.all(&sql, &values, |row| Ok((PersonId(row.int(0)?), row.int(1)?)))?;
        let mut broken = Vec::new();
        for some in never_asked.chunks(AT_ONCE) {
            let ids: BTreeSet<i64> = some.iter().map(|(_, id)| *id).collect();
            let ids: Vec<i64> = ids.into_iter().collect();
            let data = dispose::linked_rows(self.tx, self.policy, table, &ids)?;
            let data: BTreeMap<i64, Datum> = data.into_iter().map(|datum| (datum.id, datum)).collect();
            let mut rest = some.iter().filter_map(|(person, id)| Some((*person, data.get(id)?))).peekable();
            while rest.peek().is_some() {
                // As many as together are about no more people than may be in memory.
                let (mut people, mut together) = (BTreeSet::new(), Vec::new());
                while let Some((person, datum)) = rest.next_if(|_| people.len() < AT_ONCE) {
                    people.extend(datum.people.iter().map(|(about, _)| *about));
                    together.push((person, datum));
                }
                broken.extend(self.leaving_without(&together, people)?);
            }
            if broken.len() > NAMED {
                break;
            }
        }
        Ok(broken)
    }

    /// What is said of those of some people, each with an entry or a document, who would get it by their own clause, and of those
    /// who cannot be read. `people` are all whom these are about.
    fn leaving_without(
        &self,
        some: &[(PersonId, &Datum)],
        people: BTreeSet<PersonId>,
    ) -> Result<Vec<String>> {
        // What ended today has its night still to come.
        let night = self.cut.yesterday().unwrap_or(self.cut);
        let (lives, mut broken) = self.lives(people)?;
        let works: BTreeSet<EngagementId> =
            some.iter().flat_map(|(_, datum)| &datum.engagements).map(|(on, _)| *on).collect();
        let works = departure::speaking(self.tx, self.policy, works.into_iter().collect(), self.today)?;
        for (person, datum) in some {
            let Some(own) = lives.get(person) else { continue };
            let beside = datum.people.iter().filter(|(about, _)| about != person);
            let mut others: Vec<&Life> = beside.filter_map(|(about, _)| lives.get(about)).collect();
            others.extend(works.iter().filter(|work| {
                let on = EngagementId(work.person.0);
                datum.engagements.iter().any(|(known, _)| *known == on)
                    && departure::speaks(self.policy, own, on)
            }));
            let leaving = coverage::uncovered(self.policy, own, &others, std::slice::from_ref(*datum), night);
            let gets = |one: &Uncovered| {
                one.theirs && one.suspended.is_none() && matches!(one.outcome, Outcome::Task(_))
            };
            if leaving.iter().any(gets) {
                broken.push(format!(
                    "{} {} is to be handed over to others in it, and not to person {person}",
                    datum.table, datum.id
                ));
            }
        }
        Ok(broken)
    }
}

/// Adds texts to the values of a question. Their places in it, or what is among nothing where there are none.
fn listed_after<'v>(values: &mut Vec<Value<'v>>, texts: &[&'v str]) -> String {
    let before = values.len();
    values.extend(texts.iter().map(|text| Value::from(*text)));
    match texts.len() {
        0 => "''".to_owned(),
        many => placeholders(before, many),
    }
}
