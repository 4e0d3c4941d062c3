//! The pictures of a draft: added, shown and taken out.

use axum::extract::Multipart;

use super::*;
use crate::acts::picture;
use crate::web::Trouble;
use crate::web::picture::{Brought, shown};

/// `POST /outreach/{id}/pictures`.
pub async fn add_picture(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    form: Multipart,
) -> Answer<Response> {
    let brought = match Brought::read(form).await {
        Ok(brought) => brought,
        Err(fault) => {
            let trouble = Err(Trouble::new(fault, &visitor));
            return answer(house, visitor, id, trouble, "added", Form::default()).await;
        }
    };
    let typed = brought.form();
    let added = write(house.clone(), &visitor, move |acting, tx| {
        picture::add(acting, tx, Of::Mailing(MailingId(id)), &brought.alt, brought.file.as_deref()).map(drop)
    })
    .await;
    answer(house, visitor, id, added, "added", typed).await
}

/// `GET /outreach/{id}/pictures/{n}`.
pub async fn picture(
    house: House,
    visitor: Visitor,
    Path((id, number)): Path<(i64, i64)>,
) -> Answer<Response> {
    let found =
        read(house, &visitor, move |acting, tx| picture::one(acting, tx, Of::Mailing(MailingId(id)), number));
    Ok(shown(found.await?))
}

/// `POST /outreach/{id}/pictures/{n}/remove`.
pub async fn remove_picture(
    house: House,
    visitor: Visitor,
    Path((id, number)): Path<(i64, i64)>,
) -> Answer<Response> {
    let removed = write(house.clone(), &visitor, move |acting, tx| {
        picture::remove(acting, tx, Of::Mailing(MailingId(id)), number)
    })
    .await;
    answer(house, visitor, id, removed, "removed", Form::default()).await
}
