//! The world these tests look at: CTI's people, made the way acts make them.

use std::collections::BTreeSet;

use custody::id::{EngagementId, MessageId, PersonId, StaffId};
use custody::life::Scope;
use jiff::civil::{Date, date};
use policy::{Basis, Policy};
use store::call::{Line, NewCall};
use store::consent::{Evidence, NewConsent};
use store::disclosure::NewDisclosure;
use store::engagement::NewAgreement;
use store::message::{NewMessage, Sort};
use store::objection::NewObjection;
use store::question::Asks;
use store::request::{Kind, NewRequest};
use store::{
    Error, Store, Tx, attestation, call, consent, disclosure, engagement, erase, message, objection, paper,
    policy_version, question, register, request, staff, suppression, sweep, task,
};

use super::TODAY;
use crate::story::{ACTOR, Tara, employ, noon, settle, sign, someone, tara};

/// Who is in the world these tests look at.
pub(super) struct World {
    pub(super) tara: Tara,
    pub(super) gwen: PersonId,
    pub(super) omar: PersonId,
    pub(super) nora: PersonId,
    pub(super) sue: PersonId,
    pub(super) manager: StaffId,
    pub(super) programme: EngagementId,
}

fn footer(policy: &Policy, channel: &str) -> String {
    let footer = policy.channel_named(channel).unwrap().footer.clone().unwrap();
    footer
        .replace("{notice}", "https://cti.example/privacy")
        .replace("{unsubscribe}", "https://cti.example/u/abc")
}

fn opt_in(tx: &Tx<'_>, policy: &Policy, who: PersonId, activity: &str, on: Date) -> Result<(), Error> {
    let activity = policy.activity_named(activity).unwrap();
    let Basis::Consent { form, .. } = &activity.basis else { panic!("not by consent") };
    let new = NewConsent {
        person: who,
        activity: activity.id,
        engagement: None,
        form,
        document: None,
        given_on: on,
        lapses_on: None,
        wording: "Yes, write to me",
        notice_version: Some(3),
        how: "by the link in our question",
        evidence: Evidence::PAGE,
        by: None,
    };
    consent::record(tx, policy, &new, noon(on))?;
    settle(tx, policy, who, on)?;
    Ok(())
}

fn send(
    tx: &Tx<'_>,
    policy: &Policy,
    who: PersonId,
    activity: &str,
    channel: &str,
    address: &str,
    on: Date,
) -> Result<(), Error> {
    let body = format!("Dear you,\n\nsome news.\n\n{}", footer(policy, channel));
    let token = [who.0.to_le_bytes().as_slice(), channel.as_bytes(), activity.as_bytes()].concat();
    let new = NewMessage {
        person: Some(who),
        mailing: None,
        sort: Sort::Personal,
        activity: Some(activity),
        channel,
        address,
        subject: "News",
        body: &body,
        html: None,
        token: Some(&token),
        not_before: None,
        request: None,
        by: None,
    };
    let message = message::queue(tx, &new, on, noon(on))?;
    message::claim(tx, policy, message, noon(on))?;
    message::sent(tx, message, noon(on))?;
    settle(tx, policy, who, on)?;
    Ok(())
}

/// A question on somebody's work, sent on a day.
fn put(
    tx: &Tx<'_>,
    policy: &Policy,
    (who, engagement): (PersonId, EngagementId),
    asks: &Asks,
    on: Date,
) -> Result<MessageId, Error> {
    let token = [who.0.to_le_bytes().as_slice(), asks.name().as_bytes()].concat();
    let new = NewMessage {
        person: Some(who),
        mailing: None,
        sort: Sort::Personal,
        activity: Some("coaching"),
        channel: "email",
        address: "gwen@home.example",
        subject: "A question",
        body: "Do you agree?",
        html: None,
        token: Some(&token),
        not_before: None,
        request: None,
        by: None,
    };
    let message = message::queue(tx, &new, on, noon(on))?;
    question::mark(tx, message, Some(engagement), asks)?;
    message::claim(tx, policy, message, noon(on))?;
    message::sent(tx, message, noon(on))?;
    settle(tx, policy, who, on)?;
    Ok(message)
}

