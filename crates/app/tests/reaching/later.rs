//! A no covers whatever address somebody has or gets, and whoever has or gets an address at which somebody said no. It is asked
//! for at the moment of leaving, not when the list was made.

use app::acts::{consent, objection, person};
use app::jobs::outbox;
use custody::id::{ItemId, PersonId};
use custody::life::Scope;
use policy::activity::Purpose;
use store::params;
use store::suppression::{self, Forbids};

use crate::town::{NEWS, OFFERS, Town};

fn marketing() -> Scope {
    Scope::Purpose(Purpose::DirectMarketing)
}

fn objects(town: &Town, who: PersonId) {
    town.act(|acting, tx| objection::record(acting, tx, who, &marketing(), (acting.today, "telephone")))
        .unwrap();
}

/// Somebody of whom nothing is held says no at an address.
fn somebody_objects_at(town: &Town, kind: &str, value: &str, forbids: Forbids) {
    let store = &town.instance().store;
    let (today, now) = (town.instance().clock.today(), town.instance().clock.now());
    store
        .write(|tx| suppression::add(tx, store.keys(), kind, value, forbids, today, "objection", now))
        .unwrap();
}

fn add(town: &Town, who: PersonId, email: &str) -> ItemId {
    town.act(|acting, tx| person::add_item(acting, tx, who, ("email", email), ("the person", acting.today)))
        .unwrap()
        .item()
        .unwrap()
}

fn change(town: &Town, who: PersonId, item: ItemId, email: &str) {
    let sql = "SELECT version FROM item WHERE id = ?1";
    let seen = town.instance().store.read(|tx| tx.one(sql, params![item], |row| row.int(0))).unwrap();
    town.act(|acting, tx| person::change_item(acting, tx, (who, item), seen, (email, "")).map(drop)).unwrap();
}

/// They follow what we do, too.
fn supports(town: &Town, who: PersonId) {
    town.act(|acting, tx| {
        let supporter = acting.policy.category_named("supporter").unwrap().id;
        store::person::give_category(tx, &acting.policy, who, supporter, acting.today, None)?;
        acting.settle(tx, who)
    })
    .unwrap();
}

fn first_item(town: &Town, who: PersonId) -> ItemId {
    let sql = "SELECT MIN(id) FROM item WHERE person_id = ?1 AND kind = 'email'";
    ItemId(town.instance().store.read(|tx| tx.one(sql, params![who], |row| row.int(0))).unwrap())
}

fn stands(town: &Town, email: &str) -> bool {
    let keys = town.instance().store.keys();
    !town.instance().store.read(|tx| suppression::standing(tx, keys, "email", email)).unwrap().is_empty()
}

const NOBODY: [&str; 0] = [];

