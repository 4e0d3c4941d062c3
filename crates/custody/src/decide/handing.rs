//! Handing over what a clause says goes to somebody first: whoever was given that to do opens it and where it goes, and nothing
//! beside, for as long as it is still to be done. It needs no ground: that there is none left is why it is handed over.

use policy::Policy;
use policy::role::Deed;

use crate::act::{Act, Actor, Verb};
use crate::gate::Gate;
use crate::refusal::{Question, Refusal};

/// Refuses whoever was not given it, and whatever is not handed over.
pub(super) fn may(policy: &Policy, actor: &Actor, act: &Act, gate: &Gate) -> Result<(), Refusal> {
    if act.verb != Verb::HandOver {
        return Ok(());
    }
    let refused = |because: &str, next: &str| {
        Err(Refusal::by(policy, Question::Role, None, because.to_owned(), next.to_owned()))
    };
    let Some(owed) = &gate.owed else {
        return refused("nothing of theirs waits to be handed over", "Open their page.");
    };
    let theirs = match actor {
        Actor::Staff { id, role } => {
            let role = policy.roles.get(role.index());
            let answers = role.is_some_and(|role| role.deeds.contains(&Deed::AnswerRequests));
            answers || owed.owner == Some(*id)
        }
        Actor::System(_) | Actor::Subject => false,
    };
    if !theirs {
        return refused(
            "somebody else was given this to hand over",
            "Ask to be given the task, or ask whoever answers requests.",
        );
    }
    if !act.kinds.kinds().minus(owed.kinds).is_empty() {
        return refused(
            "handing something over opens that and where it goes, and nothing else",
            "Open their page.",
        );
    }
    Ok(())
}
