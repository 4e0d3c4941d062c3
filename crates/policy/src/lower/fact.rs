//! Facts and events that periods hang on: `facts employed by the client: yes or no` under a kind of work,
//! `fact` and `event` for a person.

use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section};
use crate::name::WorkId;
use crate::phrase::{PERSON_EVENTS, plain};
use crate::policy::{Fact, PersonEvent};
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    /// `fact exposed to asbestos "you were exposed to asbestos": yes or no`.
    pub(super) fn declare_fact(&mut self, statement: &Statement) -> Read<()> {
        let mut cursor = self.cursor(statement);
        self.one_fact(&mut cursor, statement, None)?;
        cursor.end()
    }

    /// `facts employed by the client: yes or no; outcome: upheld, settled or withdrawn`, under a kind of work.
    pub(super) fn declare_facts(&mut self, section: &Section<'a>) -> Read<()> {
        let Ok((name, _)) = self.cursor(section.head).name("the name of the kind of work", &[]) else {
            return Ok(());
        };
        let work = self.names.works.get(&name).copied();
        for statement in section.clauses.iter().filter(|clause| clause.keyword == "facts") {
            let mut cursor = self.cursor(statement);
            loop {
                self.one_fact(&mut cursor, statement, work)?;
                if !cursor.separator(Shape::Semicolon) {
                    break;
                }
            }
            cursor.end()?;
        }
        Ok(())
    }

    fn one_fact(&mut self, cursor: &mut Cursor<'a>, statement: &Statement, work: Option<WorkId>) -> Read<()> {
        let (name, span) = cursor.name("the name of a fact", &[])?;
        let words = cursor.text_if().unwrap_or_else(|| name.clone());
        if !cursor.separator(Shape::Colon) {
            let finding = cursor.unexpected("`:` and what it may be");
            return refuse(finding.help(format!(
                "write `{name}: yes or no`, `{name}: a date`, or `{name}: upheld or settled`"
            )));
        }
        let mut values: Vec<String> = Vec::new();
        let mut default = None;
        loop {
            let (value, at) = cursor.name("what the fact may be", &["or", "unless"])?;
            if cursor.take("unless recorded") {
                if !values.contains(&value) {
                    let message = format!("`{value}` is not one of the values");
                    return refuse(Diagnostic::error("E-UNKNOWN", at, message));
                }
                default = Some(value);
                break;
            }
            if values.contains(&value) {
                return refuse(Diagnostic::error("E-TWICE", at, "this is named twice here"));
            }
            values.push(value);
            if !cursor.take("or") && !cursor.separator(Shape::Comma) {
                break;
            }
        }
        if values.len() == 1 && values.first().is_some_and(|only| only == "a date") {
            values.clear();
        } else if values.len() < 2 {
            let finding =
                Diagnostic::error("E-SYNTAX", span, "a fact that can only be one thing says nothing");
            return refuse(finding.help(format!("write `{name}: yes or no`")));
        }
        if self.policy.facts.iter().any(|fact| plain(&fact.name) == plain(&name)) {
            return refuse(Diagnostic::error("E-TWICE", span, format!("`{name}` is declared twice")));
        }
        self.policy.facts.push(Fact { name, words, values, default, work, span: statement.span() });
        Ok(())
    }

    /// `event payment "you paid us"`.
    pub(super) fn declare_event(&mut self, statement: &Statement) -> Read<()> {
        let mut cursor = self.cursor(statement);
        loop {
            let (name, span) = cursor.name("the name of an event", &[])?;
            let words = cursor.text_if().unwrap_or_else(|| name.clone());
            let known = PERSON_EVENTS.iter().any(|(known, _)| *known == name)
                || self.policy.events.iter().any(|event| event.name == name)
                || self.work_of(&name).is_some();
            if known {
                let finding = Diagnostic::error("E-TWICE", span, format!("`{name}` is an event already"));
                return refuse(finding.help("use it as it is, or choose another name"));
            }
            self.policy.events.push(PersonEvent { name, words, span: statement.span() });
            if !cursor.separator(Shape::Comma) {
                return cursor.end();
            }
        }
    }
}
