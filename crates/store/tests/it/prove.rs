//! Every obligation is kept on a world that acts made, and broken, with the counter-example named, once
//! somebody changes the database behind the program's back.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{EngagementId, MessageId, PersonId, StaffId};
use custody::life::Scope;
use custody::proof::{Finding, Verdict};
use jiff::civil::{Date, date};
use policy::{Basis, Policy};
use store::call::{Line, NewCall};
use store::consent::NewConsent;
use store::disclosure::NewDisclosure;
use store::engagement::NewAgreement;
use store::message::{NewMessage, Sort};
use store::objection::NewObjection;
use store::question::Asks;
use store::request::{Kind, NewRequest};
use store::{
    Error, Store, Tx, attestation, call, consent, disclosure, engagement, erase, message, objection, paper,
    policy_version, prove, question, register, request, staff, suppression, sweep, task,
};

use crate::harness::policy;
use crate::story::{ACTOR, Tara, complete, employ, noon, settle, sign, someone, tara};

const TODAY: Date = date(2026, 12, 1);

/// Who is in the world these tests look at.
struct World {
    tara: Tara,
    gwen: PersonId,
    omar: PersonId,
    nora: PersonId,
    sue: PersonId,
    manager: StaffId,
    programme: EngagementId,
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
    question::mark(tx, message, engagement, asks)?;
    message::claim(tx, policy, message, noon(on))?;
    message::sent(tx, message, noon(on))?;
    settle(tx, policy, who, on)?;
    Ok(message)
}

