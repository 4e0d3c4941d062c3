//! What a search in what is held about others found, as pages show it: who, what and when, with the words around, as far as
//! whoever looks may see it.

use custody::act::Asked;
use custody::id::{EntryId, PersonId};
use custody::{Gate, Grant, Sealed, Verb};
use policy::KindSet;
use store::mention::elsewhere::{Elsewhere, Sought};
use store::mention::prose::called;
use store::schema::KindOf;
use store::{Tx, entry, person};

use super::super::frame;
use super::super::people::capital;
use crate::acts::Acting;
use crate::acts::person::act;
use crate::fault::Fault;
use crate::print::copy;

/// How many characters of a text stand on either side of where it speaks of somebody.
const AROUND: usize = 70;

/// A line about others.
pub(super) struct Line {
    pub(super) href: String,
    /// What and when: `Contact record, Tue 3 Nov 2026`.
    pub(super) words: String,
    /// Whom it is about, as far as they may be named.
    pub(super) who: Vec<Sealed>,
    /// What it says there; nothing where whoever looks may not see it.
    pub(super) around: Option<Around>,
}

/// A piece of a text, and in it where it speaks of whoever asks.
pub(super) struct Around {
    pub(super) before: String,
    pub(super) there: String,
    pub(super) after: String,
}

/// Somebody, by name where whoever looks may see it, and in what of theirs it stands.
pub(super) struct Whom {
    pub(super) href: String,
    pub(super) name: Option<Sealed>,
    pub(super) within: String,
}

/// What was found, opened as far as may be.
pub(super) struct Shown {
    pub(super) lines: Vec<Line>,
    pub(super) lines_perhaps: Vec<Line>,
    pub(super) people: Vec<Whom>,
    pub(super) people_perhaps: Vec<Whom>,
    pub(super) alike: Vec<Whom>,
    /// What opens the names.
    pub(super) grant: Grant,
}

/// What opens what may be read of these people by whoever acts.
pub(super) fn reading(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: Vec<PersonId>,
) -> Result<(Vec<PersonId>, Grant), Fault> {
    let seen = person::within(tx, &acting.reach(), people)?;
    let lives = acting.lives(tx, &seen)?;
    let all: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let read = act(Verb::Read, None, Asked::WhatMayBeSeen(all));
    let grant = match acting.decide(&read, &lives.iter().collect::<Vec<_>>(), &Gate::default()) {
        // Nobody of them may be shown: then nothing is opened.
        Err(Fault::Refused(_)) => acting.decide(&read, &[], &Gate::default())?,
        decided => decided?,
    };
    if !grant.people().is_empty() {
        acting.opens("request.searched", &grant);
    }
    Ok((seen, grant))
}

/// Everything that was found.
pub(super) fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (found, sought): (&Elsewhere, &Sought),
) -> Result<Shown, Fault> {
    let load = |lines: &[i64]| {
        let lines: Vec<EntryId> = lines.iter().map(|id| EntryId(*id)).collect();
        entry::many(tx, &acting.policy, &lines)
    };
    let (lines, perhaps) = (load(&found.lines)?, load(&found.lines_perhaps)?);
    let of_lines = lines.iter().chain(&perhaps).flat_map(|line| line.people.iter().map(|(who, _)| *who));
    let listed = [&found.people, &found.people_perhaps, &found.alike].into_iter().flatten().copied();
    let mut everybody: Vec<PersonId> = listed.chain(of_lines).collect();
    everybody.sort_unstable();
    everybody.dedup();
    let (seen, grant) = reading(acting, tx, everybody)?;
    let names = super::super::work::names(acting, tx, &seen, &grant)?;
    let named = |who: PersonId| names.iter().find(|name| name.person() == who).cloned();
    // What sort of thing is held of somebody may say as much as what it says.
    let kind_of = |line: &entry::Entry| {
        let seen = line.people.iter().any(|(who, _)| grant.covers(*who, line.kind));
        let kind = acting.policy.kind(line.kind).filter(|_| seen);
        kind.map_or_else(|| "a line".to_owned(), |kind| kind.name.clone())
    };
    let line = |line: &entry::Entry| Line {
        href: format!("/entries/{}", line.id),
        words: format!("{}, {}", capital(&kind_of(line)), frame::words(line.on)),
        who: line.people.iter().filter_map(|(who, _)| named(*who)).collect(),
        around: copy::text(&line.body, &grant).ok().and_then(|text| around(sought, &text)),
    };
    let may_know = |who: PersonId, table: &str| match store::schema::table(table).map(|table| &table.kind) {
        Some(KindOf::Record(name)) => {
            acting.policy.kind_named(name).is_some_and(|kind| grant.covers(who, kind.id))
        }
        _ => grant.people().contains_key(&who),
    };
    let whom = |some: &[PersonId]| {
        let whom = some.iter().map(|who| Whom {
            href: format!("/people/{who}"),
            name: named(*who),
            within: found.within.get(who).map_or_else(String::new, |tables| {
                let tables = tables.iter().filter(|table| may_know(*who, table));
                tables.map(|table| called(table)).collect::<Vec<_>>().join(", ")
            }),
        });
        whom.collect::<Vec<_>>()
    };
    Ok(Shown {
        lines: lines.iter().map(line).collect(),
        lines_perhaps: perhaps.iter().map(line).collect(),
        people: whom(&found.people),
        people_perhaps: whom(&found.people_perhaps),
        alike: whom(&found.alike),
        grant,
    })
}

/// A text around where it speaks of whoever is looked for.
fn around(sought: &Sought, text: &str) -> Option<Around> {
    let place = sought.place(text)?;
    let (before, there, after) = (text.get(..place.start)?, text.get(place.clone())?, text.get(place.end..)?);
    let mut last: Vec<char> = before.chars().rev().take(AROUND).collect();
    last.reverse();
    let cut = |long: bool| if long { "\u{2026}" } else { "" };
    Some(Around {
        before: format!("{}{}", cut(before.chars().count() > AROUND), last.into_iter().collect::<String>()),
        there: there.to_owned(),
        after: format!(
            "{}{}",
            after.chars().take(AROUND).collect::<String>(),
            cut(after.chars().count() > AROUND)
        ),
    })
}
