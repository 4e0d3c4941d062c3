//! Small sentences that several sections need: lists, dates, who somebody is.

use jiff::civil::Date;

use crate::activity::{Activity, THE_PERSON};
use crate::kind::KindSet;
use crate::phrase::{Event, Voice, event_of};
use crate::policy::{Policy, Work};

/// "a", "a and b", "a, b and c"; parts that are lists themselves are set off by semicolons.
pub(super) fn list<S: AsRef<str>>(parts: &[S], joint: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    let joined = parts.iter().filter(|part| part.contains(&format!(" {joint} "))).count();
    let nested = joined > 1 || parts.iter().any(|part| part.contains(", "));
    match parts.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) if nested => format!("{}; {joint} {last}", rest.join("; ")),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// "2 November 2026".
#[must_use]
pub fn day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// With a full stop, unless the author put one.
pub(super) fn stop(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// What kinds are called in the notice: "your name and your e-mail address".
pub(super) fn kinds(policy: &Policy, kinds: KindSet) -> String {
    let words: Vec<&str> =
        kinds.iter().filter_map(|id| policy.kind(id)).map(|kind| kind.words.as_str()).collect();
    list(&words, "and")
}

/// Whether some periods of an activity are for what they name, so that one without a name is for everything else.
pub(super) fn names_some(policy: &Policy, activity: &Activity) -> bool {
    let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    rules.into_iter().any(|rule| rule.names_kinds)
}

/// Whom an activity is for: "our coaching clients, once the coaching programme is completed".
pub(crate) fn whom(policy: &Policy, activity: &Activity) -> String {
    if activity.for_everyone {
        let staff = policy.kind_named("staff record").map(|kind| kind.id);
        let only_staff = activity.kinds.iter().all(|kind| Some(kind) == staff) && !activity.kinds.is_empty();
        let all = if only_staff { "whoever works here and has an account" } else { "everyone we deal with" };
        return all.to_owned();
    }
    let words: Vec<String> = activity
        .for_whom
        .iter()
        .filter_map(|whom| {
            let category = policy.categories.get(whom.category.index())?;
            let once = whom.once.as_ref().map(|event| format!(", once {}", happens(policy, activity, event)));
            Some(format!("{}{}", category.words, once.unwrap_or_default()))
        })
        .collect();
    list(&words, "and")
}

/// The work an activity speaks of, where it does.
pub(super) fn work_of<'a>(policy: &'a Policy, activity: &Activity, event: &str) -> Option<&'a Work> {
    let own = activity.work.and_then(|work| policy.works.get(work.index()));
    own.filter(|work| work.milestones.iter().any(|milestone| milestone == event)).or_else(|| {
        policy.works.iter().find(|work| work.milestones.iter().any(|milestone| milestone == event))
    })
}

/// An event as a clause: "the coaching programme is completed".
pub(super) fn happens(policy: &Policy, activity: &Activity, event: &str) -> String {
    if event == "another is chosen" {
        return "somebody else is chosen".to_owned();
    }
    event_of(activity, &Event::only(event), Voice::You, work_of(policy, activity, event))
}

/// Who has a part on the work and is nobody's own: there is your coach, and the owner.
const AGAINST: &[&str] = &[
    "owner",
    "opponent",
    "other side",
    "buyer",
    "seller",
    "complainant",
    "respondent",
    "accused",
    "witness",
    "client",
    "customer",
];

/// Who gets something: "your coach", "coaches and trainers who work with us", "the police".
pub(crate) fn receiver(policy: &Policy, with: &str) -> String {
    let bare = with.strip_prefix("the ").unwrap_or(with);
    let part = policy.works.iter().any(|work| work.parts.iter().any(|part| part.name == bare));
    if part && bare != with {
        let yours = !AGAINST.iter().any(|other| bare.ends_with(other));
        return format!("{} {bare}", if yours { "your" } else { "the" });
    }
    if let Some(category) = policy.category_named(with).or_else(|| policy.category_named(bare)) {
        return category.words.clone();
    }
    let named = |name: &str| policy.recipients.iter().find(|recipient| recipient.name == name);
    if let Some(recipient) = named(with).or_else(|| named(bare)) {
        return recipient.words.clone();
    }
    match policy.processors.iter().find(|processor| processor.name == with) {
        Some(processor) => format!("the company that {}", processor.does),
        None => with.to_owned(),
    }
}

/// Where something comes from, as the reader would say it.
pub(super) fn source(from: &str) -> String {
    match from {
        THE_PERSON => "you".to_owned(),
        other => {
            let spoken = |(at, word): (usize, &str)| match (at, word) {
                (0, "who") => "whoever".to_owned(),
                (_, "they" | "them") => "you".to_owned(),
                (_, "their") => "your".to_owned(),
                (_, word) => word.to_owned(),
            };
            other.split(' ').enumerate().map(spoken).collect::<Vec<_>>().join(" ")
        }
    }
}
