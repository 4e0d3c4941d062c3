//! A processing activity: one row of the register of processing, one section of the notice.

use jiff::civil::Date;

use crate::basis::{Basis, ConsentForm};
use crate::condition::Condition;
use crate::kind::KindSet;
use crate::name::{ActivityId, CategoryId, ChannelId, KindId, RuleId, WorkId};
use crate::source::Span;

/// What an activity is for. Names follow W3C DPV 2.3 purposes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Purpose {
    /// `ServiceProvision`: doing the work people came for.
    ServiceProvision,
    /// `DirectMarketing`: promoting aims or services to someone by name.
    DirectMarketing,
    /// `VendorManagement`: working with suppliers and associates.
    VendorManagement,
    /// `CommunicationManagement`: correspondence.
    CommunicationManagement,
    /// `RightsFulfilment`: answering requests and complaints.
    RightsFulfilment,
    /// `LegalCompliance`: what a law requires.
    LegalCompliance,
    /// `RecordManagement`: proof of what was done.
    RecordManagement,
    /// `EnforceSecurity`: staff accounts, logs, incidents.
    EnforceSecurity,
    /// `PersonnelManagement`: staff and applicants.
    PersonnelManagement,
    /// `ResearchAndDevelopment`: statistics and evaluation.
    ResearchAndDevelopment,
}

impl Purpose {
    /// Every purpose with its DPV name, in the order the reference page lists them.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::ServiceProvision, "ServiceProvision"),
        (Self::DirectMarketing, "DirectMarketing"),
        (Self::VendorManagement, "VendorManagement"),
        (Self::CommunicationManagement, "CommunicationManagement"),
        (Self::RightsFulfilment, "RightsFulfilment"),
        (Self::LegalCompliance, "LegalCompliance"),
        (Self::RecordManagement, "RecordManagement"),
        (Self::EnforceSecurity, "EnforceSecurity"),
        (Self::PersonnelManagement, "PersonnelManagement"),
        (Self::ResearchAndDevelopment, "ResearchAndDevelopment"),
    ];

    /// In words: "direct marketing".
    #[must_use]
    pub fn words(self) -> String {
        let name = Self::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, name)| name);
        let mut words = String::with_capacity(name.len() + 2);
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.push(letter.to_ascii_lowercase());
        }
        words
    }

    /// The purpose people mean by a word: `marketing`, or a purpose's own name. Raising funds and campaigning are direct
    /// marketing too (DPA 2018 s.122(5): any advertising or marketing material, which aims and ideals are as well).
    #[must_use]
    pub fn said(word: &str) -> Option<Self> {
        if ["marketing", "fundraising", "campaigning"].iter().any(|known| known.eq_ignore_ascii_case(word)) {
            return Some(Self::DirectMarketing);
        }
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(purpose, _)| *purpose)
    }
}

/// The source of what people give us themselves, as policies write it.
pub const THE_PERSON: &str = "the person";

/// Whether somebody stands behind a source of details who could pass something on: not where they come from the person, nor
/// from what anybody can read.
#[must_use]
pub fn has_sender(source: &str) -> bool {
    const READ: &[&str] = &[
        "public",
        "published",
        "website",
        "websites",
        "register",
        "registers",
        "media",
        "forum",
        "forums",
        "form",
        "forms",
        "talk",
        "talks",
    ];
    let source = source.to_lowercase();
    let mut words = source.split(|letter: char| !letter.is_alphanumeric());
    source != THE_PERSON && !words.any(|word| READ.contains(&word))
}

/// Whom an activity is for: `coaching client, once completed`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForWhom {
    /// The category.
    pub category: CategoryId,
    /// Only once this event of their work has happened: `once completed`.
    pub once: Option<String>,
}

/// One `share` clause: what goes to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    /// Which kinds.
    pub kinds: KindSet,
    /// To whom, as written: `the coach`, `associate`, a recipient's or processor's name.
    pub with: String,
    /// What for, as written: `to confirm`.
    pub what_for: Option<String>,
    /// The milestone it waits for: `after offered`. Nothing goes before.
    pub after: Option<String>,
    /// `once they are told`: nothing goes before we wrote to the person, or talked with them, about it.
    pub once_told: bool,
    /// Why it may go at all, where a reason of its own is stated.
    pub reason: Option<ShareReason>,
    /// The event that ends it: `completed`, `another is chosen`.
    pub until: Option<String>,
    /// `then destroyed`: whoever had it confirms that no copy is left.
    pub then_destroyed: bool,
    /// Where it is written.
    pub span: Span,
}

