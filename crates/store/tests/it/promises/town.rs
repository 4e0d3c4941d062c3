//! A small town under any pack: somebody of every category, a piece of every kind of work, consents, a message, a
//! disclosure, an answered request. Made the way acts make them, so that every promise has something to look at.

use std::collections::BTreeMap;

use custody::Need;
use custody::coverage::Role;
use custody::id::{EngagementId, PersonId, StaffId};
use jiff::civil::{Date, date};
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::channel::Means;
use policy::role::Reach;
use policy::{Activity, Basis, KindSet, Policy, Sensitivity, Sort};
use store::consent::{Evidence, NewConsent, Shows};
use store::disclosure::NewDisclosure;
use store::engagement::NewEngagement;
use store::entry::{BY_FORM, Direction, NewEntry};
use store::item::NewItem;
use store::log::View;
use store::message::{self, NewMessage};
use store::request::{Kind, NewRequest};
use store::submission::NewSubmission;
use store::task::NewTask;
use store::told::{Told, Way};
use store::{
    Error, Store, Tx, attestation, consent, cookie, disclosure, engagement, entry, item, life, person,
    policy_version, request, staff, submission, subscribers, task, told,
};

use crate::story::{noon, settle};

/// The day on which everybody came.
pub const CAME: Date = date(2026, 11, 3);
/// The day on which somebody wrote by each form.
const WROTE: Date = date(2026, 11, 4);
/// The day on which it is proved.
pub const TODAY: Date = date(2026, 12, 1);

/// Who lives there, by category.
pub struct Town {
    pub people: BTreeMap<String, PersonId>,
}

impl Town {
    pub fn one(&self, category: &str) -> PersonId {
        self.people[category]
    }
}

pub fn town(store: &Store, policy: &Policy) -> Town {
    store
        .write(|tx| {
            policy_version::adopt(tx, policy, noon(policy.from), None)?;
            let manager = manager(tx, policy)?;
            let mut people = BTreeMap::new();
            for category in &policy.categories {
                let who = person::add(tx, noon(CAME))?;
                person::give_category(tx, policy, who, category.id, CAME, Some(manager))?;
                let told_by = Told { on: CAME, way: Way::Staff, version: Some(policy.version) };
                told::record(tx, who, &told_by, Some(manager), noon(CAME))?;
                settle(tx, policy, who, CAME)?;
                agree(tx, policy, who)?;
                people.insert(category.name.clone(), who);
            }
            work(tx, policy, &people)?;
            for (number, who) in people.values().enumerate() {
                details(tx, policy, *who, number)?;
            }
            let town = Town { people };
            write_to_somebody(tx, policy, &town)?;
            give_to_a_processor(tx, policy, &town)?;
            put_on_a_list(tx, policy, &town)?;
            answer_somebody(tx, policy, &town, manager)?;
            write_by_forms(tx, policy, manager)?;
            look_at_somebody(tx, policy, &town.people)?;
            cookie::seen(tx, cookie::PLAIN, "/sign-in", CAME)?;
            Ok::<_, Error>(town)
        })
        .unwrap()
}

fn manager(tx: &Tx<'_>, policy: &Policy) -> Result<StaffId, Error> {
    let new = staff::NewAccount {
        name: "May Reed",
        email: "may@office.example",
        role: &policy.roles[0].name,
        person: None,
        since: CAME,
    };
    let manager = staff::add(tx, &new, noon(CAME))?;
    for place in 0..policy.attestations.len() {
        attestation::sign(tx, policy, place, manager, CAME, Some("looked"), noon(CAME))?;
    }
    attestation::sign_disk(tx, &policy.roles[0].name, manager, CAME, None, noon(CAME))?;
    Ok(manager)
}

/// A yes to everything that somebody can be asked without a piece of work.
fn agree(tx: &Tx<'_>, policy: &Policy, who: PersonId) -> Result<(), Error> {
    let theirs = life::load(tx, policy, who, CAME)?;
    for activity in &policy.activities {
        let Basis::Consent { form, before: None } = &activity.basis else { continue };
        let whom = |whom: &policy::activity::ForWhom| whom.once.is_none() && theirs.has(whom.category, CAME);
        if matches!(form, ConsentForm::Signed(_)) || !activity.for_whom.iter().any(whom) {
            continue;
        }
        let new = NewConsent {
            person: who,
            activity: activity.id,
            engagement: None,
            form,
            document: None,
            given_on: CAME,
            lapses_on: None,
            wording: "Yes, I agree",
            notice_version: Some(policy.version),
            how: "told us",
            evidence: Evidence { shows: Shows::InPerson, row: None, note: Some("told us") },
            by: None,
        };
        consent::record(tx, policy, &new, noon(CAME))?;
    }
    settle(tx, policy, who, CAME)?;
    Ok(())
}

