//! Messages that wait past their own end: one that never left is kept no longer than one that did. Nothing here lets any go.

use custody::coverage;
use custody::id::{MessageId, PersonId};
use custody::life::{Ground, Life};
use custody::moment::Now;
use custody::rows;
use policy::Policy;

use crate::asked::{AT_ONCE, listed};
use crate::{Result, Tx, Value, life, unowned};

/// Of the messages in hand to some people, and to nobody the instance knows, those whose time is over by the policy, and which the
/// sweep takes: nothing keeps what is due of whom they are for.
///
/// # Errors
/// Whatever the database says.
pub fn outlived(tx: &Tx<'_>, policy: &Policy, people: &[PersonId], now: Now) -> Result<Vec<MessageId>> {
    let mut found = unowned::outlived(tx, policy, now)?;
    for some in people.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|person| Value::from(*person)));
        let sql = format!(
            "SELECT person_id, id FROM message WHERE person_id IN ({list}) AND state IN ('queued', 'claimed', 'uncertain')
                ORDER BY person_id, id"
        );
        let waiting = tx.all(&sql, &values, |row| Ok((PersonId(row.int(0)?), MessageId(row.int(1)?))))?;
        let mut whose: Vec<PersonId> = waiting.iter().map(|(person, _)| *person).collect();
        whose.dedup();
        if whose.is_empty() {
            continue;
        }
        // Whose life cannot be read stops nobody else: the sweep names them.
        for life in life::load_readable(tx, policy, &whose, now.today, life::For::Clocks)?.lives {
            if coverage::suspended(&life, now.today).is_none() {
                let theirs = waiting.iter().filter(|(person, _)| *person == life.person);
                let over = theirs.filter(|(_, message)| over(policy, &life, *message, now));
                found.extend(over.map(|(_, message)| *message));
            }
        }
    }
    Ok(found)
}

/// Whether the end of a message by itself has come, and nothing else covers it.
fn over(policy: &Policy, life: &Life, message: MessageId, now: Now) -> bool {
    let mut records = life.records.iter().map(|kept| &kept.datum);
    let Some(datum) = records.find(|datum| datum.table == "message" && datum.id == message.0) else {
        return false;
    };
    let ended = |ground: &Ground| {
        coverage::covers(policy, ground, life.person, datum)
            && rows::last_of(policy, life, ground, datum, now.today).is_some_and(|last| last.over(now))
    };
    life.grounds.iter().any(ended) && !coverage::covered(policy, life, datum, now)
}
