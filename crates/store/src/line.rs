//! Which address mail to somebody goes to, and whose that is: a company's or public body's, or somebody's own (PECR 2003 reg 22).
//! Where nothing says so it is somebody's own; nothing here infers what sort an organisation is from its name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use custody::id::{MessageId, OrganisationId, PersonId};
use jiff::civil::Date;
use policy::{Activity, Kind, KindId, KindSet, Policy};

use crate::asked::{AT_ONCE, Asked, asked, listed, placeholders};
use crate::item::Item;
use crate::normal::Shape;
use crate::{Error, Result, Tx, Value, normal, params, setting};

/// The kinds of details that e-mail goes to: those that an activity holds, or all that the policy names.
#[must_use]
pub fn email_kinds(policy: &Policy, activity: Option<&Activity>) -> KindSet {
    kinds_of(policy, activity, Shape::Email)
}

/// The kinds of details that an activity may call: the numbers that it holds.
#[must_use]
pub fn phone_kinds(policy: &Policy, activity: &Activity) -> KindSet {
    kinds_of(policy, Some(activity), Shape::Phone)
}

fn kinds_of(policy: &Policy, activity: Option<&Activity>, shape: Shape) -> KindSet {
    let held = |kind: &&Kind| activity.is_none_or(|activity| activity.kinds.contains(kind.id));
    let kinds = policy.kinds.iter().filter(|kind| Shape::of(&kind.name) == shape);
    kinds.filter(held).map(|kind| kind.id).collect()
}

/// Of what is held of somebody the address that e-mail for an activity goes to, or any e-mail: of the kinds of address the one that
/// the policy names first, and of several of one kind the one that was given first. Whoever writes asks here.
#[must_use]
pub fn address<'i>(policy: &Policy, activity: Option<&Activity>, items: &'i [Item]) -> Option<&'i Item> {
    let kinds = email_kinds(policy, activity);
    items.iter().filter(|item| kinds.contains(item.kind)).min_by_key(|item| (item.kind, item.id))
}

/// An address that mail to somebody goes to, and how it came to us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Its kind.
    kind: KindId,
    /// In the form it is compared in.
    pub normal: String,
    /// From whom we have it, as told.
    pub source: String,
    /// Since when.
    pub collected_on: Date,
}

/// An organisation that is a company or public body, as addresses are told to be its own.
struct Company {
    email: Option<String>,
    website: Option<String>,
}

/// Those of some people, asked for in ascending order, of whom the address that mail for an activity goes to is one at a company or
/// public body that they belong to on a day.
///
/// # Errors
/// Whatever the database says.
pub fn at_companies(
    tx: &Tx<'_>,
    policy: &Policy,
    activity: &Activity,
    people: &[PersonId],
    on: Date,
) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for asked in asked(tx, people)? {
        let today = asked.values.len() + 1;
        let sql = asked.sql(&format!(
            "SELECT b.person_id, o.email, o.website FROM belonging b JOIN organisation o ON o.id = b.organisation_id
                WHERE b.person_id {{people}} AND o.subscriber = 'corporate'
                  AND (b.since IS NULL OR b.since <= ?{today}) AND (b.until IS NULL OR b.until > ?{today})"
        ));
        let values: Vec<Value<'_>> = asked.values.iter().cloned().chain([Value::from(on)]).collect();
        let mut companies: BTreeMap<PersonId, Vec<Company>> = BTreeMap::new();
        tx.each(&sql, &values, |row| {
            let company = Company { email: row.opt_text(1)?, website: row.opt_text(2)? };
            companies.entry(PersonId(row.int(0)?)).or_default().push(company);
            Ok::<(), Error>(())
        })?;
        if companies.is_empty() {
            continue;
        }
        let theirs = addresses(tx, policy, activity, &asked, |person| companies.contains_key(&person))?;
        for (person, address) in theirs {
            if companies.get(&person).is_some_and(|companies| is_of(companies, &address.normal)) {
                found.insert(person);
            }
        }
    }
    Ok(found)
}

