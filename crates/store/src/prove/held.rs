//! What is held: nothing without a ground, nothing past its day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use custody::handing;
use custody::id::PersonId;
use policy::activity::THE_PERSON;
use policy::{ActivityId, KindId, Policy, RuleId, Sort};

use super::{NAMED, Prover, Seen, named};
use crate::asked::{AT_ONCE, listed, placeholders};
use crate::request::NEEDING;
use crate::schema::{self, KindOf, Owner, Table};
use crate::{Error, Result, Value, params, policy_version};

/// The details of each kind by its name: how many, and the first of those that name no source.
#[derive(Default)]
pub(super) struct Sources {
    items: BTreeMap<String, usize>,
    without: BTreeMap<String, Vec<String>>,
    elsewhere: BTreeMap<String, Vec<String>>,
}

/// A ground that still carries what it covers: active and in time, or stopped so lately that the sweep of the
/// coming night takes it. What ended before anybody wrote it down is taken by the night after that. `?1` is the day before
/// which it is late.
pub(super) const CARRIES: &str = "((g.state = 'active' AND (g.due_on IS NULL OR g.due_on >= ?1))
    OR (g.state = 'stopped' AND g.cause <> 'due' AND g.stopped_on >= ?1) OR (g.state = 'stopped' AND g.cause = 'due' AND g.stopped_on > ?1)
    OR (g.state = 'stopped' AND g.dated_on >= ?1))";

/// Somebody whose data waits: a hold, a restriction, an open request that needs it. `{p}` is their number.
const WAITS: &str =
    "(EXISTS (SELECT 1 FROM hold h WHERE h.person_id = {p} AND (h.ended_on IS NULL OR h.ended_on >= ?1))
    OR EXISTS (SELECT 1 FROM hold h JOIN engagement_person hp ON hp.engagement_id = h.engagement_id
        WHERE hp.person_id = {p} AND (h.ended_on IS NULL OR h.ended_on >= ?1))
    OR EXISTS (SELECT 1 FROM restriction r WHERE r.person_id = {p} AND r.lifted_on IS NULL)
    OR EXISTS (SELECT 1 FROM request q WHERE q.person_id = {p} AND q.kind IN {needing} AND q.answered_on IS NULL
        AND (q.due_on IS NULL OR q.due_on >= ?1)))";

/// Whether a hold, a restriction or an open request that needs it keeps somebody's data, in SQL.
pub(super) fn kept(who: &str) -> String {
    WAITS.replace("{p}", who).replace("{needing}", NEEDING)
}

/// An entry `t` that somebody is to hand over, or has since the last night.
pub(super) const ENTRY_BY_HAND: &str = "EXISTS (SELECT 1 FROM task k WHERE k.entry_id = t.id
    AND k.kind IN ('return', 'deliver') AND (k.done_on IS NULL OR k.done_on >= ?1))";

impl Prover<'_, '_> {
    pub(super) fn nothing_undeclared(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let mut broken = self.undeclared()?;
        for kind in activity.kinds.iter() {
            broken.extend(self.of_kind(kind)?);
        }
        let rows = self.rows("item")? + self.rows("entry")? + self.rows("document")?;
        Ok(Seen::of(rows, "items, entries and documents, each on a ground", broken))
    }

    /// Rows of no declared kind, and details of nobody, looked for once in a run.
    fn undeclared(&self) -> Result<Vec<String>> {
        self.found.undeclared.or(|| {
            let mut broken = self.of_no_kind()?;
            broken.extend(self.nobodys_details()?);
            Ok(broken)
        })
    }

    pub(super) fn source_stated(&self, activity: ActivityId) -> Result<Seen> {
        let activity = self.activity(activity)?;
        let sources = self.sources()?;
        let mut broken = Vec::new();
        let mut rows = 0;
        for kind in activity.kinds.iter().filter_map(|kind| self.policy.kind(kind)) {
            rows += sources.items.get(&kind.name).copied().unwrap_or(0);
            broken.extend(sources.without.get(&kind.name).into_iter().flatten().cloned());
            broken.extend(sources.elsewhere.get(&kind.name).into_iter().flatten().cloned());
        }
        let figure =
            format!("{rows} details of the kinds of {}, each from where the policy says", activity.name);
        Ok(Seen { figure, broken })
    }

