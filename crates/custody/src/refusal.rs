//! A refusal: what was not granted, which clause says so, on what facts, and what would change it.

use policy::policy::Clause;

/// The first of the five questions that said no.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Question {
    /// Does the actor's role allow it, within reach?
    Role,
    /// Is each datum covered by an active ground of this purpose, with no prohibition standing?
    Ground,
    /// Does the basis stand today?
    Basis,
    /// Does the channel's gate pass?
    Gate,
    /// Is the recipient allowed, for this reason, safeguarded there?
    Disclosure,
}

/// Why an act may not happen, for people to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The question that said no.
    pub question: Question,
    /// The clause that says so, where one does.
    pub clause: Option<Clause>,
    /// Promises standing on that clause.
    pub promises: Vec<String>,
    /// What happened, in a sentence without personal values: "coaching notes may be kept only once the signed consent form is on file".
    pub because: String,
    /// What to do next: "Record the signed consent form on the programme first."
    pub next_step: String,
    /// The clause's short name for logs and stories: `coaching: basis`.
    pub clause_words: String,
}
