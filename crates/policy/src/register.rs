//! The register of processing (UK GDPR Art 30): one row for each activity, under the columns of the regulator's
//! own template for controllers. What the policy cannot know stays empty, for a person to fill in.

mod jsonld;
mod sheet;

pub use jsonld::to_jsonld;
pub use sheet::{Document, Sheet, assets, documents, processors as processor_list, sheet_csv, sheets};

use crate::activity::Activity;
use crate::basis::{Basis, ConsentForm};
use crate::kind::Sensitivity;
use crate::notice;
use crate::phrase::{Voice, rule_words};
use crate::policy::{Policy, Processor, Stated};

/// The template's columns, in its order.
pub const COLUMNS: &[&str] = &[
    "Business function",
    "Purpose of processing",
    "Name and contact details of joint controller",
    "Categories of individuals",
    "Categories of personal data",
    "Categories of recipients",
    "Link to contract with processor",
    "Names of third countries or international organisations that personal data are transferred to",
    "Safeguards for exceptional transfers of personal data to third countries or international organisations",
    "Retention schedule",
    "General description of technical and organisational security measures",
    "Article 6 lawful basis for processing personal data",
    "Article 9 basis for processing special category data",
    "Legitimate interests for the processing",
    "Link to record of legitimate interests assessment",
    "Rights available to individuals",
    "Existence of automated decision-making, including profiling",
    "The source of the personal data",
    "Link to record of consent",
    "Location of personal data",
    "Data protection impact assessment required?",
    "Data protection impact assessment progress",
    "Link to data protection impact assessment",
    "Has a personal data breach occurred?",
    "Link to record of personal data breach",
    "Data Protection Act 2018 Schedule 1 condition for processing",
    "GDPR Article 6 lawful basis for processing",
    "Link to retention and erasure policy document",
    "Is personal data retained and erased in accordance with the policy document?",
    "Reasons for not adhering to retention and erasure policy document (if applicable)",
];

/// The register of one version of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register {
    /// What stands above the table: controller, officer, contact; label and value.
    pub head: Vec<(&'static str, String)>,
    /// One row for each activity, its cells in the order of [`COLUMNS`].
    pub rows: Vec<Vec<String>>,
}

/// The register of a policy.
#[must_use]
pub fn of(policy: &Policy) -> Register {
    let contact = &policy.contact;
    let parts = [
        Some(contact.title.clone()),
        contact.address.clone(),
        Some(contact.email.clone()),
        contact.phone.clone(),
    ];
    let officer = match &policy.officer {
        Stated::Yes(name) => name.clone(),
        Stated::No { because } => format!("none: {because}"),
    };
    let head = vec![
        ("Controller", policy.controller.clone()),
        ("Contact", parts.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ("Data protection officer", officer),
        ("Representative", "none".to_owned()),
        ("Policy", format!("version {}, from {}", policy.version, policy.from)),
    ];
    Register { head, rows: policy.activities.iter().map(|activity| row(policy, activity)).collect() }
}

fn row(policy: &Policy, activity: &Activity) -> Vec<String> {
    let processors = processors(policy, activity);
    let abroad: Vec<&&Processor> =
        processors.iter().filter(|processor| !processor.place.eq_ignore_ascii_case(&policy.home)).collect();
    let (interests, assessment) = match &activity.basis {
        Basis::LegitimateInterests { assessed, .. } => {
            (activity.so_that.clone().unwrap_or_default(), assessed.clone().unwrap_or_default())
        }
        _ => (String::new(), String::new()),
    };
    let guarded = |sensitivity| !activity.kinds.and(policy.kinds_of(sensitivity)).is_empty();
    let special = guarded(Sensitivity::Special) || guarded(Sensitivity::Criminal);
    let documents = joined(activity.conditions.iter().filter_map(|condition| condition.document.clone()));
    let joint = joined(
        activity
            .shares
            .iter()
            .filter_map(|share| policy.recipients.iter().find(|body| body.joint && body.name == share.with))
            .map(|body| body.words.clone()),
    );
    let empty = String::new;
    vec![
        function(activity),
        activity
            .so_that
            .as_ref()
            .map_or(activity.title.clone(), |so_that| format!("{}: so that {so_that}", activity.title)),
        if joint.is_empty() { "none".to_owned() } else { joint },
        notice::whom(policy, activity),
        activity
            .kinds
            .iter()
            .filter_map(|id| policy.kind(id))
            .map(|kind| kind.name.clone())
            .collect::<Vec<_>>()
            .join("; "),
        recipients(policy, activity),
        joined(processors.iter().map(|processor| match processor.contract {
            Some(signed) => format!("{}, contract of {signed}", processor.name),
            None => processor.name.clone(),
        })),
        joined(abroad.iter().map(|processor| processor.place.clone())),
        joined(abroad.iter().filter_map(|processor| processor.safeguard.clone())),
        retention(policy, activity),
        security(policy),
        article_6(activity),
        if special { article_9(activity) } else { "not applicable".to_owned() },
        interests,
        assessment,
        rights(activity),
        "no".to_owned(),
        if activity.from.is_empty() { "our own notes".to_owned() } else { activity.from.join("; ") },
        if matches!(activity.basis, Basis::Consent { .. }) {
            "kept with each person".to_owned()
        } else {
            empty()
        },
        joined(
            [policy.home.clone()].into_iter().chain(abroad.iter().map(|processor| processor.place.clone())),
        ),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        schedule_1(activity),
        article_6(activity),
        documents,
        empty(),
        empty(),
    ]
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    let parts: std::collections::BTreeSet<String> = parts.collect();
    parts.into_iter().collect::<Vec<_>>().join("; ")
}

/// Processors that may hold something of this activity.
fn processors<'a>(policy: &'a Policy, activity: &Activity) -> Vec<&'a Processor> {
    policy.processors.iter().filter(|processor| !processor.kinds.and(activity.kinds).is_empty()).collect()
}

