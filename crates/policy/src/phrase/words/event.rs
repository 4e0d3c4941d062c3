//! Events in words: "the coaching programme is completed", "you take back your consent".

use super::{Speech, Voice, they};
use crate::count::plural;
use crate::phrase::{Event, Which, Whose};

/// An event that is waited for, or (`past`) one that a span is counted from.
pub(super) fn happens(event: &Event, speech: Speech<'_>, past: bool) -> String {
    let Speech { voice, work, .. } = speech;
    if let Some((whose, years)) = event.birthday() {
        return birthday(&whose, years, voice);
    }
    if event.which == Which::All {
        return last_of_all(event, speech);
    }
    if let Some(declared) = speech.events.iter().find(|known| known.name == event.name) {
        return declared_words(event, &declared.words, voice, past);
    }
    if let Some(category) = event.name.strip_prefix("no longer ") {
        let one = speech.one_of(category);
        return voice.pick(&format!("you are no longer {one}"), &format!("they are no longer {one}"));
    }
    if let Some(work) = work.filter(|work| work.milestones.contains(&event.name)) {
        if speech.papers && HANDED.contains(&event.name.as_str()) {
            return format!("it is {}", event.name);
        }
        return by_somebody(event, speech, past).unwrap_or_else(|| milestone_words(event, &work.title));
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
        _ => return by_somebody(event, speech, past).unwrap_or_else(|| milestone_words(event, "work")),
    };
    voice.pick(you, they)
}

/// "you turn 18", "the child was born".
fn birthday(whose: &Whose, years: Option<i16>, voice: Voice) -> String {
    let (who, turn, were) = match whose {
        Whose::Own => (voice.pick("you", "they"), "turn", "were"),
        Whose::Everybody => ("the last of the people on it".to_owned(), "turns", "was"),
        Whose::Part(part) => (format!("the {part}"), "turns", "was"),
    };
    match years {
        Some(years) => format!("{who} {turn} {years}"),
        None => format!("{who} {were} born"),
    }
}

/// "you ask" for `asked`, "you left school" for `left school`: what somebody does or meets with, and no piece of work does.
fn by_somebody(event: &Event, speech: Speech<'_>, past: bool) -> Option<String> {
    let time = match event.which {
        Which::First => "first ",
        Which::Last => "last ",
        Which::Only | Which::All => "",
    };
    DEEDS.iter().find_map(|(name, now, then)| {
        let what = event.name.strip_prefix(name)?;
        (what.is_empty() || what.starts_with(' ')).then(|| {
            let verb = if past { then } else { now };
            let said = |who: &str| format!("{who} {time}{verb}{what}");
            match speech.doer {
                Some(doer) => format!("the {doer} {time}{}{what}", of_one(verb, past)),
                None => speech.voice.pick(&said("you"), &said("they")),
            }
        })
    })
}

/// What somebody else does: "is hired", "was hired", "leaves", "left".
fn of_one(verb: &str, past: bool) -> String {
    match (verb.split_once(' '), past) {
        (Some(("are", rest)), _) => format!("is {rest}"),
        (Some(("were", rest)), _) => format!("was {rest}"),
        (_, true) => verb.to_owned(),
        (Some((verb, rest)), false) => format!("{verb}s {rest}"),
        (None, false) => format!("{verb}s"),
    }
}

/// What people do, as events are called, and how it is said before and after it has happened.
const DEEDS: &[(&str, &str, &str)] = &[
    ("asked", "ask", "asked"),
    ("left", "leave", "left"),
    ("joined", "join", "joined"),
    ("discharged", "are discharged", "were discharged"),
    ("enrolled", "enrol", "enrolled"),
    ("hired", "are hired", "were hired"),
    ("admitted", "are admitted", "were admitted"),
    ("graduated", "graduate", "graduated"),
    ("resigned", "resign", "resigned"),
    ("retired", "retire", "retired"),
    ("moved out", "move out", "moved out"),
    ("moved in", "move in", "moved in"),
];

/// "the programme is completed" for what is done, "the first session" for what takes place, "the trip has ended" for what
/// nobody does to it.
fn milestone_words(event: &Event, title: &str) -> String {
    let time = match event.which {
        Which::First => "the first time ",
        Which::Last => "the last time ",
        Which::Only | Which::All => "",
    };
    let of_one = Event::only(event.name.clone());
    if !time.is_empty() && done(&event.name) {
        return format!("{time}{}", milestone_words(&of_one, title));
    }
    let written = event.written();
    if written.contains(" is ") || written.contains(" are ") {
        return written;
    }
    if done_to(&written) {
        return format!(
            "the {title} {} {written}",
            ends_by(title, written.split(' ').next().unwrap_or_default())
        );
    }
    // `handed over`: the verb is what stands before its particle.
    let (verb_phrase, particle) = match written.rsplit_once(' ') {
        Some((before, particle)) if PARTICLES.contains(&particle) => (before, format!(" {particle}")),
        _ => (written.as_str(), String::new()),
    };
    let verb = verb_phrase.rsplit(' ').next().unwrap_or_default();
    match (done(&written), verb_phrase.rsplit_once(' ')) {
        (true, None) => format!("the {title} {} {written}", ends_by(title, verb)),
        (true, Some((subject, verb))) => format!("the {subject} {} {verb}{particle}", ends_by(subject, verb)),
        _ => format!("the {written}"),
    }
}