/// The [`address`] of each of some people; of those that are wanted only. One that cannot be read is none.
pub(crate) fn addresses(
    tx: &Tx<'_>,
    policy: &Policy,
    activity: &Activity,
    asked: &Asked,
    wanted: impl Fn(PersonId) -> bool,
) -> Result<BTreeMap<PersonId, Address>> {
    let kinds = email_kinds(policy, Some(activity));
    let mut found: BTreeMap<PersonId, Address> = BTreeMap::new();
    let sql = asked.sql(
        "SELECT person_id, kind, normal, source, collected_on FROM item WHERE person_id {people} ORDER BY person_id, id",
    );
    tx.each(&sql, &asked.values, |row| {
        let person = PersonId(row.int(0)?);
        let kind = policy.kind_named(row.str(1)?).map(|kind| kind.id).filter(|kind| kinds.contains(*kind));
        let Some(kind) = kind.filter(|_| wanted(person)) else { return Ok(()) };
        if found.get(&person).is_none_or(|known| kind < known.kind) {
            let Ok(collected_on) = row.date(4) else { return Ok(()) };
            let (normal, source) = (row.text(2)?, row.text(3)?);
            found.insert(person, Address { kind, normal, source, collected_on });
        }
        Ok::<(), Error>(())
    })?;
    Ok(found)
}

/// Those of some people, in the order of their numbers, whose address for an activity another has too, to whom mail goes there: one of
/// them before, or one of whom it is known that they had it already.
///
/// # Errors
/// Whatever the database says.
pub fn at_one_address(
    tx: &Tx<'_>,
    policy: &Policy,
    activity: &Activity,
    people: &[PersonId],
    had: &BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>> {
    let kinds = email_kinds(policy, Some(activity));
    let names = kinds.iter().filter_map(|kind| policy.kind(kind)).map(|kind| Value::from(kind.name.as_str()));
    let (mut names, list) = listed(names);
    let mut beside = BTreeSet::new();
    if names.is_empty() || people.is_empty() {
        return Ok(beside);
    }
    let theirs = if people.len() <= AT_ONCE {
        // For few nobody reads through what everybody has.
        let (whom, _) = listed(people.iter().map(|person| Value::from(*person)));
        let theirs = placeholders(names.len(), whom.len());
        names.extend(whom);
        format!("person_id IN ({theirs})")
    } else {
        "normal <> '' GROUP BY normal HAVING MIN(person_id) <> MAX(person_id)".to_owned()
    };
    let sql = format!(
        "SELECT DISTINCT person_id FROM item WHERE kind IN ({list}) AND normal <> '' AND normal IN
            (SELECT normal FROM item WHERE kind IN ({list}) AND {theirs}) ORDER BY person_id"
    );
    let one_of_them = |person: &PersonId| people.binary_search(person).is_ok();
    let mut sharing = tx.all(&sql, &names, |row| Ok(PersonId(row.int(0)?)))?;
    sharing.retain(|person| one_of_them(person) || had.contains(person));
    let mut addressed = Vec::new();
    for some in asked(tx, &sharing)? {
        let theirs = addresses(tx, policy, activity, &some, |person| sharing.binary_search(&person).is_ok())?;
        addressed.extend(theirs.into_iter().map(|(person, address)| (person, address.normal)));
    }
    let (now, before): (Vec<_>, Vec<_>) = addressed.into_iter().partition(|(person, _)| one_of_them(person));
    let mut taken: BTreeSet<String> = before.into_iter().map(|(_, address)| address).collect();
    for (person, address) in now {
        if !taken.insert(address) {
            beside.insert(person);
        }
    }
    Ok(beside)
}

/// The company or public body at which the address is that a message was written to, of those that its person belongs to on a day: of
/// several messages, where there is one.
///
/// # Errors
/// Whatever the database says.
pub fn companies_of(
    tx: &Tx<'_>,
    messages: &[MessageId],
    on: Date,
) -> Result<BTreeMap<MessageId, OrganisationId>> {
    let mut found = BTreeMap::new();
    for some in messages.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|message| Value::from(*message)));
        values.push(Value::from(on));
        let today = values.len();
        let sql = format!(
            "SELECT m.id, m.address, o.id, o.email, o.website FROM message m JOIN belonging b ON b.person_id = m.person_id
                JOIN organisation o ON o.id = b.organisation_id
                WHERE m.id IN ({list}) AND o.subscriber = 'corporate' AND (b.since IS NULL OR b.since <= ?{today})
                  AND (b.until IS NULL OR b.until > ?{today}) ORDER BY m.id, o.id"
        );
        tx.each(&sql, &values, |row| {
            let message = MessageId(row.int(0)?);
            let company = Company { email: row.opt_text(3)?, website: row.opt_text(4)? };
            if !found.contains_key(&message) && is_of(std::slice::from_ref(&company), row.str(1)?) {
                found.insert(message, OrganisationId(row.int(2)?));
            }
            Ok::<(), Error>(())
        })?;
    }
    Ok(found)
}

