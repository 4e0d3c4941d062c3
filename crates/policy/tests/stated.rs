//! What a policy states of its officer, its complaints, its requests and its activities' titles: what is refused, what is
//! found, and what is let pass.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use jiff::civil::date;
use policy::Policy;
use policy::phrase::{Voice, read_alone, rule_words};
use policy::source::File;

const STARTER: &str = include_str!("../../../policies/starter.policy");

/// What is found in the starter policy with one line in another's place, and more at its end.
fn codes(line: &str, other: &str, more: &str) -> Vec<&'static str> {
    let at = STARTER.lines().position(|known| known.trim_start().starts_with(line)).unwrap();
    let mut lines: Vec<&str> = STARTER.lines().collect();
    let whole = other.to_owned();
    *lines.get_mut(at).unwrap() = &whole;
    let text = lines.join("\n") + "\n" + more;
    let (policy, mut found) = Policy::read(vec![File { name: "a.policy".to_owned(), text }]);
    found.extend(policy.iter().flat_map(|policy| policy::check::check(policy, date(2026, 11, 22))));
    found.into_iter().map(|finding| finding.code).collect()
}

fn has(line: &str, other: &str, code: &str) -> bool {
    codes(line, other, "").contains(&code)
}

#[test]
fn an_officer_whom_nobody_can_reach_is_refused() {
    assert!(has("officer ", "  officer \"Dr Ann Other\"", "E-OFFICER"));
    assert!(!has("officer ", "  officer \"Dr Ann Other\" <dpo@clinic.example>", "E-OFFICER"));
    assert!(!has("officer ", "  officer \"Dr Ann Other\" <dpo@clinic.example>, 01632 960001", "E-SYNTAX"));
    assert!(has("officer ", "  officer \"Dr Ann Other\" dpo@clinic.example", "E-SYNTAX"));
}

#[test]
fn two_ways_to_complain_are_two_however_they_are_joined() {
    for ways in ["e-mail and letter", "e-mail or letter", "form, e-mail and letter"] {
        let line = format!("  complaints to us by {ways}; then to the regulator");
        assert!(!has("complaints ", &line, "W-COMPLAINTS"), "{ways}");
    }
    assert!(has("complaints ", "  complaints to us by letter; then to the regulator", "W-COMPLAINTS"));
}

#[test]
fn what_only_people_can_read_is_no_format_to_take_along() {
    for format in ["paper", "PDF", "printed letter", "PDF, paper"] {
        assert!(has("format ", &format!("  format {format}"), "E-FORMAT-PDF"), "{format}");
    }
    for format in ["CSV", "PDF, JSON and CSV", "paper, JSON"] {
        assert!(!has("format ", &format!("  format {format}"), "E-FORMAT-PDF"), "{format}");
    }
}

#[test]
fn nothing_is_accepted_without_a_reason() {
    for because in ["", " "] {
        let more = format!("\naccept W-REVIEW because \"{because}\" until 2027-01-01\n");
        assert!(codes("officer ", "  officer none, because \"small scale\"", &more).contains(&"E-SYNTAX"));
    }
}

#[test]
fn a_title_or_a_sentence_that_advertises_is_marketing() {
    let with = |title: &str, so_that: &str| {
        let more = format!(
            "\nactivity promo \"{title}\"\n  for client\n  so that \"{so_that}\"\n  purpose ServiceProvision\n  \
             basis contract\n  data name, email\n  from the person\n  keep 1 year after last contact\n  then erase\n"
        );
        codes("officer ", "  officer none, because \"small scale\"", &more)
    };
    for (title, so_that) in [
        ("Marketing our courses to you", "we can do what you asked for"),
        ("Newsletter", "we can do what you asked for"),
        ("Marketing", "we can do what you asked for"),
        ("Fundraising appeals", "we can do what you asked for"),
        ("Keeping in touch", "you hear about our new courses by e-mail"),
        ("Appeals", "you can give to our work"),
        ("Telling you about courses", "you hear of courses that may suit you"),
        ("Alumni magazine", "we can do what you asked for"),
        ("Vouchers", "we can do what you asked for"),
        ("Open day", "we can do what you asked for"),
        ("Upcoming events", "we can do what you asked for"),
    ] {
        assert!(with(title, so_that).contains(&"W-HIDDEN-MARKETING"), "{title}: {so_that}");
    }
    for title in [
        "Never sending you marketing",
        "Working for you",
        "Our marketing team",
        "Timetable changes",
        "Our courses run by you",
    ] {
        assert!(!with(title, "we can do what you asked for").contains(&"W-HIDDEN-MARKETING"), "{title}");
    }
}

