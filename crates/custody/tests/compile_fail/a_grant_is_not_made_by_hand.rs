//! Only a decision makes a grant.
use custody::act::{Actor, Verb};
use custody::Grant;

fn permit_myself() -> Grant {
    Grant {
        actor: Actor::System("me"),
        verb: Verb::Read,
        purpose: None,
        people: Default::default(),
        needs: Default::default(),
        clauses: Vec::new(),
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn main() {}
