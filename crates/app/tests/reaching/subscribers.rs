//! A list of subscribers at a processor is what the policy and the people say here; whoever leaves there has objected here and is never
//! put back; whoever goes here goes there.

use std::os::unix::fs::PermissionsExt;

use app::acts::subscribers as acts;
use app::acts::{consent, restriction};
use app::jobs::subscribers;
use axum::http::StatusCode;
use custody::id::PersonId;
use jiff::SignedDuration;
use serde_json::json;
use store::params;
use store::task::{self, Kind};

use crate::list_server::{KEY, ListServer};
use crate::town::{NEWS, Town};

/// A processor that CTI's policy lets have names and addresses.
const PROCESSOR: &str = "address book";

/// The town with a list at a processor. The file with its key goes when this does.
struct Listed {
    server: ListServer,
    key: tempfile::NamedTempFile,
}

impl Listed {
    fn at(town: &mut Town, processor: &str) -> Self {
        let server = ListServer::open();
        let key = tempfile::NamedTempFile::new().unwrap();
        let listed = Self { server, key };
        listed.with_key(KEY);
        listed.called(town, processor, "a1b2", NEWS);
        listed
    }

    /// What `probity.toml` says of the list from now on.
    fn called(&self, town: &mut Town, processor: &str, list: &str, activity: &str) {
        town.reopen(&format!(
            "[processor.\"{processor}\"]\nendpoint = \"http://127.0.0.1:{}\"\nlist = \"{list}\"\nactivity = \"{activity}\"\nkey_file = \"{}\"\n",
            self.server.port,
            self.key.path().display()
        ));
    }

