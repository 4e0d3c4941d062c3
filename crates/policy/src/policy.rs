//! One version of one organisation's policy, resolved: names bound, numbers given, nothing unknown left.

use std::collections::BTreeMap;

use jiff::{Span as Period, civil::Date};

use crate::activity::{Accept, Activity, Reading};
use crate::channel::{Channel, Prohibition};
pub use crate::desk::{Charge, Identity, Register, Requests};
use crate::kind::{Kind, KindSet, Sensitivity};
use crate::name::{ActivityId, CategoryId, ChannelId, KindId, RoleId, RuleId, WorkId};
use crate::periods::Own;
use crate::role::Role;
use crate::rule::Rule;
use crate::source::{File, Span};

/// A category of person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// Its number in this version of the policy.
    pub id: CategoryId,
    /// Its name: `coaching client`.
    pub name: String,
    /// Its words in the notice: "our coaching clients".
    pub words: String,
    /// Where it is declared.
    pub span: Span,
}

/// A role people have on work: `client is coaching client`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The part: `client`.
    pub name: String,
    /// The category that someone in this part has.
    pub category: CategoryId,
}

/// A fact that periods may hang on: `facts employed by the client: yes or no`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// Its name: `employed by the client`.
    pub name: String,
    /// Its words in the notice, said to the person: "you were employed by the client".
    pub words: String,
    /// What it may be: `yes`, `no`; or `upheld`, `settled`; empty where it is a date.
    pub values: Vec<String>,
    /// What it is while nothing is recorded: `no unless recorded`.
    pub default: Option<String>,
    /// The kind of work it is about; else it is about the person.
    pub work: Option<WorkId>,
    /// Where it is declared.
    pub span: Span,
}

/// Something that happens to a person, declared by the policy: `event payment "you paid us"`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonEvent {
    /// Its name: `payment`.
    pub name: String,
    /// Its words in the notice, said to the person: "you paid us".
    pub words: String,
    /// Where it is declared.
    pub span: Span,
}

/// What became of a rule of an earlier version.
#[derive(Clone, Copy, Debug)]
pub enum Successor<'a> {
    /// It is still there under its key, or this one says it `was` it.
    Rule(&'a Rule),
    /// It `ends` on purpose.
    Ends,
    /// Nothing says what became of it.
    Gone,
}

/// A kind of work with a life.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Work {
    /// Its number in this version of the policy.
    pub id: WorkId,
    /// Its name: `programme`.
    pub name: String,
    /// Its title: "coaching programme".
    pub title: String,
    /// Its milestones in order; the last one ends it.
    pub milestones: Vec<String>,
    /// The parts people play. The first is whom the work is for.
    pub parts: Vec<Part>,
    /// Who may pay, as written: `the client`, `an organisation`.
    pub paid_by: Vec<String>,
    /// The document sent when one of them pays: `agreement service agreement, sent when the client pays`.
    pub agreement: Option<Agreement>,
    /// What that document says, a paragraph each: `{client}`, `{controller}`, `{contact}` and `{date}` are filled in.
    pub terms: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A document that the program writes and sends, depending on who pays for the work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Which document.
    pub document: KindId,
    /// When this payer pays, one of the work's `paid by`.
    pub when: String,
    /// Where it is written.
    pub span: Span,
}

/// Which of the UK's nations' bank holidays count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Nation {
    /// England and Wales.
    EnglandWales,
    /// Scotland.
    Scotland,
    /// Northern Ireland.
    NorthernIreland,
}

/// Something stated, or not, with the reason: `none, because "..."`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stated {
    /// The number or name.
    Yes(String),
    /// Not, and why.
    No {
        /// The reason.
        because: String,
    },
}

/// Whom to write to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// Title of the person: "Business manager".
    pub title: String,
    /// E-mail address.
    pub email: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Postal address.
    pub address: Option<String>,
}

