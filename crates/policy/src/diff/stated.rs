//! Everything a policy states, as keys and words: what two versions are compared by.

use crate::activity::Activity;
use crate::notice;
use crate::phrase::{Voice, period_words, rule_words};
use crate::policy::{Clause, Contact, Policy, Stated as Said};
use crate::role::{Deed, Reach, Role};
use crate::rule::Rule;

/// What a statement is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Aspect {
    /// Who the controller is and how to reach them.
    Who,
    /// An activity as a whole.
    Activity,
    /// Whom an activity is for.
    Whom,
    /// What it is for.
    Purpose,
    /// Why it may be done.
    Basis,
    /// What is held.
    Data,
    /// Where it comes from.
    Source,
    /// Who else gets it.
    Share,
    /// How people are reached.
    Reach,
    /// How long it is kept and what happens then.
    Period,
    /// What is never done.
    Never,
    /// Companies and bodies outside.
    Outside,
    /// Work: its parts and milestones.
    Work,
    /// How the house works: requests, incidents, backups, security, visits, forms.
    House,
    /// What staff may see and do.
    Role,
    /// What only the wording says: titles and words of the notice.
    Words,
    /// A promise and the clauses it stands on.
    Promise,
}

impl Aspect {
    /// Whether the people concerned must hear when this changes.
    #[must_use]
    pub fn is_told(self) -> bool {
        !matches!(self, Self::Work | Self::House | Self::Role | Self::Words | Self::Promise)
    }
}

/// One statement.
pub(super) struct Stated {
    /// What it is found by in another version.
    pub key: String,
    /// What it stands with: an activity or a part of the policy.
    pub group: String,
    pub aspect: Aspect,
    pub activity: Option<String>,
    pub what: String,
    pub text: String,
    /// Whether it speaks for its activity as a whole: it is there or not, and its clauses are compared one by one.
    pub head: bool,
}

struct Sheet<'p> {
    policy: &'p Policy,
    all: Vec<Stated>,
}

impl Sheet<'_> {
    fn say(&mut self, aspect: Aspect, key: String, what: impl Into<String>, text: impl Into<String>) {
        let group = key.split('/').next().unwrap_or_default().to_owned();
        let (what, text) = (what.into(), text.into());
        self.all.push(Stated { key, group, aspect, activity: None, what, text, head: false });
    }

    fn of(&mut self, activity: &Activity, aspect: Aspect, key: &str, what: &str, text: impl Into<String>) {
        let group = format!("activity {}", activity.name);
        let what =
            if what.is_empty() { activity.title.clone() } else { format!("{}, {what}", activity.title) };
        let activity = Some(activity.name.clone());
        let head = key.is_empty();
        self.all.push(Stated {
            key: format!("{group}/{key}"),
            group,
            aspect,
            activity,
            what,
            text: text.into(),
            head,
        });
    }
}

/// Every statement of a policy in its order.
pub(super) fn stated(policy: &Policy) -> Vec<Stated> {
    let mut sheet = Sheet { policy, all: Vec::new() };
    head(&mut sheet);
    declared(&mut sheet);
    for activity in &policy.activities {
        of_activity(&mut sheet, activity);
    }
    outside(&mut sheet);
    house(&mut sheet);
    for role in &policy.roles {
        sheet.say(
            Aspect::Role,
            format!("role/{}", role.name),
            format!("Role {}", role.name),
            role_words(policy, role),
        );
    }
    for (id, clauses) in &policy.promises {
        let on: Vec<String> = clauses.iter().map(|clause| policy.clause_words(clause)).collect();
        sheet.say(Aspect::Promise, format!("promise/{id}"), format!("Promise {id}"), on.join("; "));
    }
    sheet.all
}

fn head(sheet: &mut Sheet<'_>) {
    let policy = sheet.policy;
    let said = |stated: &Said| match stated {
        Said::Yes(what) => what.clone(),
        Said::No { because } => format!("none: {because}"),
    };
    let officer = policy.officer_contact.as_ref().map(Contact::written);
    let officer = officer.unwrap_or_else(|| said(&policy.officer));
    let mut head = vec![
        ("controller", "Who we are", policy.controller.clone()),
        ("contact", "How to reach us", policy.contact.written()),
        ("officer", "Data protection officer", officer),
        ("registered", "Registration with the regulator", said(&policy.registered)),
        (
            "complaints",
            "How to complain to us",
            if policy.complaints.is_empty() { "not said".to_owned() } else { policy.complaints.join(", ") },
        ),
        ("home", "Where data stays", policy.home.clone()),
    ];
    if let Some((every, last)) = &policy.review {
        head.push(("review", "Review of the policy", format!("every {}, last {last}", period_words(every))));
    }
    for (key, what, text) in head {
        let aspect = if key == "review" { Aspect::House } else { Aspect::Who };
        sheet.say(aspect, format!("head/{key}"), what, text);
    }
}

