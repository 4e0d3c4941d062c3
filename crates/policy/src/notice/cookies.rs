//! The cookies page: what the program keeps in a browser, for whom, how long, and the choice people have.

use super::{Block, Line, Notice, Section, say};
use crate::phrase::period_words;
use crate::policy::Policy;

/// Something the program keeps in a browser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cookie {
    /// Its name, as the browser shows it.
    pub name: &'static str,
    /// What it is for: "keeps somebody signed in".
    pub what_for: &'static str,
    /// How long it stays: "until you sign out".
    pub how_long: String,
    /// Whether what was asked for cannot be done without it (PECR reg 6(4)); if not, the visitor is asked first.
    pub needed: bool,
}

/// The cookies page of a policy, for a program that keeps these.
#[must_use]
pub fn cookies(policy: &Policy, kept: &[Cookie]) -> Notice {
    let mut short = Section::new("short", "In short");
    let asked: Vec<&Cookie> = kept.iter().filter(|cookie| !cookie.needed).collect();
    short.say("You can read every public page here without a cookie. Nobody else sets one here, and nothing follows you to other sites.");
    if asked.is_empty() {
        let choice = match &policy.visits {
            None => "So there is nothing to accept or refuse.",
            Some(_) => "All you can accept or refuse is that we count your visits.",
        };
        short.say(format!("We set only what you need for something that you asked for yourself. {choice}"));
    } else {
        short.say("Some we set only if you say yes. If you say nothing, that is a no.");
    }
    let mut which = Section::new("which", "Which there are");
    let row = |cookie: &Cookie| -> Vec<Line> {
        let when = if cookie.needed { "Only when you use this" } else { "Only if you say yes" };
        [
            cookie.name.to_owned(),
            say::capital(cookie.what_for),
            say::capital(&cookie.how_long),
            when.to_owned(),
        ]
        .map(Line::from)
        .to_vec()
    };
    which.blocks.push(Block::Table {
        caption: "What we keep in your browser".to_owned(),
        columns: ["Name", "What it is for", "How long it stays", "When"].map(str::to_owned).to_vec(),
        rows: kept.iter().map(row).collect(),
    });
    which.say("You can erase them in your browser at any time. Then you may have to sign in again.");
    let mut sections = vec![short, which];
    if let Some(visits) = &policy.visits {
        let mut section = Section::new("visits", "How we count visits");
        let hours = visits.kept.get_hours();
        let kept = if hours > 0 { format!("{hours} hours") } else { period_words(&visits.kept) };
        section.say(format!(
            "We count a visit only after you said yes: which page was read, when, and from which other site you came. \
             Never who you are. Each single visit is erased after {kept}. Only the counts stay."
        ));
        sections.push(section);
    }
    let mut ask = Section::new("ask", "Questions");
    ask.say(super::us::contact(policy, "Ask"));
    ask.say(
        Line::from("What else we know about people stands in our ")
            .link("privacy notice", "/privacy")
            .and("."),
    );
    sections.push(ask);
    Notice {
        title: format!("Cookies of {}", policy.controller),
        version: policy.version,
        from: policy.from,
        opening: Vec::new(),
        sections,
    }
}
