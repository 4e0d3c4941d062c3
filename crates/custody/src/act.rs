//! Acts: what someone wants to do with personal data, as data.

use policy::activity::Purpose;
use policy::role::Deed;
use policy::{ActivityId, ChannelId, KindSet, RoleId};

use crate::id::{EngagementId, StaffId};

/// Who acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// A member of staff in a role.
    Staff {
        /// Who.
        id: StaffId,
        /// In which role of the policy in force.
        role: RoleId,
    },
    /// The program itself: sweep, index, backup, sender, import undo. The name goes into the log.
    System(&'static str),
    /// The person concerned, by a link only they have.
    Subject,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verb {
    /// Show in a list or a search result.
    List,
    /// Read on the person's page.
    Read,
    /// Store a new datum.
    Store,
    /// Write down what somebody asks of us under their rights, or that something went wrong: anybody of the staff may, of anybody,
    /// and sees nothing by it.
    TakeDown,
    /// Change a datum by hand.
    Change,
    /// Take a datum away by hand.
    Remove,
    /// Write down that something happened to a person, also while what we hold of them is out of use for a time: that time may
    /// count from it.
    Happened,
    /// Send a message.
    Send,
    /// Telephone.
    Call,
    /// Say to a person that something of theirs ends, or ask whether it shall go on, as the clause promises.
    Part,
    /// Pass to a recipient.
    Disclose,
    /// Take out of the system.
    Export,
    /// Answer a request of the person: read everything about them, for them.
    Answer,
    /// Look into an incident: read and write what stands of it, whoever was in it. Who they are is opened as everywhere.
    Investigate,
    /// Decide about what is restricted, held or past its review: find them, and see who they are.
    Decide,
    /// Say that what is held is still needed, or that somebody no longer is what they are held as.
    Review,
    /// Take back what was recorded by a slip and ended something, before the night has taken it.
    TakeBack,
    /// Let go.
    Dispose,
    /// Do by hand what a clause ended with: give back, deliver, destroy. Then what waited for it goes.
    Finish,
    /// Open what an open task has somebody hand over, and where it goes: until that is done, though its use has ended.
    HandOver,
    /// Keep the index, the cache, a backup: the program's own upkeep.
    Maintain,
}

/// Which kinds an act asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Exactly these: all or refusal.
    Exactly(KindSet),
    /// Whatever of these may be had: reading a page shows what it may and says what it may not.
    WhatMayBeSeen(KindSet),
}

/// An act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act {
    /// What is done.
    pub verb: Verb,
    /// What a role needs beside sight, if anything.
    pub deed: Option<Deed>,
    /// To which kinds.
    pub kinds: Asked,
    /// For what purpose; `None` where any active ground will do (reading a page).
    pub purpose: Option<Purpose>,
    /// Under which activity, where the actor named one (an import, a mailing).
    pub activity: Option<ActivityId>,
    /// On which work, for entries and documents.
    pub engagement: Option<EngagementId>,
    /// By which channel.
    pub channel: Option<ChannelId>,
    /// To which recipient, as the policy names it.
    pub recipient: Option<String>,
}
