//! How and when people are told, and the statistics that leave the house.

use crate::lex::Shape;
use crate::lower::cursor::{Read, refuse};
use crate::lower::{Lower, Section};
use crate::policy::{Clause, Statistics};
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    pub(super) fn notice(&mut self, section: &Section<'a>) {
        let end = self.cursor(section.head).end();
        self.note(end);
        for clause in &section.clauses {
            let through = clause.keyword == "given" && self.cursor(clause).take("through");
            let name = if through { "through" } else { clause.keyword };
            self.clause(Clause::Notice(name.to_owned()), clause);
            let read = self.notice_clause(clause);
            self.note(read);
        }
    }

    fn notice_clause(&mut self, statement: &Statement) -> Read<()> {
        let mut cursor = self.cursor(statement);
        let notice = &mut self.policy.notice;
        match statement.keyword {
            "ordered" => {
                cursor.expect("by activity")?;
                notice.by_activity = true;
            }
            "shown" => {
                cursor.expect("on every form")?;
                notice.on_forms = true;
            }
            "cookies" => {
                cursor.expect("on a page of their own")?;
                notice.cookies_page = true;
            }
            _ if cursor.take("through whoever sent the details") => notice.through_sender = true,
            _ => {
                cursor.expect("at first contact")?;
                if !cursor.separator(Shape::Comma) {
                    return refuse(cursor.unexpected("`, at most 1 month after collected`"));
                }
                cursor.expect("at most")?;
                notice.within = Some(cursor.period()?);
                cursor.expect("after collected")?;
            }
        }
        cursor.end()
    }

    pub(super) fn statistics(&mut self, statement: &'a Statement) {
        self.clause(Clause::Statistics(self.policy.statistics.len()), statement);
        let read = self.statistics_of(statement);
        if let Some(statistics) = self.note(read) {
            self.policy.statistics.push(statistics);
        }
    }

    /// `"What we report to funders" of client; hide counts under 5`.
    fn statistics_of(&mut self, statement: &Statement) -> Read<Statistics> {
        let mut cursor = self.cursor(statement);
        let title = cursor.text()?;
        let mut of = Vec::new();
        if cursor.take("of") {
            of = self.categories(&mut cursor, &[])?.into_iter().map(|(category, _)| category).collect();
        }
        if !cursor.separator(Shape::Semicolon) {
            return refuse(cursor.unexpected("`; hide counts under 5`"));
        }
        cursor.expect("hide counts under")?;
        let hide_under = cursor.number()?;
        cursor.end()?;
        Ok(Statistics { title, of, hide_under, span: statement.span() })
    }
}
