//! Address books on phones of the staff: somebody who may manage staff switches one on for a member of staff and says of whom it
//! has anybody; what is on it then is decided anew whenever the phone looks, person by person and kind by kind. A phone that is over
//! is told that nobody is in it, so that it lets everybody go by itself. It only reads.

use custody::act::Asked;
use custody::id::{PersonId, StaffId};
use custody::{Gate, Grant, Life, Verb};
use jiff::SignedDuration;
use policy::role::Deed;
use policy::{CategoryId, KindSet};
use serde_json::json;
use store::item::Item;
use store::organisation::Belonging;
use store::phone::{self, Phone};
use store::staff::Account;
use store::task::{self, Kind, NewTask};
use store::{Tx, item, organisation, person, session, staff};

use super::{Acting, person as acts};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// The kinds of items a card has a place for, as policies call them.
pub const KINDS: [&str; 6] = ["name", "email", "phone", "address", "organisation", "job title"];

/// More people than this are no address book to carry about.
pub const PEOPLE_MAX: usize = 2_000;

/// Nor are categories of more than this, however few of them it would have: all of them are decided for whenever a phone looks.
const LOOKED_THROUGH_MAX: usize = 10 * PEOPLE_MAX;

/// How many phones a member of staff may have.
const PHONES_MAX: usize = 5;

/// How many people are decided for at once.
const BATCH: u32 = 500;

/// While the number of people stays the same, that a phone looked is noted once in so long.
const NOTED: SignedDuration = SignedDuration::from_hours(1);

/// What a password is made of: no letter that is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How many of them, in groups of five: a hundred bits.
const LETTERS_MIN: usize = 20;

/// Which edition of a card an etag is of: it changes when the program writes cards otherwise.
const EDITION: u32 = 1;

/// Switches an address book on for a phone of a member of staff: its number, and its password, which is shown only now.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::Invalid`] for categories that the policy has not, or that are more
/// than an address book has.
pub fn add(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whose: StaffId,
    categories: &[String],
) -> Result<(i64, String), Fault> {
    acting.must(Deed::ManageStaff)?;
    let account = staff::get(tx, whose)?;
    if account.until.is_some() {
        return Err(Fault::field(
            "categories",
            "They have left: nothing of ours goes onto a phone of theirs.",
        ));
    }
    let known = categories.iter().filter(|name| acting.policy.category_named(name).is_some());
    let named: Vec<&str> = known.map(String::as_str).collect();
    if named.is_empty() || named.len() < categories.len() {
        return Err(Fault::field("categories", "Choose of whom the phone has somebody."));
    }
    let standing = phone::of_staff(tx, whose)?.into_iter().filter(|phone| phone.ended_on.is_none());
    if standing.count() >= PHONES_MAX {
        return Err(Fault::field(
            "categories",
            format!("They have {PHONES_MAX} phones already: end one first."),
        ));
    }
    let password = drawn()?;
    let hash = session::hash(normal(&password).as_bytes());
    let added = phone::add(tx, whose, hash, &named.join(", "), acting.today, acting.staff_id())?;
    // A book that its phone could not be given is told of here, where somebody can choose again.
    book(&Acting::staff(acting.instance, account)?, tx, &phone::one(tx, added)?)?;
    acting.log(tx, "phone.added", &[], &json!({ "phone": added, "staff": whose.0, "categories": named }))?;
    Ok((added, password))
}

/// Ends a phone. It is told that nobody is in it when it looks next; until then somebody has the copies taken off it.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff.
pub fn end(acting: &Acting<'_>, tx: &Tx<'_>, id: i64) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    let held = phone::one(tx, id)?;
    over(acting, tx, &held, held.staff)
}

/// Ends every phone of a member of staff who leaves; whoever takes over sees to the copies.
///
/// # Errors
/// Whatever the store says.
pub(super) fn all_end(acting: &Acting<'_>, tx: &Tx<'_>, whose: StaffId, heir: StaffId) -> Result<(), Fault> {
    for held in phone::of_staff(tx, whose)? {
        over(acting, tx, &held, heir)?;
    }
    Ok(())
}

fn over(acting: &Acting<'_>, tx: &Tx<'_>, held: &Phone, sees_to_it: StaffId) -> Result<(), Fault> {
    if held.ended_on.is_some() {
        return Ok(());
    }
    let task = match held.people {
        0 => None,
        _ => {
            let what = format!(
                "The address book on a phone of account {} has ended and the phone holds copies of it: have the account of this \
                 address book taken off the phone. Done by itself once the phone looks again and finds nobody.",
                held.staff
            );
            let new = NewTask {
                owner: Some(sees_to_it),
                due_on: Some(acting.today),
                ..NewTask::new(Kind::Other, &what)
            };
            Some(task::add(tx, &new, acting.now)?)
        }
    };
    phone::end(tx, held.id, acting.today, task)?;
    acting.log(
        tx,
        "phone.ended",
        &[],
        &json!({ "phone": held.id, "staff": held.staff.0, "people": held.people }),
    )
}