    /// How many details there are of each kind, and which of them do not say where they came from: looked for once.
    fn sources(&self) -> Result<Arc<Sources>> {
        self.found.sources.or(|| self.look_for_sources().map(Arc::new))
    }

    fn look_for_sources(&self) -> Result<Sources> {
        let mut found = Sources::default();
        for table in ["item", "entry", "document"] {
            found.items.extend(self.held(table)?.iter().map(|(kind, rows)| (kind.clone(), *rows)));
            let sql = format!("SELECT id, kind FROM {table} WHERE source = '' ORDER BY id");
            self.tx.each(&sql, &[], |row| {
                let without = found.without.entry(row.text(1)?).or_default();
                if without.len() < NAMED {
                    without.push(format!("{table} {} does not say where it came from", row.int(0)?));
                }
                Ok::<(), Error>(())
            })?;
        }
        found.elsewhere = self.sourced_elsewhere()?;
        Ok(found)
    }

    /// Details by kind that came from where no version of the policy lets them come from.
    fn sourced_elsewhere(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for version in policy_version::all(self.tx)? {
            let (Some(policy), _) = Policy::read(version.files) else { continue };
            for activity in &policy.activities {
                for kind in activity.kinds.iter().filter_map(|kind| policy.kind(kind)) {
                    let named = named.entry(kind.name.clone()).or_default();
                    named.extend(activity.from.iter().cloned());
                    if activity.from.is_empty() {
                        named.insert(THE_PERSON.to_owned());
                    }
                }
            }
        }
        let mut elsewhere: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let used = self.tx.all("SELECT DISTINCT kind, source FROM item WHERE source <> ''", &[], |row| {
            Ok((row.text(0)?, row.text(1)?))
        })?;
        for (kind, source) in used {
            if named.get(&kind).is_none_or(|named| named.contains(&source)) {
                continue;
            }
            let sql =
                format!("SELECT id FROM item WHERE kind = ?1 AND source = ?2 ORDER BY id LIMIT {NAMED}");
            let found = self.tx.all(&sql, params![&kind, &source], |row| {
                Ok(format!("item {} came from where the policy lets no {kind} come from", row.int(0)?))
            })?;
            elsewhere.entry(kind).or_default().extend(found);
        }
        Ok(elsewhere)
    }

