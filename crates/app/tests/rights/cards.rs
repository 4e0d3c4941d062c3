//! What the page of a request says of what waits, and for what.

use app::acts::asking::{self, Asking};
use app::acts::person;
use app::acts::{Acting, hold};
use custody::id::PersonId;
use jiff::civil::date;
use store::disclosure::Telling;

use super::common::newcomer;
use super::doors::{Doors, on_both, version};

/// Presses a button of a request's page that sends nothing but where it stood.
fn press(doors: &Doors, helen: &str, (base, form): (&str, &str), more: &str) {
    let page = doors.get(base, helen);
    let sent =
        doors.post(&format!("{base}/{form}"), helen, &format!("version={}{more}", version(&page.text)));
    assert_eq!(sent.status, 303, "{form}: {}", sent.text);
}

fn says(doors: &Doors, helen: &str, base: &str, words: &str) {
    let page = doors.get(base, helen);
    assert!(page.status == 200 && page.text.contains(words), "{words}: {}", page.text);
}

#[test]
fn what_is_asked_for_another_says_all_that_it_waits_for() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = doors.ada();
        let form = format!(
            "person={ada}&kind=objection&how=telephone&received=2026-11-20&words=Stop&known=known&behalf=Jo+Wren&authority=a+letter"
        );
        let went = doors.post("/requests", &helen, &form);
        let base = went.place().split('?').next().unwrap().to_owned();
        let says = |base: &str, words: &str| says(doors, &helen, base, words);
        says(&base, "until you say how we know who asks, and somebody here has seen what lets them ask");
        says(&base, "Whoever asks for them was known when it was taken, on Fri 20 Nov 2026.");
        press(doors, &helen, (&base, "identity"), "&identity=known&on=2026-11-20");
        says(&base, "Say first what lets them ask, and that somebody here has seen it");
        press(doors, &helen, (&base, "seen"), "&on=2026-11-20");
        says(&base, "What is named here is stored and not used until you decide");

        // By the form, and tied to her: all other contact waits for the same.
        let asking = Asking {
            ask: "no contact".into(),
            name: "Ada Marlowe".into(),
            reach: "post@solicitors.example".into(),
            behalf: "Jo Wren".into(),
            authority: "her solicitor".into(),
            ..Asking::default()
        };
        let taken =
            doors.act("helen", |acting, tx| asking::take(&Acting::subject(acting.instance), tx, &asking));
        let base = format!("/requests/{}", store::id::referred(&taken.reference).unwrap());
        press(doors, &helen, (&base, "whose"), &format!("&whose={ada}&identity=known"));
        says(&base, "all other contact stops when somebody here has seen what lets them ask");
        press(doors, &helen, (&base, "seen"), "&on=2026-11-20");
        says(&base, "and closed on Fri 20 Nov 2026");
    });
}

#[test]
fn what_somebody_agreed_to_is_taken_back_on_the_request_that_asks_for_it() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = doors.ada();
        doors.agrees();
        let form = format!(
            "person={ada}&kind=objection&how=letter&received=2026-11-20&words=I+take+back+that+I+hear+from+you&known="
        );
        let went = doors.post("/requests", &helen, &form);
        let base = went.place().split('?').next().unwrap().to_owned();
        let back = format!("{base}/taken-back");
        let page = doors.get(&base, &helen);
        assert!(!page.text.contains("They take it back"), "nobody has said how we know who asks");
        let early =
            doors.post(&back, &helen, &format!("version={}&activity=supporters", version(&page.text)));
        assert_eq!(early.status, 422, "{}", early.text);
        let standing = || doors.number("SELECT COUNT(*) FROM consent WHERE withdrawn_on IS NULL");
        assert_eq!(standing(), 1);
        press(doors, &helen, (&base, "identity"), "&identity=known&on=2026-11-20");
        says(doors, &helen, &base, "They take it back");
        assert_eq!(standing(), 1, "to know who asks takes nothing back");
        press(doors, &helen, (&base, "taken-back"), "&activity=supporters&engagement=");
        assert_eq!(standing(), 0, "it counts at once");
        says(doors, &helen, &base, "They took back on Fri 20 Nov 2026");
        let page = doors.get(&base, &helen);
        assert!(!page.text.contains("They take it back"), "{}", page.text);
        assert!(!page.text.contains("It is somebody else"), "only they can agree again, so it stays theirs");
        let again =
            doors.post(&back, &helen, &format!("version={}&activity=supporters", version(&page.text)));
        assert_eq!(again.status, 404, "{}", again.text);
    });
}

