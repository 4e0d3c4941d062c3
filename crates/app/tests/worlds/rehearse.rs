//! Scenarios: those beside the policies are so, and one that is not so says what happened instead.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test may fail loudly")]

use app::scenario::{Part, Played, play, read};
use policy::Policy;
use policy::source::File;

/// The scenarios of a policy that comes with the program, with the policy beside them.
fn beside(name: &str) -> (Policy, String) {
    let path = |ending: &str| format!("{}/../../policies/{name}.{ending}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path("policy")).unwrap();
    let (policy, found) = Policy::read(vec![File { name: format!("{name}.policy"), text }]);
    let policy = policy.unwrap_or_else(|| panic!("{name}: {found:?}"));
    (policy, std::fs::read_to_string(path("scenario")).unwrap())
}

fn told(name: &str, text: &str) -> Vec<(String, Played)> {
    let (policy, _) = beside(name);
    let stories = read(text).unwrap();
    stories.iter().map(|story| (story.title.clone(), play(&policy, story).unwrap())).collect()
}

/// Every story beside a policy is so. Then three of its lines are made untrue, one of each kind, and each must be
/// found, with what happened instead and the clause that decided.
fn what_it_means_is_so(name: &str) {
    let (policy, text) = beside(name);
    let stories = read(&text).unwrap();
    assert!(stories.len() >= 8, "{name}.scenario has {} stories", stories.len());
    for story in &stories {
        assert_eq!(play(&policy, story).unwrap(), Played::Kept, "{name}: {}", story.title);
    }
    for (is, make, words) in LIES {
        let mut all = stories.iter().flat_map(|story| story.steps.iter().map(move |step| (story, step)));
        let found = all.find(|(_, step)| step.part == Part::Then && is(&step.words));
        let (story, so) = found.unwrap_or_else(|| panic!("{name} has no line such as {words}"));
        let mut untrue = story.clone();
        for step in untrue.steps.iter_mut().filter(|step| step.line == so.line) {
            step.words = make(&so.words);
        }
        let Played::Not { line, instead, .. } = play(&policy, &untrue).unwrap() else {
            panic!("{name}: a lie on line {} is not found", so.line)
        };
        assert_eq!(line, so.line, "{name}: {instead}");
        // The clause that decided: the one refused by, or one of the policy's rules in its own words.
        let decided = so.words.strip_prefix("it is refused because of ").map_or_else(
            || {
                policy.rules.iter().any(|rule| {
                    instead.contains(&format!(": {})", rule.words))
                        || instead.contains(&format!("({})", rule.words))
                })
            },
            |clause| instead.contains(clause),
        );
        assert!(decided && instead.contains(words), "{name}: {instead}");
    }
}

/// Which lines are made untrue, how, and what must then be said.
type Lie = (fn(&str) -> bool, fn(&str) -> String, &'static str);
const LIES: [Lie; 3] = [
    (
        |so| so.starts_with("it is refused because of "),
        |_| "it is allowed".to_owned(),
        "it is refused because of ",
    ),
    (|so| so.contains(" gone"), |so| so.replace(" gone", " held"), "gone on "),
    (
        |so| so.contains(" is due 20") && !so.contains("request"),
        |so| format!("{}1999-01-01", &so[..so.len() - 10]),
        "Grounds: ",
    ),
];

#[test]
fn every_policy_has_its_stories() {
    let folder = format!("{}/../../policies", env!("CARGO_MANIFEST_DIR"));
    let mut policies = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "policy") {
            assert!(path.with_extension("scenario").is_file(), "{} has no stories", path.display());
            policies += 1;
        }
    }
    assert_eq!(policies, 6, "a policy more or less: its stories are played below");
}

#[test]
fn what_cti_means_is_so() {
    what_it_means_is_so("cti");
}

#[test]
fn what_cmp_means_is_so() {
    what_it_means_is_so("cmp");
}

#[test]
fn what_cli_means_is_so() {
    what_it_means_is_so("cli");
}

#[test]
fn what_blue_turtle_means_is_so() {
    what_it_means_is_so("blue-turtle");
}

#[test]
fn what_chorus_means_is_so() {
    what_it_means_is_so("chorus");
}

#[test]
fn what_the_starter_means_is_so() {
    what_it_means_is_so("starter");
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

/// The starter policy of a school whose trips have a child and a parent on them.
fn school() -> Policy {
    let (_, _) = beside("starter");
    let text =
        std::fs::read_to_string(format!("{}/../../policies/starter.policy", env!("CARGO_MANIFEST_DIR")));
    let text = text.unwrap()
        + "
category pupil   \"our pupils\"
category parent  \"parents of our pupils\"

item date of birth \"your date of birth\"

work trip \"school trip\"
  milestones  planned, returned
  people      child is pupil; parent is parent

activity trips \"School trips\"
  for       pupil, parent
  so that   \"your child comes home safely\"
  purpose   ServiceProvision
  basis     contract
  data      name, email, phone, date of birth, work record
  from      the person
  send      by email
  keep      phone until the child is 25
  keep      1 year after returned, at most 30 years after last contact
  then      erase
";
    let (policy, found) = Policy::read(vec![File { name: "school.policy".into(), text }]);
    policy.unwrap_or_else(|| panic!("{found:?}"))
}

#[test]
fn the_childs_age_ends_what_is_kept_of_the_parent_and_the_parents_own_does_not() {
    let policy = school();
    let stories = "
scenario \"until the child is 25\"
  given   on 2018-01-08, Cleo is a pupil, with date of birth 2011-05-04
  and     Pat is a parent, with date of birth 1980-05-06, with phone 01632 960011
  and     we talk with Pat: the trip to the sea
  and     Cleo starts trip, parent is Pat
  then    Pat's phone is held
  and     Pat's trips is due 2036-05-04
  and     Cleo's trips is due 2036-05-04
  given   on 2018-02-05, Cleo puts right date of birth: 2012-02-29
  then    Pat's trips is due 2037-02-28
  and     Cleo's trips is due 2037-02-28

scenario \"nobody knows how old the child is\"
  given   on 2018-01-08, Cleo is a pupil
  and     Pat is a parent, with date of birth 1980-05-06, with phone 01632 960011
  and     Cleo starts trip, parent is Pat
  then    Pat's trips awaits date of birth of the child
  and     Pat's phone is held
";
    for story in read(stories).unwrap() {
        assert_eq!(play(&policy, &story).unwrap(), Played::Kept, "{}", story.title);
    }
    let notice = policy::notice::to_markdown(&policy::notice::of(&policy));
    assert!(notice.contains("until the child is 25 years old"), "{notice}");
}
