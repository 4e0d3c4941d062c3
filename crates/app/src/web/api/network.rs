//! Lists for social networks, by the API: what may go where, of how many people and why not of the others, and the list itself.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};
use store::hashed;

use crate::acts::audience::Audience;
use crate::acts::hashed as acts;
use crate::fault::Fault;
use crate::web::network::{Named, address, named, networks, taken};
use crate::web::{Answer, House, Visitor, read};

/// `GET /api/v1/networks`: what the policy passes to networks, and the addresses of the lists; with what stands against one.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    read(house, &visitor, |acting, _| {
        let mut lists = Vec::new();
        for way in hashed::ways(&acting.policy) {
            for network in networks(acting, &way) {
                let refused = match acts::may_go(acting, &way, network) {
                    Ok(()) => Value::Null,
                    Err(Fault::Refused(refusal)) => json!({
                        "because": refusal.because, "clause": refusal.clause_words, "promises": refusal.promises,
                        "next": refusal.next_step,
                    }),
                    Err(fault) => return Err(fault),
                };
                lists.push(json!({
                    "recipient": way.with, "activity": way.activity.name, "network": network.name(),
                    "list": format!("/api/v1{}", address(&way, network)), "refused": refused,
                }));
            }
        }
        Ok(Json(json!({ "lists": lists })))
    })
    .await
}

/// `GET /api/v1/networks/{recipient}/{activity}/{network}`: of how many people something would go, and of how many not and why.
pub async fn get(house: House, visitor: Visitor, Path(asked): Path<Named>) -> Answer<Json<Value>> {
    read(house, &visitor, move |acting, tx| {
        let (way, network) = named(acting, &asked)?;
        Ok(Json(counted(&acts::audience(acting, tx, &way, network)?)))
    })
    .await
}

/// The two columns, in numbers.
#[must_use]
pub fn counted(found: &Audience) -> Value {
    let left_out = found.left_out.iter().map(|out| {
        json!({ "because": out.because, "clause": out.clause, "promises": out.promises, "people": out.people.len() })
    });
    json!({ "will": found.will.len(), "will_not": found.not(), "left_out": left_out.collect::<Vec<_>>() })
}

/// `POST /api/v1/networks/{recipient}/{activity}/{network}`: the list. That it went is written down before it goes.
pub async fn take(house: House, visitor: Visitor, Path(asked): Path<Named>) -> Answer<Response> {
    taken(house, &visitor, asked).await
}
