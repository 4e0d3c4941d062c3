//! `/policy/register`: the register of processing (UK GDPR Art 30), the companies that work for us, the texts the policy
//! rests on, and all of it as files.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use custody::Verdict;
use jiff::civil::Date;
use policy::Policy;
use policy::notice::id_of;
use policy::policy::Clause;
use policy::register::{self, COLUMNS, Document, Sheet};

use crate::acts::proof::{self, Proof};
use crate::fault::Fault;
use crate::sheet;
use crate::web::error::sentence;
use crate::web::page::{Page, Tab};
use crate::web::people::escape;
use crate::web::{Answer, House, Visitor, frame, html, read};

#[derive(Template)]
#[template(path = "policy/register.html")]
struct Register {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    processors: Sheet,
    recipients: Sheet,
    documents: Vec<Text>,
}

/// A text the policy rests on.
struct Text {
    what: String,
    file: String,
    href: String,
    rests: String,
    last: String,
    next: String,
    late: bool,
}

struct Row {
    id: String,
    activity: String,
    purpose: String,
    who: String,
    data: String,
    basis: String,
    sources: String,
    recipients: String,
    keep: String,
    people: u64,
    people_href: String,
}

/// `GET /policy/register`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let register = register::of(policy);
        let mut rows = Vec::with_capacity(register.rows.len());
        for (activity, cells) in policy.activities.iter().zip(&register.rows) {
            let cell = |name: &str| {
                let at = COLUMNS.iter().position(|column| *column == name);
                at.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
            };
            rows.push(Row {
                id: id_of(&activity.name),
                activity: activity.title.clone(),
                purpose: activity.so_that.clone().map_or_else(
                    || cell("Business function"),
                    |so_that| format!("{}: so that {so_that}", cell("Business function")),
                ),
                who: cell("Categories of individuals"),
                data: cell("Categories of personal data"),
                basis: cell("Article 6 lawful basis for processing personal data"),
                sources: cell("The source of the personal data"),
                recipients: cell("Categories of recipients"),
                keep: cell("Retention schedule"),
                people: store::ground::people_under(tx, &activity.name, acting.today)?,
                people_href: format!("/people?activity={}", escape(&activity.name)),
            });
        }
        html(&Register {
            page: frame::page(acting, "Register of processing", "policy", &path),
            tabs: super::tabs(policy, acting.today, "/policy/register"),
            rows,
            processors: register::processor_list(policy),
            recipients: register::recipient_list(policy),
            documents: register::documents(policy)
                .into_iter()
                .map(|document| text(policy, document, acting.today))
                .collect(),
        })
    })
    .await
}

/// `GET /policy/register/{file}`: every list as a file to take away.
pub async fn file(house: House, visitor: Visitor, Path(name): Path<String>) -> Answer<Response> {
    let asked = name.clone();
    let (kind, bytes) = read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let mut sheets = register::sheets(policy);
        if let (Some(sheet), Some(proof)) = (sheets.first_mut(), proof::latest(tx)?) {
            looked_at(policy, sheet, &proof);
        }
        let csv = |at: usize| {
            let sheet = sheets.get(at).ok_or(Fault::NotFound)?;
            Ok(("text/csv; charset=utf-8", register::sheet_csv(sheet).into_bytes()))
        };
        match asked.as_str() {
            "register.csv" => csv(0),
            "processors.csv" => csv(1),
            "recipients.csv" => csv(2),
            "assets.csv" => csv(3),
            "documents.csv" => csv(4),
            "register.xlsx" => {
                let book = sheet::workbook(&sheets).map_err(|error| Fault::Other(error.to_string()))?;
                Ok(("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book))
            }
            "register.jsonld" => {
                let text = serde_json::to_vec_pretty(&register::to_jsonld(policy));
                Ok(("application/ld+json", text.map_err(|error| Fault::Other(error.to_string()))?))
            }
            _ => Err(Fault::NotFound),
        }
    })
    .await?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response())
}

/// What the latest proof found of the promises on each activity's periods.
fn looked_at(policy: &Policy, sheet: &mut Sheet, proof: &Proof) {
    for (activity, row) in policy.activities.iter().zip(&mut sheet.rows) {
        let on_periods =
            |clauses: &[Clause]| activity.rules.iter().any(|rule| clauses.contains(&Clause::Keep(*rule)));
        let promises = policy.promises.iter().filter(|(_, clauses)| on_periods(clauses));
        let looked: Vec<register::Looked<'_>> = promises
            .filter_map(|(id, _)| Some((id, proof.of(id)?)))
            .filter(|(_, found)| found.verdict != Verdict::Open.word())
            .map(|(id, found)| {
                let broken = found.verdict == Verdict::Broken.word();
                (id.as_str(), !broken, format!("{id}: {}", found.counterexamples.join(", ")))
            })
            .collect();
        register::retained(row, proof.on, &looked);
    }
}

fn text(policy: &Policy, document: Document, today: Date) -> Text {
    let words = |day: Option<Date>| day.map_or_else(|| "no date stated".to_owned(), frame::words);
    Text {
        what: sentence(document.what),
        late: document.next.is_some_and(|next| next < today),
        rests: document.rests.join("; "),
        last: words(document.last),
        next: words(document.next),
        href: match policy.rests_on(&document.file) {
            Some(_) => format!("/policy/texts/{}", document.file),
            None => String::new(),
        },
        file: document.file,
    }
}
