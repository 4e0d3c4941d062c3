//! The policy as staff see it: the notice with what enforces it, findings, register, proof, and the text itself.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use custody::proof::{Finding, Verdict};
use jiff::Timestamp;
use policy::policy::Clause;
use policy::role::Deed;
use policy::{Policy, Severity, diagnostic, notice, register};
use store::attestation;

use super::page::{Link, Page, Tab};
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, read};
use crate::acts::Acting;
use crate::fault::Fault;
use crate::jobs::night;

#[derive(Template)]
#[template(path = "policy/policy.html")]
struct PolicyPage {
    page: Page,
    tabs: Vec<Tab>,
    version: String,
    sum: String,
    broken: bool,
    sections: Vec<Section>,
}

struct Section {
    id: String,
    html: String,
    clause: String,
    proofs: Vec<Proof>,
}

struct Proof {
    promise: String,
    href: String,
    verdict: String,
    tone: String,
    words: String,
    on: String,
}

#[derive(Template)]
#[template(path = "policy/proof.html")]
struct ProofPage {
    page: Page,
    tabs: Vec<Tab>,
    sum: String,
    broken: bool,
    checked: String,
    may_run: bool,
    rows: Vec<ProofRow>,
}

struct ProofRow {
    id: String,
    words: String,
    verdict: String,
    tone: String,
    figure: String,
    how: String,
    clause: String,
    counterexamples: Vec<Link>,
    more: u64,
    until: String,
}

#[derive(Template)]
#[template(path = "policy/findings.html")]
struct Findings {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<FindingRow>,
}

struct FindingRow {
    code: String,
    severity: String,
    tone: String,
    place: String,
    message: String,
    shown: String,
    law: String,
    suggestion: String,
    accepted: String,
}

#[derive(Template)]
#[template(path = "policy/register.html")]
struct RegisterPage {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<RegisterRow>,
    csv: String,
}

struct RegisterRow {
    id: String,
    activity: String,
    purpose: String,
    who: String,
    data: String,
    basis: String,
    sources: String,
    recipients: String,
    keep: String,
    people: u64,
    people_href: String,
}

#[derive(Template)]
#[template(path = "policy/source.html")]
struct Source {
    page: Page,
    tabs: Vec<Tab>,
    file: String,
    version: String,
    text: String,
}

fn tabs(here: &str) -> Vec<Tab> {
    let all = [
        ("/policy", "Notice"),
        ("/policy/findings", "Findings"),
        ("/policy/register", "Register of processing"),
        ("/policy/proof", "Proof"),
        ("/policy/source", "Source"),
    ];
    let tab = |(href, words): (&str, &str)| Tab {
        href: href.to_owned(),
        words: words.to_owned(),
        here: href == here,
    };
    all.into_iter().map(tab).collect()
}

fn version(policy: &Policy) -> String {
    format!("Version {}, from {}", policy.version, frame::words(policy.from))
}

fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Kept => ("kept", "good"),
        Verdict::Broken => ("broken", "late"),
        Verdict::Attested => ("attested", ""),
        Verdict::Open => ("open", "wait"),
    }
}

/// `23 promises: 16 kept, 5 open, 2 attested, none broken`.
#[must_use]
pub fn sum(found: &[Finding]) -> String {
    let count = |wanted| found.iter().filter(|finding| finding.verdict == wanted).count();
    let broken = match count(Verdict::Broken) {
        0 => "none broken".to_owned(),
        broken => format!("{broken} broken"),
    };
    format!(
        "{} promises: {} kept, {} attested, {} open, {broken}",
        found.len(),
        count(Verdict::Kept),
        count(Verdict::Attested),
        count(Verdict::Open)
    )
}

/// `GET /policy`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let policy = &acting.policy;
        let (at, found) = night::proof(acting.instance)?;
        let notice = notice::of(policy);
        let sections = notice.sections.iter().map(|section| Section {
            id: section.id.clone(),
            html: notice::section_html(section),
            clause: String::new(),
            proofs: proofs(acting, section, &found, at),
        });
        html(&PolicyPage {
            page: frame::page(acting, "Policy", "policy", &path),
            tabs: tabs("/policy"),
            version: version(policy),
            sum: sum(&found),
            broken: found.iter().any(|finding| finding.verdict == Verdict::Broken),
            sections: sections.collect(),
        })
    })
    .await
}

