//! The list of subscribers at a processor that sends news for us: who is on it is what the policy and the people say here today, and what
//! happens there comes back as what it is. Nobody who left there is ever put back. It decides and writes down; [`crate::jobs::subscribers`]
//! speaks to the processor.

mod noted;

use std::collections::{BTreeMap, BTreeSet};

use custody::Life;
use custody::id::PersonId;
use md5::{Digest, Md5};
use policy::activity::Purpose;
use policy::channel::{Channel, Means};
use policy::policy::Processor;
use policy::{Activity, KindSet, Policy};
use serde_json::json;
use store::disclosure::NewDisclosure;
use store::item::Item;
use store::subscribers::{self, Member, State, Whose};
use store::{Keys, Tx, item, line};

pub use self::noted::{NO_LIST, Noted, begin_another, hook, note, noted, nudged, unwell};

use super::audience::{self, Way};
use super::{Acting, came_back, disclosure, export, preference};
use crate::fault::Fault;
use crate::print::copy;

/// What the names of members are sealed for.
const SEALED: &str = "processor member";

/// A list at a processor, with what the policy says of both.
pub struct List<'p> {
    /// The processor.
    pub processor: &'p Processor,
    /// Whose people are on it.
    pub activity: &'p Activity,
    channel: &'p Channel,
}

impl<'p> List<'p> {
    /// The list of a processor that is configured, as the policy has it.
    ///
    /// # Errors
    /// With what does not fit, as a sentence.
    pub fn of(policy: &'p Policy, processor: &str, activity: &str) -> Result<Self, String> {
        let known = policy.processors.iter().find(|known| known.name == processor);
        let processor =
            known.ok_or_else(|| format!("The policy names no processor \u{201c}{processor}\u{201d}."))?;
        let known = policy.activity_named(activity);
        let activity =
            known.ok_or_else(|| format!("The policy has no activity \u{201c}{activity}\u{201d}."))?;
        // What comes back from there is a no to what promotes us.
        if activity.purpose != Purpose::DirectMarketing {
            return Err(format!(
                "\u{201c}{}\u{201d} is no news that somebody could unsubscribe from.",
                activity.title
            ));
        }
        let mut channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
        let channel = channels.find(|channel| channel.to_many && channel.means == Means::Email);
        let channel = channel.ok_or_else(|| {
            format!("\u{201c}{}\u{201d} is sent to many by no e-mail channel.", activity.title)
        })?;
        Ok(Self { processor, activity, channel })
    }

    fn goes(&self) -> export::Way<'p> {
        export::Way { processor: self.processor, activity: self.activity }
    }

    fn reaches(&self) -> Way<'p> {
        // The processor puts the footer below; that it does is in the contract with it.
        Way { activity: self.activity, channel: self.channel, footer_complete: true }
    }
}

/// What the processor calls an address: MD5 of it in small letters, as its API has it.
#[must_use]
pub fn member_of(email: &str) -> String {
    store::keys::hex(Md5::digest(email.to_lowercase().as_bytes()).as_slice())
}

fn found_by(keys: &Keys, member: &str) -> [u8; 32] {
    keys.hash(SEALED, member)
}

/// What a member is called there.
///
/// # Errors
/// If it was sealed by another instance, or changed.
pub fn unsealed(keys: &Keys, member: &Member) -> Result<String, Fault> {
    let plain = keys.unseal(SEALED, &member.member)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

/// Who is to be on a list today: whoever may be written to so, and whose details may go there; and how many more may be written to, of
/// whom the policy lets nothing go there.
///
/// # Errors
/// [`Fault::Refused`] naming the processor's clause, if nothing may go there at all.
pub fn wanted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    list: &List<'_>,
) -> Result<(BTreeSet<PersonId>, usize), Fault> {
    let goes = export::audience(acting, tx, &list.goes())?.will;
    let reached: BTreeSet<PersonId> = audience::of(acting, tx, &list.reaches())?.will.into_iter().collect();
    let wanted: BTreeSet<PersonId> = goes.into_iter().filter(|person| reached.contains(person)).collect();
    let withheld = reached.len().saturating_sub(wanted.len());
    Ok((wanted, withheld))
}

/// Somebody whose details are about to go to a list.
pub struct Ready {
    /// What the address is called there.
    pub member: String,
    /// The address.
    pub email: String,
    /// The name; empty where it does not go.
    pub name: String,
    /// What was written down of it.
    pub held: Member,
    /// What is noted once it is sent: which versions of their details.
    pub sent: [u8; 32],
    /// Whether they were not on it before.
    pub new: bool,
    /// Whether we stopped it before, so that it has to be said that it goes on.
    pub back: bool,
}

