//! "Why do we hold this?" reads like a sentence somebody would say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod common;

use common::{cti, day, kinds, told};
use custody::life::{Agreed, Scope};
use custody::{Card, Segment, why, why_of};
use jiff::ToSpan;
use policy::activity::Purpose;

/// A card as a page without styles shows it.
fn read(card: &Card) -> String {
    let mut text = String::new();
    for sentence in &card.sentences {
        for segment in sentence {
            match segment {
                Segment::Text(words) => text.push_str(words),
                Segment::Strong(words) => text.push_str(&format!("**{words}**")),
                Segment::Name => text.push_str("Tara Ellis"),
            }
        }
        text.push(' ');
    }
    text.trim_end().to_owned()
}

fn titled<'a>(cards: &'a [Card], title: &str) -> &'a Card {
    cards.iter().find(|card| card.title == title).unwrap_or_else(|| panic!("no card {title}: {cards:#?}"))
}

#[test]
fn a_finished_programme_says_when_it_goes() {
    let policy = cti();
    let client = told(&policy)
        .is("coaching client", "2026-01-02")
        .programme(7, "client", "2026-01-02")
        .signed(7, "2026-01-05");
    let client = client.on("2026-01-05").milestone(7, "completed", "2026-03-31").on("2026-03-31");
    let there = kinds(&policy, &["name", "email", "coaching notes"]);
    let cards = why_of(&policy, &client.life, there, day("2026-04-02"));
    let card = titled(&cards, "Coaching sessions");
    assert_eq!(
        read(card),
        "We hold Tara Ellis's **name, email and coaching notes** because they are a coaching client (their signed consent of 5 Jan 2026). \
         The coaching programme was completed on **31 Mar 2026**, so we remove it after **30 Sep 2026**."
    );
    assert_eq!(card.until, Some(day("2026-09-30")));
    assert_eq!(card.changes, ["Another period is agreed.", "They take back their consent: it ends at once."]);
    assert!(card.channels.iter().all(|channel| !channel.open), "{:?}", card.channels);
    assert!(
        card.channels[0].reason.starts_with("the policy says never send anything"),
        "{:?}",
        card.channels
    );
    assert_eq!(card.shared_with, Vec::<String>::new());
}

#[test]
fn a_running_programme_says_what_it_waits_for_and_with_whom_it_is_shared() {
    let policy = cti();
    let mut client = told(&policy)
        .is("coaching client", "2026-01-02")
        .programme(7, "client", "2026-01-02")
        .signed(7, "2026-01-05")
        .on("2026-01-05");
    let cards = why(&policy, &client.life, day("2026-02-02"));
    let card = titled(&cards, "Coaching sessions");
    let words = read(card);
    assert!(words.contains("We keep it 6 months after the coaching programme is completed"), "{words}");
    assert!(words.ends_with("That has not happened yet."), "{words}");
    assert!(card.changes.contains(&"The coaching programme is completed.".to_owned()), "{:?}", card.changes);
    assert_eq!(card.shared_with, ["the coach (name, email and phone), until completed"]);
    assert!(card.channels.iter().all(|channel| channel.open), "{:?}", card.channels);
    client.life.works[0].agreed = Some(Agreed { period: 2.years(), reason: None });
    let client = client.milestone(7, "completed", "2026-03-31").on("2026-03-31");
    let words = read(titled(&why(&policy, &client.life, day("2026-04-01")), "Coaching sessions"));
    assert!(
        words.contains(
            "was completed on **31 Mar 2026** and 2 years are agreed, so we remove it after **31 Mar 2028**."
        ),
        "{words}"
    );
}

#[test]
fn supporters_are_told_when_their_consent_runs_out() {
    let policy = cti();
    let supporter =
        told(&policy).is("supporter", "2025-05-01").opted_in("supporters", "2025-05-01").on("2025-05-01");
    let cards = why(&policy, &supporter.life, day("2025-06-01"));
    let words = read(titled(&cards, "News for our supporters"));
    assert_eq!(
        words,
        "We hold Tara Ellis's **name and email** because they are a supporter (their consent of 1 May 2025). \
         They last agreed on **1 May 2025**; unless they agree again, we remove it after **1 May 2027**."
    );
}

