//! Channels: the ways of reaching people, what every message must carry, and what is checked first.

use crate::name::{ChannelId, KindId};
use crate::source::Span;

/// A way of reaching people: `mailing`, `email`, `call`, `text`, `letter`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    /// Its number in this version of the policy.
    pub id: ChannelId,
    /// Its name: `mailing`.
    pub name: String,
    /// Its title: "news by e-mail".
    pub title: String,
    /// The means it goes by.
    pub means: Means,
    /// Whether it goes to many at once: then every message carries a way to stop them.
    pub to_many: bool,
    /// The text every message ends with, `{notice}` and `{unsubscribe}` standing for links.
    pub footer: Option<String>,
    /// Where the footer is written.
    pub footer_span: Span,
    /// What becomes of what somebody sends us by it; nothing is filed by itself where the policy does not say.
    pub received: Option<Received>,
    /// What a number must be checked against before a marketing call.
    pub screening: Option<Screening>,
    /// What whoever calls says first, `{controller}` and `{phone}` standing for ours.
    pub script: Option<String>,
    /// What can come of a call.
    pub results: Vec<CallResult>,
    /// Where it is declared.
    pub span: Span,
}

/// `receives contact record, attachments as letters`: what is written to us is filed to whoever it came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// The kind of entry it is filed as.
    pub kind: KindId,
    /// The kind of document its attachments are kept as; they are not kept where the policy names none.
    pub attachments: Option<KindId>,
    /// Where it is written.
    pub span: Span,
}

/// One thing that can come of a call: `talked "We talked" is contact`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallResult {
    /// Its name, as it is recorded: `talked`.
    pub name: String,
    /// Its words for whoever calls.
    pub words: String,
    /// What has happened by it, if anything.
    pub is: Option<Happened>,
}

/// What has happened to a person by what came of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Happened {
    /// A two-way talk.
    Contact,
    /// They asked not to be called: an objection, and an end to what waits for it.
    AskedNotToCall,
    /// The subscriber said that they do not object (PECR 2003 reg 21(4)).
    DoesNotObject,
    /// They have left their organisation.
    LeftOrganisation,
    /// The number is no longer theirs.
    PhoneChanges,
}

impl Happened {
    /// Each with its words in the language.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Contact, "contact"),
        (Self::AskedNotToCall, "asked not to call"),
        (Self::DoesNotObject, "does not object"),
        (Self::LeftOrganisation, "left the organisation"),
        (Self::PhoneChanges, "phone changes"),
    ];
}

/// What carries a channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Means {
    /// One-to-one or bulk e-mail.
    Email,
    /// Telephone.
    Phone,
    /// Text message.
    Text,
    /// Letter.
    Post,
}

/// `screen tps, ctps, our own list; register files fewer than 28 days old`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Screening {
    /// Registers by name: `tps`, `ctps`.
    pub registers: Vec<String>,
    /// Whether the house list is looked at too.
    pub own_list: bool,
    /// A register file must be younger than this many days (PECR reg 21(3)).
    pub fewer_than_days: u16,
    /// Whether a recorded "does not object" of the subscriber lets the call through (reg 21(4)).
    pub unless_not_objecting: bool,
    /// Whom else the author would not screen, as written, with its place. The law binds: everybody is screened.
    pub others_unless: Vec<(String, Span)>,
    /// Where it is written.
    pub span: Span,
}

/// `never send marketing to coaching client while a programme runs`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prohibition {
    /// What is never done.
    pub what: Forbidden,
    /// Categories it protects, empty for everyone.
    pub to: Vec<crate::name::CategoryId>,
    /// While this kind of work runs (from its opening to its last milestone).
    pub while_work: Option<crate::name::WorkId>,
    /// Only after this event of work.
    pub after: Option<String>,
    /// `unless consented`: a standing consent of the person lets it through.
    pub unless_consented: bool,
    /// `unless a processor has it`: a declared processor is let through.
    pub unless_processor: bool,
    /// `unless as the law requires, to protect a life`: a share that states one of these reasons is let through.
    pub unless_reasons: Vec<crate::activity::ShareReason>,
    /// The sentence as written.
    pub words: String,
    /// Where it is written.
    pub span: Span,
}

/// What a prohibition forbids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Forbidden {
    /// `send marketing`: every message and call whose purpose is direct marketing.
    SendMarketing,
    /// `send anything`: every message and call, rights replies and breach notices excepted.
    SendAnything,
    /// `share anything for marketing, sale`: for any of these; `share anything` where none is named.
    Share(Vec<String>),
    /// `share outside PLACE`, `unless safeguarded` being the flag.
    ShareOutside {
        /// The place.
        place: String,
        /// Whether a safeguard lets it through.
        unless_safeguarded: bool,
    },
}