/// What of a person's details goes to a list.
struct Goes<'i> {
    email: &'i Item,
    name: Option<&'i Item>,
}

impl<'i> Goes<'i> {
    /// Of what is held of somebody, the address that our own mail would go to, and their name; each where the processor may hold it.
    /// Nothing where no such address goes.
    fn of(acting: &Acting<'_>, list: &List<'_>, items: &'i [Item]) -> Option<Self> {
        let policy = &acting.policy;
        let held = export::goes(acting, &list.goes());
        let email =
            line::address(policy, Some(list.activity), items).filter(|item| held.contains(item.kind))?;
        let name = policy.kind_named("name").map(|kind| kind.id).filter(|kind| held.contains(*kind));
        Some(Self { email, name: name.and_then(|kind| items.iter().find(|item| item.kind == kind)) })
    }

    /// The kinds of what goes.
    fn kinds(&self) -> KindSet {
        std::iter::once(self.email).chain(self.name).map(|item| item.kind).collect()
    }

    /// Which versions of it go: it changes whenever what goes does, and nothing is opened for it.
    fn versions(&self, keys: &Keys) -> [u8; 32] {
        let of = |item: Option<&Item>| {
            item.map_or_else(String::new, |item| format!("{}.{}", item.id, item.version))
        };
        keys.hash("processor sent", &[of(Some(self.email)), of(self.name)].join("\n"))
    }
}

/// Those of these people, whose numbers must ascend, who are not on a list as they are here: of everybody else nothing has to go.
///
/// # Errors
/// Whatever the store says.
pub fn changed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    list: &List<'_>,
    people: &[PersonId],
) -> Result<Vec<PersonId>, Fault> {
    let keys = acting.instance.store.keys();
    let mut items: BTreeMap<PersonId, Vec<Item>> = BTreeMap::new();
    for item in item::of_people(tx, &acting.policy, people)? {
        items.entry(item.person).or_default().push(item);
    }
    let mut before: BTreeMap<PersonId, Vec<Whose>> = BTreeMap::new();
    for whose in subscribers::of_people(tx, &list.processor.name, people)? {
        before.entry(whose.person).or_default().push(whose);
    }
    let is_same = |person: &PersonId| {
        let Some([Whose { state: State::There | State::Stopped | State::Refused, sent: Some(sent), .. }]) =
            before.get(person).map(Vec::as_slice)
        else {
            return false;
        };
        let theirs = items.get(person).and_then(|items| Goes::of(acting, list, items));
        theirs.is_some_and(|goes| *sent == goes.versions(keys))
    };
    Ok(people.iter().copied().filter(|person| !is_same(person)).collect())
}

/// Decides once more for these people, as their details are about to go, and writes down that they do. Of whoever is there as they
/// should be, left there, or may not go any more, nothing goes.
///
/// # Errors
/// Whatever the store says.
pub fn ready(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    list: &List<'_>,
    people: &[PersonId],
) -> Result<Vec<Ready>, Fault> {
    let keys = acting.instance.store.keys();
    let processor = &list.processor.name;
    let mut ready = Vec::new();
    for person in people {
        let life = match acting.life(tx, *person) {
            Ok(life) => life,
            Err(Fault::NotFound) => continue,
            Err(fault) => return Err(fault),
        };
        let grant = match export::decide(acting, &list.goes(), &[&life]) {
            Ok(grant) => grant,
            Err(Fault::Refused(_)) => continue,
            Err(fault) => return Err(fault),
        };
        match audience::decide(acting, tx, &list.reaches(), &life) {
            Ok(_) => {}
            Err(Fault::Refused(_)) => continue,
            Err(fault) => return Err(fault),
        }
        let items = item::of_person(tx, &acting.policy, *person)?;
        let Some(goes) = Goes::of(acting, list, &items) else { continue };
        let email = copy::text(&goes.email.value, &grant)?;
        // As it is compared here, however it was typed.
        let email = store::normal::email(&email).unwrap_or(email);
        let name = goes.name.map(|name| copy::text(&name.value, &grant)).transpose()?.unwrap_or_default();
        let member = member_of(&email);
        let by = found_by(keys, &member);
        let before = subscribers::of_person(tx, processor, *person)?;
        // Another address of theirs that lies there is nobody's from now on, and is taken away.
        for old in before.iter().filter(|old| old.found_by != by) {
            if let Some(whose) = &old.whose {
                subscribers::unlink(tx, whose.row)?;
            }
        }
        let sent = goes.versions(keys);
        let known = before.iter().find(|known| known.found_by == by).and_then(|known| known.whose.as_ref());
        let (is_new, back) = match known.map(|whose| (whose.state, whose.sent.as_deref())) {
            None => (true, false),
            // Of whom it was stopped, what was sent says that it would not go on.
            Some((State::There | State::Stopped, Some(same))) if same == sent => continue,
            Some((State::There, _)) => (false, false),
            Some((State::Stopped, _)) => (false, true),
            Some((State::Left | State::Bounced | State::Refused, _)) => continue,
        };
        if is_anothers(acting, tx, processor, (&by, &email), *person)? {
            continue;
        }
        let sealed = keys.seal(SEALED, member.as_bytes())?;
        let held =
            subscribers::put(tx, (processor, &list.activity.name), (&sealed, &by), *person, acting.today)?;
        told(acting, tx, list, goes.kinds(), &life)?;
        ready.push(Ready { member, email, name, held, sent, new: is_new, back });
    }
    Ok(ready)
}

