//! First pass: everything that has a name gets its number, so that clauses may speak of what stands
//! further down.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::kind::{Kind, KindSet, RECORDS, Sensitivity, Sort};
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section};
use crate::name::{ActivityId, CategoryId, ChannelId, KindId, RoleId, WorkId};
use crate::phrase::day_of_year;
use crate::policy::{Category, Clause};
use crate::source::Span;
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    pub(super) fn declare(&mut self, sections: &[Section<'a>]) {
        for section in sections {
            let read = match section.head.keyword {
                "policy" => self.declare_year(section),
                "category" => self.declare_category(section.head),
                "item" => self.declare_kinds(section.head, Sort::Item),
                "entry" => self.declare_kinds(section.head, Sort::Entry),
                "document" => self.declare_kinds(section.head, Sort::Document),
                "work" => self.declare_named(section.head, "kind of work"),
                "activity" => self.declare_named(section.head, "activity"),
                "channel" => self.declare_named(section.head, "channel"),
                "role" => self.declare_named(section.head, "role"),
                "processor" => self.declare_named(section.head, "processor"),
                "recipient" => self.declare_named(section.head, "recipient"),
                _ => Ok(()),
            };
            self.note(read);
        }
        for (name, words) in RECORDS {
            let sensitivity = Sensitivity::Ordinary;
            let read = self.declare_kind(
                (*name).to_owned(),
                (*words).to_owned(),
                Sort::Record,
                sensitivity,
                Span::default(),
            );
            self.note(read);
        }
        for section in sections.iter().filter(|section| section.head.keyword == "work") {
            self.declare_work(section);
        }
        for section in sections {
            let read = match section.head.keyword {
                "fact" => self.declare_fact(section.head),
                "event" => self.declare_event(section.head),
                "work" => self.declare_facts(section),
                _ => Ok(()),
            };
            self.note(read);
        }
    }

    /// `financial year ends 31 March`: the policy's own, since no law says when it ends.
    fn declare_year(&mut self, section: &Section<'a>) -> Read<()> {
        for clause in section.clauses.iter().filter(|clause| clause.keyword == "financial year") {
            let mut cursor = self.cursor(clause);
            cursor.expect("ends")?;
            cursor.take("on");
            let place = cursor.here();
            let words = cursor.words_before(&[]);
            let day = words.split_once(' ').and_then(|(day, month)| day_of_year(day, month));
            let Some(day) = day else {
                let finding = Diagnostic::error("E-DATE", place, "expected a day of the year here");
                return refuse(finding.help("write the day and the month: `financial year ends 31 March`"));
            };
            self.policy.financial_year = Some(day);
            cursor.end()?;
        }
        Ok(())
    }

    fn declare_category(&mut self, statement: &Statement) -> Read<()> {
        let mut cursor = self.cursor(statement);
        let (name, span) = cursor.name("the name of a category", &[])?;
        let words = cursor.text_if().unwrap_or_else(|| name.clone());
        cursor.end()?;
        let id = CategoryId(number(self.policy.categories.len()));
        fresh(&mut self.names.categories, &name, id, span)?;
        self.policy.categories.push(Category { id, name, words, span: statement.span() });
        Ok(())
    }

    fn declare_kinds(&mut self, statement: &Statement, sort: Sort) -> Read<()> {
        let mut cursor = self.cursor(statement);
        let mut names: Vec<(String, Span)> = Vec::new();
        loop {
            names.push(cursor.name("the name of a kind of data", &[])?);
            if !cursor.separator(Shape::Comma) {
                break;
            }
        }
        let words = cursor.text_if();
        let sensitivity = match words {
            Some(_) if cursor.done() => Sensitivity::Ordinary,
            Some(_) => sensitivity(&mut cursor)?,
            None => trailing(&mut names, &cursor),
        };
        cursor.end()?;
        if let (Some(_), [_, (_, second), ..]) = (&words, &*names) {
            let help = "give each its own line when they have words for the notice";
            return refuse(
                Diagnostic::error("E-SYNTAX", *second, "one text cannot speak for several kinds").help(help),
            );
        }
        for (name, span) in names {
            let words = words.clone().unwrap_or_else(|| name.clone());
            let read = self.declare_kind(name, words, sort, sensitivity, span);
            if let Some(id) = self.note(read) {
                self.clause(Clause::Kind(id), statement);
            }
        }
        Ok(())
    }

    fn declare_kind(
        &mut self,
        name: String,
        words: String,
        sort: Sort,
        sensitivity: Sensitivity,
        span: Span,
    ) -> Read<KindId> {
        let id = KindId(number(self.policy.kinds.len()));
        if id.0 >= KindSet::MAX {
            return refuse(Diagnostic::error(
                "E-KINDS",
                span,
                "a policy may declare at most 256 kinds of data, records included",
            ));
        }
        let built_in = sort != Sort::Record && RECORDS.iter().any(|(record, _)| *record == name);
        if built_in {
            let finding =
                Diagnostic::error("E-TWICE", span, format!("`{name}` is kept by the program itself"));
            return refuse(finding.help("name it in an activity's `data` without declaring it"));
        }
        fresh(&mut self.names.kinds, &name, id, span)?;
        self.policy.kinds.push(Kind { id, name, words, sort, sensitivity, span });
        Ok(id)
    }

    fn declare_named(&mut self, statement: &Statement, what: &str) -> Read<()> {
        let stops: &[&str] = if matches!(what, "processor" | "recipient") { &["in"] } else { &[] };
        let mut cursor = self.cursor(statement);
        let (name, span) = cursor.name(&format!("the name of the {what}"), stops)?;
        match what {
            "kind of work" => {
                let next = WorkId(number(self.names.works.len()));
                fresh(&mut self.names.works, &name, next, span)
            }
            "activity" => {
                let next = ActivityId(number(self.names.activities.len()));
                fresh(&mut self.names.activities, &name, next, span)
            }
            "channel" => {
                let next = ChannelId(number(self.names.channels.len()));
                fresh(&mut self.names.channels, &name, next, span)
            }
            "role" => {
                let next = RoleId(number(self.names.roles.len()));
                fresh(&mut self.names.roles, &name, next, span)
            }
            _ => fresh(&mut self.names.outside, &name, span, span),
        }
    }
}