/// A phone that has shown its password.
pub struct Entered {
    /// Which.
    pub phone: Phone,
    /// Whose account it looks with; none once it is over: then nobody is in it.
    pub account: Option<Account>,
}

/// The phone of a password, if it is the address book of whoever signs in with this e-mail.
///
/// # Errors
/// Whatever the store says.
pub fn enter(instance: &Instance, email: &str, password: &str) -> Result<Option<Entered>, Fault> {
    let policy = instance.policy();
    let hash = session::hash(normal(password).as_bytes());
    instance.store.read(|tx| {
        let Some(phone) = phone::by_hash(tx, hash)? else { return Ok(None) };
        let account = staff::get(tx, phone.staff)?;
        let typed = store::normal::email(email).unwrap_or_else(|| email.trim().to_lowercase());
        // The password alone says which it is, but a wrong address beside it is a mistake that somebody should see.
        if account.until.is_none() && account.email != typed {
            return Ok(None);
        }
        let stands = phone.ended_on.is_none() && account.until.is_none();
        let known = policy.role_named(&account.role).is_some();
        Ok(Some(Entered { phone, account: (stands && known).then_some(account) }))
    })
}

/// Writes down that a phone looked at its address book and how many people it was told of.
///
/// # Errors
/// Whatever the store says.
pub fn looked(instance: &Instance, entered: &Entered, people: usize) -> Result<(), Fault> {
    let (held, now, people) = (&entered.phone, machine(), i64::try_from(people).unwrap_or(i64::MAX));
    if entered.account.is_some() {
        let recent = held.seen_at.is_some_and(|at| now.duration_since(at) < NOTED);
        return match recent && held.people == people {
            true => Ok(()),
            false => Ok(instance.store.write(|tx| phone::seen(tx, held.id, people, now))?),
        };
    }
    if held.emptied_on.is_some() {
        return Ok(());
    }
    instance.store.write(|tx| {
        let acting = Acting::system(instance, "address book");
        phone::emptied(tx, held.id, acting.today)?;
        let open = held.task.map(|task| task::one(tx, task)).transpose()?;
        if let Some(open) = open.filter(|open| open.done_on.is_none()) {
            task::done(tx, open.id, acting.today, None, Some("the phone looked again and found nobody"))?;
        }
        acting.log(tx, "phone.emptied", &[], &json!({ "phone": held.id, "staff": held.staff.0 }))
    })
}

/// A card of an address book: whose, and what changes whenever what stands on it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// Whose.
    pub person: PersonId,
    /// Its etag, without the quotes. It says nothing of what is on the card.
    pub etag: String,
}

/// An address book as it is now: who is in it, and what stands on their cards, sealed.
#[derive(Default)]
pub struct Book {
    /// The cards, in the order of the people's numbers.
    pub cards: Vec<Card>,
    lives: Vec<Life>,
    items: Vec<Item>,
    belongings: Vec<Belonging>,
}

/// Decides who is in the address book of a phone today. Nothing of anybody is opened.
///
/// # Errors
/// [`Fault::Invalid`] if it would be more people than an address book has.
pub fn book(acting: &Acting<'_>, tx: &Tx<'_>, held: &Phone) -> Result<Book, Fault> {
    let policy = &acting.policy;
    let wanted: Vec<CategoryId> = held
        .categories
        .split(", ")
        .filter_map(|name| policy.category_named(name))
        .map(|category| category.id)
        .collect();
    let (mut book, mut looked) = (Book::default(), 0);
    for category in &wanted {
        let name = policy.categories.get(category.index()).map(|category| category.name.clone());
        let filter = person::Filter { category: name, organisation: None, activity: None, leaving: None };
        let mut after = None;
        loop {
            let people = person::page(tx, &acting.reach(), &filter, acting.today, after, BATCH)?;
            after = people.last().copied();
            let new: Vec<PersonId> = people
                .iter()
                .copied()
                .filter(|new| !book.lives.iter().any(|known| known.person == *new))
                .collect();
            take(acting, tx, &mut book, &new)?;
            looked += people.len();
            let most = match (book.cards.len() > PEOPLE_MAX, looked > LOOKED_THROUGH_MAX) {
                (true, _) => Some(PEOPLE_MAX),
                (false, true) => Some(LOOKED_THROUGH_MAX),
                (false, false) => None,
            };
            if let Some(most) = most {
                let words = format!("This would be more than {most} people: choose fewer of the categories.");
                return Err(Fault::field("categories", words));
            }
            if people.len() < BATCH as usize {
                break;
            }
        }
    }
    book.cards.sort_by_key(|card| card.person);
    Ok(book)
}

