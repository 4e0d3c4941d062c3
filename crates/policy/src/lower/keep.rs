//! `keep` and `then`: an activity's rules.

use crate::activity::Activity;
use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section, names};
use crate::name::{KindId, RuleId};
use crate::phrase::Scope;
use crate::policy::Clause;
use crate::rule::{Disposal, Rule};
use crate::source::Span;
use crate::syntax::Statement;

/// What `then` may say.
const ENDINGS: &[(&str, Disposal)] = &[
    ("erase", Disposal::Erase),
    ("anonymise", Disposal::Anonymise),
    ("return, then erase", Disposal::ReturnThenErase),
    ("deliver, then erase", Disposal::DeliverThenErase),
];

/// Whether a clause is about time: those are read after all others, since they speak of `data`.
pub(super) fn of_time(keyword: &str) -> bool {
    matches!(keyword, "keep" | "then")
}

impl<'a> Lower<'a> {
    pub(super) fn keeps(&mut self, section: &Section<'a>, activity: &mut Activity) {
        let mut waiting: Vec<(Rule, &'a Statement)> = Vec::new();
        let mut first = self.policy.rules.len();
        let mut rules: Vec<(Rule, &'a Statement)> = Vec::new();
        for clause in section.clauses.iter().filter(|clause| of_time(clause.keyword)) {
            if clause.keyword == "keep" {
                if let Some(rule) = self.keep(clause, activity) {
                    waiting.push((rule, clause));
                }
                continue;
            }
            let ending = self.ending(clause);
            if waiting.is_empty() && !rules.is_empty() {
                self.found.push(Diagnostic::error(
                    "E-TWICE",
                    clause.keyword_span,
                    "every `keep` above has its `then` already",
                ));
            }
            let then = self.note(ending).unwrap_or(Disposal::Erase);
            rules.extend(waiting.drain(..).map(|(rule, clause)| (Rule { then, ..rule }, clause)));
        }
        if let (Some((_, clause)), false) = (waiting.last(), rules.is_empty()) {
            let finding =
                Diagnostic::error("E-MISSING", clause.span(), "nothing says what happens after this");
            self.found.push(finding.help("write `then erase` below it"));
        }
        self.cover(&mut rules, activity);
        for (mut rule, clause) in rules {
            rule.id = RuleId(super::declare::number(first));
            first += 1;
            if self.policy.rules.iter().any(|other| other.key == rule.key) {
                let finding = Diagnostic::error(
                    "E-TWICE",
                    clause.span(),
                    "another `keep` of this activity speaks of the same data",
                );
                self.found.push(finding.help("join them: `the later of A and B`, `A, at most B`"));
            }
            activity.rules.push(rule.id);
            self.clause(Clause::Keep(rule.id), clause);
            self.policy.rules.push(rule);
        }
    }

    fn keep(&mut self, statement: &'a Statement, activity: &mut Activity) -> Option<Rule> {
        let mut cursor = self.cursor(statement);
        let whole = cursor.rest();
        let named = self.named(&mut cursor, activity);
        if cursor.done() {
            let finding = cursor.unexpected("how long");
            self.found.push(finding.help("write for example `6 months after completed`"));
            return None;
        }
        let source = self.text(statement.keyword_span);
        let base = cursor.rest();
        let read = crate::phrase::read(&statement.blanked(base, source), base, &Scope::of(&self.policy));
        let read = match read {
            Ok(read) => read,
            Err(found) => {
                self.found.extend(found);
                return None;
            }
        };
        self.join(activity, read.work, base);
        let words = statement.blanked(whole, source);
        let list: Vec<&str> =
            named.iter().filter_map(|(kind, _)| self.policy.kind(*kind)).map(|kind| &*kind.name).collect();
        let key = match list.is_empty() {
            true => activity.name.clone(),
            false => format!("{}/{}", activity.name, list.join(", ")),
        };
        Some(Rule {
            id: RuleId(0),
            activity: activity.id,
            key,
            names_kinds: !named.is_empty(),
            kinds: names::set(&named),
            phrase: read.phrase,
            work: read.work,
            review: read.review,
            ask_again: read.ask_again,
            then: Disposal::Erase,
            words: words.split_whitespace().collect::<Vec<_>>().join(" "),
            span: statement.span(),
        })
    }

    /// The kinds a `keep` names before its phrase.
    fn named(&mut self, cursor: &mut Cursor<'_>, activity: &Activity) -> Vec<(KindId, Span)> {
        let mut named = Vec::new();
        while let Some((name, span)) = cursor.known(self.names.kinds.keys().map(String::as_str)) {
            let Some(kind) = self.names.kinds.get(name).copied() else { break };
            if !activity.kinds.contains(kind) {
                let message = format!("`{name}` is not among the data of this activity");
                self.found.push(
                    Diagnostic::error("E-UNKNOWN", span, message)
                        .help("name it in `data`, or leave it out here"),
                );
            }
            named.push((kind, span));
            if !cursor.separator(Shape::Comma) {
                break;
            }
        }
        named
    }

    fn ending(&mut self, statement: &Statement) -> Read<Disposal> {
        let mut cursor = self.cursor(statement);
        let span = cursor.rest();
        let words = cursor.take_rest();
        match ENDINGS.iter().find(|(known, _)| *known == words) {
            Some((_, ending)) => Ok(*ending),
            None => {
                let known = ENDINGS.iter().map(|(known, _)| *known);
                let finding = names::unheard("ending", &words, span, known.clone());
                let all = known.collect::<Vec<_>>().join("`, `");
                refuse(
                    Diagnostic { message: "this is not a way data can end".to_owned(), ..finding }
                        .help(format!("write `{all}`")),
                )
            }
        }
    }

    /// Gives rules without names all else the activity holds, and notes what no rule covers.
    fn cover(&mut self, rules: &mut [(Rule, &'a Statement)], activity: &Activity) {
        let named = rules
            .iter()
            .fold(Default::default(), |kinds: crate::kind::KindSet, (rule, _)| kinds.or(rule.kinds));
        let rest = activity.kinds.minus(named);
        let mut covered = rules.is_empty();
        for (rule, clause) in rules.iter_mut().filter(|(rule, _)| !rule.names_kinds) {
            if rest.is_empty() && !activity.kinds.is_empty() {
                self.found.push(Diagnostic::error(
                    "E-KINDS",
                    clause.span(),
                    "nothing is left for this `keep` to speak of",
                ));
            }
            rule.kinds = rest;
            covered = true;
        }
        if covered {
            return;
        }
        for (kind, span) in activity.data.iter().filter(|(kind, _)| rest.contains(*kind)) {
            let name = self.policy.kind(*kind).map_or("", |kind| &kind.name);
            let message = format!("nothing says how long `{name}` is kept");
            self.found.push(Diagnostic::error("E-MISSING", *span, message).law("UK GDPR Art 5(1)(e)"));
        }
    }
}
