//! Where a clause is written, what it says, and what it is called.

use crate::lex::{Shape, lex};
use crate::name::{ActivityId, ChannelId};
use crate::parse::promise;
use crate::policy::{Clause, Policy};
use crate::source::Span;

impl Policy {
    /// Where a clause is written; `None` for clauses of another policy.
    #[must_use]
    pub fn clause_span(&self, clause: &Clause) -> Option<Span> {
        self.places.get(clause).copied()
    }

    /// A clause as the author wrote it, on one line, without comments and promise ids.
    #[must_use]
    pub fn clause_text(&self, clause: &Clause) -> String {
        let Some(span) = self.clause_span(clause) else { return String::new() };
        let source = self.files.get(usize::from(span.file)).map_or("", |file| span.of(&file.text));
        let mut words = String::new();
        for line in lex(0, source).0 {
            let (tokens, _) = promise::split(line.tokens, source, true);
            for token in tokens {
                if !words.is_empty() && matches!(token.shape, Shape::Word | Shape::Text) {
                    words.push(' ');
                }
                words.push_str(&token.span.of(source).split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
        words
    }

    /// A clause's short name for logs, stories and people: `coaching: basis`.
    #[must_use]
    pub fn clause_words(&self, clause: &Clause) -> String {
        let activity = |id: &ActivityId| self.activity(*id).map_or("", |activity| &activity.name);
        let channel = |id: &ChannelId| self.channels.get(id.index()).map_or("", |channel| &channel.name);
        let name = |what: &str, name: Option<&String>| format!("{what} {}", name.map_or("", String::as_str));
        match clause {
            Clause::Head(part) => part.clone(),
            Clause::Kind(id) => self.kind(*id).map_or_else(String::new, |kind| kind.name.clone()),
            Clause::Basis(id) => format!("{}: basis", activity(id)),
            Clause::Data(id) => format!("{}: data", activity(id)),
            Clause::For(id) => format!("{}: for", activity(id)),
            Clause::Keep(id) => {
                self.rules.get(id.index()).map_or_else(String::new, |rule| self.keep_words(rule))
            }
            Clause::Share(id, _) => format!("{}: share", activity(id)),
            Clause::From(id) => format!("{}: from", activity(id)),
            Clause::Condition(id, _) => format!("{}: condition", activity(id)),
            Clause::Because(id) => format!("{}: because", activity(id)),
            Clause::Where(id) => format!("{}: where", activity(id)),
            Clause::Requests(what) => format!("requests: {what}"),
            Clause::Notice(what) => format!("notice: {what}"),
            Clause::Statistics(at) => {
                name("statistics", self.statistics.get(*at).map(|statistics| &statistics.title))
            }
            Clause::Send(id) => format!("{}: send", activity(id)),
            Clause::Footer(id) => format!("{}: footer", channel(id)),
            Clause::Received(id) => format!("{}: receives", channel(id)),
            Clause::Screening(id) => format!("{}: screen", channel(id)),
            Clause::Never(at) => name("never", self.prohibitions.get(*at).map(|never| &never.words)),
            Clause::Answer => "requests: answer".to_owned(),
            Clause::Register(at) => {
                name("requests: register", self.requests.registers.get(*at).map(|register| &register.name))
            }
            Clause::Processor(at) => {
                name("processor", self.processors.get(*at).map(|processor| &processor.name))
            }
            Clause::Role(id) => name("role", self.roles.get(id.index()).map(|role| &role.name)),
            Clause::Attest(at) => {
                name("attest", self.attestations.get(*at).map(|attestation| &attestation.what))
            }
            Clause::Security(what) => format!("security: {what}"),
            Clause::Incidents => "incidents".to_owned(),
            Clause::Backups => "backups".to_owned(),
            Clause::Period(own) => format!("periods: {}", own.keyword()),
            Clause::Visits => "visits".to_owned(),
            Clause::Agreement(id) => self
                .works
                .get(id.index())
                .map_or_else(String::new, |work| format!("{}: agreement", work.name)),
            Clause::Form(at) => name("form", self.forms.get(*at).map(|form| &form.name)),
            Clause::Open(words) => format!("promise \"{words}\""),
        }
    }

    /// `coaching: keep`, or `proof: keep message record` where the clause names what it keeps.
    fn keep_words(&self, rule: &crate::rule::Rule) -> String {
        let activity = self.activity(rule.activity).map_or("", |activity| &activity.name);
        match rule.key.strip_prefix(activity).and_then(|named| named.strip_prefix('/')) {
            Some(named) => format!("{activity}: keep {named}"),
            None => format!("{activity}: keep"),
        }
    }
}