#[test]
fn a_letter_that_left_by_post_is_not_said_to_be_on_its_way() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let form = format!("person={}&kind=access&how=letter&received=2026-11-20&words=", doors.ada());
        let base = doors.post("/requests", &helen, &form).place().split('?').next().unwrap().to_owned();
        let page = doors.get(&base, &helen).text;
        let begun = format!("version={}&sort=extension&task=&letter-why=It+takes+time", version(&page));
        let letter = doors.post(&format!("{base}/letters"), &helen, &begun).place().to_owned();
        let page = doors.get(&letter, &helen).text;
        let leaves = format!(
            "version={}&step=hand&to=&on=2026-11-20&how=by+post&subject=Longer&body=It+takes+longer&letter-why=It+takes+time",
            version(&page)
        );
        let left = doors.post(&letter, &helen, &leaves);
        assert_eq!(left.status, 303, "{}", left.text);
        let said = doors.get(left.place(), &helen).text;
        assert!(said.contains("it has left, on that day") && !said.contains("On its way."), "{said}");
    });
}

#[test]
fn nobody_is_refused_an_erasure_before_it_is_chosen_how_they_hear_of_it() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = doors.ada();
        let asking = hold::Asking {
            why: "A claim".into(),
            review_on: Some(date(2027, 1, 31)),
            ..hold::Asking::default()
        };
        doors.act("helen", |acting, tx| hold::place(acting, tx, PersonId(ada), &asking).map(drop));
        let form = format!("person={ada}&kind=erasure&how=letter&received=2026-11-20&words=&known=");
        let went = doors.post("/requests", &helen, &form);
        let base = went.place().split('?').next().unwrap().to_owned();
        let request = base.rsplit('/').next().unwrap();
        let erasure = format!("/people/{ada}/erasure");
        let page = || doors.get(&format!("{erasure}?request={request}"), &helen).text;
        let shown = page();
        let tells = shown.split("name=\"tell\"").skip(1);
        let tells: Vec<&str> = tells.map(|rest| rest.split('>').next().unwrap().trim()).collect();
        assert_eq!(
            tells,
            ["value=\"letter\"", "value=\"told\""],
            "nothing is chosen, and nobody is no choice"
        );
        let send = |tell: &str| {
            let form = format!("request={request}&version={}&why=asked&{tell}", version(&page()));
            doors.post(&erasure, &helen, &form)
        };
        for (tell, words) in [
            ("tell=", "Choose how they hear what came of it."),
            ("tell=nobody", "They asked, so they hear what came of it"),
            ("tell=told&how=", "Write how they were told"),
        ] {
            let wrong = send(tell);
            assert!(wrong.status == 422 && wrong.text.contains(words), "{tell}: {}", wrong.text);
        }
        assert_eq!(doors.number("SELECT COUNT(*) FROM request WHERE closed_on IS NOT NULL"), 0);
        let drafted = send("tell=letter");
        assert!(drafted.status == 303 && drafted.place().starts_with("/letters/"), "{}", drafted.text);
        assert!(doors.get(drafted.place(), &helen).text.contains("Art 17(3)(e)"));
        let told = send("tell=told&how=by+telephone");
        assert!(told.place().ends_with("said=not-erased"), "{}", told.text);
        says(doors, &helen, &base, "Refused and closed on Fri 20 Nov 2026");
    });
}

#[test]
fn the_page_of_an_erasure_says_beforehand_what_the_message_says() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let sam = doors.act("helen", |acting, tx| {
            let values = [("name", "Sam Vane"), ("email", "sam@vane.example")];
            let new = newcomer("supplier", "the person", &values);
            person::add(acting, tx, &new)
        });
        let says = |who: i64| doors.get(&format!("/people/{who}/erasure"), &helen).text;
        let shown = says(sam.0);
        let words = "The message says what we use no more, that nothing goes yet and why, and that they can go to court.";
        assert!(shown.contains(words), "{shown}");
        let shown = says(doors.ada());
        assert!(shown.contains("The message says what went and what stays."), "{shown}");
    });
}

