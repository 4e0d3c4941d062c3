//! What the notice says about the controller: who, how to reach them, what they never do, how they take care.

use super::{Block, Line, Section, say};
use crate::activity::{Purpose, ShareReason};
use crate::channel::{Forbidden, Prohibition};
use crate::count::{in_words, with_article};
use crate::periods::Own;
use crate::phrase::period_words;
use crate::policy::{Contact, Policy, Stated};

pub(super) fn opening(policy: &Policy) -> Vec<Block> {
    let what = format!(
        "This notice tells you what {} knows about people, why, and for how long. It also tells you what you can ask \
         of us. Our computer works from the same text: what is not written here, it does not let us do.",
        policy.controller
    );
    let version = format!("Version {}, in force from {}.", policy.version, say::day(policy.from));
    vec![Block::Paragraph(what.into()), Block::Paragraph(version.into())]
}

pub(super) fn who(policy: &Policy) -> Section {
    let mut section = Section::new("who", "Who we are");
    let form =
        if policy.form.is_empty() { String::new() } else { format!(", {}", with_article(&policy.form)) };
    section.say(format!(
        "We are {}{form}. We decide what happens with your data, and we answer for it. The law calls that the controller.",
        policy.controller
    ));
    section.say(contact(policy, "Write or talk to"));
    section.say(match &policy.officer {
        Stated::Yes(name) => match &policy.officer_contact {
            Some(contact) => reached(Line::from(format!("Our data protection officer is {name}: ")), contact),
            None => format!("Our data protection officer is {}", say::stop(name)).into(),
        },
        Stated::No { because } => {
            format!("We have no data protection officer. The law asks for none here: {}", say::stop(because))
                .into()
        }
    });
    section.say(match &policy.registered {
        Stated::Yes(number) => {
            format!("We are registered with the regulator. Our number is {}", say::stop(number))
        }
        Stated::No { because } => {
            format!("We have no number in the regulator's register: {}", say::stop(because))
        }
    });
    section
}

/// "Write or talk to our business manager: privacy@acme.example, 01632 960000."
pub(super) fn contact(policy: &Policy, lead: &str) -> Line {
    let title = format!("{lead} our {}: ", policy.contact.title.to_lowercase());
    reached(Line::from(title), &policy.contact)
}

fn reached(lead: Line, contact: &Contact) -> Line {
    let mut line = lead.link(contact.email.clone(), format!("mailto:{}", contact.email));
    if let Some(phone) = &contact.phone {
        line = line.and(", ").link(phone.clone(), format!("tel:{}", phone.replace(' ', "")));
    }
    if let Some(address) = &contact.address {
        line = line.and(format!(", {address}"));
    }
    line.and(".")
}

pub(super) fn never(policy: &Policy) -> Section {
    let mut section = Section::new("never", "What we never do");
    section.list(policy.prohibitions.iter().map(|never| prohibition(policy, never).into()).collect());
    let silent = policy.prohibitions.iter().any(|never| never.what == Forbidden::SendAnything);
    if silent {
        section.say("Answers to what you ask us, and news that something happened to your data, reach you all the same.");
    }
    section
}

pub(crate) fn prohibition(policy: &Policy, never: &Prohibition) -> String {
    let mut said = match &never.what {
        Forbidden::SendMarketing => "We never send advertising".to_owned(),
        Forbidden::SendAnything => "We never send anything".to_owned(),
        Forbidden::Share(purposes) => passed_on(purposes),
        Forbidden::ShareOutside { place, .. } => {
            format!("We never pass anything to places outside {}", place_words(place))
        }
    };
    let to: Vec<&str> = never
        .to
        .iter()
        .filter_map(|category| policy.categories.get(category.index()))
        .map(|category| category.words.as_str())
        .collect();
    if !to.is_empty() {
        let joint = if matches!(never.what, Forbidden::Share(_) | Forbidden::ShareOutside { .. }) {
            "about"
        } else {
            "to"
        };
        said.push_str(&format!(" {joint} {}", say::list(&to, "or")));
    }
    if let Some(work) = never.while_work.and_then(|work| policy.works.get(work.index())) {
        said.push_str(&format!(" while a {} runs", work.title));
    }
    if let Some(event) = &never.after {
        let work = policy.works.iter().find(|work| work.milestones.contains(event));
        let event = crate::phrase::Event::only(event.clone());
        let happens = crate::phrase::event_words(&event, crate::phrase::Voice::You, work);
        said.push_str(&format!(" after {happens}"));
    }
    let exceptions = exceptions(never);
    if !exceptions.is_empty() {
        said.push_str(&format!(", unless {}", say::list(&exceptions, "or")));
    }
    format!("{said}.")
}

/// "We never sell what we know about you, or pass it on for marketing or fundraising".
fn passed_on(purposes: &[String]) -> String {
    let sold = purposes.iter().any(|purpose| purpose == "sale");
    let named = |word: &String| {
        let known = Purpose::ALL.iter().find(|(_, name)| name == word);
        known.map_or_else(|| word.clone(), |(purpose, _)| purpose.words())
    };
    let others: Vec<String> = purposes.iter().filter(|purpose| *purpose != "sale").map(named).collect();
    let others = say::list(&others, "or");
    match (sold, others.is_empty()) {
        (true, true) => "We never sell what we know about you".to_owned(),
        (true, false) => format!("We never sell what we know about you, or pass it on for {others}"),
        (false, true) => "We never pass anything on".to_owned(),
        (false, false) => format!("We never pass anything on for {others}"),
    }
}

