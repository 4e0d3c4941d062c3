//! The words of incidents: what went wrong, how bad it may be, and who may have to be told.

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    /// Lost, stolen or destroyed.
    Lost,
    /// Seen by the wrong people, or it may have been.
    Seen,
    /// Changed by somebody who should not have.
    Changed,
    /// Nobody can get at it.
    Unreachable,
    /// Nobody knows yet.
    Unclear,
}

impl Sort {
    /// Every sort with its name and its words.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Lost, "lost", "Lost, stolen or destroyed"),
        (Self::Seen, "seen", "Seen by the wrong people, or it may have been"),
        (Self::Changed, "changed", "Changed, and should not have been"),
        (Self::Unreachable, "out of reach", "There, but nobody can get at it"),
        (Self::Unclear, "not clear", "Not clear yet"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sort, ..)| *sort == self).map_or("", |(_, name, _)| name)
    }

    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(sort, ..)| *sort == self).map_or("", |(.., words)| words)
    }

    /// The sort of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(sort, ..)| *sort)
    }
}

/// How bad it may be for the people whose data it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Risk {
    /// It is unlikely to hurt anybody: the regulator need not be told.
    Unlikely,
    /// It may hurt somebody: the regulator is told.
    Possible,
    /// It may hurt somebody badly: they are told as well.
    High,
}

impl Risk {
    /// Every risk with its name and its words.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Unlikely, "unlikely", "It is unlikely to hurt anybody"),
        (Self::Possible, "a risk", "It may hurt somebody"),
        (Self::High, "a high risk", "It may hurt somebody badly"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(risk, ..)| *risk == self).map_or("", |(_, name, _)| name)
    }

    /// The risk of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(risk, ..)| *risk)
    }
}

/// Who may have to be told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Whom {
    /// The regulator.
    Regulator,
    /// The people whose data it is.
    People,
    /// Organisations that we work for or with.
    Organisations,
    /// The police, where a crime is suspected.
    Police,
}

impl Whom {
    /// Each of them with its name, the step that says whether they are to be told, and the one that says that they were.
    pub const ALL: &[(Self, &'static str, &'static str, &'static str)] = &[
        (Self::Regulator, "regulator", "regulator considered", "regulator told"),
        (Self::People, "people", "people considered", "people told"),
        (Self::Organisations, "organisations", "organisations considered", "organisations told"),
        (Self::Police, "police", "police considered", "police told"),
    ];

    fn words(self) -> (&'static str, &'static str, &'static str) {
        let found = Self::ALL.iter().find(|(whom, ..)| *whom == self);
        found.map_or(("", "", ""), |(_, name, considered, told)| (name, considered, told))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// The step that says whether they are to be told.
    #[must_use]
    pub fn considered(self) -> &'static str {
        self.words().1
    }

    /// The step that says that they were told.
    #[must_use]
    pub fn told(self) -> &'static str {
        self.words().2
    }

    /// From which risk on the law has them told, or somebody say why not (UK GDPR Art 33(1), 34(1)).
    #[must_use]
    pub fn told_from(self) -> Option<Risk> {
        match self {
            Self::Regulator => Some(Risk::Possible),
            Self::People => Some(Risk::High),
            Self::Organisations | Self::Police => None,
        }
    }

    /// Who is named so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, ..)| *known == name).map(|(whom, ..)| *whom)
    }
}
