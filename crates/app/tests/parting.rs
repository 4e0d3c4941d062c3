//! What is said before something ends: people are told, or asked, in time; whom no message reaches is somebody's task;
//! nothing goes of somebody untold, and nobody stays without a yes. The proof says so, and says when it is not so.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod common;

use app::acts::person::{self, NewPerson};
use app::acts::{Acting, consent, question, restriction, task as tasks};
use app::fault::Fault;
use app::instance::Instance;
use app::jobs::night;
use common::{Data, begun, edited, hired};
use custody::id::{PersonId, StaffId};
use custody::parting::Says;
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use store::staff;
use store::task::Task;
use store::{Tx, certificate, life_event, prove, task};

const BEGINS: Date = date(2026, 12, 1);

struct House {
    instance: Instance,
    manager: StaffId,
    _data: Data,
}

/// CTI's policy, which tells its suppliers before it lets go of them, and asks its associates before their news end.
fn policy(text: &str) -> String {
    let told = "  keep      2 years after no longer supplier; tell the person 30 days before  ";
    let asked = "  keep      18 months after confirmed, at most 6 years after last contact;\n            ask 30 days before, no answer ends it";
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut activity = String::new();
    let changed = lines.iter().map(|line| {
        if let Some(head) = line.strip_prefix("activity ") {
            head.clone_into(&mut activity);
        }
        match line.trim_start().starts_with("keep ") {
            true if activity.starts_with("suppliers ") => format!("{told} promise CTI-17"),
            true if activity.starts_with("associate news") => asked.to_owned(),
            _ => line.clone(),
        }
    });
    changed.collect::<Vec<_>>().join("\n") + "\n"
}

impl House {
    fn new(url: Option<String>) -> Self {
        let data = Data::on(url);
        let instance = begun(&data, edited("cti", policy), BEGINS);
        let manager = hired(&instance, "Helen", "business manager").id;
        Self { instance, manager, _data: data }
    }

    fn act<T>(&self, mut act: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.instance.store.write(|tx| {
            let acting = Acting::staff(&self.instance, staff::get(tx, self.manager)?)?;
            act(&acting, tx)
        })
    }

    fn person(&self, category: &str, name: &str, email: Option<&str>, agreed: &[&str]) -> PersonId {
        let email = email.map(|email| ("email".to_owned(), email.to_owned()));
        let new = NewPerson {
            category: category.into(),
            values: std::iter::once(("name".to_owned(), name.to_owned())).chain(email).collect(),
            source: "the person".into(),
            agreed: agreed.iter().map(|activity| (*activity).to_owned()).collect(),
            shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
            offers: true,
            ..NewPerson::default()
        };
        self.act(|acting, tx| person::add(acting, tx, &new)).unwrap()
    }

    /// A supplier who is one no longer: two years from now on.
    fn former_supplier(&self, name: &str, email: Option<&str>) -> PersonId {
        let who = self.person("supplier", name, email, &[]);
        self.act(|acting, tx| {
            store::person::end_category(tx, who, "supplier", acting.today)?;
            acting.settle(tx, who).map(drop)
        })
        .unwrap();
        who
    }

    fn until(&self, day: Date) {
        night::practise_until(&self.instance, day).unwrap();
    }

    fn partings(&self, who: PersonId) -> Vec<store::parting::Parting> {
        self.instance.store.read(|tx| store::parting::of_person(tx, who)).unwrap()
    }

    fn held(&self, who: PersonId) -> bool {
        let sql = "SELECT 1 FROM item WHERE person_id = ?1 AND kind = 'name'";
        self.instance.store.read(|tx| tx.any(sql, &[who.0.into()])).unwrap()
    }

    fn due(&self, who: PersonId, activity: &str) -> Option<Date> {
        let sql = "SELECT due_on FROM ground WHERE person_id = ?1 AND activity = ?2 AND state = 'active'";
        let found = self
            .instance
            .store
            .read(|tx| tx.maybe(sql, &[who.0.into(), activity.into()], |row| row.opt_date(0)));
        found.unwrap().flatten()
    }

    fn link(&self, who: PersonId) -> Vec<u8> {
        let sql = "SELECT token FROM message WHERE person_id = ?1 AND asks = 'stay' ORDER BY id DESC LIMIT 1";
        self.instance.store.read(|tx| tx.one(sql, &[who.0.into()], |row| row.opt_bytes(0))).unwrap().unwrap()
    }

    fn answer(&self, link: &[u8], yes: bool) -> Result<(), Fault> {
        let acting = Acting::subject(&self.instance);
        self.instance.store.write(|tx| question::answer(&acting, tx, link, Some(yes), ""))
    }

