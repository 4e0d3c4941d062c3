//! The notice in sections, each with the clauses that stand behind it and what the latest proof says of them.

use std::collections::BTreeMap;

use custody::proof::of_clause;
use policy::notice::{self, Block, Notice, id_of};
use policy::policy::Clause;
use policy::{Activity, ActivityId, ChannelId, Policy, Span};

use crate::acts::proof::Proof as Latest;
use crate::web::frame;

/// One part of the notice and what stands behind it.
pub struct Section {
    /// The part, as the notice renderer writes it.
    pub html: String,
    /// Where it stands in the policy file.
    pub clause: String,
    /// The promises that stand on its clauses.
    pub proofs: Vec<Proof>,
}

/// A promise beside a part of the notice.
pub struct Proof {
    /// Its name.
    pub promise: String,
    /// Where its proof stands.
    pub href: String,
    /// What the latest proof says of it.
    pub verdict: String,
    /// How the verdict is toned.
    pub tone: String,
    /// What must be so, for these clauses.
    pub words: String,
    /// When it was proved.
    pub on: String,
}

/// The notice in sections; that of the activities falls apart into one for each.
pub fn sections(policy: &Policy, notice: &Notice, latest: Option<&Latest>) -> Vec<Section> {
    let behind = behind(policy, notice);
    let row = |id: &str, html: String| {
        let clauses = behind.get(id).map_or(&[][..], Vec::as_slice);
        let spans = clauses.iter().filter_map(|(_, clause)| policy.clause_span(clause));
        Section { html, clause: place(policy, id, spans.min()), proofs: proofs(policy, clauses, latest) }
    };
    let mut rows = vec![row("", notice::opening_html(notice))];
    for section in &notice.sections {
        if section.id != "what" {
            rows.push(row(&section.id, notice::section_html(section, 2)));
            continue;
        }
        let (parts, rest): (Vec<&Block>, Vec<&Block>) =
            section.blocks.iter().partition(|block| matches!(block, Block::Part(_)));
        let head = notice::Section {
            id: section.id.clone(),
            heading: section.heading.clone(),
            blocks: rest.into_iter().cloned().collect(),
        };
        rows.push(row(&section.id, notice::section_html(&head, 2)));
        for part in parts {
            if let Block::Part(part) = part {
                rows.push(row(&part.id, notice::section_html(part, 3)));
            }
        }
    }
    rows
}

/// Which promise stands on which clause, by the section of the notice that speaks of it.
fn behind(policy: &Policy, notice: &Notice) -> BTreeMap<String, Vec<(String, Clause)>> {
    let mut behind: BTreeMap<String, Vec<(String, Clause)>> = BTreeMap::new();
    for (promise, clauses) in &policy.promises {
        for clause in clauses {
            for id in places(policy, notice, clause) {
                behind.entry(id).or_default().push((promise.clone(), clause.clone()));
            }
        }
    }
    behind
}

/// The ids of the sections that speak of a clause.
fn places(policy: &Policy, notice: &Notice, clause: &Clause) -> Vec<String> {
    let of = |id: &ActivityId| policy.activity(*id).map(|activity| id_of(&activity.name));
    let by_channel = |id: &ChannelId| activities(policy, |activity| activity.channels.contains(id));
    let found = match clause {
        Clause::Basis(id) | Clause::Data(id) | Clause::For(id) | Clause::Send(id) | Clause::Share(id, _) => {
            of(id).into_iter().collect()
        }
        Clause::Keep(rule) => {
            policy.rules.get(rule.index()).and_then(|rule| of(&rule.activity)).into_iter().collect()
        }
        Clause::Footer(channel) | Clause::Received(channel) | Clause::Screening(channel) => {
            by_channel(channel)
        }
        Clause::Agreement(work) => activities(policy, |activity| activity.work == Some(*work)),
        Clause::Form(at) => policy.forms.get(*at).map_or_else(Vec::new, |form| {
            form.files.iter().filter_map(|(_, activity)| of(activity)).collect()
        }),
        Clause::Head(part) => vec![
            match part.as_str() {
                "complaints" => "complaints",
                "review" | "version" => "changes",
                "home" => "places",
                _ => "who",
            }
            .to_owned(),
        ],
        Clause::Answer | Clause::Register(_) => vec!["rights".to_owned()],
        Clause::Never(_) => vec!["never".to_owned()],
        Clause::Processor(_) => vec!["recipients".to_owned()],
        _ => vec!["care".to_owned()],
    };
    let spoken: Vec<String> = found.into_iter().filter(|id| stands(notice, id)).collect();
    if spoken.is_empty() { vec!["care".to_owned()] } else { spoken }
}

fn activities(policy: &Policy, which: impl Fn(&Activity) -> bool) -> Vec<String> {
    policy
        .activities
        .iter()
        .filter(|activity| which(activity))
        .map(|activity| id_of(&activity.name))
        .collect()
}

fn stands(notice: &Notice, id: &str) -> bool {
    notice.sections.iter().any(|section| {
        section.id == id
            || section.blocks.iter().any(|block| matches!(block, Block::Part(part) if part.id == id))
    })
}

/// One row for each promise, with what must be so for the clauses that stand here.
fn proofs(policy: &Policy, clauses: &[(String, Clause)], latest: Option<&Latest>) -> Vec<Proof> {
    let mut rows: Vec<Proof> = Vec::new();
    for (promise, clause) in clauses {
        let said: Vec<String> = match clause {
            Clause::Open(words) => vec![format!("{words}.")],
            clause => {
                of_clause(policy, clause).iter().map(|obligation| obligation.sentence(policy)).collect()
            }
        };
        if let Some(row) = rows.iter_mut().find(|row| row.promise == *promise) {
            let new: Vec<String> =
                said.into_iter().filter(|sentence| !row.words.contains(sentence)).collect();
            row.words = [std::mem::take(&mut row.words), new.join(" ")].join(" ").trim().to_owned();
            continue;
        }
        let found = latest.and_then(|proof| proof.of(promise));
        let verdict = found.map_or("not proved yet", |found| found.verdict.as_str());
        rows.push(Proof {
            promise: promise.clone(),
            href: format!("/policy/proof#{promise}"),
            verdict: verdict.to_owned(),
            tone: super::tone(verdict),
            words: said.join(" "),
            on: found.and(latest).map_or_else(String::new, |proof| frame::words(proof.on)),
        });
    }
    rows
}

/// "activity coaching, line 31", or the line of the first clause that stands here.
fn place(policy: &Policy, id: &str, first: Option<Span>) -> String {
    let activity = policy.activities.iter().find(|activity| id_of(&activity.name) == id);
    match (activity, first) {
        (Some(activity), _) => {
            format!("activity {}, line {}", activity.name, line(policy, activity.span))
        }
        (None, Some(span)) => format!("policy file, line {}", line(policy, span)),
        (None, None) => String::new(),
    }
}

/// The line a place is on, counting from 1.
pub fn line(policy: &Policy, span: Span) -> usize {
    policy
        .files
        .get(usize::from(span.file))
        .map_or(1, |file| policy::diagnostic::line_and_column(&file.text, span.start).0)
}
