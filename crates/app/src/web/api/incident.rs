//! Incidents, by the API: writing one down, looking at those there are, and each step that the pages have. The same acts, and the same
//! clause says who may.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::Grant;
use custody::id::{IncidentId, PersonId, StaffId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Tx;
use store::incident::{self, Incident, Risk, Sort, Whom};

use super::body;
use crate::acts::Acting;
use crate::acts::incident::{self as acts, Seen, Told};
use crate::fault::Fault;
use crate::print::copy;
use crate::web::{Answer, House, Visitor, read, write};

/// How many a list has.
const LISTED: u32 = 200;

/// Of how many of those whose data it was the lives are in memory together.
const LOOKED_AT_ONCE: usize = 256;

/// An incident to be written down: `{"what": "A laptop was left on the train", "sort": "lost", "found_at": "2026-11-20T08:00:00Z"}`.
/// Unless said it was found now, by whoever writes it down, and what it is like is not clear.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    what: String,
    #[serde(default)]
    sort: Option<String>,
    #[serde(default)]
    found_at: Option<Timestamp>,
    #[serde(default)]
    found_by: String,
    #[serde(default)]
    happened_at: Option<Timestamp>,
}

/// A step, and at which version the incident was seen: `{"version": 1, "step": "assessed", "risk": "unlikely", "why": "encrypted"}`.
#[derive(Deserialize, Clone)]
#[serde(try_from = "Map<String, Value>")]
pub struct Doing {
    version: i64,
    step: Step,
}

impl TryFrom<Map<String, Value>> for Doing {
    type Error = serde_json::Error;

    /// The version apart from the step: a step that is read together with something else refuses nothing that it does not know.
    fn try_from(mut given: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let none = || <serde_json::Error as serde::de::Error>::missing_field("version");
        let version = given.remove("version").ok_or_else(none)?;
        Ok(Self { version: i64::deserialize(version)?, step: Step::deserialize(Value::Object(given))? })
    }
}

/// What can be done. `whom` is `regulator`, `people`, `organisations` or `police`; `risk` is `unlikely`, `a risk` or `a high risk`.
#[derive(Deserialize, Clone)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// What was found out.
    Noted {
        /// In a sentence.
        note: String,
        /// What it is like, where that is known better by now.
        #[serde(default)]
        sort: Option<String>,
    },
    /// It was found, or happened, at another moment.
    PutRight {
        /// When somebody here became aware of it.
        found_at: Timestamp,
        /// When it happened, if anybody knows.
        #[serde(default)]
        happened_at: Option<Timestamp>,
        /// What was wrong.
        why: String,
    },
    /// How much it is.
    Extent {
        /// About how many people, and what of theirs.
        extent: String,
    },
    /// How bad it may be.
    Assessed {
        /// By its name.
        risk: String,
        /// Why.
        why: String,
    },
    /// Whether somebody is to be told.
    Considered {
        /// Who.
        whom: String,
        /// Whether they are.
        tell: bool,
        /// Why.
        why: String,
    },
    /// Somebody was told.
    Told {
        /// Who.
        whom: String,
        /// How.
        how: String,
        /// When; now unless said.
        #[serde(default)]
        at: Option<Timestamp>,
        /// Why so late, where the regulator was.
        #[serde(default)]
        late: String,
        /// How the regulator refers to it.
        #[serde(default)]
        reference: String,
    },
    /// What keeps it from happening again.
    Prevented {
        /// In a sentence.
        measures: String,
    },
    /// It goes to somebody of the staff.
    Assigned {
        /// Their number.
        staff: i64,
    },
    /// Somebody's data was part of it.
    Linked {
        /// Their number.
        person: i64,
    },
    /// It was not their data after all.
    Unlinked {
        /// Their number.
        person: i64,
    },
    /// All of it is done.
    // With braces, so that what comes beside it is refused here as well.
    Closed {},
    /// It was not over.
    Reopened {
        /// Why.
        why: String,
    },
}

/// An incident as programs read it.
///
/// # Errors
/// If the grant does not cover it.
pub fn shown(found: &Incident, grant: &Grant) -> Result<Value, Fault> {
    let open = |text: &Option<custody::Sealed>| text.as_ref().map(|text| copy::text(text, grant)).transpose();
    Ok(json!({
        "id": found.id.0, "version": found.version, "sort": found.sort.name(), "what": copy::text(&found.what, grant)?,
        "found_at": found.found_at, "found_by": open(&found.found_by)?, "happened_at": found.happened_at, "due_at": found.due_at,
        "extent": open(&found.extent)?, "risk": found.risk.map(Risk::name), "tell_regulator": found.tell,
        "regulator_told_at": found.regulator_told_at,
        "regulator_reference": open(&found.regulator_reference)?, "people_told_at": found.people_told_at,
        "measures": open(&found.measures)?, "owner": found.owner.map(|owner| owner.0), "closed_on": found.closed_on,
    }))
}