impl Share {
    /// Whether it names this recipient: `the coach` in the policy is the coach of an act.
    #[must_use]
    pub fn is_with(&self, recipient: &str) -> bool {
        bare(&self.with) == bare(recipient)
    }
}

/// A recipient as it is compared.
fn bare(name: &str) -> String {
    let name = name.trim();
    name.strip_prefix("the ").unwrap_or(name).to_lowercase()
}

/// Why something is passed on, beside the activity's own purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ShareReason {
    /// `as the law requires`.
    Law,
    /// `to protect a life`.
    Life,
    /// `to defend our rights`.
    Rights,
    /// `if the business is sold`.
    Sale,
}

impl ShareReason {
    /// Every reason with the words a policy uses for it.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Law, "as the law requires"),
        (Self::Life, "to protect a life"),
        (Self::Rights, "to defend our rights"),
        (Self::Sale, "if the business is sold"),
    ];

    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("", |(_, words)| words)
    }
}

/// `reading "6+1 years" as "seven years after the request is closed"`: a sentence that could be read in several ways,
/// and the reading that is enforced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The activity it stands under; `None` for the requests section.
    pub activity: Option<ActivityId>,
    /// What the organisation says.
    pub said: String,
    /// What is done.
    pub meant: String,
    /// Whether what is published leaves out on which basis it is done (UK GDPR Art 13(1)(c)).
    pub names_no_basis: bool,
    /// Where it is written.
    pub span: Span,
}

/// A processing activity.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its number in this version of the policy.
    pub id: ActivityId,
    /// Its name, kept in the database: `coaching`.
    pub name: String,
    /// Its title in the notice: "Coaching sessions".
    pub title: String,
    /// Whom it is for. Empty for housekeeping that concerns everyone (`for everyone`).
    pub for_whom: Vec<ForWhom>,
    /// Whether it is `for everyone`: it opens for a person when the program first keeps one of its records.
    pub for_everyone: bool,
    /// The author's sentence: "we can arrange your sessions".
    pub so_that: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// The lawful basis.
    pub basis: Basis,
    /// Where the basis is written.
    pub basis_span: Span,
    /// What special-category and criminal data held here rest on beside the basis.
    pub conditions: Vec<Condition>,
    /// Every kind the activity may hold.
    pub kinds: KindSet,
    /// Each kind of `data` with its place.
    pub data: Vec<(KindId, Span)>,
    /// Where data comes from, as written.
    pub from: Vec<String>,
    /// The processors and own systems in which its data lies, as `where` names them.
    pub places: Vec<String>,
    /// Why its data is kept as long as it is, in the author's words: `because "..."`.
    pub because: Vec<String>,
    /// What is shared.
    pub shares: Vec<Share>,
    /// Channels it may use.
    pub channels: Vec<ChannelId>,
    /// The kind of work it belongs to, when its gate or clocks speak of work.
    pub work: Option<WorkId>,
    /// Its `keep` clauses.
    pub rules: Vec<RuleId>,
    /// Where the activity is declared.
    pub span: Span,
}

impl Activity {
    /// Whether what it rests on can come about by filling in a public form. A signature cannot; nor can a consent to what promotes us, or one
    /// that has to be confirmed: anybody can write anybody's address, and would agree for them.
    #[must_use]
    pub fn rests_on_a_form(&self) -> bool {
        match &self.basis {
            Basis::Consent {
                form: ConsentForm::OptIn { confirmed: None, .. } | ConsentForm::Explicit,
                before: None,
            } => self.purpose != Purpose::DirectMarketing,
            Basis::Consent { .. } => false,
            _ => true,
        }
    }
}

/// `accept CODE in ACTIVITY because "..." until DATE`: a finding lived with knowingly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accept {
    /// The finding's code.
    pub code: String,
    /// What is named after `in`: an activity, processor, recipient, channel, kind of work or of data, category, role,
    /// or a section such as `head` or `requests`; `None` for the whole policy.
    pub activity: Option<String>,
    /// The reason.
    pub because: String,
    /// The day on which it lapses.
    pub until: Date,
    /// Where it is written.
    pub span: Span,
}
