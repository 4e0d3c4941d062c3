//! The register as sheets: the regulator's table, the companies that work for us, what information there is and
//! where, and the documents that must be looked at again.

use jiff::{Span as Period, civil::Date};

use super::{COLUMNS, Register};
use crate::basis::Basis;
use crate::kind::{Kind, Sort};
use crate::phrase::{Voice, period_words, rule_words};
use crate::policy::{Policy, Processor};
use crate::rule::Disposal;

/// A table with what stands above it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// Its name, at most 31 letters.
    pub name: &'static str,
    /// What stands above the table; label and value.
    pub head: Vec<(&'static str, String)>,
    /// The heads of its columns.
    pub columns: Vec<&'static str>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<String>>,
}

/// A text outside the policy that it rests on: an assessment, with the day it must be looked at again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// What it is.
    pub what: &'static str,
    /// The file, as the policy names it.
    pub file: String,
    /// The activities or processors that rest on it.
    pub rests: Vec<String>,
    /// How often it is looked at, in words.
    pub every: String,
    /// When last.
    pub last: Option<Date>,
    /// By when next.
    pub next: Option<Date>,
}

/// Every sheet of a policy, the regulator's table first.
#[must_use]
pub fn sheets(policy: &Policy) -> Vec<Sheet> {
    let Register { head, rows } = super::of(policy);
    vec![
        Sheet { name: "Register of processing", head, columns: COLUMNS.to_vec(), rows },
        processors(policy),
        recipients(policy),
        assets(policy),
        texts(policy),
    ]
}

/// The companies that work for us, as they may be shown to anybody who asks.
#[must_use]
pub fn processors(policy: &Policy) -> Sheet {
    let row = |processor: &Processor| {
        let activities =
            policy.activities.iter().filter(|activity| !activity.kinds.and(processor.kinds).is_empty());
        let next =
            processor.screened.zip(processor.review).and_then(|(last, every)| last.checked_add(every).ok());
        vec![
            processor.name.clone(),
            processor.does.clone(),
            names(
                policy
                    .kinds
                    .iter()
                    .filter(|kind| processor.kinds.contains(kind.id))
                    .map(|kind| kind.name.as_str()),
            ),
            names(activities.map(|activity| activity.title.as_str())),
            processor.place.clone(),
            processor.safeguard.clone().unwrap_or_default(),
            day(processor.checked),
            processor.assessed.clone().unwrap_or_default(),
            day(processor.contract),
            day(processor.screened),
            day(next),
        ]
    };
    Sheet {
        name: "Processors",
        head: Vec::new(),
        columns: vec![
            "Name",
            "What it does for us",
            "What it may hold",
            "For which activities",
            "Country",
            "Safeguard",
            "Safeguard last checked",
            "Transfer risk assessment",
            "Contract signed",
            "Screened",
            "Screened again by",
        ],
        rows: policy.processors.iter().map(row).collect(),
    }
}

/// Everybody outside who gets something: for which activity, what, why and when.
#[must_use]
pub fn recipients(policy: &Policy) -> Sheet {
    let place = |with: &str| {
        let known = policy.recipients.iter().find(|body| body.name == with);
        known.and_then(|body| body.place.clone()).unwrap_or_else(|| policy.home.clone())
    };
    let kinds = |kinds: crate::kind::KindSet| {
        names(policy.kinds.iter().filter(|kind| kinds.contains(kind.id)).map(|kind| kind.name.as_str()))
    };
    let mut rows = Vec::new();
    for activity in &policy.activities {
        rows.extend(activity.shares.iter().map(|share| {
            let reason = share.reason.map(|reason| reason.words().to_owned());
            let why = share.what_for.clone().or(reason).unwrap_or_default();
            let until =
                share.until.as_ref().map_or("while it is held".to_owned(), |until| format!("until {until}"));
            let when = share.after.as_ref().map_or(until.clone(), |after| format!("after {after}, {until}"));
            vec![
                super::recipient(policy, &share.with),
                activity.title.clone(),
                kinds(share.kinds.and(activity.kinds)),
                why,
                when,
                place(&share.with),
            ]
        }));
        let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
        rows.extend(rules.filter_map(|rule| Some((rule, rule.outsider(policy)?))).map(|(rule, to)| {
            vec![
                super::recipient(policy, to),
                activity.title.clone(),
                kinds(rule.kinds),
                match rule.then {
                    Disposal::ReturnThenErase => "to have back what is theirs".to_owned(),
                    _ => "to keep it from then on, as its own".to_owned(),
                },
                format!("at the end: {}", rule_words(policy, rule, Voice::They)),
                place(to),
            ]
        }));
    }
    Sheet {
        name: "Recipients",
        head: Vec::new(),
        columns: vec!["Who gets it", "Activity", "What", "What for", "When", "Country"],
        rows,
    }
}

