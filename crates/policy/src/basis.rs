//! Lawful bases: why an activity may happen at all (UK GDPR Art 6).

use jiff::{Span as Period, civil::Date};

use crate::name::KindId;

/// How consent must be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsentForm {
    /// `signed on consent form`: a signed document of this kind must be on file.
    Signed(KindId),
    /// `opt-in, asked with evaluation form`: an affirmative act; silence is none.
    OptIn {
        /// The document the question goes out with, if any.
        asked_with: Option<KindId>,
        /// `confirmed by e-mail within 7 days`: it counts once they press the link that is mailed to them, and is forgotten after
        /// so many days.
        confirmed: Option<u16>,
    },
    /// `explicit`: a spoken or written statement (UK GDPR Art 9(2)(a)).
    Explicit,
}

/// Why an activity may happen (UK GDPR Art 6(1)).
#[derive(Clone, Debug)]
pub enum Basis {
    /// Art 6(1)(a).
    Consent {
        /// The form asked for.
        form: ConsentForm,
        /// The event of work before which it must be given: `before first session`.
        before: Option<String>,
    },
    /// Art 6(1)(b), `at_request`: steps at the person's request before a contract.
    Contract {
        /// Steps taken at the person's own request.
        at_request: bool,
    },
    /// Art 6(1)(c).
    LegalObligation {
        /// The law, as the author names it: "UK GDPR Art 12".
        law: String,
    },
    /// Art 6(1)(d).
    VitalInterests,
    /// Art 6(1)(e).
    PublicTask {
        /// The law that sets the task.
        law: String,
    },
    /// Art 6(1)(ea): one of the conditions of Annex 1.
    RecognisedInterest {
        /// The condition's name.
        condition: String,
    },
    /// Art 6(1)(f).
    LegitimateInterests {
        /// The file the assessment is in, or `None` where there is no assessment.
        assessed: Option<String>,
        /// How often the assessment is reviewed.
        review: Option<Period>,
        /// When it was last reviewed.
        last: Option<Date>,
        /// Whose details it may write to without having asked (PECR 2003 reg 22).
        soft_opt_in: Option<SoftOptIn>,
    },
}

/// Who may be written to by e-mail or text without prior consent, each message carrying a way out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SoftOptIn {
    /// `soft opt-in of customers`: got in a sale or its negotiation, for similar things (reg 22(3)).
    Customers,
    /// `soft opt-in of supporters`: got by a charity from who showed interest or gave support (reg 22(3A)).
    Supporters,
}

impl Basis {
    /// Whether it is consent given in words or by signature, which is a condition for any kind of data.
    #[must_use]
    pub fn is_express_consent(&self) -> bool {
        matches!(self, Self::Consent { form: ConsentForm::Signed(_) | ConsentForm::Explicit, .. })
    }

    /// The basis in a few words, as a notice says it.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Consent { form: ConsentForm::Signed(_), .. } => "your signed consent",
            Self::Consent { .. } => "your consent",
            Self::Contract { at_request: true } => "steps you asked us to take before a contract",
            Self::Contract { .. } => "our contract with you",
            Self::LegalObligation { .. } => "a legal duty",
            Self::VitalInterests => "protecting someone's life",
            Self::PublicTask { .. } => "a task in the public interest",
            Self::RecognisedInterest { .. } => "a recognised legitimate interest",
            Self::LegitimateInterests { .. } => "our legitimate interests",
        }
    }
}