/// Whether words begin with what is done to somebody or something: `taken off the roll`, `struck from the list`.
fn done_to(words: &str) -> bool {
    words.split_once(' ').is_some_and(|(verb, rest)| {
        let next = rest.split(' ').next().unwrap_or_default();
        rest.contains(' ')
            && (verb.ends_with("ed") || DONE.contains(&verb))
            && (PARTICLES.contains(&next)
                || ["from", "to", "into", "onto", "by", "at", "under"].contains(&next))
    })
}

/// Whether a milestone's name says that something is done: `finished`, `handed over`, `invoice paid`.
fn done(name: &str) -> bool {
    let verb_phrase = match name.rsplit_once(' ') {
        Some((before, particle)) if PARTICLES.contains(&particle) => before,
        _ => name,
    };
    let verb = verb_phrase.rsplit(' ').next().unwrap_or_default();
    verb.ends_with("ed") || DONE.contains(&verb)
}

/// Whether something is done to it ("the job is finished") or it does it by itself ("the trip has returned").
fn ends_by(subject: &str, verb: &str) -> &'static str {
    let lent = || LENT.iter().any(|lent| subject.ends_with(lent));
    if ENDS_ITSELF.contains(&verb) || (verb == "returned" && !lent()) { "has" } else { "is" }
}

/// What work does of itself: a trip has ended, and is not ended.
const ENDS_ITSELF: &[&str] =
    &["arrived", "departed", "ended", "expired", "failed", "happened", "lapsed", "passed", "started"];

/// What is returned to its owner; anything else returns.
const LENT: &[&str] = &[
    "loan",
    "item",
    "key",
    "keys",
    "book",
    "form",
    "equipment",
    "kit",
    "hire",
    "deposit",
    "document",
    "questionnaire",
    "parcel",
    "order",
    "file",
    "case",
    "goods",
    "record",
    "borrowing",
    "survey",
    "application",
];

/// What is done with papers of the work, and not with the work.
const HANDED: &[&str] = &[
    "handed over",
    "handed back",
    "given back",
    "returned",
    "delivered",
    "collected",
    "sent",
    "sent out",
    "filed",
];

/// Words that belong to the verb before them.
const PARTICLES: &[&str] = &["over", "back", "out", "up", "off", "in", "on", "away"];

/// Words that say something is done, and do not end in "ed".
const DONE: &[&str] = &[
    "paid",
    "sent",
    "made",
    "given",
    "sold",
    "done",
    "returned",
    "taken",
    "struck",
    "withdrawn",
    "chosen",
    "put",
];

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
    let verb = ends_by(noun, milestone);
    let your = speech.voice.pick("your", "their");
    format!("the last of {your} {} {verb} {milestone}", plural(noun))
}

/// "you paid us" as the author says it, the first or the last time. What is still to come (not `past`) is learnt when it
/// has happened: "until we learn that you died".
fn declared_words(event: &Event, words: &str, voice: Voice, past: bool) -> String {
    let time = match event.which {
        Which::First => "first",
        Which::Last => "last",
        Which::Only | Which::All => "",
    };
    let said = if done_to(words) { format!("you were {words}") } else { words.to_owned() };
    let words = said.as_str();
    let who = words.split_once(' ').filter(|(who, _)| ["you", "we"].contains(who));
    let said = match (who, time) {
        (Some((who, rest)), time) if !time.is_empty() => format!("{who} {time} {rest}"),
        (Some(("you", _)), _) if !past => format!("we learn that {words}"),
        (_, "") if !past && (who.is_some() || clause(words)) => format!("the day {words}"),
        (_, "") => words.to_owned(),
        (_, time) if clause(words) => format!("the {time} time {words}"),
        (_, time) => {
            let bare = ["the ", "an ", "a "].iter().find_map(|article| words.strip_prefix(article));
            format!("the {time} {}", bare.unwrap_or(words))
        }
    };
    match voice {
        Voice::You => said,
        Voice::They => they(&said),
    }
}

/// Whether words say that something happened ("an accident happened") and do not name it ("the invoice for your work").
pub(super) fn clause(words: &str) -> bool {
    let words: Vec<&str> = words.split(' ').collect();
    if words.first().is_some_and(|first| ["day", "time"].contains(first)) {
        return false;
    }
    let article = |word: &str| ["a", "an", "the", "your", "our", "of", "for"].contains(&word);
    words.windows(2).any(|pair| match pair {
        [before, word] => {
            (word.ends_with("ed") || DONE.contains(word) || VERBS.contains(word)) && !article(before)
        }
        _ => false,
    })
}

