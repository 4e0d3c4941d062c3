//! Small numbers standing for what one policy version declares. They index the policy's own lists
//! and are never stored: the database keeps names, which survive a new version.

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $id(pub u16);

        impl $id {
            /// The position in the policy's list.
            #[must_use]
            pub fn index(self) -> usize { usize::from(self.0) }
        }
    )*};
}

ids! {
    /// A category of person.
    CategoryId,
    /// A kind of item, entry, document or record.
    KindId,
    /// A kind of work (an engagement's type).
    WorkId,
    /// A processing activity.
    ActivityId,
    /// One `keep` clause of one activity.
    RuleId,
    /// A way of reaching people.
    ChannelId,
    /// A role of staff.
    RoleId,
}
