//! The pictures of a template: added, shown and taken out.

use axum::extract::Multipart;

use super::*;
use crate::acts::picture;
use crate::web::Trouble;
use crate::web::picture::{Brought, shown as drawn};

/// `POST /outreach/templates/{id}/pictures`.
pub async fn add_picture(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    form: Multipart,
) -> Answer<Response> {
    let which = TemplateId(id);
    let (brought, typed) = match Brought::read(form).await {
        Ok(brought) => (Ok(brought.clone()), brought.form()),
        Err(fault) => (Err(Trouble::new(fault, &visitor)), Form::default()),
    };
    let added = match brought {
        Ok(brought) => {
            write(house.clone(), &visitor, move |acting, tx| {
                picture::add(acting, tx, Of::Template(which), &brought.alt, brought.file.as_deref())
            })
            .await
        }
        Err(trouble) => Err(trouble),
    };
    done(house, visitor, which, added.map(drop), ("added", typed)).await
}

/// `GET /outreach/templates/{id}/pictures/{n}`.
pub async fn picture(
    house: House,
    visitor: Visitor,
    Path((id, number)): Path<(i64, i64)>,
) -> Answer<Response> {
    let found = read(house, &visitor, move |acting, tx| {
        picture::one(acting, tx, Of::Template(TemplateId(id)), number)
    });
    Ok(drawn(found.await?))
}

/// `POST /outreach/templates/{id}/pictures/{n}/remove`.
pub async fn remove_picture(
    house: House,
    visitor: Visitor,
    Path((id, number)): Path<(i64, i64)>,
) -> Answer<Response> {
    let which = TemplateId(id);
    let removed = write(house.clone(), &visitor, move |acting, tx| {
        picture::remove(acting, tx, Of::Template(which), number)
    })
    .await;
    done(house, visitor, which, removed, ("removed", Form::default())).await
}

async fn done(
    house: House,
    visitor: Visitor,
    which: TemplateId,
    done: Answer<()>,
    (said, form): (&str, Form),
) -> Answer<Response> {
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/outreach/templates/{which}?said={said}")).into_response()),
        Err(trouble) => again(house, visitor, Some(which), trouble.told()?, form).await,
    }
}
