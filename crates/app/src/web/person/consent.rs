//! What a person agreed to, on their page, with what shows it, and taking it back in one step.

use axum::Form as Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::{EngagementId, EntryId, PersonId};
use custody::{Grant, Life, Sealed};
use serde::Deserialize;
use store::Tx;
use store::consent::Shown;

use crate::acts::{Acting, consent as acts};
use crate::fault::Fault;
use crate::web::people::capital;
use crate::web::{Answer, House, Visitor, frame, line, write};

/// A consent that stands.
pub struct Agreed {
    pub(super) activity: String,
    pub(super) engagement: String,
    pub(super) words: String,
    /// Where its receipt is.
    pub(super) receipt: String,
    /// The words they agreed to; nothing where whoever looks may not read them.
    pub(super) wording: Option<Sealed>,
    /// How they did, and beside which version of the notice.
    pub(super) how: String,
    /// The line, document or call that shows it, in a word, and where it is.
    pub(super) evidence: String,
    pub(super) href: String,
    /// What was said, or where the paper is.
    pub(super) note: Option<Sealed>,
}

/// What they have agreed to and not taken back.
pub(super) fn standing(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    grant: &Grant,
    base: &str,
) -> Result<Vec<Agreed>, Fault> {
    let policy = &acting.policy;
    let seen = policy.kind_named("consent record").filter(|kind| grant.covers(life.person, kind.id));
    let mut written = match seen {
        Some(_) => store::consent::of_person(tx, policy, life.person)?,
        None => Vec::new(),
    };
    let mut agreed = Vec::new();
    for given in acts::standing(acting, life) {
        let place = written.iter().position(|consent| consent.id == given.id);
        let consent = place.map(|place| written.swap_remove(place));
        let (evidence, href) = match &consent {
            Some(consent) => shown_by(tx, life.person, consent, base)?,
            None => (String::new(), String::new()),
        };
        let until = given
            .until
            .map_or_else(String::new, |day| format!(", until {} unless they renew it", frame::words(day)));
        agreed.push(Agreed {
            activity: given.activity,
            engagement: given.engagement.map_or_else(String::new, |id| id.to_string()),
            words: format!("{}, since {}{until}", given.title, frame::words(given.given_on)),
            receipt: format!("/api/v1{base}/consents/{}/receipt", given.id),
            how: consent.as_ref().map_or_else(String::new, how),
            evidence,
            href,
            wording: consent.as_ref().map(|consent| consent.wording.clone()),
            note: consent.and_then(|consent| consent.note),
        });
    }
    // What waits to be confirmed is seen, and counts for nothing.
    let waits = |consent: &Shown| consent.confirmed_on.is_none() && consent.withdrawn_on.is_none();
    for consent in written.into_iter().filter(waits) {
        let Some((by, activity)) = consent.confirm_by.zip(policy.activity_named(&consent.activity)) else {
            continue;
        };
        let (evidence, href) = shown_by(tx, life.person, &consent, base)?;
        let until = frame::words(by);
        agreed.push(Agreed {
            activity: consent.activity.clone(),
            engagement: String::new(),
            words: format!(
                "{}: waits until {until} for them to confirm it by e-mail, and does not count yet",
                activity.title
            ),
            receipt: format!("/api/v1{base}/consents/{}/receipt", consent.id),
            how: how(&consent),
            evidence,
            href,
            wording: Some(consent.wording.clone()),
            note: consent.note,
        });
    }
    Ok(agreed)
}

/// Whether there is something they can agree to, and whoever looks may write it down.
pub(in crate::web) fn may_agree(acting: &Acting<'_>, life: &Life) -> bool {
    !acts::askable(acting, life).is_empty() && acts::may_take(acting, life).is_ok()
}

fn how(consent: &Shown) -> String {
    let version =
        consent.version.map_or_else(String::new, |version| format!(", version {version} of our notice"));
    let gone = if consent.gone { "; what shows it has been let go of since" } else { "" };
    format!("{}{version}{gone}", capital(acts::how(consent.shows)))
}

/// What shows it, and its address where it has one.
fn shown_by(tx: &Tx<'_>, person: PersonId, consent: &Shown, base: &str) -> Result<(String, String), Fault> {
    let Some(row) = consent.evidence else { return Ok((String::new(), String::new())) };
    let found = store::consent::kind_of_evidence(tx, person, consent.shows, row)?;
    let Some((table, kind)) = found else { return Ok((String::new(), String::new())) };
    let href = if table == "entry" { line::href(EntryId(row), base) } else { String::new() };
    Ok((kind, href))
}

/// What the form sends.
#[derive(Deserialize)]
pub struct TakesBack {
    activity: String,
    #[serde(default)]
    engagement: String,
}

/// `POST /people/{id}/consents/withdrawal`.
pub async fn withdraw(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<TakesBack>,
) -> Answer<Response> {
    write(house, &visitor, move |acting, tx| {
        let engagement = given.engagement.parse().ok().map(EngagementId);
        acts::withdraw(acting, tx, PersonId(id), &given.activity, engagement)
    })
    .await?;
    Ok(Redirect::to(&format!("/people/{id}?said=withdrawn")).into_response())
}
