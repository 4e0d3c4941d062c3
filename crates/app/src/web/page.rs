//! What every page knows: its title, who is signed in, the practice date, one passing message, and the small
//! view types the shared components draw. It holds no personal value but the words a person typed just now.

use std::collections::BTreeMap;

/// What the frame of a page shows.
#[derive(Clone, Default, Debug)]
pub struct Page {
    /// In the browser's title.
    pub title: String,
    /// Which part of the navigation is lit: `today`, `people`, `work`, `outreach`, `requests`, `policy`, `admin`.
    pub section: &'static str,
    /// This page's own address, to come back to.
    pub path: String,
    /// The organisation's name, from the policy.
    pub organisation: String,
    /// The member of staff signed in.
    pub staff: String,
    /// Their role, in words.
    pub role: String,
    /// Whether they administer this instance.
    pub administrator: bool,
    /// Whether their role answers requests.
    pub answers: bool,
    /// Set on practice instances only.
    pub practice: Option<Practice>,
    /// What has just been done, said once.
    pub flash: Option<Flash>,
    /// Whether a visitor is asked if their visit may be counted.
    pub asks_visits: bool,
    /// The policy's public forms, on pages that are seen without signing in.
    pub forms: Vec<Link>,
}

/// The practice clock.
#[derive(Clone, Default, Debug)]
pub struct Practice {
    /// `2026-12-01`, for the form.
    pub date: String,
    /// `Tue 1 Dec 2026`, to read.
    pub words: String,
}

/// One passing message, without personal values.
#[derive(Clone, Default, Debug)]
pub struct Flash {
    /// What was done: "Saved.".
    pub words: String,
    /// Where to post to undo it.
    pub undo: Option<String>,
}

/// A link.
#[derive(Clone, Default, Debug)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What it says.
    pub words: String,
}

/// A day as pages show it.
#[derive(Clone, Default, Debug)]
pub struct Day {
    /// `2026-03-31`.
    pub iso: String,
    /// `Tue 31 Mar 2026`.
    pub words: String,
    /// `in 4 days`, or nothing.
    pub near: String,
}

/// One choice of several.
#[derive(Clone, Default, Debug)]
pub struct Choice {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub words: String,
    /// A line of help, or nothing.
    pub hint: String,
    /// Whether it is chosen now.
    pub chosen: bool,
}

/// One tab.
#[derive(Clone, Default, Debug)]
pub struct Tab {
    /// Where to.
    pub href: String,
    /// What it says.
    pub words: String,
    /// Whether it is the one shown.
    pub here: bool,
}

/// One stage of something.
#[derive(Clone, Default, Debug)]
pub struct Step {
    /// What it is called.
    pub words: String,
    /// Whether it is behind us.
    pub done: bool,
    /// Whether we stand on it.
    pub here: bool,
}

/// Keyset links of a list; empty text for none.
#[derive(Clone, Default, Debug)]
pub struct Pager {
    /// `1 to 50 of 312`.
    pub shown: String,
    /// The page before.
    pub newer: String,
    /// The page after.
    pub older: String,
}

/// A refusal as pages show it.
#[derive(Clone, Default, Debug)]
pub struct Refused {
    /// The clause, in words; empty where none says so.
    pub clause: String,
    /// What happened, as a whole sentence.
    pub because: String,
    /// What to do next, as a whole sentence.
    pub next_step: String,
    /// Where that can be done; empty where nowhere on screen.
    pub next_href: String,
    /// The promises standing on the clause.
    pub promises: Vec<Link>,
}

/// Who will receive and who will not.
#[derive(Clone, Default, Debug)]
pub struct Audience {
    /// How many will.
    pub yes: u64,
    /// Where they are listed.
    pub yes_href: String,
    /// How many will not.
    pub not: u64,
    /// Why not; the counts add up to `not`.
    pub reasons: Vec<Reason>,
    /// How many that is in all: `yes` and `not`.
    pub all: u64,
    /// That there are others whom whoever looks may not find; empty where there are none.
    pub beyond: String,
}

/// One reason for leaving people out.
#[derive(Clone, Default, Debug)]
pub struct Reason {
    /// How many.
    pub count: u64,
    /// Why: "objected to mailings".
    pub words: String,
    /// The clause that says so, in words: "supporters: basis"; or nothing.
    pub clause: String,
    /// The promise behind it: `CTI-08`, or nothing.
    pub promise: String,
    /// Where the promise is shown.
    pub promise_href: String,
    /// Where they are listed.
    pub href: String,
    /// What would change it: ask them, change the policy.
    pub ways: Vec<Link>,
}

/// One thing to put right in a form.
#[derive(Clone, Default, Debug)]
pub struct FieldError {
    /// The id of the question.
    pub field: String,
    /// What is wrong and how to put it right.
    pub words: String,
}

/// A form as it was sent, shown again with what is to put right.
#[derive(Clone, Default, Debug)]
pub struct Form {
    /// What was typed, by question: one answer each. Of boxes that stand under one question see [`ticked`].
    pub values: BTreeMap<String, String>,
    /// What is to put right.
    pub errors: Vec<FieldError>,
}

impl Form {
    /// What was typed for a question, or nothing.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// What is wrong with the answer, or nothing.
    #[must_use]
    pub fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|error| error.field == name).map_or("", |error| error.words.as_str())
    }
}

/// The boxes that were ticked under one question, each of them.
#[must_use]
pub fn ticked(given: &[(String, String)], name: &str) -> Vec<String> {
    given.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}
