//! One part for each activity: why, what, on what basis, from whom, to whom, how long.

use super::{Block, Line, Section, id_of, say};
use crate::activity::{Activity, Purpose, Share, THE_PERSON};
use crate::basis::{Basis, ConsentForm};
use crate::channel::Received;
use crate::kind::{Sensitivity, Sort};
use crate::phrase::{Phrase, Voice, counts_words, rule_words};
use crate::policy::{Policy, Processor};
use crate::rule::{Disposal, Rule};

pub(super) fn all(policy: &Policy) -> Section {
    let mut section = Section::new("what", "What we do, and why");
    for activity in &policy.activities {
        section.blocks.push(Block::Part(one(policy, activity)));
    }
    section
}

/// What the notice says of one activity.
#[must_use]
pub fn one(policy: &Policy, activity: &Activity) -> Section {
    let mut part = Section::new(id_of(&activity.name), activity.title.clone());
    if let Some(so_that) = &activity.so_that {
        part.say(format!("We do this so that {}", say::stop(so_that)));
    }
    for (_, words) in policy.says.iter().filter(|(after, _)| *after == Some(activity.id)) {
        part.say(say::stop(words));
    }
    let mut lines: Vec<Line> = vec![
        format!("Who it is about: {}.", say::whom(policy, activity)).into(),
        format!("What we hold: {}.", say::kinds(policy, activity.kinds)).into(),
        format!("Why we may: {}{}", basis(policy, activity), conditions(policy, activity)).into(),
        format!("Where it comes from: {}.", sources(activity)).into(),
    ];
    if let Some(must) = must_tell(policy, activity) {
        lines.push(format!("Do you have to tell us: {must}").into());
    }
    lines.push(shares(policy, activity));
    let means: Vec<&str> = activity
        .channels
        .iter()
        .filter_map(|id| policy.channels.get(id.index()))
        .map(|channel| channel.title.as_str())
        .collect();
    if !means.is_empty() {
        lines.push(format!("How we reach you: {}.", say::list(&means, "or")).into());
    }
    for received in policy.channels.iter().filter_map(|channel| channel.received.as_ref()) {
        if activity.kinds.contains(received.kind) {
            lines.push(super::received(policy, received).into());
        }
    }
    lines.extend(periods(policy, activity).into_iter().map(Line::from));
    lines.extend(
        activity.because.iter().map(|why| format!("Why that long: {}", say::stop(why))).map(Line::from),
    );
    lines.push(extra(activity));
    part.list(lines);
    part
}

/// What becomes of an e-mail to us.
pub(crate) fn received(policy: &Policy, received: &Received) -> String {
    let attached = received.attachments.and_then(|kind| policy.kind(kind));
    let attached = attached.map_or_else(
        || "files that you send with it are not kept".to_owned(),
        |kind| format!("files that you send with it are kept as {}", kind.words),
    );
    format!("If you write to us by e-mail, we keep what you wrote; {attached}.")
}

