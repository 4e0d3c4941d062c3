//! The link below a message stops what it says, whatever became of the message, the person or the database since; or it
//! says that it stopped nothing.

use app::acts::{merging, objection, person};
use axum::http::{StatusCode, header};
use custody::life::Scope;
use custody::proof::Obligation;
use policy::activity::Purpose;
use store::{merge, params, prove};

use crate::town::{NEWS, OFFERS, Town};

/// Rows of everything that a look could change.
fn rows(town: &Town) -> Vec<i64> {
    ["objection", "suppression", "told", "consent", "log_event", "task"]
        .map(|table| town.count(&format!("SELECT COUNT(*) FROM {table}")))
        .into()
}

fn marketing() -> Scope {
    Scope::Purpose(Purpose::DirectMarketing)
}

/// What the proof finds lost of who was put together.
fn lost(town: &Town) -> Vec<String> {
    let instance = town.instance();
    let (policy, now, today) = (instance.policy(), instance.clock.now(), instance.clock.today());
    prove::obligation(&instance.store, &policy, &Obligation::NothingLostInMerging, now, today).unwrap().broken
}

both! {
    /// Opening changes nothing, however often; one press stops it; another takes that back.
    fn opening_changes_nothing_and_one_press_stops_it(town) {
        town.supporter("Sam Hill", "sam@post.example");
        assert_eq!(town.mailing(), ["sam@post.example"]);
        let link = town.link("sam@post.example");
        let before = rows(town);
        for _ in 0..3 {
            let page = town.get(&link);
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text.contains("One press stops news and offers from CTI"), "{}", page.text);
        }
        assert_eq!(rows(town), before, "opening it changes nothing");
        let page = town.post(&link, "");
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("You will get no more news and offers from CTI"), "{}", page.text);
        assert_eq!(town.mailing(), [] as [&str; 0]);
        let undo = town.post(&format!("{link}/undo"), "");
        assert!(undo.text.contains("Stop the e-mails?"), "{}", undo.text);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        // It stops what a yes brought back, too.
        town.post(&link, "");
        town.later(1);
        let sam = custody::id::PersonId(town.count("SELECT MAX(person_id) FROM consent"));
        town.agrees(sam);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        town.later(1);
        assert!(town.post(&link, "").text.contains("You will get no more"));
        assert_eq!(town.mailing(), [] as [&str; 0], "stopped again");
    }

    /// RFC 8058: from another site, without a cookie or a token of a form, as either sort of form; nobody reads the page.
    fn a_mail_program_presses_it_from_anywhere(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        let told = town.count("SELECT COUNT(*) FROM told");
        let answer = town.one_click(&link);
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(answer.headers.get(header::SET_COOKIE).is_none() && answer.headers.get(header::LOCATION).is_none());
        assert_eq!(town.mailing(), [] as [&str; 0]);
        assert_eq!(town.count("SELECT COUNT(*) FROM told"), told, "a mail program has shown nobody the notice");
        assert_eq!(town.one_click(&link).status, StatusCode::OK, "twice is once");
        let sql = "SELECT COUNT(*) FROM objection WHERE person_id = ?1";
        assert_eq!(town.instance().store.read(|tx| tx.count(sql, params![sam])).unwrap(), 1);
        // A program that is told the link is none of ours does not think that it worked.
        assert_eq!(town.one_click(&format!("/unsubscribe/{}", "ab".repeat(16))).status, StatusCode::NOT_FOUND);
    }

    /// The link of a message to an address that was changed since stops both: whoever has the old one, and the person.
    fn the_address_changed_since(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        let sql = "SELECT id, version FROM item WHERE person_id = ?1 AND kind = 'email'";
        let (item, seen) = town.instance().store.read(|tx| tx.one(sql, params![sam], |row| {
            Ok((custody::id::ItemId(row.int(0)?), row.int(1)?))
        })).unwrap();
        town.act(|acting, tx| person::change_item(acting, tx, (sam, item), seen, ("sam@new.example", "")).map(drop)).unwrap();
        town.post(&link, "");
        assert_eq!(town.mailing(), [] as [&str; 0]);
        let other = town.supporter("Sammy Hill", "sam@post.example");
        let third = town.supporter("Samuel Hill", "sam@new.example");
        assert_eq!(town.mailing(), [] as [&str; 0], "{other} and {third} have one of the addresses");
    }

    /// Erased, and the message with them: the link still keeps the address from being written to when it comes back.
    fn the_person_was_erased(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        town.erase(sam);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE address = 'sam@post.example'"), 0);
        let before = rows(town);
        assert!(town.get(&link).text.contains("Nothing has changed yet"));
        assert_eq!(rows(town), before);
        let page = town.one_click(&link);
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("You will get no more"), "{}", page.text);
        town.later(1);
        town.contact("Sam Hill", "sam@post.example");
        assert_eq!(town.mailing_of(OFFERS), [] as [&str; 0], "back without a yes of their own");
        town.supporter("Sam Hill", "SAM@post.example");
        let keys = town.instance().store.keys();
        let stands = town.instance().store.read(|tx| store::suppression::standing(tx, keys, "email", "sam@post.example"));
        // With one, it is later than the press.
        assert!(stands.unwrap().is_empty());
        assert_eq!(town.mailing(), ["SAM@post.example"]);
    }

    /// Pressed after an erasure it may be called a mistake for as long as any other, and no longer.
    fn pressed_after_an_erasure_and_taken_back_too_late(town) {
        let stands = |town: &Town| {
            let keys = town.instance().store.keys();
            town.instance().store.read(|tx| store::suppression::standing(tx, keys, "email", "sam@post.example")).unwrap().len()
        };
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        town.erase(sam);
        assert!(town.post(&link, "").text.contains("/undo"));
        town.post(&format!("{link}/undo"), "");
        assert_eq!(stands(town), 0, "that was a mistake");
        town.post(&link, "");
        town.later(31);
        let page = town.post(&format!("{link}/undo"), "");
        assert!(page.text.contains("You will get no more") && !page.text.contains("/undo"), "{}", page.text);
        assert_eq!(stands(town), 1);
    }

    /// Erased after pressing: the press outlives it.
    fn pressed_and_then_erased(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        town.post(&link, "");
        town.erase(sam);
        town.supporter("Sam Hill", "sam@post.example");
        assert_eq!(town.mailing(), [] as [&str; 0], "agreed for them on the day they said no: a no wins");
        let undone = town.post(&format!("{link}/undo"), "");
        assert!(undone.text.contains("You will get no more"), "an erasure keeps the no: {}", undone.text);
        assert_eq!(town.mailing(), [] as [&str; 0]);
    }

    /// Restored from before the message was written: the link says by itself whose it is.
    fn the_database_was_restored(town) {
        town.supporter("Sam Hill", "sam@post.example");
        let backup = town.back_up();
        town.mailing();
        let link = town.link("sam@post.example");
        town.restore(&backup);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE address = 'sam@post.example'"), 0);
        let page = town.one_click(&link);
        assert!(page.text.contains("You will get no more"), "{}", page.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM objection"), 1);
        assert_eq!(town.mailing(), [] as [&str; 0]);
        let again = town.back_up();
        town.restore(&again);
        assert_eq!(town.mailing(), [] as [&str; 0], "no restore forgets it");
    }

    /// A restore of a backup from before the press brings the press back.
    fn pressed_and_then_restored(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        let backup = town.back_up();
        town.erase(sam);
        town.one_click(&link);
        town.restore(&backup);
        let keys = town.instance().store.keys();
        let stands = town.instance().store.read(|tx| store::suppression::standing(tx, keys, "email", "sam@post.example"));
        assert_eq!(stands.unwrap().len(), 1);
    }

    /// Who came after the backup is not there, nor is there anybody to take apart; the no they said is kept by whom they became, and
    /// nothing is called lost.
    fn put_together_with_somebody_who_came_after_the_backup(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let backup = town.back_up();
        let twin = town.contact("Samuel Hill", "samuel@post.example");
        town.act(|acting, tx| objection::record(acting, tx, twin, &marketing(), (acting.today, "telephone"))).unwrap();
        town.act(|acting, tx| merging::together(acting, tx, (sam, twin), None)).unwrap();
        assert_eq!(lost(town), Vec::<String>::new());
        town.restore(&backup);
        assert!(town.instance().store.read(|tx| merge::of_person(tx, sam)).unwrap().is_empty());
        assert_eq!(lost(town), Vec::<String>::new());
        assert_eq!(town.mailing(), [] as [&str; 0], "what either said no to stays a no");
    }

    /// Of two who were there a detail came after the backup: they are one again, and can be taken apart without it.
    fn put_together_with_what_came_after_the_backup(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let twin = town.supporter("Samuel Hill", "samuel@post.example");
        let backup = town.back_up();
        let more = ("email", "sammy@post.example");
        town.act(|acting, tx| person::add_item(acting, tx, twin, more, ("the person", acting.today))).unwrap();
        let merged = town.act(|acting, tx| merging::together(acting, tx, (sam, twin), None)).unwrap();
        town.restore(&backup);
        let leads = town.instance().store.read(|tx| merge::into(tx, twin)).unwrap();
        assert_eq!(leads, Some(sam), "they are one");
        assert_eq!(lost(town), Vec::<String>::new());
        town.act(|acting, tx| merging::apart(acting, tx, sam, merged.id)).unwrap();
        assert_eq!(town.mailing(), ["sam@post.example", "samuel@post.example"]);
    }

    /// Of three who became one, two already before the backup: what came from each is still known, and is taken apart from the end.
    fn put_together_in_turn_before_and_after_the_backup(town) {
        let all: Vec<_> = ["ann", "ben", "cal"].iter().map(|name| town.supporter(name, &format!("{name}@post.example"))).collect();
        let first = town.act(|acting, tx| merging::together(acting, tx, (all[1], all[2]), None)).unwrap();
        let backup = town.back_up();
        let last = town.act(|acting, tx| merging::together(acting, tx, (all[0], all[1]), None)).unwrap();
        town.restore(&backup);
        assert_eq!(lost(town), Vec::<String>::new());
        assert_eq!(town.mailing(), ["ann@post.example"]);
        town.act(|acting, tx| merging::apart(acting, tx, all[0], last.id)).unwrap();
        town.act(|acting, tx| merging::apart(acting, tx, all[1], first.id)).unwrap();
        assert_eq!(town.mailing(), ["ann@post.example", "ben@post.example", "cal@post.example"]);
    }

    /// A link of an older message stands for its row alone; where that has gone it says that it stopped nothing, and offers
    /// the form, which does.
    fn an_older_link_stops_or_says_that_it_did_not(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let set = |sql: &str| {
            town.instance().store.write(|tx| tx.exec(sql, params![vec![7_u8; 16].as_slice(), sam])).unwrap()
        };
        assert_eq!(set("UPDATE message SET token = ?1 WHERE person_id = ?2"), 1);
        let link = format!("/unsubscribe/{}", "07".repeat(16));
        assert!(town.get(&link).text.contains("One press stops"));
        town.post(&link, "");
        assert_eq!(town.mailing(), [] as [&str; 0]);
        town.post(&format!("{link}/undo"), "");
        assert_eq!(set("UPDATE message SET token = NULL WHERE token = ?1 AND person_id = ?2"), 1);
        let before = rows(town);
        for answer in [town.get(&link), town.post(&link, ""), town.one_click(&link), town.post(&format!("{link}/undo"), "")] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(answer.text.contains("Nothing has been stopped by it"), "{}", answer.text);
            assert!(answer.text.contains("name=\"reach\"") && answer.text.contains("value=\"advertising\""));
        }
        assert_eq!(rows(town), before);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        let form = "kind=advertising&reach=Sam%40post.example&name=Sam+Hill&step=send";
        let taken = town.post("/ask", form);
        assert!(taken.text.contains("It counts from now"), "{}", taken.text);
        assert_eq!(town.mailing(), [] as [&str; 0]);
    }

    /// What they told us otherwise is no mistake of a link, and does not go with it.
    fn undo_takes_back_the_press_alone(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        town.post(&link, "");
        town.act(|acting, tx| objection::record(acting, tx, sam, &marketing(), (acting.today, "telephone"))).unwrap();
        let page = town.post(&format!("{link}/undo"), "");
        assert!(page.text.contains("You will get no more") && !page.text.contains("/undo"), "{}", page.text);
        assert_eq!(town.mailing(), [] as [&str; 0]);
        // And a month later the press is no slip any more.
        let una = town.supporter("Una Hill", "una@post.example");
        town.mailing();
        let link = town.link("una@post.example");
        assert!(town.post(&link, "").text.contains("/undo"));
        town.later(31);
        assert!(!town.get(&link).text.contains("/undo"));
        let page = town.post(&format!("{link}/undo"), "");
        assert!(page.text.contains("You will get no more"), "{}", page.text);
        assert_eq!(town.mailing(), [] as [&str; 0], "{una} said no");
    }

    /// A link of what does not promote us stops that for whoever had stopped the rest before, and is taken back with its task.
    fn a_link_of_what_does_not_promote_us(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        town.post(&town.link("sam@post.example"), "");
        let keys = town.instance().store.keys();
        let (_, address) = store::suppression::hash(keys, "email", "sam@post.example").unwrap();
        let token = app::mail::link::made(keys, sam, "correspondence", address).unwrap();
        let link = format!("/unsubscribe/{}", store::keys::hex(&token));
        let page = town.get(&link).text;
        assert!(page.contains("One press stops \u{201c}Remembering that we were in touch\u{201d}"), "{page}");
        let page = town.post(&link, "").text;
        assert!(page.contains("You will get no more"), "{page}");
        let tasks = "SELECT COUNT(*) FROM task WHERE what LIKE 'Weigh their objection%' AND done_on IS NULL";
        let stand = "SELECT COUNT(*) FROM objection WHERE lifted_on IS NULL";
        assert_eq!((town.count(tasks), town.count(stand)), (1, 2));
        town.post(&format!("{link}/undo"), "");
        assert_eq!((town.count(tasks), town.count(stand)), (0, 0));
    }

    /// Whoever shares an address takes back what they said themselves, and not what the other said there.
    fn undo_leaves_what_somebody_else_said_at_the_same_address(town) {
        let sam = town.supporter("Sam Hill", "home@post.example");
        town.mailing();
        let of_sam = town.link("home@post.example");
        town.erase(sam);
        town.supporter("Una Hill", "home@post.example");
        town.mailing();
        let of_una = town.link("home@post.example");
        town.post(&of_sam, "");
        assert_eq!(town.mailing(), [] as [&str; 0], "Sam said no there");
        town.later(1);
        town.post(&of_una, "");
        town.post(&format!("{of_una}/undo"), "");
        assert_eq!(town.mailing(), [] as [&str; 0], "and did not take it back");
    }

    /// Below the button that stops all, each topic the policy names is chosen by itself; and that is taken back, too.
    fn topics_are_chosen_one_by_one(town) {
        let ada = town.contact("Ada Finch", "ada@firm.example");
        assert_eq!(town.mailing_of(OFFERS), ["ada@firm.example"]);
        let link = town.link("ada@firm.example");
        let page = town.get(&link).text;
        let (stop, topics) = (page.find("Stop the e-mails</button>"), page.find("Or choose"));
        assert!(stop.is_some() && stop < topics, "stop all comes first: {page}");
        let tick = |name: &str| format!("name=\"topic\" value=\"{name}\"");
        assert!(page.contains(&format!("{} checked", tick(OFFERS))), "{page}");
        let others: Vec<&str> = page.split("name=\"topic\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(others.len() > 1, "{others:?}");
        let page = town.post(&format!("{link}/topics"), "topic=news+for+organisations").text;
        assert!(page.contains("From now on you get \u{201c}News by e-mail for organisations\u{201d}, and nothing else"), "{page}");
        let ticked = page.matches(" checked").count();
        assert_eq!(ticked, 1, "{page}");
        assert_eq!(town.mailing_of(OFFERS), ["ada@firm.example"]);
        let undo: Vec<String> = others.iter().map(|name| format!("topic={}", name.replace(' ', "+"))).collect();
        town.post(&format!("{link}/topics"), &undo.join("&"));
        assert_eq!(town.get(&link).text.matches(" checked").count(), others.len(), "taken back");
        let page = town.post(&format!("{link}/topics"), "").text;
        assert!(page.contains("You will get no more"), "nothing chosen is all stopped: {page}");
        assert_eq!(town.mailing_of(OFFERS), [] as [&str; 0]);
        assert_eq!(town.instance().store.read(|tx| tx.count("SELECT COUNT(*) FROM objection WHERE person_id = ?1 AND lifted_on IS NULL AND scope = 'purpose'", params![ada])).unwrap(), 1);
    }

    /// Whoever says on the telephone that they want no more of one thing is believed as much: it is asked for by its name, and their page
    /// says it. What a wider no stops as well says so.
    fn staff_write_down_a_no_to_one_topic(town) {
        let ada = town.contact("Ada Finch", "ada@firm.example");
        let (path, today) = (format!("/people/{ada}/preferences"), town.instance().clock.today());
        let cookie = town.sign_in();
        let page = town.page(&cookie, &path).text;
        assert!(page.contains("News by e-mail for organisations") && !page.contains("no, since"), "{page}");
        let says = |what: &str, answer: &str| {
            let form = format!("choice-{what}={answer}&how=by+telephone&on={today}");
            let done = town.press(&cookie, &path, &form);
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        };
        says("topic-news-for-organisations", "no");
        assert_eq!(town.mailing_of(OFFERS), [] as [&str; 0]);
        let sql = "SELECT COUNT(*) FROM objection WHERE person_id = ?1 AND scope = 'activity' AND lifted_on IS NULL";
        assert_eq!(town.instance().store.read(|tx| tx.count(sql, params![ada])).unwrap(), 1, "of this, and nothing else");
        assert!(town.page(&cookie, &path).text.contains("no, since"));
        let page = town.page(&cookie, &format!("/people/{ada}")).text;
        assert!(page.contains("News by e-mail for organisations: <strong>no</strong>") && page.contains("they asked on"), "{page}");
        says("topic-news-for-organisations", "yes");
        assert_eq!(town.mailing_of(OFFERS), ["ada@firm.example"]);
        says("marketing", "no");
        let page = town.page(&cookie, &path).text;
        assert!(page.matches("no, with \u{201c}Being told what we offer\u{201d}, since").count() > 1, "calls and each topic: {page}");
        let unknown = town.press(&cookie, &path, &format!("choice-nothing=no&how=by+telephone&on={today}"));
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    }

    /// Who has stopped all of it stays as well kept by choosing, and who chooses has stopped what they are not shown, too.
    fn choosing_leaves_nobody_less_protected_than_stopping(town) {
        town.contact("Ada Finch", "ada@firm.example");
        assert_eq!(town.mailing_of(OFFERS), ["ada@firm.example"]);
        let link = town.link("ada@firm.example");
        town.post(&link, "");
        town.later(1);
        let page = town.post(&format!("{link}/topics"), "topic=news+for+organisations").text;
        assert!(page.contains("You will get no more"), "{page}");
        town.contact("Double Finch", "ada@firm.example");
        assert_eq!(town.mailing_of(OFFERS), [] as [&str; 0], "it stands at the address");
        let ben = town.contact("Ben Moor", "ben@firm.example");
        assert_eq!(town.mailing_of(OFFERS), ["ben@firm.example"]);
        let link = town.link("ben@firm.example");
        let topics = format!("{link}/topics");
        town.post(&topics, "topic=news+for+organisations");
        let objected = || {
            let sql = "SELECT COUNT(*) FROM objection WHERE person_id = ?1 AND scope = 'activity' AND lifted_on IS NULL";
            town.instance().store.read(|tx| tx.count(sql, params![ben])).unwrap()
        };
        let policy = town.instance().policy();
        let promoting = policy.activities.iter().filter(|one| one.purpose == Purpose::DirectMarketing);
        let by_interest = promoting.filter(|one| !matches!(one.basis, policy::Basis::Consent { .. })).count();
        assert_eq!(usize::try_from(objected()).unwrap(), by_interest - 1, "all but the one they chose");
        assert_eq!(town.mailing_of(OFFERS), ["ben@firm.example"]);
    }

    /// What rests on a yes is taken back by leaving it out, and given again by choosing it.
    fn a_topic_that_rests_on_a_yes(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        let link = town.link("sam@post.example");
        town.post(&link, "");
        assert_eq!(town.mailing(), [] as [&str; 0]);
        town.later(1);
        let page = town.post(&format!("{link}/topics"), "topic=supporters").text;
        assert!(page.contains("From now on you get \u{201c}News for our supporters\u{201d}"), "{page}");
        assert_eq!(town.mailing(), ["sam@post.example"], "{sam} wants it again");
        // What they told us otherwise of this one topic, no link takes back.
        let topic = town.instance().policy().activity_named(NEWS).unwrap().id;
        let scope = Scope::Activity(topic);
        town.act(|acting, tx| objection::record(acting, tx, sam, &scope, (acting.today, "telephone"))).unwrap();
        town.later(1);
        town.post(&format!("{link}/topics"), "topic=supporters");
        assert_eq!(town.mailing(), [] as [&str; 0]);
    }
}
