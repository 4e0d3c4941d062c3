//! What came back of the mail we sent: tied to its message, asked about once, and nothing that promotes us leaves to the address until
//! somebody says that it is right, or it is changed. A mailing of which too much comes back pauses.

use std::sync::atomic::Ordering::SeqCst;

use app::acts::came_back::{self, Report};
use app::acts::{Acting, audience, mailing, person};
use app::jobs::outbox;
use app::mail::post;
use axum::http::StatusCode;
use custody::id::{MailingId, MessageId, PersonId};
use store::params;
use store::task::{self, Kind, Task};

use crate::post_office::{PostOffice, settings};
use crate::town::{NEWS, Town};

/// The number of the last message to an address, as its Message-ID has it.
fn number(town: &Town, address: &str) -> (MessageId, String) {
    let sql = "SELECT MAX(id) FROM message WHERE address = ?1";
    let id = town.instance().store.read(|tx| tx.count(sql, params![address])).unwrap();
    let number = post::number(town.instance().store.keys(), MessageId(id));
    (MessageId(id), format!("{number}@cti.example"))
}

/// A report arrives, as the intake takes it.
fn comes_back(town: &Town, hard: bool, of: Option<&str>, whom: &[String]) {
    let instance = town.instance();
    instance
        .store
        .write(|tx| {
            let acting = Acting::system(instance, "intake");
            came_back::reported(&acting, tx, &Report { hard, whom, of, on: acting.today })
        })
        .unwrap();
}

fn asked(town: &Town, who: PersonId) -> Vec<Task> {
    town.instance().store.read(|tx| task::open_of_person(tx, who)).unwrap()
}

/// How the last message to an address stands: whether it came back, and how.
fn stands(town: &Town, address: &str) -> Option<String> {
    let sql = "SELECT bounce FROM message WHERE id = ?1";
    let id = number(town, address).0;
    town.instance().store.read(|tx| tx.one(sql, params![id], |row| row.opt_text(0))).unwrap()
}

fn paused(town: &Town, mailing: MailingId) -> bool {
    town.instance().store.read(|tx| store::mailing::one(tx, mailing)).unwrap().paused_at.is_some()
}

/// The open tasks to say whether a mailing goes on.
fn to_be_said(town: &Town) -> Vec<Task> {
    let open = town.instance().store.read(|tx| task::open(tx, None, 500)).unwrap();
    open.into_iter().filter(|task| task.what.contains("whether it goes on")).collect()
}

/// Why somebody would not get our news today.
fn left_out(town: &Town, who: PersonId) -> Option<String> {
    town.act(|acting, tx| {
        let (activity, channel) = mailing::purposes(&acting.policy)
            .into_iter()
            .find(|(activity, _)| activity.name == NEWS)
            .ok_or(app::fault::Fault::NotFound)?;
        let way = audience::Way { activity, channel, footer_complete: true };
        let found = audience::of(acting, tx, &way)?;
        let mut out = found.left_out.iter().flat_map(|group| &group.people);
        Ok(out.find(|(person, _)| *person == who).map(|(_, because)| because.clone()))
    })
    .unwrap()
}

