//! From whom a changed detail is, and since when: what anybody is told of where their data came from (UK GDPR Art 15(1)(g)). Somebody says
//! so; what they asked to have put right is from them; what was only written down wrongly is from where it was. Nothing here changes it.

use custody::Life;
use jiff::civil::Date;
use policy::{Activity, KindId};
use store::item::Item;
use store::{Tx, request};

use super::{sources, stated_source};
use crate::acts::Acting;
use crate::fault::Fault;

/// Says that it is from where it was: it was written down wrongly.
pub const AS_IT_WAS: &str = "as it was";

/// The source that is whoever it is about.
const THE_PERSON: &str = "the person";

/// From whom a changed detail is; nothing where nobody says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Origin<'a> {
    /// One of the policy's sources for it, or [`AS_IT_WAS`].
    pub source: &'a str,
    /// The day it was collected; today unless said.
    pub collected_on: Option<Date>,
}

/// The activities that hold a kind of somebody's.
fn holding<'p>(
    acting: &'p Acting<'_>,
    life: &'p Life,
    kind: KindId,
) -> impl Iterator<Item = &'p Activity> + Clone {
    acting.policy.activities.iter().filter(move |activity| {
        activity.kinds.contains(kind) && activity.for_whom.iter().any(|whom| life.ever_had(whom.category))
    })
}

/// From whom a detail of somebody's may be, and who is taken for it where nobody says so: they themselves while they ask to have
/// something put right.
///
/// # Errors
/// Whatever the store says.
pub fn offered(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (life, kind): (&Life, KindId),
) -> Result<(Vec<String>, &'static str), Fault> {
    let known = sources(holding(acting, life, kind));
    let theirs =
        known.iter().any(|source| source == THE_PERSON) && !request::correcting(tx, life.person)?.is_empty();
    let unsaid = if theirs { THE_PERSON } else { AS_IT_WAS };
    Ok((known, unsaid))
}

/// From whom a detail is once it is changed, and since when; nothing where it stays as it was.
///
/// # Errors
/// [`Fault::Refused`] for a source that the policy does not name; [`Fault::Invalid`] for a day to come.
pub(super) fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (life, held): (&Life, &Item),
    (origin, differs): (Origin<'_>, bool),
) -> Result<Option<(String, Date)>, Fault> {
    let source = match origin.source.trim() {
        AS_IT_WAS => return Ok(None),
        "" if origin.collected_on.is_some() => held.source.clone(),
        "" => match offered(acting, tx, (life, held.kind))?.1 {
            theirs if differs && theirs != AS_IT_WAS => theirs.to_owned(),
            _ => return Ok(None),
        },
        said => stated_source(&acting.policy, holding(acting, life, held.kind), said)?,
    };
    let on = origin.collected_on.unwrap_or(acting.today);
    if on > acting.today {
        return Err(Fault::field("collected", "This day has not come yet."));
    }
    Ok(Some((source, on)))
}
