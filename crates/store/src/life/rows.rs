//! Rows with clocks of their own, as they are added to the lives they belong to.

use custody::coverage::{Datum, Role};
use custody::id::{EngagementId, PersonId};
use custody::life::{Kept, Life};
use custody::moment::Moment;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use policy::{KindSet, Policy, Sort};

use super::zone;
use crate::asked::{Asked, placeholders};
use crate::{Error, Result, Row, Tx, Value, schema};

type Lives = Vec<Life>;

/// What the program keeps of its own, each row with the days its clocks count from: when it was written, when it was
/// closed (nothing while it is open, or where it never closes), and when it was sent. What was never sent counts from when it
/// was put among what waits to leave: it is kept no longer than what was.
const RECORDS: &[(&str, &str, [&str; 3])] = &[
    ("consent", "consent record", ["recorded_at", NO_DAY, NO_MOMENT]),
    ("soft_opt_in", "consent record", ["recorded_at", NO_DAY, NO_MOMENT]),
    ("objection", "objection record", ["recorded_at", NO_DAY, NO_MOMENT]),
    ("disclosure", "disclosure record", ["recorded_at", NO_DAY, NO_MOMENT]),
    ("paper", "paper record", ["recorded_at", "destroyed_on", NO_MOMENT]),
    ("screening", "call record", ["recorded_at", NO_DAY, NO_MOMENT]),
    ("not_objecting", "call record", ["recorded_at", NO_DAY, NO_MOMENT]),
    ("call", "call record", ["at", NO_DAY, NO_MOMENT]),
    ("request", "request record", ["recorded_at", "closed_on", NO_MOMENT]),
    ("complaint", "complaint record", ["recorded_at", "closed_on", NO_MOMENT]),
    ("message", "message record", ["queued_at", NO_DAY, "COALESCE(sent_at, queued_at)"]),
    ("staff", "staff record", ["created_at", "until", NO_MOMENT]),
];

const NO_DAY: &str = "CAST(NULL AS TEXT)";
const NO_MOMENT: &str = "CAST(NULL AS BIGINT)";

/// Whether every row of a table is among what the program keeps of its own in a life.
pub(crate) fn in_lives(table: &str) -> bool {
    RECORDS.iter().any(|(known, ..)| *known == table)
}

/// Those that are about several people.
const SHARED_RECORDS: [&str; 2] = [
    "SELECT 25, p.person_id, i.id, i.recorded_at, NULL, NULL, 'incident', 'incident record', NULL, i.closed_on, NULL, NULL, NULL, NULL, NULL
        FROM incident_person p JOIN incident i ON i.id = p.incident_id WHERE p.person_id {people}",
    "SELECT DISTINCT 25, p.person_id, e.id, e.created_at, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), 'engagement', 'work record', CAST(NULL AS TEXT), e.closed_on, CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT)
        FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id WHERE p.person_id {people}",
];

/// One document of each kind, where none goes row by row: else the others are asked for by themselves.
pub(super) const DOCUMENTS: &[&str] = &[
    "SELECT 25, p.person_id, MAX(t.id), MAX(t.recorded_at), NULL, NULL, 'document', t.kind, MAX(t.on_date), NULL, NULL, NULL, NULL, NULL, NULL
        FROM document_person p JOIN document t ON t.id = p.document_id WHERE p.person_id {people} GROUP BY p.person_id, t.kind",
];

/// What the program keeps of its own, row by row, as parts of a life.
pub(super) fn records() -> Vec<String> {
    let own = RECORDS.iter().map(|(table, kind, [recorded, closed, sent])| {
        format!(
            "SELECT 25, person_id, id, {recorded}, {sent}, NULL, '{table}', '{kind}', NULL, {closed}, NULL, NULL, NULL, NULL, NULL
                FROM {table} WHERE person_id {{people}}"
        )
    });
    own.chain(SHARED_RECORDS.map(str::to_owned)).collect()
}

/// Adds to lives, whose numbers ascend, the rows of the timeline and the details that go one by one under some clause; and for clocks
/// one document of each kind that does not, where any does.
pub(super) fn add(
    tx: &Tx<'_>,
    policy: &Policy,
    asked: &Asked,
    lives: &mut Lives,
    for_clocks: bool,
) -> Result<()> {
    let zone = zone(policy);
    let documents = by_row(policy, Sort::Document);
    if for_clocks && !documents.is_empty() {
        let keep = |life: &mut Life, row: &Row<'_>| keep(policy, &zone, life, row);
        each_of_kinds(tx, OTHER_DOCUMENTS, asked, documents.clone(), lives, keep)?;
    }
    for (table, kinds) in [("entry", by_row(policy, Sort::Entry)), ("document", documents)] {
        of_timeline(tx, (policy, &zone), asked, lives, table, kinds)?;
    }
    details(tx, (policy, &zone), asked, lives)
}

/// One document of each kind of which none goes row by row.
const OTHER_DOCUMENTS: &str =
    "SELECT p.person_id, 'document', MAX(t.id), t.kind, MAX(t.on_date), MAX(t.recorded_at)
    FROM document_person p JOIN document t ON t.id = p.document_id
    WHERE p.person_id {people} AND t.kind NOT IN ({kinds}) GROUP BY p.person_id, t.kind";

