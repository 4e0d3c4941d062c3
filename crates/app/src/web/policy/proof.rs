//! `/policy/proof`: every promise with its latest verdict and what became of it over time, the button that proves it
//! again, and the signatures; and the same as a report on paper.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use policy::Policy;
use policy::policy::Clause;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, attestation};

use super::section::line;
use crate::acts::proof::{self as acts, Found};
use crate::acts::proof_report::{self as report, History, Report};
use crate::acts::{Acting, actor_words};
use crate::fault::Fault;
use crate::web::error::sentence;
use crate::web::page::{Link, Page, Tab};
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};

/// How many counter-examples the page names for a promise.
const SHOWN: usize = 8;

#[derive(Template)]
#[template(path = "policy/proof.html")]
struct ProofPage {
    page: Page,
    tabs: Vec<Tab>,
    sum: String,
    broken: bool,
    checked: String,
    may_run: bool,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    words: String,
    verdict: String,
    tone: String,
    figure: String,
    how: Vec<String>,
    history: History,
    clause: String,
    counterexamples: Vec<Link>,
    more: String,
    signatures: Vec<Signature>,
}

#[derive(Template)]
#[template(path = "policy/report.html")]
struct ReportPage {
    page: Page,
    report: Report,
    on: String,
}

struct Signature {
    what: String,
    state: String,
    action: String,
}

/// `GET /policy/proof`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let latest = acts::latest(tx)?.filter(|proof| proof.version == policy.version);
        let mut histories = report::histories(tx, policy)?;
        let rows = policy
            .promises
            .keys()
            .map(|id| {
                let found = latest.as_ref().and_then(|proof| proof.of(id));
                row(acting, tx, id, found, histories.remove(id).unwrap_or_default())
            })
            .collect::<Result<Vec<Row>, Fault>>()?;
        let (sum, checked) = match &latest {
            None => (
                format!("{}.", policy::count::counted_len(policy.promises.len(), "promise")),
                "Never checked".to_owned(),
            ),
            Some(proof) => {
                let at = proof.at.to_zoned(acting.instance.clock.zone().clone());
                (
                    format!("{}.", proof.sum()),
                    format!("Checked {} at {}", frame::words(at.date()), at.strftime("%H:%M")),
                )
            }
        };
        html(&ProofPage {
            page: frame::page(acting, "Proof", "policy", &path),
            tabs: super::tabs(policy, acting.today, "/policy/proof"),
            sum,
            broken: latest.as_ref().is_some_and(acts::Proof::is_broken),
            checked,
            may_run: acting.may(Deed::ManagePolicy),
            rows,
        })
    })
    .await
}

fn row(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: &str,
    found: Option<&Found>,
    history: History,
) -> Result<Row, Fault> {
    let policy = &acting.policy;
    let clauses = policy.promises.get(id).map_or(&[][..], Vec::as_slice);
    let verdict = found.map_or("not checked", |found| found.verdict.as_str());
    let counterexamples: Vec<Link> = found.map_or_else(Vec::new, |found| {
        let named = found.counterexamples.iter().filter(|words| *words != store::prove::MORE);
        named.take(SHOWN).map(|words| counterexample(words)).collect()
    });
    let signatures = acts::attestations(policy, id)
        .into_iter()
        .map(|place| signature(acting, tx, place))
        .collect::<Result<Vec<Signature>, Fault>>()?;
    Ok(Row {
        id: id.to_owned(),
        words: report::promise_words(policy, clauses),
        verdict: verdict.to_owned(),
        tone: super::tone(verdict),
        figure: found.map_or_else(String::new, |found| found.figure.clone()),
        how: report::how(policy, clauses),
        history,
        clause: places(policy, clauses),
        more: found.and_then(|found| acts::more(&found.counterexamples, SHOWN)).unwrap_or_default(),
        counterexamples,
        signatures,
    })
}