fn world(store: &Store, policy: &Policy) -> World {
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
                sweep::confirm(tx, one.id, on, None, None)?;
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

fn proof(store: &Store, policy: &Policy) -> BTreeMap<String, Finding> {
    prove::run(store, policy, noon(TODAY), TODAY)
        .unwrap()
        .into_iter()
        .map(|finding| (finding.id.clone(), finding))
        .collect()
}

/// One way of breaking a promise behind the program's back, and of mending it again.
struct Sabotage {
    promise: &'static str,
    /// What the counter-example must say.
    says: &'static str,
    breaks: String,
    mends: String,
}

fn sabotage(
    promise: &'static str,
    says: &'static str,
    breaks: impl Into<String>,
    mends: impl Into<String>,
) -> Sabotage {
    Sabotage { promise, says, breaks: breaks.into(), mends: mends.into() }
}

fn every_way(w: &World) -> Vec<Sabotage> {
    let (tara, gwen, omar, nora, sue, programme) =
        (w.tara.person, w.gwen, w.omar, w.nora, w.sue, w.programme);
    let item = |kind: &str| {
        format!(
            "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                VALUES (1, {omar}, '{kind}', 'a life', '', 'x', '2026-11-01', 1, 0)"
        )
    };
    let gone = "DELETE FROM item WHERE id = 1";
    vec![
        // Held without a ground, or of a kind nobody declared.
        sabotage("CTI-01", "life history 1 of person", item("life history"), gone),
        sabotage("CTI-01", "item 1 is of a kind the policy does not declare", item("shoe size"), gone),
        sabotage(
            "CTI-01",
            "is held without a ground",
            format!("UPDATE ground SET state = 'stopped', stopped_on = '2026-11-01', cause = 'withdrawn' WHERE person_id = {sue} AND activity = 'supporters'"),
            format!("UPDATE ground SET state = 'active', stopped_on = NULL, cause = NULL WHERE person_id = {sue} AND activity = 'supporters'"),
        ),
        sabotage(
            "CTI-01",
            "coaching notes 2 of person",
            format!(
                "INSERT INTO entry (id, kind, on_date, body, source, version, recorded_at, updated_at) VALUES (2, 'coaching notes', '2026-11-02', 'x', 'x', 1, 0, 0);
                 INSERT INTO entry_person (entry_id, person_id, role) VALUES (2, {omar}, 'subject')"
            ),
            "DELETE FROM entry_person WHERE entry_id = 2; DELETE FROM entry WHERE id = 2",
        ),
        sabotage(
            "CTI-01",
            "is no company and has details that nobody's ground covers",
            "UPDATE organisation SET phone = '01632 960275'",
            "UPDATE organisation SET phone = NULL",
        ),
        // Still to be done about somebody who went.
        sabotage(
            "CTI-02",
            "task 77 is about somebody or something that went",
            "INSERT INTO task (id, kind, what, engagement_id, blocks, created_at) VALUES (77, 'other', 'x', 1, 0, 0)",
            "DELETE FROM task WHERE id = 77",
        ),
        // Given to a processor: more than it may hold, or where nothing protects it.
        sabotage(
            "CTI-04",
            "gave address book more than it may hold",
            "UPDATE disclosure SET kinds = 'name, job title' WHERE recipient = 'address book'",
            "UPDATE disclosure SET kinds = 'name, email' WHERE recipient = 'address book'",
        ),
        sabotage(
            "CTI-24",
            "gave address book more than it may hold",
            "UPDATE disclosure SET kinds = 'name, shoe size' WHERE recipient = 'address book'",
            "UPDATE disclosure SET kinds = 'name, email' WHERE recipient = 'address book'",
        ),
        sabotage(
            "CTI-04",
            "of 2026-11-25 went to mailer in USA: Privacy Shield ended 2020-07-16",
            "UPDATE disclosure SET recipient = 'mailer' WHERE recipient = 'address book'",
            "UPDATE disclosure SET recipient = 'address book' WHERE recipient = 'mailer'",
        ),
        sabotage(
            "CTI-24",
            "went to mailer in USA",
            format!(
                "INSERT INTO disclosure (id, person_id, recipient, kinds, activity, reason, on_date, recorded_at)
                    VALUES (5, {omar}, 'Mailer', 'name, email', 'news for organisations', 'x', '2026-11-26', 0)"
            ),
            "DELETE FROM disclosure WHERE id = 5",
        ),
        sabotage(
            "CTI-04",
            "went to somebody the policy does not name",
            "UPDATE disclosure SET recipient = 'a cloud' WHERE recipient = 'address book'",
            "UPDATE disclosure SET recipient = 'address book' WHERE recipient = 'a cloud'",
        ),
        // Sent to a former client who had not asked for it.
        sabotage(
            "CTI-15",
            "had not opted in",
            format!("UPDATE consent SET given_on = '2026-11-28' WHERE person_id = {gwen} AND activity = 'greetings'"),
            format!("UPDATE consent SET given_on = '2026-11-01' WHERE person_id = {gwen} AND activity = 'greetings'"),
        ),
        sabotage(
            "CTI-02",
            "never send anything",
            format!("UPDATE message SET person_id = {gwen}, activity = 'suppliers' WHERE person_id = {sue}"),
            format!("UPDATE message SET person_id = {sue}, activity = 'supporters' WHERE activity = 'suppliers'"),
        ),
        sabotage(
            "CTI-03",
            "is not kept as a slow hash",
            format!("UPDATE staff SET password = 'letmein' WHERE id = {}", w.manager),
            format!("UPDATE staff SET password = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA' WHERE id = {}", w.manager),
        ),
        sabotage(
            "CTI-03",
            "lapsed on 2026-11-30",
            "UPDATE attestation SET lapses_on = '2026-11-30' WHERE what LIKE 'paper%'",
            "UPDATE attestation SET lapses_on = '2027-11-02' WHERE what LIKE 'paper%'",
        ),
        sabotage("CTI-07", "was not checked against tps", "UPDATE screening SET register = 'x' WHERE register = 'tps'", "UPDATE screening SET register = 'tps' WHERE register = 'x'"),
        sabotage(
            "CTI-07",
            "was checked against a file of ctps dated 2026-10-28",
            "UPDATE screening SET register_on = '2026-10-28' WHERE register = 'ctps'",
            "UPDATE screening SET register_on = '2026-11-20' WHERE register = 'ctps'",
        ),
        sabotage("CTI-07", "reached a number listed in tps", "UPDATE screening SET listed = 1 WHERE register = 'tps'", "UPDATE screening SET listed = 0"),
        // The number changed, and the ground did not end.
        sabotage(
            "CTI-08",
            "outlived `phone changes`",
            format!("INSERT INTO life_event (id, person_id, name, on_date, recorded_at) VALUES (3, {omar}, 'phone changes', '2026-11-30', 0)"),
            "DELETE FROM life_event WHERE id = 3",
        ),
        sabotage(
            "CTI-08",
            "its review of 2026-11-01 was passed",
            format!("UPDATE ground SET review_on = '2026-11-01' WHERE person_id = {omar} AND activity = 'offers by phone'"),
            format!("UPDATE ground SET review_on = '2028-09-01' WHERE person_id = {omar} AND activity = 'offers by phone'"),
        ),
        sabotage(
            "CTI-09",
            "outlived `left the organisation`",
            format!("UPDATE belonging SET until = '2026-11-20' WHERE person_id = {omar}"),
            format!("UPDATE belonging SET until = NULL WHERE person_id = {omar}"),
        ),
        sabotage(
            "CTI-09",
            "does not end with the footer",
            "UPDATE message SET subject = body, body = 'buy now' WHERE channel = 'personal email'",
            "UPDATE message SET body = subject WHERE channel = 'personal email'",
        ),
        sabotage(
            "CTI-10",
            "does not end with the footer",
            format!("UPDATE message SET subject = body, body = replace(body, 'https://cti.example/u/abc', '') WHERE channel = 'mailing' AND person_id = {omar}"),
            format!("UPDATE message SET body = subject WHERE channel = 'mailing' AND person_id = {omar}"),
        ),
        sabotage(
            "CTI-10",
            "no link that works",
            "UPDATE message SET token = NULL WHERE channel = 'mailing'",
            "UPDATE message SET token = html_token(id) WHERE channel = 'mailing'",
        ),
        sabotage(
            "CTI-11",
            "carried more than coaching names",
            "UPDATE disclosure SET kinds = 'name, life history' WHERE recipient = 'the coach'",
            "UPDATE disclosure SET kinds = 'name, email' WHERE recipient = 'the coach'",
        ),
        sabotage("CTI-11", "came after completed", "UPDATE disclosure SET on_date = '2026-11-15' WHERE recipient = 'the coach'", "UPDATE disclosure SET on_date = '2026-08-10' WHERE recipient = 'the coach'"),
        sabotage("CTI-11", "was not ended on completed", "UPDATE disclosure SET ended_on = NULL", "UPDATE disclosure SET ended_on = '2026-11-01' WHERE recipient = 'the coach'"),
        sabotage("CTI-11", "somebody it does not name", "UPDATE disclosure SET recipient = 'a friend' WHERE recipient = 'the coach'", "UPDATE disclosure SET recipient = 'the coach' WHERE recipient = 'a friend'"),
        // The agreement goes to whoever pays for themselves, and to nobody else.
        sabotage(
            "CTI-12",
            "no service agreement was sent",
            "UPDATE message SET state = 'queued' WHERE asks = 'agreement'",
            "UPDATE message SET state = 'sent' WHERE asks = 'agreement'",
        ),
        sabotage(
            "CTI-12",
            "not paid by client: a service agreement was written",
            format!("UPDATE engagement SET paid_by_person_id = NULL WHERE paid_by_person_id = {gwen}"),
            format!("UPDATE engagement SET paid_by_person_id = {gwen} WHERE title LIKE '%Gwen'"),
        ),
        // They were not asked, or their silence counted.
        sabotage(
            "CTI-15",
            "they were not asked",
            format!("UPDATE message SET asks = 'x', answer = NULL WHERE asks LIKE 'opt-in%'; UPDATE consent SET given_on = '2026-10-01' WHERE person_id = {gwen} AND activity = 'greetings'"),
            format!("UPDATE message SET asks = 'opt-in greetings', answer = 'yes' WHERE asks = 'x'; UPDATE consent SET given_on = '2026-11-01' WHERE person_id = {gwen} AND activity = 'greetings'"),
        ),
        sabotage(
            "CTI-15",
            "has no yes behind it",
            "UPDATE message SET answer = NULL WHERE asks LIKE 'opt-in%'",
            "UPDATE message SET answer = 'yes' WHERE asks LIKE 'opt-in%'",
        ),
        sabotage(
            "CTI-13",
            "over the cap without a reason",
            "UPDATE agreement SET reason = NULL",
            "UPDATE agreement SET reason = 'a long project'",
        ),
        sabotage(
            "CTI-13",
            "was due 2026-11-30 and still stands",
            format!("UPDATE ground SET due_on = '2026-11-30' WHERE person_id = {gwen} AND activity = 'coaching'"),
            format!("UPDATE ground SET due_on = '2032-11-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
        ),
        sabotage(
            "CTI-13",
            "the facts say 2032-11-01",
            format!("UPDATE ground SET due_on = '2035-01-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
            format!("UPDATE ground SET due_on = '2032-11-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
        ),
        // The first session came before the form.
        sabotage(
            "CTI-14",
            "milestone",
            format!("UPDATE milestone SET on_date = '2026-01-04' WHERE engagement_id = {programme}"),
            format!("UPDATE milestone SET on_date = '2026-01-12' WHERE engagement_id = {programme}"),
        ),
        sabotage(
            "CTI-14",
            "coaching notes",
            format!("UPDATE consent SET document_id = NULL WHERE person_id = {tara}"),
            format!("UPDATE consent SET document_id = (SELECT MIN(d.document_id) FROM document_person d WHERE d.person_id = {tara}) WHERE person_id = {tara}"),
        ),
        sabotage(
            "CTI-15",
            "rests on no standing consent",
            format!("UPDATE consent SET withdrawn_on = '2026-11-30' WHERE person_id = {gwen} AND activity = 'greetings'"),
            format!("UPDATE consent SET withdrawn_on = NULL WHERE person_id = {gwen} AND activity = 'greetings'"),
        ),
        sabotage(
            "CTI-16",
            "outlived `no longer associate`",
            "UPDATE person_category SET until = '2026-11-20' WHERE category = 'associate'",
            "UPDATE person_category SET until = NULL WHERE category = 'associate'",
        ),
        sabotage(
            "CTI-17",
            "stands against their objection",
            "INSERT INTO objection (id, person_id, scope, named, made_on, how, recorded_at)
                SELECT 4, person_id, 'purpose', 'DirectMarketing', '2026-11-20', 'x', 0 FROM person_category WHERE category = 'supplier'",
            "DELETE FROM objection WHERE id = 4",
        ),
        sabotage(
            "CTI-18",
            "not renewed",
            format!("UPDATE consent SET given_on = '2024-11-01' WHERE person_id = {sue}"),
            format!("UPDATE consent SET given_on = '2026-09-01' WHERE person_id = {sue}"),
        ),
        sabotage(
            "CTI-19",
            "was due on 2026-11-22 and not answered",
            "UPDATE request SET due_on = '2026-11-22' WHERE kind = 'access'",
            "UPDATE request SET due_on = '2026-12-21' WHERE kind = 'access'",
        ),
        sabotage("CTI-19", "has no answer in the register", "UPDATE request SET answer = NULL WHERE kind = 'access'", "UPDATE request SET answer = 'x' WHERE kind = 'access'"),
        sabotage("CTI-20", "says more than initials", "UPDATE request SET asked_by = 'Ed Vale' WHERE kind = 'erasure'", "UPDATE request SET asked_by = NULL WHERE kind = 'erasure'"),
        sabotage("CTI-20", "says more than initials", "UPDATE request SET initials = 'Ed Vale' WHERE kind = 'erasure'", "UPDATE request SET initials = 'E.V.' WHERE kind = 'erasure'"),
        sabotage("CTI-20", "was closed while task", "UPDATE task SET done_on = '2026-11-30' WHERE blocks = 1", "UPDATE task SET done_on = '2026-11-24' WHERE blocks = 1"),
        sabotage("CTI-21", "has no name in the register", "UPDATE request SET asked_by = NULL WHERE kind = 'no contact'", "UPDATE request SET asked_by = 'Nora Lamb' WHERE kind = 'no contact'"),
        sabotage(
            "CTI-21",
            "on the block list",
            "UPDATE message SET address = 'Nora@lamb.example' WHERE channel = 'personal email'",
            "UPDATE message SET address = 'omar@harbour.example' WHERE channel = 'personal email'",
        ),
        sabotage(
            "CTI-21",
            "after the person asked for no more contact",
            format!("UPDATE message SET person_id = {nora} WHERE channel = 'personal email'"),
            format!("UPDATE message SET person_id = {omar} WHERE channel = 'personal email'"),
        ),
        sabotage(
            "CTI-25",
            "rests on no standing consent",
            format!("UPDATE consent SET lapses_on = '2026-11-20' WHERE person_id = {sue}"),
            format!("UPDATE consent SET lapses_on = NULL WHERE person_id = {sue}"),
        ),
        // Whatever cannot be looked at is broken, and says so.
        sabotage(
            "CTI-13",
            "could not be looked at",
            "UPDATE agreement SET period = 'a while'",
            "UPDATE agreement SET period = 'P6Y'",
        ),
    ]
}

fn run_sql(store: &Store, sql: &str) {
    store
        .write(|tx| {
            for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
                // Tokens are unique: each gets its own back.
                if statement.contains("html_token") {
                    for id in
                        tx.all("SELECT id FROM message WHERE channel = 'mailing'", &[], |row| row.int(0))?
                    {
                        tx.exec(
                            "UPDATE message SET token = ?2 WHERE id = ?1",
                            store::params![id, id.to_le_bytes()],
                        )?;
                    }
                    continue;
                }
                tx.exec(statement, &[])?;
            }
            Ok::<_, Error>(())
        })
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

both! {
    fn every_promise_is_kept_until_somebody_breaks_it(store) {
        let policy = policy();
        let world = world(store, &policy);
        let before = proof(store, &policy);
        for finding in before.values() {
            assert_ne!(finding.verdict, Verdict::Broken, "{finding:?}");
        }
        for id in ["CTI-01", "CTI-02", "CTI-04", "CTI-12", "CTI-15", "CTI-24", "CTI-07", "CTI-08", "CTI-09", "CTI-10", "CTI-13", "CTI-14", "CTI-17", "CTI-18", "CTI-19", "CTI-20", "CTI-21", "CTI-23", "CTI-25"] {
            assert_eq!(before[id].verdict, Verdict::Kept, "{:?}", before[id]);
        }
        let said = "1 disclosures to address book in UK, within what it may hold; nothing goes to mailer in USA: Privacy Shield ended 2020-07-16";
        assert_eq!(before["CTI-04"].figure, said);
        assert_eq!(before["CTI-03"].verdict, Verdict::Attested, "{:?}", before["CTI-03"]);
        let mut wrong = Vec::new();
        for way in every_way(&world) {
            run_sql(store, &way.breaks);
            let found = prove::promise(store, &policy, way.promise, noon(TODAY), TODAY).unwrap().unwrap();
            run_sql(store, &way.mends);
            if found.verdict != Verdict::Broken || !found.counterexamples.iter().any(|example| example.contains(way.says)) {
                wrong.push(format!("{} by `{}`: {found:?}", way.promise, way.breaks));
            }
            let mended = prove::promise(store, &policy, way.promise, noon(TODAY), TODAY).unwrap().unwrap();
            if mended.verdict == Verdict::Broken {
                wrong.push(format!("{} was not mended by `{}`: {:?}", way.promise, way.mends, mended.counterexamples));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }

    fn what_the_sweep_should_have_taken_is_late_from_three_in_the_morning(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        let obligation = custody::proof::Obligation::GoneInTime { rule: policy.rule_keyed("coaching").unwrap().id };
        let day = date(2026, 10, 1);
        let at = |hour| day.at(hour, 30, 0, 0).to_zoned(policy::law::uk::london()).unwrap().timestamp();
        let look = |hour| prove::obligation(store, &policy, &obligation, at(hour), day).unwrap().broken;
        let late = |found: &Vec<String>| found.iter().any(|said| said.contains("was due 2026-09-30") );
        assert!(!late(&look(2)), "{:?}", look(2));
        assert!(late(&look(3)), "{:?}", look(3));
        sweep::run(store, &policy, day, &|| at(4), false).unwrap();
        assert_eq!(look(5), Vec::<String>::new());
    }

    fn files_that_are_not_encrypted_are_named(store) {
        let policy = policy();
        let plain = store.data().join("files").join("ab");
        std::fs::create_dir_all(&plain).unwrap();
        std::fs::write(plain.join("ab".repeat(16)), "Dear Tara").unwrap();
        let seen = prove::obligation(store, &policy, &custody::proof::Obligation::EncryptedAtRest, noon(TODAY), TODAY).unwrap();
        assert!(seen.broken.iter().any(|said| said.contains("is not encrypted")), "{seen:?}");
    }

    fn a_notice_without_a_contact_is_named(store) {
        let policy = policy();
        let obligation = custody::proof::Obligation::NoticeSays { part: "contact".to_owned() };
        let seen = prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).unwrap();
        assert_eq!(seen.broken, ["no version of the policy was adopted"]);
        store.write(|tx| policy_version::adopt(tx, &policy, noon(TODAY), None)).unwrap();
        assert!(prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).unwrap().broken.is_empty());
        run_sql(store, "UPDATE policy_version SET files = replace(files, 'privacy@cti.example', 'nobody@x')");
        assert!(prove::obligation(store, &policy, &obligation, noon(TODAY), TODAY).is_err(), "the text is not what was adopted");
    }
}
