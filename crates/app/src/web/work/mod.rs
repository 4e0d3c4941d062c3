//! Work: the list, starting a piece of it, its page, what completing it means. Every form goes through an
//! act and comes back with what was refused or is to put right.

use custody::id::PersonId;
use custody::{Grant, Sealed};
use policy::Work;
use store::engagement::Engagement;
use store::{Tx, person};

use super::frame;
use super::people::capital;
use crate::acts::Acting;
use crate::fault::Fault;

pub mod board;
pub mod completion;
pub mod forms;
pub mod list;
pub mod new;
mod page;
pub mod upload;

pub use board::go;
pub use completion::{Foreseen, complete, get as completion};
pub(in crate::web) use completion::{shown, sums, tonight};
pub(in crate::web) use forms::sent;
pub use forms::{
    add_document, add_entry, agree, answer, document, hand_over, happen, join, sign, take_back, tell, untell,
};
pub use list::get as list;
pub use new::{add, get as new};
pub use page::get;
pub use upload::BODY_BYTES_MAX;

/// What a piece of work is called: no personal value, so that it may stand in links and titles.
#[must_use]
pub fn title(acting: &Acting<'_>, engagement: &Engagement) -> String {
    let work = engagement.work.and_then(|id| acting.policy.works.get(id.index()));
    let name = work.map_or(engagement.work_name.as_str(), |work: &Work| work.title.as_str());
    format!("{} from {}", capital(name), frame::words(engagement.opened_on))
}

/// The names of those whom the grant lets be named, in the order asked for.
///
/// # Errors
/// Whatever the store says.
pub fn names(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: &[PersonId],
    grant: &Grant,
) -> Result<Vec<Sealed>, Fault> {
    let found = person::names(tx, &acting.policy, people)?;
    Ok(found.into_iter().filter(|name| name.open(grant).is_ok()).collect())
}
