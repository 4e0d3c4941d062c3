//! Backups in the middle of histories, and restores of any that is kept. What was let go of before a restore comes back
//! from none of them, and nobody else is missing. A house that was just backed up moves into what was restored, and the
//! history goes on there under the same model; an older point is restored beside the house and looked at, and somebody
//! erased there stays away from what is restored after that.

use std::collections::BTreeSet;

use app::acts::confirmation::Telling;
use app::acts::{backup, erasure};
use custody::id::PersonId;
use jiff::Timestamp;
use store::backup::Point;

use crate::house::House;
use crate::steps::{Became, Step, done, idle, pick};
use crate::world::World;

/// A backup, and the world as it was when it was made.
pub struct Kept {
    at: Timestamp,
    world: World,
}

/// What restores came to.
#[derive(Default)]
pub struct Tally {
    pub backups: usize,
    /// Houses that moved.
    pub moved: usize,
    /// Points that were restored beside the house.
    pub beside: usize,
    /// Words of people let go of that were looked for in what was restored.
    pub sought: usize,
    /// Rows of a point that were let go of after it.
    pub away: usize,
    /// People who had to be there, and were.
    pub there: usize,
}

/// Rows that every restore has as they stand in the newest backup, or that come of restoring.
const OTHERWISE: &[&str] = &["message", "consent", "objection", "certificate", "suppression", "staff"];

pub fn back_up(
    house: &House,
    world: &World,
    kept: &mut Vec<Kept>,
    tally: &mut Tally,
) -> Result<Became, String> {
    let made = loop {
        match backup::make(&house.instance, &house.backups().into(), "system backup") {
            Err(fault) if fault.to_string().contains("of this second") => {
                std::thread::sleep(std::time::Duration::from_millis(300));
            }
            made => break made.map_err(|fault| format!("a backup: {fault}"))?,
        }
    };
    if made.vanished > 0 || !made.unreached.is_empty() {
        return Err(format!("rows vanished although nobody let go of them: {made:?}"));
    }
    let at = points(house)?.last().map(Point::at).ok_or("a backup that is not listed")?;
    kept.push(Kept { at, world: world.clone() });
    tally.backups += 1;
    done(format!("a backup of {} rows, {} of them written", made.held, made.written))
}

fn points(house: &House) -> Result<Vec<Point>, String> {
    store::backup::points(&house.backups().into(), house.instance.store.keys())
        .map_err(|error| error.to_string())
}

pub fn restore_any(
    house: &mut House,
    world: &mut World,
    step: &Step,
    kept: &mut Vec<Kept>,
    tally: &mut Tally,
) -> Result<Became, String> {
    if kept.len() != points(house)?.len() {
        return Err("points that were made are not listed".to_owned());
    }
    // As the server does every few seconds.
    backup::forget(&house.instance).map_err(|fault| fault.to_string())?;
    if step.b.is_multiple_of(2) {
        return moves(house, world, kept, tally);
    }
    let number = usize::try_from(step.a).unwrap_or_default();
    let Some(point) = (!kept.is_empty()).then(|| &kept[number % kept.len()]) else { return idle() };
    let (safe, first) = (house.second_safe(), kept[0].at);
    let beside = house.brought_back(point.at, &safe, false)?;
    // It wakes on the day of the backup, and lives through the nights since.
    beside.nights_until(world.today).map_err(|fault| format!("nights after a restore: {fault}"))?;
    compare(&beside, &point.world, world, tally)?;
    // Somebody is erased in what was restored: they are in none that is restored from then on.
    let Some(who) = pick(&beside.people(), step.c) else { return done("restored, and nobody was there") };
    let word = world.people.get(&who.0).map(|known| known.word.clone()).ok_or("nobody knows them")?;
    beside
        .act(|acting, tx| {
            erasure::carry_out(
                acting,
                tx,
                who,
                None,
                (erasure::Reason::Asked.known(), None),
                Telling::Already("by letter"),
            )
        })
        .map_err(|fault| format!("erasing in what was restored: {fault}"))?;
    backup::forget(&beside.instance).map_err(|fault| fault.to_string())?;
    let gone = !beside.people().contains(&who);
    if gone {
        let own = beside.own_safe();
        let again = beside.brought_back(first, &own, false)?;
        let mut gone = world.clone();
        gone.gone.push(word);
        nowhere(&again, &gone, tally)?;
        if again.people().contains(&who) {
            return Err(format!(
                "{who} was erased in a restored instance and came back with the next restore"
            ));
        }
    }
    tally.beside += 1;
    done(format!("restored {} beside; {who} erased there, gone: {gone}", point.at))
}

