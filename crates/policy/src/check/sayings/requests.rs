//! Sentences about requests, complaints, consent taken back, copies, backups and breaches, as data.

use super::{Row, row};

/// Sentences about money that ask for none, or for what the law allows.
const FREE: &[&str] = &[
    "no fee",
    "not a fee",
    "without a fee",
    "no charge",
    "without charge",
    "charge nothing",
    "never charge",
    "not charge",
    "nothing to pay",
    "free of charge",
    "are free",
    "unfounded",
    "excessive",
    "course fee",
    "membership fee",
];

/// Words beside which a fee is for what people buy, or is none, or is one the law allows.
const OTHER_FEES: &[&str] = &[
    "no fee",
    "not a fee",
    "without a fee",
    "unfounded",
    "excessive",
    "course",
    "session",
    "member",
    "training",
    "ticket",
    "hire",
    "subscription",
    "event",
    "lesson",
    "tuition",
    "licen",
    "contract",
    "work",
    "service",
    "coach",
];

pub(in super::super) const REQUESTS: &[Row] = &[
    Row {
        with: &[&["withdraw", "take back", "take it back", "take your consent back"]],
        unless: &["or in writing", "need not", "by phone", "by telephone", "in any way", "in any other way"],
        ..row(
            "W-WITHDRAW-WRITING",
            &["in writing", "by post", "by letter"],
            "withdrawing must be as easy as giving",
            "say `at any time, in any way`",
        )
    },
    Row {
        with: &[&[
            "portab",
            "machine-readable",
            "machine readable",
            "another provider",
            "another organisation",
        ]],
        unless: &["contract"],
        ..row(
            "W-PORTABILITY",
            &["consent"],
            "what was given under a contract can be taken along too",
            "say `under your consent or a contract`",
        )
    },
    Row {
        with: &[&["request", "copy", "copies", "access", "see your data", "what we hold", "answer"]],
        unless: FREE,
        ..row(
            "W-FEE",
            &[
                "administration charge",
                "handling charge",
                "pence",
                "£",
                "fee of",
                "a fee",
                "pounds",
                "gbp",
                "charge of",
                "we charge",
                "charge you",
            ],
            "requests are free",
            "take the fee out",
        )
    },
    Row {
        with: &[&["fee of", "fee applies", "fee is payable", "fee is charged", "fee will be"]],
        unless: OTHER_FEES,
        ..row(
            "W-FEE",
            &["a fee", "an administration fee", "an administrative fee"],
            "requests are free",
            "take the fee out",
        )
    },
    Row {
        unless: &["beyond use", "out of use", "not used"],
        ..row(
            "W-BACKUP-WORDS",
            &[
                "backups expire",
                "backups have expired",
                "backups age out",
                "backups are gone",
                "until the backup",
                "when the backup",
            ],
            "erasure does not wait for backups",
            "say that what is left in backups is out of use until they go",
        )
    },
    Row {
        with: &[&["complain"]],
        ..row(
            "W-ON-REQUEST",
            &["on request", "upon request", "if you ask for it"],
            "how to complain is told to everybody",
            "say in the notice how to complain to you",
        )
    },
];
