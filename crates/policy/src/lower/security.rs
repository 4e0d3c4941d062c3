//! What the program must be set up to do, and what people attest to.

use crate::lower::cursor::Read;
use crate::lower::{Lower, Section, names};
use crate::policy::{Attestation, Clause};
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    pub(super) fn security(&mut self, section: &Section<'a>) {
        let end = self.cursor(section.head).end();
        self.note(end);
        for clause in &section.clauses {
            let read = self.security_clause(clause);
            self.note(read);
        }
    }

    fn security_clause(&mut self, statement: &'a Statement) -> Read<()> {
        let mut cursor = self.cursor(statement);
        match statement.keyword {
            "encrypted" => {
                cursor.expect("database and files")?;
                self.policy.security.encrypted = Some(statement.span());
                self.clause(Clause::Security(statement.keyword.to_owned()), statement);
            }
            "password" => {
                cursor.expect("at least")?;
                self.policy.security.password_at_least = Some(cursor.number()?);
                cursor.expect("characters")?;
                self.clause(Clause::Security(statement.keyword.to_owned()), statement);
            }
            _ => {
                let what = cursor.text()?;
                cursor.expect("by")?;
                let (_, span) = names::one(&mut cursor, "role", &self.names.roles, &["every"])?;
                let every = cursor.every()?;
                let by = span.of(self.text(span)).split_whitespace().collect::<Vec<_>>().join(" ");
                self.clause(Clause::Attest(self.policy.attestations.len()), statement);
                self.policy.attestations.push(Attestation { what, by, every, span: statement.span() });
            }
        }
        cursor.end()
    }
}
