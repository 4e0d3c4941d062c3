//! The buttons below a mailing: a test to oneself, sending, calling back, and what became of what is uncertain.

use super::*;
use crate::acts::mailing::trial;
use crate::web::{Trouble, blocking};

/// What a button sends.
#[derive(Deserialize, Clone, Copy)]
pub struct Seen {
    #[serde(default)]
    version: i64,
}

/// `POST /outreach/{id}/send`.
pub async fn send(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Seen>,
) -> Answer<Response> {
    let sent = write(house.clone(), &visitor, move |acting, tx| {
        acts::send(acting, tx, MailingId(id), given.version).map(drop)
    })
    .await;
    answer(house, visitor, id, sent, "leaving", Form::default()).await
}

/// `POST /outreach/{id}/cancel`.
pub async fn cancel(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| {
        acts::call_back(acting, tx, MailingId(id)).map(drop)
    })
    .await;
    answer(house, visitor, id, done, "undone", Form::default()).await
}

/// What somebody says of messages that may have arrived.
#[derive(Deserialize, Clone)]
pub struct Say {
    #[serde(default)]
    arrived: String,
}

/// `POST /outreach/{id}/uncertain`.
pub async fn say(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Say>,
) -> Answer<Response> {
    let arrived = given.arrived == "yes";
    let done = write(house.clone(), &visitor, move |acting, tx| match given.arrived.as_str() {
        "yes" | "no" => crate::acts::uncertain::say(acting, tx, MailingId(id), arrived).map(drop),
        _ => Err(Fault::field("arrived", "Say whether they arrived, or are sent again.")),
    })
    .await;
    answer(house, visitor, id, done, if arrived { "recorded" } else { "leaving" }, Form::default()).await
}

/// `POST /outreach/{id}/now`.
pub async fn now(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| acts::hurry(acting, tx, MailingId(id))).await;
    answer(house, visitor, id, done, "leaving", Form::default()).await
}

/// As which of the audience a test is read.
#[derive(Deserialize, Clone, Copy)]
pub struct Try {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    whose: usize,
}

/// `POST /outreach/{id}/test`: one to whoever writes it.
pub async fn test(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Try>,
) -> Answer<Response> {
    let prepared = write(house.clone(), &visitor, move |acting, tx| {
        trial::prepare(acting, tx, MailingId(id), given.version, given.whose)
    })
    .await;
    let sent = match prepared {
        Ok(outgoing) => {
            let axum::extract::State(instance) = house.clone();
            let sent = blocking(move || trial::leave(&instance, &outgoing)).await;
            sent.map_err(|fault| Trouble::new(fault, &visitor))
        }
        Err(trouble) => Err(trouble),
    };
    answer(house, visitor, id, sent, "tried", Form::default()).await
}