/// What information there is: each kind of data with its protection, where it lies, who sees it and how long it stays.
#[must_use]
pub fn assets(policy: &Policy) -> Sheet {
    Sheet {
        name: "Information assets",
        head: vec![("Owner", policy.contact.title.clone())],
        columns: vec![
            "Asset",
            "What it is",
            "Form",
            "Sensitivity",
            "Activities",
            "Where it lies",
            "Who may see it",
            "How long",
        ],
        rows: policy.kinds.iter().filter_map(|kind| asset(policy, kind)).collect(),
    }
}

/// The row of a kind; nothing for kinds that no activity holds.
fn asset(policy: &Policy, kind: &Kind) -> Option<Vec<String>> {
    let holding: Vec<_> =
        policy.activities.iter().filter(|activity| activity.kinds.contains(kind.id)).collect();
    if holding.is_empty() {
        return None;
    }
    let form = match kind.sort {
        Sort::Item => "a value about a person",
        Sort::Entry => "an entry in their history",
        Sort::Document => "a document, as a file or on paper",
        Sort::Record => "a row the program keeps",
    };
    let outside = policy.processors.iter().filter(|processor| processor.kinds.contains(kind.id));
    let places = std::iter::once(format!("our own system, {}", policy.home))
        .chain(outside.map(|processor| format!("{}, {}", processor.name, processor.place)));
    let seen =
        policy.roles.iter().filter(|role| role.sights.iter().any(|sight| sight.kinds.contains(kind.id)));
    let periods = policy
        .rules
        .iter()
        .filter(|rule| rule.kinds.contains(kind.id))
        .map(|rule| {
            let title = policy.activity(rule.activity).map_or("", |activity| activity.title.as_str());
            format!("{title}: {}", rule_words(policy, rule, Voice::They))
        })
        .collect::<Vec<_>>();
    Some(vec![
        kind.name.clone(),
        kind.words.clone(),
        form.to_owned(),
        format!("{:?}", kind.sensitivity).to_lowercase(),
        names(holding.iter().map(|activity| activity.title.as_str())),
        places.collect::<Vec<_>>().join("; "),
        names(seen.map(|role| role.name.as_str())),
        periods.join("; "),
    ])
}

/// Every text the policy rests on, once, with when it must be looked at again.
#[must_use]
pub fn documents(policy: &Policy) -> Vec<Document> {
    let mut all: Vec<Document> = Vec::new();
    let mut add =
        |what: &'static str, file: &str, rests: &str, every: Option<&Period>, last: Option<Date>| {
            if let Some(known) = all.iter_mut().find(|known| known.what == what && known.file == file) {
                known.rests.push(rests.to_owned());
                return;
            }
            let next = last.zip(every).and_then(|(last, every)| last.checked_add(*every).ok());
            all.push(Document {
                what,
                file: file.to_owned(),
                rests: vec![rests.to_owned()],
                every: every.map_or(String::new(), period_words),
                last,
                next,
            });
        };
    for activity in &policy.activities {
        if let Basis::LegitimateInterests { assessed: Some(file), review, last, .. } = &activity.basis {
            add("legitimate interests assessment", file, &activity.title, review.as_ref(), *last);
        }
    }
    for activity in &policy.activities {
        for condition in &activity.conditions {
            if let Some(file) = &condition.document {
                let (every, last) =
                    policy.review.as_ref().map_or((None, None), |(every, last)| (Some(every), Some(*last)));
                // It is looked at together with the policy (DPA 2018 Sch 1 para 40).
                add("appropriate policy document", file, &activity.title, every, last);
            }
        }
    }
    for processor in &policy.processors {
        if let Some(file) = &processor.assessed {
            add("transfer risk assessment", file, &processor.name, None, processor.checked);
        }
    }
    all
}

fn texts(policy: &Policy) -> Sheet {
    let mut rows: Vec<Vec<String>> = documents(policy)
        .into_iter()
        .map(|document| {
            vec![
                document.what.to_owned(),
                document.file,
                document.rests.join("; "),
                document.every,
                day(document.last),
                day(document.next),
            ]
        })
        .collect();
    if let Some((every, last)) = &policy.review {
        let next = last.checked_add(*every).ok();
        rows.push(vec![
            "this policy".to_owned(),
            policy
                .files
                .first()
                .map_or(String::new(), |file| file.name.rsplit('/').next().unwrap_or_default().to_owned()),
            "everything".to_owned(),
            period_words(every),
            day(Some(*last)),
            day(next),
        ]);
    }
    Sheet {
        name: "Assessments and reviews",
        head: Vec::new(),
        columns: vec!["What", "File", "Rests on it", "Looked at every", "Last", "Next by"],
        rows,
    }
}

fn day(day: Option<Date>) -> String {
    day.map_or(String::new(), |day| day.to_string())
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join("; ")
}

/// A sheet as CSV (RFC 4180). Cells that a spreadsheet would take for a formula begin with an apostrophe.
#[must_use]
pub fn sheet_csv(sheet: &Sheet) -> String {
    let mut csv = String::new();
    for (label, value) in &sheet.head {
        super::line(&mut csv, &[*label, value]);
    }
    if !sheet.head.is_empty() {
        csv.push_str("\r\n");
    }
    super::line(&mut csv, &sheet.columns);
    for row in &sheet.rows {
        super::line(&mut csv, row);
    }
    csv
}
