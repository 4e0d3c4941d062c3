//! What ends something of a person, by the API: said before it is recorded, recorded, and taken back until the night.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::{EngagementId, GroundId, OrganisationId, PersonId};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;

use super::body;
use crate::acts::Acting;
use crate::acts::ending::{self as acts, Ending};
use crate::acts::engagement::{Ahead, Fate, Line, reading};
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// `GET /api/v1/people/{id}/endings`.
pub async fn list(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    read(house, &visitor, move |acting, tx| listed(acting, tx, PersonId(id)).map(Json)).await
}

/// What may be recorded of somebody as ended, sort by sort, and what was recorded and may be taken back; nothing of either is an
/// answer, too.
///
/// # Errors
/// [`Fault::NotFound`] if whoever acts may see nothing of them.
pub fn listed(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Value, Fault> {
    let life = acting.life(tx, id)?;
    let may_end = acts::of_them(acting, &life);
    let leave = acts::to_leave(acting, tx, &life)?;
    let off = acts::to_be_off(acting, tx, &life)?;
    let let_go = acts::to_let_go(acting, &life);
    let recorded = [acts::standing(acting, tx, &life)?, acts::spoken(acting, tx, &life)?].concat();
    let none = may_end.is_empty() && leave.is_empty() && off.is_empty() && let_go.is_empty();
    if none && recorded.is_empty() {
        reading(acting, &[&life]).map_err(|_| Fault::NotFound)?;
    }
    let leave = leave.iter().map(|one| json!({ "organisation": one.organisation.0, "name": one.name }));
    let off = off.iter().map(|(work, words)| json!({ "work": work.0, "words": words }));
    let let_go = let_go.iter().map(|(ground, title)| json!({ "ground": ground.0, "title": title }));
    let recorded = recorded
        .iter()
        .map(|one| json!({ "sort": one.sort, "row": one.row, "words": one.words, "on": one.on.to_string() }));
    Ok(json!({
        "may_end": may_end,
        "may_leave": leave.collect::<Vec<Value>>(),
        "may_be_off": off.collect::<Vec<Value>>(),
        "may_let_go": let_go.collect::<Vec<Value>>(),
        "recorded": recorded.collect::<Vec<Value>>(),
    }))
}

/// What has ended: `{"no_longer": "supplier", "on": "2026-03-31"}`; with `dry_run` it is only said what would follow.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// A category.
    pub no_longer: Option<String>,
    /// An organisation they left.
    pub left: Option<i64>,
    /// A piece of work they are no longer on.
    pub off_work: Option<i64>,
    /// A ground that is up for review, and is needed no more.
    pub let_go: Option<i64>,
    /// Since when; today unless said.
    pub on: Option<Date>,
    /// Nothing is recorded.
    pub dry_run: bool,
}

/// `POST /api/v1/people/{id}/endings`.
pub async fn end(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Given>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let dry = given.dry_run;
    let said = write(house, &visitor, move |acting, tx| ended(acting, tx, PersonId(id), &given)).await?;
    Ok((if dry { StatusCode::OK } else { StatusCode::CREATED }, Json(said)).into_response())
}

/// Records what has ended, unless it is only to be tried, and says in numbers what follows.
///
/// # Errors
/// As [`acts::record`]; [`Fault::Invalid`] unless exactly one thing is said.
pub fn ended(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId, given: &Given) -> Result<Value, Fault> {
    let what = match (&given.no_longer, given.left, given.off_work, given.let_go) {
        (Some(category), None, None, None) => Ending::NoLonger(category.clone()),
        (None, Some(organisation), None, None) => Ending::Left(OrganisationId(organisation)),
        (None, None, Some(work), None) => Ending::OffWork(EngagementId(work)),
        (None, None, None, Some(ground)) => Ending::LetGo(GroundId(ground)),
        _ => {
            let words = "Say one of no_longer (a category), left (an organisation), off_work (a piece of work) and let_go (a ground up for review).";
            return Err(Fault::field("no_longer", words));
        }
    };
    let on = given.on.unwrap_or(acting.today);
    let ahead = acts::preview(acting, tx, id, (&what, on))?;
    if !given.dry_run {
        acts::record(acting, tx, id, (&what, on))?;
    }
    Ok(foreseen(acting, &ahead))
}

fn foreseen(acting: &Acting<'_>, ahead: &Ahead) -> Value {
    let one = |line: &Line| {
        let until = match line.fate {
            Fate::Stays(until) => until.map(|until| until.to_string()),
            Fate::Goes(_) | Fate::Waits(_) | Fate::After | Fate::Kept(_) => None,
        };
        let rule = line.rule.and_then(|rule| acting.policy.rules.get(rule.index())).map(|rule| &rule.key);
        json!({ "what": line.what, "count": line.count, "until": until, "rule": rule })
    };
    let all = |lines: &[Line]| lines.iter().map(one).collect::<Vec<_>>();
    json!({
        "stays": all(&ahead.stays),
        "goes": all(&ahead.goes),
        "waits": all(&ahead.waits),
        "kept": all(&ahead.kept),
    })
}

/// `DELETE /api/v1/people/{id}/endings/{sort}/{row}`: a slip is taken back, until the night.
pub async fn take_back(
    house: House,
    visitor: Visitor,
    Path((id, sort, row)): Path<(i64, String, i64)>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::take_back(acting, tx, PersonId(id), (&sort, row))).await?;
    Ok(StatusCode::NO_CONTENT)
}
