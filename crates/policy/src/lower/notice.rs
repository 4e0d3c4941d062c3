//! How and when people are told, and the statistics that leave the house.

use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section};
use crate::policy::{Clause, Statistics};
use crate::syntax::Statement;

/// Over how many years statistics count where they do not say.
const YEARS: i16 = 5;
/// Over how many they may.
const YEARS_MAX: i16 = 20;

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

    /// `"What we report to funders" of client; over 3 years; hide counts under 5`.
    fn statistics_of(&mut self, statement: &Statement) -> Read<Statistics> {
        let mut cursor = self.cursor(statement);
        let title = cursor.text()?;
        let mut of = Vec::new();
        if cursor.take("of") {
            of = self.categories(&mut cursor, &[])?.into_iter().map(|(category, _)| category).collect();
        }
        let apart = |cursor: &mut Cursor<'_>| match cursor.separator(Shape::Semicolon) {
            true => Ok(()),
            false => refuse(cursor.unexpected("`; hide counts under 5`")),
        };
        apart(&mut cursor)?;
        let mut years = YEARS;
        if cursor.take("over") {
            years = over(&mut cursor)?;
            apart(&mut cursor)?;
        }
        cursor.expect("hide counts under")?;
        let hide_under = cursor.number()?;
        cursor.end()?;
        Ok(Statistics { title, of, hide_under, years, span: statement.span() })
    }
}

/// `3 years`.
fn over(cursor: &mut Cursor<'_>) -> Read<i16> {
    let start = cursor.here();
    let help = format!("write years, from 1 to {YEARS_MAX}: `over {YEARS} years`");
    let years = cursor.number::<i16>().map_err(|finding| Box::new(finding.help(help.as_str())))?;
    let counted = cursor.take("years") || cursor.take("year");
    if !counted || !(1..=YEARS_MAX).contains(&years) {
        let here = start.to(cursor.before());
        let finding = Diagnostic::error("E-NUMBER", here, "this is no number of years to count over");
        return refuse(finding.help(help));
    }
    Ok(years)
}