/// Whether an address lies there as somebody else's who still has it: one address is one member, and whoever has it first stays. Where
/// they left there, nobody with their address is put back either.
fn is_anothers(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    processor: &str,
    (by, email): (&[u8; 32], &str),
    person: PersonId,
) -> Result<bool, Fault> {
    let there = subscribers::found(tx, processor, by)?.and_then(|member| member.whose);
    let Some(other) = there.filter(|whose| whose.person != person) else { return Ok(false) };
    let theirs = subscribers::addresses(tx, &acting.policy, &[other.person])?;
    Ok(theirs.iter().any(|(_, known)| known == email))
}

/// Writes down, before it goes, that somebody's details go there: once a day, however often it is tried.
fn told(acting: &Acting<'_>, tx: &Tx<'_>, list: &List<'_>, kinds: KindSet, life: &Life) -> Result<(), Fault> {
    let processor = &list.processor.name;
    let today = "SELECT 1 FROM disclosure WHERE person_id = ?1 AND recipient = ?2 AND on_date = ?3";
    if tx.any(today, store::params![life.person, processor, acting.today])? {
        return Ok(());
    }
    let new = NewDisclosure {
        person: life.person,
        recipient: processor,
        recipient_person: None,
        kinds,
        activity: &list.activity.name,
        reason: &list.processor.does,
        engagement: None,
        safeguard: list.processor.safeguard.as_deref(),
        place: Some(&list.processor.place),
        on: acting.today,
        by: None,
    };
    disclosure::write(acting, tx, life, &new)?;
    let body = json!({ "processor": processor, "activity": list.activity.name });
    acting.log(tx, "processor.told", &[life.person], &body)
}

/// Writes down what came of sending somebody's details.
///
/// # Errors
/// Whatever the store says.
pub fn sent(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    processor: &str,
    one: &Ready,
    state: State,
) -> Result<(), Fault> {
    // They may have gone here while it was under way: then what lies there is taken away in a moment.
    let now = subscribers::found(tx, processor, &one.held.found_by)?;
    match now.and_then(|member| member.whose) {
        Some(whose) => Ok(subscribers::became(tx, whose.row, state, Some(&one.sent), acting.today)?),
        None => Ok(()),
    }
}

/// Those who are on a list and are not to be any more: whose sending is stopped there, and who has another address by now, so that
/// theirs is taken away.
///
/// # Errors
/// Whatever the store says.
pub fn to_stop(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    processor: &str,
    wanted: &BTreeSet<PersonId>,
) -> Result<(Vec<Member>, Vec<Member>), Fault> {
    let is_over = |held: &Member| held.whose.as_ref().is_some_and(|whose| !wanted.contains(&whose.person));
    let over: Vec<Member> = subscribers::all(tx, processor)?.into_iter().filter(is_over).collect();
    let elsewhere = elsewhere(acting, tx, &over)?;
    let (gone, still): (Vec<Member>, Vec<Member>) =
        over.into_iter().partition(|held| elsewhere.contains(&held.id));
    let is_there = |held: &Member| held.whose.as_ref().is_some_and(|whose| whose.state == State::There);
    Ok((still.into_iter().filter(is_there).collect(), gone))
}

/// Those of these, by their rows, whose people no longer have the address that lies there.
fn elsewhere(acting: &Acting<'_>, tx: &Tx<'_>, some: &[Member]) -> Result<BTreeSet<i64>, Fault> {
    let keys = acting.instance.store.keys();
    let people: BTreeSet<PersonId> =
        some.iter().filter_map(|held| Some(held.whose.as_ref()?.person)).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let theirs = subscribers::addresses(tx, &acting.policy, &people)?;
    let theirs: BTreeSet<(PersonId, [u8; 32])> =
        theirs.iter().map(|(person, email)| (*person, found_by(keys, &member_of(email)))).collect();
    let has = |held: &Member| {
        held.whose.as_ref().is_none_or(|whose| theirs.contains(&(whose.person, held.found_by)))
    };
    Ok(some.iter().filter(|held| !has(held)).map(|held| held.id).collect())
}

