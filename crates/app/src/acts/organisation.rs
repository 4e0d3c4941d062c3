//! Organisations: companies, charities, funders, employers, and who belongs to them. What is known of a company itself
//! is about nobody; who belongs to it is. A sole trader's own details are a person's and are kept with that person.

use custody::id::{OrganisationId, PersonId};
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::organisation::{self, Changed, Details};

use super::Acting;
use crate::fault::Fault;

/// Adds an organisation.
///
/// # Errors
/// [`Fault::Refused`] unless the role may add people; [`Fault::Invalid`] without a name.
pub fn add(acting: &Acting<'_>, tx: &Tx<'_>, details: &Details) -> Result<OrganisationId, Fault> {
    acting.must(Deed::AddPeople)?;
    checked(details)?;
    let organisation = organisation::add(tx, details, acting.now)?;
    acting.log(tx, "organisation.added", &[], &json!({ "organisation": organisation.0 }))?;
    Ok(organisation)
}

/// Changes what is known of an organisation, if it still is at the version the form saw.
///
/// # Errors
/// [`Fault::Refused`] unless the role may add people.
pub fn change(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    organisation: OrganisationId,
    seen: i64,
    details: &Details,
) -> Result<Changed, Fault> {
    acting.must(Deed::AddPeople)?;
    checked(details)?;
    let changed = organisation::set(tx, &acting.policy, organisation, seen, details)?;
    if let Changed::Stored(version) = &changed {
        acting.log(
            tx,
            "organisation.changed",
            &[],
            &json!({ "organisation": organisation.0, "version": version }),
        )?;
    }
    Ok(changed)
}

fn checked(details: &Details) -> Result<(), Fault> {
    if details.name.trim().is_empty() {
        return Err(Fault::field("name", "An organisation needs a name."));
    }
    if details.are_somebodys() {
        let words = "Only a company has details of its own. Those of a sole trader or a partnership are its owner's: put them on that person's page.";
        return Err(Fault::field("subscriber", words));
    }
    if details.phone.as_deref().is_some_and(|phone| store::normal::phone(phone).is_none()) {
        return Err(Fault::field("phone", "This is no phone number; write it like 01632 960001."));
    }
    if details.email.as_deref().is_some_and(|email| store::normal::email(email).is_none()) {
        return Err(Fault::field("email", "This is no e-mail address; write it like office@example.org."));
    }
    Ok(())
}

/// Records that a person has left their organisation. What is held because they were there ends.
///
/// # Errors
/// [`Fault::NotFound`] if they did not belong to it; [`Fault::Refused`] unless the role may add people.
pub fn left(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    organisation: OrganisationId,
    on: Date,
) -> Result<(), Fault> {
    acting.must(Deed::AddPeople)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    organisation::leave(tx, &acting.policy, person, organisation, on)?;
    acting.settle(tx, person)?;
    acting.log(
        tx,
        "organisation.left",
        &[person],
        &json!({ "organisation": organisation.0, "on": on.to_string() }),
    )
}
