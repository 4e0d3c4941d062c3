//! What is written about people in words: every column that holds what somebody typed, in every table about anybody, as
//! the schema declares them. A new one is looked in without being named here. Files are looked inside elsewhere.

use custody::id::PersonId;
use jiff::civil::Date;

use crate::schema::{self, Form, Owner, Personal, Table};
use crate::{Result, Tx, params};

/// Rows looked at with one statement.
const AT_ONCE: i64 = 2_000;

/// Values that are no prose: who has the same is found as that person, the words of the policy name nobody, and the cells
/// of a list go as soon as its rows are taken.
const FORMED: &[&str] = &[
    "call.number",
    "consent.wording",
    "document_person.role",
    "engagement_person.part",
    "entry_person.role",
    "import_row.raw",
    "incident.decision",
    "incident.risk",
    "item.normal",
    "message.address",
    "not_entered.activity",
    "not_objecting.number",
    "person_category.category",
    "request.initials",
    "screening.number",
    "search_text.normal",
    "soft_opt_in.address",
];

/// What is typed into columns that are nobody's value: an organisation speaks of people all the same, a text kept to begin
/// others with or what shows that something signed is so may, and a detail says where it comes from.
const BESIDE: &[(&str, &[&str])] = &[
    ("attestation", &["evidence"]),
    ("document", &["paper_place", "source"]),
    ("entry", &["source"]),
    ("incident", &["regulator_reference"]),
    ("item", &["source"]),
    ("organisation", &["phone", "email", "address", "website", "notes"]),
    ("picture", &["alt"]),
    ("template", &["name", "subject", "body"]),
    ("saved_audience", &["name", "criteria"]),
];

/// The tables that hold the most, and what is looked for most often: looked in first.
const FIRST: &[&str] = &["entry", "item", "message"];

/// A table with the columns that hold words.
#[derive(Clone, Debug)]
pub struct Prose {
    /// The table.
    pub table: &'static Table,
    /// The columns.
    pub columns: Vec<&'static str>,
}

impl Prose {
    /// Where what a row said before stands, and of which row it was.
    #[must_use]
    pub fn before(&self) -> Option<(&'static str, &'static str)> {
        match self.table.name {
            "entry" => Some(("entry_history", "entry_id = ?1")),
            "item" => Some(("item_history", "item_id = ?1")),
            _ => None,
        }
    }

    /// Rows that are not somebody's: `?1`; before a row, `?2`, from the newest back.
    fn others(&self) -> String {
        let table = self.table;
        let theirs = match table.owner {
            Owner::Person(column) => format!("t.{column} = ?1"),
            Owner::Links { table, column } => {
                format!("EXISTS (SELECT 1 FROM {table} p WHERE p.{column} = t.id AND p.person_id = ?1)")
            }
            // What is nobody's has no number of a person: no two rows of any tables have the same.
            _ => table.about_person().unwrap_or_else(|| "t.id = ?1".to_owned()),
        };
        let text: Vec<String> =
            self.columns.iter().map(|column| format!("COALESCE(t.{column}, '')")).collect();
        let text = text.join(" || ' \n' || ");
        let on = table.columns.iter().find(|column| column.form == Form::Date).map_or("NULL", |on| on.name);
        // Whoever has the same name, address or number is found as that person.
        let free = if table.name == "item" { "AND t.kind NOT IN ('name', 'email', 'phone')" } else { "" };
        format!(
            "SELECT t.id, {text}, {on} FROM {} AS t WHERE t.id < ?2 AND ({theirs}) IS NOT TRUE {free}
                ORDER BY t.id DESC LIMIT {AT_ONCE}",
            table.name
        )
    }
}

/// The tables that hold words about anybody, those that hold the most first.
#[must_use]
pub fn tables() -> Vec<Prose> {
    let later = schema::tables().map(|table| table.name).filter(|name| !FIRST.contains(name));
    FIRST.iter().copied().chain(later).filter_map(of).collect()
}

/// The columns of a table that hold words about anybody; nothing where none does.
#[must_use]
pub fn of(name: &str) -> Option<Prose> {
    let table = schema::table(name)?;
    let beside = BESIDE.iter().find(|(beside, _)| *beside == name).map_or(&[][..], |(_, columns)| columns);
    let owned = matches!(table.owner, Owner::Person(_) | Owner::Via { .. } | Owner::Links { .. });
    let holds = |column: &&schema::Column| {
        let value = owned && column.personal == Personal::Value;
        let formed = FORMED.contains(&format!("{name}.{}", column.name).as_str());
        column.form == Form::Text && !formed && (value || beside.contains(&column.name))
    };
    let columns: Vec<&str> = table.columns.iter().filter(holds).map(|column| column.name).collect();
    (table.key == ["id"] && !columns.is_empty()).then_some(Prose { table, columns })
}

/// What a row of a table is, in words: `a line`.
#[must_use]
pub fn called(table: &str) -> &'static str {
    match table {
        "agreement" => "what was agreed",
        "attestation" => "what shows that something signed is so",
        "call" => "a call",
        "certificate" => "a note on what has gone",
        "complaint" => "a complaint",
        "complaint_step" => "a step of a complaint",
        "consent" => "how a consent was given",
        "disclosure" => "something passed on",
        "document" => "a document's title",
        "engagement" => "the title of work",
        "entry" => "a line",
        "entry_history" => "a line as it was before",
        "ground" => "why something is kept",
        "held_then" => "what was held before it was changed",
        "hold" => "a hold's reason",
        "incident" => "an incident",
        "incident_step" => "a step of an incident",
        "item" => "a detail",
        "item_history" => "a detail as it was before",
        "letter" => "a letter",
        "mailing" => "a mailing",
        "message" => "a message",
        "not_entered" => "why something was not begun",
        "not_objecting" => "who said that they may be called",
        "objection" => "an objection",
        "organisation" => "what is noted of an organisation",
        super::texts::NAME => "the name of an organisation",
        "pack_choice" => "why something is left out of a copy",
        "paper" => "something on paper",
        "picture" => "what a picture in a text to many shows",
        "parting" => "an answer to what was asked",
        "redaction" => "a decision on a copy",
        "request" => "a request",
        "request_step" => "a step of a request",
        "restriction" => "a restriction's reason",
        "saved_audience" => "a saved audience",
        "soft_opt_in" => "how an address was got",
        "task" => "a task",
        "template" => "a template",
        _ => "a record",
    }
}