/// The promises that stand on what a section of the notice says.
fn proofs(acting: &Acting<'_>, section: &notice::Section, found: &[Finding], at: Timestamp) -> Vec<Proof> {
    let policy = &acting.policy;
    let speaks_of = |clause: &Clause| {
        let activity = match clause {
            Clause::Basis(id)
            | Clause::Data(id)
            | Clause::For(id)
            | Clause::Share(id, _)
            | Clause::Send(id) => Some(*id),
            Clause::Keep(rule) => policy.rules.get(rule.index()).map(|rule| rule.activity),
            _ => None,
        };
        match activity.and_then(|id| policy.activity(id)) {
            Some(_) => section.id == "what",
            None => section.id == home(clause),
        }
    };
    let day = frame::words(acting.instance.clock.on(at));
    let standing = found.iter().filter(|finding| {
        policy.promises.get(&finding.id).is_some_and(|clauses| clauses.iter().any(speaks_of))
    });
    standing
        .map(|finding| {
            let (words, tone) = verdict(finding.verdict);
            Proof {
                promise: finding.id.clone(),
                href: format!("/policy/proof#{}", finding.id),
                verdict: words.to_owned(),
                tone: tone.to_owned(),
                words: finding.figure.clone(),
                on: day.clone(),
            }
        })
        .collect()
}

/// Where the notice speaks of a clause that belongs to no activity.
fn home(clause: &Clause) -> &'static str {
    match clause {
        Clause::Head(_) => "who",
        Clause::Never(_) => "never",
        Clause::Answer | Clause::Register(_) => "rights",
        Clause::Processor(_) => "recipients",
        Clause::Attest(_)
        | Clause::Security(_)
        | Clause::Incidents
        | Clause::Backups
        | Clause::Visits
        | Clause::Role(_) => "care",
        _ => "what",
    }
}

/// `GET /policy/proof`.
pub async fn proof(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let (at, found) = night::proof(acting.instance)?;
        let mut rows = Vec::with_capacity(found.len());
        for finding in &found {
            let clauses = policy.promises.get(&finding.id).map_or(&[][..], Vec::as_slice);
            let (words, tone) = verdict(finding.verdict);
            let shown = finding
                .counterexamples
                .iter()
                .take(10)
                .map(|words| Link { href: href(words), words: words.clone() });
            rows.push(ProofRow {
                id: finding.id.clone(),
                words: clauses.first().map_or_else(String::new, |clause| policy.clause_text(clause)),
                verdict: words.to_owned(),
                tone: tone.to_owned(),
                figure: finding.figure.clone(),
                how: String::new(),
                clause: clauses
                    .iter()
                    .map(|clause| policy.clause_words(clause))
                    .collect::<Vec<_>>()
                    .join("; "),
                counterexamples: shown.collect(),
                more: finding.counterexamples.len().saturating_sub(10) as u64,
                until: until(acting, tx, clauses)?,
            });
        }
        let checked = acting
            .instance
            .clock
            .zone()
            .to_datetime(at)
            .strftime("Checked %a %-d %b %Y at %H:%M")
            .to_string();
        html(&ProofPage {
            page: frame::page(acting, "Proof", "policy", &path),
            tabs: tabs("/policy/proof"),
            sum: sum(&found),
            broken: found.iter().any(|finding| finding.verdict == Verdict::Broken),
            checked,
            may_run: acting.may(Deed::ManagePolicy),
            rows,
        })
    })
    .await
}