/// Words that say that something happened, and are in no other table.
const VERBS: &[&str] = &[
    "was", "were", "is", "are", "has", "have", "had", "came", "went", "began", "left", "took", "fell", "ran",
    "broke",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Work;

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
            assert_eq!(declared_words(&last, words, Voice::You, true), you);
            assert_eq!(declared_words(&last, words, Voice::They, true), they);
        }
    }

    #[test]
    fn what_is_waited_for_and_what_happened_last_read_well() {
        for (words, last, until, they_until) in [
            ("you died", "you last died", "we learn that you died", "we learn that they died"),
            ("we paid you", "we last paid you", "the day we paid you", "the day we paid them"),
            (
                "an accident happened",
                "the last time an accident happened",
                "the day an accident happened",
                "the day an accident happened",
            ),
            (
                "your membership lapsed",
                "the last time your membership lapsed",
                "the day your membership lapsed",
                "the day their membership lapsed",
            ),
            ("an accident", "the last accident", "an accident", "an accident"),
            ("the signed form", "the last signed form", "the signed form", "the signed form"),
        ] {
            let event = |which| Event { name: "x".to_owned(), which };
            assert_eq!(declared_words(&event(Which::Last), words, Voice::You, true), last);
            assert_eq!(declared_words(&event(Which::Only), words, Voice::You, false), until);
            assert_eq!(declared_words(&event(Which::Only), words, Voice::They, false), they_until);
            assert_eq!(declared_words(&event(Which::Only), words, Voice::You, true), words);
        }
    }

    #[test]
    fn what_is_done_to_people_is_said_of_them() {
        let taken = |which, voice, past| {
            declared_words(&Event { name: "x".to_owned(), which }, "taken off the roll", voice, past)
        };
        assert_eq!(taken(Which::Only, Voice::You, true), "you were taken off the roll");
        assert_eq!(taken(Which::Last, Voice::They, true), "they last were taken off the roll");
        assert_eq!(taken(Which::Only, Voice::They, false), "we learn that they were taken off the roll");
    }

    #[test]
    fn whoever_asks_is_a_person_and_no_work() {
        let asked = |name: &str, past| happens(&Event::only(name), Speech::plain(Voice::You, None), past);
        assert_eq!(asked("asked", false), "you ask");
        assert_eq!(asked("asked", true), "you asked");
        assert_eq!(asked("asked for a copy", true), "you asked for a copy");
        assert_eq!(asked("asked us to stop", false), "you ask us to stop");
        assert_eq!(asked("left school", true), "you left school");
        assert_eq!(asked("discharged", true), "you were discharged");
        let they = happens(&Event::only("asked"), Speech::plain(Voice::They, None), false);
        assert_eq!(they, "they ask");
    }

    #[test]
    fn what_somebody_else_does_is_said_of_them() {
        let said = |name: &str, past| {
            let speech = Speech { doer: Some("pupil"), ..Speech::plain(Voice::You, None) };
            happens(&Event::only(name), speech, past)
        };
        assert_eq!(said("left school", true), "the pupil left school");
        assert_eq!(said("left school", false), "the pupil leaves school");
        assert_eq!(said("discharged", true), "the pupil was discharged");
        assert_eq!(said("moved out", false), "the pupil moves out");
        let last = Event { name: "enrolled".to_owned(), which: Which::Last };
        let speech = Speech { doer: Some("pupil"), ..Speech::plain(Voice::They, None) };
        assert_eq!(happens(&last, speech, true), "the pupil last enrolled");
    }

    #[test]
    fn what_ends_by_itself_is_not_ended_by_anybody() {
        for (name, title, said) in [
            ("returned", "trip", "the trip has returned"),
            ("returned", "tool loan", "the tool loan is returned"),
            ("lapsed", "membership", "the membership has lapsed"),
            ("form returned", "trip", "the form is returned"),
            ("completed", "trip", "the trip is completed"),
        ] {
            assert_eq!(milestone_words(&Event::only(name), title), said);
        }
    }

    #[test]
    fn papers_are_handed_over_and_the_work_is_not() {
        let work = Work {
            id: crate::name::WorkId(0),
            name: "investigation".to_owned(),
            title: "investigation".to_owned(),
            milestones: vec!["handed over".to_owned(), "completed".to_owned()],
            parts: Vec::new(),
            paid_by: Vec::new(),
            agreement: None,
            terms: Vec::new(),
            span: crate::source::Span::default(),
        };
        let said = |name: &str, papers| {
            happens(&Event::only(name), Speech { papers, ..Speech::plain(Voice::You, Some(&work)) }, false)
        };
        assert_eq!(said("handed over", true), "it is handed over");
        assert_eq!(said("handed over", false), "the investigation is handed over");
        assert_eq!(said("completed", true), "the investigation is completed");
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
            ("taken off the roll", "the investigation is taken off the roll"),
            ("struck from the list", "the investigation is struck from the list"),
            ("place taken", "the place is taken"),
        ] {
            let event = Event { name: name.to_owned(), which: Which::Only };
            assert_eq!(milestone_words(&event, "investigation"), said);
        }
    }
}