/// The newest incidents, open and closed.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents.
pub fn listed(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Value>, Fault> {
    let found = incident::register(tx, &acting.policy, None, LISTED)?;
    let grant = acts::investigating(acting, tx, &found)?;
    found.iter().map(|one| shown(one, &grant)).collect()
}

/// One with its steps, what is still to be done, and the numbers of those whose data it was, of whom whoever asks may see the name.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents; [`Fault::NotFound`] if there is none.
pub fn whole(acting: &Acting<'_>, tx: &Tx<'_>, id: IncidentId) -> Result<Value, Fault> {
    let (found, grant) = acts::on_desk(acting, tx, id)?;
    let steps = incident::steps(tx, &acting.policy, &found)?;
    let mut said = Vec::new();
    for step in &steps {
        let note = step.note.as_ref().map(|note| copy::text(note, &grant)).transpose()?;
        said.push(json!({
            "step": step.step, "outcome": step.outcome, "at": step.at, "note": note, "by": step.by.map(|by| by.0),
        }));
    }
    let people: Vec<PersonId> = incident::people(tx, id)?.into_iter().map(|(who, _)| who).collect();
    let mut theirs: Vec<i64> = Vec::new();
    for some in people.chunks(LOOKED_AT_ONCE) {
        let lives = acting.lives(tx, some)?;
        let may = crate::web::people::grant(acting, &lives)?;
        theirs.extend(some.iter().filter(|who| may.people().contains_key(*who)).map(|who| who.0));
    }
    let mut all = shown(&found, &grant)?;
    if let Some(all) = all.as_object_mut() {
        let left = match found.closed_on {
            None => acts::still_to_do(&acting.policy, &found, &steps),
            Some(_) => Vec::new(),
        };
        all.insert("still_to_do".to_owned(), json!(left));
        all.insert("hidden".to_owned(), json!(people.len() - theirs.len()));
        all.insert("people".to_owned(), json!(theirs));
        all.insert("steps".to_owned(), json!(said));
    }
    Ok(all)
}

/// `GET /api/v1/incidents`.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    let found = read(house, &visitor, listed).await?;
    Ok(Json(json!({ "incidents": found })))
}

/// `GET /api/v1/incidents/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    read(house, &visitor, move |acting, tx| whole(acting, tx, IncidentId(id))).await.map(Json)
}

/// What it is like, where that is said.
fn sorted(name: Option<&str>) -> Result<Option<Sort>, Fault> {
    let words = "Say what it is like: lost, seen, changed, out of reach or not clear.";
    name.map(|name| Sort::named(name).ok_or_else(|| Fault::field("sort", words))).transpose()
}

/// `POST /api/v1/incidents`.
pub async fn open(
    house: House,
    visitor: Visitor,
    given: Result<Json<Opening>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let id = write(house, &visitor, move |acting, tx| {
        let seen = Seen {
            sort: sorted(given.sort.as_deref())?.unwrap_or(Sort::Unclear),
            what: given.what.clone(),
            found_at: given.found_at.unwrap_or(acting.now),
            found_by: given.found_by.clone(),
            happened_at: given.happened_at,
        };
        acts::open(acting, tx, &seen)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id.0 }))).into_response())
}

/// `POST /api/v1/incidents/{id}/steps`.
pub async fn step(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Doing>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| {
        acts::unchanged(acting, tx, IncidentId(id), given.version)?;
        done(acting, tx, IncidentId(id), &given.step)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn done(acting: &Acting<'_>, tx: &Tx<'_>, id: IncidentId, step: &Step) -> Result<(), Fault> {
    let named = |whom: &str| {
        let who = "Say whom: regulator, people, organisations or police.";
        Whom::named(whom).ok_or_else(|| Fault::field("whom", who))
    };
    match step {
        Step::Noted { note, sort } => acts::noted(acting, tx, id, (sorted(sort.as_deref())?, note)),
        Step::PutRight { found_at, happened_at, why } => {
            acts::put_right(acting, tx, id, (*found_at, *happened_at), why)
        }
        Step::Extent { extent } => acts::extent(acting, tx, id, extent),
        Step::Assessed { risk, why } => {
            let words = "Say how bad it may be: unlikely, a risk or a high risk.";
            let risk = Risk::named(risk).ok_or_else(|| Fault::field("risk", words))?;
            acts::assessed(acting, tx, id, (risk, why))
        }
        Step::Considered { whom, tell, why } => acts::considered(acting, tx, id, named(whom)?, (*tell, why)),
        Step::Told { whom, how, at, late, reference } => {
            let told = Told { at: at.unwrap_or(acting.now), how, late, reference };
            acts::told(acting, tx, id, named(whom)?, told)
        }
        Step::Prevented { measures } => acts::prevented(acting, tx, id, measures),
        Step::Assigned { staff } => acts::assign(acting, tx, id, Some(StaffId(*staff))),
        Step::Linked { person } => acts::link(acting, tx, id, PersonId(*person)),
        Step::Unlinked { person } => acts::unlink(acting, tx, id, PersonId(*person)),
        Step::Closed {} => acts::close(acting, tx, id),
        Step::Reopened { why } => acts::reopen(acting, tx, id, why),
    }
}
