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
    "work",
    "activity",
    "accept",
    "channel",
    "never",
    "requests",
    "incidents",
    "backups",
    "visits",
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
            "complaints",
            "review",
            "say",
        ],
    ),
    ("work", &["milestones", "people", "paid by", "agreement"]),
    (
        "activity",
        &[
            "for", "so that", "purpose", "basis", "data", "from", "share", "send", "call", "keep", "then",
            "say",
        ],
    ),
    ("channel", &["by", "footer", "signature", "screen", "unless"]),
    ("requests", &["answer", "register"]),
    ("form", &["asks", "files"]),
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