impl Contact {
    /// On one line: who, where, and by what to reach them.
    #[must_use]
    pub fn written(&self) -> String {
        let parts = [Some(&self.title), self.address.as_ref(), Some(&self.email), self.phone.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// A company that processes for us: `processor NAME in PLACE under SAFEGUARD, holds KINDS`.
#[derive(Clone, Debug)]
pub struct Processor {
    /// Its name.
    pub name: String,
    /// What it does for us.
    pub does: String,
    /// Where it keeps data: `UK`, `USA`.
    pub place: String,
    /// The safeguard as written: `data bridge`, `IDTA signed 2026-03-01`.
    pub safeguard: Option<String>,
    /// Where the safeguard is written.
    pub safeguard_span: Span,
    /// The file its assessment is in.
    pub assessed: Option<String>,
    /// When the safeguard was last checked.
    pub checked: Option<Date>,
    /// The day the contract with it was signed (UK GDPR Art 28(3)).
    pub contract: Option<Date>,
    /// The day it was last looked at whether it is fit to be trusted (Art 28(1)).
    pub screened: Option<Date>,
    /// How often it is looked at.
    pub review: Option<Period>,
    /// What it may hold.
    pub kinds: KindSet,
    /// Where it is declared.
    pub span: Span,
}

/// What is measured by a person, not the program: `attest "locked office" by ROLE every year`.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// What is attested.
    pub what: String,
    /// The role that signs.
    pub by: String,
    /// How long a signature holds.
    pub every: Period,
    /// Where it is written.
    pub span: Span,
}

/// `statistics "What we report to funders" of client; over 3 years; hide counts under 5`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statistics {
    /// Its title.
    pub title: String,
    /// Whom it counts; empty for everybody.
    pub of: Vec<CategoryId>,
    /// Counts below this are hidden, and those that would give them away.
    pub hide_under: u16,
    /// Over how many years it counts: that of the day on which it is made, and those before.
    pub years: i16,
    /// Where it is written.
    pub span: Span,
}

/// How and when people are told: the `notice` section.
#[derive(Clone, Debug, Default)]
pub struct NoticeGiven {
    /// `ordered by activity`.
    pub by_activity: bool,
    /// `given at first contact, at most 1 month after collected`: the cap (UK GDPR Art 14(3)).
    pub within: Option<Period>,
    /// `given through whoever sent the details`: the sender gets the link to pass on, too.
    pub through_sender: bool,
    /// `shown on every form`, with its version kept.
    pub on_forms: bool,
    /// `cookies on a page of their own`: all that the program keeps in a browser, listed.
    pub cookies_page: bool,
}

/// Someone outside that data may be passed to: `recipient regulator "the Information Commissioner"`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// Its name in the policy: `regulator`.
    pub name: String,
    /// Its words in the notice.
    pub words: String,
    /// Where it is, when not at home.
    pub place: Option<String>,
    /// Whether it decides with us what the data is for: `jointly responsible` (UK GDPR Art 26).
    pub joint: bool,
    /// Where its own notice is, if it has one: `notice "https://..."`.
    pub notice: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What is done when data is lost or seen by the wrong eyes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incidents {
    /// The role that investigates.
    pub by: RoleId,
    /// Within how many hours the regulator is told, where the law says so (UK GDPR Art 33: 72).
    pub regulator_within_hours: u16,
    /// Whether the policy says so itself.
    pub regulator_said: bool,
    /// From what the hours are counted, where the policy names something else than becoming aware.
    pub counted_from: Option<String>,
    /// Whether the police are told where a crime is suspected.
    pub police: bool,
    /// Whether each incident ends with what is done so that it does not happen again.
    pub prevent: bool,
    /// Where it is written.
    pub span: Span,
}

/// `backups every night, kept 3 months`.
#[derive(Clone, Debug)]
pub struct Backups {
    /// How often one is made.
    pub every: Period,
    /// How long each is kept.
    pub kept: Period,
    /// Where it is written.
    pub span: Span,
}

/// `visits counted only after the visitor agrees; single visits erased after 26 hours`.
#[derive(Clone, Debug)]
pub struct Visits {
    /// Whether nothing is set or counted before the visitor says yes.
    pub ask_first: bool,
    /// How long a single visit is kept before only counts remain; hours or days.
    pub kept: Period,
    /// Where it is written.
    pub span: Span,
}

/// A public form, and the only places where what it sends may go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// Its name: `enquiry`.
    pub name: String,
    /// Its title on the page: "Write to us".
    pub title: String,
    /// What it asks.
    pub asks: Vec<KindId>,
    /// Under which category and activity someone may file it.
    pub files: Vec<(CategoryId, ActivityId)>,
    /// The words beside the box by which whoever sends it says that they read the notice; no box where it is not said. It agrees to
    /// nothing.
    pub tick: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What the program itself must be set up to do: the `security` section.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Security {
    /// `encrypted`: database and files are encrypted at rest.
    pub encrypted: Option<Span>,
    /// `password at least 12 characters`.
    pub password_at_least: Option<u16>,
}

/// Which clause of the policy: what a refusal names and a promise stands on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Clause {
    /// The head: contact, complaints, officer, registration, review.
    Head(String),
    /// An item, entry or document declaration.
    Kind(KindId),
    /// `basis` of an activity.
    Basis(ActivityId),
    /// `data` of an activity.
    Data(ActivityId),
    /// `for` of an activity.
    For(ActivityId),
    /// A `keep` clause.
    Keep(RuleId),
    /// A `share` clause, by its place in the activity.
    Share(ActivityId, usize),
    /// `send` or `call` of an activity.
    Send(ActivityId),
    /// A channel's footer.
    Footer(ChannelId),
    /// What becomes of what is received by a channel.
    Received(ChannelId),
    /// A channel's screening.
    Screening(ChannelId),
    /// A prohibition, by its place.
    Never(usize),
    /// `answer` of the requests section.
    Answer,
    /// A register of requests, by its place.
    Register(usize),
    /// A processor, by its place.
    Processor(usize),
    /// A role.
    Role(RoleId),
    /// An attestation, by its place.
    Attest(usize),
    /// `encrypted` in the `security` section, and what else stands there.
    Security(String),
    /// `incidents`.
    Incidents,
    /// `backups`.
    Backups,
    /// A period of the program's own work.
    Period(Own),
    /// `from` of an activity.
    From(ActivityId),
    /// A `condition` of an activity, by its place.
    Condition(ActivityId, usize),
    /// The `because` of an activity.
    Because(ActivityId),
    /// The `where` of an activity.
    Where(ActivityId),
    /// A statement of the requests section by its keyword: asked, identity, charge, extend, format.
    Requests(String),
    /// A statement of the notice section by its keyword: ordered, given, through (whoever sent it), shown, cookies.
    Notice(String),
    /// Statistics, by their place.
    Statistics(usize),
    /// `cookies` / `visits`.
    Visits,
    /// The document a kind of work sends when a certain payer pays.
    Agreement(WorkId),
    /// A public form, by its place.
    Form(usize),
    /// A promise the policy states and nothing in this version of the program keeps yet: `promise ID "..."`.
    Open(String),
}

