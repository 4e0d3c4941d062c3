//! What a mailing says to each of its readers: what they are called, where the policy lets us say it, and never more than that.

use std::collections::BTreeSet;

use app::acts::engagement::{self, NewWork, Payer};
use app::acts::mailing::trial;
use app::acts::{mailing, objection, personal};
use app::fault::Fault;
use app::jobs::outbox;
use app::mail::post;
use custody::id::MailingId;
use custody::life::Scope;
use policy::Basis;
use policy::activity::Purpose;
use store::organisation::{Details, Subscriber};
use store::params;

use crate::post_office::{PostOffice, settings};
use crate::town::{CHORUS, NEWS, Town};

/// A draft under an activity.
fn draft(town: &Town, activity: &str, subject: &str, text: &str) -> Result<MailingId, Fault> {
    town.act(|acting, tx| {
        let mailing = mailing::begin(acting, tx, activity)?;
        mailing::write(acting, tx, mailing, 1, subject, text)?;
        Ok(mailing)
    })
}

/// How many it goes to.
fn send(town: &Town, mailing: MailingId) -> Result<i64, Fault> {
    town.act(|acting, tx| {
        mailing::send(acting, tx, mailing, 2)?;
        mailing::hurry(acting, tx, mailing)?;
        Ok(tx.count("SELECT COUNT(*) FROM message WHERE mailing_id = ?1", params![mailing])?)
    })
}

/// Subject and text of the message of a mailing to an address.
fn message(town: &Town, mailing: MailingId, to: &str) -> (String, String) {
    let sql = "SELECT subject, body FROM message WHERE mailing_id = ?1 AND address = ?2";
    let read = town
        .instance()
        .store
        .read(|tx| tx.one(sql, params![mailing, to], |row| Ok((row.text(0)?, row.text(1)?))));
    read.unwrap()
}

fn words(fault: Fault) -> String {
    match fault {
        Fault::Invalid(wrong) => wrong.into_iter().map(|one| one.words).collect(),
        other => panic!("{other}"),
    }
}