pub(super) fn world(store: &Store, policy: &Policy) -> World {
    let at = |on: Date| noon(on);
    store.write(|tx| policy_version::adopt(tx, policy, at(date(2026, 1, 1)), None)).unwrap();
    let tara = tara(store, policy);
    let programme = tara.programme;
    let gwen = someone(
        store,
        policy,
        "coaching client",
        date(2026, 8, 1),
        &[("name", "Gwen Rook"), ("email", "gwen@home.example")],
    );
    let omar = someone(
        store,
        policy,
        "organisation contact",
        date(2026, 9, 1),
        &[
            ("name", "Omar Finch"),
            ("email", "omar@harbour.example"),
            ("phone", "01632 960017"),
            ("job title", "Director"),
        ],
    );
    employ(store, policy, omar, "Harbour Ltd", date(2026, 9, 1));
    let nora = someone(
        store,
        policy,
        "organisation contact",
        date(2026, 9, 1),
        &[("name", "Nora Lamb"), ("email", "nora@lamb.example")],
    );
    let sue = someone(
        store,
        policy,
        "supporter",
        date(2026, 9, 1),
        &[("name", "Sue Dale"), ("email", "sue@home.example")],
    );
    someone(
        store,
        policy,
        "supplier",
        date(2026, 9, 1),
        &[("name", "Ivy Stone"), ("email", "ivy@stone.example")],
    );
    someone(
        store,
        policy,
        "associate",
        date(2026, 9, 1),
        &[("name", "Cleo Marsh"), ("email", "cleo@marsh.example")],
    );
    let ed = someone(
        store,
        policy,
        "supporter",
        date(2026, 9, 1),
        &[("name", "Ed Vale"), ("email", "ed@home.example")],
    );

    let manager = store
        .write(|tx| {
            let day = date(2026, 1, 1);
            let new = staff::NewAccount {
                name: "May Reed",
                email: "may@cti.example",
                role: "business manager",
                person: None,
                since: day,
            };
            let manager = staff::add(tx, &new, at(day))?;
            staff::set_password(tx, manager, "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA")?;
            for place in 0..policy.attestations.len() {
                attestation::sign(
                    tx,
                    policy,
                    place,
                    manager,
                    date(2026, 11, 2),
                    Some("looked"),
                    at(date(2026, 11, 2)),
                )?;
            }
            attestation::sign_disk(
                tx,
                "business manager",
                manager,
                date(2026, 11, 2),
                None,
                at(date(2026, 11, 2)),
            )?;
            Ok::<_, Error>(manager)
        })
        .unwrap();

    let asks = Asks::Agreement;
    store.write(|tx| put(tx, policy, (tara.person, programme), &asks, date(2026, 1, 5))).unwrap();

    // Gwen finished, agreed on six years with a reason, and wants greetings.
    store
        .write(|tx| {
            let on = date(2026, 8, 3);
            let work = policy.work_named("programme").unwrap().id;
            let new = engagement::NewEngagement {
                work,
                title: "Coaching of Gwen",
                opened_on: on,
                paid_by_organisation: None,
                paid_by_person: Some(gwen),
            };
            let hers = engagement::open(tx, policy, &new, at(on))?;
            engagement::join(tx, hers, gwen, "client", on)?;
            sign(tx, policy, gwen, hers, on)?;
            put(tx, policy, (gwen, hers), &Asks::Agreement, on)?;
            let new = NewDisclosure {
                person: gwen,
                recipient: "the coach",
                recipient_person: None,
                kinds: ["name", "email"].iter().map(|kind| policy.kind_named(kind).unwrap().id).collect(),
                activity: "coaching",
                reason: "",
                engagement: Some(hers),
                safeguard: None,
                place: None,
                on: date(2026, 8, 10),
                by: None,
            };
            let shared = disclosure::record(tx, policy, &new, at(date(2026, 8, 10)))?;
            for (milestone, on) in [("first session", date(2026, 8, 10)), ("completed", date(2026, 11, 1))] {
                engagement::record_milestone(tx, policy, hers, milestone, on, None, at(on))?;
            }
            disclosure::end(tx, shared, date(2026, 11, 1))?;
            let new = NewAgreement {
                engagement: hers,
                person: gwen,
                period: &jiff::Span::new().years(6),
                reason: Some("a long project"),
                decided_by: Some(manager),
                agreed_on: date(2026, 11, 1),
                by: Some(manager),
            };
            engagement::agree(tx, &new, at(date(2026, 11, 1)))?;
            settle(tx, policy, gwen, date(2026, 11, 1))?;
            let asks = Asks::OptIn("greetings".to_owned());
            let asked = put(tx, policy, (gwen, hers), &asks, date(2026, 11, 1))?;
            question::answer(tx, asked, true, date(2026, 11, 1))?;
            opt_in(tx, policy, gwen, "greetings", date(2026, 11, 1))?;
            opt_in(tx, policy, sue, "supporters", date(2026, 9, 1))?;
            opt_in(tx, policy, ed, "supporters", date(2026, 9, 1))
        })
        .unwrap();

    // Omar is rung and written to; Nora asked for no more contact; Ed was erased.
    for name in ["tps", "ctps"] {
        let numbers = register::read(&b"01632 960055\n+441632960056\n"[..]).unwrap();
        store
            .write(|tx| register::load(tx, name, date(2026, 11, 20), &numbers, None, at(date(2026, 11, 21))))
            .unwrap();
    }
    store
        .write(|tx| {
            let channel = policy.channel_named("call").unwrap();
            let line = Line { person: Some(omar), organisation: None };
            let on = date(2026, 11, 25);
            let screened = call::screen(
                tx,
                store.keys(),
                channel.screening.as_ref().unwrap(),
                line,
                "01632 960017",
                None,
                on,
                at(on),
            )?;
            assert!(!screened.listed && screened.registers.len() == 2);
            let new = NewCall {
                line,
                number: "01632 960017",
                activity: "offers by phone",
                screened: Some(&screened),
                outcome: "will think about it",
                note: None,
                by: None,
                at: at(on),
                on,
            };
            call::record(tx, &new)?;
            let new = NewDisclosure {
                person: omar,
                recipient: "address book",
                recipient_person: None,
                kinds: ["name", "email"].iter().map(|kind| policy.kind_named(kind).unwrap().id).collect(),
                activity: "enquiries",
                reason: "keeps our address book",
                engagement: None,
                safeguard: None,
                place: Some("UK"),
                on,
                by: None,
            };
            disclosure::record(tx, policy, &new, at(on))?;
            send(tx, policy, omar, "news for organisations", "mailing", "omar@harbour.example", on)?;
            send(tx, policy, omar, "tailored offers", "personal email", "omar@harbour.example", on)?;
            send(tx, policy, gwen, "greetings", "mailing", "gwen@home.example", on)?;
            send(tx, policy, sue, "supporters", "mailing", "sue@home.example", on)?;

            let asked = |tx: &Tx<'_>, kind, person, name: &str| {
                let on = date(2026, 11, 20);
                let new = NewRequest {
                    kind,
                    person,
                    name,
                    organisation: Some("Harbour Ltd"),
                    received_on: on,
                    channel: "letter",
                    words: None,
                    owner: None,
                    by: None,
                };
                let request = request::open(tx, policy, &new, noon(on))?;
                settle(tx, policy, person, on)?;
                Ok::<_, Error>(request)
            };
            let on = date(2026, 11, 24);
            let access = asked(tx, Kind::Access, omar, "Omar Finch")?;
            request::answer(tx, access, on, "sent the pack", None, at(on))?;
            request::close(tx, policy, access, on, None, at(on))?;
            let stop = asked(tx, Kind::NoContact, nora, "Nora Lamb")?;
            let new = NewObjection {
                person: nora,
                scope: &Scope::AllContact,
                made_on: on,
                how: "letter",
                words: None,
                request: Some(stop),
                by: None,
            };
            objection::record(tx, policy, &new, at(on))?;
            suppression::add_person(
                tx,
                store.keys(),
                nora,
                suppression::Forbids::AllContact,
                on,
                "objection",
                at(on),
            )?;
            settle(tx, policy, nora, on)?;
            request::answer(tx, stop, on, "done", None, at(on))?;
            request::close(tx, policy, stop, on, None, at(on))?;
            let gone = asked(tx, Kind::Erasure, ed, "Ed Vale")?;
            paper::add(
                tx,
                &paper::NewPaper {
                    person: ed,
                    engagement: None,
                    what: "letters",
                    place: "box 4",
                    since: on,
                    by: None,
                },
                at(on),
            )?;
            settle(tx, policy, ed, on)?;
            erase::grant(tx, policy, store.keys(), ed, &BTreeSet::new(), gone, None, ACTOR, on, at(on))?;
            for one in task::of_request(tx, gone)? {
                sweep::confirm(tx, policy, one.id, on, None, None, noon(on))?;
            }
            request::answer(tx, gone, on, "done", None, at(on))?;
            request::close(tx, policy, gone, on, None, at(on))?;
            Ok::<_, Error>(())
        })
        .unwrap();
    let swept = sweep::run(store, policy, TODAY, &|| noon(TODAY), false).unwrap();
    assert_eq!(swept.problems, Vec::<String>::new());
    World { tara, gwen, omar, nora, sue, manager, programme }
}
