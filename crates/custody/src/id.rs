//! Identities of what the instance holds. Numbers only; they say nothing about anybody.

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $id(pub i64);

        impl std::fmt::Display for $id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    )*};
}

ids! {
    /// A person.
    PersonId,
    /// An organisation.
    OrganisationId,
    /// A piece of work with a life.
    EngagementId,
    /// An item: one value about a person.
    ItemId,
    /// A line of the timeline.
    EntryId,
    /// A file, or a paper document.
    DocumentId,
    /// A ground.
    GroundId,
    /// A consent record.
    ConsentId,
    /// An objection record.
    ObjectionId,
    /// A rights request.
    RequestId,
    /// A complaint.
    ComplaintId,
    /// An incident.
    IncidentId,
    /// A letter about what somebody asked.
    LetterId,
    /// A member of staff.
    StaffId,
    /// A mailing: one text to many people.
    MailingId,
    /// A text kept to begin others with.
    TemplateId,
    /// A message: one text to one person.
    MessageId,
    /// An import.
    ImportId,
    /// A task that someone must do.
    TaskId,
    /// A certificate of disposal.
    CertificateId,
}

/// Stands for whose something is while that is nobody we hold.
pub const NOBODY: PersonId = PersonId(0);
