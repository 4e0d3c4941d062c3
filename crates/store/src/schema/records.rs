//! The records of what people agreed to, refused, and to whom their data went.

use super::column::{KindOf, Owner, Table, at, date, flag, id, index, int, person, text, to};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "consent",
        what: "what you agreed to, when and how",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("consent record"),
        columns: &[
            id("id"), person("person_id"), text("activity"), id("engagement_id").null(), text("form"), id("document_id").null(),
            date("given_on"), date("withdrawn_on").null(), text("withdrawn_how").null().value(), date("lapses_on").null(),
            text("wording").value(), int("notice_version").null(), text("how").value(), id("recorded_by").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[
            index("consent_by_person", "person_id, activity"),
            index("consent_lapsing", "lapses_on").only("withdrawn_on IS NULL AND lapses_on IS NOT NULL"),
            index("consent_by_document", "document_id").only("document_id IS NOT NULL"),
        ],
    },
    Table {
        name: "objection",
        what: "what you asked us to stop",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("objection record"),
        columns: &[
            id("id"), person("person_id"), text("scope"), text("named").null(), date("made_on"), date("upheld_on").null(),
            date("lifted_on").null(), text("how").value(), text("words").null().value(), id("request_id").null(), id("recorded_by").null(),
            at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[index("objection_by_scope", "scope, person_id")],
    },
    Table {
        name: "disclosure",
        what: "whom we passed your details to",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("disclosure record"),
        columns: &[
            id("id"), person("person_id"), text("recipient").value(), id("recipient_person_id").null().identifier(),
            text("kinds"), text("activity"), text("reason"), id("engagement_id").null(), text("safeguard").null(),
            text("place").null(), date("on_date"), date("ended_on").null(), id("disclosed_by").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[
            index("disclosure_by_recipient", "recipient_person_id").only("recipient_person_id IS NOT NULL"),
            index("disclosure_by_engagement", "engagement_id").only("engagement_id IS NOT NULL"),
        ],
    },
    Table {
        name: "paper",
        what: "where a paper file about you is kept",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("paper record"),
        columns: &[
            id("id"), person("person_id"), id("engagement_id").null(), text("what").value(), text("place").value(),
            date("since"), date("destroyed_on").null(), id("recorded_by").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[],
    },
    Table {
        name: "register_file",
        what: "an official list of numbers not to be called, as it was loaded",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            id("id"), text("register"), date("file_on"), int("numbers"), int("junk"), at("loaded_at"), id("loaded_by").null(), flag("complete"),
        ],
        key: &["id"],
        indexes: &[index("register_file_newest", "register, file_on, id")],
    },
    Table {
        name: "register_block",
        what: "a run of sorted numbers of such a list",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            to("register_id", "register_file"), int("first"), int("last"),
            super::column::bytes("numbers"),
        ],
        key: &["register_id", "first"],
        indexes: &[],
    },
    Table {
        name: "screening",
        what: "that your number was looked up before a call, where and with what result",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("call record"),
        columns: &[
            id("id"), person("person_id").null(), id("organisation_id").null(), text("number").value(), text("register"),
            date("register_on"), flag("listed"), date("on_date"), id("screened_by").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[index("screening_by_number", "number, on_date"), index("screening_of_nobody", "on_date, id").only("person_id IS NULL")],
    },
    Table {
        name: "not_objecting",
        what: "that you said you do not object to our calls",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("call record"),
        columns: &[
            id("id"), person("person_id").null(), id("organisation_id").null(), text("number").value(), text("said_by").value(),
            date("said_on"), date("withdrawn_on").null(), id("recorded_by").null(), at("recorded_at"),
        ],
        key: &["id"],
        indexes: &[index("not_objecting_by_number", "number")],
    },
    Table {
        name: "call",
        what: "a call we made to you",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("call record"),
        columns: &[
            id("id"), person("person_id").null(), id("organisation_id").null(), text("number").value(), text("activity"),
            at("at"), date("on_date"), text("screened").null(), text("outcome").value(), text("note").null().value(),
            id("called_by").null(),
        ],
        key: &["id"],
        indexes: &[index("call_by_date", "on_date, id"), index("call_to_nobody", "on_date, id").only("person_id IS NULL")],
    },
];
