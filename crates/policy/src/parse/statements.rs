//! Which statements there are, and which clauses stand under them. The reference page has one
//! example of each.

/// Statements that open a section or stand by themselves.
pub const OPENERS: &[&str] = &[
    "policy",
    "include",
    "category",
    "item",
    "entry",
    "document",
    "event",
    "fact",
    "work",
    "activity",
    "accept",
    "channel",
    "never",
    "notice",
    "ends",
    "requests",
    "incidents",
    "backups",
    "periods",
    "visits",
    "statistics",
    "form",
    "security",
    "role",
    "processor",
    "recipient",
    "promise",
];

/// The clauses of each section that has any.
pub const CLAUSES: &[(&str, &[&str])] = &[
    (
        "policy",
        &[
            "version",
            "law",
            "zone",
            "home",
            "controller",
            "contact",
            "address",
            "registered",
            "officer",
            "financial year",
            "complaints",
            "decisions",
            "review",
            "say",
        ],
    ),
    ("work", &["milestones", "people", "facts", "paid by", "agreement", "terms"]),
    (
        "activity",
        &[
            "for",
            "so that",
            "purpose",
            "basis",
            "condition",
            "data",
            "from",
            "where",
            "share",
            "send",
            "call",
            "keep",
            "because",
            "then",
            "was",
            "reading",
            "say",
        ],
    ),
    ("channel", &["by", "footer", "signature", "receives", "script", "results", "screen", "unless"]),
    ("notice", &["ordered", "given", "shown", "cookies"]),
    (
        "requests",
        &[
            "answer",
            "asked",
            "identity",
            "charge",
            "extend",
            "confirm",
            "acknowledge",
            "copies",
            "format",
            "register",
            "reading",
        ],
    ),
    ("periods", &["recipients", "by hand", "traces", "imports", "previews", "visitors"]),
    ("form", &["asks", "files", "tick"]),
    ("security", &["encrypted", "password", "attest"]),
    ("role", &["may see", "may do"]),
];

/// Words that carry a statement on when a line begins with them.
pub const CONNECTIVES: &[&str] = &["or", "and", "but", "unless", "if", "otherwise"];

/// The clauses that may stand under an opener.
#[must_use]
pub fn clauses_of(opener: &str) -> &'static [&'static str] {
    CLAUSES.iter().find(|(name, _)| *name == opener).map_or(&[], |(_, clauses)| clauses)
}