    /// The details of a sole trader or partnership are its person's: held with an organisation they have no ground.
    fn nobodys_details(&self) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT id FROM organisation WHERE subscriber <> 'corporate' AND (phone IS NOT NULL OR email IS NOT NULL
                OR address IS NOT NULL OR website IS NOT NULL OR notes IS NOT NULL) ORDER BY id LIMIT {NAMED}"
        );
        self.tx.all(&sql, &[], |row| {
            Ok(format!(
                "organisation {} is no company and has details that nobody's ground covers",
                row.int(0)?
            ))
        })
    }

    /// Whether somebody's data waits, in SQL: as [`kept`] says, or because they have not been told yet that it goes.
    pub(super) fn waits(&self, who: &str) -> String {
        let waits = kept(who);
        let tells: Vec<String> = self
            .policy
            .rules
            .iter()
            .filter(|rule| rule.tell_before.is_some())
            .map(|rule| format!("'{}'", rule.key.replace('\'', "''")))
            .collect();
        let Ok(since) = self.cut.checked_sub(jiff::Span::new().days(custody::parting::DAYS)) else {
            return waits;
        };
        if tells.is_empty() {
            return waits;
        }
        format!(
            "({waits} OR EXISTS (SELECT 1 FROM ground ug WHERE ug.person_id = {who} AND ug.rule IN ({})
                AND COALESCE(ug.due_on, ug.stopped_on) >= '{since}' AND COALESCE(ug.cause, 'due') NOT IN
                    ('withdrawn', 'objected', 'erased', 'annulled', 'rule gone')
                AND NOT EXISTS (SELECT 1 FROM parting up WHERE up.person_id = ug.person_id AND up.ground_id = ug.id
                    AND up.says = 'told' AND up.said_on IS NOT NULL)))",
            tells.join(", ")
        )
    }

    /// Whether a piece of work waits, in SQL: a hold stands on it, or for somebody on it something does.
    pub(super) fn work_waits(&self, work: &str) -> String {
        format!(
            "(EXISTS (SELECT 1 FROM hold wh WHERE wh.engagement_id = {work} AND (wh.ended_on IS NULL OR wh.ended_on >= ?1))
                OR EXISTS (SELECT 1 FROM engagement_person wp WHERE wp.engagement_id = {work} AND {}))",
            self.waits("wp.person_id")
        )
    }

    pub(super) fn gone_in_time(&self, rule: RuleId) -> Result<Seen> {
        let rule = self.rule(rule)?;
        let mut broken = self.overdue(rule)?;
        broken.extend(self.left_behind()?);
        for kind in rule.kinds.iter() {
            broken.extend(self.of_kind(kind)?);
        }
        let grounds = self.standing(rule)?;
        Ok(Seen::of(grounds, "grounds within their time", broken))
    }

    /// Open tasks about work or people that went.
    fn left_behind(&self) -> Result<Vec<String>> {
        let sql =
            format!("SELECT t.id FROM task t WHERE {} ORDER BY t.id LIMIT {NAMED}", crate::task::LEFT_BEHIND);
        self.tx.all(&sql, &[], |row| {
            Ok(format!("task {} is about somebody or something that went", row.int(0)?))
        })
    }

    /// Active grounds past their last day that no sweep has touched and nothing suspends.
    fn overdue(&self, rule: &policy::Rule) -> Result<Vec<String>> {
        let waits = match rule.for_work {
            true => self.work_waits("g.engagement_id"),
            false => self.waits("g.person_id"),
        };
        // Found by the day, since few are late and many are of the rule: hence no plain `g.rule`.
        let sql = format!(
            "SELECT g.id, g.person_id, g.due_on FROM ground g WHERE g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on < ?1
                AND g.rule || '' = ?2 AND NOT {waits} ORDER BY g.due_on LIMIT {NAMED}"
        );
        self.tx.all(&sql, params![self.cut, &rule.key], |row| {
            let whose =
                row.opt_int(1)?.map_or_else(|| "work alone".to_owned(), |who| format!("person {who}"));
            Ok(format!("ground {} of {whose} was due {} and still stands", row.int(0)?, row.text(2)?))
        })
    }

    /// Rows of kinds that the policy does not declare at all.
    fn of_no_kind(&self) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        for table in schema::personal() {
            let KindOf::Column(column) = table.kind else { continue };
            let held = self.held(table.name)?;
            for kind in held
                .keys()
                .filter(|kind| self.policy.kind_named(kind).is_none_or(|kind| !of_sort(table, kind.sort)))
            {
                let sql =
                    format!("SELECT id FROM {} WHERE {column} = ?1 ORDER BY id LIMIT {NAMED}", table.name);
                broken.extend(self.tx.all(&sql, params![kind], |row| {
                    Ok(format!("{} {} is of a kind the policy does not declare", table.name, row.int(0)?))
                })?);
            }
        }
        Ok(named(broken))
    }

    /// Rows of a kind that no ground carries, looked for once however many clauses speak of the kind.
    pub(super) fn of_kind(&self, kind: KindId) -> Result<Vec<String>> {
        self.found.kinds.or(kind, || self.look_for_kind(kind))
    }

    fn look_for_kind(&self, kind: KindId) -> Result<Vec<String>> {
        let Some(declared) = self.policy.kind(kind) else { return Ok(Vec::new()) };
        let rules: Vec<&str> = self
            .policy
            .rules
            .iter()
            .filter(|rule| rule.kinds.contains(kind))
            .flat_map(policy::Rule::keys)
            .collect();
        let everybody = self.everybody()?;
        let doubtful = everybody.doubtful.get(&kind).map_or(&[][..], Vec::as_slice);
        let mut broken = Vec::new();
        for table in schema::personal().filter(|table| holds(table, &declared.name, declared.sort)) {
            let (all_walked, of_works) = match table.kind {
                KindOf::Column(_) => (!everybody.strays.contains(kind), everybody.of_works.contains(kind)),
                _ => (everybody.walked.contains(table.name), false),
            };
            if !all_walked {
                broken.extend(self.of_table(table, &declared.name, &rules, (&[], "a ground"))?);
                broken.extend(self.uncut(table, &declared.name, &rules, None)?);
                continue;
            }
            // Only those are looked at whom the walk past everybody left in doubt.
            broken.extend(self.of_doubtful(table, &declared.name, &rules, doubtful)?);
            broken.extend(self.uncut(table, &declared.name, &rules, Some(doubtful))?);
            if of_works {
                broken.extend(self.of_nobody(table, &declared.name, &rules)?);
            }
        }
        Ok(named(broken))
    }

    fn of_doubtful(
        &self,
        table: &Table,
        kind: &str,
        rules: &[&str],
        people: &[PersonId],
    ) -> Result<Vec<String>> {
        let mut broken = BTreeSet::new();
        for some in people.chunks(AT_ONCE) {
            broken.extend(self.of_table(table, kind, rules, (some, "a ground"))?);
            if broken.len() > NAMED {
                break;
            }
        }
        Ok(broken.into_iter().take(NAMED + 1).collect())
    }

    /// The work that rows of a table lie on, where the policy keeps something for work itself.
    fn works_of(&self, table: &str, column: &str) -> String {
        match crate::life::kept_for(self.policy).next() {
            Some(_) => Self::lies_on(table, column),
            None => "(SELECT 0 AS engagement_id WHERE 1 = 0) AS w".to_owned(),
        }
    }

    /// The work that rows of a table lie on.
    fn lies_on(table: &str, column: &str) -> String {
        match table {
            "entry" | "document" => {
                format!("(SELECT x.engagement_id FROM {table}_work x WHERE x.{column} = t.id) AS w")
            }
            "engagement" => "(SELECT t.id AS engagement_id) AS w".to_owned(),
            _ => "(SELECT 0 AS engagement_id WHERE 1 = 0) AS w".to_owned(),
        }
    }

    /// Somebody, `{p}`, whose details and records go only once what their clause hands over has been: until the night after that
    /// they wait. Nothing where none of these rules hands over, and for what is handed over itself.
    fn after_hand_over(&self, table: &Table, rules: &[&str]) -> Option<String> {
        let hands = |rule: &&policy::Rule| rule.then.hands_over() && rules.contains(&rule.key.as_str());
        let rules = self.policy.rules.iter().filter(hands);
        let keys: Vec<String> = rules.map(|rule| format!("'{}'", rule.key.replace('\'', "''"))).collect();
        if keys.is_empty() || matches!(table.name, "document" | "entry" | "paper") {
            return None;
        }
        Some(format!(
            "(EXISTS (SELECT 1 FROM ground hg WHERE hg.person_id = {{p}} AND hg.rule IN ({}))
                AND EXISTS (SELECT 1 FROM task hk WHERE hk.person_id = {{p}} AND hk.kind IN ('return', 'deliver')
                    AND (hk.done_on IS NULL OR hk.done_on >= ?1)))",
            keys.join(", ")
        ))
    }

    /// Rows of a kind in a table that nothing of these rules carries, of some people or of all; and what they lack.
    pub(super) fn of_table(
        &self,
        table: &Table,
        kind: &str,
        rules: &[&str],
        (people, lacks): (&[PersonId], &str),
    ) -> Result<Vec<String>> {
        let mut values: Vec<Value<'_>> = vec![self.cut.into()];
        let mut covering = Vec::new();
        for rule in rules {
            values.push((*rule).into());
            covering.push(format!("?{}", values.len()));
        }
        let under = if covering.is_empty() {
            "1 = 0".to_owned()
        } else {
            format!("g.rule IN ({})", covering.join(", "))
        };
        let by_hand = self.after_hand_over(table, rules);
        let waits = |who: &str| match &by_hand {
            Some(by_hand) => format!("({} OR {})", self.waits(who), by_hand.replace("{p}", who)),
            None => self.waits(who),
        };
        let (who, covered, waits) = match table.owner {
            Owner::Person(column) => (
                format!("t.{column}"),
                format!(
                    "EXISTS (SELECT 1 FROM ground g WHERE g.person_id = t.{column} AND {under} AND {CARRIES})"
                ),
                waits(&format!("t.{column}")),
            ),
            Owner::Links { table: links, column } => {
                let on_work = if schema::table(&format!("{}_work", table.name)).is_some() {
                    format!(
                        "AND (g.engagement_id IS NULL OR EXISTS (SELECT 1 FROM {}_work w WHERE w.{column} = t.id
                            AND w.engagement_id = g.engagement_id))",
                        table.name
                    )
                } else {
                    String::new()
                };
                let waits = waits("l.person_id");
                let (works, lies_on) = (self.works_of(table.name, column), Self::lies_on(table.name, column));
                (
                    format!("(SELECT MIN(l.person_id) FROM {links} l WHERE l.{column} = t.id)"),
                    // A cross join keeps SQLite from going through every ground of the rule for each row.
                    format!(
                        "(EXISTS (SELECT 1 FROM {links} l CROSS JOIN ground g
                            WHERE l.{column} = t.id AND g.person_id = l.person_id AND {under} AND {CARRIES} {on_work})
                            OR EXISTS (SELECT 1 FROM {works} CROSS JOIN ground g
                                WHERE g.engagement_id = w.engagement_id AND g.person_id IS NULL AND {under} AND {CARRIES}))"
                    ),
                    format!(
                        "(EXISTS (SELECT 1 FROM {links} l WHERE l.{column} = t.id AND {waits})
                            OR EXISTS (SELECT 1 FROM {lies_on} JOIN hold h ON h.engagement_id = w.engagement_id
                                WHERE h.ended_on IS NULL OR h.ended_on >= ?1))"
                    ),
                )
            }
            _ => return Ok(Vec::new()),
        };
        let mut only = vec!["1 = 1".to_owned()];
        let mut from = format!("{} t", table.name);
        if !people.is_empty() {
            let (ids, _) = listed(people.iter().map(Value::from));
            let places = placeholders(values.len(), ids.len());
            values.extend(ids);
            match table.owner {
                Owner::Person(column) => only.push(format!("t.{column} IN ({places})")),
                Owner::Links { table: links, column } => {
                    // A cross join keeps SQLite from going through every row of the kind.
                    from = format!(
                        "(SELECT DISTINCT {column} AS id FROM {links} WHERE person_id IN ({places})) AS s CROSS JOIN {} t",
                        table.name
                    );
                    only.push("t.id = s.id".to_owned());
                }
                _ => {}
            }
        }
        if let KindOf::Column(column) = table.kind {
            values.push(kind.into());
            only.push(format!("t.{column} = ?{}", values.len()));
        }
        match table.name {
            // Nobody known is in it: its row has a clock of its own.
            "incident" => only.push(format!("{who} IS NOT NULL")),
            // The record of a piece of work stays as long as a ground of that work stands.
            "engagement" => only.push(format!(
                "({who} IS NOT NULL OR {}) AND NOT EXISTS (SELECT 1 FROM ground g WHERE g.engagement_id = t.id AND {CARRIES})
                    AND NOT EXISTS (SELECT 1 FROM task k WHERE k.engagement_id = t.id AND (k.done_on IS NULL OR k.done_on >= ?1)
                        AND k.kind IN ('return', 'deliver', 'destroy paper'))",
                // Work that nobody is on stays for what it holds for itself.
                if crate::life::kept_for(self.policy).next().is_some() { "1 = 1" } else { "1 = 0" }
            )),
            "request" => only.push("t.person_id IS NOT NULL AND t.closed_on IS NOT NULL".to_owned()),
            // Where something goes that is to be handed over to them stays until the night after that is done.
            "item" => {
                only.push(format!("{who} IS NOT NULL"));
                only.extend(self.says_where(kind).map(|owed| format!("NOT {owed}")));
            }
            "document" => only.push(
                "NOT EXISTS (SELECT 1 FROM task k WHERE k.document_id = t.id AND k.done_on IS NULL AND k.kind <> 'mask')"
                    .to_owned(),
            ),
            "paper" => only.push(
                "NOT EXISTS (SELECT 1 FROM task k WHERE k.paper_id = t.id AND k.done_on IS NULL)".to_owned(),
            ),
            // The record of a consent stays as long as a ground rests on it (UK GDPR Art 7(1)).
            "consent" => only.push(format!(
                "NOT EXISTS (SELECT 1 FROM ground g WHERE g.person_id = t.person_id AND g.activity = t.activity
                    AND t.withdrawn_on IS NULL
                    AND (t.engagement_id IS NULL OR g.engagement_id IS NULL OR g.engagement_id = t.engagement_id)
                    AND {CARRIES})"
            )),
            "entry" => {
                if self.policy.rules.iter().any(|rule| rule.then.hands_over()) {
                    only.push(format!("NOT {ENTRY_BY_HAND}"));
                }
            }
            _ => only.push(format!("{who} IS NOT NULL")),
        }
        let sql = format!(
            "SELECT t.id, {who} FROM {from} WHERE {} AND NOT {covered} AND NOT {waits} ORDER BY t.id LIMIT {}",
            only.join(" AND "),
            NAMED + 1
        );
        self.tx.all(&sql, &values, |row| {
            let whose =
                row.opt_int(1)?.map_or_else(|| "nobody".to_owned(), |person| format!("person {person}"));
            Ok(format!("{kind} {} of {whose} is held without {lacks}", row.int(0)?))
        })
    }

    /// Whether a detail `t` of a kind says where something goes that is still to be handed over to its person, or was since the last
    /// night, in SQL; nothing for other kinds, or where no clause hands anything to them.
    fn says_where(&self, kind: &str) -> Option<String> {
        let reached = handing::addressed(self.policy);
        self.policy.kind_named(kind).filter(|kind| reached.contains(kind.id))?;
        let rules = self.policy.rules.iter().filter(|rule| handing::goes_to_them(self.policy, rule));
        let keys = rules.flat_map(policy::Rule::keys);
        let keys: Vec<String> = keys.map(|key| format!("'{}'", key.replace('\'', "''"))).collect();
        (!keys.is_empty()).then(|| {
            format!(
                "EXISTS (SELECT 1 FROM task hk WHERE hk.person_id = t.person_id AND hk.kind IN ('return', 'deliver')
                    AND (hk.done_on IS NULL OR hk.done_on >= ?1) AND hk.rule IN ({}))",
                keys.join(", ")
            )
        })
    }
}

/// Whether a table holds data of a kind.
pub(super) fn holds(table: &Table, kind: &str, sort: Sort) -> bool {
    let of_somebody = match table.owner {
        Owner::Person(column) => {
            table.columns.iter().any(|known| known.name == column && known.refers == Some("person"))
        }
        Owner::Links { .. } => true,
        _ => false,
    };
    of_somebody
        && match table.kind {
            KindOf::Column(_) => of_sort(table, sort),
            KindOf::Record(name) => name == kind,
            KindOf::None | KindOf::Part => false,
        }
}

fn of_sort(table: &Table, sort: Sort) -> bool {
    matches!((table.name, sort), ("item", Sort::Item) | ("entry", Sort::Entry) | ("document", Sort::Document))
}
