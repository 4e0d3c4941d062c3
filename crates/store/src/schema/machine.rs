//! What the program keeps for itself: settings, the policy's versions, the log, jobs, sweeps, the search index.

use super::column::{KindOf, Owner, Table, at, bytes, date, flag, id, index, int, person, text, to};

/// Tables that stand before everything else.
pub(super) const FIRST: &[Table] = &[
    Table {
        name: "setting",
        what: "a setting of the instance",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[text("name"), text("value")],
        key: &["name"],
        indexes: &[],
    },
    Table {
        name: "policy_version",
        what: "a version of the policy, as it was adopted",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[int("version"), date("from_on"), at("adopted_at"), id("adopted_by").null(), text("files"), bytes("hash")],
        key: &["version"],
        indexes: &[],
    },
];

/// Tables that stand after everything else.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "search_text",
        what: "what a person is found by",
        owner: Owner::Person("id"),
        kind: KindOf::Part,
        columns: &[person("id"), text("normal").value()],
        key: &["id"],
        indexes: &[index("search_text_by_normal", "normal")],
    },
    Table {
        name: "visit",
        what: "a visit to a public page by somebody unknown, kept until it is counted",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[id("id"), at("at"), text("path"), text("from_site").null()],
        key: &["id"],
        indexes: &[index("visit_by_at", "at")],
    },
    Table {
        name: "visit_count",
        what: "how often a public page was visited on a day",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[date("on_date"), text("path"), int("visits")],
        key: &["on_date", "path"],
        indexes: &[],
    },
    Table {
        name: "attestation",
        what: "what a member of staff signed as true of the organisation",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            id("id"), text("what"), text("role"), to("staff_id", "staff"), date("on_date"), date("lapses_on"),
            text("evidence").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[index("attestation_by_what", "what, lapses_on")],
    },
    Table {
        name: "log_event",
        what: "what happened: ids, kinds and counts, never a value",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            id("id"), at("at"), text("actor"), text("act"), text("body").null(), bytes("nonce").null(), int("place").null(),
        ],
        key: &["id"],
        indexes: &[
            index("log_event_by_place", "place").unique(),
            index("log_event_unplaced", "id").only("place IS NULL"),
            index("log_event_by_act", "act, id"),
        ],
    },
    Table {
        name: "log_subject",
        what: "whom an event of the log concerns, by number",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[id("person_id"), id("event_id")],
        key: &["person_id", "event_id"],
        indexes: &[index("log_subject_by_event", "event_id")],
    },
    Table {
        name: "log_leaf",
        what: "the hash of an event, in its place",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[int("place"), bytes("hash")],
        key: &["place"],
        indexes: &[],
    },
    Table {
        name: "log_checkpoint",
        what: "what the whole log hashed to when it had a size, signed",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[int("size"), bytes("root"), bytes("frontier"), at("at"), bytes("signature")],
        key: &["size"],
        indexes: &[],
    },
    Table {
        name: "sweep_run",
        what: "one night's sweep: what was due, what went, what was left and why",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            id("id"), date("on_date"), at("started_at"), at("ended_at").null(), int("settled"), int("disposed"), int("held"),
            int("tasks"), text("detail").null(),
        ],
        key: &["id"],
        indexes: &[index("sweep_run_by_date", "on_date")],
    },
    Table {
        name: "job",
        what: "when a recurring job ran last and how it went",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            text("name"), text("state"), at("started_at").null(), at("ended_at").null(), at("next_at").null(),
            flag("ok").null(), text("detail").null(), text("server").null(),
        ],
        key: &["name"],
        indexes: &[],
    },
];
