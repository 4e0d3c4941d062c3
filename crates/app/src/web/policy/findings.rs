//! `/policy/findings`: what a careful reader says about the policy in force, and what its authors answered.

use askama::Template;
use policy::{Diagnostic, Policy, Severity, Span};

use super::section::line;
use crate::web::error::sentence;
use crate::web::page::{Page, Tab};
use crate::web::{Answer, House, Visitor, frame, html, read};

#[derive(Template)]
#[template(path = "policy/findings.html")]
struct Findings {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

struct Row {
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

/// `GET /policy/findings`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let policy = &acting.policy;
        let mut found = policy::check::check(policy, acting.today);
        // What stands comes first; what the authors live with, knowingly, last.
        found.sort_by_key(|finding| (finding.accepted.is_some(), finding.severity, finding.span));
        html(&Findings {
            page: frame::page(acting, "Findings", "policy", &path),
            tabs: super::tabs(policy, acting.today, "/policy/findings"),
            rows: found.iter().map(|finding| row(policy, finding)).collect(),
        })
    })
    .await
}

fn row(policy: &Policy, finding: &Diagnostic) -> Row {
    let (severity, tone) = match (finding.accepted, finding.severity) {
        (Some(_), _) => ("Accepted", ""),
        (None, Severity::Error) => ("To put right", "late"),
        (None, Severity::Warning) => ("To look at", "wait"),
        (None, Severity::Advice) => ("To think about", "wait"),
    };
    let message = match finding.label.as_str() {
        "" => sentence(&finding.message),
        label => format!("{} {}", sentence(&finding.message), sentence(label)),
    };
    Row {
        code: finding.code.to_owned(),
        severity: severity.to_owned(),
        tone: tone.to_owned(),
        place: format!("line {}", line(policy, finding.span)),
        message,
        shown: shown(policy, finding.span),
        law: finding.law.clone().unwrap_or_default(),
        suggestion: finding.help.as_deref().map_or_else(String::new, sentence),
        accepted: accepted(policy, finding),
    }
}

/// The lines of the policy that a finding is about.
fn shown(policy: &Policy, span: Span) -> String {
    let Some(file) = policy.files.get(usize::from(span.file)) else { return String::new() };
    let first = line(policy, span);
    let last = line(policy, Span { start: span.end.max(span.start), ..span });
    let lines = file.text.lines().skip(first.saturating_sub(1)).take(last.saturating_sub(first) + 1);
    lines.map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// Why the policy lives with a finding, in its own words, and until when.
fn accepted(policy: &Policy, finding: &Diagnostic) -> String {
    let Some(until) = finding.accepted else { return String::new() };
    let here = block(policy, finding.span);
    let fits = |accept: &&policy::activity::Accept| accept.code == finding.code && accept.until == until;
    let reason = policy
        .accepts
        .iter()
        .filter(fits)
        .find(|accept| accept.activity.as_deref() == here)
        .or_else(|| policy.accepts.iter().find(fits));
    reason.map_or_else(String::new, |accept| {
        format!("{}, until {}.", accept.because.trim_end_matches('.'), frame::words(until))
    })
}

/// The name of the activity, channel or processor a place lies in.
fn block(policy: &Policy, span: Span) -> Option<&str> {
    let activities = policy.activities.iter().map(|activity| (activity.span, activity.name.as_str()));
    let channels = policy.channels.iter().map(|channel| (channel.span, channel.name.as_str()));
    let processors = policy.processors.iter().map(|processor| (processor.span, processor.name.as_str()));
    activities
        .chain(channels)
        .chain(processors)
        .filter(|(begins, _)| begins.file == span.file && begins.start <= span.start)
        .max_by_key(|(begins, _)| begins.start)
        .map(|(_, name)| name)
}
