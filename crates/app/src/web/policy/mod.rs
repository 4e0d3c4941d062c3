//! The policy's pages: the notice with what enforces each part, findings, register, proof, versions, source, and
//! changing it. They decide nothing.

pub mod edit;
pub mod findings;
pub mod preview;
pub mod proof;
pub mod register;
mod section;
pub mod shown;
pub mod text;
pub mod versions;

use askama::Template;
use jiff::civil::Date;
use policy::role::Deed;
use policy::{Policy, notice};

use self::section::{Section, sections};
use super::page::{Page, Tab};
use super::{Answer, House, Visitor, frame, html, read};
use crate::acts::proof as acts;

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

#[derive(Template)]
#[template(path = "policy/source.html")]
struct Source {
    may_change: bool,
    page: Page,
    tabs: Vec<Tab>,
    file: String,
    version: String,
    text: String,
}

/// The tabs of the policy's pages; `here` is the address of the one shown.
pub(super) fn tabs(policy: &Policy, today: Date, here: &str) -> Vec<Tab> {
    let standing =
        policy::check::check(policy, today).iter().filter(|finding| finding.accepted.is_none()).count();
    let findings = if standing == 0 { "Findings".to_owned() } else { format!("Findings {standing}") };
    let mut tabs = vec![
        ("/policy", "Notice".to_owned()),
        ("/policy/findings", findings),
        ("/policy/register", "Register".to_owned()),
        ("/processors", "Processors".to_owned()),
        ("/policy/proof", "Proof".to_owned()),
        ("/policy/versions", "Versions".to_owned()),
        ("/policy/source", "Source".to_owned()),
    ];
    if !policy.statistics.is_empty() {
        tabs.insert(4, ("/statistics", "Statistics".to_owned()));
    }
    tabs.into_iter().map(|(href, words)| Tab { href: href.to_owned(), words, here: href == here }).collect()
}

/// Which version, from when.
fn version(policy: &Policy) -> String {
    super::public::version(policy.version, policy.from)
}

/// How a verdict is toned.
fn tone(verdict: &str) -> String {
    match verdict {
        "kept" => "good",
        "broken" => "late",
        "open" => "wait",
        _ => "",
    }
    .to_owned()
}

/// `GET /policy`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let policy = &acting.policy;
        let proof = acts::latest(tx)?.filter(|proof| proof.version == policy.version);
        let sum = proof.as_ref().map_or_else(
            || format!("{}, not proved yet.", policy::count::counted_len(policy.promises.len(), "promise")),
            |proof| format!("{}, on {}.", proof.sum(), frame::words(proof.on)),
        );
        html(&PolicyPage {
            page: frame::page(acting, "Policy", "policy", &path),
            tabs: tabs(policy, acting.today, "/policy"),
            version: version(policy),
            sum,
            broken: proof.as_ref().is_some_and(acts::Proof::is_broken),
            sections: sections(policy, &notice::of(policy), proof.as_ref()),
        })
    })
    .await
}

/// `GET /policy/source`.
pub async fn source(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let policy = &acting.policy;
        let files: Vec<&str> = policy.own_files().map(|file| file.text.as_str()).collect();
        html(&Source {
            may_change: acting.may(Deed::ManagePolicy),
            page: frame::page(acting, "The policy file", "policy", &path),
            tabs: tabs(policy, acting.today, "/policy/source"),
            file: policy.files.first().map_or_else(String::new, |file| short_name(&file.name).to_owned()),
            version: version(policy),
            text: files.join("\n\n"),
        })
    })
    .await
}

/// A file's name without the folders of whoever adopted it.
fn short_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
