//! What the author's own sentences say that the law no longer does, as data: the words, what must stand beside them and
//! what must not. Decides nothing.

/// What to look for in a sentence. Words are lower case.
pub(super) struct Row {
    pub(super) code: &'static str,
    /// Any of these.
    pub(super) says: &'static [&'static str],
    /// And any of each of these.
    pub(super) with: &'static [&'static [&'static str]],
    /// And none of these.
    pub(super) unless: &'static [&'static str],
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

const fn row(
    code: &'static str,
    says: &'static [&'static str],
    message: &'static str,
    help: &'static str,
) -> Row {
    Row { code, says, with: &[], unless: &[], message, help }
}

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

pub(super) const ROWS: &[Row] = &[
    Row {
        unless: &["no longer", "invalid", "struck down"],
        ..row(
            "E-SHIELD",
            &["privacy shield", "safe harbour", "safe harbor"],
            "this framework no longer exists",
            "name the safeguard that holds today",
        )
    },
    Row {
        unless: &["as it forms part of", "uk gdpr"],
        ..row(
            "W-EU-LAW",
            &["2016/679", "eu gdpr", "european general data protection", "eu general data protection"],
            "this is not the law of the United Kingdom",
            "say `UK GDPR and Data Protection Act 2018`",
        )
    },
    row(
        "W-OLD-ARTICLE",
        &["article 77", "art 77", "art. 77", "article 22", "art 22", "art. 22"],
        "this article is no longer there",
        "complaints: s.165 of the Data Protection Act 2018; automated decisions: Arts 22A to 22D",
    ),
    row(
        "W-OLD-ARTICLE",
        &["data protection act 1998", "data protection act 1984", "dpa 1998", "95/46"],
        "this law was repealed",
        "say `UK GDPR and Data Protection Act 2018`",
    ),
    Row {
        with: &[&["consent", "agree", "accept", "opted in", "permission"]],
        unless: &["no consent", "not consent", "is a no", "not mean", "not agree", "never agree"],
        ..row(
            "W-IMPLIED",
            &[
                "by using this",
                "by using our",
                "by using the",
                "by continuing to",
                "by browsing",
                "by visiting",
                "by accessing",
                "by entering",
                "by submitting",
                "by sending us",
                "by providing",
                "by giving us",
                "by registering",
                "by signing up",
                "by contacting us",
                "continued use",
                "your use of",
                "if you do not object",
                "if we do not hear",
                "if you say nothing",
                "unless you tell us",
                "unless you opt out",
                "unless you object",
                "unless you untick",
                "deemed to",
                "assume that you",
                "silence",
                "pre-ticked",
                "already ticked",
                "ticked for you",
            ],
            "nobody consents by doing something else, or nothing",
            "ask, and record a clear yes",
        )
    },
    Row {
        with: &[&["share", "pass", "give", "disclos", "sell", "send", "provide", "transfer"]],
        unless: &[
            "never",
            "not share",
            "not pass",
            "not give",
            "not sell",
            "not disclose",
            "nobody",
            "nothing",
        ],
        ..row(
            "W-WHO-GETS-IT",
            &[
                "third parties",
                "third party",
                "our partners",
                "selected partner",
                "trusted partner",
                "chosen partner",
                "business partner",
                "commercial partner",
                "marketing partner",
                "carefully selected",
                "our affiliates",
                "group companies",
                "anyone we choose",
                "whoever we choose",
                "anybody we choose",
            ],
            "this does not say who gets it",
            "name each recipient with `share ... with NAME, to ...`",
        )
    },
    Row {
        with: &[&["right", "data", "details", "consent", "object", "information", "breach"]],
        unless: &["fee", "nobody", "does not mean", "do not lose", "not lose", "never lose"],
        ..row(
            "W-WAIVER",
            &[
                "waive",
                "give up your right",
                "give up the right",
                "giving up your right",
                "lose your right",
                "lose the right",
                "you have no right to",
                "you cannot object",
                "you may not object",
                "you cannot withdraw",
                "you may not withdraw",
                "cannot be withdrawn",
                "no liability",
                "not be liable",
                "are not liable",
                "not responsible for any",
                "not be held responsible",
                "at your own risk",
            ],
            "nobody can sign this away",
            "take the sentence out",
        )
    },
    Row {
        with: &[&["request", "access", "see your data", "what we hold", "your right", "copy of your data"]],
        unless: &["doubt", "not sure", "cannot tell", "may ask", "might ask", "may have to", "may need to"],
        ..row(
            "W-PROOF-OF-WHO",
            &[
                "passport",
                "driving licence",
                "proof of identity",
                "proof of your identity",
                "proof of who you are",
                "photo id",
                "photographic id",
                "identity document",
                "identification document",
                "utility bill",
            ],
            "proof is asked of everybody",
            "say `we may ask who you are where we are in doubt`",
        )
    },
    Row {
        with: &[&["change", "amend", "revise", "update", "alter"]],
        unless: &["we tell you", "will tell you", "let you know", "we inform you", "will inform you"],
        ..row(
            "W-UNTOLD",
            &[
                "without notice",
                "without prior notice",
                "without further notice",
                "without telling you",
                "without informing you",
                "at any time without",
                "at our discretion",
                "your responsibility to check",
                "you should check",
                "please check this page",
            ],
            "people must be told of what changes for them",
            "say `we tell you before it changes`",
        )
    },
    row(
        "W-AGREE",
        &[
            "read and agree",
            "agree to our privacy",
            "agree to the privacy",
            "agree to this privacy",
            "accept our privacy",
            "accept the privacy",
            "accept this privacy",
            "tick to show that you have read",
            "tick to confirm that you have read",
            "tick the box to confirm",
        ],
        "nobody has to agree to a notice",
        "ask for each consent apart, and let people read the notice",
    ),
    Row {
        unless: &["not keep", "never keep", "no data is kept"],
        ..row(
            "W-WORDS-INDEFINITE",
            &[
                "indefinitely",
                "indefinite period",
                "for ever",
                "forever",
                "in perpetuity",
                "perpetual",
                "for all time",
                "for eternity",
                "until further notice",
                "no time limit",
                "without any limit",
                "without time limit",
                "without limit of time",
                "never destroy",
                "unlimited period",
                "unlimited time",
                "never delete",
                "never erase",
                "never deleted",
                "never erased",
                "keep everything",
            ],
            "this says that data is kept with no end",
            "let `keep` say how long",
        )
    },
    Row {
        with: &[&["keep", "kept", "store", "stored", "retain", "hold", "held"]],
        unless: &["permanently erase", "permanently delete", "permanently remove", "permanently destroy"],
        ..row(
            "W-WORDS-INDEFINITE",
            &["permanently", "for life", "without limitation", "without any limitation"],
            "this says that data is kept with no end",
            "let `keep` say how long",
        )
    },
    row(
        "W-VAGUE",
        &[
            "as long as necessary",
            "as long as is necessary",
            "as long as it is necessary",
            "as long as needed",
            "as long as we need",
            "as long as likely to be needed",
            "as long as they are likely to be needed",
            "as long as we consider",
            "as long as we think",
            "as long as we wish",
            "as long as we want",
            "as long as we like",
            "as long as we have a business",
            "as long as required",
            "as long as is required",
            "as long as reasonably",
            "as long as is reasonable",
            "appropriate period",
            "suitable period",
            "longer than necessary",
            "longer than is necessary",
            "reasonable period",
        ],
        "this is neither a period nor how one is found",
        "leave it out: the notice says in words how long",
    ),
    row(
        "W-EXHAUSTIVE",
        &["not exhaustive", "non-exhaustive", "not limited to", "without limitation", "among other purposes"],
        "a list of purposes must be whole",
        "name every purpose, each in an activity",
    ),
    Row {
        with: &[&["notice", "policy", "this information"]],
        ..row(
            "W-PASS-ON",
            &[
                "pass it on",
                "pass this on",
                "pass on this",
                "pass on our",
                "pass on the",
                "pass our",
                "forward this",
                "share this with your",
                "hand it on",
            ],
            "the duty to tell people stays with you",
            "tell them yourselves within a month",
        )
    },
    Row {
        unless: &["complaint", "acknowledge"],
        ..row(
            "W-THIRTY-DAYS",
            &["within 30 days", "within thirty days"],
            "the law's month is shorter in February",
            "say `within a month`",
        )
    },
    Row {
        with: &[&["request", "right", "see what", "your data", "apply"]],
        unless: &["or in writing", "need not", "do not have to", "consent"],
        ..row(
            "W-WRITING",
            &[
                "must be in writing",
                "must be made in writing",
                "must be sent",
                "must be submitted",
                "must be put in writing",
                "must be addressed",
                "must be made by",
                "must be made on",
                "must be made through",
                "must be made using",
                "should be made in writing",
                "should be sent in writing",
                "should be submitted in writing",
                "have to be in writing",
                "has to be in writing",
                "need to be in writing",
                "needs to be in writing",
                "have to be made in writing",
                "put your request in writing",
                "make your request in writing",
                "only in writing",
                "in writing only",
                "only by post",
                "by post only",
                "only by letter",
                "by letter only",
                "only accept written",
                "only accept requests",
                "accept requests only",
                "not accept requests",
                "not accepted by phone",
                "must write",
                "through your manager",
                "through your line manager",
                "must use our form",
                "must use the form",
                "must fill in our form",
                "must fill in the form",
                "must complete our form",
                "must complete the form",
                "apply in writing",
                "ask in writing",
                "request in writing",
                "cannot be accepted",
                "are not accepted",
                "not be accepted",
            ],
            "a request counts in whatever way it comes",
            "say `in any way you like`",
        )
    },
    Row {
        with: &[&["withdraw", "take back", "take it back", "take your consent back"]],
        unless: &["or in writing", "need not"],
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
            &["£", "fee of", "a fee", "pounds", "gbp", "charge of", "we charge", "charge you"],
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
        unless: &["csv", "json", "xml"],
        ..row(
            "W-PDF",
            &["as pdf", "as a pdf", "in pdf", "pdf format"],
            "a PDF is not machine-readable",
            "offer CSV or JSON too",
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
    Row {
        with: &[&["detect", "severity", "confirmed", "investigated"]],
        unless: &["aware"],
        ..row(
            "W-DETECTED",
            &["72 hours"],
            "the hours run from becoming aware",
            "say `within 72 hours of becoming aware`",
        )
    },
];