/// Ends that addresses are theirs who have others: they are to be taken away there. Whoever has theirs again by now keeps it.
///
/// # Errors
/// Whatever the store says.
pub fn unlink(acting: &Acting<'_>, tx: &Tx<'_>, some: &[Member]) -> Result<(), Fault> {
    let elsewhere = elsewhere(acting, tx, some)?;
    for whose in
        some.iter().filter(|held| elsewhere.contains(&held.id)).filter_map(|held| held.whose.as_ref())
    {
        subscribers::unlink(tx, whose.row)?;
    }
    Ok(())
}

/// Writes down that sending to somebody was stopped there.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, processor: &str, held: &Member) -> Result<(), Fault> {
    let now = subscribers::found(tx, processor, &held.found_by)?;
    let Some(whose) = now.and_then(|member| member.whose) else { return Ok(()) };
    subscribers::became(tx, whose.row, State::Stopped, None, acting.today)?;
    acting.log(tx, "processor.stopped", &[whose.person], &json!({ "processor": processor }))
}

/// An address lies there no longer: whoever had it has gone here, or has another.
///
/// # Errors
/// Whatever the store says.
pub fn taken_away(acting: &Acting<'_>, tx: &Tx<'_>, processor: &str, held: &Member) -> Result<(), Fault> {
    subscribers::gone(tx, held.id)?;
    acting.log(tx, "processor.taken away", &[], &json!({ "processor": processor }))
}

/// What a processor says of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// They get what is sent.
    Subscribed,
    /// They unsubscribed.
    Unsubscribed,
    /// Somebody there took them off.
    TakenOff,
    /// Their address takes nothing.
    Cleaned,
    /// They called what they got unwanted.
    Complained,
}

impl Says {
    /// Its word in the log.
    fn word(self) -> &'static str {
        match self {
            Self::Subscribed => "subscribed",
            Self::Unsubscribed => "unsubscribed",
            Self::TakenOff => "taken off",
            Self::Cleaned => "cleaned",
            Self::Complained => "complained",
        }
    }
}

/// Takes what a processor says of a member as what it means here: whoever left or complained there has objected, an address that takes
/// nothing is one that our own mail came back from. Whether the member is known here.
///
/// # Errors
/// Whatever the store says.
pub fn learn(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    processor: &str,
    member: &str,
    says: Says,
) -> Result<bool, Fault> {
    let keys = acting.instance.store.keys();
    let Some(held) = subscribers::found(tx, processor, &found_by(keys, member))? else { return Ok(false) };
    let Some(whose) = held.whose else { return Ok(true) };
    let (state, how) = match (says, whose.state) {
        (Says::Subscribed, State::There) => return Ok(true),
        // They came back there by themselves, or somebody put them back: whether they may be is decided here.
        (Says::Subscribed, _) => (State::There, None),
        (Says::Unsubscribed, State::There | State::Refused) => {
            (State::Left, Some(format!("they unsubscribed at the {processor}")))
        }
        (Says::TakenOff, State::There | State::Refused) => {
            (State::Left, Some(format!("somebody took them off the list at the {processor}")))
        }
        (Says::Complained, State::There | State::Stopped) => {
            (State::Left, Some(format!("they called a message of ours unwanted at the {processor}")))
        }
        (Says::Cleaned, State::There | State::Refused) => (State::Bounced, None),
        (Says::Unsubscribed | Says::TakenOff | Says::Cleaned | Says::Complained, _) => return Ok(true),
    };
    subscribers::became(tx, whose.row, state, None, acting.today)?;
    if let Some(how) = &how {
        preference::stop_marketing(acting, tx, whose.person, how)?;
    }
    if state == State::Bounced {
        for (person, email) in subscribers::addresses(tx, &acting.policy, &[whose.person])? {
            if found_by(keys, &member_of(&email)) == held.found_by {
                came_back::learned(acting, tx, person, &email)?;
            }
        }
    }
    let body = json!({ "processor": processor, "became": says.word() });
    acting.log(tx, "processor.said", &[whose.person], &body)?;
    Ok(true)
}

/// How many there are on a list by what became of them.
///
/// # Errors
/// Whatever the store says.
pub fn counts(tx: &Tx<'_>, processor: &str) -> Result<BTreeMap<Option<State>, i64>, Fault> {
    Ok(subscribers::counts(tx, processor)?)
}

#[cfg(test)]
mod tests {
    use super::member_of;

    #[test]
    fn a_member_is_called_as_the_api_calls_them() {
        assert_eq!(member_of("Urist.McVankab@freddiesjokes.com"), "62eeb292278cc15f5817cb78f7790b08");
    }
}
