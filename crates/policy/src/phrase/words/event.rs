//! Events in words: "the coaching programme is completed", "you take back your consent".

use super::{Speech, Voice, they};
use crate::count::plural;
use crate::phrase::{Event, Which};

/// An event that is waited for, or (`past`) one that a span is counted from.
pub(super) fn happens(event: &Event, speech: Speech<'_>, past: bool) -> String {
    let Speech { voice, work, .. } = speech;
    if let Some(years) = event.name.strip_prefix("turns ") {
        return voice.pick(&format!("you turn {years}"), &format!("they turn {years}"));
    }
    if let Some(years) = event.name.strip_prefix("people turn ") {
        return format!("the last of the people on it turns {years}");
    }
    if event.which == Which::All {
        return last_of_all(event, speech);
    }
    if let Some(declared) = speech.events.iter().find(|known| known.name == event.name) {
        return declared_words(event, &declared.words, voice);
    }
    if let Some(category) = event.name.strip_prefix("no longer ") {
        let one = speech.one_of(category);
        return voice.pick(&format!("you are no longer {one}"), &format!("they are no longer {one}"));
    }
    if let Some(work) = work.filter(|work| work.milestones.contains(&event.name)) {
        return milestone_words(event, &work.title);
    }
    let first = event.which == Which::First;
    let (you, they) = match (event.name.as_str(), past) {
        ("collected", _) => ("we first got your details", "we first got their details"),
        ("contact" | "incoming contact", true) if first => {
            ("you were first in touch with us", "they were first in touch with us")
        }
        ("contact" | "incoming contact", true) => {
            ("you were last in touch with us", "they were last in touch with us")
        }
        ("contact" | "incoming contact", false) => ("you are in touch with us", "they are in touch with us"),
        ("communication", _) => {
            ("the last message between you and us", "the last message between them and us")
        }
        ("consent withdrawn", _) => ("you take back your consent", "they take back their consent"),
        ("consent given", true) => ("you gave your consent", "they gave their consent"),
        ("consent given", false) => ("you give your consent", "they give their consent"),
        ("phone changes", _) => ("your number changes", "their number changes"),
        ("asked not to call", _) => ("you ask us not to call", "they ask us not to call"),
        ("asked us to stop", _) => ("you ask us to stop", "they ask us to stop"),
        ("left the organisation", _) => (
            "we learn that you have left your organisation",
            "we learn that they have left their organisation",
        ),
        ("left", _) => ("you leave", "they leave"),
        ("closed", _) => ("the matter is closed", "the matter is closed"),
        ("sent", _) => ("the message was sent", "the message was sent"),
        ("newer version", _) => ("a newer version takes its place", "a newer version takes its place"),
        ("confirmed", _) if first => ("you first confirmed it", "they first confirmed it"),
        ("confirmed", _) => ("you last confirmed it", "they last confirmed it"),
        ("recorded", _) => ("the entry was made", "the entry was made"),
        ("born", _) => ("you were born", "they were born"),
        _ => return milestone_words(event, "work"),
    };
    voice.pick(you, they)
}

/// "the programme is completed" for what is done, "the first session" for what takes place.
fn milestone_words(event: &Event, title: &str) -> String {
    let written = event.written();
    if written.contains(" is ") || written.contains(" are ") {
        return written;
    }
    // `handed over`: the verb is what stands before its particle.
    let (verb_phrase, particle) = match written.rsplit_once(' ') {
        Some((before, particle)) if PARTICLES.contains(&particle) => (before, format!(" {particle}")),
        _ => (written.as_str(), String::new()),
    };
    let verb = verb_phrase.rsplit(' ').next().unwrap_or_default();
    let done = (verb.ends_with("ed") || DONE.contains(&verb)) && event.which == Which::Only;
    match (done, verb_phrase.rsplit_once(' ')) {
        (true, None) => format!("the {title} is {written}"),
        (true, Some((subject, verb))) => format!("the {subject} is {verb}{particle}"),
        _ => format!("the {written}"),
    }
}

/// Words that belong to the verb before them.
const PARTICLES: &[&str] = &["over", "back", "out", "up", "off", "in", "on", "away"];

/// Words that say something is done, and do not end in "ed".
const DONE: &[&str] = &["paid", "sent", "made", "given", "sold", "done", "returned"];

/// "the last of your orders is closed".
fn last_of_all(event: &Event, speech: Speech<'_>) -> String {
    let work = speech.works.iter().find(|work| {
        event.name.strip_prefix(work.name.as_str()).is_some_and(|milestone| milestone.starts_with(' '))
    });
    let (noun, milestone) = match work {
        Some(work) => (work.title.as_str(), event.name.get(work.name.len()..).unwrap_or_default().trim()),
        None => event.name.split_once(' ').unwrap_or((&event.name, "done")),
    };
    let milestone = milestone.rsplit(' ').next().unwrap_or_default();
    let your = speech.voice.pick("your", "their");
    format!("the last of {your} {} is {milestone}", plural(noun))
}

/// "you paid us" as the author says it, the first or the last time.
fn declared_words(event: &Event, words: &str, voice: Voice) -> String {
    let time = match event.which {
        Which::First => "first",
        Which::Last => "last",
        Which::Only | Which::All => "",
    };
    let said = match words.split_once(' ').filter(|(who, _)| ["you", "we"].contains(who) && !time.is_empty())
    {
        Some((who, rest)) => format!("{who} {time} {rest}"),
        None if time.is_empty() => words.to_owned(),
        None => format!("the {time} {}", words.strip_prefix("the ").unwrap_or(words)),
    };
    match voice {
        Voice::You => said,
        Voice::They => they(&said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_its_author_says_to_a_person_is_said_about_them_too() {
        let last = Event { name: "payment".to_owned(), which: Which::Last };
        for (words, you, they) in [
            ("you paid us", "you last paid us", "they last paid us"),
            ("we paid you", "we last paid you", "we last paid them"),
            ("day you ordered", "the last day you ordered", "the last day they ordered"),
            (
                "the invoice for your work",
                "the last invoice for your work",
                "the last invoice for their work",
            ),
            (
                "we wrote to you about what you owe us",
                "we last wrote to you about what you owe us",
                "we last wrote to them about what they owe us",
            ),
        ] {
            assert_eq!(declared_words(&last, words, Voice::You), you);
            assert_eq!(declared_words(&last, words, Voice::They), they);
        }
    }

    #[test]
    fn what_is_done_is_said_of_the_work_or_of_what_it_names() {
        for (name, said) in [
            ("completed", "the investigation is completed"),
            ("handed over", "the investigation is handed over"),
            ("case closed", "the case is closed"),
            ("key given back", "the key is given back"),
            ("first session", "the first session"),
            ("sign in", "the sign in"),
        ] {
            let event = Event { name: name.to_owned(), which: Which::Only };
            assert_eq!(milestone_words(&event, "investigation"), said);
        }
    }
}
