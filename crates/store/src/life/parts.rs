//! The parts of a life as queries, put together into one: all that is known about some people comes in one answer,
//! one row for each fact.
//!
//! Every row has the same columns: which part it is, whose, four numbers, and nine texts. What a part does not fill
//! is empty. The numbers and texts of each part stand in its query in the order in which `gather` reads them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use policy::phrase::LEFT_THE_ORGANISATION;

use super::rows::{DOCUMENTS, records};
use crate::asked::Asked;
use crate::life_event;

/// The number each part goes by in its rows.
pub(super) mod part {
    pub const PERSON: i64 = 0;
    pub const CATEGORY: i64 = 1;
    pub const WORK: i64 = 2;
    pub const MILESTONE: i64 = 3;
    pub const AGREEMENT: i64 = 4;
    pub const HOLD_ON_WORK: i64 = 5;
    pub const ASSIGNED: i64 = 6;
    pub const CONSENT: i64 = 7;
    pub const OBJECTION: i64 = 8;
    pub const NOT_ENTERED: i64 = 9;
    pub const COLLECTED: i64 = 10;
    pub const ENTRIES: i64 = 11;
    pub const MESSAGES: i64 = 12;
    pub const EVENT: i64 = 14;
    pub const GROUND: i64 = 15;
    pub const RESTRICTION: i64 = 16;
    pub const HOLD: i64 = 17;
    pub const ASKED: i64 = 18;
    pub const FACT: i64 = 19;
    pub const BORN: i64 = 20;
    pub const BIRTHS: i64 = 21;
    pub const SAID: i64 = 22;
    pub const OF_WORK: i64 = 23;
    pub const ENDS: i64 = 24;
    pub const RECORD: i64 = 25;
}

/// What everybody is asked for. The first one says of what type each column is.
const ALWAYS: &[&str] = &[
    "SELECT 0, id, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),
        CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT),
        CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT)
        FROM person WHERE id {people} AND into_person_id IS NULL",
    "SELECT 1, person_id, id, NULL, NULL, NULL, category, since, until, NULL, NULL, NULL, NULL, NULL, NULL
        FROM person_category WHERE person_id {people} AND annulled_at IS NULL",
    "SELECT 2, p.person_id, e.id, e.created_at, NULL, NULL, e.work, p.part, p.since, p.until, e.opened_on, e.closed_on, NULL, NULL, NULL
        FROM engagement_person p JOIN engagement e ON e.id = p.engagement_id WHERE p.person_id {people}",
    "SELECT 3, p.person_id, m.id, m.engagement_id, NULL, NULL, m.name, m.on_date, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM engagement_person p JOIN milestone m ON m.engagement_id = p.engagement_id
        WHERE p.person_id {people} AND m.undone_at IS NULL",
    "SELECT 4, person_id, id, engagement_id, NULL, NULL, period, reason, agreed_on, NULL, NULL, NULL, NULL, NULL, NULL
        FROM agreement WHERE person_id {people}",
    // A hold stands in a row for each of its helpers, or in one without any.
    "SELECT 5, p.person_id, h.id, h.owner_id, x.staff_id, NULL, h.since, h.review_on, h.ended_on, NULL, NULL, NULL, NULL, NULL, NULL
        FROM engagement_person p JOIN hold h ON h.engagement_id = p.engagement_id LEFT JOIN hold_helper x ON x.hold_id = h.id
        WHERE p.person_id {people}",
    "SELECT 6, p.person_id, s.staff_id, s.engagement_id, NULL, NULL, s.since, s.until, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM engagement_person p JOIN engagement_staff s ON s.engagement_id = p.engagement_id WHERE p.person_id {people}",
    "SELECT 7, person_id, id, engagement_id, document_id, recorded_at, activity, form, given_on, lapses_on, withdrawn_on, confirm_by, confirmed_on, NULL, NULL
        FROM consent WHERE person_id {people}",
    "SELECT 8, person_id, id, recorded_at, NULL, NULL, scope, named, made_on, upheld_on, lifted_on, NULL, NULL, NULL, NULL
        FROM objection WHERE person_id {people}",
    "SELECT 14, v.person_id, NULL, NULL, NULL, NULL, v.name, v.on_date, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM life_event v WHERE v.person_id {people} AND {speaks}",
    // Somebody has left when the last organisation they belonged to, or the last post they had with us, has been left.
    "SELECT 14, person_id, NULL, NULL, NULL, NULL, '{left}', MAX(until), NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM belonging WHERE person_id {people} GROUP BY person_id HAVING COUNT(*) = COUNT(until)",
    "SELECT 14, person_id, NULL, NULL, NULL, NULL, 'left', MAX(until), NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM staff WHERE person_id {people} GROUP BY person_id HAVING COUNT(*) = COUNT(until)",
    // All of them, stopped ones too: what ended by the person's own will must not begin again by itself.
    "SELECT 15, person_id, id, engagement_id, swept_at, NULL, rule, opened_on, due_on, review_on, awaiting, reviewed_on, state, stopped_on, cause
        FROM ground WHERE person_id {people}",
    "SELECT 16, person_id, id, owner_id, NULL, NULL, since, review_on, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM restriction WHERE person_id {people} AND lifted_on IS NULL",
    "SELECT 17, h.person_id, h.id, h.owner_id, x.staff_id, NULL, h.since, h.review_on, h.ended_on, NULL, NULL, NULL, NULL, NULL, NULL
        FROM hold h LEFT JOIN hold_helper x ON x.hold_id = h.id WHERE h.person_id {people}",
    // While the clock of one is paused no day ends it.
    "SELECT 18, person_id, NULL, NULL, NULL, NULL, kind, CASE WHEN COUNT(*) = COUNT(due_on) THEN MAX(due_on) ELSE NULL END, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM request
        WHERE person_id {people} AND kind IN ('access', 'portability', 'restriction') AND answered_on IS NULL AND closed_on IS NULL GROUP BY person_id, kind",
];

