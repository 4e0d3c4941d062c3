//! Conditions: what special-category and criminal-offence data need beside a lawful basis (UK GDPR Art 9(2) and 10,
//! DPA 2018 Sch 1). Says what an author may write, and never whether it is true.

use crate::kind::Sensitivity;
use crate::source::Span;

/// One condition of the law, by the words a policy uses for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// The words: `employment law`.
    pub words: &'static str,
    /// Where it stands for special-category data; `None` if it serves none.
    pub special: Option<&'static str>,
    /// Where it stands for data about offences; `None` if it serves none.
    pub criminal: Option<&'static str>,
    /// Whether an appropriate policy document must exist (DPA 2018 Sch 1 para 39).
    pub needs_document: bool,
    /// Whether the author must say in quotes which: `substantial public interest, "safeguarding"`.
    pub needs_name: bool,
    /// The condition as the notice says it.
    pub notice: &'static str,
}

/// Every condition this version of the language can state.
pub const CONDITIONS: &[Known] = &[
    known(
        "explicit consent",
        Some("UK GDPR Art 9(2)(a)"),
        Some("DPA 2018 Sch 1 para 29"),
        "you have said clearly that you agree",
    ),
    Known {
        needs_document: true,
        ..known(
            "employment law",
            Some("UK GDPR Art 9(2)(b), DPA 2018 Sch 1 para 1"),
            Some("DPA 2018 Sch 1 para 1"),
            "the law of employment asks for it",
        )
    },
    known(
        "vital interests",
        Some("UK GDPR Art 9(2)(c)"),
        Some("DPA 2018 Sch 1 para 30"),
        "somebody's life may depend on it and they cannot agree themselves",
    ),
    known(
        "members of a not-for-profit body",
        Some("UK GDPR Art 9(2)(d)"),
        Some("DPA 2018 Sch 1 para 31"),
        "you belong to us or are in touch with us, and it stays with us",
    ),
    known(
        "made public by the person",
        Some("UK GDPR Art 9(2)(e)"),
        Some("DPA 2018 Sch 1 para 32"),
        "you have made it public yourself",
    ),
    known(
        "legal claims",
        Some("UK GDPR Art 9(2)(f)"),
        Some("DPA 2018 Sch 1 para 33"),
        "it is needed for a claim before a court or tribunal",
    ),
    Known {
        needs_document: true,
        needs_name: true,
        ..known(
            "substantial public interest",
            Some("UK GDPR Art 9(2)(g), DPA 2018 s.10(3)"),
            Some("DPA 2018 s.10(5), Sch 1 Part 2"),
            "the public has a strong interest in it that the law names",
        )
    },
    known(
        "health or social care",
        Some("UK GDPR Art 9(2)(h), DPA 2018 Sch 1 para 2"),
        Some("DPA 2018 Sch 1 para 2"),
        "it is needed for health or social care",
    ),
    known(
        "public health",
        Some("UK GDPR Art 9(2)(i), DPA 2018 Sch 1 para 3"),
        Some("DPA 2018 Sch 1 para 3"),
        "it is needed for everyone's health",
    ),
    known(
        "research",
        Some("UK GDPR Art 9(2)(j), DPA 2018 Sch 1 para 4"),
        Some("DPA 2018 Sch 1 para 4"),
        "it is needed for research, with safeguards for you",
    ),
];

const fn known(
    words: &'static str,
    special: Option<&'static str>,
    criminal: Option<&'static str>,
    notice: &'static str,
) -> Known {
    Known { words, special, criminal, needs_document: false, needs_name: false, notice }
}

/// `condition employment law, policy document "assessments/employment.md"`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Which of [`CONDITIONS`].
    pub known: &'static Known,
    /// Which one of several, where the law lists them: "safeguarding of children and of individuals at risk".
    pub name: Option<String>,
    /// The file of the appropriate policy document.
    pub document: Option<String>,
    /// Where it is written.
    pub span: Span,
}

impl Condition {
    /// Whether it lets data of this sensitivity be used at all; ordinary data needs none. An express consent is a
    /// basis as well, and serves through that: stating it here does not make one.
    #[must_use]
    pub fn serves(&self, sensitivity: Sensitivity) -> bool {
        if self.known.words == "explicit consent" {
            return matches!(
                sensitivity,
                Sensitivity::Ordinary | Sensitivity::Confidential | Sensitivity::Financial
            );
        }
        match sensitivity {
            Sensitivity::Special => self.known.special.is_some(),
            Sensitivity::Criminal => self.known.criminal.is_some(),
            _ => true,
        }
    }

    /// Whether it lacks what the law wants beside it: the policy document.
    #[must_use]
    pub fn lacks_document(&self) -> bool {
        self.known.needs_document && self.document.is_none()
    }
}
