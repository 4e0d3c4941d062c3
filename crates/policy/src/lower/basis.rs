//! `basis consent, signed on consent form, before first session` and its like.

use crate::basis::{Basis, ConsentForm, SoftOptIn};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lex::Shape;
use crate::lower::cursor::{Cursor, Read, refuse};
use crate::lower::{Lower, names};
use crate::name::WorkId;

/// The bases as a policy begins to write them.
const BASES: &[&str] = &[
    "consent",
    "contract",
    "legal obligation",
    "vital interests",
    "public task",
    "recognised interest",
    "legitimate interests",
];

impl Lower<'_> {
    /// A basis, and the kind of work its gate speaks of.
    pub(super) fn basis(&mut self, cursor: &mut Cursor<'_>) -> Read<(Basis, Option<WorkId>)> {
        let Some((name, _)) = cursor.known(BASES.iter().copied()) else {
            let finding = cursor.unexpected("a lawful basis");
            let word = cursor.word().to_owned();
            let first = BASES.iter().map(|basis| basis.split(' ').next().unwrap_or(basis));
            let meant =
                nearest(&word, first).and_then(|first| BASES.iter().find(|basis| basis.starts_with(first)));
            let finding = finding.law("UK GDPR Art 6(1)");
            return refuse(match meant {
                Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                None => finding.help(format!("write one of `{}`", BASES.join("`, `"))),
            });
        };
        cursor.separator(Shape::Comma);
        let basis = match name {
            "consent" => return self.consent(cursor),
            "contract" => Basis::Contract { at_request: cursor.take("at the person's request") },
            "legal obligation" => Basis::LegalObligation { law: law(cursor)? },
            "public task" => Basis::PublicTask { law: law(cursor)? },
            "vital interests" => Basis::VitalInterests,
            "recognised interest" => Basis::RecognisedInterest { condition: cursor.meant()? },
            _ => interests(cursor)?,
        };
        Ok((basis, None))
    }

    fn consent(&mut self, cursor: &mut Cursor<'_>) -> Read<(Basis, Option<WorkId>)> {
        let form = if cursor.take("signed on") {
            ConsentForm::Signed(names::one(cursor, "document", &self.names.kinds, &["before"])?.0)
        } else if cursor.take("opt-in") {
            cursor.separator(Shape::Comma);
            let asked_with = if cursor.take("asked with") {
                Some(names::one(cursor, "document", &self.names.kinds, &["before", "confirmed"])?.0)
            } else {
                None
            };
            cursor.separator(Shape::Comma);
            let confirmed = if cursor.take("confirmed") { Some(confirmed(cursor)?) } else { None };
            ConsentForm::OptIn { asked_with, confirmed }
        } else if cursor.take("explicit") {
            ConsentForm::Explicit
        } else {
            let finding = cursor.unexpected("how consent is given");
            return refuse(
                finding.law("UK GDPR Art 7(1)").help("write `signed on DOCUMENT`, `opt-in` or `explicit`"),
            );
        };
        cursor.separator(Shape::Comma);
        if !cursor.take("before") {
            return Ok((Basis::Consent { form, before: None }, None));
        }
        let (before, work) = self.milestone(cursor, &[])?;
        Ok((Basis::Consent { form, before: Some(before) }, Some(work)))
    }
}

/// `by e-mail within 7 days`.
fn confirmed(cursor: &mut Cursor<'_>) -> Read<u16> {
    cursor.expect("by e-mail within")?;
    let days = cursor.number()?;
    if cursor.take("days") || cursor.take("day") {
        return Ok(days);
    }
    refuse(cursor.unexpected("`days`"))
}

fn law(cursor: &mut Cursor<'_>) -> Read<String> {
    match cursor.expect("under") {
        Ok(()) => cursor.meant(),
        Err(finding) => refuse(
            Diagnostic { law: Some("UK GDPR Art 6(3)".to_owned()), ..*finding }
                .help("name the law: `under \"DPA 2018 s.164A\"`"),
        ),
    }
}

fn interests(cursor: &mut Cursor<'_>) -> Read<Basis> {
    let mut assessed = None;
    let mut review = None;
    let mut last = None;
    let mut soft_opt_in = None;
    if cursor.take("soft opt-in of") {
        soft_opt_in = Some(match cursor.word() {
            "customers" => SoftOptIn::Customers,
            "supporters" => SoftOptIn::Supporters,
            _ => {
                return refuse(
                    cursor.unexpected("`customers` or `supporters`").law("PECR 2003 reg 22(3), (3A)"),
                );
            }
        });
        cursor.step();
        cursor.separator(Shape::Comma);
    }
    if cursor.take("assessed in") {
        assessed = Some(cursor.meant()?);
        cursor.separator(Shape::Comma);
        if cursor.take("review") {
            review = Some(cursor.every()?);
            cursor.separator(Shape::Comma);
        }
        if cursor.take("last") {
            last = Some(cursor.date()?);
        }
    }
    Ok(Basis::LegitimateInterests { assessed, review, last, soft_opt_in })
}