fn places(policy: &Policy, clauses: &[Clause]) -> String {
    let named = clauses.iter().take(4).map(|clause| {
        let at = policy.clause_span(clause).map_or(0, |span| line(policy, span));
        format!("{} (line {at})", policy.clause_words(clause))
    });
    let mut words = named.collect::<Vec<_>>().join("; ");
    if clauses.len() > 4 {
        words.push_str(&format!("; and {} more", clauses.len() - 4));
    }
    words
}

/// A counter-example leads to the person, work or request it names.
fn counterexample(words: &str) -> Link {
    let after = |what: &str| {
        let (_, rest) = words.split_once(what)?;
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!number.is_empty()).then_some(number)
    };
    let href = after("person ")
        .map(|person| format!("/people/{person}"))
        .or_else(|| after("request ").map(|request| format!("/requests/{request}")))
        .or_else(|| after("work ").map(|work| format!("/work/{work}")))
        .unwrap_or_default();
    Link { href, words: words.to_owned() }
}

fn signature(acting: &Acting<'_>, tx: &Tx<'_>, place: usize) -> Result<Signature, Fault> {
    let Some(asked) = acting.policy.attestations.get(place) else { return Err(Fault::NotFound) };
    let latest = attestation::latest(tx, &asked.what)?;
    let state = match &latest {
        None => format!("Nobody has signed yet; the {} does.", asked.by),
        Some(signed) => {
            let name = store::staff::get(tx, signed.staff).map_or_else(|_| String::new(), |by| by.name);
            let until = frame::words(signed.lapses_on);
            if signed.lapses_on < acting.today {
                format!("The signature of {name} lapsed on {until}.")
            } else {
                format!("Signed by {name} on {}, until {until}.", frame::words(signed.on))
            }
        }
    };
    let mine = acting.role().is_some_and(|role| role.name == asked.by);
    let action = if mine { format!("/policy/attestations/{place}") } else { String::new() };
    Ok(Signature { what: sentence(&asked.what), state, action })
}

/// `GET /policy/proof/print`: the report for trustees, to be printed or sent on.
pub async fn print(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let report = report::report(acting.instance, tx)?;
        let page = frame::page(acting, "Proof of our promises", "policy", &path);
        html(&ReportPage { page, on: frame::words(report.on), report })
    })
    .await
}

/// `GET /policy/proof/report.pdf`.
pub async fn pdf(house: House, visitor: Visitor) -> Answer<Response> {
    let (report, stamp) = read(house, &visitor, |acting, tx| {
        Ok((report::report(acting.instance, tx)?, acting.now.as_millisecond()))
    })
    .await?;
    let bytes = crate::print::run(::print::Template::Proof, &report, stamp)
        .await
        .map_err(|failure| Trouble::new(Fault::Other(failure.to_string()), &visitor))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"proof-of-promises.pdf\""),
    ];
    Ok((headers, bytes).into_response())
}

/// `POST /policy/proof`.
pub async fn run(State(house): House, visitor: Visitor) -> Answer<Response> {
    let actor = read(State(house.clone()), &visitor, |acting, _| {
        acting.must(Deed::ManagePolicy)?;
        Ok(actor_words(&acting.actor))
    })
    .await?;
    let done = blocking(move || acts::run(&house, &actor)).await;
    done.map_err(|fault| Trouble::new(fault, &visitor))?;
    Ok(Redirect::to("/policy/proof?said=proved").into_response())
}

/// What signing an attestation sends.
#[derive(Deserialize)]
pub struct Signing {
    #[serde(default)]
    evidence: String,
}

/// `POST /policy/attestations/{place}`.
pub async fn sign(
    State(house): House,
    visitor: Visitor,
    Path(place): Path<usize>,
    Posted(given): Posted<Signing>,
) -> Answer<Response> {
    let actor = write(State(house.clone()), &visitor, move |acting, tx| {
        acts::sign(acting, tx, place, &given.evidence)?;
        Ok(actor_words(&acting.actor))
    })
    .await?;
    // The verdict beside the signature is only true once the proof has looked at it.
    let done = blocking(move || acts::run(&house, &actor)).await;
    done.map_err(|fault| Trouble::new(fault, &visitor))?;
    Ok(Redirect::to("/policy/proof?said=signed").into_response())
}
