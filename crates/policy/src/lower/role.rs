//! Roles: what staff may see and do.

use crate::diagnostic::nearest;
use crate::kind::KindSet;
use crate::lex::Shape;
use crate::lower::cursor::{Read, refuse};
use crate::lower::{Lower, Section, names};
use crate::name::RoleId;
use crate::policy::Clause;
use crate::role::{Deed, Reach, Role, Sight};
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    pub(super) fn role(&mut self, section: &Section<'a>) {
        let mut cursor = self.cursor(section.head);
        let Ok((name, _)) = cursor.name("the name of the role", &[]) else { return };
        let id = RoleId(super::declare::number(self.policy.roles.len()));
        if self.names.roles.get(&name) != Some(&id) {
            return; // declared twice, and said so
        }
        let end = cursor.end();
        self.note(end);
        let mut role = Role { id, name, sights: Vec::new(), deeds: Vec::new(), span: section.head.span() };
        self.clause(Clause::Role(id), section.head);
        for clause in &section.clauses {
            self.promises_on(&Clause::Role(id), clause);
            let read = match clause.keyword {
                "may see" => self.sight(clause).map(|sight| role.sights.push(sight)),
                _ => self.deeds(clause).map(|deeds| role.deeds.extend(deeds)),
            };
            self.note(read);
        }
        self.policy.roles.push(role);
    }

    /// `everything except coaching notes`, `name, email of coaching client, when assigned`.
    fn sight(&mut self, statement: &Statement) -> Read<Sight> {
        const STOPS: &[&str] = &["of", "when", "only"];
        let mut cursor = self.cursor(statement);
        let kinds = if cursor.take("everything") {
            let all: KindSet = self.policy.kinds.iter().map(|kind| kind.id).collect();
            match cursor.take("except") {
                true => all.minus(names::set(&self.kinds(&mut cursor, STOPS)?)),
                false => all,
            }
        } else {
            names::set(&self.kinds(&mut cursor, STOPS)?)
        };
        let mut sight = Sight {
            categories: Vec::new(),
            kinds,
            reach: Reach::All,
            only_to_answer: false,
            span: statement.span(),
        };
        if cursor.take("of") {
            let categories = self.categories(&mut cursor, STOPS)?;
            sight.categories = categories.into_iter().map(|(category, _)| category).collect();
        }
        while !cursor.done() {
            cursor.separator(Shape::Comma);
            if cursor.take("when assigned") {
                sight.reach = Reach::Assigned;
            } else if cursor.take("only to answer a request") {
                sight.only_to_answer = true;
            } else {
                return refuse(
                    cursor.unexpected("`of CATEGORY`, `when assigned` or `only to answer a request`"),
                );
            }
        }
        Ok(sight)
    }

    fn deeds(&mut self, statement: &Statement) -> Read<Vec<Deed>> {
        let mut cursor = self.cursor(statement);
        if cursor.take("everything") {
            cursor.end()?;
            return Ok(Deed::ALL.iter().map(|(deed, _)| *deed).collect());
        }
        let mut deeds = Vec::new();
        loop {
            let (words, span) = cursor.name("something a role may do", &[])?;
            let Some((deed, _)) = Deed::ALL.iter().find(|(_, known)| *known == words) else {
                let known = || Deed::ALL.iter().map(|(_, known)| *known);
                let finding = names::unheard("deed", &words, span, known());
                let all = known().collect::<Vec<_>>().join("`, `");
                return refuse(match nearest(&words, known()) {
                    Some(_) => finding,
                    None => finding.help(format!("a role may `{all}`")),
                });
            };
            deeds.push(*deed);
            if !cursor.separator(Shape::Comma) {
                cursor.end()?;
                return Ok(deeds);
            }
        }
    }
}
