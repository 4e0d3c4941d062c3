//! A refusal: what was not granted, which clause says so, on what facts, and what would change it.

use policy::policy::Clause;
use policy::{ActivityId, ChannelId, KindSet, Policy};

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

impl Refusal {
    /// A refusal by a clause, with the promises that stand on it.
    #[must_use]
    pub fn by(
        policy: &Policy,
        question: Question,
        clause: Option<Clause>,
        because: String,
        next_step: String,
    ) -> Self {
        let promises = clause.as_ref().map_or_else(Vec::new, |clause| promises_on(policy, clause));
        let clause_words = clause.as_ref().map_or_else(String::new, |clause| clause_words(policy, clause));
        Self { question, clause, promises, because, next_step, clause_words }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.because)?;
        if !self.clause_words.is_empty() {
            write!(f, " ({})", self.clause_words)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// The promises that stand on a clause.
#[must_use]
pub fn promises_on(policy: &Policy, clause: &Clause) -> Vec<String> {
    policy.promises.iter().filter(|(_, clauses)| clauses.contains(clause)).map(|(id, _)| id.clone()).collect()
}

/// A clause's short name for logs, stories and people: `coaching: basis`.
#[must_use]
pub fn clause_words(policy: &Policy, clause: &Clause) -> String {
    let activity = |id: &ActivityId| policy.activity(*id).map_or("", |activity| activity.name.as_str());
    let channel =
        |id: &ChannelId| policy.channels.get(id.index()).map_or("", |channel| channel.name.as_str());
    match clause {
        Clause::Head(part) => part.clone(),
        Clause::Kind(id) => policy.kind(*id).map_or_else(String::new, |kind| kind.name.clone()),
        Clause::Basis(id) => format!("{}: basis", activity(id)),
        Clause::Data(id) => format!("{}: data", activity(id)),
        Clause::For(id) => format!("{}: for", activity(id)),
        Clause::Keep(id) => {
            let rule = policy.rules.get(id.index());
            rule.map_or_else(String::new, |rule| format!("{}: keep", activity(&rule.activity)))
        }
        Clause::Share(id, _) => format!("{}: share", activity(id)),
        Clause::Send(id) => format!("{}: send", activity(id)),
        Clause::Footer(id) => format!("{}: footer", channel(id)),
        Clause::Received(id) => format!("{}: receives", channel(id)),
        Clause::Screening(id) => format!("{}: screen", channel(id)),
        Clause::Never(at) => {
            let words =
                policy.prohibitions.get(*at).map(|never| never.words.trim_start_matches("never").trim());
            words.map_or_else(String::new, |words| format!("never {words}"))
        }
        Clause::Answer => "requests: answer".to_owned(),
        Clause::Register(at) => policy
            .requests
            .registers
            .get(*at)
            .map_or_else(String::new, |register| format!("register: {}", register.name)),
        Clause::Processor(at) => policy
            .processors
            .get(*at)
            .map_or_else(String::new, |processor| format!("processor {}", processor.name)),
        Clause::Role(id) => {
            policy.roles.get(id.index()).map_or_else(String::new, |role| format!("role {}", role.name))
        }
        Clause::Attest(at) => {
            policy.attestations.get(*at).map_or_else(String::new, |attest| format!("attest {}", attest.what))
        }
        Clause::Security(what) => format!("security: {what}"),
        Clause::Incidents => "incidents".to_owned(),
        Clause::Backups => "backups".to_owned(),
        Clause::Visits => "visits".to_owned(),
        Clause::Agreement(id) => {
            policy.works.get(id.index()).map_or_else(String::new, |work| format!("{}: agreement", work.name))
        }
        Clause::Form(at) => {
            policy.forms.get(*at).map_or_else(String::new, |form| format!("form {}", form.name))
        }
        Clause::From(_)
        | Clause::Condition(..)
        | Clause::Because(_)
        | Clause::Where(_)
        | Clause::Requests(_)
        | Clause::Notice(_)
        | Clause::Period(_)
        | Clause::Statistics(_) => policy.clause_words(clause),
        Clause::Open(id) => format!("promise {id}"),
    }
}

/// The kinds by name, as a sentence lists them: `name, email and phone`.
#[must_use]
pub fn kind_names(policy: &Policy, kinds: KindSet) -> String {
    let names: Vec<&str> =
        kinds.iter().filter_map(|kind| policy.kind(kind)).map(|kind| kind.name.as_str()).collect();
    listed(&names)
}

/// Words as a sentence lists them: `a, b and c`.
#[must_use]
pub fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}
