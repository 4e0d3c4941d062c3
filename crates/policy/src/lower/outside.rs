//! Whoever is outside: processors and recipients; and the findings the author accepts.

use crate::activity::Accept;
use crate::kind::KindSet;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, names};
use crate::policy::{Clause, Processor, Recipient};
use crate::source::Span;
use crate::syntax::Statement;

/// Sections without a name of their own that a finding can be accepted in.
pub(crate) const SECTIONS: &[&str] =
    &["head", "notice", "requests", "incidents", "backups", "visits", "security", "never"];

impl<'a> Lower<'a> {
    pub(super) fn processor(&mut self, statement: &'a Statement) {
        self.clause(Clause::Processor(self.policy.processors.len()), statement);
        let read = self.processor_of(statement);
        if let Some(processor) = self.note(read) {
            self.policy.processors.push(processor);
        }
    }

    fn processor_of(&mut self, statement: &Statement) -> Read<Processor> {
        let mut cursor = self.cursor(statement);
        let (name, _) = cursor.name("the processor's name", &["in"])?;
        let does = cursor.text()?;
        cursor.expect("in")?;
        let place = place(&mut cursor, &["under"])?;
        let mut processor = Processor {
            name,
            does,
            place,
            safeguard: None,
            safeguard_span: Span::default(),
            assessed: None,
            checked: None,
            contract: None,
            screened: None,
            review: None,
            kinds: KindSet::none(),
            span: statement.span(),
        };
        if cursor.take("under") {
            let start = cursor.here();
            let words = cursor.words_before(&[]);
            if words.is_empty() {
                return refuse(cursor.unexpected("a safeguard such as `data bridge`").law("UK GDPR Art 46"));
            }
            processor.safeguard = Some(words);
            processor.safeguard_span = start.to(cursor.before());
        }
        while cursor.separator(Shape::Comma) {
            if cursor.take("checked") {
                processor.checked = Some(cursor.date()?);
            } else if cursor.take("assessed in") {
                processor.assessed = Some(cursor.text()?);
            } else if cursor.take("contract signed") {
                processor.contract = Some(cursor.date()?);
            } else if cursor.take("screened") {
                processor.screened = Some(cursor.date()?);
            } else if cursor.take("review") {
                processor.review = Some(cursor.every()?);
            } else {
                cursor.expect("holds")?;
                processor.kinds = names::set(&self.kinds(&mut cursor, &[])?);
            }
        }
        cursor.end()?;
        if processor.kinds.is_empty() {
            return refuse(cursor.unexpected("`, holds` and the kinds of data"));
        }
        Ok(processor)
    }

    pub(super) fn recipient(&mut self, statement: &'a Statement) {
        let mut cursor = self.cursor(statement);
        let mut read = || {
            let (name, _) = cursor.name("the recipient's name", &["in"])?;
            let words = cursor.text()?;
            let place = match cursor.take("in") {
                true => Some(place(&mut cursor, &[])?),
                false => None,
            };
            let (mut joint, mut notice) = (false, None);
            while cursor.separator(Shape::Comma) {
                if cursor.take("jointly responsible") {
                    joint = true;
                } else {
                    cursor.expect("notice")?;
                    notice = Some(cursor.text()?);
                }
            }
            cursor.end()?;
            Ok(Recipient { name, words, place, joint, notice, span: statement.span() })
        };
        let read = read();
        if let Some(recipient) = self.note(read) {
            self.policy.recipients.push(recipient);
        }
    }

    pub(super) fn accept(&mut self, statement: &'a Statement) {
        let read = self.accept_of(statement);
        if let Some(accept) = self.note(read) {
            self.policy.accepts.push(accept);
        }
    }

    fn accept_of(&mut self, statement: &Statement) -> Read<Accept> {
        let mut cursor = self.cursor(statement);
        let code = cursor.word().to_owned();
        if !["E-", "W-", "A-"].iter().any(|letter| code.starts_with(letter)) {
            return refuse(cursor.unexpected("the code of a finding such as `E-INDEFINITE`"));
        }
        cursor.step();
        let mut activity = None;
        if cursor.take("in") {
            let (name, span) = cursor.name("an activity", &["because"])?;
            let names = &self.names;
            let known = || {
                let declared =
                    (names.activities.keys().chain(names.outside.keys()).chain(names.channels.keys()))
                        .chain(names.works.keys().chain(names.kinds.keys()))
                        .chain(names.categories.keys().chain(names.roles.keys()));
                declared.map(String::as_str).chain(SECTIONS.iter().copied())
            };
            if !known().any(|known| known == name) {
                return refuse(names::unknown("activity", &name, span, known()));
            }
            activity = Some(name);
        }
        cursor.expect("because")?;
        let because = cursor.meant()?;
        cursor.expect("until")?;
        let until = cursor.date()?;
        cursor.end()?;
        Ok(Accept { code, activity, because, until, span: statement.span() })
    }
}

fn place(cursor: &mut Cursor<'_>, stops: &[&str]) -> Read<String> {
    let place = cursor.words_before(stops);
    if place.is_empty() {
        return refuse(cursor.unexpected("a place"));
    }
    Ok(place)
}