#[test]
fn last_contact_and_reviews_are_dated() {
    let policy = cti();
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let cards = why(&policy, &contact.life, day("2026-02-02"));
    let words = read(titled(&cards, "Answering enquiries and working for organisations"));
    assert!(
        words.contains(
            "They were last in touch with us on **2 Jan 2026**, so we remove it after **2 Jan 2028**."
        ),
        "{words}"
    );
    let words = read(titled(&cards, "Telling organisations what we offer, by phone"));
    assert!(words.ends_with("We look at it again by **2 Jan 2028**."), "{words}");
    assert!(
        cards.windows(2).all(|pair| pair[0]
            .until
            .is_none_or(|first| pair[1].until.is_some_and(|second| second <= first)))
    );
}

#[test]
fn who_asked_to_be_left_alone_sees_it_on_the_channel() {
    let policy = cti();
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let asked = contact.objected(Scope::AllContact, "2026-03-03").on("2026-03-03");
    let cards = why(&policy, &asked.life, day("2026-03-04"));
    let card = titled(&cards, "Answering enquiries and working for organisations");
    assert!(
        card.channels.iter().all(|channel| !channel.open && channel.reason == "they asked on 3 Mar 2026")
    );
    let phone = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let cards = why(&policy, &phone.life, day("2026-03-04"));
    let call = &titled(&cards, "Telling organisations what we offer, by phone").channels[0];
    assert_eq!((call.open, call.reason.as_str()), (true, "once the number has been checked"));
}

#[test]
fn housekeeping_comes_last_and_objections_pause() {
    let policy = cti();
    let enquiries = common::activity(&policy, "enquiries");
    let contact = told(&policy).is("organisation contact", "2026-01-02").event("contact", "2026-01-02");
    let contact = contact.keeps("message record", "2026-01-02", None).on("2026-01-02");
    let contact = contact.objected(Scope::Activity(enquiries), "2026-02-01").on("2026-02-01");
    let cards = why(&policy, &contact.life, day("2026-02-02"));
    assert!(cards.last().unwrap().housekeeping);
    assert!(
        read(cards.last().unwrap())
            .starts_with("We hold Tara Ellis's **message record** for proof of what we did (a legal duty:")
    );
    let paused = titled(&cards, "Answering enquiries and working for organisations").paused.clone().unwrap();
    assert!(paused.contains("They objected on 1 Feb 2026"), "{paused}");
    let marketing =
        policy.activities.iter().filter(|activity| activity.purpose == Purpose::DirectMarketing).count();
    assert!(
        marketing > 0
            && cards.iter().all(|card| card
                .sentences
                .iter()
                .flatten()
                .all(|segment| *segment != Segment::Strong(String::new())))
    );
}

#[test]
fn what_is_restricted_is_closed_but_for_answers_to_what_they_ask() {
    let policy = cti();
    let contact = told(&policy).is("organisation contact", "2026-01-02").event("contact", "2026-01-02");
    let mut contact = contact.keeps("request record", "2026-01-02", None).on("2026-01-02");
    contact.life.restriction = Some(custody::life::Restriction {
        since: day("2026-02-01"),
        owner: custody::id::StaffId(1),
        review_on: day("2026-05-01"),
    });
    let cards = why(&policy, &contact.life, day("2026-02-02"));
    let answering = titled(&cards, "Answering your requests and complaints");
    assert!(!answering.channels.is_empty() && answering.channels.iter().all(|channel| channel.open));
    assert!(answering.channels[0].reason.starts_with("to answer what they ask, and for nothing else"));
    let paused = answering.paused.as_deref().unwrap();
    assert!(paused.ends_with("stored, and used for nothing but to answer what they ask."), "{paused}");
    let enquiries = titled(&cards, "Answering enquiries and working for organisations");
    assert!(enquiries.channels.iter().all(|channel| !channel.open), "{:?}", enquiries.channels);
    assert!(enquiries.paused.as_deref().unwrap().ends_with("stored and not used."));
}

/// The policy that has every form.
fn forms() -> policy::Policy {
    let text = include_str!("model/forms.policy").to_owned();
    let files = vec![policy::source::File { name: "forms.policy".into(), text }];
    policy::Policy::read(files).0.unwrap()
}