/// Whom a row is about: the first of several, nobody where it is an organisation's.
///
/// # Errors
/// Whatever the database says.
pub fn whose(tx: &Tx<'_>, table: &str, id: i64) -> Result<Option<PersonId>> {
    let Some(table) = schema::table(table) else { return Ok(None) };
    let (sql, via) = match table.owner {
        Owner::Person(column) => (format!("SELECT {column} FROM {} WHERE id = ?1", table.name), None),
        Owner::Links { table, column } => {
            let role = if schema::table(table)
                .is_some_and(|link| link.columns.iter().any(|one| one.name == "role"))
            {
                "role, "
            } else {
                ""
            };
            (
                format!("SELECT person_id FROM {table} WHERE {column} = ?1 ORDER BY {role}person_id LIMIT 1"),
                None,
            )
        }
        Owner::Via { column, table: other } => {
            (format!("SELECT {column} FROM {} WHERE id = ?1", table.name), Some(other))
        }
        Owner::None | Owner::Staff(_) | Owner::Hash(_) => return Ok(None),
    };
    let found = tx.maybe(&sql, params![id], |row| row.opt_int(0))?.flatten();
    match (found, via) {
        (Some(id), Some(other)) => whose(tx, other, id),
        (found, _) => Ok(found.map(PersonId)),
    }
}

/// Everybody a row is about.
///
/// # Errors
/// Whatever the database says.
pub fn whom(tx: &Tx<'_>, table: &str, id: i64) -> Result<Vec<PersonId>> {
    // A step is about everybody whom it is a step of.
    if let Some((name, Owner::Via { column, table: other })) =
        schema::table(table).map(|table| (table.name, table.owner))
    {
        let of = format!("SELECT {column} FROM {name} WHERE id = ?1");
        let of = tx.maybe(&of, params![id], |row| row.opt_int(0))?.flatten();
        return of.map_or_else(|| Ok(Vec::new()), |of| whom(tx, other, of));
    }
    let first = whose(tx, table, id)?;
    let mut about: Vec<PersonId> = first.into_iter().collect();
    if let Some(Owner::Links { table, column }) = schema::table(table).map(|table| table.owner) {
        let sql = format!("SELECT DISTINCT person_id FROM {table} WHERE {column} = ?1");
        let all = tx.all(&sql, params![id], |row| row.int(0).map(PersonId))?;
        about.extend(all.into_iter().filter(|who| Some(*who) != first));
    }
    Ok(about)
}

/// A row of others that was looked at.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) text: String,
    pub(super) on: Option<Date>,
}

/// How far a look went.
pub(super) struct Looked {
    pub(super) rows: u64,
    pub(super) back_to: Option<Date>,
    /// In which table time ran out, if it did.
    pub(super) ran_out_in: Option<&'static str>,
}

/// Goes through what is written about others, newest first, as long as `going` says so.
pub(super) fn scan(
    tx: &Tx<'_>,
    person: PersonId,
    going: &dyn Fn() -> bool,
    each: &mut dyn FnMut(&'static str, Row),
) -> Result<Looked> {
    let mut looked = Looked { rows: 0, back_to: None, ran_out_in: None };
    for prose in tables() {
        let sql = prose.others();
        let mut before = i64::MAX;
        looked.back_to = None;
        loop {
            if !going() {
                looked.ran_out_in = Some(prose.table.name);
                return Ok(looked);
            }
            let rows = tx.all(&sql, params![person, before], |row| {
                let on = row.opt_text(2)?.and_then(|on| on.parse().ok());
                Ok(Row { id: row.int(0)?, text: row.text(1)?, on })
            })?;
            let Some(last) = rows.last() else { break };
            before = last.id;
            looked.back_to = last.on;
            looked.rows += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            rows.into_iter().for_each(|row| each(prose.table.name, row));
        }
    }
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_that_somebody_types_is_looked_in_or_has_a_form_of_its_own() {
        let prose = tables();
        assert!(prose.len() > 25, "{}", prose.len());
        for one in &prose {
            assert_ne!(called(one.table.name), "a record", "{} has no word of its own", one.table.name);
        }
        let owned = schema::tables().filter(|table| table.about_person().is_some());
        for (table, column) in owned.flat_map(|table| table.values().map(move |column| (table, column))) {
            let name = format!("{}.{}", table.name, column.name);
            let looked = of(table.name).is_some_and(|one| one.columns.contains(&column.name));
            assert!(looked || FORMED.contains(&name.as_str()), "{name}");
        }
        for name in FORMED {
            let (table, column) = name.split_once('.').unwrap_or_default();
            let there =
                schema::table(table).is_some_and(|table| table.columns.iter().any(|one| one.name == column));
            assert!(there, "there is no {name}");
        }
        for (name, columns) in BESIDE {
            assert!(
                of(name).is_some_and(|one| columns.iter().all(|column| one.columns.contains(column))),
                "{name}"
            );
        }
    }
}
