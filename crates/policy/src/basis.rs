//! Lawful bases: why an activity may happen at all (UK GDPR Art 6).

use jiff::{Span as Period, civil::Date};

use crate::name::KindId;
use crate::source::Span;

/// How consent must be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsentForm {
    /// `signed on consent form`: a signed document of this kind must be on file.
    Signed(KindId),
    /// `opt-in, asked with evaluation form`: an affirmative act; silence is none.
    OptIn {
        /// The document the question goes out with, if any.
        asked_with: Option<KindId>,
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

/// Why special-category or criminal-offence data may be held, beside the basis (UK GDPR Art 9(2), 10).
#[derive(Clone, Debug)]
pub struct Condition {
    /// Which.
    pub ground: Ground,
    /// The paragraph of Schedule 1 it meets, as the author names it: "DPA 2018 Sch 1 para 18".
    pub under: Option<String>,
    /// The file of the appropriate policy document (DPA 2018 Sch 1 para 39).
    pub document: Option<String>,
    /// How often that document is reviewed.
    pub review: Option<Period>,
    /// When it was last reviewed.
    pub last: Option<Date>,
    /// Where it is written.
    pub span: Span,
}

/// The conditions the law knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ground {
    /// Art 9(2)(a). Holds only where the basis is consent given in words or by signature.
    ExplicitConsent,
    /// Art 9(2)(b).
    EmploymentLaw,
    /// Art 9(2)(c).
    VitalInterests,
    /// Art 9(2)(d): of bodies with political, philosophical, religious or union aims only.
    Members,
    /// Art 9(2)(e).
    MadePublic,
    /// Art 9(2)(f).
    LegalClaims,
    /// Art 9(2)(g).
    SubstantialPublicInterest,
    /// Art 9(2)(h).
    HealthCare,
    /// Art 9(2)(i).
    PublicHealth,
    /// Art 9(2)(j).
    Research,
    /// Art 10(1): criminal-offence data under the control of official authority.
    OfficialAuthority,
}

impl Ground {
    /// Every condition with the words a policy uses for it, and its place in the law.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::ExplicitConsent, "explicit consent", "UK GDPR Art 9(2)(a)"),
        (Self::EmploymentLaw, "employment law", "UK GDPR Art 9(2)(b)"),
        (Self::VitalInterests, "vital interests", "UK GDPR Art 9(2)(c)"),
        (Self::Members, "members", "UK GDPR Art 9(2)(d)"),
        (Self::MadePublic, "made public", "UK GDPR Art 9(2)(e)"),
        (Self::LegalClaims, "legal claims", "UK GDPR Art 9(2)(f)"),
        (Self::SubstantialPublicInterest, "substantial public interest", "UK GDPR Art 9(2)(g)"),
        (Self::HealthCare, "health care", "UK GDPR Art 9(2)(h)"),
        (Self::PublicHealth, "public health", "UK GDPR Art 9(2)(i)"),
        (Self::Research, "research", "UK GDPR Art 9(2)(j)"),
        (Self::OfficialAuthority, "official authority", "UK GDPR Art 10(1)"),
    ];

    /// Whether it holds only together with a paragraph of Schedule 1 to the Data Protection Act 2018.
    #[must_use]
    pub fn needs_schedule(self) -> bool {
        matches!(
            self,
            Self::EmploymentLaw
                | Self::SubstantialPublicInterest
                | Self::HealthCare
                | Self::PublicHealth
                | Self::Research
        )
    }
}

impl Condition {
    /// Its words in the policy.
    #[must_use]
    pub fn words(&self) -> &'static str {
        Ground::ALL.iter().find(|(ground, ..)| *ground == self.ground).map_or("", |(_, words, _)| words)
    }

    /// Its article.
    #[must_use]
    pub fn article(&self) -> &'static str {
        Ground::ALL.iter().find(|(ground, ..)| *ground == self.ground).map_or("", |(_, _, article)| article)
    }

    /// The paragraph of Schedule 1 that `under` names.
    #[must_use]
    pub fn paragraph(&self) -> Option<u16> {
        let (_, after) = self.under.as_deref()?.rsplit_once("para")?;
        let digits: String = after
            .chars()
            .skip_while(|letter| !letter.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    }

    /// Whether it lets special-category data be held on this basis.
    #[must_use]
    pub fn covers_special(&self, basis: &Basis) -> bool {
        match self.ground {
            Ground::ExplicitConsent => basis.is_express_consent(),
            Ground::OfficialAuthority => false,
            ground => !ground.needs_schedule() || self.paragraph().is_some(),
        }
    }

    /// Whether it lets criminal-offence data be held on this basis (Art 10, DPA 2018 s.10(5)).
    #[must_use]
    pub fn covers_criminal(&self, basis: &Basis) -> bool {
        match self.ground {
            Ground::OfficialAuthority => true,
            Ground::ExplicitConsent => basis.is_express_consent(),
            _ => self.paragraph().is_some(),
        }
    }

    /// Whether the law asks for an appropriate policy document (DPA 2018 Sch 1 paras 1, 5, 39).
    #[must_use]
    pub fn needs_document(&self) -> bool {
        self.paragraph().is_some_and(|paragraph| paragraph == 1 || (6..=28).contains(&paragraph))
    }
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
