//! The policy's public forms: what they ask and nothing else, filed as they say, answered by somebody, and no way for a stranger to change
//! what is held of anybody.

use app::acts::entry::NewNote;
use app::acts::form::{self, Sent};
use app::acts::restriction::Asking;
use app::acts::{self, Acting, consent, personal, restriction};
use app::fault::Fault;
use custody::id::PersonId;
use store::entry::{BY_FORM, Direction};
use store::submission::{self, Submission};
use store::task::{self, Kind, NewTask, Task};
use store::told::{self, Told, Way};
use store::{entry, item};

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};
use super::late::broken;

const COACHING: &str = "coaching client under coach search";
const OFFICE: &str = "organisation contact under enquiries";

/// What somebody sends by CTI's form.
fn sent(house: &House, about: &str, values: &[(&str, &str)]) -> Sent {
    Sent {
        form: "enquiry".into(),
        values: values.iter().map(|(kind, value)| ((*kind).into(), (*value).into())).collect(),
        about: about.into(),
        ticked: false,
        agreed: false,
        version: house.instance.policy().version,
    }
}

fn written(house: &House, about: &str, email: &str) -> Sent {
    let words = "Could somebody coach me in spring?";
    sent(house, about, &[("name", "Wren Novak"), ("email", email), ("enquiry", words)])
}

fn send(house: &House, sent: &Sent) -> Result<Submission, Fault> {
    let taken =
        house.instance.store.write(|tx| form::take(&Acting::system(&house.instance, form::BY), tx, sent))?;
    assert_eq!(store::id::referred(&taken.reference), Some(taken.submission), "it can be found by it");
    let all = house.read(|tx| submission::of_form(tx, "enquiry"));
    Ok(all.into_iter().find(|one| one.id == taken.submission).unwrap())
}

fn tasks(house: &House, who: PersonId, kind: Kind) -> Vec<Task> {
    let open = house.read(|tx| task::open_of_person(tx, who));
    open.into_iter().filter(|task| task.kind == kind).collect()
}

/// Everything that came is filed as the form says.
fn as_stated(house: &House) -> String {
    let seen = house.look("filed-as-stated");
    assert_eq!(seen.broken, Vec::<String>::new());
    seen.figure
}

/// A person's categories, details and lines, and whether and how they were told.
type Held = (Vec<String>, Vec<(String, String)>, i64, Vec<Told>);

fn held(house: &House, who: PersonId) -> Held {
    let policy = house.instance.policy();
    house.read(|tx| {
        let categories = "SELECT category FROM person_category WHERE person_id = ?1 ORDER BY category";
        let categories = tx.all(categories, store::params![who], |row| row.text(0))?;
        let items = "SELECT kind, value FROM item WHERE person_id = ?1 ORDER BY kind";
        let items = tx.all(items, store::params![who], |row| Ok((row.text(0)?, row.text(1)?)))?;
        assert_eq!(items.len(), item::of_person(tx, &policy, who)?.len());
        Ok((categories, items, entry::count_of_person(tx, who)?, told::of_person(tx, who)?))
    })
}

#[test]
fn what_a_stranger_writes_becomes_a_record_as_the_form_says_and_somebody_answers_it() {
    on_both(|house| {
        let before = broken(house);
        let new = send(house, &written(house, COACHING, "wren@elsewhere.example")).unwrap();
        assert_eq!((new.on, new.version, new.known, new.ticked), (TODAY, Some(3), false, false));
        assert_eq!((new.category.as_str(), new.activity.as_str()), ("coaching client", "coach search"));
        assert_eq!(new.kinds, ["name", "email", "enquiry"]);
        let (categories, items, lines, told) = held(house, new.person);
        assert_eq!(categories, ["coaching client"]);
        let said = [("email", "wren@elsewhere.example"), ("name", "Wren Novak")];
        assert_eq!(items, said.map(|(kind, value)| (kind.to_owned(), value.to_owned())));
        assert_eq!((lines, told), (1, vec![Told { on: TODAY, way: Way::Page, version: Some(3) }]));
        let policy = house.instance.policy();
        let line = house.read(|tx| entry::one(tx, &policy, new.entry.unwrap()));
        assert_eq!((line.source.as_str(), line.direction), (BY_FORM, Some(Direction::In)));
        // An alert, for somebody who writes to people and reads what they wrote.
        let [alert]: [Task; 1] = tasks(house, new.person, Kind::Answer).try_into().unwrap();
        assert_eq!((Some(alert.id), alert.entry, alert.owner), (new.task, new.entry, Some(house.manager.id)));
        assert!(alert.due_on.is_some());
        assert_eq!(broken(house), before);

        // A line that we did not reach them answers nothing; an answer does.
        let note = |kind: &str, direction| NewNote {
            kind: kind.into(),
            body: "About the spring.".into(),
            on: TODAY,
            direction,
            engagement: None,
        };
        house.act(|acting, tx| acts::entry::add(acting, tx, new.person, &note("enquiry", None))).unwrap();
        assert_eq!(tasks(house, new.person, Kind::Answer).len(), 1);
        let talk = note("contact record", Some(Direction::Both));
        house.act(|acting, tx| acts::entry::add(acting, tx, new.person, &talk)).unwrap();
        assert_eq!(tasks(house, new.person, Kind::Answer).len(), 0);

        let next = send(house, &written(house, COACHING, "wren@elsewhere.example")).unwrap();
        assert_eq!((next.person, next.known), (new.person, true), "it is somebody who is here by now");
        let words = ("Spring", "Dear Wren, yes, from March on.");
        house.act(|acting, tx| personal::send(acting, tx, new.person, "coach search", words)).unwrap();
        assert_eq!(tasks(house, new.person, Kind::Answer).len(), 0);
        assert_eq!(broken(house), before);
        let figure = as_stated(house);
        assert_eq!(figure, "2 messages by the form enquiry, each filed as it says, 2 of them answered");
    });
}