/// One piece of every kind of work, with somebody in each part.
fn work(tx: &Tx<'_>, policy: &Policy, people: &BTreeMap<String, PersonId>) -> Result<(), Error> {
    for work in &policy.works {
        let new = NewEngagement {
            work: work.id,
            title: "A piece of work",
            opened_on: CAME,
            paid_by_organisation: None,
            paid_by_person: None,
        };
        let opened = engagement::open(tx, policy, &new, noon(CAME))?;
        for part in &work.parts {
            let who = people[&policy.categories[part.category.index()].name];
            engagement::join(tx, opened, who, &part.name, CAME)?;
            settle(tx, policy, who, CAME)?;
        }
    }
    Ok(())
}

/// Somebody in every role but the first sees somebody by each line of it.
fn look_at_somebody(tx: &Tx<'_>, policy: &Policy, people: &BTreeMap<String, PersonId>) -> Result<(), Error> {
    for (number, role) in policy.roles.iter().enumerate().skip(1) {
        let new = staff::NewAccount {
            name: "Lee Hart",
            email: &format!("s{number}@office.example"),
            role: &role.name,
            person: None,
            since: CAME,
        };
        let staff = staff::add(tx, &new, noon(CAME))?;
        for sight in &role.sights {
            let category = sight.categories.first().map(|id| policy.categories[id.index()].name.as_str());
            let who = category.map_or_else(|| *people.values().next().unwrap(), |name| people[name]);
            let need = match (sight.only_to_answer, sight.reach) {
                (true, _) => Need::Request,
                (false, Reach::All) => Need::Role,
                (false, Reach::Assigned) => {
                    let on = "SELECT MIN(engagement_id) FROM engagement_person WHERE person_id = ?1";
                    let Some(work) = tx.one(on, store::params![who], |row| row.opt_int(0))? else { continue };
                    engagement::assign(tx, EngagementId(work), staff, CAME)?;
                    Need::Work(EngagementId(work))
                }
            };
            let view = View {
                at: noon(CAME),
                actor: format!("staff {staff}"),
                act: "person.read",
                people: vec![who],
                role: Some(role.name.clone()),
                needs: [need].into(),
            };
            view.write(tx)?;
        }
    }
    Ok(())
}

/// What the grounds of somebody let be kept, one detail of each kind.
fn details(tx: &Tx<'_>, policy: &Policy, who: PersonId, number: usize) -> Result<(), Error> {
    let theirs = life::load(tx, policy, who, CAME)?;
    let held = theirs.grounds.iter().filter(|ground| ground.active(CAME)).map(|ground| ground.rule);
    let rules = held.map(|rule| &policy.rules[rule.index()]);
    let kinds = rules.fold(KindSet::none(), |kinds, rule| {
        let activity = policy.activity(rule.activity).unwrap();
        let sensitive = policy.kinds_of(Sensitivity::Special).or(policy.kinds_of(Sensitivity::Criminal));
        let allowed = activity.basis.is_express_consent();
        kinds.or(if allowed { rule.kinds } else { rule.kinds.minus(sensitive) })
    });
    for kind in kinds.iter().filter_map(|kind| policy.kind(kind)).filter(|kind| kind.sort == Sort::Item) {
        let value = match kind.name.as_str() {
            "email" => format!("p{number}@home.example"),
            "phone" => format!("01632 9601{number:02}"),
            "date of birth" => "1980-02-03".to_owned(),
            _ => format!("something {number}"),
        };
        let new = NewItem {
            person: who,
            kind: kind.id,
            value: &value,
            source: "the person",
            collected_on: CAME,
            import: None,
            by: None,
        };
        item::add(tx, policy, &new, noon(CAME))?;
    }
    settle(tx, policy, who, CAME)?;
    Ok(())
}

/// Somebody new writes by each form, and is answered the next day.
fn write_by_forms(tx: &Tx<'_>, policy: &Policy, manager: StaffId) -> Result<(), Error> {
    for form in &policy.forms {
        let (category, activity) = form.files[0];
        let who = person::add(tx, noon(WROTE))?;
        person::give_category(tx, policy, who, category, WROTE, None)?;
        let told_by = Told { on: WROTE, way: Way::Page, version: Some(policy.version) };
        told::record(tx, who, &told_by, None, noon(WROTE))?;
        settle(tx, policy, who, WROTE)?;
        let kinds: Vec<_> = form.asks.iter().map(|kind| policy.kind(*kind).unwrap()).collect();
        let mut line = None;
        for kind in &kinds {
            if kind.sort == Sort::Entry {
                let new = NewEntry {
                    kind: kind.id,
                    on: WROTE,
                    direction: Some(Direction::In),
                    body: "Do you teach?",
                    source: BY_FORM,
                    import: None,
                    people: &[(who, Role::Subject)],
                    engagements: &[],
                    author: None,
                };
                line = Some(entry::add(tx, policy, &new, noon(WROTE))?);
                continue;
            }
            let value = match kind.name.as_str() {
                "email" => "wren@home.example",
                "phone" => "01632 960199",
                _ => "Wren Novak",
            };
            let new = NewItem {
                person: who,
                kind: kind.id,
                value,
                source: "the person",
                collected_on: WROTE,
                import: None,
                by: None,
            };
            item::add(tx, policy, &new, noon(WROTE))?;
        }
        settle(tx, policy, who, WROTE)?;
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
        let new = NewSubmission {
            person: who,
            form: &form.name,
            on: WROTE,
            version: policy.version,
            category: &policy.categories[category.index()].name,
            activity: &policy.activity(activity).unwrap().name,
            kinds: &kinds,
            known: false,
            ticked: form.tick.is_some(),
            entry: line,
            by: None,
        };
        let sent = submission::add(tx, &new, noon(WROTE))?;
        let alert = NewTask {
            person: Some(who),
            entry: line,
            owner: Some(manager),
            ..NewTask::new(task::Kind::Answer, "Answer what they wrote")
        };
        let asked = task::add(tx, &alert, noon(WROTE))?;
        submission::answered_by(tx, sent, asked)?;
        task::done(tx, asked, date(2026, 11, 5), Some(manager), Some("answered"))?;
    }
    Ok(())
}

