//! The periods of the program's own work.

use crate::diagnostic::Diagnostic;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, Section};
use crate::periods::Own;
use crate::policy::Clause;

impl<'a> Lower<'a> {
    pub(super) fn periods(&mut self, section: &Section<'a>) {
        let end = self.cursor(section.head).end();
        self.note(end);
        for statement in &section.clauses {
            let Some(own) = Own::named(statement.keyword) else { continue };
            if self.policy.periods.contains_key(&own) {
                let message = format!("`{}` is already said above", statement.keyword);
                self.found.push(Diagnostic::error("E-TWICE", statement.keyword_span, message));
                continue;
            }
            self.clause(Clause::Period(own), statement);
            let read = days(&mut self.cursor(statement), own);
            if let Some(days) = self.note(read) {
                self.policy.periods.insert(own, days);
            }
        }
    }
}

/// `told within 14 days`.
fn days(cursor: &mut Cursor<'_>, own: Own) -> Read<i64> {
    let help = format!("write days, from 1 to {}: `{} {}`", own.most(), own.keyword(), own.example());
    let helped = |finding: Box<Diagnostic>| Box::new(finding.help(help.as_str()));
    cursor.expect(own.phrase()).map_err(helped)?;
    let start = cursor.here();
    let days = cursor.number::<i64>().map_err(helped)?;
    let counted = cursor.take("days") || cursor.take("day");
    if !counted || !(1..=own.most()).contains(&days) {
        let here = start.to(cursor.before());
        let finding = Diagnostic::error("E-NUMBER", here, "this is no number of days that it can be");
        return refuse(finding.help(help.as_str()));
    }
    cursor.end()?;
    Ok(days)
}
