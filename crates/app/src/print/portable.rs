//! What somebody may take elsewhere (UK GDPR Art 20): of everything held, what they themselves gave us, under a consent or a
//! contract, for programs to read. What we found out, concluded or were told by others is not in it, and it says so.

use std::collections::BTreeSet;

use custody::Life;
use custody::life::{Ground, State, StopCause};
use jiff::civil::Date;
use policy::{Basis, KindSet, Policy};
use store::document::Document;
use store::entry::{Direction, Entry};
use store::item::Item;

use super::pack::{Held, Pack};
use crate::intake::outgoing::safe;

/// How the notice and the details name the person as a source.
const THEMSELVES: &str = "the person";

/// The JSON Schema of a pack, as it goes with each.
pub const SCHEMA: &str = include_str!("pack.schema.json");

/// The kinds that are held of somebody under a consent or a contract: today, or since the day they asked until that ended.
#[must_use]
pub fn kinds(policy: &Policy, life: &Life, asked: Date, today: Date) -> KindSet {
    let ended_since = |ground: &Ground| match &ground.state {
        State::Stopped { cause: StopCause::Annulled, .. } => false,
        State::Stopped { on, .. } => asked <= *on,
        State::Active => ground.due_on.is_some_and(|due| asked <= due),
    };
    let held = life.grounds.iter().filter(|ground| ground.active(today) || ended_since(ground));
    held.filter_map(|ground| {
        let rule = policy.rules.get(ground.rule.index())?;
        let activity = policy.activity(rule.activity)?;
        matches!(activity.basis, Basis::Consent { .. } | Basis::Contract { .. }).then_some(activity.kinds)
    })
    .fold(KindSet::none(), KindSet::or)
}

/// Whether somebody may take a detail elsewhere: they gave it, and it is held under a consent or a contract.
#[must_use]
pub fn moves_item(movable: KindSet, item: &Item) -> bool {
    movable.contains(item.kind) && item.source == THEMSELVES
}

/// Whether they may take a line elsewhere: they wrote or said it to us.
#[must_use]
pub fn moves_line(movable: KindSet, line: &Entry) -> bool {
    movable.contains(line.kind) && line.direction == Some(Direction::In)
}

/// Whether they may take a document elsewhere: it came from them.
#[must_use]
pub fn moves_document(movable: KindSet, document: &Document) -> bool {
    movable.contains(document.kind) && document.source == THEMSELVES
}

/// Of the sections on what has ended and is still here, what is in the copy.
#[must_use]
pub fn of_ended(policy: &Policy, mut sections: Vec<Held>, there: KindSet) -> Vec<Held> {
    let there: BTreeSet<&str> =
        there.iter().filter_map(|kind| policy.kind(kind)).map(|kind| kind.name.as_str()).collect();
    for held in &mut sections {
        held.kinds.retain(|kind| there.contains(kind.as_str()));
    }
    sections.retain(|held| !held.kinds.is_empty());
    sections
}

/// Makes of a pack what its person may take elsewhere, its details and lines having been chosen already.
pub fn narrow(pack: &mut Pack, policy: &Policy) {
    pack.activities.retain(|held| {
        policy
            .activity_named(&held.activity)
            .is_some_and(|activity| matches!(activity.basis, Basis::Consent { .. } | Basis::Contract { .. }))
    });
    pack.records.clear();
    pack.disclosures.clear();
    pack.works.clear();
    pack.search = Some(
        "This is what you gave us yourself, held with your consent or under a contract with you. What others told us, what we wrote \
         ourselves and what we hold for another reason is not in it: ask what we hold about you to see that, too."
            .to_owned(),
    );
    pack.letter = vec![
        "You asked for your data, to take it elsewhere. Here is what you gave us yourself, with your consent or under a contract. \
         Beside these pages it is a file that computers can read, with a description of its form."
            .to_owned(),
        format!("If something is missing, tell us: {}. It costs nothing.", policy.contact.email),
    ];
}

/// The values and the lines of a pack as two sheets.
///
/// # Errors
/// If one cannot be written, which text always can.
pub fn sheets(pack: &Pack) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut items = writer(&["kind", "value", "source", "collected_on"])?;
    for item in &pack.items {
        let line = [
            item.kind.as_str(),
            &item.value,
            item.source.as_deref().unwrap_or_default(),
            item.collected_on.as_deref().unwrap_or_default(),
        ];
        record(&mut items, &line)?;
    }
    let mut lines = writer(&["on", "kind", "by", "subject", "text"])?;
    for line in &pack.timeline {
        let or = |text: &'_ Option<String>| text.clone().unwrap_or_default();
        record(&mut lines, &[&line.on, &line.kind, &or(&line.by), &or(&line.subject), &or(&line.text)])?;
    }
    let done = |sheet: csv::Writer<Vec<u8>>| sheet.into_inner().map_err(|error| error.to_string());
    Ok(vec![("items.csv".to_owned(), done(items)?), ("timeline.csv".to_owned(), done(lines)?)])
}

fn writer(heads: &[&str]) -> Result<csv::Writer<Vec<u8>>, String> {
    let mut sheet = csv::Writer::from_writer(Vec::new());
    record(&mut sheet, heads)?;
    Ok(sheet)
}

/// A line, in which no spreadsheet takes anything for a formula.
fn record(sheet: &mut csv::Writer<Vec<u8>>, cells: &[&str]) -> Result<(), String> {
    let plain = cells.iter().map(|cell| safe(cell).into_owned());
    sheet.write_record(plain.collect::<Vec<_>>()).map_err(|error| error.to_string())
}