/// Why nobody had to be asked before a message left that promotes us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rests {
    /// It goes to an address at this company or public body.
    Company(OrganisationId),
    /// It goes to an address of which it is on record how we got it: the row.
    SoftOptIn(i64),
}

impl Rests {
    /// Its name in the database, and the row it names.
    #[must_use]
    pub fn named(self) -> (&'static str, i64) {
        match self {
            Self::Company(organisation) => (COMPANY, organisation.0),
            Self::SoftOptIn(row) => (SOFT_OPT_IN, row),
        }
    }
}

/// How a message says that it rests on an address at a company.
pub(crate) const COMPANY: &str = "company";
/// The same of a soft opt-in.
pub(crate) const SOFT_OPT_IN: &str = "soft opt-in";

/// The setting that holds the day from which on each message says why nobody had to be asked.
const SINCE: &str = "reasons not to ask since";

/// Notes from which day on each message says why nobody had to be asked: the day an instance is made, or was brought forward.
///
/// # Errors
/// Whatever the database says.
pub fn since(tx: &Tx<'_>, day: Date) -> Result<()> {
    setting::set(tx, SINCE, &day.to_string())
}

/// The day from which on each message says why nobody had to be asked; nothing where it is not noted, as in an instance of an
/// earlier release.
///
/// # Errors
/// [`Error::Malformed`] if the setting is no date.
pub fn known_since(tx: &Tx<'_>) -> Result<Option<Date>> {
    let since = setting::get(tx, SINCE)?.map(|text| text.parse());
    since.transpose().map_err(|_| Error::Malformed("setting reasons not to ask since".into()))
}

/// Writes down why nobody had to be asked before a message leaves.
///
/// # Errors
/// Whatever the database says.
pub fn rests(tx: &Tx<'_>, message: MessageId, rests: Rests) -> Result<()> {
    let (on, row) = rests.named();
    tx.put("UPDATE message SET rests_on = ?2, rests_row = ?3 WHERE id = ?1", params![message, on, row])
}

/// Records of how an address was got are about to go: what left on them rests on what has gone since, and is not said to rest on
/// a record that never was.
pub(crate) fn reason_goes(tx: &Tx<'_>, rows: &[Value<'_>], list: &str) -> Result<()> {
    let sql = format!(
        "UPDATE message SET rests_row = NULL WHERE rests_on = '{SOFT_OPT_IN}' AND rests_row IN ({list})"
    );
    tx.exec(&sql, rows).map(drop)
}

/// After a restore: a record that a message rested on at that point and that was let go of since came back nowhere.
///
/// # Errors
/// Whatever the database says.
pub fn after_restore(tx: &Tx<'_>) -> Result<()> {
    let sql = format!(
        "UPDATE message SET rests_row = NULL WHERE rests_on = '{SOFT_OPT_IN}' AND rests_row IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM soft_opt_in s WHERE s.id = message.rests_row)"
    );
    tx.exec(&sql, &[]).map(drop)
}

/// Whether an address is one at any of these companies.
fn is_of(companies: &[Company], address: &str) -> bool {
    companies.iter().any(|company| Known::of(company).has(address))
}

/// What is known of where a company's addresses are.
struct Known {
    email: Option<String>,
    /// The domains that are its own.
    own: Vec<String>,
}

impl Known {
    fn of(company: &Company) -> Self {
        let email = company.email.as_deref().and_then(normal::email);
        let site = company.website.as_deref().and_then(site);
        let own = [email.as_deref().and_then(domain).map(str::to_owned), site];
        let own = own.into_iter().flatten().filter(|own| !FOR_EVERYBODY.contains(&own.as_str())).collect();
        Self { email, own }
    }

    /// Whether an address is one of its own.
    fn has(&self, address: &str) -> bool {
        let Some(address) = normal::email_again(address) else { return false };
        let Some(at) = domain(&address) else { return false };
        if self.email.as_deref() == Some(&*address) {
            return true;
        }
        // Of whom nothing is known of where their addresses are, none is known to be theirs.
        !FOR_EVERYBODY.contains(&at) && self.own.iter().any(|own| within(at, own))
    }
}

/// Every company and public body, and who is at one of them.
pub(crate) struct Companies {
    all: Vec<Known>,
}