/// Somebody with one part on a piece of work that was opened and has ended.
fn on_work(policy: &policy::Policy, work: &str, ended: (&str, &str)) -> custody::Life {
    use custody::id::{EngagementId, PersonId};
    use custody::life::{HeldCategory, Life, OnWork};
    let work = policy.work_named(work).unwrap();
    let parts = ["buyer", "client", "trainee"];
    let part = work.parts.iter().find(|part| parts.contains(&part.name.as_str())).unwrap();
    let since = day("2026-01-02");
    let mut life = Life::new(PersonId(1));
    life.categories.push(HeldCategory { category: part.category, since, until: None });
    life.works.push(OnWork {
        engagement: EngagementId(7),
        work: work.id,
        part: part.name.clone(),
        since,
        until: None,
        opened_on: since,
        milestones: vec![(ended.0.to_owned(), day(ended.1))],
        agreed: None,
    });
    let on = day("2026-04-01");
    custody::settled(&life, &custody::settle(policy, &life, on), on, 1)
}

#[test]
fn what_ended_by_itself_is_said_to_have_ended() {
    let text = include_str!("../../../policies/cli.policy").to_owned();
    let files = vec![policy::source::File { name: "cli.policy".into(), text }];
    let policy = policy::Policy::read(files).0.unwrap();
    let trainee = on_work(&policy, "course", ("course ended", "2026-02-02"));
    let cards = why_of(&policy, &trainee, kinds(&policy, &["name", "course record"]), day("2026-04-02"));
    let said = read(titled(&cards, "Training courses"));
    assert!(
        said.contains("The course ended on **2 Feb 2026**, so we remove it after **2 Feb 2033**."),
        "{said}"
    );
}

#[test]
fn a_stage_that_has_begun_is_said_and_closes_the_channels_it_closes() {
    let policy = forms();
    let buyer = on_work(&policy, "order", ("order closed", "2026-03-31"));
    let card = |on: &str| {
        let there = kinds(&policy, &["email", "phone"]);
        let cards = why_of(&policy, &buyer, there, day(on));
        let orders = policy.activity_named("orders").unwrap().id;
        let of_orders = |card: &custody::explain::Card| {
            card.activity == orders && card.kinds.iter().any(|kind| kind == "email")
        };
        cards.into_iter().find(of_orders).unwrap()
    };
    let before = card("2027-03-31");
    assert!(before.channels.iter().all(|channel| channel.open), "{:?}", before.channels);
    assert!(read(&before).ends_with("We stop writing to them on **1 Apr 2027**."), "{}", read(&before));
    let after = card("2027-04-01");
    assert!(read(&after).ends_with("We stopped writing to them on **1 Apr 2027**."), "{}", read(&after));
    let said: Vec<(bool, &str)> =
        after.channels.iter().map(|channel| (channel.open, channel.reason.as_str())).collect();
    let stopped = (false, "we stopped writing to them on 1 Apr 2027");
    assert_eq!(said.iter().filter(|said| **said == stopped).count(), 2, "e-mail and letter: {said:?}");
    assert_eq!(said.iter().filter(|said| said.0).count(), 1, "they may be called: {said:?}");

    // Another clause keeps their name and address in use, and no e-mail address.
    let orders = policy.activity_named("orders").unwrap();
    let reached = |names: &[&str], verb| {
        let kinds = kinds(&policy, names);
        custody::explain::stopped(&policy, &buyer, orders, kinds, verb, day("2027-04-01"))
    };
    let send = custody::Verb::Send;
    assert_eq!(reached(&["name", "email"], send).as_deref(), Some(stopped.1));
    assert_eq!(reached(&["name"], send), None);
    assert_eq!(reached(&["name", "phone"], custody::Verb::Call), None);
}

