//! Staff accounts and how they come in.

use super::column::{KindOf, Owner, Table, at, bytes, date, flag, id, index, int, text, to};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "staff",
        what: "a staff account",
        owner: Owner::Staff("id"),
        kind: KindOf::Record("staff record"),
        columns: &[
            id("id").identifier(),
            text("name").value(),
            text("email").value(),
            text("role"),
            id("person_id").null().identifier(),
            text("password").null(),
            bytes("totp").null(),
            flag("totp_confirmed"),
            date("since"),
            date("until").null(),
            int("failures"),
            int("notice_version").null(),
            at("locked_until").null(),
            at("created_at"),
            int("version"),
        ],
        key: &["id"],
        indexes: &[
            index("staff_by_email", "email").unique().only("until IS NULL"),
            index("staff_by_person", "person_id").only("person_id IS NOT NULL"),
        ],
    },
    Table {
        name: "session",
        what: "a sign-in that lasts",
        owner: Owner::Staff("staff_id"),
        kind: KindOf::Part,
        columns: &[
            bytes("hash"),
            to("staff_id", "staff").identifier(),
            at("created_at"),
            at("seen_at"),
            at("expires_at"),
            flag("second_factor"),
            text("address").null().value(),
            text("agent").null().value(),
        ],
        key: &["hash"],
        indexes: &[index("session_by_expiry", "expires_at")],
    },
    Table {
        name: "sign_in_attempt",
        what: "a sign-in that failed, by keyed hash of what was tried and from where",
        owner: Owner::Hash("who"),
        kind: KindOf::Part,
        columns: &[id("id"), at("at"), bytes("who").identifier(), bytes("from_where").null().identifier()],
        key: &["id"],
        indexes: &[
            index("sign_in_attempt_by_who", "who, at"),
            index("sign_in_attempt_by_where", "from_where, at"),
            index("sign_in_attempt_by_at", "at"),
        ],
    },
];
