//! Kinds of work: milestones, the parts people play, who pays.

use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Read, refuse};
use crate::lower::{Lower, Section, names};
use crate::policy::{Agreement, Clause, Part, Work};
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    /// A kind of work with its milestones and parts, all but its agreement.
    pub(super) fn declare_work(&mut self, section: &Section<'a>) {
        let mut cursor = self.cursor(section.head);
        let Ok((name, _)) = cursor.name("the name of the kind of work", &[]) else { return };
        let Some(id) = self.names.works.get(&name).copied() else { return };
        if self.policy.works.iter().any(|work| work.id == id) {
            return;
        }
        let title = cursor.text_if().unwrap_or_else(|| name.clone());
        let end = cursor.end();
        self.note(end);
        let mut work = Work {
            id,
            name,
            title,
            milestones: Vec::new(),
            parts: Vec::new(),
            paid_by: Vec::new(),
            agreement: None,
            terms: Vec::new(),
            span: section.head.span(),
        };
        for clause in &section.clauses {
            let read = match clause.keyword {
                "milestones" => self.milestones(clause, &mut work),
                "people" => self.parts(clause, &mut work),
                "paid by" => self.paid_by(clause, &mut work),
                "terms" => self.terms(clause, &mut work),
                _ => Ok(()),
            };
            self.note(read);
        }
        if work.milestones.is_empty() {
            let finding = Diagnostic::error("E-MISSING", section.head.span(), "this work has no milestones");
            self.found.push(finding.help("write `milestones agreed, completed`; the last one ends the work"));
        }
        self.policy.works.push(work);
    }

    /// What of a kind of work speaks of other things: its agreement.
    pub(super) fn work(&mut self, section: &Section<'a>) {
        let mut cursor = self.cursor(section.head);
        let Ok((name, _)) = cursor.name("the name of the kind of work", &[]) else { return };
        for clause in section.clauses.iter().filter(|clause| clause.keyword == "agreement") {
            let read = self.agreement(clause, &name);
            self.note(read);
        }
    }

    fn milestones(&mut self, statement: &Statement, work: &mut Work) -> Read<()> {
        let mut cursor = self.cursor(statement);
        loop {
            let (name, span) = cursor.name("a milestone", &[])?;
            if work.milestones.contains(&name) || self.work_of(&name).is_some() {
                let help = "give milestones names that differ, so that a period says which one it means";
                self.found.push(
                    Diagnostic::error("E-TWICE", span, format!("`{name}` is already a milestone")).help(help),
                );
            }
            work.milestones.push(name);
            if !cursor.separator(Shape::Comma) {
                return cursor.end();
            }
        }
    }

    fn parts(&mut self, statement: &Statement, work: &mut Work) -> Read<()> {
        let mut cursor = self.cursor(statement);
        loop {
            let (name, _) = cursor.name("the name of a part", &["is"])?;
            cursor.expect("is")?;
            let (category, _) = names::one(&mut cursor, "category", &self.names.categories, &[])?;
            work.parts.push(Part { name, category });
            if !cursor.separator(Shape::Semicolon) {
                return cursor.end();
            }
        }
    }

    fn terms(&mut self, statement: &Statement, work: &mut Work) -> Read<()> {
        let mut cursor = self.cursor(statement);
        work.terms.push(cursor.text()?);
        cursor.end()
    }

    fn paid_by(&mut self, statement: &Statement, work: &mut Work) -> Read<()> {
        let mut cursor = self.cursor(statement);
        loop {
            let (name, _) = cursor.name("who pays", &["or"])?;
            work.paid_by.push(name);
            if !cursor.take("or") {
                return cursor.end();
            }
        }
    }

    fn agreement(&mut self, statement: &'a Statement, name: &str) -> Read<()> {
        let mut cursor = self.cursor(statement);
        let (document, _) = names::one(&mut cursor, "kind of data", &self.names.kinds, &["sent"])?;
        cursor.separator(Shape::Comma);
        cursor.expect("sent when")?;
        let (when, span) = cursor.name("who pays", &["pays"])?;
        cursor.expect("pays")?;
        cursor.end()?;
        let Some(work) = self.policy.works.iter_mut().find(|work| work.name == name) else { return Ok(()) };
        if !work.paid_by.contains(&when) {
            return refuse(names::unknown("payer", &when, span, work.paid_by.iter().map(String::as_str)));
        }
        work.agreement = Some(Agreement { document, when, span: statement.span() });
        let id = work.id;
        self.clause(Clause::Agreement(id), statement);
        Ok(())
    }
}