/// Where a counter-example is to be seen: the person or the work it names.
fn href(words: &str) -> String {
    let number = |after: &str| {
        let rest = words.split_once(after)?.1;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    match (number("person "), number("engagement ")) {
        (Some(person), _) => format!("/people/{person}"),
        (None, Some(work)) => format!("/work/{work}"),
        (None, None) => "#".to_owned(),
    }
}

/// Who signed for it and until when, where somebody did.
fn until(acting: &Acting<'_>, tx: &store::Tx<'_>, clauses: &[Clause]) -> Result<String, Fault> {
    let mut said = Vec::new();
    for clause in clauses {
        let Clause::Attest(place) = clause else { continue };
        let Some(attested) = acting.policy.attestations.get(*place) else { continue };
        said.push(match attestation::latest(tx, &attested.what)? {
            Some(signed) => format!(
                "\u{201c}{}\u{201d} is signed until {}.",
                attested.what,
                frame::words(signed.lapses_on)
            ),
            None => format!("\u{201c}{}\u{201d} is not signed by the {}.", attested.what, attested.by),
        });
    }
    Ok(said.join(" "))
}

/// `POST /policy/proof`: looks at every promise again.
pub async fn prove(State(house): House, visitor: Visitor) -> Answer<Redirect> {
    read(State(house.clone()), &visitor, |acting, _| acting.must(Deed::ManagePolicy)).await?;
    blocking(move || night::prove(&house)).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    Ok(Redirect::to("/policy/proof"))
}

/// `GET /policy/findings`.
pub async fn findings(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let policy = &acting.policy;
        let rows = policy::check::check(policy, acting.today).into_iter().map(|found| {
            let file = policy.files.get(usize::from(found.span.file));
            let place = file.map_or_else(String::new, |file| {
                format!("{}, line {}", file.name, diagnostic::line_and_column(&file.text, found.span.start).0)
            });
            let error = found.severity == Severity::Error;
            let because = policy
                .accepts
                .iter()
                .find(|accept| accept.code == found.code)
                .map(|accept| accept.because.clone());
            FindingRow {
                code: found.code.to_owned(),
                severity: match (found.accepted, error) {
                    (Some(_), _) => "Accepted".to_owned(),
                    (None, true) => "Error".to_owned(),
                    (None, false) => "Warning".to_owned(),
                },
                tone: if found.accepted.is_some() {
                    ""
                } else if error {
                    "late"
                } else {
                    "wait"
                }
                .to_owned(),
                place,
                message: super::error::sentence(&found.message),
                shown: file.map_or_else(String::new, |file| found.span.of(&file.text).to_owned()),
                law: found.law.clone().unwrap_or_default(),
                suggestion: found.help.clone().map_or_else(String::new, |help| super::error::sentence(&help)),
                accepted: found.accepted.map_or_else(String::new, |until| {
                    format!("{}, until {}", because.unwrap_or_default(), frame::words(until))
                }),
            }
        });
        html(&Findings {
            page: frame::page(acting, "Findings", "policy", &path),
            tabs: tabs("/policy/findings"),
            rows: rows.collect(),
        })
    })
    .await
}

/// `GET /policy/register`.
pub async fn register(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let filled = register::of(policy);
        let cell = |row: &[String], column: &str| {
            let place = register::COLUMNS.iter().position(|known| *known == column);
            place.and_then(|place| row.get(place)).cloned().unwrap_or_default()
        };
        let mut rows = Vec::with_capacity(filled.rows.len());
        for (activity, row) in policy.activities.iter().zip(&filled.rows) {
            rows.push(RegisterRow {
                id: notice::id_of(&activity.name).trim_start_matches('#').to_owned(),
                activity: activity.title.clone(),
                purpose: cell(row, "Purpose of processing"),
                who: cell(row, "Categories of individuals"),
                data: cell(row, "Categories of personal data"),
                basis: cell(row, "Article 6 lawful basis for processing personal data"),
                sources: cell(row, "The source of the personal data"),
                recipients: cell(row, "Categories of recipients"),
                keep: cell(row, "Retention schedule"),
                people: store::ground::people_under(tx, &activity.name, acting.today)?,
                people_href: "/people".to_owned(),
            });
        }
        html(&RegisterPage {
            page: frame::page(acting, "Register of processing", "policy", &path),
            tabs: tabs("/policy/register"),
            rows,
            csv: "/policy/register.csv".to_owned(),
        })
    })
    .await
}

/// `GET /policy/register.csv`.
pub async fn register_csv(house: House, visitor: Visitor) -> Answer<Response> {
    let text = read(house, &visitor, |acting, _| Ok(register::to_csv(&register::of(&acting.policy)))).await?;
    let named = "attachment; filename=\"register-of-processing.csv\"";
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, named)], text)
        .into_response())
}

/// `GET /policy/source`.
pub async fn source(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let file = acting.policy.files.first();
        html(&Source {
            page: frame::page(acting, "The policy file", "policy", &path),
            tabs: tabs("/policy/source"),
            file: file.map_or_else(String::new, |file| file.name.clone()),
            version: version(&acting.policy),
            text: file.map_or_else(String::new, |file| file.text.clone()),
        })
    })
    .await
}