#[test]
fn what_is_archived_says_so() {
    let policy = forms();
    let client = on_work(&policy, "matter", ("matter closed", "2026-03-31"));
    let words = |on: &str| {
        let cards = why_of(&policy, &client, kinds(&policy, &["will"]), day(on));
        let archived = cards.iter().find(|card| card.kinds == ["will"]).unwrap();
        (read(archived), archived.channels.iter().any(|channel| channel.open))
    };
    let (said, open) = words("2028-03-31");
    let ahead = "It goes into the archive on **1 Apr 2028**: it can be found and read, and is not used.";
    assert!(said.ends_with(ahead) && open, "{said}");
    let (said, open) = words("2028-04-01");
    let archived =
        "It has been in the archive since **1 Apr 2028**: it can be found and read, and is not used.";
    assert!(said.ends_with(archived) && !open, "{said}");
}

#[test]
fn somebody_elses_age_gives_the_day_and_not_their_birthday() {
    use custody::id::{EngagementId, PersonId};
    use custody::life::{Birth, HeldCategory, Life, OnWork};
    let policy = forms();
    let (engagement, since) = (EngagementId(7), day("2026-01-02"));
    let birth = |part: &str, born| Birth { engagement, part: part.into(), born };
    let adviser = |client| {
        let mut life = Life::new(PersonId(1));
        let category = common::category(&policy, "adviser");
        life.categories.push(HeldCategory { category, since, until: None });
        life.works.push(OnWork {
            engagement,
            work: policy.work_named("matter").unwrap().id,
            part: "adviser".into(),
            since,
            until: None,
            opened_on: since,
            milestones: Vec::new(),
            agreed: None,
        });
        life.born = Some(day("1980-05-06"));
        life.births = vec![birth("adviser", life.born), birth("client", client)];
        let changes = custody::settle(&policy, &life, since);
        custody::settled(&life, &changes, since, 1)
    };
    let words = |life: &Life| {
        let cards = why(&policy, life, since);
        cards.iter().map(|card| read(card) + " " + &card.changes.join(" ")).collect::<Vec<_>>().join("\n")
    };
    let known = words(&adviser(Some(day("2011-05-04"))));
    assert!(
        known.contains("we remove it after **4 May 2036**")
            || known.contains("We remove it after **4 May 2036**")
    );
    assert!(!known.contains("2011") && !known.contains("1980") && !known.contains("born"), "{known}");
    let unknown = words(&adviser(None));
    for said in [
        "We keep it until the client is 25 years old. Not known yet: date of birth of the client.",
        "It is recorded: date of birth of the client.",
    ] {
        assert!(unknown.contains(said), "{unknown}");
    }
}

/// CTI's policy, edited.
fn edited(changes: &[(&str, &str)]) -> policy::Policy {
    let mut text = include_str!("../../../policies/cti.policy").to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let files = vec![policy::source::File { name: "cti.policy".into(), text }];
    policy::Policy::read(files).0.unwrap()
}

#[test]
fn what_the_policy_declares_is_said_to_begin_the_period_anew() {
    let declared = ("work programme ", "event payment \"we paid you\"\n\nwork programme ");
    let changes = |keep: &str, paid: bool| {
        let policy = edited(&[declared, ("while supplier, review every 2 years", keep)]);
        let mut told = told(&policy).is("supplier", "2026-01-02").event("contact", "2026-01-02");
        if paid {
            told = told.event("payment", "2026-02-02");
        }
        let told = told.on("2026-02-02");
        let cards = why(&policy, &told.life, day("2026-03-02"));
        titled(&cards, "Buying from our suppliers").changes.clone()
    };
    let anew = "We paid them again: the period begins anew.".to_owned();
    assert!(changes("2 years after last payment", true).contains(&anew));
    assert!(!changes("2 years after first payment", true).contains(&anew), "the first time counts");
    let first = changes("2 years after last payment", false);
    assert!(first.contains(&"We paid them.".to_owned()), "{first:?}");
}

#[test]
fn what_is_made_anonymous_is_not_said_to_be_removed() {
    let mut policy = cti();
    for rule in &mut policy.rules {
        rule.then = policy::Disposal::Anonymise;
    }
    let contact = told(&policy).is("organisation contact", "2026-01-02");
    let contact = contact.event("contact", "2026-01-02").on("2026-01-02");
    let cards = why(&policy, &contact.life, day("2026-02-02"));
    let words = read(titled(&cards, "Answering enquiries and working for organisations"));
    assert!(words.contains("so we make it anonymous after **2 Jan 2028**"), "{words}");
}