/// The period of an activity that is kept so, with what the head says of the financial year.
fn kept(phrase: &str, year: &str) -> Result<String, Vec<String>> {
    let more = format!(
        "\nactivity extra \"Something else\"\n  for client\n  so that \"we can do what you asked for\"\n  purpose \
         ServiceProvision\n  basis contract\n  data name, email\n  from the person\n  keep {phrase}\n  then erase\n"
    );
    let text = STARTER.replacen("  decisions ", &format!("{year}  decisions "), 1) + &more;
    let (policy, found) = Policy::read(vec![File { name: "a.policy".to_owned(), text }]);
    let said = |finding: policy::Diagnostic| format!("{} {:?}", finding.code, finding.help);
    let policy = policy.ok_or(found.into_iter().map(said).collect::<Vec<_>>())?;
    let extra = policy.activity_named("extra").unwrap().id;
    Ok(rule_words(&policy, policy.rules.iter().find(|rule| rule.activity == extra).unwrap(), Voice::You))
}

#[test]
fn when_the_financial_year_ends_is_said_and_never_assumed() {
    let phrase = "6 years after the end of the financial year of last contact";
    let refused = kept(phrase, "").unwrap_err();
    assert!(
        refused
            .iter()
            .any(|said| said.starts_with("E-AMBIGUOUS") && said.contains("financial year ends 31 March"))
    );
    let words = kept(phrase, "  financial year ends 30 June\n").unwrap();
    assert!(
        words.starts_with("6 years after the end of the financial year (which ends on 30 June)"),
        "{words}"
    );
    assert!(kept(phrase, "  financial year ends 31 June\n").is_err());
    let alone = read_alone("6 years after the end of the financial year of paid").unwrap_err();
    assert!(alone.iter().any(|finding| finding.code == "E-AMBIGUOUS"));
    assert!(read_alone("6 years after the end of the year to 31 March of paid").is_ok());
}

#[test]
fn a_choice_within_a_choice_reads_in_one_way() {
    let of = |phrase: &str| read_alone(phrase).unwrap().words(Voice::You);
    assert_eq!(
        of(
            "the earlier of 6 years after finished and the later of 1 year after agreed and 2 years after last contact"
        ),
        "whichever comes first of these two: (1) 6 years after the work is finished; and (2) whichever comes last of \
         (a) 1 year after the work is agreed, and (b) 2 years after you were last in touch with us"
    );
    assert_eq!(
        of("the later of 2 years after finished and until consent withdrawn or asked us to stop"),
        "whichever comes last of these two: (1) 2 years after the work is finished; and (2) until you take back your \
         consent or you ask us to stop"
    );
    assert_eq!(
        of("the later of 1 year after agreed and 2 years after finished"),
        "1 year after the work is agreed or 2 years after the work is finished, whichever comes last"
    );
}

#[test]
fn the_first_of_several_pieces_of_work_ends_nothing() {
    assert_eq!(
        read_alone("6 years after first finished").unwrap().words(Voice::You),
        "6 years after the first time the work is finished"
    );
    let phrase = "6 years after the first of their projects finished";
    let alone = read_alone(phrase).unwrap_err();
    let help = alone.first().and_then(|finding| finding.help.clone()).unwrap();
    assert!(help.contains("the last of their projects finished") && help.contains("`finished`"), "{help}");
    assert!(
        kept(phrase, "").unwrap_err().iter().any(|said| said.contains("the last of their projects finished"))
    );
    assert!(kept("6 years after the last of their projects finished", "").is_ok());
}

#[test]
fn work_that_never_gets_so_far_stalls_all_of_them_too() {
    let stalls = |phrase: &str| {
        let more = format!(
            "\nactivity extra \"Something else\"\n  for client\n  so that \"we can do what you asked for\"\n  purpose \
             ServiceProvision\n  basis contract\n  data name, email\n  from the person\n  keep {phrase}\n  then erase\n"
        );
        codes("officer ", "  officer none, because \"small scale\"", &more).contains(&"A-STALLED")
    };
    assert!(stalls("6 years after finished"));
    assert!(stalls("6 years after the last of their projects finished"));
    assert!(!stalls("6 years after the last of their projects finished, review every 2 years"));
}
