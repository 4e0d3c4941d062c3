//! Where else we looked for whoever asks: what is linked to them is in the copy already; this looks for their names,
//! addresses and numbers in what is held about others, and for themselves a second time, and puts on record what was
//! looked for, and how far.

use std::time::{Duration, Instant};

use custody::id::RequestId;
use serde_json::json;
use store::Tx;
use store::mention::elsewhere::{Elsewhere, elsewhere};

use super::Acting;
use super::request::on_desk;
use crate::fault::Fault;

/// How long it looks before it says how far it came.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks, and changes nothing.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::NotFound`] if nobody known asks.
pub fn look(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId) -> Result<Elsewhere, Fault> {
    let asked = on_desk(acting, tx, request)?;
    let person = asked.person.ok_or(Fault::NotFound)?;
    let life = acting.life(tx, person)?;
    let grant = super::request::answering(acting, &[&life])?;
    acting.opens("request.searched", &grant);
    let began = Instant::now();
    Ok(elsewhere(tx, &acting.policy, person, &|| began.elapsed() < PATIENCE)?)
}

/// What was looked for and found, in sentences for the record.
#[must_use]
pub fn words(found: &Elsewhere) -> String {
    let back = found.back_to.map_or_else(
        || "none of them, since time ran out".to_owned(),
        |on| format!("from the newest back to {}, where time ran out", crate::web::frame::words(on)),
    );
    let far = match found.ran_out_in {
        None => "lines, details and messages of others (all of them)".to_owned(),
        Some("lines") => {
            format!("lines of others ({back}; their details and messages were not looked in)")
        }
        Some("details") => {
            format!(
                "lines of others (all of them) and their details ({back}; their messages were not looked in)"
            )
        }
        Some(_) => format!("lines and details of others (all of them) and messages to them ({back})"),
    };
    format!(
        "Everything linked to them. Then {} rows: {far}; for {}. Found in {} lines and in what is held about {} others; {} people may be the same person. Texts of files of others were not searched.",
        found.looked,
        if found.words.is_empty() {
            "nothing, since no name, address or number is known".to_owned()
        } else {
            found.words.join(", ")
        },
        found.lines.len(),
        found.people.len(),
        found.alike.len()
    )
}

/// Puts on record what [`look`] found: looking takes its time, and keeps nobody from writing.
///
/// # Errors
/// [`Fault::NotFound`] if the request is closed.
pub fn record(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, found: &Elsewhere) -> Result<(), Fault> {
    super::request::noted(acting, tx, request, "searched by words", &words(found))?;
    let asked = on_desk(acting, tx, request)?;
    let people: Vec<_> = asked.person.into_iter().collect();
    let body = json!({ "request": request.0, "looked": found.looked, "lines": found.lines.len(), "whole": found.whole });
    acting.log(tx, "request.searched", &people, &body)
}