#[test]
fn the_page_of_a_correction_says_what_was_put_right_and_has_a_door_for_the_rest() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = doors.ada();
        let form =
            format!("person={ada}&kind=rectification&how=telephone&received=2026-11-20&words=&known=known");
        let base = doors.post("/requests", &helen, &form).place().split('?').next().unwrap().to_owned();
        let says = |words: &str| says(doors, &helen, &base, words);
        says(
            "Nothing yet. Whatever is changed on their page while this is open is written down here by itself.",
        );
        let send = |form: &str, more: &str| {
            let version = version(&doors.get(&base, &helen).text);
            doors.post(&format!("{base}/{form}"), &helen, &format!("version={version}&{more}"))
        };
        let early = send("answer", "answer=done&told=&on=2026-11-20");
        assert!(early.status == 422 && early.text.contains("Nothing is corrected on this request yet."));
        let empty = send("corrected", "corrected=+");
        assert!(
            empty.status == 422 && empty.text.contains("Write in a few words what is right now, and where.")
        );
        let item = doors.number("SELECT id FROM item WHERE kind = 'phone'");
        let right = "version=1&value=01632+960112";
        assert_eq!(doors.post(&format!("/people/{ada}/items/{item}"), &helen, right).status, 303);
        says("<li>phone</li>");
        // It is from them, unless somebody says otherwise, and the form says so before.
        let change = format!("/people/{ada}/items/{item}");
        let shown = doors.get(&format!("/people/{ada}"), &helen).text;
        assert!(shown.contains("<option value=\"the person\" selected>The person</option>"), "{shown}");
        let source = "SELECT COUNT(*) FROM item WHERE kind = 'phone' AND source = 'the person' AND collected_on = '2026-11-20'";
        assert_eq!(doors.number(source), 1);
        let later = doors.post(
            &change,
            &helen,
            "version=2&value=01632+960113&source=the+person&collected=2027-01-01",
        );
        assert!(later.status == 422 && later.text.contains("This day has not come yet."), "{}", later.text);
        assert!(later.text.contains("value=\"2027-01-01\""), "what was typed stands there");
        press(doors, &helen, (&base, "corrected"), "&corrected=her+title+on+the+paper+file");
        says("<li>her title on the paper file</li>");
        let nowhere = send("correction-note", "note-words=I+never+rang&note-place=a+margin");
        assert!(nowhere.status == 422 && nowhere.text.contains("Choose among which lines it stands."));
        assert!(nowhere.text.contains("I never rang</textarea>"), "nothing typed is lost");
        press(
            doors,
            &helen,
            (&base, "correction-note"),
            "&note-words=I+never+rang&note-place=contact+record",
        );
        says("A note of what they say stands beside what we hold.");
        let page = doors.get(&format!("/people/{ada}"), &helen).text;
        assert!(page.contains("Disputed, and kept as it is. They say: I never rang"), "{page}");
        press(doors, &helen, (&base, "answer"), "&answer=done&told=&on=2026-11-20");
        says("and closed on Fri 20 Nov 2026");
    });
}

#[test]
fn somebody_erased_from_their_page_because_they_asked_has_a_request_that_says_how() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let page = format!("/people/{}/erasure", doors.ada());
        let shown = doors.get(&page, &helen).text;
        assert!(shown.contains("How did they ask?") && shown.contains("They did not ask"), "{shown}");
        // What remains is what this policy's register has, and a mark is promised of nobody who said no to nothing.
        let register = "register of erasures shows: initials, organisation, received, actions.";
        assert!(shown.contains(register) && !shown.contains("and nothing else"), "{shown}");
        assert!(!shown.contains("A keyed mark"), "{shown}");
        let send = |more: &str| {
            let version = version(&doors.get(&page, &helen).text);
            let form =
                format!("request=&version={version}&why=asked&known=known&tell=told&how=by+letter&{more}");
            doors.post(&page, &helen, &form)
        };
        let unsaid = send("asked-how=&asked-on=2026-11-19&asked-words=Please+go");
        assert!(unsaid.status == 422 && unsaid.text.contains("say how they asked, and on which day"));
        assert!(
            unsaid.text.contains("Please go") && unsaid.text.contains("value=\"2026-11-19\""),
            "typed and kept"
        );
        let later = send("asked-how=letter&asked-on=2026-11-21");
        assert!(later.status == 422 && later.text.contains("This day has not come yet."));
        assert_eq!(doors.number("SELECT COUNT(*) FROM request"), 0);
        assert_eq!(send("asked-how=letter&asked-on=2026-11-19").status, 303);
        let filed = "SELECT COUNT(*) FROM request WHERE channel = 'letter' AND received_on = '2026-11-19' AND closed_on = '2026-11-20'";
        assert_eq!(doors.number(filed), 1);
    });
}

#[test]
fn the_page_of_telling_a_recipient_says_when_nobody_can_any_more_and_what_can_still_be_done() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let task = doors.act("helen", |acting, tx| {
            let what = Telling::Erased.task("the coach", "");
            let new = Telling::Erased.new_task(("the coach", None), &what);
            let new = store::task::NewTask { about: Some("Ada Marlowe"), due_on: Some(acting.today), ..new };
            Ok(store::task::add(tx, &new, acting.now)?)
        });
        let page = format!("/tasks/{task}");
        let shown = doors.get(&page, &helen).text;
        assert!(shown.contains("The letter to them") && shown.contains("They are told"), "{shown}");
        doors.act("helen", |_, tx| Ok(store::task::unname(tx, task)?));
        let shown = doors.get(&page, &helen).text;
        assert!(shown.contains("Nothing here says any more whom it is about") && shown.contains("Close it"));
        let unsaid = doors.post(&page, &helen, "on=2026-11-20&note=");
        assert!(unsaid.status == 422 && unsaid.text.contains("Choose what became of it."), "{}", unsaid.text);
        let bare = doors.post(&page, &helen, "on=2026-11-20&note=&outcome=untold");
        assert!(
            bare.status == 422 && bare.text.contains("Write why they could not be told"),
            "{}",
            bare.text
        );
        assert_eq!(doors.post(&page, &helen, "on=2026-11-20&note=too+late&outcome=untold").status, 303);
        let shown = doors.get(&page, &helen).text;
        assert!(shown.contains("Could no longer be told: too late"), "{shown}");
    });
}