fn declared(sheet: &mut Sheet<'_>) {
    let policy = sheet.policy;
    for category in &policy.categories {
        let key = format!("category/{}", category.name);
        sheet.say(Aspect::Words, key, format!("People: {}", category.name), category.words.clone());
    }
    for kind in &policy.kinds {
        let text = format!("{} ({:?}, {:?})", kind.words, kind.sort, kind.sensitivity).to_lowercase();
        sheet.say(Aspect::Words, format!("kind/{}", kind.name), format!("Data: {}", kind.name), text);
    }
    for work in &policy.works {
        let parts: Vec<String> = work
            .parts
            .iter()
            .map(|part| {
                let category = policy.categories.get(part.category.index());
                format!("{} is {}", part.name, category.map_or("", |category| category.name.as_str()))
            })
            .collect();
        let text = format!("{}; milestones {}; {}", work.title, work.milestones.join(", "), parts.join("; "));
        sheet.say(Aspect::Work, format!("work/{}", work.name), format!("Work: {}", work.name), text);
    }
}

fn of_activity(sheet: &mut Sheet<'_>, activity: &Activity) {
    let policy = sheet.policy;
    sheet.of(activity, Aspect::Activity, "", "", summary(policy, activity));
    sheet.of(activity, Aspect::Words, "title", "title", activity.title.clone());
    sheet.of(activity, Aspect::Whom, "for", "who it is about", notice::whom(policy, activity));
    let so_that = activity.so_that.as_ref().map_or(String::new(), |so_that| format!(", so that {so_that}"));
    sheet.of(
        activity,
        Aspect::Purpose,
        "purpose",
        "what for",
        format!("{}{so_that}", activity.purpose.words()),
    );
    sheet.of(activity, Aspect::Basis, "basis", "why we may", notice::basis(policy, activity));
    let conditions = notice::conditions(policy, activity);
    if !conditions.is_empty() {
        sheet.of(activity, Aspect::Basis, "conditions", "why we may hold sensitive facts", conditions.trim());
    }
    if !activity.places.is_empty() {
        sheet.of(activity, Aspect::House, "where", "where it lies", activity.places.join(", "));
    }
    if !activity.because.is_empty() {
        sheet.of(activity, Aspect::Words, "because", "why that long", activity.because.join("; "));
    }
    for kind in activity.kinds.iter().filter_map(|id| policy.kind(id)) {
        sheet.of(activity, Aspect::Data, &format!("data/{}", kind.name), "what we hold", kind.words.clone());
    }
    for from in &activity.from {
        sheet.of(activity, Aspect::Source, &format!("from/{from}"), "where it comes from", from.clone());
    }
    for share in &activity.shares {
        let what_for = share.what_for.as_deref().unwrap_or_default();
        let key = format!("share/{}/{what_for}", share.with);
        sheet.of(
            activity,
            Aspect::Share,
            &key,
            "who else gets it",
            notice::one_share(policy, activity, share),
        );
    }
    for channel in activity.channels.iter().filter_map(|id| policy.channels.get(id.index())) {
        let key = format!("channel/{}", channel.name);
        sheet.of(activity, Aspect::Reach, &key, "how we reach you", channel.title.clone());
    }
    for rule in activity.rules.iter().filter_map(|id| policy.rules.get(id.index())) {
        let what = keep_what(policy, activity, rule);
        sheet.of(activity, Aspect::Period, &format!("keep/{}", rule.key), &what, notice::kept(policy, rule));
    }
}

/// "how long", or "how long (consent record)" where an activity has several.
fn keep_what(policy: &Policy, activity: &Activity, rule: &Rule) -> String {
    if activity.rules.len() < 2 {
        return "how long".to_owned();
    }
    let kinds: Vec<&str> =
        rule.kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| kind.name.as_str()).collect();
    format!("how long ({})", kinds.join(", "))
}