/// Somebody of a category an activity is for from the beginning.
fn somebody<'p>(
    policy: &'p Policy,
    town: &Town,
    fits: impl Fn(&Activity) -> bool,
) -> Option<(&'p Activity, PersonId)> {
    policy.activities.iter().filter(|activity| fits(activity)).find_map(|activity| {
        let whom = activity.for_whom.iter().find(|whom| whom.once.is_none())?;
        Some((activity, town.one(&policy.categories[whom.category.index()].name)))
    })
}

fn write_to_somebody(tx: &Tx<'_>, policy: &Policy, town: &Town) -> Result<(), Error> {
    let by_mail = |activity: &Activity| {
        activity
            .channels
            .iter()
            .map(|id| &policy.channels[id.index()])
            .find(|one| one.means == Means::Email && !one.to_many)
    };
    let Some((activity, who)) = somebody(policy, town, |one| by_mail(one).is_some()) else { return Ok(()) };
    let channel = by_mail(activity).unwrap();
    let footer =
        channel.footer.clone().unwrap_or_default().replace("{notice}", "https://office.example/privacy");
    let new = NewMessage {
        person: Some(who),
        mailing: None,
        sort: message::Sort::Personal,
        activity: Some(&activity.name),
        channel: &channel.name,
        address: "p0@home.example",
        subject: "Your question",
        body: &format!("Dear you,\n\nhere it is.\n\n{footer}"),
        html: None,
        token: None,
        not_before: None,
        request: None,
        by: None,
    };
    let queued = message::queue(tx, &new, CAME, noon(CAME))?;
    message::claim(tx, policy, queued, noon(CAME))?;
    message::sent(tx, queued, noon(CAME))?;
    settle(tx, policy, who, CAME)?;
    Ok(())
}

fn give_to_a_processor(tx: &Tx<'_>, policy: &Policy, town: &Town) -> Result<(), Error> {
    let Some(processor) = policy.processors.iter().find(|one| one.place == policy.home) else {
        return Ok(());
    };
    let holds = |activity: &Activity| !activity.kinds.and(processor.kinds).is_empty();
    let Some((activity, who)) = somebody(policy, town, holds) else { return Ok(()) };
    let new = NewDisclosure {
        person: who,
        recipient: &processor.name,
        recipient_person: None,
        kinds: activity.kinds.and(processor.kinds),
        activity: &activity.name,
        reason: "",
        engagement: None,
        safeguard: None,
        place: Some(&processor.place),
        on: CAME,
        by: None,
    };
    disclosure::record(tx, policy, &new, noon(CAME))?;
    settle(tx, policy, who, CAME)?;
    Ok(())
}

/// Somebody is on a list from which others send for us, for everything that promotes us by e-mail to many.
fn put_on_a_list(tx: &Tx<'_>, policy: &Policy, town: &Town) -> Result<(), Error> {
    let by_mail = |activity: &Activity| {
        let mut channels = activity.channels.iter().map(|id| &policy.channels[id.index()]);
        activity.purpose == Purpose::DirectMarketing
            && channels.any(|one| one.means == Means::Email && one.to_many)
    };
    let sent = policy.activities.iter().filter(|activity| by_mail(activity));
    for (number, activity) in (0_u8..).zip(sent) {
        let Some((_, who)) = somebody(policy, town, |one| one.id == activity.id) else { continue };
        let called = [number; 32];
        subscribers::put(tx, ("mailer", &activity.name), (&called, &called), who, CAME)?;
    }
    Ok(())
}

fn answer_somebody(tx: &Tx<'_>, policy: &Policy, town: &Town, manager: StaffId) -> Result<(), Error> {
    let who = *town.people.values().next().unwrap();
    let new = NewRequest {
        kind: Kind::Access,
        person: who,
        name: "somebody",
        organisation: None,
        received_on: CAME,
        channel: "letter",
        words: None,
        owner: Some(manager),
        by: Some(manager),
    };
    let asked = request::open(tx, policy, &new, noon(CAME))?;
    settle(tx, policy, who, CAME)?;
    let on = date(2026, 11, 10);
    request::step(tx, asked, on, "pack made", Some("PDF, JSON, CSV"), Some(manager), noon(on))?;
    request::answer(tx, asked, on, "sent the pack", Some(manager), noon(on))?;
    request::close(tx, policy, asked, on, Some(manager), noon(on))?;
    settle(tx, policy, who, on)?;
    Ok(())
}