/// The kinds of a sort whose rows go one by one under some clause.
pub(super) fn kinds_by_row(policy: &Policy, sort: Sort) -> KindSet {
    let rules =
        policy.rules.iter().filter(|rule| rule.by_row && (sort != Sort::Item || rule.details_by_row()));
    let kinds = rules.fold(KindSet::none(), |kinds, rule| kinds.or(rule.kinds));
    kinds.iter().filter(|kind| policy.kind(*kind).is_some_and(|kind| kind.sort == sort)).collect()
}

/// Their names.
fn by_row(policy: &Policy, sort: Sort) -> Vec<Value<'_>> {
    let kinds = kinds_by_row(policy, sort);
    kinds.iter().filter_map(|kind| policy.kind(kind)).map(|kind| kind.name.as_str().into()).collect()
}

/// Calls a function with each row of a query that names kinds beside people: `{kinds}` is the list of them.
fn each_of_kinds(
    tx: &Tx<'_>,
    sql: &str,
    asked: &Asked,
    kinds: Vec<Value<'_>>,
    lives: &mut Lives,
    f: impl FnMut(&mut Life, &Row<'_>) -> Result<()>,
) -> Result<()> {
    let list = placeholders(asked.values.len(), kinds.len());
    let values: Vec<Value<'_>> = asked.values.iter().cloned().chain(kinds).collect();
    each(tx, &asked.sql(sql).replace("{kinds}", &list), &values, lives, f)
}

fn each(
    tx: &Tx<'_>,
    sql: &str,
    values: &[Value<'_>],
    lives: &mut Lives,
    mut f: impl FnMut(&mut Life, &Row<'_>) -> Result<()>,
) -> Result<()> {
    tx.each(sql, values, |row| {
        let person = PersonId(row.int(0)?);
        match lives.binary_search_by_key(&person, |life| life.person) {
            Ok(at) => lives.get_mut(at).map_or(Ok(()), |life| f(life, row)),
            Err(_) => Ok(()),
        }
    })
}

/// Entries or documents of kinds that a clause lets go row by row.
fn of_timeline(
    tx: &Tx<'_>,
    (policy, zone): (&Policy, &TimeZone),
    asked: &Asked,
    lives: &mut Lives,
    table: &str,
    kinds: Vec<Value<'_>>,
) -> Result<()> {
    if kinds.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT DISTINCT p.person_id, '{table}', t.id, t.kind, t.on_date, t.recorded_at, w.engagement_id, w.class
            FROM {table}_person p JOIN {table} t ON t.id = p.{table}_id LEFT JOIN {table}_work w ON w.{table}_id = t.id
            WHERE p.person_id {{people}} AND t.kind IN ({{kinds}}) ORDER BY p.person_id, t.id, w.engagement_id"
    );
    each_of_kinds(tx, &sql, asked, kinds, lives, |life, row| {
        let on = row.opt_int(6)?.map(EngagementId);
        let id = row.int(2)?;
        if life.records.last().is_none_or(|kept| kept.datum.id != id || kept.datum.table != table) {
            keep(policy, zone, life, row)?;
        }
        if let (Some(kept), Some(on)) = (life.records.last_mut(), on) {
            kept.datum.engagements.push((on, row.opt_text(7)?));
        }
        Ok(())
    })
}

/// Details that go one by one. Of them the day they were collected counts.
fn details(
    tx: &Tx<'_>,
    (policy, zone): (&Policy, &TimeZone),
    asked: &Asked,
    lives: &mut Lives,
) -> Result<()> {
    let kinds = by_row(policy, Sort::Item);
    if kinds.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT person_id, 'item', id, kind, collected_on, {NO_MOMENT} FROM item
            WHERE person_id {{people}} AND kind IN ({{kinds}}) ORDER BY person_id, id"
    );
    each_of_kinds(tx, &sql, asked, kinds, lives, |life, row| keep(policy, zone, life, row))
}

/// Keeps a row of a question for rows: after whose it is the table, the row, its kind, its day, and when it was written.
fn keep(policy: &Policy, zone: &TimeZone, life: &mut Life, row: &Row<'_>) -> Result<()> {
    let days = (row.opt_date(4)?, row.opt_at(5)?, None, None);
    let person = life.person;
    life.records.extend(kept(policy, zone, person, (row.str(1)?, row.int(2)?, row.str(3)?), days)?);
    Ok(())
}

/// A row of somebody, with its day, when it was written, when it was closed and when sent; nothing of a kind no policy knows.
pub(super) fn kept(
    policy: &Policy,
    zone: &TimeZone,
    person: PersonId,
    (table, id, kind): (&str, i64, &str),
    (dated, recorded, closed_on, sent): (Option<Date>, Option<Timestamp>, Option<Date>, Option<Timestamp>),
) -> Result<Option<Kept>> {
    let Some(kind) = policy.kind_named(kind).map(|kind| kind.id) else { return Ok(None) };
    let table = schema::table(table).ok_or(Error::Missing)?.name;
    let moment = |at: Timestamp| Moment::at(at.to_zoned(zone.clone()));
    let recorded = match (recorded, dated) {
        (Some(at), _) => moment(at),
        (None, Some(day)) => Moment::from(day),
        (None, None) => return Err(Error::Malformed("when a row was written".into())),
    };
    let datum = Datum {
        table,
        id,
        kind,
        people: vec![(person, Role::Subject)],
        engagements: Vec::new(),
        paper: false,
    };
    Ok(Some(Kept { datum, dated, recorded, closed_on, sent: sent.map(moment) }))
}