fn summary(policy: &Policy, activity: &Activity) -> String {
    let periods: Vec<String> = activity
        .rules
        .iter()
        .filter_map(|id| policy.rules.get(id.index()))
        .map(|rule| rule_words(policy, rule, Voice::You))
        .collect();
    format!("for {}; how long: {}", notice::whom(policy, activity), periods.join("; "))
}

fn outside(sheet: &mut Sheet<'_>) {
    let policy = sheet.policy;
    for processor in &policy.processors {
        let kinds: Vec<&str> =
            processor.kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| kind.name.as_str()).collect();
        let safeguard = processor.safeguard.as_ref().map_or(String::new(), |under| format!(" under {under}"));
        let text =
            format!("{} in {}{safeguard}, holds {}", processor.does, processor.place, kinds.join(", "));
        let what = format!("Company that works for us: {}", processor.name);
        sheet.say(Aspect::Outside, format!("processor/{}", processor.name), what, text);
    }
    for recipient in &policy.recipients {
        let place = recipient.place.as_ref().map_or(String::new(), |place| format!(" in {place}"));
        let what = format!("Body outside: {}", recipient.name);
        let text = format!("{}{place}", recipient.words);
        sheet.say(Aspect::Outside, format!("recipient/{}", recipient.name), what, text);
    }
    for never in &policy.prohibitions {
        let text = notice::prohibition(policy, never);
        sheet.say(Aspect::Never, format!("never/{text}"), "What we never do", text);
    }
    for channel in &policy.channels {
        if let Some(footer) = &channel.footer {
            let what = format!("What every {} ends with", channel.title);
            sheet.say(Aspect::House, format!("footer/{}", channel.name), what, footer.clone());
        }
        if let Some(received) = &channel.received {
            let what = format!("What becomes of what is received by {}", channel.title);
            let text = notice::received(policy, received);
            sheet.say(Aspect::House, format!("receives/{}", channel.name), what, text);
        }
        if let Some(screening) = &channel.screening {
            let own = if screening.own_list { ", our own list" } else { "" };
            let text = format!(
                "{}{own}, files fewer than {} days old",
                screening.registers.join(", "),
                screening.fewer_than_days
            );
            let what = format!("What is checked before a {}", channel.title);
            sheet.say(Aspect::House, format!("screen/{}", channel.name), what, text);
        }
    }
}

/// Clauses of the house in the author's own words.
fn house(sheet: &mut Sheet<'_>) {
    let policy = sheet.policy;
    for clause in policy.places.keys() {
        let what = match clause {
            Clause::Answer => "When we answer requests",
            Clause::Register(_) => "A list of requests",
            Clause::Incidents => "When data is lost or exposed",
            Clause::Backups => "Copies",
            Clause::Period(_) => "A period of our own work",
            Clause::Visits => "Visits to our website",
            Clause::Form(_) => "A form on our website",
            Clause::Security(_) => "Security",
            Clause::Attest(_) => "What somebody signs",
            Clause::Agreement(_) => "A document we send",
            Clause::Requests(_) => "How requests are answered",
            Clause::Notice(_) => "How people are told",
            Clause::Statistics(_) => "Statistics",
            _ => continue,
        };
        let name = match clause {
            Clause::Attest(at) => {
                policy.attestations.get(*at).map_or(String::new(), |attest| attest.what.clone())
            }
            other => policy.clause_words(other),
        };
        sheet.say(Aspect::House, format!("house/{name}"), what, policy.clause_text(clause));
    }
}

fn role_words(policy: &Policy, role: &Role) -> String {
    let mut said: Vec<String> = role
        .sights
        .iter()
        .map(|sight| {
            let kinds: Vec<&str> =
                sight.kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| kind.name.as_str()).collect();
            let of: Vec<&str> = sight
                .categories
                .iter()
                .filter_map(|id| policy.categories.get(id.index()))
                .map(|category| category.name.as_str())
                .collect();
            let of = if of.is_empty() { "everyone".to_owned() } else { of.join(", ") };
            let how = match (sight.reach, sight.only_to_answer) {
                (_, true) => ", only to answer a request".to_owned(),
                (Reach::All, false) => String::new(),
                (reach, false) => format!(", reach {reach:?}").to_lowercase(),
            };
            format!("sees {} of {of}{how}", kinds.join(", "))
        })
        .collect();
    let deeds = Deed::ALL.iter().filter(|(deed, _)| role.deeds.contains(deed)).map(|(_, words)| *words);
    said.push(format!("may {}", deeds.collect::<Vec<_>>().join(", ")));
    said.join("; ")
}
