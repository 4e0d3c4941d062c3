//! What the message of an erasure says: what was asked and done, everything that stays, why and until when, in the words of the notice,
//! and where else they can go. It speaks to whoever was erased, and names no more than is so. Nothing here sends it.

use jiff::civil::Date;
use policy::Policy;
use policy::count::in_words;
use policy::law::uk::REGULATOR;
use policy::phrase::period_words;
use store::erase::Part;
use store::suppression::Forbids;

use crate::acts::Acting;
use crate::acts::erasure::Preview;
use crate::acts::request::{Outcome, text as kept_text, words as asked_for};
use crate::fault::Fault;
use crate::web::frame::words;

/// What the message is called: it says that all is erased only where all is.
pub(super) fn subject(ahead: &Preview) -> &'static str {
    match (ahead.outcome, ahead.takes()) {
        (Outcome::Done, _) if !ahead.after.is_empty() => {
            "What we hold about you is erased once something was handed over"
        }
        (Outcome::Done, _) if by_hand(ahead) => {
            "What we held about you is erased, but for what lies on paper or elsewhere"
        }
        (Outcome::Done, _) => "It is done: what we held about you is erased",
        (Outcome::Partly | Outcome::Refused, true) => "What we erased, and what we keep",
        (Outcome::Partly | Outcome::Refused, false) => "What we use no more, and what we keep",
    }
}

/// Whether something waits for somebody's hands.
fn by_hand(ahead: &Preview) -> bool {
    ahead.paper || ahead.handed || ahead.for_us
}

/// The message: what was asked and done, what stays and why, and how to complain. So many texts about others are left `alone`.
pub(super) fn body(
    acting: &Acting<'_>,
    asked_on: Option<Date>,
    (parts, ahead, alone): (&[Part], &Preview, usize),
    name: Option<&str>,
) -> String {
    let policy = &acting.policy;
    let asked = asked_on.map_or_else(String::new, |on| {
        format!("On {} you asked us to erase what we hold about you. ", words(on))
    });
    let stays = stays(policy, ahead, alone);
    let what = match (ahead.outcome == Outcome::Done || ahead.takes(), stays.is_empty()) {
        (true, _) if !ahead.after.is_empty() => format!(
            "{asked}What we have to hand over comes first. As soon as that is done, we erase what no law or contract has us keep.{}",
            if stays.is_empty() { String::new() } else { format!(" This stays:\n{}", stays.join("\n")) }
        ),
        (true, true) if by_hand(ahead) => {
            format!("{asked}We have erased everything that does not lie on paper or elsewhere, today.")
        }
        (true, true) => format!("{asked}We have erased everything, today."),
        (true, false) => format!(
            "{asked}We have erased what no law or contract has us keep, today. {}:\n{}",
            if ahead.outcome == Outcome::Done { "Some records stay" } else { "The rest stays" },
            stays.join("\n")
        ),
        (false, _) => format!(
            "{asked}From today we use what we hold about you no more for this:\n{}\n\n\
             Nothing of it is erased yet. This stays:\n{}",
            stopped_uses(policy, parts).join("\n"),
            stays.join("\n")
        ),
    };
    let mut paragraphs = vec![what];
    paragraphs.extend(paper(ahead).map(str::to_owned));
    if ahead.for_us {
        let words = "What a company keeps for us is erased there, too: we tell it so, and what you asked is not done before it has \
                     confirmed that.";
        paragraphs.push(words.to_owned());
    }
    let after = after(policy, ahead);
    if !after.is_empty() {
        paragraphs.push(after.join(" "));
    }
    paragraphs.push(elsewhere(policy, !stays.is_empty()));
    format!("Dear {},\n\n{}", name.unwrap_or("there"), paragraphs.join("\n\n"))
}

/// Where else they can go: where something stays that they asked to have erased, to a court as well (Art 12(4)).
fn elsewhere(policy: &Policy, court: bool) -> String {
    format!(
        "If you think that this is wrong, write to {}. You can also complain to {}: {}, {}.{}",
        policy.contact.email,
        REGULATOR.name,
        REGULATOR.site,
        REGULATOR.phone,
        if court { " And you can go to court." } else { "" }
    )
}

/// Whether a text says what was drafted, whatever a browser made of the ends of its lines.
pub(super) fn same(drafted: &str, text: &str) -> bool {
    drafted.split_whitespace().eq(text.split_whitespace())
}

