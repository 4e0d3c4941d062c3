//! `/policy/edit`: the policy's text, to be changed and checked. A draft is kept between visits and is in force for
//! nobody. Works as a plain form; with scripts the same findings come while one types.

use askama::Template;
use axum::Form as Posted;
use axum::extract::Query;
use axum::response::{Html, IntoResponse, Redirect, Response};
use policy::fix::{self, Fix};
use policy::role::Deed;
use policy::source::File;
use policy::{Diagnostic, Policy, Severity, Span};
use serde::{Deserialize, Serialize};

use crate::acts::adoption as acts;
use crate::fault::Fault;
use crate::web::error::sentence;
use crate::web::page::{Page, Tab};
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};

/// How many findings are looked at for an edit that answers them: each is tried.
const FIXES_MAX: usize = 6;

#[derive(Template)]
#[template(path = "policy/edit.html")]
struct Edit {
    page: Page,
    tabs: Vec<Tab>,
    state: String,
    kept: bool,
    files: Vec<Tab>,
    place: usize,
    text: String,
    rows: usize,
    found: Found,
}

/// What the reader of the policy says about a text.
#[derive(Template)]
#[template(path = "policy/found.html")]
pub(super) struct Found {
    sum: String,
    wrong: bool,
    rows: Vec<Row>,
    notice: String,
}

struct Row {
    severity: &'static str,
    tone: &'static str,
    code: &'static str,
    line: usize,
    href: String,
    shown: String,
    message: String,
    law: String,
    suggestion: String,
    fix: Option<Edited>,
}

/// An edit that answers a finding, as its button carries it.
#[derive(Deserialize, Serialize)]
pub(super) struct Edited {
    start: u32,
    old: String,
    new: String,
}

impl Edited {
    fn code(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// In a few words.
    fn words(&self) -> String {
        match self.old.as_str() {
            "" => format!("Put in \u{201c}{}\u{201d}", self.new.trim()),
            _ => format!("Write \u{201c}{}\u{201d}", self.new),
        }
    }

    fn made(self, text: &str) -> Result<String, Fault> {
        let end = self.start.saturating_add(u32::try_from(self.old.len()).unwrap_or(u32::MAX));
        let fix = Fix { span: Span { file: 0, start: self.start, end }, old: self.old, new: self.new };
        fix.apply(text).ok_or(Fault::Changed)
    }
}

/// Which file of the policy.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    file: usize,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    text: String,
    #[serde(default)]
    then: String,
    #[serde(default)]
    fix: String,
}

/// `GET /policy/edit`.
pub async fn get(house: House, visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManagePolicy)?;
        let draft = acts::draft(tx)?;
        let state = match &draft {
            Some(draft) => format!(
                "A draft, saved by {} on {}. It is in force for nobody.",
                draft.by,
                frame::words(acting.instance.clock.on(draft.at))
            ),
            None => "The text in force, with the next number and a date two weeks on. Nothing is saved yet."
                .to_owned(),
        };
        let kept = draft.is_some();
        let files = acts::with_texts(draft.map_or_else(|| acts::beginning(acting), |draft| draft.files));
        let text = files.get(asked.file).map(|(_, text)| text.clone()).ok_or(Fault::NotFound)?;
        let tabs = match files.len() {
            1 => Vec::new(),
            _ => files
                .iter()
                .enumerate()
                .map(|(place, (name, _))| Tab {
                    href: format!("/policy/edit?file={place}"),
                    words: super::short_name(name).to_owned(),
                    here: place == asked.file,
                })
                .collect(),
        };
        let all = files.iter().map(|(name, text)| File { name: name.clone(), text: text.clone() }).collect();
        html(&Edit {
            page: frame::page(acting, "Change the policy", "policy", &path),
            tabs: super::tabs(&acting.policy, acting.today, "/policy/edit"),
            state,
            kept,
            place: asked.file,
            files: tabs,
            rows: text.lines().count().clamp(20, 40),
            text,
            found: found(all, acting.today, asked.file),
        })
    })
    .await
}