/// A resolved policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The organisation's short name: "CTI".
    pub name: String,
    /// Version number.
    pub version: u32,
    /// In force from.
    pub from: Date,
    /// Whose bank holidays count.
    pub nation: Nation,
    /// IANA time zone of the organisation.
    pub zone: String,
    /// Where data stays: `UK`.
    pub home: String,
    /// The controller's legal name.
    pub controller: String,
    /// What it is: `company`, `charity`.
    pub form: String,
    /// Whom to write to.
    pub contact: Contact,
    /// Registration with the regulator.
    pub registered: Stated,
    /// Data protection officer.
    pub officer: Stated,
    /// How to reach the officer, as `contact` says it of us (UK GDPR Art 13(1)(b)).
    pub officer_contact: Option<Contact>,
    /// The month and the day on which the financial year ends: `financial year ends 31 March`.
    pub financial_year: Option<(i8, i8)>,
    /// Complaint routes to us, as written: form, e-mail, letter.
    pub complaints: Vec<String>,
    /// Whether it says that people decide, and never a machine alone (UK GDPR Art 22A to 22D).
    pub people_decide: bool,
    /// How and when people are told.
    pub notice: NoticeGiven,
    /// How often the policy is reviewed, and when last.
    pub review: Option<(Period, Date)>,
    /// The categories of person.
    pub categories: Vec<Category>,
    /// The kinds of data, built-in records last.
    pub kinds: Vec<Kind>,
    /// The kinds of work.
    pub works: Vec<Work>,
    /// Facts that periods hang on, of work and of people.
    pub facts: Vec<Fact>,
    /// Events of a person that the policy declares itself.
    pub events: Vec<PersonEvent>,
    /// Keys of rules of earlier versions that end with this one: `ends OLD`.
    pub ended: Vec<String>,
    /// The activities.
    pub activities: Vec<Activity>,
    /// Every rule of every activity.
    pub rules: Vec<Rule>,
    /// The channels.
    pub channels: Vec<Channel>,
    /// What is never done.
    pub prohibitions: Vec<Prohibition>,
    /// Requests.
    pub requests: Requests,
    /// Roles of staff.
    pub roles: Vec<Role>,
    /// Processors.
    pub processors: Vec<Processor>,
    /// People and bodies outside that data may be passed to.
    pub recipients: Vec<Recipient>,
    /// What is done about incidents.
    pub incidents: Option<Incidents>,
    /// Backups.
    pub backups: Option<Backups>,
    /// The periods of the program's own work that it says, in days.
    pub periods: BTreeMap<Own, i64>,
    /// Visits to the public pages.
    pub visits: Option<Visits>,
    /// Statistics that leave the house.
    pub statistics: Vec<Statistics>,
    /// Sentences that could be read in several ways, and how they are read here.
    pub readings: Vec<Reading>,
    /// Public forms.
    pub forms: Vec<Form>,
    /// What the program must be set up to do.
    pub security: Security,
    /// Attestations.
    pub attestations: Vec<Attestation>,
    /// Findings accepted.
    pub accepts: Vec<Accept>,
    /// The author's own sentences for the notice: `say "..."`, by the activity they follow.
    pub says: Vec<(Option<ActivityId>, String)>,
    /// Each promise's clauses, by id, in the order written.
    pub promises: BTreeMap<String, Vec<Clause>>,
    /// Where each clause is written.
    pub places: BTreeMap<Clause, Span>,
    /// The text it was read from, and the texts it rests on: assessments and policy documents.
    pub files: Vec<File>,
}