/// `ServiceProvision` as "Service provision".
fn function(activity: &Activity) -> String {
    let name = crate::activity::Purpose::ALL.iter().find(|(purpose, _)| *purpose == activity.purpose);
    let mut words = String::new();
    for letter in name.map_or("", |(_, name)| name).chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

fn recipients(policy: &Policy, activity: &Activity) -> String {
    if activity.shares.is_empty() {
        return "none".to_owned();
    }
    joined(activity.shares.iter().map(|share| match share.with.starts_with("the ") {
        true => share.with.clone(),
        false => notice::receiver(policy, &share.with),
    }))
}

fn retention(policy: &Policy, activity: &Activity) -> String {
    let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    let said: Vec<String> = rules
        .map(|rule| {
            let words = rule_words(policy, rule, Voice::They);
            let kinds: Vec<&str> =
                rule.kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| kind.name.as_str()).collect();
            if rule.names_kinds { format!("{}: {words}", kinds.join(", ")) } else { words }
        })
        .collect();
    said.join("; ")
}

fn security(policy: &Policy) -> String {
    let mut measures: Vec<String> = Vec::new();
    if policy.security.encrypted.is_some() {
        measures.push("encrypted at rest".to_owned());
    }
    if let Some(length) = policy.security.password_at_least {
        measures.push(format!("passwords of at least {length} characters"));
    }
    measures.push("access by role, every look recorded".to_owned());
    measures.extend(policy.attestations.iter().map(|attestation| attestation.what.clone()));
    measures.join("; ")
}

fn article_6(activity: &Activity) -> String {
    match &activity.basis {
        Basis::Consent { .. } => "Article 6(1)(a) - consent".to_owned(),
        Basis::Contract { at_request: true } => "Article 6(1)(b) - steps before a contract".to_owned(),
        Basis::Contract { .. } => "Article 6(1)(b) - contract".to_owned(),
        Basis::LegalObligation { law } => format!("Article 6(1)(c) - legal obligation: {law}"),
        Basis::VitalInterests => "Article 6(1)(d) - vital interests".to_owned(),
        Basis::PublicTask { law } => format!("Article 6(1)(e) - public task: {law}"),
        Basis::RecognisedInterest { condition } => {
            format!("Article 6(1)(ea) - recognised legitimate interest: {condition}")
        }
        Basis::LegitimateInterests { .. } => "Article 6(1)(f) - legitimate interests".to_owned(),
    }
}

/// The conditions of Schedule 1 that are named, each with what it covers.
fn schedule_1(activity: &Activity) -> String {
    joined(activity.conditions.iter().filter_map(|condition| {
        let law = [condition.known.special, condition.known.criminal];
        let law = law.into_iter().flatten().find(|law| law.contains("Sch 1"))?;
        let name = condition.name.as_ref().map_or(String::new(), |name| format!(", {name}"));
        Some(format!("{}{name}: {law}", condition.known.words))
    }))
}

fn article_9(activity: &Activity) -> String {
    let stated = joined(activity.conditions.iter().map(|condition| {
        let law = condition.known.special.or(condition.known.criminal).unwrap_or_default();
        format!("{law} - {}", condition.known.words)
    }));
    if !stated.is_empty() {
        return stated;
    }
    match &activity.basis {
        Basis::Consent { form: ConsentForm::Explicit | ConsentForm::Signed(_), .. } => {
            "Article 9(2)(a) - explicit consent".to_owned()
        }
        _ => "none stated".to_owned(),
    }
}

fn rights(activity: &Activity) -> String {
    let mut rights = vec!["access", "rectification", "restriction"];
    if !notice::required(activity) {
        rights.push("erasure");
    }
    if notice::portable(activity) {
        rights.push("portability");
    }
    if notice::opposable(activity) || activity.purpose == crate::activity::Purpose::DirectMarketing {
        rights.push("objection");
    }
    if notice::withdrawable(activity) {
        rights.push("withdrawal of consent");
    }
    rights.join("; ")
}

/// The register as CSV (RFC 4180). Cells that a spreadsheet would take for a formula begin with an apostrophe.
#[must_use]
pub fn to_csv(register: &Register) -> String {
    let mut csv = String::new();
    for (label, value) in &register.head {
        line(&mut csv, &[*label, value]);
    }
    csv.push_str("\r\n");
    line(&mut csv, COLUMNS);
    for row in &register.rows {
        line(&mut csv, row);
    }
    csv
}

fn line<S: AsRef<str>>(csv: &mut String, cells: &[S]) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    csv.push_str(&cells.join(","));
    csv.push_str("\r\n");
}

fn cell(text: &str) -> String {
    let safe =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("plain"), "plain");
    }
}