/// `POST /policy/edit`: keeps the text and checks it, or goes on to what adopting it would do, or throws it away.
pub async fn post(
    house: House,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    let place = asked.file;
    let then = sent.then.clone();
    write(house, &visitor, move |acting, tx| match sent.then.as_str() {
        "discard" => acts::discard(acting, tx),
        _ if sent.fix.is_empty() => acts::save(acting, tx, place, &sent.text).map(drop),
        _ => {
            let edited: Edited = serde_json::from_str(&sent.fix).map_err(|_| Fault::Changed)?;
            acts::save(acting, tx, place, &edited.made(&sent.text.replace("\r\n", "\n"))?).map(drop)
        }
    })
    .await?;
    let to = match then.as_str() {
        "preview" => "/policy/preview".to_owned(),
        "discard" => "/policy/edit?said=removed".to_owned(),
        _ => format!("/policy/edit?file={place}&said=saved#findings"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// `POST /policy/edit/check`: the findings about a text, for a page that asks while somebody types. Keeps nothing.
pub async fn check(
    house: House,
    visitor: Visitor,
    Query(asked): Query<Asked>,
    Posted(sent): Posted<Sent>,
) -> Answer {
    let (files, today) = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManagePolicy)?;
        let draft = acts::draft(tx)?;
        let mut files = acts::with_texts(draft.map_or_else(|| acts::beginning(acting), |draft| draft.files));
        if let Some((_, text)) = files.get_mut(asked.file) {
            *text = sent.text.replace("\r\n", "\n");
        }
        let files: Vec<File> = files.into_iter().map(|(name, text)| File { name, text }).collect();
        Ok((files, acting.today))
    })
    .await?;
    let said = blocking(move || Ok(Html(found(files, today, asked.file).render()?))).await;
    said.map_err(|fault| Trouble::new(fault, &visitor))
}

/// What a careful reader says about a text.
fn found(files: Vec<File>, today: jiff::civil::Date, open: usize) -> Found {
    let findings = fix::findings(&files, today);
    let mut looked = 0;
    let mut found = self::of(&files, findings.clone(), Some(open), |finding| {
        if usize::from(finding.span.file) != open || finding.help.is_none() || looked == FIXES_MAX {
            return None;
        }
        looked += 1;
        let fix = fix::fix(&files, finding, &findings, today)?;
        Some(Edited { start: fix.span.start, old: fix.old, new: fix.new })
    });
    if let (Some(policy), _) = Policy::read(files) {
        let notice = policy::notice::of(&policy);
        found.notice = policy::notice::to_html(&notice);
    }
    found
}

/// Findings as the editor shows them: those that stand, the gravest first. A place in the file that is open is a place
/// on the page; `fix` says which edit answers one.
pub(super) fn of(
    files: &[File],
    mut findings: Vec<Diagnostic>,
    open: Option<usize>,
    mut fix: impl FnMut(&Diagnostic) -> Option<Edited>,
) -> Found {
    let accepted = findings.iter().filter(|finding| finding.accepted.is_some()).count();
    findings.retain(|finding| finding.accepted.is_none());
    findings.sort_by_key(|finding| (finding.severity, finding.span.file, finding.span.start));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let standing = match (errors, findings.len()) {
        (_, 0) => "Nothing stands against this text".to_owned(),
        (0, 1) => "1 finding to look at".to_owned(),
        (0, all) => format!("{all} findings to look at"),
        (1, all) => format!("1 to put right, {} to look at", all - 1),
        (errors, all) => format!("{errors} to put right, {} to look at", all - errors),
    };
    let more =
        if accepted == 0 { String::new() } else { format!("; {accepted} accepted in the text itself") };
    Found {
        sum: format!("{standing}{more}."),
        wrong: errors > 0,
        rows: findings
            .into_iter()
            .map(|finding| {
                let fix = fix(&finding);
                row(files, finding, open, fix)
            })
            .collect(),
        notice: String::new(),
    }
}

fn row(files: &[File], finding: Diagnostic, open: Option<usize>, fix: Option<Edited>) -> Row {
    let (severity, tone) = match finding.severity {
        Severity::Error => ("To put right", "late"),
        _ => ("To look at", "wait"),
    };
    let place = usize::from(finding.span.file);
    let text = files.get(place).map_or("", |file| &file.text);
    let line = policy::diagnostic::line_and_column(text, finding.span.start).0;
    let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim().to_owned();
    let message = match finding.label.as_str() {
        "" => sentence(&finding.message),
        label => format!("{} {}", sentence(&finding.message), sentence(label)),
    };
    Row {
        severity,
        tone,
        code: finding.code,
        line,
        href: if open == Some(place) {
            "#text".to_owned()
        } else {
            format!("/policy/edit?file={place}#text")
        },
        shown,
        message,
        law: finding.law.unwrap_or_default(),
        suggestion: finding.help.as_deref().map_or_else(String::new, sentence),
        fix,
    }
}
