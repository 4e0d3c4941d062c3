//! Scenarios: those beside the policies are so, and one that is not so says what happened instead.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use app::scenario::{Played, play, read};
use app::world::Pack;

fn told(pack: &str, text: &str) -> Vec<(String, Played)> {
    let policy = Pack::named(pack).unwrap().policy().unwrap();
    let stories = read(text).unwrap();
    stories.iter().map(|story| (story.title.clone(), play(&policy, story).unwrap())).collect()
}

#[test]
fn what_the_policies_mean_is_so() {
    for pack in app::world::PACKS {
        let file = format!("{}/../../policies/{}.scenario", env!("CARGO_MANIFEST_DIR"), pack.name);
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let played = told(pack.name, &text);
        assert!(played.len() >= 8, "{file} has {} stories", played.len());
        for (title, came) in played {
            assert_eq!(came, Played::Kept, "{}: {title}", pack.name);
        }
    }
}

#[test]
fn a_line_that_is_not_so_says_what_happened_instead() {
    let lies = [
        (
            "scenario \"no form is needed\"\n  given on 2026-02-02, Umar is a coaching client\n  and Umar starts programme with coach\n  \
             when as coach, Umar has coaching notes: A first talk\n  then it is allowed\n",
            5,
            "refused because of coaching: basis",
        ),
        (
            "scenario \"gone too early\"\n  given on 2026-02-02, Dana is an associate\n  when it is 2027-02-02\n  then Dana is gone\n",
            4,
            "Grounds: assignments",
        ),
        (
            "scenario \"another month\"\n  given on 2026-09-03, Dana is an associate\n  and Dana asks for access by letter\n  \
             then her access request is due 2026-10-03\n",
            4,
            "due 2026-10-05",
        ),
        (
            "scenario \"backwards\"\n  given on 2026-09-03, Dana is an associate\n  when it is 2026-09-01\n  then Dana is held\n",
            3,
            "a story only goes forward",
        ),
        (
            "scenario \"nobody knows them\"\n  given on 2026-09-03, Dana is an associate\n  when Dora asks not to be called\n  then it is allowed\n",
            3,
            "the story knows no person",
        ),
    ];
    for (text, at, words) in lies {
        let played = told("cti", text).remove(0).1;
        let Played::Not { line, instead, .. } = played else { panic!("it is so: {text}") };
        assert_eq!(line, at, "{text}");
        assert!(instead.contains(words), "{instead}");
    }
}