    /// What the proof finds of a clause: counter-examples.
    fn broken(&self, rule: &str, says: Says) -> Vec<String> {
        let policy = self.instance.policy();
        let rule = policy.rule_keyed(rule).unwrap().id;
        let (now, today) = (self.instance.clock.now(), self.instance.clock.today());
        let mut broken = Vec::new();
        for looked in [Obligation::SaidBefore { rule, says }, Obligation::GoneInTime { rule }] {
            broken.extend(
                prove::obligation(&self.instance.store, &policy, &looked, now, today).unwrap().broken,
            );
        }
        broken
    }

    fn behind(&self, sql: &str) {
        let changed = self.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        assert!(changed > 0, "nothing was broken by: {sql}");
    }

    fn tasks(&self) -> Vec<Task> {
        self.instance.store.read(|tx| task::open(tx, None, 50)).unwrap()
    }
}

/// Stamps a test on both databases.
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($house:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what the file imports")]
            use super::*;

            fn on($house: &House) $body

            #[test]
            fn sqlite() {
                on(&House::new(None));
            }

            #[test]
            fn postgres() {
                if let Some(url) = super::common::postgres() {
                    on(&House::new(Some(url)));
                }
            }
        }
    )*};
}

both! {
    fn people_are_told_before_what_is_held_of_them_goes(house) {
        let sam = house.former_supplier("Sam Example", Some("sam@supplier.example"));
        assert_eq!(house.due(sam, "suppliers"), Some(date(2028, 12, 1)));
        house.until(date(2028, 10, 31));
        assert_eq!(house.partings(sam), []);
        assert_eq!(house.broken("suppliers", Says::Told), Vec::<String>::new());

        house.until(date(2028, 11, 3));
        let told = house.partings(sam);
        assert_eq!(told.len(), 1, "once, however many nights pass: {told:?}");
        assert_eq!((told[0].said_on, told[0].ends_on), (Some(date(2028, 11, 1)), date(2028, 12, 1)));
        let body = "SELECT body FROM message WHERE sort = 'parting' AND state = 'sent'";
        let body = house.instance.store.read(|tx| tx.one(body, &[], |row| row.text(0))).unwrap();
        assert!(body.contains("Sam Example") && body.contains("ends on Fri 1 Dec 2028"), "{body}");
        assert!(body.contains("2 years after you are no longer one of the people who supply us"), "the words of the policy: {body}");
        assert_eq!(house.broken("suppliers", Says::Told), Vec::<String>::new());
        let said = house.act(|acting, tx| app::acts::parting::told(acting, tx, sam)).unwrap();
        assert!(said[0].starts_with("Told by e-mail on Wed 1 Nov 2028"), "{said:?}");

        // Whoever was not told is named, and so is a telling that never left.
        house.behind("UPDATE parting SET ends_on = '2030-01-01'");
        assert!(house.broken("suppliers", Says::Told)[0].contains("ends on 2028-12-01 and they were not told"));
        house.behind("UPDATE parting SET ends_on = '2028-12-01'");
        house.behind("UPDATE message SET state = 'failed' WHERE sort = 'parting'");
        assert!(house.broken("suppliers", Says::Told)[0].contains("nothing left on 2028-11-01"));
        house.behind("UPDATE message SET state = 'sent' WHERE sort = 'parting'");

        house.until(date(2028, 12, 1));
        assert!(house.held(sam), "the last day is a day on which it may be held");
        house.until(date(2028, 12, 2));
        assert!(!house.held(sam));
        let left = house.instance.store.read(|tx| certificate::of_person(tx, sam)).unwrap();
        let reason = left.iter().flat_map(|left| &left.reasons).find(|reason| reason.contains("no longer supplier"));
        assert!(reason.is_some_and(|reason| reason.ends_with("(they were told on 2028-11-01)")), "{left:?}");
        assert_eq!(house.broken("suppliers", Says::Told), Vec::<String>::new());
        // Gone of somebody who was not told: the ground and the certificate say so.
        house.behind("DELETE FROM parting");
        assert!(house.broken("suppliers", Says::Told)[0].contains("and they were not told"));
    }

    fn whom_no_message_reaches_is_a_task_and_nothing_goes_before(house) {
        let pat = house.former_supplier("Pat Example", None);
        let ray = house.former_supplier("Ray Example", None);
        house.until(date(2028, 11, 2));
        let open = house.tasks();
        assert_eq!(open.len(), 2, "{open:?}");
        assert!(open.iter().all(|task| task.owner == Some(house.manager) && task.due_on == Some(date(2028, 12, 1))));
        assert!(open[0].what.starts_with("Tell them, by letter or telephone"), "{}", open[0].what);
        assert_eq!(house.partings(pat)[0].said_on, None);

        // Past the end it waits, out of use, and the proof says that they have not been told.
        house.until(date(2028, 12, 4));
        assert!(house.held(pat) && house.held(ray));
        assert_eq!(house.due(pat, "suppliers"), None, "it has ended");
        let broken = house.broken("suppliers", Says::Told);
        assert!(broken.len() == 2 && broken[0].contains("nothing reached them"), "{broken:?}");

        let of_pat = open.iter().find(|task| task.person == Some(pat)).unwrap().id;
        house.act(|acting, tx| tasks::confirm(acting, tx, of_pat, (acting.today, "rang them"))).unwrap();
        assert_eq!(house.partings(pat)[0].said_on, Some(date(2028, 12, 4)));
        house.until(date(2028, 12, 5));
        assert!(!house.held(pat) && house.held(ray));

        // Nobody tells Ray: after thirty days it goes all the same, and nobody may think that they were told.
        house.until(date(2028, 12, 31));
        assert!(house.held(ray));
        house.until(date(2029, 1, 1));
        assert!(!house.held(ray));
        let left = house.instance.store.read(|tx| certificate::of_person(tx, ray)).unwrap();
        assert!(left.iter().flat_map(|left| &left.reasons).any(|reason| reason.contains("could not be told")), "{left:?}");
        assert!(house.broken("suppliers", Says::Told).iter().any(|line| line.starts_with("certificate")));
    }

    fn nobody_is_sent_to_ring_whoever_is_restricted(house) {
        let sue = house.person("supporter", "Sue Example", Some("sue@home.example"), &["supporters"]);
        house.until(date(2028, 10, 1));
        let asking = restriction::Asking {
            why: "She disputes what we hold".into(),
            review_on: Some(date(2029, 6, 1)),
            ..restriction::Asking::default()
        };
        house.act(|acting, tx| restriction::place(acting, tx, sue, &asking)).unwrap();
        house.until(date(2028, 11, 5));
        let open = house.tasks();
        let of_sue: Vec<&Task> = open.iter().filter(|task| task.what.contains("News for our supporters")).collect();
        assert_eq!(of_sue.len(), 1, "{open:?}");
        assert!(of_sue[0].what.starts_with("They were to be asked before"), "{}", of_sue[0].what);
        assert!(of_sue[0].what.ends_with("neither write nor ring while it stands."), "{}", of_sue[0].what);
        assert_eq!(house.partings(sue)[0].said_on, None, "nothing left");
    }

    fn a_consent_is_asked_for_again_and_silence_ends_it(house) {
        let all = ["Yes Example", "No Example", "Silent Example", "Both Example"];
        let people: Vec<PersonId> = all.iter().map(|name| {
            let email = format!("{}@home.example", name.split(' ').next().unwrap().to_lowercase());
            house.person("supporter", name, Some(&email), &["supporters"])
        }).collect();
        let [yes, no, silent, both] = people[..] else { panic!() };
        assert_eq!(house.due(yes, "supporters"), Some(date(2028, 12, 1)));
        house.until(date(2028, 11, 5));
        assert!(people.iter().all(|who| house.partings(*who).len() == 1), "each is asked once");
        assert_eq!(house.broken("supporters", Says::Asked), Vec::<String>::new());

        let link = house.link(yes);
        let acting = Acting::subject(&house.instance);
        let put = house.instance.store.read(|tx| question::put(&acting, tx, &link)).unwrap().unwrap();
        let stands = put.standing.as_ref().unwrap();
        assert_eq!((stands.ends, stands.goes_on, stands.open, stands.over), (date(2028, 12, 1), None, true, false));
        assert!(put.wording.contains("News for our supporters"), "{}", put.wording);
        assert_eq!(house.due(yes, "supporters"), Some(date(2028, 12, 1)), "opening it changes nothing");

        house.answer(&link, true).unwrap();
        house.answer(&link, true).unwrap();
        assert_eq!(house.due(yes, "supporters"), Some(date(2030, 11, 5)));
        house.answer(&house.link(no), false).unwrap();
        assert_eq!(house.due(no, "supporters"), None, "a consent taken back ends at once");
        let late = house.answer(&house.link(no), true).unwrap_err().to_string();
        assert!(late.contains("This ended on Sun 5 Nov 2028."), "the day of the no, and none to come: {late}");
        house.answer(&house.link(both), true).unwrap();
        house.answer(&house.link(both), false).unwrap();
        assert_eq!(house.due(both, "supporters"), None);

        house.until(date(2028, 12, 1));
        assert!(house.held(silent) && !house.held(no));
        house.until(date(2028, 12, 2));
        assert!(!house.held(silent) && house.held(yes));
        assert_eq!(house.broken("supporters", Says::Asked), Vec::<String>::new());
        assert!(house.answer(&link, true).is_ok(), "a yes may still be changed while it stands");

        // Behind its back: a yes without an answer, somebody who stays without one, somebody never asked.
        house.behind("UPDATE parting SET answer = 'no' WHERE answer = 'yes'");
        assert!(house.broken("supporters", Says::Asked).iter().any(|line| line.contains("has no yes behind it")));
        house.behind("DELETE FROM consent WHERE how LIKE 'confirmed by the link%'");
        assert!(house.broken("supporters", Says::Asked).iter().any(|line| line.contains("without a yes")));
        house.until(date(2028, 12, 3));
        let new = house.person("supporter", "New Example", Some("new@home.example"), &["supporters"]);
        house.until(date(2030, 11, 3));
        assert_eq!(house.due(new, "supporters"), Some(date(2030, 12, 3)));
        house.until(date(2030, 11, 6));
        house.behind("DELETE FROM parting");
        assert!(house.broken("supporters", Says::Asked).iter().any(|line| line.contains("were not asked")));
    }

    fn whatever_counts_from_a_confirmation_is_asked_about_before_it_ends(house) {
        let ada = house.person("associate", "Ada Example", Some("ada@coach.example"), &[]);
        house.act(|acting, tx| {
            life_event::record(tx, &acting.policy, ada, "confirmed", acting.today, acting.staff_id(), acting.now)?;
            acting.settle(tx, ada).map(drop)
        }).unwrap();
        assert_eq!(house.due(ada, "associate news"), Some(date(2028, 6, 1)));
        house.until(date(2028, 5, 4));
        assert_eq!(house.partings(ada).len(), 1);
        let link = house.link(ada);
        house.answer(&link, true).unwrap();
        assert_eq!(house.due(ada, "associate news"), Some(date(2029, 11, 4)));
        house.answer(&link, false).unwrap();
        assert_eq!(house.due(ada, "associate news"), Some(date(2028, 6, 1)), "no leaves it to its end");
        house.until(date(2028, 6, 2));
        assert_eq!(house.due(ada, "associate news"), None);
        assert!(house.held(ada), "an associate is held for other reasons");
        let late = house.answer(&link, true).unwrap_err();
        assert!(late.to_string().contains("This ended on Thu 1 Jun 2028"), "{late}");
        assert_eq!(house.broken("associate news", Says::Asked), Vec::<String>::new());
    }

    fn after_a_yes_the_link_says_the_new_day_and_a_late_no_ends_nothing(house) {
        let ada = house.person("associate", "Ada Example", Some("ada@coach.example"), &[]);
        house.act(|acting, tx| {
            life_event::record(tx, &acting.policy, ada, "confirmed", acting.today, acting.staff_id(), acting.now)?;
            acting.settle(tx, ada).map(drop)
        }).unwrap();
        let stands = |link: &[u8]| {
            let acting = Acting::subject(&house.instance);
            house.instance.store.read(|tx| question::put(&acting, tx, link)).unwrap().unwrap().standing.unwrap()
        };
        let ends = date(2028, 6, 1);
        house.until(ends);
        let link = house.link(ada);
        assert_eq!((stands(&link).goes_on, stands(&link).open), (None, true));
        house.answer(&link, true).unwrap();
        let on = date(2029, 12, 1);
        assert_eq!(house.due(ada, "associate news"), Some(on));
        assert_eq!((stands(&link).goes_on, stands(&link).open), (Some(on), true), "until the day it asked about");

        house.until(date(2028, 6, 6));
        assert_eq!((stands(&link).goes_on, stands(&link).open, stands(&link).over), (Some(on), false, false));
        let late = house.answer(&link, false).unwrap_err().to_string();
        assert!(late.contains("until Thu 1 Jun 2028") && late.contains("It goes on until Sat 1 Dec 2029"), "{late}");
        assert_eq!(house.due(ada, "associate news"), Some(on), "it goes to its new end");
    }

    fn an_objection_to_all_contact_leaves_it_to_a_hand(house) {
        let kim = house.person("supporter", "Kim Example", Some("kim@home.example"), &["supporters"]);
        house.act(|acting, tx| {
            consent::give(acting, tx, kim, "supporters", consent::Given::said(acting.today, "told us"))?;
            app::acts::objection::record(acting, tx, kim, &custody::life::Scope::AllContact, (acting.today, "telephone"))
        }).unwrap();
        house.until(date(2028, 11, 5));
        let sent = "SELECT COUNT(*) FROM message WHERE sort = 'parting'";
        assert_eq!(house.instance.store.read(|tx| tx.count(sent, &[])).unwrap(), 0);
    }
}