/// A position as a number; policies end long before 65,535 of anything (files are at most 1 MiB).
pub(super) fn number(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}

fn fresh<I>(names: &mut BTreeMap<String, I>, name: &str, id: I, span: Span) -> Read<()> {
    if names.contains_key(name) {
        return refuse(Diagnostic::error("E-TWICE", span, format!("`{name}` is declared twice")));
    }
    names.insert(name.to_owned(), id);
    Ok(())
}

fn sensitivity(cursor: &mut Cursor<'_>) -> Read<Sensitivity> {
    let word = cursor.word();
    match Sensitivity::named(word) {
        Some(sensitivity) => {
            cursor.step();
            Ok(sensitivity)
        }
        None => refuse(super::names::unheard(
            "sensitivity",
            word,
            cursor.here(),
            Sensitivity::ALL.iter().map(|(_, word)| *word),
        )),
    }
}

/// The sensitivity at the end of the last name, taken off it: `name, job title  ordinary`.
fn trailing(names: &mut [(String, Span)], cursor: &Cursor<'_>) -> Sensitivity {
    let Some((name, span)) = names.last_mut().filter(|_| cursor.done()) else {
        return Sensitivity::Ordinary;
    };
    let Some((rest, last)) = name.rsplit_once(' ') else {
        return Sensitivity::Ordinary;
    };
    match Sensitivity::named(last) {
        Some(sensitivity) => {
            span.end = span.end.saturating_sub(number(last.len()).into());
            *name = rest.to_owned();
            sensitivity
        }
        None => Sensitivity::Ordinary,
    }
}