impl Companies {
    /// All of them, and of whoever belongs to one of them on a day which it is: told to a function.
    pub(crate) fn each(tx: &Tx<'_>, on: Date, mut belongs: impl FnMut(PersonId, u32)) -> Result<Self> {
        let mut all = Vec::new();
        let mut places: HashMap<i64, u32> = HashMap::new();
        tx.each("SELECT id, email, website FROM organisation WHERE subscriber = 'corporate'", &[], |row| {
            let company = Company { email: row.opt_text(1)?, website: row.opt_text(2)? };
            places.insert(row.int(0)?, u32::try_from(all.len()).unwrap_or(u32::MAX));
            all.push(Known::of(&company));
            Ok::<(), Error>(())
        })?;
        let sql = "SELECT person_id, organisation_id FROM belonging
            WHERE (since IS NULL OR since <= ?1) AND (until IS NULL OR until > ?1)";
        tx.each(sql, params![on], |row| {
            if let Some(place) = places.get(&row.int(1)?) {
                belongs(PersonId(row.int(0)?), *place);
            }
            Ok::<(), Error>(())
        })?;
        Ok(Self { all })
    }

    /// Whether an address is one at this company.
    pub(crate) fn has(&self, company: u32, address: &str) -> bool {
        let known = usize::try_from(company).ok().and_then(|at| self.all.get(at));
        known.is_some_and(|known| known.has(address))
    }
}

/// The part of an address behind the @.
fn domain(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

/// The host of a site as it is typed: of `https://www.example.org/about` it is `example.org`.
fn site(website: &str) -> Option<String> {
    let rest = website.trim();
    let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let host = if host.is_ascii() { host.to_owned() } else { idna::domain_to_ascii(host).ok()? };
    host.contains('.').then_some(host)
}

fn within(domain: &str, own: &str) -> bool {
    domain.strip_suffix(own).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Where anybody may have an address: whoever writes from there may belong to a company, and the address does not.
const FOR_EVERYBODY: &[&str] = &[
    "126.com",
    "163.com",
    "aol.co.uk",
    "aol.com",
    "blueyonder.co.uk",
    "btconnect.com",
    "btinternet.com",
    "btopenworld.com",
    "duck.com",
    "eircom.net",
    "fastmail.co.uk",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freeserve.co.uk",
    "fsmail.net",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.co.uk",
    "gmx.com",
    "gmx.de",
    "gmx.fr",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.ie",
    "hotmail.it",
    "hushmail.com",
    "icloud.com",
    "inbox.com",
    "libero.it",
    "lineone.net",
    "live.co.uk",
    "live.com",
    "live.fr",
    "live.ie",
    "live.nl",
    "mac.com",
    "madasafish.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "ntlworld.com",
    "o2.co.uk",
    "onetel.com",
    "orange.fr",
    "orange.net",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.ie",
    "plus.com",
    "plus.net",
    "pm.me",
    "pobox.com",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "riseup.net",
    "rocketmail.com",
    "sky.com",
    "supanet.com",
    "t-online.de",
    "talk21.com",
    "talktalk.net",
    "tesco.net",
    "tiscali.co.uk",
    "tuta.com",
    "tutanota.com",
    "tutanota.de",
    "uwclub.net",
    "virgin.net",
    "virginmedia.co.uk",
    "virginmedia.com",
    "wanadoo.fr",
    "web.de",
    "yahoo.co.in",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.ie",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];

#[cfg(test)]
mod tests {
    use super::{Company, is_of};

    #[test]
    fn an_address_is_a_companys_where_it_ends_as_the_companys_do() {
        let of = |email: &str, website: &str, address: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            is_of(&[Company { email: some(email), website: some(website) }], address)
        };
        // Nothing is known of where the company's addresses are.
        assert!(!of("", "", "Omar@Harbour.example"));
        assert!(of("", "harbour.example", "Omar@Harbour.example"));
        assert!(!of("", "", "omar@gmail.com") && !of("", "", "no address"));
        // It is known, from its site or an address of its own.
        assert!(of("", "https://www.harbour.example/about", "omar@harbour.example"));
        assert!(of("office@harbour.example", "", "omar@north.harbour.example"));
        assert!(!of("", "www.harbour.example", "omar@home.example"));
        assert!(!of("", "harbour.example", "omar@myharbour.example"));
        // A company at a provider for everybody has that one address there.
        assert!(of("harbour@gmail.com", "", "harbour@gmail.com"));
        for provider in ["gmail.com", "plus.com", "hotmail.fr", "web.de"] {
            assert!(!of(&format!("harbour@{provider}"), "", &format!("omar@{provider}")), "{provider}");
        }
        assert!(!is_of(&[], "omar@harbour.example"));
        assert!(of("", "www.münchen.example", "omar@xn--mnchen-3ya.example"));
    }
}
