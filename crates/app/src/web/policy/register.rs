//! `/policy/register`: the register of processing (UK GDPR Art 30), and the same as CSV under the regulator's columns.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use policy::notice::id_of;
use policy::register::{self, COLUMNS};

use crate::web::page::{Page, Tab};
use crate::web::people::escape;
use crate::web::{Answer, House, Visitor, frame, html, read};

#[derive(Template)]
#[template(path = "policy/register.html")]
struct Register {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    csv: String,
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
            csv: "/policy/register.csv".to_owned(),
        })
    })
    .await
}

/// `GET /policy/register.csv`.
pub async fn csv(house: House, visitor: Visitor) -> Answer<Response> {
    let text = read(house, &visitor, |acting, _| Ok(register::to_csv(&register::of(&acting.policy)))).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"register-of-processing.csv\""),
    ];
    Ok((headers, text).into_response())
}