/// What a prohibition lets through all the same: each of its `unless`, said to whoever it protects.
fn exceptions(never: &Prohibition) -> Vec<&'static str> {
    let agreed = if never.to.is_empty() { "you have agreed to it" } else { "they have agreed to it" };
    let reason = |why: &ShareReason| match why {
        ShareReason::Law => "the law requires it",
        ShareReason::Life => "it protects somebody's life",
        ShareReason::Rights => "we need it to defend our rights",
        ShareReason::Sale => "our business is sold",
    };
    let safeguarded = matches!(never.what, Forbidden::ShareOutside { unless_safeguarded: true, .. });
    let mut said = Vec::new();
    said.extend(never.unless_consented.then_some(agreed));
    said.extend(never.unless_processor.then_some("a company needs it for the work it does for us"));
    said.extend(never.unless_reasons.iter().map(reason));
    said.extend(safeguarded.then_some("it is protected there as the law asks"));
    said
}

pub(super) fn place_words(place: &str) -> String {
    match place {
        "UK" => "the United Kingdom".to_owned(),
        "USA" => "the United States".to_owned(),
        "EU" => "the European Union".to_owned(),
        "EEA" => "the European Economic Area".to_owned(),
        other => other.to_owned(),
    }
}

pub(super) fn care(policy: &Policy) -> Section {
    let mut section = Section::new("care", "How we look after it");
    let mut lines: Vec<Line> = Vec::new();
    if policy.security.encrypted.is_some() {
        lines.push(
            "Everything we keep in our computer is scrambled (encrypted), so that a thief could not read it."
                .into(),
        );
    }
    if !policy.roles.is_empty() {
        lines.push("Each of us sees only what our work needs, and every look at your data is noted.".into());
    }
    for attestation in &policy.attestations {
        let often = period_words(&attestation.every);
        let often = often.strip_prefix("1 ").unwrap_or(&often);
        lines.push(
            format!(
                "{} Our {} checks this every {often}.",
                say::stop(&say::capital(&attestation.what)),
                attestation.by
            )
            .into(),
        );
    }
    if let Some(backups) = &policy.backups {
        lines.push(
            format!(
                "We make copies in case something breaks, and keep each for {}. What we erase is gone from our work at \
                 once. In a copy it is locked away and not used until the copy goes. If we ever need a copy, we erase it \
                 there again first.",
                period_words(&backups.kept)
            )
            .into(),
        );
    }
    if let Some(incidents) = &policy.incidents {
        let by = policy.roles.get(incidents.by.index()).map_or("one of us", |role| role.name.as_str());
        let mut said = format!(
            "If data is lost, or the wrong people see it, our {by} looks into it. Where the law asks for it we tell the \
             regulator within {} hours, and we tell you if it could hurt you.",
            incidents.regulator_within_hours
        );
        if incidents.police {
            said.push_str(" If it looks like a crime, we tell the police.");
        }
        if incidents.prevent {
            said.push_str(" Then we see that it does not happen again.");
        }
        lines.push(said.into());
    }
    lines.extend(
        [Own::ByHand, Own::Imports, Own::Previews]
            .iter()
            .filter_map(|own| policy.period_told(*own))
            .map(Line::from),
    );
    lines.extend(counted(policy).map(Line::from));
    section.list(lines);
    if let Some(visits) = &policy.visits {
        let asked = if visits.ask_first { "only if you say yes" } else { "and you can say no" };
        let hours = visits.kept.get_hours();
        let kept = if hours > 0 { format!("{hours} hours") } else { period_words(&visits.kept) };
        let again = policy.period_told(Own::Visitors).unwrap_or_default();
        section.say(format!(
            "When you look at our website we count visits, {asked}. {again} Each single visit is erased after {kept}. Only the \
             counts stay, and they say nothing about you."
        ));
    }
    section
}

/// What is counted of people for statistics that leave the house, and what no number shows.
fn counted(policy: &Policy) -> Option<String> {
    let years = policy.statistics.iter().map(|statistics| statistics.years).max()?;
    let before = match years {
        1 => String::new(),
        2 => " and the year before".to_owned(),
        _ => format!(" and the {} years before", in_words(u64::from(years.unsigned_abs()) - 1)),
    };
    Some(format!(
        "We count how many people came how far with our work that began this year{before}. No number that we show is of fewer \
         than {} people.",
        policy.least_count()
    ))
}

pub(super) fn changes(policy: &Policy) -> Section {
    let mut section = Section::new("changes", "When this notice changes");
    section.say(format!(
        "This is version {}. It holds from {}. If we change it, the new version stands here, and we tell those it makes a \
         difference to.",
        policy.version,
        say::day(policy.from)
    ));
    if let Some((every, last)) = &policy.review {
        let often = period_words(every);
        let often = often.strip_prefix("1 ").unwrap_or(&often);
        section.say(format!("We look at it again every {often}. The last time was {}.", say::day(*last)));
    }
    for (_, words) in policy.says.iter().filter(|(after, _)| after.is_none()) {
        section.say(say::stop(words));
    }
    section
}
