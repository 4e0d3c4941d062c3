//! One row made into what would be stored about one person, or what must be put right first.

use std::collections::BTreeMap;

use policy::{Kind, KindId};
use store::normal::Shape;

use super::column::{NamePart, Target, looks_like_email};
use super::sheet::Row;

/// What would be stored of one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// The row, from 1.
    pub row: usize,
    /// The items, each once, in the columns' order; the name first.
    pub items: Vec<(KindId, String)>,
    /// The organisation the person belongs to.
    pub organisation: Option<String>,
}

/// What is wrong with one row, and where to put it right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    /// The row, from 1.
    pub row: usize,
    /// The column, from 0, where one cell is to blame.
    pub column: Option<usize>,
    /// A sentence, which may quote the cell.
    pub message: String,
    /// The same in words that quote nothing, to be kept: `not an e-mail address`.
    pub what: &'static str,
}

/// What is wrong with one value: the sentence that quotes it, and the words that do not.
type Wrong = (String, &'static str);

/// Google writes several values of one cell so; HubSpot and people use a semicolon.
const BETWEEN_VALUES: &[&str] = &[" ::: ", ";"];

/// Reads one row by the columns' targets (`targets[column]`); `kinds` are the activity's items.
///
/// # Errors
/// Every problem of the row: its shape, a cell that is no e-mail address or number, nobody to hold.
pub fn draft(row: &Row, targets: &[Target], kinds: &[&Kind]) -> Result<Draft, Vec<RowProblem>> {
    let problem =
        |column: Option<usize>, (message, what): Wrong| RowProblem { row: row.number, column, message, what };
    if let Some(shape) = &row.problem {
        return Err(vec![problem(
            None,
            (shape.message.clone(), "more or fewer cells than headings, or one too long"),
        )]);
    }
    let mut problems = Vec::new();
    let mut name = Name::default();
    let mut items: Vec<(KindId, String)> = Vec::new();
    let mut organisation = None;
    let mut lines: BTreeMap<(KindId, u8), Vec<String>> = BTreeMap::new();
    for (column, target) in targets.iter().enumerate() {
        let cell = row.cell(column);
        if cell.is_empty() {
            continue;
        }
        match *target {
            Target::Ignore => {}
            Target::Organisation => {
                organisation.get_or_insert_with(|| one_line(cell));
            }
            Target::Name(kind, part) => name.put(kind, part, cell),
            Target::Line(kind, group) => {
                let parts = lines.entry((kind, group)).or_default();
                let part = one_line(cell);
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
            Target::Item(kind) => {
                let declared = kinds
                    .iter()
                    .find(|declared| declared.id == kind)
                    .map(|kind| kind.name.as_str())
                    .unwrap_or_default();
                for value in values(declared, cell) {
                    match checked(declared, &value) {
                        Ok(value) if items.contains(&(kind, value.clone())) => {}
                        Ok(value) => items.push((kind, value)),
                        Err(wrong) => problems.push(problem(Some(column), wrong)),
                    }
                }
            }
        }
    }
    if let Some(whole) = name.whole() {
        items.insert(0, whole);
    }
    items.extend(lines.into_iter().map(|((kind, _), parts)| (kind, parts.join(", "))));
    let names_nobody = |(id, _): &(KindId, String)| {
        !kinds.iter().any(|kind| {
            kind.id == *id && (is_name(&kind.name) || Shape::of(&kind.name).identifies().is_some())
        })
    };
    if problems.is_empty() && items.iter().all(names_nobody) {
        let nobody = "there is neither a name nor an address nor a number in this row to know a person by";
        problems.push(problem(None, (nobody.to_owned(), "neither a name nor an address nor a number")));
    }
    if problems.is_empty() { Ok(Draft { row: row.number, items, organisation }) } else { Err(problems) }
}

/// A name while its parts come in.
#[derive(Default)]
struct Name {
    kind: Option<KindId>,
    parts: Vec<(NamePart, String)>,
}

impl Name {
    fn put(&mut self, kind: KindId, part: NamePart, cell: &str) {
        self.kind = Some(kind);
        self.parts.push((part, one_line(cell)));
    }

    fn whole(mut self) -> Option<(KindId, String)> {
        let kind = self.kind?;
        let mixed = self.parts.iter().any(|(part, _)| *part == NamePart::Last || *part == NamePart::First);
        self.parts.retain(|(part, _)| !(mixed && *part == NamePart::Full));
        self.parts.sort_by_key(|(part, _)| *part as u8);
        Some((kind, self.parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")))
    }
}

fn one_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a kind holds the name people are known by.
#[must_use]
pub fn is_name(kind: &str) -> bool {
    matches!(kind, "name" | "full name")
}

fn is_email(kind: &str) -> bool {
    Shape::of(kind) == Shape::Email
}

fn is_phone(kind: &str) -> bool {
    Shape::of(kind) == Shape::Phone
}

fn values(kind: &str, cell: &str) -> Vec<String> {
    if !(is_email(kind) || is_phone(kind)) {
        return vec![cell.to_owned()];
    }
    let mut parts = vec![cell];
    for mark in BETWEEN_VALUES {
        parts = parts.iter().flat_map(|part| part.split(mark)).collect();
    }
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn checked(kind: &str, value: &str) -> Result<String, Wrong> {
    if is_email(kind) {
        let address = value.strip_prefix("mailto:").unwrap_or(value);
        return if looks_like_email(address) && store::normal::email(address).is_some() {
            Ok(address.to_owned())
        } else {
            Err((format!("\"{value}\" is not an e-mail address"), "not an e-mail address"))
        };
    }
    if is_phone(kind) {
        // A spreadsheet that took the number for a formula writes ="01632 960001" or '01632 960001.
        let number = value.trim_start_matches(['=', '\'']).trim_matches('"').trim();
        if value.contains(['E', 'e']) && value.contains('+') && value.contains('.') {
            return Err((
                format!("\"{value}\" is what a spreadsheet makes of a long number; write the number out"),
                "a long number that a spreadsheet has shortened",
            ));
        }
        return match store::normal::phone(number) {
            Some(_) => Ok(number.to_owned()),
            None => Err((format!("\"{value}\" is not a phone number"), "not a phone number")),
        };
    }
    Ok(value.to_owned())
}
