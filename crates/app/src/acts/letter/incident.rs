//! To whoever's data was part of an incident (UK GDPR Art 34): what happened, what it may mean for them, what is done about it and whom
//! to ask. Whoever looks into it drafts it, and like every other letter it leaves because somebody said so.

use custody::id::{IncidentId, PersonId};
use store::{Tx, incident};

use super::{ACTIVITY, About, Facts, Happened, Matter};
use crate::acts::Acting;
use crate::acts::incident::on_desk;
use crate::acts::request::{answering, name_of};
use crate::fault::Fault;
use crate::print::copy;

/// What a letter to one of those whose data it was is made from.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents and answers people; [`Fault::NotFound`] if it was not their data.
pub(super) fn matter(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: IncidentId,
    person: PersonId,
) -> Result<Matter, Fault> {
    let (found, opened) = on_desk(acting, tx, id)?;
    if incident::whether_told(tx, id, person)?.is_none() {
        return Err(Fault::NotFound);
    }
    let life = acting.life(tx, person)?;
    let grant = answering(acting, &[&life])?;
    let name = name_of(acting, tx, person, &grant)?;
    let facts = Facts {
        happened: Some(Happened {
            sort: found.sort,
            on: found.happened_at.map(|at| acting.instance.clock.on(at)),
            measures: found.measures.map(|done| copy::text(&done, &opened)).transpose()?,
        }),
        ..Facts::new(acting, name.clone(), id.0, acting.instance.clock.on(found.found_at))
    };
    let about = About::Incident(id, person);
    Ok(Matter {
        about,
        person,
        life,
        grant,
        facts,
        held_name: name,
        reach: None,
        closed: found.closed_on.is_some(),
    })
}

/// The activity under which people are told of incidents: the one that keeps their records.
pub(super) fn activity<'p>(acting: &'p Acting<'_>) -> &'p str {
    let policy = &acting.policy;
    let record = policy.kind_named("incident record").map(|kind| kind.id);
    let keeps = |activity: &&policy::Activity| record.is_some_and(|record| activity.kinds.contains(record));
    policy.activities.iter().find(keeps).map_or(ACTIVITY, |activity| activity.name.as_str())
}
