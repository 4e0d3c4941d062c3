//! What leaves by mail, and links that work once.

use super::column::{KindOf, Owner, Table, at, bytes, date, id, index, int, person, text, to};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "mailing",
        what: "one text to many people",
        owner: Owner::None,
        kind: KindOf::None,
        columns: &[
            id("id"), text("title"), text("activity"), text("channel"), text("subject"), text("body"), text("state"),
            id("created_by").null(), at("created_at"), at("sent_at").null(), int("version"),
        ],
        key: &["id"],
        indexes: &[],
    },
    Table {
        name: "message",
        what: "a message we sent you",
        owner: Owner::Person("person_id"),
        kind: KindOf::Record("message record"),
        columns: &[
            id("id"), person("person_id").null(), to("mailing_id", "mailing").null(), text("sort"), text("activity").null(),
            text("channel"), text("address").value(), text("subject").value(), text("body").value(), text("html").null().value(),
            bytes("token").null(), text("state"), text("refusal").null(), date("queued_on"), at("queued_at"), at("not_before").null(),
            at("claimed_at").null(), at("sent_at").null(), int("attempts"), text("trouble").null(), id("request_id").null(),
            id("queued_by").null(),
        ],
        key: &["id"],
        indexes: &[
            index("message_waiting", "not_before, id").only("state = 'queued'"),
            index("message_by_token", "token").unique().only("token IS NOT NULL"),
            index("message_by_person", "person_id, queued_on"),
            index("message_to_nobody", "queued_on, id").only("person_id IS NULL"),
        ],
    },
    Table {
        name: "invitation",
        what: "a link that works once",
        owner: Owner::Person("person_id"),
        kind: KindOf::Part,
        columns: &[
            bytes("hash"), text("purpose"), to("staff_id", "staff").null(), person("person_id").null(), id("about_id").null(),
            at("created_at"), at("expires_at"), at("used_at").null(),
        ],
        key: &["hash"],
        indexes: &[index("invitation_by_expiry", "expires_at")],
    },
];