    fn with_key(&self, key: &str) {
        std::fs::write(self.key.path(), format!("{key}\n")).unwrap();
        std::fs::set_permissions(self.key.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// A turn, at once: as if the processor had posted that something happened.
fn turn(town: &Town) {
    for name in town.instance().config.processors.keys() {
        let hook = format!("/hooks/{}", acts::hook(town.instance().store.keys(), name));
        assert_eq!(
            town.post(&hook, "type=unsubscribe&data%5Bemail%5D=somebody").status,
            StatusCode::NO_CONTENT
        );
    }
    subscribers::run(town.instance()).unwrap();
}

fn trouble(town: &Town, processor: &str) -> Option<String> {
    town.instance().store.read(|tx| acts::noted(tx, processor)).unwrap().trouble
}

/// The time that the processor asked for is over.
fn may_be_asked_again(town: &Town) {
    let store = &town.instance().store;
    let known = store.read(|tx| acts::noted(tx, PROCESSOR)).unwrap();
    assert!(known.left_alone_until.is_some(), "it asked for time");
    let known = acts::Noted { left_alone_until: None, ..known };
    store.write(|tx| acts::note(tx, PROCESSOR, &known)).unwrap();
}

fn objections(town: &Town, who: PersonId) -> i64 {
    let sql = "SELECT COUNT(*) FROM objection WHERE person_id = ?1";
    town.instance().store.read(|tx| tx.count(sql, params![who])).unwrap()
}

/// They say no here, and on another day yes.
fn takes_back(town: &Town, who: PersonId) {
    town.later(1);
    town.act(|acting, tx| consent::withdraw(acting, tx, who, NEWS, None)).unwrap();
}

both! {
    /// Whoever may be written to is there, and what went is on record; a turn without changes says nothing of anybody.
    fn who_may_be_written_to_is_there(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Samuel Hill", "Samuel@Post.example");
        town.supporter("Una Hill", "una@post.example");
        town.contact("Tom Vale", "tom@brightwell.example");
        turn(town);
        assert_eq!(listed.server.subscribed(), ["samuel@post.example", "una@post.example"]);
        assert_eq!(listed.server.member("samuel@post.example").unwrap().name, "Samuel Hill");
        let sql = format!("SELECT COUNT(*) FROM disclosure WHERE recipient = '{PROCESSOR}' AND kinds LIKE '%email%'");
        assert_eq!(town.count(&sql), 2);
        let asked = listed.server.asked();
        assert!(asked.iter().all(|asked| !asked.contains('@')), "{asked:?}");
        turn(town);
        assert!(listed.server.asked().iter().all(|asked| asked.starts_with("GET")), "nothing has changed");
        assert_eq!(town.count(&sql), 2);
        // What is put right here is put right there.
        let (item, version) = town
            .instance()
            .store
            .read(|tx| {
                let sql = "SELECT id, version FROM item WHERE person_id = ?1 AND kind = 'name'";
                tx.one(sql, params![sam], |row| Ok((row.int(0)?, row.int(1)?)))
            })
            .unwrap();
        let change = json!({ "value": "Samuel Hillforth", "version": version });
        let changed = town.api("PUT", &format!("/api/v1/people/{sam}/items/{item}"), &change);
        assert!(changed.status.is_success(), "{}", changed.text);
        turn(town);
        assert_eq!(listed.server.member("samuel@post.example").unwrap().name, "Samuel Hillforth");
        // Whoever is restricted gets nothing there meanwhile, and is not let go there.
        let asking = restriction::Asking { why: "they dispute it".into(), ..Default::default() };
        town.act(|acting, tx| restriction::place(acting, tx, sam, &asking)).unwrap();
        turn(town);
        assert_eq!(listed.server.member("samuel@post.example").unwrap().status, "unsubscribed");
        assert_eq!(objections(town, sam), 0, "what we stopped is no word of theirs");
    }

    /// Leaving there is an objection here, and nobody puts them back, whatever they say here later.
    fn whoever_leaves_there_is_never_put_back(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.supporter("Una Hill", "una@post.example");
        turn(town);
        listed.server.happens("sam@post.example", "unsubscribed");
        turn(town);
        assert_eq!(objections(town, sam), 1);
        assert_eq!(town.mailing(), ["una@post.example"], "and so our own mail stops");
        turn(town);
        assert_eq!(objections(town, sam), 1, "once");
        town.later(1);
        town.agrees(sam);
        listed.server.asked();
        turn(town);
        assert_eq!(listed.server.subscribed(), ["una@post.example"]);
        assert!(!listed.server.asked().iter().any(|asked| asked.starts_with("PUT")), "nobody even tries");
        // Somebody who signs up there by themselves, against what stands here, is stopped there.
        let una = PersonId(town.count("SELECT person_id FROM item WHERE value = 'Una Hill'"));
        listed.server.happens("una@post.example", "unsubscribed");
        turn(town);
        assert_eq!(objections(town, una), 1);
        listed.server.happens("una@post.example", "subscribed");
        turn(town);
        assert_eq!(listed.server.member("una@post.example").unwrap().status, "unsubscribed");
    }

    /// Who left there before we ever knew of it is found out as they are sent, alone or among many, and has objected.
    fn who_had_left_before_is_found_out(town) {
        let listed = Listed::at(town, PROCESSOR);
        listed.server.happens("early@post.example", "unsubscribed");
        let early = town.supporter("Ada Early", "early@post.example");
        turn(town);
        assert_eq!(objections(town, early), 1);
        listed.server.happens("gone@post.example", "unsubscribed");
        listed.server.happens("stranger@post.example", "subscribed");
        let gone = town.supporter("Ida Gone", "gone@post.example");
        for n in 0..12 {
            town.supporter(&format!("Sam {n}"), &format!("sam{n}@post.example"));
        }
        listed.server.asked();
        turn(town);
        let asked = listed.server.asked();
        assert_eq!(asked.iter().filter(|asked| *asked == "POST ").count(), 1, "together: {asked:?}");
        assert_eq!(asked.iter().filter(|asked| asked.starts_with("PUT")).count(), 1, "{asked:?}");
        assert_eq!(objections(town, gone), 1);
        assert_eq!(listed.server.subscribed().len(), 13, "and the stranger is let alone");
    }

    /// What we stop is stopped there and may go on again; a bounce and a complaint come back as what they are.
    fn what_is_stopped_here_goes_on_again_by_their_word(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Hill", "una@post.example");
        let tom = town.supporter("Tom Vale", "tom@post.example");
        // Their details stay for another reason.
        town.also_supplies(sam);
        turn(town);
        takes_back(town, sam);
        turn(town);
        assert_eq!(listed.server.member("sam@post.example").unwrap().status, "unsubscribed");
        town.later(1);
        town.agrees(sam);
        turn(town);
        assert_eq!(listed.server.member("sam@post.example").unwrap().status, "subscribed");
        listed.server.complains("una@post.example");
        listed.server.happens("tom@post.example", "cleaned");
        turn(town);
        assert_eq!((objections(town, una), objections(town, tom)), (1, 0));
        // What takes nothing there takes nothing from us: somebody finds out first.
        let open = town.instance().store.read(|tx| task::open_of_person(tx, tom)).unwrap();
        assert_eq!((open.len(), open[0].kind), (1, Kind::CameBack), "{open:?}");
        assert_eq!(town.mailing(), ["sam@post.example"]);
        turn(town);
        assert_eq!(listed.server.subscribed(), ["sam@post.example"]);
    }

    /// What we stopped and the service lets no program go on with stays stopped: that is not said to be their word, and is tried once.
    fn what_we_stopped_and_cannot_go_on_is_no_word_of_theirs(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.also_supplies(sam);
        turn(town);
        takes_back(town, sam);
        turn(town);
        listed.server.happens("sam@post.example", "unsubscribed");
        turn(town);
        town.later(1);
        town.agrees(sam);
        turn(town);
        assert_eq!((objections(town, sam), trouble(town, PROCESSOR)), (0, None));
        assert_eq!(town.mailing(), ["sam@post.example"], "our own mail goes on");
        listed.server.asked();
        turn(town);
        assert!(!listed.server.asked().iter().any(|asked| asked.starts_with("PUT")));
        assert_eq!(listed.server.subscribed(), [] as [&str; 0]);
    }

    /// Whoever goes here is taken away there for good, with the next turn of the job and not with the next of the list; so is an
    /// address that is no longer theirs.
    fn whoever_goes_here_goes_there(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Hill", "una@post.example");
        turn(town);
        town.erase(sam);
        subscribers::run(town.instance()).unwrap();
        assert!(listed.server.member("sam@post.example").is_none());
        assert_eq!(town.count("SELECT COUNT(*) FROM processor_member"), 1);
        let (item, version) = town
            .instance()
            .store
            .read(|tx| {
                let sql = "SELECT id, version FROM item WHERE person_id = ?1 AND kind = 'email'";
                tx.one(sql, params![una], |row| Ok((row.int(0)?, row.int(1)?)))
            })
            .unwrap();
        let change = json!({ "value": "una.hill@post.example", "version": version });
        let changed = town.api("PUT", &format!("/api/v1/people/{una}/items/{item}"), &change);
        assert!(changed.status.is_success(), "{}", changed.text);
        turn(town);
        assert_eq!(listed.server.subscribed(), ["una.hill@post.example"]);
        assert!(listed.server.member("una@post.example").is_none(), "the one before is taken away");
        // Who was taken away there for good cannot be put back by any program; the page says so, and nobody tries again.
        town.supporter("Sam Hill", "sam@post.example");
        turn(town);
        listed.server.asked();
        turn(town);
        assert!(!listed.server.asked().iter().any(|asked| asked.starts_with("PUT")));
        let page = town.signed_in("GET", "/processors", "").text;
        assert!(page.contains("1 address that it does not take") && page.contains("1 address on the list"), "{page}");
        assert!(page.contains("/hooks/"));
    }

    /// Nobody counts as taken away from a list that is not the one they are on: where another is named, the one before is kept until
    /// somebody has everybody taken off it.
    fn another_list_is_begun_once_nobody_is_left_on_the_one_before(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Hill", "una@post.example");
        town.also_supplies(una);
        turn(town);
        listed.called(town, PROCESSOR, "b2c3", NEWS);
        town.erase(sam);
        takes_back(town, una);
        turn(town);
        assert!(listed.server.member("sam@post.example").is_none(), "taken away where it lay");
        assert_eq!(listed.server.member("una@post.example").unwrap().status, "unsubscribed");
        let page = town.signed_in("GET", "/processors", "").text;
        assert!(page.contains("names the list b2c3 by now. The one before, a1b2,"), "{page}");
        assert!(town.signed_in("GET", "/", "").text.contains("probity.toml names another list"));
        let begins = |town: &Town| town.signed_in("POST", "/processors/address-book/another-list", "");
        assert_eq!(begins(town).status, StatusCode::SEE_OTHER);
        assert_eq!(begins(town).status, StatusCode::NOT_FOUND, "once");
        subscribers::run(town.instance()).unwrap();
        assert!(listed.server.member("una@post.example").is_none());
        assert_eq!(town.count("SELECT COUNT(*) FROM processor_member"), 0);
        subscribers::run(town.instance()).unwrap();
        assert!(trouble(town, PROCESSOR).is_some_and(|why| why.contains("no such list")), "{:?}", trouble(town, PROCESSOR));
        // A list that was only named wrongly, and on which nobody is yet, is begun by itself.
        town.supporter("Tom Vale", "tom@post.example");
        listed.called(town, PROCESSOR, "a1b2", NEWS);
        subscribers::run(town.instance()).unwrap();
        assert_eq!(listed.server.subscribed(), ["tom@post.example"]);
        // Whoever leaves the service has everybody taken off, and then nothing is asked there; whoever only forgets it is told.
        listed.called(town, PROCESSOR, "none", NEWS);
        assert_eq!(begins(town).status, StatusCode::SEE_OTHER);
        subscribers::run(town.instance()).unwrap();
        assert_eq!(listed.server.subscribed(), [] as [&str; 0]);
        listed.server.asked();
        subscribers::run(town.instance()).unwrap();
        assert_eq!(listed.server.asked(), [] as [&str; 0]);
    }

    /// Addresses on a list that `probity.toml` no longer names at all are a fault for whoever can see to it.
    fn a_list_that_nobody_keeps_any_longer_is_told_of(town) {
        let _listed = Listed::at(town, PROCESSOR);
        town.supporter("Sam Hill", "sam@post.example");
        turn(town);
        let today = |town: &Town| town.signed_in("GET", "/", "").text;
        assert!(!today(town).contains("no longer names"));
        town.reopen("");
        assert!(today(town).contains("still has 1 address of ours"), "{}", today(town));
    }

    /// Whoever is archived there was taken off, and their word is not said to be what it was not.
    fn whoever_is_archived_there_was_taken_off(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        turn(town);
        listed.server.happens("sam@post.example", "archived");
        turn(town);
        assert_eq!(objections(town, sam), 1);
        let how = "SELECT COUNT(*) FROM objection WHERE how LIKE 'somebody took them off the list at the%'";
        assert_eq!(town.count(how), 1);
        assert_eq!(town.mailing(), [] as [&str; 0]);
    }

    /// Of whom the service takes no change they are on the list all the same, and are stopped there when they say no; and whom it does not
    /// stop because it sends them nothing keeps nobody else waiting.
    fn whoever_cannot_be_changed_there_can_still_say_no(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Hill", "una@post.example");
        town.also_supplies(sam);
        town.also_supplies(una);
        turn(town);
        listed.server.is_odd(true);
        let (item, version) = town
            .instance()
            .store
            .read(|tx| {
                let sql = "SELECT id, version FROM item WHERE person_id = ?1 AND kind = 'name'";
                tx.one(sql, params![sam], |row| Ok((row.int(0)?, row.int(1)?)))
            })
            .unwrap();
        let change = json!({ "value": "Samuel Hill", "version": version });
        assert!(town.api("PUT", &format!("/api/v1/people/{sam}/items/{item}"), &change).status.is_success());
        turn(town);
        assert_eq!(trouble(town, PROCESSOR), None);
        takes_back(town, sam);
        turn(town);
        assert_eq!(listed.server.member("sam@post.example").unwrap().status, "unsubscribed");
        // Una left there, and says so here before that was asked for.
        listed.server.happens("una@post.example", "cleaned");
        takes_back(town, una);
        let store = &town.instance().store;
        let known = store.read(|tx| acts::noted(tx, PROCESSOR)).unwrap();
        let later = acts::Noted { read_to: Some(app::clock::machine().saturating_add(SignedDuration::from_hours(2)).unwrap()), ..known };
        store.write(|tx| acts::note(tx, PROCESSOR, &later)).unwrap();
        turn(town);
        assert_eq!(trouble(town, PROCESSOR), None);
        assert_eq!(town.count("SELECT COUNT(*) FROM processor_person WHERE state = 'stopped'"), 2);
    }

    /// A list that the policy knows no more goes on to nobody, and whoever leaves there is still heard.
    fn of_a_list_that_the_policy_does_not_know_nobody_gets_anything(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.supporter("Una Hill", "una@post.example");
        turn(town);
        assert_eq!(listed.server.subscribed().len(), 2);
        listed.server.happens("sam@post.example", "unsubscribed");
        listed.called(town, PROCESSOR, "a1b2", "a use of old");
        turn(town);
        assert_eq!(listed.server.subscribed(), [] as [&str; 0]);
        assert_eq!(objections(town, sam), 1);
        assert!(trouble(town, PROCESSOR).is_some_and(|why| why.contains("a use of old")));
        let today = || town.signed_in("GET", "/", "").text.contains("is not kept as the people say here");
        assert!(!today(), "not at once");
        let store = &town.instance().store;
        let known = store.read(|tx| acts::noted(tx, PROCESSOR)).unwrap();
        let long_ago = known.done_at.unwrap().checked_sub(SignedDuration::from_hours(24)).unwrap();
        store.write(|tx| acts::note(tx, PROCESSOR, &acts::Noted { done_at: Some(long_ago), ..known.clone() })).unwrap();
        assert!(today(), "a day later");
    }

    /// However many called what they got unwanted: all of them are heard.
    fn complaints_are_read_to_their_end(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        turn(town);
        for n in 0..500 {
            listed.server.complains(&format!("stranger{n}@post.example"));
        }
        listed.server.complains("sam@post.example");
        turn(town);
        assert_eq!(objections(town, sam), 1);
    }

    /// Nothing goes to a processor whose safeguard does not stand, and the page says which clause.
    fn nothing_goes_where_the_policy_lets_nothing_go(town) {
        let listed = Listed::at(town, "mailer");
        town.supporter("Sam Hill", "sam@post.example");
        turn(town);
        assert!(listed.server.asked().iter().all(|asked| asked.starts_with("GET")));
        assert_eq!(listed.server.subscribed(), [] as [&str; 0]);
        assert!(trouble(town, "mailer").is_some_and(|why| why.contains("mailer")), "{:?}", trouble(town, "mailer"));
        assert_eq!(town.count("SELECT COUNT(*) FROM disclosure"), 0);
    }

    /// Two who share an address are one member there, and whoever was first stays; what could not be sent is on record once.
    fn an_address_is_one_member_whoever_has_it(town) {
        let listed = Listed::at(town, PROCESSOR);
        town.supporter("Sam Hill", "hills@post.example");
        town.supporter("Una Hill", "hills@post.example");
        listed.server.is_stuck(true);
        for _ in 0..3 {
            turn(town);
            assert!(trouble(town, PROCESSOR).is_some_and(|why| why.contains("503")));
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM disclosure"), 1);
        listed.server.is_stuck(false);
        turn(town);
        assert_eq!(trouble(town, PROCESSOR), None);
        listed.server.asked();
        turn(town);
        assert!(listed.server.asked().iter().all(|asked| asked.starts_with("GET")), "nobody takes it from the other");
        assert_eq!(listed.server.subscribed(), ["hills@post.example"]);
        assert_eq!(town.count("SELECT COUNT(*) FROM disclosure"), 1);
    }

    /// A processor that is busy is left alone, one that fails says so on its page, and what was not done is done later.
    fn a_processor_that_does_not_take_it_is_asked_later(town) {
        let listed = Listed::at(town, PROCESSOR);
        let sam = town.supporter("Sam Hill", "sam@post.example");
        listed.server.answers_next("429 Too Many Requests\r\nRetry-After: 900");
        turn(town);
        assert!(trouble(town, PROCESSOR).is_some_and(|why| why.contains("busy")));
        subscribers::run(town.instance()).unwrap();
        assert_eq!(listed.server.asked(), [] as [&str; 0], "until it is time");
        turn(town);
        assert_eq!(listed.server.asked(), [] as [&str; 0], "though it posts that something happened");
        may_be_asked_again(town);
        listed.with_key("another-us21");
        turn(town);
        assert!(trouble(town, PROCESSOR).is_some_and(|why| why.contains("key_file")));
        assert!(town.signed_in("GET", "/processors", "").text.contains("Not well"));
        listed.with_key(KEY);
        turn(town);
        assert_eq!(trouble(town, PROCESSOR), None);
        assert_eq!(listed.server.subscribed(), ["sam@post.example"]);
        assert_eq!(town.post("/hooks/0123", "").status, StatusCode::NOT_FOUND);
        // Nor is it asked meanwhile to take away whoever has gone here.
        listed.server.answers_next("429 Too Many Requests\r\nRetry-After: 900");
        turn(town);
        town.erase(sam);
        listed.server.asked();
        subscribers::run(town.instance()).unwrap();
        assert_eq!(listed.server.asked(), [] as [&str; 0]);
        may_be_asked_again(town);
        subscribers::run(town.instance()).unwrap();
        assert!(listed.server.member("sam@post.example").is_none());
    }
}