/// The message in words that somebody changed: it still says where else they can go, and that they are spoken of in so many texts about
/// others that are left `alone`.
///
/// # Errors
/// [`Fault::Invalid`] on `words` if it says nothing, or not where else they can go.
pub(super) fn changed(
    acting: &Acting<'_>,
    ahead: &Preview,
    text: &str,
    alone: usize,
) -> Result<String, Fault> {
    let text = kept_text("words", text)?.ok_or_else(|| Fault::field("words", "Write what they are told."))?;
    let court = !stays(&acting.policy, ahead, alone).is_empty();
    let site = REGULATOR.site.split('/').next().unwrap_or(REGULATOR.site);
    if !text.contains(site) || (court && !text.contains("court")) {
        let words = format!(
            "It must say where else they can go (Art 12(4)). Put this back into it: {}",
            elsewhere(&acting.policy, court)
        );
        return Err(Fault::field("words", words));
    }
    Ok(match left_alone(alone) {
        Some(said) => format!("{text}\n\n{said}"),
        None => text,
    })
}

/// That they are still spoken of in so many texts about others.
fn left_alone(alone: usize) -> Option<String> {
    let texts = match alone {
        0 => return None,
        1 => "a text".to_owned(),
        many => format!("{} texts", in_words(many as u64)),
    };
    Some(format!(
        "You are still spoken of in {texts} about somebody else, which we leave as they are written."
    ))
}

/// What is done by hand.
fn paper(ahead: &Preview) -> Option<&'static str> {
    match (ahead.paper, ahead.handed) {
        (true, true) => Some(
            "What is on paper or lies elsewhere is given back or destroyed by hand, as soon as we can. Until then it is used for nothing.",
        ),
        (true, false) => Some(
            "What is on paper or lies elsewhere is destroyed by hand, as soon as we can. Until then it is used for nothing.",
        ),
        (false, true) => Some(
            "What we have of yours to hand over is given back by hand, as soon as we can. Until then it is used for nothing.",
        ),
        (false, false) => None,
    }
}

/// What becomes of what is still there for a while: copies, the address of the message, the name that recipients are told, and what
/// else they had asked.
fn after(policy: &Policy, ahead: &Preview) -> Vec<String> {
    let mut after = Vec::new();
    if let Some(backups) = policy.backups.as_ref().filter(|_| ahead.takes()) {
        after.push(format!(
            "In our backups what we erased is locked away at once and not used; the backups themselves go {} after they were made.",
            period_words(&backups.kept)
        ));
    }
    if ahead.by_email && (ahead.outcome == Outcome::Done || ahead.go.contains_key("email")) {
        after.push(
            "This message still holds your address. It goes from it when the message has left.".to_owned(),
        );
    }
    if !ahead.told.is_empty() {
        after.push("Whoever had your details from us is to be told, too.".to_owned());
        if ahead.go.contains_key("name") {
            let days = policy.requests.confirming_days;
            after.push(format!("For that your name stays until they are, for {days} days at most."));
        }
    }
    after.extend(ahead.ends.iter().map(|(kind, on)| {
        format!(
            "What else you asked us, on {} (\u{201c}{}\u{201d}), is closed with this: nothing is left that it was about.",
            words(*on),
            asked_for(*kind)
        )
    }));
    after
}

/// Everything that stays, why and until when, a line each.
fn stays(policy: &Policy, ahead: &Preview, alone: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for stays in &ahead.stay {
        let line = format!("- {}", stays.plain);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() && ahead.marks.is_empty() && alone == 0 {
        return lines;
    }
    // It is written before this message is there to be counted; whoever is told by hand has none.
    let record = policy.kind_named("message record");
    let keeps = record
        .filter(|_| ahead.by_email)
        .and_then(|record| policy.activities.iter().find(|activity| activity.kinds.contains(record.id)));
    if let Some(keeps) = keeps {
        lines.push(format!(
            "- That this message left is kept with them, for \u{201c}{}\u{201d}, without your address and its words.",
            keeps.title
        ));
    }
    if !ahead.marks.is_empty() {
        let so: Vec<&str> = ahead.marks.iter().copied().map(mark).collect();
        lines.push(format!(
            "- We keep a mark made from the addresses and numbers that we had of you, from which nobody can read them, so that {}.",
            so.join(", and ")
        ));
    }
    lines.extend(left_alone(alone).map(|said| format!("- {said}")));
    lines
}

/// What a mark is for.
fn mark(forbids: Forbids) -> &'static str {
    match forbids {
        Forbids::Marketing => "we tell you there no more what we offer",
        Forbids::Calls => "we do not ring you there with what we offer",
        Forbids::AllContact => {
            "we do not get in touch with you there, but to answer what you ask or to warn you"
        }
    }
}

/// What is done with it no more, a line each.
fn stopped_uses(policy: &Policy, parts: &[Part]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| part.refused.is_none()) {
        let Some(activity) = policy.activity(part.activity) else { continue };
        let line = format!("- {}", activity.title);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