both! {
    /// Whatever somebody is called, in the mail it is their name and nothing else.
    fn a_hostile_name_is_a_name(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("[Win](https://evil.example) <b>", "one@post.example");
        town.supporter("{organisation}\u{7}Bcc: all@cti.example", "two@post.example");
        let mailing = draft(town, NEWS, "For {name}", "Dear {name},\n\nhello {given name}.").unwrap();
        send(town, mailing).unwrap();
        outbox::run(town.instance()).unwrap();
        let letters = office.letters.lock().unwrap();
        assert_eq!(letters.len(), 2);
        for letter in letters.iter() {
            let whole = letter.replace("=\n", "");
            assert!(!whole.contains("\"https://evil.example") && !whole.contains("<b>,</p>"), "{whole}");
            assert!(!whole.lines().any(|line| line.starts_with("Bcc:")), "{whole}");
        }
        assert!(letters.iter().any(|letter| letter.contains("Dear [Win](https://evil.example) <b>,")));
        assert!(letters.iter().any(|letter| letter.contains("Dear {organisation} Bcc: all@cti.example,")));
        assert_eq!(message(town, mailing, "one@post.example").0, "For [Win](https://evil.example) <b>");
    }

    /// However many there are, each has a message of their own, with their own name and their own link, and its record is kept by a clause.
    fn each_of_many_has_their_own(town) {
        let people =
            town.supporters((0..103).map(|n| (format!("Person {n:03}"), format!("p{n:03}@post.example"))));
        let mailing = draft(town, NEWS, "For {name}", "Dear {name}, there is news.").unwrap();
        assert_eq!(send(town, mailing).unwrap(), 103);
        let links: BTreeSet<String> = (0..103)
            .map(|n| {
                let (subject, body) = message(town, mailing, &format!("p{n:03}@post.example"));
                assert_eq!(subject, format!("For Person {n:03}"));
                assert!(body.starts_with(&format!("Dear Person {n:03},")), "{body}");
                town.link(&format!("p{n:03}@post.example"))
            })
            .collect();
        assert_eq!(links.len(), 103, "nobody has another's link");
        let record = town.instance().policy().kind_named("message record").unwrap().id;
        for who in [people[0], people[99], people[102]] {
            let life = town.act(|acting, tx| acting.life(tx, who)).unwrap();
            let policy = town.instance().policy();
            let keeps = |ground: &custody::Ground| policy.rules.get(ground.rule.index()).is_some_and(|rule| rule.kinds.contains(record));
            assert!(life.grounds.iter().any(keeps), "nothing keeps the record of the message");
        }
    }

    /// What nothing fills in does not leave, and no organisation is said where the policy holds none.
    fn a_field_is_filled_in_or_refused(town) {
        town.supporter("Dr Tara Quill", "tara@post.example");
        let mailing = draft(town, NEWS, "For {given name}", "Dear {name}, there is news.").unwrap();
        assert_eq!(send(town, mailing).unwrap(), 1);
        let (subject, body) = message(town, mailing, "tara@post.example");
        assert_eq!(subject, "For Tara");
        assert!(body.starts_with("Dear Dr Tara Quill, there is news.\n\nWe keep"), "{body}");
        for (text, said) in [
            ("Dear {surname}", "`{surname}` would stand there as it is"),
            ("News for {organisation}", "hold no organisation"),
        ] {
            let mailing = draft(town, NEWS, "News", text).unwrap();
            let words = words(send(town, mailing).unwrap_err());
            assert!(words.contains(said), "{words}");
        }
    }

    /// Where the policy holds it, the organisation of each is said, and of whoever is in none that it is theirs.
    fn an_organisation_is_said_where_the_policy_holds_it(town) {
        let chorus = Town::of("chorus", CHORUS, town.url());
        let firm = chorus.act(|acting, tx| {
            let details = Details {
                name: "Smith & Sons *Ltd*".into(),
                subscriber: Subscriber::Corporate,
                phone: None,
                email: Some("office@vale.example".into()),
                address: None,
                website: None,
                notes: None,
            };
            Ok(store::organisation::add(tx, &details, acting.now)?)
        });
        let from = ("marketing contact", "industry forums");
        let kay = chorus.somebody(from, "Kay Munro", "kay@vale.example", Some(firm.unwrap()));
        chorus
            .act(|acting, tx| {
                let campaign = NewWork {
                    work: "campaign".into(),
                    parts: vec![("contact".into(), kay)],
                    staff: None,
                    payer: Payer::Nobody,
                    opened_on: acting.today,
                };
                engagement::start(acting, tx, &campaign)
            })
            .unwrap();
        let mailing = draft(&chorus, "marketing", "For {organisation}", "What {organisation} may need.").unwrap();
        let audience = chorus.act(|acting, tx| mailing::audience(acting, tx, &store::mailing::one(tx, mailing)?)).unwrap();
        assert_eq!((audience.will.len(), audience.not()), (1, 0), "{audience:?}");
        send(&chorus, mailing).unwrap();
        let (subject, body) = message(&chorus, mailing, "kay@vale.example");
        assert_eq!(subject, "For Smith & Sons *Ltd*");
        assert!(body.starts_with("What Smith & Sons \\*Ltd\\* may need."), "{body}");
        let shown = chorus.instance().store.read(|tx| {
            let acting = app::acts::Acting::staff(chorus.instance(), chorus.manager())?;
            let held = store::mailing::one(tx, mailing)?;
            let audience = mailing::audience(&acting, tx, &held)?;
            mailing::example(&acting, tx, &held, &audience, 0)
        });
        assert_eq!(shown.unwrap().unwrap().draft.subject, "For Smith & Sons *Ltd*", "as it was previewed");
    }

    /// A notice about what people use offers no way to stop it, since there is none; news beside it does.
    fn a_notice_is_no_advertising(town) {
        let office = PostOffice::open();
        let mut chorus = Town::of("chorus", CHORUS, town.url());
        chorus.reopen(&settings(office.port));
        let della = chorus.somebody(("customer", "the person"), "Della Frost", "della@post.example", None);
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        chorus.act(|acting, tx| objection::record(acting, tx, della, &marketing, (acting.today, "telephone"))).unwrap();
        let policy = chorus.instance().policy();
        let notices: Vec<_> = mailing::purposes(&policy)
            .into_iter()
            .filter(|(activity, channel)| !post::stoppable(channel, Some(activity)))
            .map(|(activity, _)| activity.name.as_str())
            .collect();
        assert_eq!(notices, ["service notices", "account notices"]);
        // What rests on an interest is objected to, however it is sent.
        let channel = policy.channel_named("service mailing").unwrap();
        let weighed: Vec<_> = policy
            .activities
            .iter()
            .filter(|activity| activity.purpose != Purpose::DirectMarketing)
            .filter(|activity| matches!(activity.basis, Basis::LegitimateInterests { .. }))
            .collect();
        assert!(!weighed.is_empty() && weighed.iter().all(|&activity| post::stoppable(channel, Some(activity))));
        let mailing = draft(&chorus, "service notices", "A fault is put right", "Update today, {name}.").unwrap();
        assert_eq!(send(&chorus, mailing).unwrap(), 1, "no objection to advertising stops it");
        outbox::run(chorus.instance()).unwrap();
        let letters = office.letters.lock().unwrap();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].contains("You get this because you use our product."), "{}", letters[0]);
        for word in ["List-Unsubscribe", "List-ID", "/unsubscribe/"] {
            assert!(!letters[0].contains(word), "{word}: {}", letters[0]);
        }
    }

    /// What promotes us can be stopped in the mail program itself.
    fn news_can_be_stopped_with_one_click(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Tara Quill", "tara@post.example");
        let mailing = draft(town, NEWS, "News", "There is news.").unwrap();
        send(town, mailing).unwrap();
        outbox::run(town.instance()).unwrap();
        let letters = office.letters.lock().unwrap();
        assert!(letters[0].contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", letters[0]);
        assert!(letters[0].contains("List-ID: <mailing."), "{}", letters[0]);
    }

    /// A test shows whoever writes a mailing what one of its readers would get: it goes to nobody else, stops nothing and is kept nowhere.
    fn a_test_goes_to_whoever_writes_it(town) {
        town.supporter("Tara Quill", "tara@post.example");
        let mailing = draft(town, NEWS, "News for {given name}", "Dear {name}, there is **news**.").unwrap();
        let prepare = |town: &Town, seen: i64| {
            town.act(|acting, tx| trial::prepare(acting, tx, mailing, seen, 0))
        };
        assert!(words(prepare(town, 2).unwrap_err()).contains("No mail server is set"));
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        assert!(matches!(prepare(town, 1), Err(Fault::Changed)), "somebody changed it since");
        let outgoing = prepare(town, 2).unwrap();
        trial::leave(town.instance(), &outgoing).unwrap();
        assert_eq!(office.taken().into_keys().collect::<Vec<_>>(), ["helen.marsh@cti.example"]);
        let letter = office.letters.lock().unwrap()[0].replace("=\n", "");
        for words in ["Subject: Test: News for Tara", "Dear Tara Quill, there is news.", "/unsubscribe/preview"] {
            assert!(letter.contains(words), "{words}: {letter}");
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM message"), 0);
        let one_click = letter.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).unwrap();
        let path = format!("/unsubscribe/{}", one_click.split("/unsubscribe/").nth(1).unwrap().trim_end_matches('>'));
        town.one_click(&path);
        assert_eq!(town.count("SELECT COUNT(*) FROM objection") + town.count("SELECT COUNT(*) FROM suppression"), 0);
        send(town, mailing).unwrap();
    }

    /// Mail to one person is the words as typed, with the signature that the policy gives its channel, and stands in for no mailing.
    fn mail_to_one_ends_with_its_signature(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        let omar = town.contact("Omar Finch", "omar@post.example");
        let write = |town: &Town, activity: &str| {
            let words = ("A course", "Dear [Omar](https://evil.example),\n\nshall we *talk*?");
            town.act(|acting, tx| personal::send(acting, tx, omar, activity, words))
        };
        write(town, "tailored offers").unwrap();
        outbox::run(town.instance()).unwrap();
        let letter = office.letters.lock().unwrap()[0].replace("=\n", "");
        for words in ["Dear [Omar](https://evil.example),", "shall we *talk*?", "services we could provide", "/privacy"] {
            assert!(letter.contains(words), "{words}: {letter}");
        }
        for words in ["List-ID", "Precedence", "\"https://evil.example", "<em>"] {
            assert!(!letter.contains(words), "{words}: {letter}");
        }
        // It promotes us: the mail program can stop it, and leads to the page that does.
        assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{letter}");
        // A no that comes before it leaves stops it, and stops the next; what is no offer goes on.
        write(town, "tailored offers").unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, omar, &marketing, (acting.today, "telephone"))).unwrap();
        outbox::run(town.instance()).unwrap();
        assert_eq!(office.letters.lock().unwrap().len(), 1);
        let told = town.instance().store.read(|tx| store::task::open(tx, None, 50)).unwrap();
        let told: Vec<_> = told.iter().filter(|task| task.what.starts_with("A message to them did not leave")).collect();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].person, told[0].owner), (Some(omar), Some(town.manager().id)));
        assert!(matches!(write(town, "tailored offers"), Err(Fault::Refused(_))));
        assert!(words(write(town, "news for organisations").unwrap_err()).contains("what you write to them about"));
        write(town, "enquiries").unwrap();
        outbox::run(town.instance()).unwrap();
        let letters = office.letters.lock().unwrap();
        assert!(letters.len() == 2 && !letters[1].contains("services we could provide"), "{}", letters[1]);
        assert!(!letters[1].contains("List-Unsubscribe"), "what is no offer has nothing to stop: {}", letters[1]);
    }

    /// What one of us wrote to one person about what we offer is stopped by one press, with all that promotes us.
    fn mail_to_one_that_promotes_us_is_stopped_by_a_press(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        let omar = town.contact("Omar Finch", "omar@post.example");
        let write = |town: &Town| {
            town.act(|acting, tx| personal::send(acting, tx, omar, "tailored offers", ("A course", "Dear Omar, shall we talk?")))
        };
        write(town).unwrap();
        outbox::run(town.instance()).unwrap();
        let letter = office.letters.lock().unwrap()[0].clone();
        let link = letter.split("List-Unsubscribe: <").nth(1).unwrap().split('>').next().unwrap().replace(['\r', '\n', ' '], "");
        let path = &link[link.find("/unsubscribe/").unwrap()..];
        assert!(town.get(path).text.contains("Nothing has changed yet"));
        assert_eq!(town.one_click(path).status, axum::http::StatusCode::OK);
        assert!(matches!(write(town), Err(Fault::Refused(_))));
        assert_eq!(town.mailing_of("news for organisations"), [] as [&str; 0]);
    }

    /// The page says what about, what stands below, and what about not.
    fn the_page_to_write_to_one_says_what_about(town) {
        let omar = town.contact("Omar Finch", "omar@post.example");
        let (cookie, path) = (town.sign_in(), format!("/people/{omar}/mail"));
        assert!(town.page(&cookie, &format!("/people/{omar}")).text.contains(&path));
        let shown = town.page(&cookie, &path).text;
        for words in ["value=\"enquiries\"", "value=\"tailored offers\"", "services we could provide"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let empty = town.press(&cookie, &path, "activity=enquiries&subject=&text=Hello");
        assert!(empty.status == 422 && empty.text.contains("Write a subject.") && empty.text.contains("Hello"));
        let sent = town.press(&cookie, &path, "activity=enquiries&subject=Terms&text=Hello");
        assert_eq!(sent.status, 303, "{}", sent.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE sort = 'personal' AND state = 'queued'"), 1);
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, omar, &marketing, (acting.today, "telephone"))).unwrap();
        let shown = town.page(&cookie, &path).text;
        assert!(!shown.contains("value=\"tailored offers\""), "{shown}");
        let sly = town.press(&cookie, &path, "activity=tailored+offers&subject=Terms&text=Hello");
        assert_eq!(sly.status, 403, "{}", sly.text);
    }
}