/// Takes whoever of these may be on the phone into the book.
fn take(acting: &Acting<'_>, tx: &Tx<'_>, book: &mut Book, people: &[PersonId]) -> Result<(), Fault> {
    let lives = acting.lives(tx, people)?;
    let Some(grant) = granted(acting, &lives)? else { return Ok(()) };
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    let items = item::of_people(tx, &acting.policy, &people)?;
    let belongings = organisation::of_people(tx, &people)?;
    for life in lives {
        let theirs: Vec<&Item> = items
            .iter()
            .filter(|item| item.person == life.person && grant.covers(life.person, item.kind))
            .collect();
        let has = |names: &[&str]| {
            let kinds: KindSet =
                names.iter().filter_map(|name| acting.policy.kind_named(name)).map(|kind| kind.id).collect();
            theirs.iter().any(|item| kinds.contains(item.kind))
        };
        // A card without a name, or by which nobody can be reached, is of no use on a phone.
        if !has(&["name"]) || !has(&["email", "phone", "address"]) {
            continue;
        }
        let mut said = format!("{EDITION} {}", life.person);
        for item in &theirs {
            said.push_str(&format!(" {}.{}", item.id, item.version));
        }
        if named(acting, &grant, life.person) {
            for belonging in standing(acting, &belongings, life.person) {
                said.push_str(&format!(" {}:{}", belonging.organisation, belonging.name));
            }
        }
        let hash = acting.instance.store.keys().hash("card", &said);
        let etag = store::keys::hex(hash.get(..16).unwrap_or_default());
        book.cards.push(Card { person: life.person, etag });
        book.lives.push(life);
    }
    book.items.extend(items);
    book.belongings.extend(belongings);
    Ok(())
}

/// Whether the organisations somebody belongs to may stand on their card.
fn named(acting: &Acting<'_>, grant: &Grant, who: PersonId) -> bool {
    acting.policy.kind_named("organisation").is_some_and(|kind| grant.covers(who, kind.id))
}

fn standing<'b>(
    acting: &Acting<'_>,
    belongings: &'b [Belonging],
    who: PersonId,
) -> impl Iterator<Item = &'b Belonging> {
    let today = acting.today;
    belongings.iter().filter(move |one| one.person == who && one.until.is_none_or(|until| today < until))
}

/// What of these people may go onto a phone: taken out of the system, so that whoever is restricted, or no longer shared, is
/// not among them. Nothing if it is nobody.
fn granted(acting: &Acting<'_>, lives: &[Life]) -> Result<Option<Grant>, Fault> {
    let kinds: KindSet =
        KINDS.iter().filter_map(|name| acting.policy.kind_named(name)).map(|kind| kind.id).collect();
    let act = acts::act(Verb::Export, None, Asked::WhatMayBeSeen(kinds));
    let all: Vec<&Life> = lives.iter().collect();
    match acting.decide(&act, &all, &Gate::default()) {
        Ok(grant) => Ok(Some(grant).filter(|grant| !grant.people().is_empty())),
        Err(Fault::Refused(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// What stands on somebody's card, sealed.
pub struct Held<'b> {
    /// The items, each with its kind.
    pub items: Vec<&'b Item>,
    /// The organisations they belong to today, where a card may say so.
    pub organisations: Vec<&'b str>,
}

impl Book {
    /// The card of a person, if they are in the book.
    #[must_use]
    pub fn card(&self, who: PersonId) -> Option<&Card> {
        self.cards.iter().find(|card| card.person == who)
    }

    /// What the whole of it is: it changes whenever a card comes, goes or changes, and says nothing else.
    #[must_use]
    pub fn state(&self, instance: &Instance) -> String {
        let all: Vec<String> =
            self.cards.iter().map(|card| format!("{} {}", card.person, card.etag)).collect();
        let hash = instance.store.keys().hash("address book", &all.join("\n"));
        store::keys::hex(hash.get(..16).unwrap_or_default())
    }

    /// Decides once more for those whose cards are wanted: what opens them, and nothing of anybody else.
    ///
    /// # Errors
    /// Whatever the decision says but no.
    pub fn opening(&self, acting: &Acting<'_>, wanted: &[PersonId]) -> Result<Option<Grant>, Fault> {
        let lives: Vec<Life> =
            self.lives.iter().filter(|life| wanted.contains(&life.person)).cloned().collect();
        if lives.is_empty() { Ok(None) } else { granted(acting, &lives) }
    }

    /// What stands on a card that the grant opens.
    #[must_use]
    pub fn held(&self, acting: &Acting<'_>, grant: &Grant, who: PersonId) -> Held<'_> {
        let items = self.items.iter().filter(|item| item.person == who && grant.covers(who, item.kind));
        let mut organisations = Vec::new();
        if named(acting, grant, who) {
            organisations.extend(standing(acting, &self.belongings, who).map(|one| one.name.as_str()));
        }
        Held { items: items.collect(), organisations }
    }
}

/// A password as it is compared: however it was typed off a page.
fn normal(password: &str) -> String {
    password.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn drawn() -> Result<String, Fault> {
    let mut bytes = [0; LETTERS_MIN];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Other(error.to_string()))?;
    let mut password = String::new();
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            password.push('-');
        }
        let letter = LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'2');
        password.push(char::from(letter));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_however_it_is_typed() {
        let one = drawn().unwrap();
        assert_eq!(one.len(), 23);
        assert_ne!(one, drawn().unwrap());
        assert_eq!(normal(&one), normal(&format!(" {} ", one.to_uppercase().replace('-', " "))));
        assert_eq!(LETTERS.iter().collect::<std::collections::BTreeSet<_>>().len(), 32);
    }
}