/// The basis in a sentence that names what the law calls it.
pub(crate) fn basis(policy: &Policy, activity: &Activity) -> String {
    match &activity.basis {
        Basis::Consent { form, before } => {
            let how = match form {
                ConsentForm::Signed(kind) => {
                    let form = policy.kind(*kind).map_or("a form", |kind| kind.words.as_str());
                    format!("you sign for it ({form})")
                }
                ConsentForm::OptIn { asked_with, confirmed } => {
                    let with = asked_with.map_or_else(
                        || "we ask you".to_owned(),
                        |kind| {
                            let with = policy.kind(kind).map_or("a form", |kind| kind.name.as_str());
                            format!("we ask you, together with the {with},")
                        },
                    );
                    let yes = confirmed.map_or_else(
                        || "say yes".to_owned(),
                        |days| {
                            let days = crate::count::said(usize::from(days), "days");
                            format!("say yes, and confirm it within {days} by the link in an e-mail that we send you")
                        },
                    );
                    format!("{with} and you {yes}. If you say nothing, that is a no")
                }
                ConsentForm::Explicit => "we ask you, and you say clearly that you agree".to_owned(),
            };
            let before =
                before.as_ref().map(|event| format!(", before {}", say::happens(policy, activity, event)));
            format!("you agreed to it (your consent): {how}{}.", before.unwrap_or_default())
        }
        Basis::Contract { at_request: true } => {
            "you asked us to do something before we agree on a contract with you (steps before a contract)."
                .to_owned()
        }
        Basis::Contract { .. } => "we need it for what we agreed on with you (a contract).".to_owned(),
        Basis::LegalObligation { law } => format!("the law tells us to (a legal duty: {law})."),
        Basis::VitalInterests => "somebody's life may depend on it (vital interests).".to_owned(),
        Basis::PublicTask { law } => {
            format!("it is a task for everyone's good that the law gives us (a public task: {law}).")
        }
        Basis::RecognisedInterest { condition } => {
            format!(
                "the law itself counts this as a good reason (a recognised legitimate interest: {condition})."
            )
        }
        Basis::LegitimateInterests { assessed, .. } => {
            let why = activity
                .so_that
                .as_ref()
                .map_or(String::new(), |so_that| format!(", namely that {}", so_that.trim_end_matches('.')));
            let weighed = match assessed {
                Some(_) => " We have weighed that against your own interests. Ask us, and we show you how.",
                None => "",
            };
            format!("we have a good reason of our own (our legitimate interests){why}.{weighed}")
        }
    }
}

/// What sensitive data rests on beside the basis.
pub(crate) fn conditions(policy: &Policy, activity: &Activity) -> String {
    let holds =
        |what| activity.kinds.iter().filter_map(|id| policy.kind(id)).any(|kind| kind.sensitivity == what);
    let (special, criminal) = (holds(Sensitivity::Special), holds(Sensitivity::Criminal));
    let said: Vec<String> = activity
        .conditions
        .iter()
        .map(|condition| {
            let known = condition.known;
            let name = condition.name.as_ref().map_or(String::new(), |name| format!(", {name}"));
            let of_crime = known.criminal.map(|law| format!("UK GDPR Art 10, {law}"));
            let law = match (known.special.map(str::to_owned), of_crime) {
                (Some(one), Some(other)) if special && criminal => format!("{one}; {other}"),
                (_, Some(law)) if criminal && !special => law,
                (Some(law), _) | (None, Some(law)) => law,
                (None, None) => String::new(),
            };
            format!("{} ({}{name}: {law})", known.notice, known.words)
        })
        .collect();
    // Of several, one fact rests on this and another on that.
    match said.as_slice() {
        [] => String::new(),
        [one] => format!(" Sensitive facts about you we may use since {one}."),
        several => format!(" Sensitive facts about you we may use where {}.", several.join(", or where ")),
    }
}

/// Whether people must give what is held here, and what happens if they do not (Art 13(2)(e)); nothing where none of
/// it is asked of them.
fn must_tell(policy: &Policy, activity: &Activity) -> Option<String> {
    if !asks(policy, activity) {
        return None;
    }
    Some(match &activity.basis {
        Basis::Contract { at_request: true } => {
            "only if you want a contract with us. Without it we cannot agree on one.".to_owned()
        }
        Basis::Contract { .. } => {
            "yes, if we are to keep to our contract with you. Without it we cannot.".to_owned()
        }
        Basis::LegalObligation { law } => {
            format!("yes, the law asks for it ({law}). Without it we may not do this.")
        }
        Basis::PublicTask { .. } => {
            "only as far as the law that gives us this task says so. Without it we may not be able to \
             do this for you."
                .to_owned()
        }
        Basis::Consent { .. } => {
            "no. If you say no, we do not do this, and nothing else changes for you.".to_owned()
        }
        Basis::VitalInterests | Basis::RecognisedInterest { .. } | Basis::LegitimateInterests { .. } => {
            "no. Without it we may not be able to do this, and that is all.".to_owned()
        }
    })
}

