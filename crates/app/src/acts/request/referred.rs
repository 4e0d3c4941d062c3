//! What somebody asked of us, found by the reference they were told. Whoever may not answer it hears the same as where there is none.

use custody::id::{ComplaintId, RequestId};
use policy::role::Deed;
use store::Tx;

use super::on_desk;
use crate::acts::{Acting, complaint};
use crate::fault::Fault;

/// What a reference stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Referred {
    /// A request.
    Request(RequestId),
    /// A complaint.
    Complaint(ComplaintId),
}

/// The request or complaint of a reference, all of it and however it is written, for whoever may answer it.
///
/// # Errors
/// Whatever the store says.
pub fn referred(acting: &Acting<'_>, tx: &Tx<'_>, said: &str) -> Result<Option<Referred>, Fault> {
    let number = store::id::referred(said).filter(|_| acting.may(Deed::AnswerRequests));
    let Some(number) = number else { return Ok(None) };
    match on_desk(acting, tx, RequestId(number)) {
        Ok(asked) => return Ok(Some(Referred::Request(asked.id))),
        Err(Fault::NotFound) => {}
        Err(Fault::Refused(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    }
    match complaint::on_desk(acting, tx, ComplaintId(number)) {
        Ok(found) => Ok(Some(Referred::Complaint(found.id))),
        Err(Fault::NotFound | Fault::Refused(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}
