//! Whether somebody about to be added is here already, or asked us something before: by their addresses and numbers,
//! and by their name, also turned round, shortened or with an initial. It never says whose an address is to whoever may not see them.

use std::collections::BTreeSet;

use custody::id::PersonId;
use store::normal::Shape;
use store::suppression::{self, Forbids};
use store::{Tx, alike, certificate, item, person};

use super::Acting;
use crate::fault::Fault;
use crate::web::frame;

/// What is known of somebody about to be added.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Before {
    /// Who may be the same, of those within reach.
    pub people: Vec<PersonId>,
    /// By which kind of detail each of them is, by name.
    pub by: BTreeSet<(PersonId, String)>,
    /// What stands against what was typed, a sentence each.
    pub words: Vec<String>,
}

/// Looks for somebody by values, each with the name of its kind.
///
/// # Errors
/// Whatever the database says.
pub fn before(acting: &Acting<'_>, tx: &Tx<'_>, values: &[(String, String)]) -> Result<Before, Fault> {
    let keys = acting.instance.store.keys();
    let mut by = BTreeSet::new();
    let mut words = Vec::new();
    for (kind, value) in values.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let identifies = Shape::of(kind).identifies().is_some();
        if !identifies && kind != "name" {
            continue;
        }
        by.extend(item::having(tx, kind, value)?.into_iter().map(|who| (who, kind.clone())));
        if !identifies {
            by.extend(alike::of_name(tx, kind, value)?.into_iter().map(|who| (who, kind.clone())));
            continue;
        }
        let standing = suppression::standing(tx, keys, kind, value)?;
        words.extend(standing.into_iter().map(|forbids| format!("Somebody {}.", objected(forbids, kind))));
        if let Some(known) = certificate::known(tx, keys, kind, value)?.filter(|known| known.erased) {
            words.push(format!("Somebody {}.", erased(frame::words(known.on).as_str(), kind)));
        }
    }
    let people: BTreeSet<PersonId> = by.iter().map(|(who, _)| *who).collect();
    let people = person::within(tx, &acting.reach(), people.into_iter().collect())?;
    Ok(Before { people, by, words })
}

/// What whoever had an address or number of this kind said no to.
#[must_use]
pub fn objected(forbids: Forbids, kind: &str) -> String {
    match forbids {
        Forbids::AllContact => format!("asked us never to be in touch again, by this {kind}"),
        Forbids::Marketing => format!("objected to marketing, by this {kind}"),
        Forbids::Calls => "asked us not to call this number".to_owned(),
    }
}

/// That whoever had it was erased because they asked.
#[must_use]
pub fn erased(day: &str, kind: &str) -> String {
    format!("was erased on request on {day}, known by the {kind}")
}
