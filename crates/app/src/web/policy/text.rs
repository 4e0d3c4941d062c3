//! `/policy/texts/{file}`: a text the policy rests on, an assessment or a policy document, as it was adopted with it.

use askama::Template;
use axum::extract::Path;
use policy::register;

use crate::fault::Fault;
use crate::web::page::{Page, Tab};
use crate::web::{Answer, House, Visitor, frame, html, read};

#[derive(Template)]
#[template(path = "policy/text.html")]
struct TextPage {
    page: Page,
    tabs: Vec<Tab>,
    file: String,
    text: String,
}

/// `GET /policy/texts/{file}`.
pub async fn get(house: House, visitor: Visitor, Path(file): Path<String>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let policy = &acting.policy;
        let named = register::documents(policy).into_iter().any(|document| document.file == file);
        let text = policy.rests_on(&file).filter(|_| named).ok_or(Fault::NotFound)?.to_owned();
        html(&TextPage {
            page: frame::page(acting, "A text the policy rests on", "policy", &path),
            tabs: super::tabs(policy, acting.today, "/policy/register"),
            file: file.clone(),
            text,
        })
    })
    .await
}
