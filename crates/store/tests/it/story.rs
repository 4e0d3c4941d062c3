//! A few people for the stories of these tests, made the way acts make them.

use custody::coverage::Role;
use custody::id::{EngagementId, PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use policy::{Basis, Policy};
use store::consent::{Evidence, NewConsent, Shows};
use store::document::{NewDocument, Where};
use store::engagement::NewEngagement;
use store::entry::{Direction, NewEntry};
use store::item::NewItem;
use store::{
    Result, Store, Tx, consent, document, engagement, entry, ground, item, organisation, person, staff,
};

/// Who causes things in these stories.
pub const ACTOR: &str = "staff 1";

/// Noon in London on a day.
pub fn noon(on: Date) -> Timestamp {
    on.at(12, 0, 0, 0).to_zoned(policy::law::uk::london()).unwrap().timestamp()
}

/// A person of a category with these items.
pub fn someone(
    store: &Store,
    policy: &Policy,
    category: &str,
    since: Date,
    items: &[(&str, &str)],
) -> PersonId {
    store
        .write(|tx| {
            let who = person::add(tx, noon(since))?;
            person::give_category(tx, policy, who, policy.category_named(category).unwrap().id, since, None)?;
            for (kind, value) in items {
                let kind = policy.kind_named(kind).unwrap().id;
                let new = NewItem {
                    person: who,
                    kind,
                    value,
                    source: "the person",
                    collected_on: since,
                    import: None,
                    by: None,
                };
                item::add(tx, policy, &new, noon(since))?;
            }
            settle(tx, policy, who, since)?;
            Ok::<_, store::Error>(who)
        })
        .unwrap()
}

/// Settles a person at noon of a day.
pub fn settle(tx: &Tx<'_>, policy: &Policy, who: PersonId, today: Date) -> Result<usize> {
    Ok(ground::settle(tx, policy, who, today, ACTOR, noon(today))?.changes.len())
}

/// Tara, her programme, and one note of a session.
pub struct Tara {
    pub person: PersonId,
    pub programme: EngagementId,
    pub coach: StaffId,
}

/// Tara signed the form on 5 January and had her first session on the 12th, with a note.
pub fn tara(store: &Store, policy: &Policy) -> Tara {
    let who = someone(
        store,
        policy,
        "coaching client",
        date(2026, 1, 2),
        &[("name", "Tara Quill"), ("email", "tara.quill@home.example"), ("phone", "01632 960001")],
    );
    store
        .write(|tx| {
            let on = date(2026, 1, 5);
            let coach = staff::add(
                tx,
                &staff::NewAccount {
                    name: "Cleo Marsh",
                    email: "cleo@cti.example",
                    role: "coach",
                    person: None,
                    since: on,
                },
                noon(on),
            )?;
            let work = policy.work_named("programme").unwrap().id;
            let new = NewEngagement {
                work,
                title: "Coaching of Tara Quill",
                opened_on: on,
                paid_by_organisation: None,
                paid_by_person: Some(who),
            };
            let programme = engagement::open(tx, policy, &new, noon(on))?;
            engagement::join(tx, programme, who, "client", on)?;
            engagement::assign(tx, programme, coach, on)?;
            sign(tx, policy, who, programme, on)?;
            engagement::record_milestone(
                tx,
                policy,
                programme,
                "first session",
                date(2026, 1, 12),
                None,
                noon(date(2026, 1, 12)),
            )?;
            settle(tx, policy, who, date(2026, 1, 12))?;
            let new = NewEntry {
                kind: policy.kind_named("coaching notes").unwrap().id,
                on: date(2026, 1, 12),
                direction: Some(Direction::Both),
                body: "Wants to leave the bank and teach",
                source: "the person",
                import: None,
                people: &[(who, Role::Subject)],
                engagements: &[(programme, None)],
                author: Some(coach),
            };
            entry::add(tx, policy, &new, noon(date(2026, 1, 12)))?;
            settle(tx, policy, who, date(2026, 1, 12))?;
            Ok::<_, store::Error>(Tara { person: who, programme, coach })
        })
        .unwrap()
}

/// Signs the consent form of coaching, on paper kept in a place.
pub fn sign(tx: &Tx<'_>, policy: &Policy, who: PersonId, programme: EngagementId, on: Date) -> Result<()> {
    let activity = policy.activity_named("coaching").unwrap();
    let Basis::Consent { form, .. } = &activity.basis else { panic!("coaching rests on consent") };
    let kind = policy.kind_named("consent form").unwrap().id;
    let new = NewDocument {
        kind,
        title: "Consent form, signed",
        place: Where::Paper("cabinet 2, top drawer"),
        on,
        source: "the person",
        people: &[(who, Role::Subject)],
        engagements: &[(programme, None)],
        by: None,
    };
    let document = document::add(tx, policy, &new, noon(on))?;
    let new = NewConsent {
        person: who,
        activity: activity.id,
        engagement: Some(programme),
        form,
        document: Some(document),
        given_on: on,
        lapses_on: None,
        wording: "I agree that CTI keeps notes of my coaching",
        notice_version: Some(3),
        how: "on paper",
        evidence: Evidence { shows: Shows::Form, row: Some(document.0), note: None },
        by: None,
    };
    consent::record(tx, policy, &new, noon(on))?;
    settle(tx, policy, who, on)?;
    Ok(())
}

/// Records that Tara's programme was completed.
pub fn complete(store: &Store, policy: &Policy, tara: &Tara, on: Date) {
    store
        .write(|tx| {
            engagement::record_milestone(
                tx,
                policy,
                tara.programme,
                "completed",
                on,
                Some(tara.coach),
                noon(on),
            )?;
            settle(tx, policy, tara.person, on)
        })
        .unwrap();
}

/// Gives a person an organisation they belong to.
pub fn employ(store: &Store, policy: &Policy, who: PersonId, name: &str, since: Date) {
    store
        .write(|tx| {
            let organisation = organisation::named(tx, name, noon(since))?;
            organisation::join(tx, policy, who, organisation, Some(since), None)?;
            settle(tx, policy, who, since)
        })
        .unwrap();
}
