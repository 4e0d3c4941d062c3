//! `share name, email with the coach, until completed`.

use crate::activity::{Activity, Share, ShareReason};
use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, names};
use crate::phrase::PERSON_EVENTS;
use crate::policy::Clause;
use crate::syntax::Statement;

/// What ends a share beside milestones and events of the person.
const ENDS: &[&str] = &["another is chosen"];

impl<'a> Lower<'a> {
    pub(super) fn share(&mut self, statement: &'a Statement, activity: &mut Activity) -> Read<()> {
        self.clause(Clause::Share(activity.id, activity.shares.len()), statement);
        let mut cursor = self.cursor(statement);
        let kinds = self.kinds(&mut cursor, &["with"])?;
        cursor.expect("with")?;
        let with = self.recipient_named(&mut cursor)?;
        let mut share = Share {
            kinds: names::set(&kinds),
            with,
            what_for: None,
            after: None,
            once_told: false,
            reason: None,
            until: None,
            then_destroyed: false,
            span: statement.span(),
        };
        while cursor.separator(Shape::Comma) {
            if let Some((reason, _)) = ShareReason::ALL.iter().find(|(_, words)| cursor.take(words)) {
                share.reason = Some(*reason);
            } else if cursor.take("after") {
                let span = cursor.here();
                let (event, work) = self.milestone(&mut cursor, &[])?;
                self.join(activity, Some(work), span);
                share.after = Some(event);
            } else if cursor.take("once they are told") {
                share.once_told = true;
            } else if cursor.take("then destroyed") {
                share.then_destroyed = true;
            } else if cursor.take("until") {
                share.until = Some(self.share_end(&mut cursor)?);
            } else if cursor.take("to") {
                share.what_for = Some(format!("to {}", cursor.words_before(&[])));
            } else {
                return refuse(cursor.unexpected(
                    "`to ...`, `after ...`, `once they are told`, `until ...` or `then destroyed`",
                ));
            }
        }
        activity.shares.push(share);
        cursor.end()
    }

    /// Whom something may be shared with: a part (`the coach`), a category, a processor or a recipient.
    fn recipient_named(&mut self, cursor: &mut Cursor<'_>) -> Read<String> {
        let parts = self
            .policy
            .works
            .iter()
            .flat_map(|work| work.parts.iter().map(|part| format!("the {}", part.name)));
        let parts: Vec<String> = parts.collect();
        let known = || {
            let declared = self.names.categories.keys().chain(self.names.outside.keys());
            parts.iter().chain(declared).map(String::as_str)
        };
        if let Some((name, _)) = cursor.known(known()) {
            return Ok(name.to_owned());
        }
        let (name, span) = cursor.name("who receives it", &["to", "until"])?;
        let finding = names::unknown("recipient", &name, span, known());
        refuse(match finding.help {
            Some(_) => finding,
            None => finding.help("name a part (`the coach`), a category, a `processor` or a `recipient`"),
        })
    }

    fn share_end(&mut self, cursor: &mut Cursor<'_>) -> Read<String> {
        let (name, span) = cursor.name("an event", &[])?;
        let person = || PERSON_EVENTS.iter().map(|(event, _)| *event).chain(ENDS.iter().copied());
        if self.work_of(&name).is_some() || person().any(|event| event == name) {
            return Ok(name);
        }
        let milestones = self.policy.works.iter().flat_map(|work| work.milestones.iter().map(String::as_str));
        refuse(Diagnostic {
            code: "E-EVENT",
            ..names::unknown("event", &name, span, milestones.chain(person()))
        })
    }
}
