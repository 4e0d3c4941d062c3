//! Requests, complaints, incidents, and the tasks they make.

use super::column::{KindOf, Owner, Table, at, date, flag, id, index, int, person, text, to};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "request",
        what: "what you asked of us and how we answered",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("request record"),
        columns: &[
            id("id"), text("kind"), person("person_id").null(), text("asked_by").null().value(), text("initials").null().value(),
            text("organisation").null().value(), date("received_on"), text("channel"), text("words").null().value(),
            text("state"), date("due_on").null(), date("identity_asked_on").null(), date("identity_proved_on").null(),
            date("paused_on").null(), date("resumed_on").null(), date("extended_on").null(), text("extended_why").null().value(),
            date("answered_on").null(), text("answer").null().value(), date("closed_on").null(), to("owner_id", "staff").null(),
            id("recorded_by").null(), at("recorded_at"), int("version"),
        ],
        key: &["id"],
        indexes: &[
            index("request_open", "due_on, id").only("closed_on IS NULL"), index("request_by_kind", "kind, received_on, id"),
        ],
    },
    Table {
        name: "request_step",
        what: "what we did about your request",
        owner: Owner::Via { column: "request_id", table: "request" },
        kind: KindOf::Part,
        columns: &[
            id("id"), to("request_id", "request"), date("on_date"), text("step"), text("note").null().value(),
            id("recorded_by").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[],
    },
    Table {
        name: "complaint",
        what: "your complaint and how we answered",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("complaint record"),
        columns: &[
            id("id"), person("person_id").null(), text("asked_by").null().value(), date("received_on"), text("channel"),
            text("words").null().value(), date("acknowledged_on").null(), date("answered_on").null(),
            text("answer").null().value(), date("closed_on").null(), to("owner_id", "staff").null(), id("recorded_by").null(),
            at("recorded_at"), int("version"),
        ],
        key: &["id"],
        indexes: &[index("complaint_open", "received_on, id").only("closed_on IS NULL")],
    },
    Table {
        name: "incident",
        what: "what happened when your data was put at risk",
        owner: Owner::Links { table: "incident_person", column: "incident_id" },
        kind: KindOf::Record("incident record"),
        columns: &[
            id("id"), text("sort"), text("what").value(), at("found_at"), at("happened_at").null(), at("due_at").null(),
            text("risk").null().value(), text("decision").null().value(), at("regulator_told_at").null(),
            text("regulator_reference").null(), at("people_told_at").null(), text("measures").null().value(),
            date("closed_on").null(), to("owner_id", "staff").null(), id("recorded_by").null(), at("recorded_at"), int("version"),
        ],
        key: &["id"],
        indexes: &[index("incident_open", "due_at, id").only("closed_on IS NULL")],
    },
    Table {
        name: "incident_person",
        what: "that your data was part of an incident",
        owner: Owner::Person("person_id"),
        kind: KindOf::Part,
        columns: &[to("incident_id", "incident"), person("person_id"), at("told_at").null()],
        key: &["incident_id", "person_id"],
        indexes: &[],
    },
    Table {
        name: "task",
        what: "something a member of staff must do about you",
        owner: Owner::Person("person_id"),
        kind: KindOf::Part,
        columns: &[
            id("id"), text("kind"), text("what").value(), person("person_id").null(), id("engagement_id").null(),
            to("request_id", "request").null(), id("document_id").null(), id("paper_id").null(), id("entry_id").null(), id("ground_id").null(),
            flag("blocks"), to("owner_id", "staff").null(), text("role").null(), date("due_on").null(), at("created_at"),
            date("done_on").null(), id("done_by").null(), text("outcome").null().value(),
        ],
        key: &["id"],
        indexes: &[
            index("task_open", "due_on, id").only("done_on IS NULL"),
            index("task_by_document", "document_id").only("document_id IS NOT NULL"),
            index("task_by_paper", "paper_id").only("paper_id IS NOT NULL"),
        ],
    },
];
