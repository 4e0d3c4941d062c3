//! The organisation that somebody names as a detail of theirs: a link to the one of that name, and never words of their own
//! beside it, so that they are found by it and can be recorded as having left it. Decides nothing: its callers have asked.

use custody::id::{ItemId, OrganisationId, PersonId};
use policy::Kind;
use serde_json::json;
use store::{Tx, organisation, person};

use super::super::{Acting, request, told};
use crate::fault::Fault;
use crate::intake::column;

/// What a detail that somebody was given became.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// A detail.
    Item(ItemId),
    /// That they belong to an organisation.
    Organisation(OrganisationId),
}

impl Added {
    /// The detail, where it became one.
    #[must_use]
    pub fn item(self) -> Option<ItemId> {
        match self {
            Self::Item(item) => Some(item),
            Self::Organisation(_) => None,
        }
    }
}

/// Lets somebody who is only just being added belong to where they were said to, chosen or by name, and makes them findable by
/// that and by everything else.
pub(super) fn begin(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    who: PersonId,
    chosen: Option<OrganisationId>,
    values: &[(&Kind, String)],
) -> Result<(), Fault> {
    let policy = &acting.policy;
    let mut joined = match chosen {
        Some(chosen) => organisation::join(tx, policy, who, chosen, None, acting.staff_id())?,
        None => false,
    };
    for (_, name) in values.iter().filter(|(kind, _)| column::is_organisation(kind)) {
        let (_, new) = crate::acts::organisation::joins(acting, tx, who, name)?;
        joined = joined || new;
    }
    // Whoever joined was made findable by it.
    if !joined {
        let items = values.iter().map(|(kind, value)| (kind.name.as_str(), value.as_str()));
        person::find_by(tx, policy, who, items, std::iter::empty())?;
    }
    Ok(())
}

/// Lets somebody who is already here belong to the organisation of a name.
pub(super) fn add(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    who: PersonId,
    (kind, name): (&Kind, &str),
    source: &str,
) -> Result<Added, Fault> {
    let (organisation, new) = crate::acts::organisation::joins(acting, tx, who, name)?;
    if new {
        told::sender::owe(acting, tx, who, source)?;
        acting.settle(tx, who)?;
        request::put_right(acting, tx, who, (&kind.name, false))?;
        acting.log(tx, "organisation.joined", &[who], &json!({ "organisation": organisation.0 }))?;
    }
    Ok(Added::Organisation(organisation))
}
