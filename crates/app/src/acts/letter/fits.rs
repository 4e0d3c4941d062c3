//! Whether an answer to a request may say what it says: what was decided use by use, what was corrected, what was stopped, and what is
//! stored only. It is asked when a letter is drafted and again as it leaves. Nothing here writes a letter.

use custody::id::LetterId;
use store::request::{self, Kind, SubjectRequest};
use store::{Tx, objection, person};

use super::{Matter, Sort};
use crate::acts::Acting;
use crate::acts::request::{Outcome, nothing_held, weighing};
use crate::fault::Fault;

/// Refuses an answer that would say what is not so.
///
/// # Errors
/// [`Fault::Invalid`] on `field`.
pub(super) fn fits(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, matter): (&SubjectRequest, &Matter),
    outcome: Outcome,
    field: &str,
) -> Result<(), Fault> {
    if nothing_held(acting, tx, asked, outcome, field)? {
        return Ok(());
    }
    weighing::fits(weighing::came_to(acting, tx, asked)?, outcome, field)?;
    match (asked.kind, outcome) {
        (Kind::Rectification, _) => matter.facts.corrected.fit(outcome, field),
        (Kind::Restriction, Outcome::Done) if matter.life.restriction.is_none() => Err(Fault::field(
            field,
            "Nothing restricts what we hold about them now, and this answer says that it is stored only. Restrict it first, or answer \
             that a part was done, and until when.",
        )),
        (Kind::NoContact, _) => weighing::no_more_contact(acting, tx, asked, outcome, field),
        _ => Ok(()),
    }
}

/// Whether what we hold about whoever a request is of is restricted today.
///
/// # Errors
/// Whatever the store says.
pub fn restricted(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<bool, Fault> {
    match asked.person {
        Some(person) if person::exists(tx, person)? => Ok(acting.life(tx, person)?.restriction.is_some()),
        _ => Ok(false),
    }
}

/// Refuses a letter that foretells the end of a restriction which does not stand.
///
/// # Errors
/// [`Fault::Invalid`] on `field`.
pub(super) fn lifts(matter: &Matter, sort: Sort, field: &str) -> Result<(), Fault> {
    match sort == Sort::Lifting && matter.life.restriction.is_none() {
        true => Err(Fault::field(
            field,
            "Nothing restricts what we hold about them now, so nothing can be said to end.",
        )),
        false => Ok(()),
    }
}

/// Refuses an answer that was drafted before what it answers changed.
///
/// # Errors
/// [`Fault::Invalid`] on the text.
pub(super) fn still_so(tx: &Tx<'_>, asked: &SubjectRequest, letter: LetterId) -> Result<(), Fault> {
    if objection::decided_since(tx, asked.id, letter)? {
        return Err(Fault::field(
            "body",
            "It was decided anew what stops and what goes on since this letter was drafted, and it does not say so: draft it again.",
        ));
    }
    if request::corrected_since(tx, asked.id, letter)? {
        return Err(Fault::field(
            "body",
            "Something was corrected, taken back or noted since this letter was drafted, and it does not say so: draft it again.",
        ));
    }
    Ok(())
}