/// What only clocks read: days on which something came in or went out, and what the program keeps of its own, one
/// row for each kind: when the latest was written, how many are open, when the last was closed.
const FOR_CLOCKS: &[&str] = &[
    "SELECT 9, person_id, id, NULL, NULL, NULL, activity, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM not_entered WHERE person_id {people} AND entered_on IS NULL",
    // Of what happens often only the first and the last day are kept: no clock asks for more.
    "SELECT 10, person_id, NULL, NULL, NULL, NULL, MIN(collected_on), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM item WHERE person_id {people} GROUP BY person_id",
    "SELECT 11, p.person_id, MAX(e.recorded_at), MAX(e.id), NULL, NULL, e.kind, e.direction, MIN(e.on_date), MAX(e.on_date),
            NULL, NULL, NULL, NULL, NULL
        FROM entry_person p JOIN entry e ON e.id = p.entry_id WHERE p.person_id {people} GROUP BY p.person_id, e.kind, e.direction",
    "SELECT 12, person_id, MIN(sent_at), MAX(sent_at), MAX(queued_at), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM message WHERE person_id {people} GROUP BY person_id",
    // Where the first row of a ground goes by itself.
    "SELECT 24, person_id, id, row_at, NULL, NULL, row_on, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM ground WHERE person_id {people} AND row_on IS NOT NULL",
];

const FACTS: &[&str] = &[
    "SELECT 19, person_id, id, engagement_id, NULL, NULL, name, value, on_date, NULL, NULL, NULL, NULL, NULL, NULL
        FROM fact WHERE person_id {people} AND undone_at IS NULL",
];

const BIRTHS: &[&str] = &[
    "SELECT 20, person_id, id, NULL, NULL, NULL, value, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM item WHERE person_id {people} AND kind = 'date of birth'",
    "SELECT 21, p.person_id, p.engagement_id, o.person_id, NULL, NULL, i.value, o.part, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM engagement_person p JOIN engagement_person o ON o.engagement_id = p.engagement_id
        LEFT JOIN item i ON i.person_id = o.person_id AND i.kind = 'date of birth' WHERE p.person_id {people}",
];

/// What was said before grounds ended.
const SAID: &[&str] = &[
    "SELECT 22, person_id, ground_id, NULL, NULL, NULL, says, ends_on, said_on, NULL, NULL, NULL, NULL, NULL, NULL
        FROM parting WHERE person_id {people}",
];

/// What the work itself holds that they are on.
const OF_WORK: &[&str] = &[
    "SELECT DISTINCT 23, p.person_id, g.id, g.engagement_id, g.swept_at, CAST(NULL AS BIGINT), g.rule, g.opened_on, g.due_on, g.review_on, g.awaiting, g.reviewed_on, g.state, g.stopped_on, g.cause
        FROM engagement_person p JOIN ground g ON g.engagement_id = p.engagement_id WHERE p.person_id {people} AND g.person_id IS NULL",
];

/// How much of a life is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// What only clocks read.
    pub for_clocks: bool,
    /// Of these one document of each kind.
    pub documents: bool,
    /// Facts that periods hang on.
    pub facts: bool,
    /// Birthdays.
    pub births: bool,
    /// What was said before grounds ended.
    pub said: bool,
    /// The grounds of work itself.
    pub of_work: bool,
}

/// The question for some people, each kind of it put together once.
pub(super) fn question(wanted: Wanted, asked: &Asked) -> Arc<str> {
    static KNOWN: RwLock<BTreeMap<(Wanted, usize), Arc<str>>> = RwLock::new(BTreeMap::new());
    let key = (wanted, asked.length());
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Arc::clone(known);
    }
    let records = if wanted.for_clocks { records() } else { Vec::new() };
    let parts = [
        (true, ALWAYS),
        (wanted.for_clocks, FOR_CLOCKS),
        (wanted.documents, DOCUMENTS),
        (wanted.facts, FACTS),
        (wanted.births, BIRTHS),
        (wanted.said, SAID),
        (wanted.of_work, OF_WORK),
    ];
    let parts = parts.into_iter().filter(|(wanted, _)| *wanted).flat_map(|(_, parts)| parts);
    let parts = parts.copied().chain(records.iter().map(String::as_str));
    let text = parts.collect::<Vec<_>>().join("\nUNION ALL ");
    let text = text.replace("{speaks}", &life_event::speaks()).replace("{left}", LEFT_THE_ORGANISATION);
    let text: Arc<str> = asked.sql(&text).into();
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&text));
    text
}
