//! The register of processing (UK GDPR Art 30): one row for each activity, under the columns of the regulator's
//! own template for controllers. Where there is nothing to say, or the policy cannot know it, the cell says so.

mod jsonld;
mod sheet;

pub use jsonld::{Described, described, to_jsonld};
pub use sheet::{
    Document, Sheet, assets, documents, processors as processor_list, recipients as recipient_list,
    sheet_csv, sheets,
};

use jiff::civil::Date;

use crate::activity::Activity;
use crate::basis::{Basis, ConsentForm};
use crate::kind::Sensitivity;
use crate::notice;
use crate::phrase::{Voice, rule_words};
use crate::policy::{Contact, Policy, Processor, Recipient, Stated};

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
    let officer = match &policy.officer {
        Stated::Yes(name) => policy.officer_contact.as_ref().map_or(name.clone(), Contact::written),
        Stated::No { because } => format!("none: {because}"),
    };
    let head = vec![
        ("Controller", policy.controller.clone()),
        ("Contact", policy.contact.written()),
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
        _ => {
            let none = format!("not applicable: {}", article_6(activity));
            (none.clone(), none)
        }
    };
    let guarded = |sensitivity| !activity.kinds.and(policy.kinds_of(sensitivity)).is_empty();
    let special = guarded(Sensitivity::Special) || guarded(Sensitivity::Criminal);
    let documents = joined(activity.conditions.iter().filter_map(|condition| condition.document.clone()));
    let joint = joined(
        activity
            .shares
            .iter()
            .filter_map(|share| policy.recipients.iter().find(|body| body.joint && body.name == share.with))
            .map(|body| joint_controller(policy, activity, body)),
    );
    let [required, progress, link] = impact_assessment(special);
    vec![
        function(activity),
        activity
            .so_that
            .as_ref()
            .map_or(activity.title.clone(), |so_that| format!("{}: so that {so_that}", activity.title)),
        or_none(joint),
        notice::whom(policy, activity),
        activity
            .kinds
            .iter()
            .filter_map(|id| policy.kind(id))
            .map(|kind| kind.name.clone())
            .collect::<Vec<_>>()
            .join("; "),
        recipients(policy, activity),
        or_none(joined(processors.iter().map(|processor| match processor.contract {
            Some(signed) => format!("{}, contract of {signed}", processor.name),
            None => format!("{}, no contract stated", processor.name),
        }))),
        or_none(joined(abroad.iter().map(|processor| processor.place.clone()))),
        or_none(joined(abroad.iter().map(|processor| match &processor.safeguard {
            Some(safeguard) => format!("{}: {safeguard}", processor.name),
            None => format!("{}: none stated", processor.name),
        }))),
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
            "the consent record of each person, in this system: on their page, under What they agreed to"
                .to_owned()
        } else {
            "not applicable: the basis is not consent".to_owned()
        },
        joined(
            [policy.home.clone()].into_iter().chain(abroad.iter().map(|processor| processor.place.clone())),
        ),
        required,
        progress,
        link,
        format!("not in this table: {}", incidents(policy)),
        "not in this table: with the list of incidents".to_owned(),
        or_none(schedule_1(activity)),
        article_6(activity),
        if documents.is_empty() {
            format!("the policy itself, version {}: each period and what happens then", policy.version)
        } else {
            documents
        },
        "not looked at here: the program erases by the policy every night, and proves it: `probity prove`"
            .to_owned(),
        "none stated".to_owned(),
    ]
}

/// Who decides with us, over what here, and where it can be reached: by its own notice, which is all a policy states.
fn joint_controller(policy: &Policy, activity: &Activity, body: &Recipient) -> String {
    let shares = activity.shares.iter().filter(|share| share.with == body.name);
    let said = shares.map(|share| {
        let kinds: Vec<&str> =
            share.kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| kind.name.as_str()).collect();
        let what_for = share.what_for.as_ref().map_or(String::new(), |what_for| format!(" {what_for}"));
        format!("{}{what_for}", kinds.join(", "))
    });
    let said: Vec<String> = said.collect();
    let contact = match &body.notice {
        Some(notice) => format!("contact and notice: {notice}"),
        None => "no contact details stated".to_owned(),
    };
    format!("{}, jointly responsible for {}, {contact}", body.words, said.join(" and "))
}

fn or_none(said: String) -> String {
    if said.is_empty() { "none".to_owned() } else { said }
}

/// Whether an impact assessment is required, how far it is, and where: what a policy can tell of Art 35(3).
fn impact_assessment(special: bool) -> [String; 3] {
    let required = match special {
        true => {
            "yes, if on a large scale: special-category or criminal-offence data is held (Article 35(3)(b))"
        }
        false => {
            "none known to be: no decision by a machine alone, no special-category or criminal-offence data \
             (Article 35(3)); somebody must say whether anything else here is a high risk"
        }
    };
    [required, "none stated", "none stated"].map(str::to_owned)
}

/// Who keeps the list of incidents.
fn incidents(policy: &Policy) -> String {
    let keeper = policy.incidents.as_ref().and_then(|incidents| policy.roles.get(incidents.by.index()));
    keeper.map_or("nobody is named who keeps the list of incidents".to_owned(), |role| {
        format!("{} keeps the list of incidents", role.name)
    })
}

/// What looking at the data found of the periods of an activity: the promise, whether it is kept, and what breaks it.
pub type Looked<'a> = (&'a str, bool, String);

/// Fills in whether data is kept and erased as the policy says, for one activity's row, from what was found of the
/// promises that stand on its periods; `on` is when somebody looked.
pub fn retained(row: &mut [String], on: Date, looked: &[Looked<'_>]) {
    let [.., kept, why] = row else { return };
    let ids = |kept: bool| -> Vec<&str> {
        looked.iter().filter(|(_, found, _)| *found == kept).map(|(id, ..)| *id).collect()
    };
    let broken = ids(false);
    if broken.is_empty() {
        let proved = ids(true).join(", ");
        *kept = match proved.is_empty() {
            true => format!("erased by it every night; no promise of its own was looked at on {on}"),
            false => format!("yes: looked at on {on} and found kept ({proved})"),
        };
        *why = "not applicable".to_owned();
        return;
    }
    *kept = format!("no: looked at on {on} and found broken ({})", broken.join(", "));
    let reasons: Vec<&str> =
        looked.iter().filter(|(_, kept, _)| !kept).map(|(.., reason)| reason.as_str()).collect();
    *why = reasons.join("; ");
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
    let shared = activity.shares.iter().map(|share| recipient(policy, &share.with));
    let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    let handed_over = rules.filter_map(|rule| rule.outsider(policy));
    let handed_over = handed_over.map(|to| format!("{}, at the end", recipient(policy, to)));
    or_none(joined(shared.chain(handed_over)))
}

/// Who gets something, as the register calls them: `the coach` is whoever has that part on the work.
fn recipient(policy: &Policy, with: &str) -> String {
    if with.starts_with("the ") { with.to_owned() } else { notice::receiver(policy, with) }
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
