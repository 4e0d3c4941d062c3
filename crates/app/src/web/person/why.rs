//! "Why do we hold this?" and "May we contact them?", as the person page draws them.

use custody::explain::{Card, Segment};
use custody::{Grant, Life, Sealed};
use policy::policy::Clause;
use policy::{KindId, KindSet};
use store::Tx;
use store::review::{self, Reviewed};
use store::staff::{self, Account};

use super::Preference;
use crate::acts::Acting;
use crate::fault::Fault;
use crate::web::frame;
use crate::web::page::Link;

/// One purpose for which the person is held.
pub struct Why {
    pub(super) activity: String,
    pub(super) sentences: Vec<Vec<Segment>>,
    pub(super) changes: Vec<String>,
    /// Where what it hangs on is recorded; empty if it hangs on nothing of the kind.
    pub(super) known: String,
    pub(super) shared: String,
    pub(super) uses: Vec<Preference>,
    pub(super) promises: Vec<Link>,
    pub(super) stopped: String,
    pub(super) reviewed: Option<Looked>,
}

/// That somebody looked, and decided that it is still needed.
pub struct Looked {
    pub(super) words: String,
    pub(super) why: Option<Sealed>,
}

/// The cards of a person, naming only those kinds that are really there.
pub(super) fn cards(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (life, grant): (&Life, &Grant),
    cards: Vec<Card>,
) -> Result<Vec<Why>, Fault> {
    let policy = &acting.policy;
    // Why it is still needed speaks of what the clause covers, and is as open as that.
    let kind = |rule: &str| {
        let open = grant.people().get(&life.person).copied().unwrap_or_default();
        policy.rule_keyed(rule)?.kinds.and(open).iter().next()
    };
    let mut reviewed = review::of_person(tx, life.person, kind)?;
    let here = if reviewed.is_empty() { Vec::new() } else { staff::all(tx)? };
    let drawn = cards.into_iter().map(|card| {
        let looked = reviewed.remove(&card.ground).map(|done| looked(&here, done, grant));
        Why { reviewed: looked, ..drawn(acting, life, card) }
    });
    Ok(drawn.collect())
}

fn looked(here: &[Account], done: Reviewed, grant: &Grant) -> Looked {
    let by = here.iter().find(|account| Some(account.id) == done.by);
    let by = by.map_or_else(String::new, |account| format!(" by {}", account.name));
    Looked {
        words: format!("Looked at{by} on {}, and still needed", frame::words(done.on)),
        why: done.why.filter(|why| why.open(grant).is_ok()),
    }
}

fn drawn(acting: &Acting<'_>, life: &Life, card: Card) -> Why {
    let mut grounds = life.grounds.iter().chain(&life.of_work);
    let ground = grounds.find(|ground| ground.id == card.ground);
    let rule = ground.map(|ground| ground.rule);
    let known =
        rule.and_then(|rule| acting.policy.rules.get(rule.index())).map_or_else(String::new, |rule| {
            match ground.and_then(|ground| ground.engagement) {
                Some(work) if !rule.facts().is_empty() => format!("/work/{work}#known"),
                _ if hangs(acting, rule) => "#known".to_owned(),
                _ => String::new(),
            }
        });
    let clauses = [rule.map(Clause::Keep), Some(Clause::Basis(card.activity))];
    let stands = |of: &[Clause]| clauses.iter().flatten().any(|clause| of.contains(clause));
    let promises = acting.policy.promises.iter().filter(|(_, of)| stands(of));
    Why {
        activity: card.title,
        sentences: card.sentences,
        changes: card.changes,
        known,
        shared: match card.shared_with.as_slice() {
            [] => String::new(),
            with => format!("May be shared: {}.", with.join("; ")),
        },
        uses: card.channels.into_iter().map(preference).collect(),
        promises: promises
            .map(|(id, _)| Link { href: format!("/policy/proof#{id}"), words: id.clone() })
            .collect(),
        stopped: card.paused.unwrap_or_default(),
        reviewed: None,
    }
}

/// Whether a clause hangs on something that is recorded on the person's own page.
fn hangs(acting: &Acting<'_>, rule: &policy::Rule) -> bool {
    let facts = rule.facts();
    let of_person = acting.policy.facts.iter().filter(|fact| fact.work.is_none());
    let events = rule.events();
    of_person.clone().any(|fact| facts.contains(&policy::phrase::plain(&fact.name)))
        || custody::known::recordable(&acting.policy).any(|name| events.iter().any(|event| event == name))
}

fn preference(answer: custody::explain::ChannelAnswer) -> Preference {
    // The policy names a channel as the notice says it, to the person.
    let words = answer.channel.replace("your own", "their own");
    Preference { words: super::capital(&words), yes: answer.open, because: answer.reason }
}

/// Each channel once: open if it is open for any purpose, with the reason of the first that says so. Then what they said no to, of
/// which no purpose may be left.
pub(super) fn preferences(cards: Vec<Card>, refused: Vec<(String, String)>) -> Vec<Preference> {
    let mut found: Vec<Preference> = Vec::new();
    for card in cards {
        for answer in card.channels.into_iter().map(preference) {
            match found.iter_mut().find(|known| known.words == answer.words) {
                Some(known) if answer.yes && !known.yes => *known = answer,
                Some(_) => {}
                None => found.push(answer),
            }
        }
    }
    let refused = refused.into_iter();
    found.extend(refused.map(|(words, because)| Preference { words, yes: false, because }));
    found
}

/// The kinds of which something is there: details, lines, records.
pub(super) fn there(life: &Life, details: impl Iterator<Item = KindId>) -> KindSet {
    details.chain(life.records.iter().map(|kept| kept.datum.kind)).collect()
}
