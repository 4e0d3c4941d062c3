//! The privacy notice as data, made from the policy alone. Says what UK GDPR Arts 13 and 14 ask for, in words a
//! child of eleven can read; every period comes from the phrase the clock computes with.

mod activity;
mod cookies;
mod html;
mod markdown;
mod outside;
mod paper;
mod people;
mod rights;
mod say;
mod us;

use jiff::civil::Date;

use crate::diff;
use crate::policy::Policy;

pub(crate) use activity::{
    basis, conditions, kept, one_share, opposable, portable, received, required, withdrawable,
};
pub use activity::{handed_over, one as of_activity};
pub use say::day;
pub(crate) use say::{receiver, whom};
pub(crate) use us::prohibition;

pub use cookies::{Cookie, cookies};
pub use html::{opening_html, section_html, to_body, to_html, to_page, to_sections};
pub use markdown::to_markdown;
pub use paper::to_paper;

/// A run of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Run {
    /// Plain words.
    Text(String),
    /// Words that lead somewhere: a place in the notice (`#rights`), an address, a page.
    Link {
        /// The words.
        text: String,
        /// Where to.
        to: String,
    },
}

/// A paragraph, a line of a list, or a cell of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Line(pub Vec<Run>);

impl Line {
    /// With more words.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>) -> Self {
        self.0.push(Run::Text(text.into()));
        self
    }

    /// With a link.
    #[must_use]
    pub fn link(mut self, text: impl Into<String>, to: impl Into<String>) -> Self {
        self.0.push(Run::Link { text: text.into(), to: to.into() });
        self
    }

    /// The words alone.
    #[must_use]
    pub fn text(&self) -> String {
        self.0
            .iter()
            .map(|run| match run {
                Run::Text(text) | Run::Link { text, .. } => text.as_str(),
            })
            .collect()
    }
}

impl<T: Into<String>> From<T> for Line {
    fn from(text: T) -> Self {
        Self(vec![Run::Text(text.into())])
    }
}

/// What a section is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A paragraph.
    Paragraph(Line),
    /// A list.
    List(Vec<Line>),
    /// A table with a caption.
    Table {
        /// What it shows.
        caption: String,
        /// The heads of its columns.
        columns: Vec<String>,
        /// Its rows; the first cell names the row.
        rows: Vec<Vec<Line>>,
    },
    /// A section within the section.
    Part(Section),
}

/// A section with a heading, and an id that links lead to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Its id: letters, digits and hyphens.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// The notice of one version of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its title.
    pub title: String,
    /// The version of the policy.
    pub version: u32,
    /// In force from.
    pub from: Date,
    /// What stands before the sections.
    pub opening: Vec<Block>,
    /// The sections in order.
    pub sections: Vec<Section>,
}

impl Section {
    fn new(id: impl Into<String>, heading: impl Into<String>) -> Self {
        Self { id: id.into(), heading: heading.into(), blocks: Vec::new() }
    }

    fn say(&mut self, line: impl Into<Line>) {
        self.blocks.push(Block::Paragraph(line.into()));
    }

    fn list(&mut self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.blocks.push(Block::List(lines));
        }
    }
}

/// The notice of a policy.
#[must_use]
pub fn of(policy: &Policy) -> Notice {
    let sections = vec![
        us::who(policy),
        people::hold(policy),
        activity::all(policy),
        outside::recipients(policy),
        outside::places(policy),
        rights::rights(policy),
        rights::complaints(policy),
        rights::need(policy),
        rights::decisions(),
        us::never(policy),
        us::care(policy),
        us::changes(policy),
    ];
    Notice {
        title: format!("Privacy notice of {}", policy.controller),
        version: policy.version,
        from: policy.from,
        opening: us::opening(policy),
        sections: sections.into_iter().filter(|section| !section.blocks.is_empty()).collect(),
    }
}

/// The notice of a policy, with what changed since an earlier version.
#[must_use]
pub fn since(policy: &Policy, before: &Policy) -> Notice {
    let mut notice = of(policy);
    let changes: Vec<Line> = diff::diff(before, policy)
        .iter()
        .filter(|change| change.is_told())
        .map(|change| Line::from(change.sentence()))
        .collect();
    let id = "changed";
    let mut section = Section::new(id, format!("What is new since version {}", before.version));
    section.say(match changes.is_empty() {
        true => "Nothing has changed in what we do with your data. Only wording has.".to_owned(),
        false => {
            format!("Version {} held from {}. This is different now:", before.version, say::day(before.from))
        }
    });
    section.list(changes);
    notice.sections.push(section);
    notice
}

/// An id for a name: `coach search` as `coach-search`.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

/// Ids of the notice's own sections.
const OWN: &[&str] = &[
    "who",
    "me",
    "what",
    "recipients",
    "places",
    "rights",
    "erasure",
    "consent",
    "objection",
    "portability",
    "answer",
    "complaints",
    "need",
    "decisions",
    "never",
    "care",
    "changes",
    "changed",
];

/// Where the notice speaks of an activity: `#coach-search`.
#[must_use]
pub fn id_of(activity: &str) -> String {
    let slug = slug(activity);
    if OWN.contains(&slug.as_str()) || slug.starts_with("me-") { format!("our-{slug}") } else { slug }
}