both! {
    /// Addresses that come after an objection are as barred as those before, for whoever else has them, and after an erasure.
    fn addresses_that_come_after_an_objection(town) {
        let sam = town.contact("Sam Hill", "sam@post.example");
        objects(town, sam);
        add(town, sam, "sam@second.example");
        change(town, sam, first_item(town, sam), "sam@third.example");
        let theirs = ["sam@post.example", "sam@second.example", "sam@third.example"];
        for address in theirs {
            assert!(stands(town, address), "{address}");
        }
        for (n, address) in theirs.iter().enumerate() {
            town.contact(&format!("Double {n}"), address);
            town.supporter(&format!("Triple {n}"), address);
        }
        assert_eq!(town.mailing_of(OFFERS), NOBODY);
        assert_eq!(town.mailing(), NOBODY);
        town.erase(sam);
        assert_eq!(town.mailing_of(OFFERS), NOBODY);
        // Whoever has none of the addresses is written to as before.
        town.contact("Una Moor", "una@post.example");
        assert_eq!(town.mailing_of(OFFERS), ["una@post.example"]);
    }

    /// What an objection left at an address and their own later yes lifted is not brought back by the next thing done to them.
    fn a_later_yes_stays_a_yes(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        objects(town, sam);
        town.later(2);
        town.agrees(sam);
        add(town, sam, "sam@second.example");
        assert!(!stands(town, "sam@post.example") && !stands(town, "sam@second.example"));
        assert_eq!(town.mailing().len(), 1);
        objects(town, sam);
        assert!(stands(town, "sam@post.example") && stands(town, "sam@second.example"));
        assert_eq!(town.mailing(), NOBODY, "and their later no is a no");
    }

    /// Whoever went and came back keeps their no against everything that they do not agree to, as whoever was held all along does.
    fn a_yes_to_one_thing_brings_back_nothing_else(town) {
        somebody_objects_at(town, "email", "una@post.example", Forbids::Marketing);
        let una = town.contact("Una Moor", "una@post.example");
        let ida = town.contact("Ida Stone", "ida@post.example");
        supports(town, una);
        supports(town, ida);
        assert_eq!(town.mailing_of(OFFERS), ["ida@post.example"]);
        town.later(2);
        town.agrees(una);
        town.agrees(ida);
        assert_eq!(town.mailing().len(), 2, "what both agreed to");
        assert_eq!(town.mailing_of(OFFERS), ["ida@post.example"], "and nothing else");
        // At a number it stands as long as what they agreed to goes by e-mail.
        somebody_objects_at(town, "phone", "01632 960123", Forbids::Marketing);
        let kit = town.contact("Kit Heron", "kit@post.example");
        supports(town, kit);
        town.act(|acting, tx| person::add_item(acting, tx, kit, ("phone", "01632 960123"), ("the person", acting.today)))
            .unwrap();
        town.later(2);
        town.agrees(kit);
        let keys = town.instance().store.keys();
        let stands = town.instance().store.read(|tx| suppression::standing(tx, keys, "phone", "01632 960123"));
        assert!(stands.unwrap().contains(&Forbids::Marketing));
    }

    /// A yes to one thing lifts what stands at the address while it is a yes; once they have gone, their no stands there again.
    fn a_no_outlives_a_yes_to_one_thing(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        objects(town, sam);
        town.later(2);
        town.agrees(sam);
        assert!(!stands(town, "sam@post.example"));
        town.act(|acting, tx| consent::withdraw(acting, tx, sam, NEWS, None)).unwrap();
        town.later(4000);
        app::jobs::night::run(town.instance(), town.instance().clock.today()).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM item WHERE normal = 'sam@post.example'"), 0, "it has gone");
        assert!(stands(town, "sam@post.example"));
    }

    /// Somebody said no at an address before anybody here had it: whoever gets it is not written to, at any address, and no edit
    /// makes that unsaid.
    fn whoever_gets_an_address_at_which_somebody_said_no(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        somebody_objects_at(town, "email", "old@post.example", Forbids::Marketing);
        assert_eq!(town.mailing(), ["sam@post.example"]);
        let item = add(town, sam, "OLD@post.example");
        assert_eq!(town.mailing(), NOBODY, "one of theirs is barred, so they are");
        change(town, sam, item, "new@post.example");
        assert_eq!(town.mailing(), NOBODY, "they had it");
        let sql = "SELECT COUNT(*) FROM objection WHERE person_id = ?1";
        assert_eq!(town.instance().store.read(|tx| tx.count(sql, params![sam])).unwrap(), 1);
        assert!(stands(town, "sam@post.example") && stands(town, "new@post.example"));
        town.later(1);
        town.agrees(sam);
        assert_eq!(town.mailing().len(), 1, "their own later yes");
        // The same where it is taken away.
        let una = town.supporter("Una Moor", "una@post.example");
        somebody_objects_at(town, "email", "una@post.example", Forbids::Marketing);
        add(town, una, "una@second.example");
        let item = first_item(town, una);
        town.act(|acting, tx| person::remove_item(acting, tx, (una, item), 1, "")).unwrap();
        assert!(!town.mailing().iter().any(|to| to.starts_with("una")));
    }

    /// What was said last at an address counts.
    fn what_was_said_last_at_an_address_they_had(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.supporter("Una Moor", "una@post.example");
        assert_eq!(town.mailing(), ["sam@post.example", "una@post.example"]);
        somebody_objects_at(town, "email", "old@post.example", Forbids::Marketing);
        town.later(2);
        town.agrees(sam);
        town.later(2);
        let store = &town.instance().store;
        let (today, now) = (town.instance().clock.today(), town.instance().clock.now());
        let old = ("email", "old@post.example");
        store
            .write(|tx| suppression::add(tx, store.keys(), old.0, old.1, Forbids::Marketing, today, "link", now))
            .unwrap();
        let item = add(town, sam, "old@post.example");
        change(town, sam, item, "sam@second.example");
        assert_eq!(town.mailing(), ["una@post.example"], "it was said there again after Sam's yes");
    }

    /// A change of how it is written changes nothing: it is the same address.
    fn the_same_address_written_otherwise(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        somebody_objects_at(town, "email", "sam@post.example", Forbids::Marketing);
        change(town, sam, first_item(town, sam), "Sam@Post.example");
        assert_eq!(town.count("SELECT COUNT(*) FROM objection"), 0);
        assert_eq!(town.mailing(), NOBODY);
    }

    /// What is decided is decided as it leaves: an objection at the address, by the person or by somebody with the same address,
    /// and an address that is theirs no more, all after the list was made.
    fn at_the_moment_of_leaving(town) {
        let people: Vec<PersonId> =
            ["ada", "ben", "cal", "dee", "eve"].iter().map(|name| town.supporter(name, &format!("{name}@post.example"))).collect();
        let mailing = town.queue().unwrap();
        objects(town, people[0]);
        somebody_objects_at(town, "email", "ben@post.example", Forbids::Marketing);
        change(town, people[2], first_item(town, people[2]), "cal@new.example");
        town.erase(people[3]);
        outbox::play(town.instance()).unwrap();
        assert_eq!(town.addresses(mailing, "sent"), ["eve@post.example"]);
        assert_eq!(town.addresses(mailing, "refused"), ["ada@post.example", "ben@post.example", "cal@post.example"]);
        let sql = "SELECT refusal FROM message WHERE address = 'cal@post.example'";
        let why = town.instance().store.read(|tx| tx.one(sql, &[], |row| row.text(0))).unwrap();
        assert!(why.contains("no longer one of theirs"), "{why}");
    }

    /// The proof sees what was sent against an objection, whatever the program thinks it does; a later yes makes it fair.
    fn what_was_sent_against_an_objection_breaks_the_promise(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        town.mailing();
        objects(town, sam);
        let broken = || {
            let instance = town.instance();
            let (today, now) = (instance.clock.today(), instance.clock.now());
            let obligation = custody::proof::Obligation::SuppressedStaySuppressed;
            store::prove::obligation(&instance.store, &instance.policy(), &obligation, now, today).unwrap().broken
        };
        assert_eq!(broken(), [] as [String; 0]);
        let at = town.instance().clock.now() + jiff::SignedDuration::from_hours(1);
        // As if it had left an hour after they said no, to an address that is on no list.
        let sql = "UPDATE message SET sent_at = ?1, address = 'elsewhere@post.example' WHERE person_id = ?2";
        town.instance().store.write(|tx| tx.exec(sql, params![at, sam])).unwrap();
        let found = broken();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("came after their objection of"), "{found:?}");
        let sql = "UPDATE objection SET lifted_on = made_on WHERE person_id = ?1";
        town.instance().store.write(|tx| tx.exec(sql, params![sam])).unwrap();
        assert_eq!(broken(), [] as [String; 0]);
    }

    /// A practice instance that is stopped and opened again goes on after what was done last that day: a no that is said then came after
    /// what had left, as it did.
    fn a_practice_day_goes_on_after_a_stop(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let later = town.instance().clock.now() + jiff::SignedDuration::from_hours(2);
        assert!(town.instance().clock.set(later));
        assert_eq!(town.mailing(), ["sam@post.example"]);
        town.reopen("");
        assert!(town.instance().clock.now() >= later);
        objects(town, sam);
        let instance = town.instance();
        let (today, now) = (instance.clock.today(), instance.clock.now());
        let obligation = custody::proof::Obligation::SuppressedStaySuppressed;
        let broken = store::prove::obligation(&instance.store, &instance.policy(), &obligation, now, today).unwrap().broken;
        assert_eq!(broken, [] as [String; 0]);
        // Another day begins in the morning.
        town.later(1);
        town.reopen("");
        assert!(town.instance().clock.now() < later + jiff::SignedDuration::from_hours(24));
    }

    /// What leaves on a company's address says so, and the proof looks: that it was no company, or that nothing says why nobody was
    /// asked, breaks the promise. Who is at none is left out, and whoever is no longer is stopped at the moment of leaving.
    fn offers_leave_to_addresses_of_companies_and_say_so(town) {
        let sam = town.contact("Sam Hill", "sam@post.example");
        town.contact("Una Moor", "una@gmail.com");
        assert_eq!(town.mailing_of(OFFERS), ["sam@post.example"], "anybody may have the other's");
        let activity = town.instance().policy().activity_named(OFFERS).unwrap().id;
        let broken = || {
            let instance = town.instance();
            let (today, now) = (instance.clock.today(), instance.clock.now());
            let obligation = custody::proof::Obligation::AskedFirst { activity };
            store::prove::obligation(&instance.store, &instance.policy(), &obligation, now, today).unwrap()
        };
        assert_eq!(broken().broken, [] as [String; 0]);
        assert!(broken().figure.starts_with("1 "), "{}", broken().figure);
        let change = |sql: &str| town.instance().store.write(|tx| tx.exec(sql, &[])).unwrap();
        assert_eq!(change("UPDATE organisation SET subscriber = 'unknown'"), 1);
        assert!(broken().broken[0].contains("is no company or public body"), "{:?}", broken().broken);
        assert_eq!(town.mailing_of(OFFERS), NOBODY);
        change("UPDATE organisation SET subscriber = 'corporate'");
        town.later(1);
        let mailing = town.queue_of(OFFERS).unwrap();
        change("UPDATE organisation SET subscriber = 'individual'");
        outbox::play(town.instance()).unwrap();
        assert_eq!(town.addresses(mailing, "refused"), ["sam@post.example"], "decided again as it leaves");
        change("UPDATE organisation SET subscriber = 'corporate'");
        // One more, and nothing says why.
        assert_eq!(town.mailing_of(OFFERS), ["sam@post.example"]);
        let last = "UPDATE message SET rests_on = NULL WHERE id = (SELECT MAX(m.id) FROM message m WHERE m.state = 'sent')";
        assert_eq!(change(last), 1);
        assert!(broken().broken[0].contains("nothing says why nobody had to be asked"), "{:?}", broken().broken);
        // It leaves on how their address was got, and the record of that goes in its time: nothing is wrong with what left on it.
        let got = format!(
            "INSERT INTO soft_opt_in (id, person_id, activity, address, on_date, how, refusal, recorded_at)
                VALUES (5, {sam}, '{OFFERS}', 'sam@post.example', '2026-01-05', 'x', 'x', 0)"
        );
        assert_eq!(change(&got), 1);
        let rests = format!(
            "UPDATE message SET rests_on = 'soft opt-in', rests_row = 5
                WHERE activity = '{OFFERS}' AND state = 'sent' AND rests_on IS NULL"
        );
        assert_eq!(change(&rests), 1);
        assert_eq!(broken().broken, [] as [String; 0]);
        let mut bytes = store::dispose::Bytes::default();
        town.instance().store.write(|tx| store::dispose::remove(tx, "soft_opt_in", 5, &mut bytes)).unwrap();
        assert_eq!(broken().broken, [] as [String; 0]);
        town.erase(sam);
        assert_eq!(town.mailing_of(OFFERS), NOBODY);
    }
}
