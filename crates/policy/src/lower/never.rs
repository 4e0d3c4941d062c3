//! Prohibitions: `never send marketing to case participant`.

use crate::activity::ShareReason;
use crate::channel::{Forbidden, Prohibition};
use crate::diagnostic::Diagnostic;
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, names};
use crate::policy::Clause;
use crate::syntax::Statement;

impl<'a> Lower<'a> {
    pub(super) fn never(&mut self, statement: &'a Statement) {
        let read = self.prohibition(statement);
        if let Some(prohibition) = self.note(read) {
            self.clause(Clause::Never(self.policy.prohibitions.len()), statement);
            self.policy.prohibitions.push(prohibition);
        }
    }

    fn prohibition(&mut self, statement: &Statement) -> Read<Prohibition> {
        let mut cursor = self.cursor(statement);
        let words = self.cursor(statement).take_rest();
        let what = forbidden(&mut cursor)?;
        let mut never = Prohibition {
            what,
            to: Vec::new(),
            while_work: None,
            after: None,
            unless_consented: false,
            unless_processor: false,
            unless_reasons: Vec::new(),
            words,
            span: statement.span(),
        };
        if cursor.take("to") && !cursor.take("everyone") {
            let to = self.categories(&mut cursor, &["while", "after", "unless"])?;
            never.to = to.into_iter().map(|(category, _)| category).collect();
        }
        loop {
            let comma = cursor.separator(Shape::Comma);
            if cursor.take("while") {
                if !cursor.take("a") {
                    cursor.take("the");
                }
                let (work, _) = names::one(&mut cursor, "kind of work", &self.names.works, &["runs"])?;
                cursor.expect("runs")?;
                never.while_work = Some(work);
            } else if cursor.take("after") {
                never.after = Some(self.milestone(&mut cursor, &["unless", "while"])?.0);
            } else if cursor.take("unless") {
                unless(&mut cursor, &mut never)?;
                while cursor.separator(Shape::Comma) {
                    cursor.take("or");
                    unless(&mut cursor, &mut never)?;
                }
            } else if comma {
                return refuse(cursor.unexpected("`while`, `after` or `unless`"));
            } else {
                cursor.end()?;
                return Ok(never);
            }
        }
    }
}

fn forbidden(cursor: &mut Cursor<'_>) -> Read<Forbidden> {
    if cursor.take("send marketing") {
        return Ok(Forbidden::SendMarketing);
    }
    if cursor.take("send anything") {
        return Ok(Forbidden::SendAnything);
    }
    if cursor.take("share anything for") {
        let mut purposes = vec![cursor.words_before(&["unless"])];
        while cursor.separator(Shape::Comma) {
            purposes.push(cursor.words_before(&["unless"]));
        }
        return Ok(Forbidden::Share(purposes));
    }
    if cursor.take("share anything") {
        return Ok(Forbidden::Share(Vec::new()));
    }
    if cursor.take("share outside") {
        let place = cursor.words_before(&["unless"]);
        if place.is_empty() {
            return refuse(cursor.unexpected("a place"));
        }
        return Ok(Forbidden::ShareOutside { place, unless_safeguarded: false });
    }
    let finding = cursor.unexpected("what is never done");
    refuse(finding.help("write `send marketing`, `send anything`, `share anything` or `share outside PLACE`"))
}

/// `unless consented` for sending, `unless safeguarded` for sharing abroad.
fn unless(cursor: &mut Cursor<'_>, never: &mut Prohibition) -> Read<()> {
    let at = cursor.here();
    if cursor.take("consented") {
        never.unless_consented = true;
        return Ok(());
    }
    if let Some((reason, _)) = ShareReason::ALL.iter().find(|(_, words)| cursor.take(words)) {
        never.unless_reasons.push(*reason);
        return Ok(());
    }
    if cursor.take("a processor has it") {
        never.unless_processor = true;
        return Ok(());
    }
    cursor.expect("safeguarded")?;
    match &mut never.what {
        Forbidden::ShareOutside { unless_safeguarded, .. } => {
            *unless_safeguarded = true;
            Ok(())
        }
        _ => refuse(Diagnostic::error("E-SYNTAX", at, "only `share outside` can be `unless safeguarded`")),
    }
}
