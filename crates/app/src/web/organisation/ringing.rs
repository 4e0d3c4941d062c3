//! Calling a company at its own number. It opens only once it is checked and the policy lets it be called.

use super::super::calls::ask_about;
use super::super::error::{refused as refused_box, refused_page, sentence};
use super::super::page::Refused;
use super::*;
use crate::acts::checking::{self, Answer as Answered};
use crate::acts::{call, ringing};

#[derive(Template)]
#[template(path = "organisation/call.html")]
struct CallPage {
    page: Page,
    base: String,
    organisation: String,
    name: String,
    number: String,
    words: String,
    refused: Option<Refused>,
    script: String,
    results: Vec<Choice>,
    form: Form,
}

/// `GET /organisations/{id}/call`.
pub async fn call_page(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| shown(acting, tx, OrganisationId(id), Form::default(), &path))
        .await
}

fn shown(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: OrganisationId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let company = ringing::company(acting, tx, id)?;
    let refused = match ringing::decide(acting, tx, &company) {
        Ok(()) => None,
        Err(Fault::Refused(refusal)) => Some(refused_box(&refusal)),
        Err(fault) => return Err(fault),
    };
    let passed = refused.is_none();
    html(&CallPage {
        page: frame::page(acting, "A call", "people", path),
        base: format!("/organisations/{id}/call"),
        organisation: format!("/organisations/{id}"),
        name: company.name,
        number: if passed { company.number } else { String::new() },
        words: match &refused {
            None => "Checked just now against what is known, and our list. The check is kept with the call."
                .to_owned(),
            Some(refused) => sentence(&refused.because),
        },
        refused,
        script: call::script(&acting.policy).filter(|_| passed).unwrap_or_default(),
        results: ringing::results(&acting.policy)
            .map(|result| Choice {
                value: result.name.clone(),
                words: result.words.clone(),
                hint: String::new(),
                chosen: form.value("result") == result.name,
            })
            .collect(),
        form,
    })
}

/// `POST /organisations/{id}/call/check`: checks the number and keeps the check.
pub async fn check_number(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let company = OrganisationId(id);
    let questions = move |acting: &Acting<'_>, tx: &Tx<'_>| ringing::questions(acting, tx, company);
    let keep = move |acting: &Acting<'_>, tx: &Tx<'_>, answers: &[Answered]| {
        checking::answered_of_company(acting, tx, company, answers)?;
        ringing::check(acting, tx, company).map(drop)
    };
    let said = ask_about(house, &visitor, questions, keep).await?;
    Ok(Redirect::to(&format!("/organisations/{id}/call?said={said}")).into_response())
}

/// What the call's form sends.
#[derive(Deserialize, Clone)]
pub struct Came {
    #[serde(default)]
    result: String,
}

/// `POST /organisations/{id}/call`: what came of it.
pub async fn record_call(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Came>,
) -> Answer<Response> {
    let company = OrganisationId(id);
    let done =
        write(house.clone(), &visitor, move |acting, tx| ringing::record(acting, tx, company, &given.result));
    let Err(trouble) = done.await else {
        return Ok(Redirect::to(&format!("/organisations/{id}?said=recorded")).into_response());
    };
    match trouble.told()? {
        Told::Invalid(errors) => {
            let form = Form { errors, ..Form::default() };
            let path = format!("/organisations/{id}/call");
            let page =
                read(house, &visitor, move |acting, tx| shown(acting, tx, company, form.clone(), &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
        Told::Refused(refused) => Ok(refused_page(&refused)),
    }
}