both! {
    /// A report that names its message is of that message, whatever address it names; it is asked about once.
    fn a_hard_bounce_stops_what_promotes_us_until_the_address_is_said_to_be_right(town) {
        let una = town.supporter("Una Reed", "una@post.example");
        town.supporter("Tara Quill", "tara@post.example");
        assert_eq!(town.mailing().len(), 2);
        let (_, id) = number(town, "una@post.example");
        let elsewhere = ["una.reed@forwarded.example".to_owned()];
        comes_back(town, true, Some(&id), &elsewhere);
        comes_back(town, true, Some(&id), &elsewhere);
        assert_eq!(stands(town, "una@post.example").as_deref(), Some("hard"));
        assert_eq!(stands(town, "tara@post.example"), None);
        let open = asked(town, una);
        assert_eq!((open.len(), open[0].kind), (1, Kind::CameBack), "{open:?}");
        assert!(!open[0].what.contains("Una") && !open[0].what.contains('@'), "{}", open[0].what);
        let why = left_out(town, una).unwrap();
        assert!(why.starts_with("mail to their address came back on "), "{why}");
        assert_eq!(town.mailing(), ["tara@post.example"]);
        // Somebody finds out, and says so on the page of the task.
        let cookie = town.sign_in();
        let page = town.page(&cookie, &format!("/tasks/{}", open[0].id)).text;
        assert!(page.contains("The address is right") && page.contains(&format!("href=\"/people/{una}\"")), "{page}");
        let today = town.instance().clock.today();
        let answer = |left: &str| {
            town.press(&cookie, &format!("/tasks/{}", open[0].id), &format!("on={today}&left={left}"))
        };
        assert_eq!(answer("").status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer("right").status, StatusCode::SEE_OTHER);
        assert!(asked(town, una).is_empty() && left_out(town, una).is_none());
        assert_eq!(town.mailing(), ["tara@post.example", "una@post.example"]);
        // And once more, if mail comes back once more.
        let (_, id) = number(town, "una@post.example");
        comes_back(town, true, Some(&id), &[]);
        let again = asked(town, una);
        assert_eq!(again.len(), 1);
        let wrong = town.press(&cookie, &format!("/tasks/{}", again[0].id), &format!("on={today}&left=wrong"));
        assert_eq!(wrong.status, StatusCode::SEE_OTHER);
        assert!(asked(town, una).is_empty() && left_out(town, una).is_some(), "it still is not right");
    }

    /// What was queued before is decided again as it leaves; an address that is changed is another.
    fn what_waits_does_not_leave_and_another_address_is_written_to(town) {
        let una = town.supporter("Una Reed", "una@post.example");
        town.mailing();
        let (_, id) = number(town, "una@post.example");
        let waits = town.queue().unwrap();
        comes_back(town, true, Some(&id), &[]);
        outbox::play(town.instance()).unwrap();
        assert_eq!(town.addresses(waits, "refused"), ["una@post.example"]);
        town.act(|acting, tx| {
            let items = store::item::of_person(tx, &acting.policy, una)?;
            let email = acting.policy.kind_named("email").map(|kind| kind.id);
            let item = items.iter().find(|item| Some(item.kind) == email).ok_or(app::fault::Fault::NotFound)?;
            person::change_item(acting, tx, (una, item.id), item.version, ("una.reed@post.example", "")).map(drop)
        })
        .unwrap();
        assert_eq!(left_out(town, una), None);
        assert_eq!(town.mailing(), ["una.reed@post.example"]);
    }

    /// Three in a row, on different days, count as for good; one that arrived in between begins anew.
    fn what_comes_back_for_now_counts_when_it_does_three_days_in_a_row(town) {
        let una = town.supporter("Una Reed", "una@post.example");
        let news = |town: &Town, back: bool| {
            town.later(1);
            assert_eq!(town.mailing(), ["una@post.example"]);
            if back {
                let (_, id) = number(town, "una@post.example");
                comes_back(town, false, Some(&id), &[]);
            }
        };
        news(town, true);
        // Twice on one day is one day.
        assert_eq!(town.mailing(), ["una@post.example"]);
        let (_, id) = number(town, "una@post.example");
        comes_back(town, false, Some(&id), &[]);
        news(town, true);
        assert_eq!(stands(town, "una@post.example").as_deref(), Some("soft"));
        news(town, false);
        news(town, true);
        news(town, true);
        assert!(asked(town, una).is_empty() && left_out(town, una).is_none());
        news(town, true);
        assert_eq!(asked(town, una).len(), 1);
        assert!(left_out(town, una).is_some());
    }

    /// Numbers follow each other: whoever got one message can report that one and no other.
    fn a_number_that_somebody_made_up_is_no_message_of_ours(town) {
        let una = town.supporter("Una Reed", "una@post.example");
        town.supporter("Tara Quill", "tara@post.example");
        town.mailing();
        let (id, known) = number(town, "una@post.example");
        let (other, theirs) = number(town, "tara@post.example");
        assert_ne!(known.split_once('-').unwrap().1, theirs.split_once('-').unwrap().1);
        let mark = theirs.split_once('-').unwrap().1;
        for made_up in [format!("m{id}@cti.example"), format!("m{id}-@cti.example"), format!("m{id}-{mark}"), format!("m0{}", &known[1..])] {
            comes_back(town, true, Some(&made_up), &[]);
        }
        assert_eq!((stands(town, "una@post.example"), asked(town, una).len()), (None, 0));
        comes_back(town, true, Some(&known), &[]);
        assert_eq!(stands(town, "una@post.example").as_deref(), Some("hard"));
        assert!(other != id && stands(town, "tara@post.example").is_none());
    }

    /// A report without a number is about the latest message to the one person who has the address; of nobody's it is about none.
    fn a_report_that_names_no_message_is_of_the_latest_to_its_address(town) {
        let una = town.supporter("Una Reed", "una@post.example");
        town.mailing();
        comes_back(town, true, None, &["nobody@post.example".to_owned()]);
        comes_back(town, true, Some("m1@cti.example"), &["nobody@post.example".to_owned()]);
        comes_back(town, true, Some("nonsense"), &[]);
        assert!(asked(town, una).is_empty());
        comes_back(town, true, Some("<other@mta.example>"), &["UNA@post.example".to_owned()]);
        assert_eq!(stands(town, "una@post.example").as_deref(), Some("hard"));
        assert_eq!(asked(town, una).len(), 1);
        // Whoever is held because they work somewhere is asked about as before, and may be answered the same way.
        let kate = town.contact("Kate Munro", "kate@brightwell.example");
        comes_back(town, true, None, &["kate@brightwell.example".to_owned()]);
        let open = asked(town, kate);
        assert_eq!((open.len(), open[0].kind), (1, Kind::Left));
        let marked = "SELECT COUNT(*) FROM item WHERE bounced_on IS NOT NULL";
        assert_eq!(town.count(marked), 2);
        let today = town.instance().clock.today();
        let said = town.signed_in("POST", &format!("/tasks/{}", open[0].id), &format!("on={today}&left=right"));
        assert_eq!(said.status, StatusCode::SEE_OTHER);
        assert_eq!(town.count(marked), 1);
    }

    /// A mail server that knows nobody there says it at once.
    fn what_the_mail_server_refuses_for_good_is_noted_with_its_message(town) {
        let una = town.supporter("Una Reed", "una@post.example");
        let mailing = town.queue().unwrap();
        let (message, _) = number(town, "una@post.example");
        let instance = town.instance();
        instance
            .store
            .write(|tx| {
                let acting = Acting::system(instance, "sender");
                store::message::claim(tx, &acting.policy, message, acting.now)?;
                store::message::failed(tx, message, "the mail server answered 550", None)?;
                let held = store::message::one(tx, &acting.policy, message)?;
                came_back::refused(&acting, tx, &held, true)
            })
            .unwrap();
        assert_eq!(stands(town, "una@post.example").as_deref(), Some("hard"));
        assert_eq!(asked(town, una).len(), 1);
        let share = instance.store.read(|tx| store::came_back::share(tx, mailing, None)).unwrap();
        assert_eq!(share, (1, 1));
    }

    /// Of what has left altogether nothing can be stopped: nobody is asked whether it goes on.
    fn a_mailing_that_has_left_is_not_asked_about(town) {
        town.many(50);
        let mailing = town.queue().unwrap();
        outbox::play(town.instance()).unwrap();
        for n in 0..4 {
            let (_, id) = number(town, &format!("p{n}@post.example"));
            comes_back(town, false, Some(&id), &[]);
        }
        assert!(!paused(town, mailing) && to_be_said(town).is_empty());
    }

    /// A mail server that dislikes what it is sent is not gone on at: it ends nobody's address, and the rest waits.
    fn what_the_mail_server_dislikes_pauses_a_mailing_too(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.many(60);
        let mailing = town.queue().unwrap();
        office.rejects.store(60, SeqCst);
        for _ in 0..3 {
            outbox::run(town.instance()).unwrap();
        }
        // What was being handed over on another connection as the fiftieth was refused still went.
        let (failed, waits) = (town.addresses(mailing, "failed").len(), town.addresses(mailing, "queued").len());
        assert!((50..54).contains(&failed) && failed + waits == 60, "{failed} failed, {waits} wait");
        assert!(paused(town, mailing) && to_be_said(town).len() == 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM item WHERE bounced_on IS NOT NULL"), 0);
        let whose = town.page(&town.sign_in(), &format!("/outreach/{mailing}/failed")).text;
        assert_eq!(whose.matches("he mail server answered 554, on ").count(), failed, "{whose}");
    }

    /// More than five in a hundred of at least fifty: nothing more of it leaves until somebody says why it may.
    fn too_much_that_comes_back_pauses_a_mailing_until_somebody_says_why_it_goes_on(town) {
        town.many(60);
        let begun = |town: &Town| {
            let mailing = town.queue().unwrap();
            outbox::play(town.instance()).unwrap();
            let left = town.addresses(mailing, "sent");
            assert_eq!(left.len(), 50, "no more are taken at once");
            for (at, address) in left.iter().take(3).enumerate() {
                assert!(!paused(town, mailing), "{at} of 50 are no share to stop for");
                let (_, id) = number(town, address);
                comes_back(town, false, Some(&id), &[]);
            }
            assert!(paused(town, mailing));
            outbox::play(town.instance()).unwrap();
            assert_eq!(town.addresses(mailing, "sent").len(), 50);
            assert_eq!(to_be_said(town).len(), 1, "it is asked once");
            mailing
        };
        let mailing = begun(town);
        let cookie = town.sign_in();
        let place = format!("/outreach/{mailing}");
        let page = town.page(&cookie, &place).text;
        assert!(page.contains("3 of 50 messages that left came back: more than 5 in a hundred."), "{page}");
        let said = "47 messages were delivered, as far as we know. Besides: 3 came back or could not be sent, 10 still to leave.";
        assert!(page.contains(said), "{page}");
        let whose = town.page(&cookie, &format!("{place}/failed")).text;
        assert_eq!(whose.matches("efused for now").count(), 3, "{whose}");
        assert!(town.page(&cookie, "/").text.contains("so much of it came back that it pauses"));
        let resume = format!("{place}/resume");
        let refused = town.press(&cookie, &resume, "");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("Say why it may go on"), "{}", refused.text);
        assert_eq!(town.press(&cookie, &resume, "why=because").status, StatusCode::UNPROCESSABLE_ENTITY);
        let plainly = town.api("DELETE", &format!("/api/v1/mailings/{mailing}/pause"), &serde_json::json!({}));
        assert_eq!(plainly.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(paused(town, mailing));
        assert_eq!(town.press(&cookie, &resume, "why=mended").status, StatusCode::SEE_OTHER);
        assert!(!paused(town, mailing) && to_be_said(town).is_empty());
        outbox::play(town.instance()).unwrap();
        let left = town.addresses(mailing, "sent");
        assert_eq!(left.len(), 60);
        // What comes back from now on is counted anew, and of so few no share is taken.
        let (_, id) = number(town, &left[5]);
        comes_back(town, false, Some(&id), &[]);
        assert!(!paused(town, mailing) && to_be_said(town).is_empty());
        // Called back, nobody has to say anything any more.
        let another = begun(town);
        town.act(|acting, tx| mailing::call_back(acting, tx, another)).unwrap();
        assert!(to_be_said(town).is_empty());
        // And by a program, with the same reason.
        let third = begun(town);
        let why = format!("/api/v1/mailings/{third}/pause?why=others");
        assert_eq!(town.api("DELETE", &why, &serde_json::json!({})).status, StatusCode::NO_CONTENT);
        assert!(!paused(town, third) && to_be_said(town).is_empty());
    }
}