/// Fewer than this show who somebody is, whatever a policy says.
const LEAST_COUNT: u16 = 5;

impl Policy {
    /// The fewest people or rows that any count which stays or leaves may be of: what `statistics` says, and never
    /// under five.
    #[must_use]
    pub fn least_count(&self) -> u16 {
        self.statistics.iter().map(|statistics| statistics.hide_under).fold(LEAST_COUNT, u16::max)
    }

    /// The activity of a number. Numbers come from this policy, so it is there.
    #[must_use]
    pub fn activity(&self, id: ActivityId) -> Option<&Activity> {
        self.activities.get(id.index())
    }

    /// The activity of a name.
    #[must_use]
    pub fn activity_named(&self, name: &str) -> Option<&Activity> {
        self.activities.iter().find(|activity| activity.name == name)
    }

    /// The kind of a number.
    #[must_use]
    pub fn kind(&self, id: KindId) -> Option<&Kind> {
        self.kinds.get(id.index())
    }

    /// The kind of a name.
    #[must_use]
    pub fn kind_named(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// The category of a name.
    #[must_use]
    pub fn category_named(&self, name: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.name == name)
    }

    /// The kind of work of a name.
    #[must_use]
    pub fn work_named(&self, name: &str) -> Option<&Work> {
        self.works.iter().find(|work| work.name == name)
    }

    /// The rule of a key: its own, or one it had in an earlier version (`was OLD`).
    #[must_use]
    pub fn rule_keyed(&self, key: &str) -> Option<&Rule> {
        let own = self.rules.iter().find(|rule| rule.key == key);
        own.or_else(|| self.rules.iter().find(|rule| rule.was.iter().any(|was| was == key)))
    }

    /// What became of a rule of an earlier version in this one.
    #[must_use]
    pub fn successor(&self, key: &str) -> Successor<'_> {
        match self.rule_keyed(key) {
            Some(rule) => Successor::Rule(rule),
            None => {
                let within = |ended: &String| {
                    key == ended || key.strip_prefix(ended.as_str()).is_some_and(|rest| rest.starts_with('/'))
                };
                if self.ended.iter().any(within) { Successor::Ends } else { Successor::Gone }
            }
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn role_named(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The channel of a name.
    #[must_use]
    pub fn channel_named(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// Every kind of this sensitivity.
    #[must_use]
    pub fn kinds_of(&self, sensitivity: Sensitivity) -> KindSet {
        self.kinds.iter().filter(|kind| kind.sensitivity == sensitivity).map(|kind| kind.id).collect()
    }
}