#[test]
fn nothing_that_anybody_writes_changes_what_is_held_of_somebody_else() {
    on_both(|house| {
        let tara = house.tara();
        let (categories, items, lines, told) = held(house, tara);
        let theirs = "tara.quill@brightwell.example";
        let mut by_hers = written(house, OFFICE, theirs);
        by_hers.values.push(("phone".into(), "01632 960999".into()));
        by_hers.values.push(("organisation".into(), "Elsewhere Ltd".into()));
        let filed = send(house, &by_hers).unwrap();
        assert_eq!((filed.person, filed.known, filed.kinds.len()), (tara, true, 1));
        let now = held(house, tara);
        assert_eq!(now, (categories, items, lines + 1, told), "a line, and nothing else");
        let all = house.everything();
        assert!(all.contains("As whoever wrote this said on the form: name: Wren Novak; email: tara.quill"));
        assert!(!all.contains("item.value: Wren Novak") && !all.contains("item.value: 01632 960999"));

        // As what she is not, whoever writes is somebody new: nothing makes her one by an address that anybody can write.
        let other = send(house, &written(house, COACHING, theirs)).unwrap();
        assert!(other.person != tara && !other.known);
        assert_eq!(held(house, tara), now);
        // So it is where two people have the address, by now, and while what is held of her may only be stored.
        let two = send(house, &written(house, OFFICE, theirs)).unwrap();
        assert!(![tara, other.person].contains(&two.person));
        house
            .act(|acting, tx| {
                let asking = Asking { why: "they dispute it".into(), ..Asking::default() };
                restriction::place(acting, tx, tara, &asking)
            })
            .unwrap();
        let by_number = [("name", "Wren Novak"), ("phone", "01632 960123"), ("enquiry", "Ring me.")];
        let rung = send(house, &sent(house, OFFICE, &by_number)).unwrap();
        assert!(rung.person != tara && !rung.known);
        assert_eq!(held(house, tara), now);
        as_stated(house);
    });
}

#[test]
fn a_form_takes_what_it_asks_and_nothing_else() {
    on_both(|house| {
        let wrong = |sent: &Sent, field: &str| {
            let fault = send(house, sent).unwrap_err();
            assert!(invalid(&fault, field), "{field}: {fault:?}");
        };
        let empty = sent(house, "", &[]);
        for field in ["name", "email", "enquiry", "about"] {
            wrong(&empty, field);
        }
        let whole = written(house, OFFICE, "wren@elsewhere.example");
        let with = |kind: &str, value: &str| {
            let mut other = whole.clone();
            other.values.retain(|(known, _)| known != kind);
            other.values.push((kind.into(), value.into()));
            other
        };
        wrong(&with("address", "1 High Street"), "address");
        wrong(&with("email", "wren at home"), "email");
        wrong(&with("name", "Wren\nNovak"), "name");
        wrong(&with("enquiry", &"x".repeat(20_001)), "enquiry");
        wrong(&Sent { about: "associate under assignments".into(), ..whole.clone() }, "about");
        wrong(&Sent { version: 2, ..whole.clone() }, "notice");
        let nowhere = send(house, &Sent { form: "survey".into(), ..whole.clone() });
        assert!(matches!(nowhere, Err(Fault::NotFound)));
        assert_eq!(house.read(|tx| submission::of_form(tx, "enquiry")), [], "nothing of it was kept");
        assert_eq!(house.read(|tx| tx.count("SELECT COUNT(*) FROM person", &[])), 0);
    });
}