/// Whether anything of it is asked of the person: the program's own records are not, whatever a law says of them.
pub(super) fn asks(policy: &Policy, activity: &Activity) -> bool {
    let given = |id| policy.kind(id).is_some_and(|kind| kind.sort != Sort::Record);
    activity.from.iter().any(|from| from == THE_PERSON) && activity.kinds.iter().any(given)
}

fn sources(activity: &Activity) -> String {
    if activity.from.is_empty() {
        return "what we note ourselves".to_owned();
    }
    let from: Vec<String> = activity.from.iter().map(|from| say::source(from)).collect();
    say::list(&from, "and")
}

fn shares(policy: &Policy, activity: &Activity) -> Line {
    let said: Vec<String> = activity.shares.iter().map(|share| one_share(policy, activity, share)).collect();
    let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    let at_the_end = rules.filter_map(|rule| outsider(policy, rule).map(|name| (rule, name)));
    let mut said = said;
    for (rule, name) in at_the_end {
        let what =
            if rule.names_kinds { format!(" ({})", say::kinds(policy, rule.kinds)) } else { String::new() };
        said.push(format!("{name}{what}, at the end"));
    }
    let lead = if said.is_empty() { "nobody outside".to_owned() } else { said.join("; ") };
    let line = Line::from(format!("Who else gets it: {lead}"));
    let helps = |processor: &Processor| {
        !processor.kinds.and(activity.kinds).is_empty() || activity.places.contains(&processor.name)
    };
    if !policy.processors.iter().any(helps) {
        return line.and(".");
    }
    if said.is_empty() {
        return line.and(" but the ").link("companies that work for us", "#recipients").and(".");
    }
    line.and("; beside them only ").link("companies that work for us", "#recipients").and(".")
}

pub(crate) fn one_share(policy: &Policy, activity: &Activity, share: &Share) -> String {
    let mut said = say::receiver(policy, &share.with);
    if policy.recipients.iter().any(|body| body.joint && body.name == share.with) {
        said.push_str(", jointly responsible with us");
    }
    said.push_str(&format!(" ({})", say::kinds(policy, share.kinds)));
    if let Some(what_for) = &share.what_for {
        said.push_str(&format!(", {what_for}"));
    }
    if let Some(reason) = share.reason {
        said.push_str(&format!(", {}", reason.words()));
    }
    if share.once_told {
        said.push_str(", and we tell you first");
    }
    if let Some(after) = &share.after {
        said.push_str(&format!(", not before {}", say::happens(policy, activity, after)));
    }
    if let Some(until) = &share.until {
        said.push_str(&format!(", until {}", say::happens(policy, activity, until)));
    }
    if share.then_destroyed {
        said.push_str("; they keep no copy");
    }
    said
}

/// How long, and what happens then: a line for each `keep`.
fn periods(policy: &Policy, activity: &Activity) -> Vec<String> {
    let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    let named = say::names_some(policy, activity);
    rules
        .map(|rule| {
            let what = match (rule.names_kinds, named) {
                (true, _) => format!(" ({})", say::kinds(policy, rule.kinds)),
                (false, true) => " (everything else)".to_owned(),
                (false, false) => String::new(),
            };
            format!("How long{what}: {}.", kept(policy, rule))
        })
        .collect()
}

/// Who gets the data at its end, as the notice calls them.
pub(crate) fn outsider(policy: &Policy, rule: &Rule) -> Option<String> {
    rule.outsider(policy).map(|to| say::receiver(policy, to))
}

