//! The rights desk as the policy has it: how people ask, what it costs them, when and how they are answered.

use jiff::Span as Period;

/// One register of requests: `access: person, request, received, answer, answered`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register {
    /// Its name: `access`, `erasure`, `no contact`.
    pub name: String,
    /// Its columns, from the words the language knows: person, name, initials, organisation, request,
    /// received, answer, answered, actions.
    pub columns: Vec<String>,
}

/// How requests are answered.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Our own shorter period, where the policy promises one.
    pub own_period: Option<Period>,
    /// The registers kept.
    pub registers: Vec<Register>,
    /// The ways of asking that the policy names, as written: e-mail, phone, letter; `in writing`, `through ...`.
    pub asked: Vec<String>,
    /// Whose identity is asked for.
    pub identity: Identity,
    /// What is charged.
    pub charge: Charge,
    /// For how long the answer to a complex request may take, counted from its receipt (UK GDPR Art 12A).
    pub extend: Option<Period>,
    /// Whoever asked to be erased hears that it was done, before their address goes (UK GDPR Art 12(3)).
    pub confirm_erasure: bool,
    /// For how many days the message that an erasure was done may hold the address it goes to: `within 14 days`.
    pub confirming_days: i64,
    /// Whoever asks or complains hears by e-mail at once, and by itself, that we have it.
    pub acknowledge: bool,
    /// What is decided about others in a copy is read again by somebody else before it leaves (DPA 2018 Sch 2 para 16).
    pub copies_read_by_two: bool,
    /// For how many days the link by which a copy is fetched works: `fetched by a link within 14 days`.
    pub copies_days: i64,
    /// The form of what is handed out, as written: `PDF`.
    pub format: Vec<String>,
}

impl Default for Requests {
    /// What holds where a policy says nothing.
    fn default() -> Self {
        Self {
            own_period: None,
            registers: Vec::new(),
            asked: Vec::new(),
            identity: Identity::default(),
            charge: Charge::default(),
            extend: None,
            confirm_erasure: false,
            acknowledge: false,
            confirming_days: 30,
            copies_read_by_two: false,
            copies_days: 14,
            format: Vec::new(),
        }
    }
}

/// Of whom proof of identity is asked before a request is answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Identity {
    /// `only in doubt` (UK GDPR Art 12(6)).
    #[default]
    InDoubt,
    /// `of everybody`.
    Everybody,
}

/// What answering a request costs the person.
#[derive(Clone, Debug, Default)]
pub enum Charge {
    /// `nothing, unless unfounded or excessive` (UK GDPR Art 12(5)).
    #[default]
    Nothing,
    /// `10 pounds for each after the second in 3 months`.
    Each {
        /// Whole pounds.
        pounds: u16,
        /// How many are free.
        after: u16,
        /// In what time.
        within: Period,
    },
}
