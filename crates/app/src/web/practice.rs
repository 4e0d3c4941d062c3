//! The practice clock's form in the header. Real instances have no such address.

use axum::Form as Posted;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Answer, House, Trouble, Visitor, blocking, read};
use crate::fault::Fault;
use crate::jobs::night;

/// What the form sends.
#[derive(Deserialize)]
pub struct Clock {
    date: String,
    #[serde(default)]
    back: String,
}

/// `POST /practice/clock`.
pub async fn set(State(house): House, visitor: Visitor, Posted(given): Posted<Clock>) -> Answer<Response> {
    if !house.is_practice() {
        return Err(Trouble::new(Fault::NotFound, &visitor));
    }
    // Only staff may set it: the act itself needs nobody's data.
    read(State(house.clone()), &visitor, |_, _| Ok(())).await?;
    let done = blocking(move || {
        let date: Date = given.date.parse().map_err(|_| Fault::field("date", "Choose a day."))?;
        night::practise_until(&house, date)
    });
    done.await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let back =
        if super::is_ours(&given.back) && !given.back.contains('?') { given.back.as_str() } else { "/" };
    Ok(Redirect::to(&format!("{back}?said=clock")).into_response())
}
