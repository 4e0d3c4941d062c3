//! The second step: what each column becomes. Samples are shown only of columns that become something.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::Grant;
use custody::id::{ImportId, NOBODY};
use custody::sealed::Sealed;
use policy::KindId;
use policy::role::Deed;
use std::collections::BTreeMap;
use store::Tx;
use store::import::{self as batches, Batch};

use super::steps;
use crate::acts::Acting;
use crate::acts::import::{self as acts, Importing};
use crate::fault::Fault;
use crate::intake::{Sheet, Source, Target, column, source};
use crate::web::page::{Choice, Page, Step};
use crate::web::show::filters;
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html, people, read, write};

#[derive(Template)]
#[template(path = "import/columns.html")]
struct Columns {
    page: Page,
    grant: Grant,
    base: String,
    steps: Vec<Step>,
    file: String,
    columns: Vec<Column>,
    undeclared: Vec<Undeclared>,
    empty: u64,
    theirs: u64,
    error: String,
}

struct Column {
    name: String,
    heading: String,
    samples: Vec<Sealed>,
    filled: u64,
    options: Vec<Choice>,
    note: String,
}

struct Undeclared {
    heading: String,
    words: String,
}

/// `GET /import/{id}/columns`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    read(house, &visitor, move |acting, tx| page(acting, tx, ImportId(id), String::new())).await
}

/// `POST /import/{id}/columns`: one answer a column, named `column-0` and on.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(answers): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    let by = write(house.clone(), &visitor, move |acting, _| {
        acting.must(Deed::Import)?;
        acting.staff_id().ok_or(Fault::NotFound)
    })
    .await?;
    let State(instance) = house.clone();
    let planned = blocking(move || {
        let batch = instance.store.read(|tx| batches::one(tx, ImportId(id)))?;
        let sheet = acts::sheet(&instance, &batch)?;
        let words: Vec<String> = (0..sheet.headers.len())
            .map(|at| answers.get(&format!("column-{at}")).cloned().unwrap_or_default())
            .collect();
        acts::plan_whole(&instance, Some(by), ImportId(id), &sheet, &words)
    })
    .await;
    match planned.map_err(|fault| Trouble::new(fault, &visitor)) {
        Ok(()) => Ok(Redirect::to(&format!("/import/{id}/rows")).into_response()),
        Err(trouble) => {
            let words =
                super::errors(trouble)?.into_iter().map(|error| error.words).collect::<Vec<_>>().join(" ");
            let page = read(house, &visitor, move |acting, tx| page(acting, tx, ImportId(id), words)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn page(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId, error: String) -> Result<Html<String>, Fault> {
    acting.must(Deed::Import)?;
    let importing = Importing::load(&acting.policy, tx, id)?;
    let sheet = acts::sheet(acting.instance, &importing.batch)?;
    let grant = acts::preview(acting, &importing)?;
    let guesses = column::guess(&sheet, &importing.activity.name, &importing.kinds);
    let undeclared = undeclared(&guesses);
    let filled = filled(&sheet);
    let empty = filled.iter().filter(|n| **n == 0).count() as u64;
    let shown: Vec<_> = guesses.into_iter().zip(&filled).filter(|(_, filled)| **filled > 0).collect();
    let all = shown.len();
    let shown: Vec<_> = shown.into_iter().filter(|(guess, _)| !is_theirs(&importing, guess)).collect();
    let theirs = (all - shown.len()) as u64;
    let columns = shown.into_iter().map(|(guess, filled)| one(&importing, guess, *filled)).collect();
    html(&Columns {
        page: frame::page(acting, "What the columns hold", "people", &format!("/import/{id}/columns")),
        grant,
        base: format!("/import/{id}"),
        steps: steps(1),
        file: file(&importing.batch, &sheet),
        columns,
        undeclared,
        empty,
        theirs,
        error,
    })
}

/// Columns of the other program's own housekeeping, unless somebody said that one of them becomes something.
fn is_theirs(importing: &Importing<'_>, guess: &column::ColumnGuess) -> bool {
    let said = importing.said.columns.get(guess.column).is_some_and(|word| !word.is_empty());
    guess.housekeeping && !said
}

/// What is left out because the policy does not declare it, the columns of one sort together.
fn undeclared(guesses: &[column::ColumnGuess]) -> Vec<Undeclared> {
    let mut all: Vec<Undeclared> = Vec::new();
    for guess in guesses.iter().filter(|guess| guess.undeclared.is_some()) {
        let words = crate::web::error::sentence(&guess.why);
        match all.iter_mut().find(|known| known.words == words) {
            Some(known) => known.heading.push_str(&format!(", {}", guess.header)),
            None => all.push(Undeclared { heading: guess.header.clone(), words }),
        }
    }
    all
}

/// `contacts.csv: 214 rows, written by Google Contacts, in UTF-8`.
fn file(batch: &Batch, sheet: &Sheet) -> String {
    let written = match source::recognise(&sheet.headers) {
        Source::Unknown => String::new(),
        known => format!(", written by {}", known.words()),
    };
    format!("{}: {} rows{written}, in {}", batch.name, sheet.rows.len(), sheet.dialect.encoding)
}

fn filled(sheet: &Sheet) -> Vec<u64> {
    let mut filled = vec![0; sheet.headers.len()];
    for row in &sheet.rows {
        for (at, count) in filled.iter_mut().enumerate() {
            *count += u64::from(!row.cell(at).is_empty());
        }
    }
    filled
}

fn one(importing: &Importing<'_>, guess: column::ColumnGuess, filled: u64) -> Column {
    let said = importing.said.columns.get(guess.column);
    let target = said.and_then(|word| Target::of_word(word, &importing.kinds)).unwrap_or(guess.target);
    let mut all = Target::all(&importing.kinds);
    if let Target::Line(kind, _) = guess.target {
        let name = importing.kinds.iter().find(|its| its.id == kind).map_or("", |kind| kind.name.as_str());
        all.push((guess.target, format!("part of the {name}")));
    }
    let options = all.into_iter().map(|(its, words)| Choice {
        value: its.word(&importing.kinds),
        words: people::capital(&words),
        hint: String::new(),
        chosen: its == target,
    });
    let samples = match shown_as(importing, target) {
        Some(kind) => guess.samples.into_iter().map(|sample| Sealed::new(NOBODY, kind, sample)).collect(),
        None => Vec::new(),
    };
    Column {
        name: format!("column-{}", guess.column),
        heading: guess.header,
        samples,
        filled,
        options: options.collect(),
        note: if target == guess.target { people::capital(&guess.why) } else { "As you said".to_owned() },
    }
}

/// The kind a column's cells are shown as; none for what is left out.
pub(super) fn shown_as(importing: &Importing<'_>, target: Target) -> Option<KindId> {
    match target {
        Target::Name(kind, _) | Target::Item(kind) | Target::Line(kind, _) => Some(kind),
        Target::Organisation => {
            importing.kinds.iter().find(|kind| column::is_organisation(kind)).map(|kind| kind.id)
        }
        Target::Ignore => None,
    }
}