/// To whom data goes at its end, and what becomes of what stays with us: "we give it to your employer and erase our copy".
#[must_use]
pub fn handed_over(policy: &Policy, rule: &Rule) -> String {
    let back = rule.then == Disposal::ReturnThenErase;
    let what = rule.what.as_ref().map(|what| match what.starts_with("the ") {
        true => what.clone(),
        false => format!("the {what}"),
    });
    let several = policy.activity(rule.activity).is_some_and(|activity| activity.for_whom.len() > 1);
    let work = rule.work.filter(|_| rule.for_work && several && !back);
    let work = work.and_then(|work| policy.works.get(work.index()));
    let to = outsider(policy, rule).or_else(|| {
        work.filter(|_| rule.to.is_none()).map(|work| format!("whoever the {} was for", work.title))
    });
    let to = to.map(|to| if to.contains(", ") { format!("{to},") } else { to });
    match (to, what, back) {
        (Some(to), Some(what), true) => format!("we give {what} back to {to} and erase the rest"),
        (Some(to), None, true) => format!("we give it back to {to} and erase our copies"),
        (Some(to), what, false) => {
            format!("we give {} to {to} and erase our copy", what.as_deref().unwrap_or("it"))
        }
        (None, Some(what), true) => format!("we give you back {what} and erase the rest"),
        (None, None, true) => "we give you back what is yours and erase the rest".to_owned(),
        (None, Some(what), false) => format!("we give you {what} and erase our copy"),
        (None, None, false) => "we give you a copy and erase ours".to_owned(),
    }
}

/// How long a rule keeps and what happens then, without a full stop at the end.
pub(crate) fn kept(policy: &Policy, rule: &Rule) -> String {
    let mut then = match rule.then {
        Disposal::Erase => "Then we erase it".to_owned(),
        Disposal::Anonymise => {
            format!(
                "Then we take out all that shows who you are, and keep only {}",
                counts_words(policy, rule)
            )
        }
        Disposal::Count => "Then we count it, and keep nothing of it but the number".to_owned(),
        Disposal::ReturnThenErase | Disposal::DeliverThenErase => {
            format!("Then {}", handed_over(policy, rule))
        }
    };
    if let Some(done) = &rule.unless {
        then.push_str(&format!("; where it was {done}, we only erase it"));
    }
    let words = rule_words(policy, rule, Voice::You);
    // What is not kept is not erased afterwards.
    if matches!(rule.phrase, Phrase::NotKept { .. }) { words } else { format!("{words}. {then}") }
}

/// The rights that depend on the basis, where they are asked about.
fn extra(activity: &Activity) -> Line {
    let mut rights = Vec::new();
    if withdrawable(activity) {
        rights.push("take back your consent at any time");
    } else if activity.purpose == Purpose::DirectMarketing {
        rights.push("say no at any time, and we stop");
    } else if opposable(activity) {
        rights.push("object");
    }
    if portable(activity) {
        rights.push("take your data with you");
    }
    let lead = match rights.is_empty() {
        true => "What you can ask for: ".to_owned(),
        false => format!("You can {}. What else you can ask for: ", say::list(&rights, "and")),
    };
    Line::from(lead).link("your rights", "#rights").and(".")
}

/// Whether consent can be withdrawn (Art 7(3)).
pub(crate) fn withdrawable(activity: &Activity) -> bool {
    matches!(activity.basis, Basis::Consent { .. })
}

/// Whether Art 20 applies: consent or contract.
pub(crate) fn portable(activity: &Activity) -> bool {
    matches!(activity.basis, Basis::Consent { .. } | Basis::Contract { .. })
}

/// Whether Art 21(1) applies: interests and public tasks.
pub(crate) fn opposable(activity: &Activity) -> bool {
    matches!(
        activity.basis,
        Basis::LegitimateInterests { .. } | Basis::PublicTask { .. } | Basis::RecognisedInterest { .. }
    )
}

/// Whether Art 17 is closed, since a law or a public task needs the data (Art 17(3)(b)).
pub(crate) fn required(activity: &Activity) -> bool {
    matches!(activity.basis, Basis::LegalObligation { .. } | Basis::PublicTask { .. })
}