/// The house burns down and is rebuilt from a backup of this moment: nothing is different, but that messages that waited
/// leave no more, and that the sweep of the restore has been.
fn moves(
    house: &mut House,
    world: &mut World,
    kept: &mut Vec<Kept>,
    tally: &mut Tally,
) -> Result<Became, String> {
    back_up(house, world, kept, tally)?;
    let at = kept.last().map(|kept| kept.at).ok_or("no backup")?;
    let safe = house.second_safe();
    let new = house.brought_back(at, &safe, true)?;
    house.move_into(new);
    world.fresh = true;
    world.posts_no_more();
    world.night(world.today)?;
    nowhere(house, world, tally)?;
    tally.moved += 1;
    done(format!("the house moved into what was restored of {at}"))
}

/// The words of whoever has gone are in no text and in no file.
pub fn nowhere(house: &House, world: &World, tally: &mut Tally) -> Result<(), String> {
    tally.sought += world.gone.len();
    let mut found = house.stand(&world.gone);
    // In a line about others somebody masks them by hand.
    found.retain(|(word, place)| !(world.shared.contains(word) && place.starts_with("entry")));
    for (name, text) in house.files() {
        let here = world.gone.iter().filter(|word| text.contains(word.as_str()));
        found.extend(here.map(|word| (word.clone(), name.clone())));
    }
    match found.first() {
        None => Ok(()),
        Some((word, _)) => Err(format!("{word} was let go of, and stands in {found:?}")),
    }
}

/// Holds what was restored of a world as it was then against the world as it is now.
fn compare(beside: &House, then: &World, now: &World, tally: &mut Tally) -> Result<(), String> {
    let log = beside.read(|tx| Ok(store::log::verify(tx, beside.instance.store.keys(), None).is_ok()));
    if !log {
        return Err("the restored log does not verify".to_owned());
    }
    nowhere(beside, now, tally)?;
    let people: Vec<PersonId> = beside.people();
    let there: BTreeSet<i64> = people.iter().map(|who| who.0).collect();
    if let Some(who) =
        there.iter().find(|who| !then.people.contains_key(who) || !now.people.contains_key(who))
    {
        return Err(format!("{who} is there after a restore, and was let go of or came later"));
    }
    let rows = beside.rows(&people);
    for (key, row) in &rows {
        let (was, is) = (then.rows.get(key), now.rows.get(key));
        if was.is_some() && is.is_none() {
            return Err(format!("let go of, and back after a restore: {row:?}"));
        }
        if let Some(is) = is
            && let Some(who) =
                row.people.iter().find(|(who, _)| !is.row.people.iter().any(|(about, _)| about == who))
        {
            return Err(format!("{who:?} was cut from {row:?}, and is back after a restore"));
        }
    }
    tally.away += then.rows.keys().filter(|key| !now.rows.contains_key(*key)).count();
    // What would be here had nothing happened since: of this the restore may let nothing go but what has gone since.
    let mut later = then.clone();
    while later.today < now.today {
        later.night(later.today.tomorrow().unwrap())?;
    }
    if later.policy.version != now.policy.version {
        return Ok(());
    }
    for (who, known) in later.people.iter().filter(|(who, _)| now.people.contains_key(who)) {
        let is = &now.people[who].facts;
        let was = &known.facts;
        let same = (was.held, was.restricted) == (is.held, is.restricted)
            && was.consents.len() == is.consents.len()
            && was.consents.iter().zip(&is.consents).all(|(was, is)| was.withdrawn == is.withdrawn)
            && was.objections.len() == is.objections.len();
        if !same {
            continue;
        }
        if !there.contains(who) {
            return Err(format!("{who} is missing after a restore of {}", then.today));
        }
        tally.there += 1;
        let theirs = later.rows_of(*who).into_iter().map(|lying| &lying.row);
        let missing = theirs.filter(|row| !OTHERWISE.contains(&row.table.as_str())).find(|row| {
            let key = (row.table.clone(), row.number);
            now.rows.contains_key(&key) && !rows.contains_key(&key)
        });
        if let Some(row) = missing {
            return Err(format!("missing after a restore of {}: {row:?}", then.today));
        }
    }
    Ok(())
}
