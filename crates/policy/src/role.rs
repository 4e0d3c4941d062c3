//! Roles of staff: who may see and do what, and how far they reach.

use crate::kind::KindSet;
use crate::name::{CategoryId, RoleId};
use crate::source::Span;

/// How far a role reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reach {
    /// Everyone the instance holds.
    All,
    /// People on work the member of staff is assigned to.
    Assigned,
}

/// One `may see` line of a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sight {
    /// People of these categories; empty for everyone.
    pub categories: Vec<CategoryId>,
    /// These kinds.
    pub kinds: KindSet,
    /// How far.
    pub reach: Reach,
    /// `only to answer a request`: opens only in acts that answer a rights request.
    pub only_to_answer: bool,
    /// Where it is written.
    pub span: Span,
}

/// What a role may do beside seeing. The names are what the policy writes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Deed {
    /// `add people`: add and change people within sight.
    AddPeople,
    /// `import`: bring in files.
    Import,
    /// `export`: take data out with a stated purpose.
    Export,
    /// `send`: write to people.
    Send,
    /// `call`: make and log calls.
    Call,
    /// `run work`: open, move and close engagements.
    RunWork,
    /// `answer requests`: the rights desk.
    AnswerRequests,
    /// `manage staff`: accounts and roles.
    ManageStaff,
    /// `manage policy`: adopt a policy version, holds, sweeps, backups.
    ManagePolicy,
}

impl Deed {
    /// Every deed with the words a policy uses for it.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::AddPeople, "add people"),
        (Self::Import, "import"),
        (Self::Export, "export"),
        (Self::Send, "send"),
        (Self::Call, "call"),
        (Self::RunWork, "run work"),
        (Self::AnswerRequests, "answer requests"),
        (Self::ManageStaff, "manage staff"),
        (Self::ManagePolicy, "manage policy"),
    ];
}

/// A role of staff.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Its number in this version of the policy.
    pub id: RoleId,
    /// Its name: `business manager`.
    pub name: String,
    /// What it may see.
    pub sights: Vec<Sight>,
    /// What it may do.
    pub deeds: Vec<Deed>,
    /// Where it is declared.
    pub span: Span,
}
