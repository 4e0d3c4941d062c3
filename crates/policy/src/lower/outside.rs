//! Whoever is outside: processors and recipients; and the findings the author accepts.

use crate::activity::Accept;
use crate::kind::KindSet;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, names};
use crate::policy::{Clause, Processor, Recipient};
use crate::source::Span;
use crate::syntax::Statement;

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
            cursor.end()?;
            Ok(Recipient { name, words, place, span: statement.span() })
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
        if !code.starts_with("E-") && !code.starts_with("W-") {
            return refuse(cursor.unexpected("the code of a finding such as `E-INDEFINITE`"));
        }
        cursor.step();
        let mut activity = None;
        if cursor.take("in") {
            let (name, span) = cursor.name("an activity", &["because"])?;
            let known = || {
                self.names
                    .activities
                    .keys()
                    .chain(self.names.outside.keys())
                    .chain(self.names.channels.keys())
            };
            if !known().any(|known| *known == name) {
                return refuse(names::unknown("activity", &name, span, known().map(String::as_str)));
            }
            activity = Some(name);
        }
        cursor.expect("because")?;
        let because = cursor.text()?;
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
