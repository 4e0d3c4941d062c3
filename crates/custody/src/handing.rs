//! What is handed over by hand before ours goes: which details say where it goes.

use policy::{KindSet, Policy, Sort};

/// Words in the names of kinds by which somebody is reached.
const REACHED_BY: &[&str] = &["address", "email", "e-mail", "phone", "telephone", "mobile"];

/// The details that say to whom and where something goes: what somebody is called, and where they are reached.
#[must_use]
pub fn addressed(policy: &Policy) -> KindSet {
    let says = |name: &str| {
        name == "name"
            || name.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| REACHED_BY.contains(&word))
    };
    let kinds = policy.kinds.iter().filter(|kind| kind.sort == Sort::Item && says(&kind.name));
    kinds.map(|kind| kind.id).collect()
}
