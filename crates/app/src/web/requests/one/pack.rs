//! The pack of a request: everything held about whoever asks, as a document and for computers.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use custody::id::RequestId;
use store::Tx;

use crate::acts::request as acts;
use crate::acts::{Acting, person};
use crate::fault::Fault;
use crate::print::{self, Pack as Copy, copy};
use crate::web::{Answer, House, Trouble, Visitor, read};

/// Everything held about whoever asks, opened for them.
///
/// # Errors
/// [`Fault::NotFound`] once they are gone; [`Fault::Refused`] unless the role may see all of it to answer.
pub fn copied(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId) -> Result<Copy, Fault> {
    let asked = acts::on_desk(acting, tx, id)?;
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let all = person::act(
        custody::Verb::Answer,
        Some(policy::role::Deed::AnswerRequests),
        custody::act::Asked::Exactly(kinds),
    );
    let grant = acting.decide(&all, &[&life], &custody::Gate::default())?;
    acting.opens("pack.opened", &grant);
    copy::of(acting, tx, &life, &grant, Some(&asked))
}

/// `GET /requests/{id}/pack.json`.
pub async fn json(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let pack = read(house, &visitor, move |acting, tx| copied(acting, tx, RequestId(id))).await?;
    let text = pack.to_json().map_err(|error| Trouble::new(Fault::Other(error.to_string()), &visitor))?;
    let name = format!("attachment; filename=\"request-{id}.json\"");
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// `GET /requests/{id}/pack.pdf`: set in a process of its own.
pub async fn pdf(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let (pack, at) = read(house, &visitor, move |acting, tx| {
        Ok((copied(acting, tx, RequestId(id))?, acting.now.as_millisecond()))
    })
    .await?;
    let printed = print::run(::print::Template::Pack, &pack, at).await;
    let pdf = printed.map_err(|error| Trouble::new(Fault::Other(error.to_string()), &visitor))?;
    let name = format!("inline; filename=\"request-{id}.pdf\"");
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], pdf)
        .into_response())
}