#[test]
fn what_may_be_a_request_counts_as_no_contact_before_somebody_has_decided() {
    on_both(|house| {
        let mut asks = written(house, OFFICE, "wren@elsewhere.example");
        asks.values.retain(|(kind, _)| kind != "enquiry");
        asks.values.push(("enquiry".into(), "Please delete my data.".into()));
        let taken = send(house, &asks).unwrap();
        let [asked]: [Task; 1] = tasks(house, taken.person, Kind::Asks).try_into().unwrap();
        assert_eq!((asked.about.as_deref(), asked.entry), (Some("erasure"), taken.entry));
        let policy = house.instance.policy();
        let direction = || house.read(|tx| entry::one(tx, &policy, taken.entry.unwrap())).direction;
        assert_eq!(direction(), None);
        as_stated(house);
        house.spoil("UPDATE entry SET direction = 'in'");
        assert!(house.look("filed-as-stated").broken[0].contains("counts as contact before task"));
        house.spoil("UPDATE entry SET direction = NULL");
        house.act(|acting, tx| acts::mailbox::no_request(acting, tx, asked.id, TODAY)).unwrap();
        assert_eq!(direction(), Some(Direction::In));
        assert_eq!(tasks(house, taken.person, Kind::Answer).len(), 1, "it is answered all the same");
    });
}

#[test]
fn a_tick_that_the_notice_was_read_agrees_to_nothing() {
    let ticked = |text: String| {
        let files = "coaching client under coach search        promise CTI-06";
        text.replace(files, &format!("{files}\n  tick      \"I have read the privacy notice\""))
    };
    on_both_keeping(ticked, |house| {
        let whole = written(house, COACHING, "wren@elsewhere.example");
        let fault = send(house, &whole).unwrap_err();
        assert!(invalid(&fault, "tick"), "{fault:?}");
        let taken = send(house, &Sent { ticked: true, agreed: true, ..whole }).unwrap();
        assert!(taken.ticked);
        assert_eq!(house.read(|tx| tx.count("SELECT COUNT(*) FROM consent", &[])), 0);
        as_stated(house);
    });
}

#[test]
fn where_the_policy_rests_on_consent_it_is_asked_in_the_very_words() {
    let by_consent = |text: String| {
        text.replace("basis     contract, at the person's request", "basis     consent, opt-in")
    };
    on_both_keeping(by_consent, |house| {
        let whole = written(house, COACHING, "wren@elsewhere.example");
        let fault = send(house, &whole).unwrap_err();
        assert!(invalid(&fault, "agreed"), "{fault:?}");
        let taken = send(house, &Sent { agreed: true, ..whole }).unwrap();
        let policy = house.instance.policy();
        let words = consent::wording(&policy, policy.activity_named("coach search").unwrap());
        let given = "SELECT activity, wording, notice_version, evidence FROM consent WHERE person_id = ?1";
        let given = house.read(|tx| {
            tx.all(given, store::params![taken.person], |row| {
                Ok((row.text(0)?, row.text(1)?, row.opt_int(2)?, row.text(3)?))
            })
        });
        assert_eq!(given, [("coach search".to_owned(), words, Some(3), "page".to_owned())]);
        as_stated(house);
        // The same yes for something else was never given.
        house.spoil("UPDATE consent SET activity = 'greetings'");
        assert!(house.look("filed-as-stated").broken[0].contains("which agrees to nothing of the sort"));
    });
}

#[test]
fn what_can_be_agreed_to_in_nobodys_name_but_ones_own_goes_by_no_form() {
    let to_news = |text: String| {
        text.replace(
            "coaching client under coach search        promise",
            "supporter under supporters  promise",
        )
    };
    on_both_keeping(to_news, |house| {
        let policy = house.instance.policy();
        let keys: Vec<String> = form::ways(&policy, &policy.forms[0]).iter().map(form::Way::key).collect();
        assert_eq!(
            keys,
            [OFFICE],
            "anybody can write anybody's address, and would agree to advertising for them"
        );
    });
}

#[test]
fn strangers_who_write_often_push_nothing_else_off_the_list_of_what_is_to_be_done() {
    on_both(|house| {
        house
            .act(|acting, tx| {
                for kind in [Kind::Answer, Kind::Asks].repeat(60) {
                    let new = NewTask { due_on: Some(TODAY), ..NewTask::new(kind, "See to what they wrote") };
                    task::add(tx, &new, acting.now)?;
                }
                Ok(task::add(tx, &NewTask::new(Kind::Other, "Lock the cabinet"), acting.now)?)
            })
            .unwrap();
        let kinds = |open: Vec<Task>| open.into_iter().map(|task| task.kind).collect::<Vec<_>>();
        assert_eq!(kinds(house.read(|tx| task::open_of_ours(tx, None, 50))), [Kind::Other]);
        assert_eq!(kinds(house.read(|tx| task::open_kind(tx, None, Kind::Answer, 50))), [Kind::Answer; 50]);
    });
}
