//! Addresses and numbers as social networks take them in a list: in the form that each of them publishes, and hashed. Such a hash
//! keeps nothing secret from whoever has the address already; that is what it is for. It knows values, never whose they are.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::PersonId;
use policy::activity::Purpose;
use policy::policy::Recipient;
use policy::{Activity, KindId, KindSet, Policy};
use sha2::{Digest, Sha256};

use crate::asked::asked;
use crate::keys::hex;
use crate::normal::{self, Shape};
use crate::{Error, Result, Tx};

/// What a policy passes on to promote us: addresses or numbers of the people of an activity, to a recipient it declares.
#[derive(Clone, Debug)]
pub struct Way<'p> {
    /// The activity.
    pub activity: &'p Activity,
    /// The recipient.
    pub recipient: &'p Recipient,
    /// The recipient as the `share` writes it.
    pub with: &'p str,
    /// Which kinds of address and number.
    pub kinds: KindSet,
}

/// Every such way of a policy, in its order.
#[must_use]
pub fn ways(policy: &Policy) -> Vec<Way<'_>> {
    let promotes = |activity: &&Activity| {
        activity.purpose == Purpose::DirectMarketing && !activity.shares.is_empty() && !activity.for_everyone
    };
    let mut ways = Vec::new();
    for activity in policy.activities.iter().filter(promotes) {
        for recipient in &policy.recipients {
            let shares = || activity.shares.iter().filter(|share| share.is_with(&recipient.name));
            let kinds = shares().fold(KindSet::none(), |kinds, share| kinds.or(share.kinds));
            let kinds: KindSet = kinds.iter().filter(|kind| shape(policy, *kind) != Shape::Words).collect();
            let with = shares().next().map(|share| share.with.as_str());
            if let Some(with) = with.filter(|_| !kinds.is_empty()) {
                ways.push(Way { activity, recipient, with, kinds });
            }
        }
    }
    ways
}

/// How the values of a kind are written.
#[must_use]
pub fn shape(policy: &Policy, kind: KindId) -> Shape {
    policy.kind(kind).map_or(Shape::Words, |kind| Shape::of(&kind.name))
}

/// How many addresses, and how many numbers, of one person a list holds at most: Meta takes three of each.
const OF_EACH: usize = 3;

/// A network that takes lists of hashed addresses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Network {
    /// Customer list custom audiences: Facebook, Instagram.
    Meta,
    /// Contact lists of matched audiences.
    LinkedIn,
    /// Customer Match: Search, YouTube.
    Google,
}

impl Network {
    /// Every network: its name in an address and on the command line, and what people call it.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Meta, "meta", "Meta (Facebook, Instagram)"),
        (Self::LinkedIn, "linkedin", "LinkedIn"),
        (Self::Google, "google", "Google (Search, YouTube)"),
    ];

    /// Its name in an address and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(network, ..)| *network == self).map_or("", |(_, name, _)| name)
    }

    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(network, ..)| *network == self).map_or("", |(.., words)| words)
    }

    /// The network of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(network, ..)| *network)
    }

    /// Whether it takes what has this shape.
    #[must_use]
    pub fn takes(self, shape: Shape) -> bool {
        match shape {
            Shape::Email => true,
            Shape::Phone => self != Self::LinkedIn,
            Shape::Words => false,
        }
    }

    /// What it calls a column of addresses, and one of numbers.
    fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Meta | Self::LinkedIn => ("email", "phone"),
            Self::Google => ("Email", "Phone"),
        }
    }
}

/// An e-mail address as a network wants it before it is hashed; nothing for what is no address.
#[must_use]
pub fn email(network: Network, text: &str) -> Option<String> {
    if network != Network::Google {
        return normal::email(text);
    }
    // White space goes wherever it is; and all spellings that Gmail delivers to one box are one.
    let address = normal::email(&text.split_whitespace().collect::<String>())?;
    let (local, domain) = address.rsplit_once('@')?;
    if !matches!(domain, "gmail.com" | "googlemail.com") {
        return Some(address);
    }
    let local = local.split_once('+').map_or(local, |(before, _)| before).replace('.', "");
    (!local.is_empty()).then(|| format!("{local}@{domain}"))
}

/// A telephone number as a network wants it before it is hashed; nothing for what is no number, or where it takes none.
#[must_use]
pub fn phone(network: Network, text: &str) -> Option<String> {
    let e164 = normal::phone(text)?;
    match network {
        Network::Meta => e164.strip_prefix('+').map(str::to_owned),
        Network::Google => Some(e164),
        Network::LinkedIn => None,
    }
}

/// What goes instead of a value of this shape: the hexadecimal SHA-256 of its form, in small letters.
#[must_use]
pub fn hash(network: Network, shape: Shape, text: &str) -> Option<String> {
    let form = match shape {
        Shape::Email => email(network, text),
        Shape::Phone => phone(network, text),
        Shape::Words => None,
    };
    form.map(|form| hex(&Sha256::digest(form.as_bytes())))
}

/// What goes of one person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Row {
    emails: Vec<String>,
    phones: Vec<String>,
}

impl Row {
    /// Takes a value in, hashed, if the network has a use for it.
    pub fn add(&mut self, network: Network, shape: Shape, text: &str) {
        let into = if shape == Shape::Email { &mut self.emails } else { &mut self.phones };
        match hash(network, shape, text) {
            Some(hash) if into.len() < OF_EACH && !into.contains(&hash) => into.push(hash),
            _ => {}
        }
    }

    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.emails.is_empty() && self.phones.is_empty()
    }
}

/// A list in the shape its network publishes: column names, then a line for each person; for LinkedIn, whose lists have one address
/// a line, a line for each address. In the order of the hashes, so that the order tells nothing, and each line once.
#[must_use]
pub fn sheet(network: Network, rows: &[Row]) -> String {
    let most = |of: fn(&Row) -> &Vec<String>| rows.iter().map(|row| of(row).len()).max().unwrap_or(0);
    let (emails, phones) = match network {
        Network::LinkedIn => (1, 0),
        Network::Meta | Network::Google => (most(|row| &row.emails), most(|row| &row.phones)),
    };
    let (email, phone) = network.columns();
    let head = std::iter::repeat_n(email, emails).chain(std::iter::repeat_n(phone, phones));
    let mut lines = BTreeSet::new();
    for row in rows {
        if network == Network::LinkedIn {
            lines.extend(row.emails.iter().cloned());
            continue;
        }
        let cells = |of: &Vec<String>, wide: usize| {
            (0..wide).map(|at| of.get(at).cloned().unwrap_or_default()).collect::<Vec<_>>()
        };
        let cells = [cells(&row.emails, emails), cells(&row.phones, phones)].concat();
        lines.insert(cells.join(","));
    }
    let mut sheet = head.collect::<Vec<_>>().join(",");
    sheet.push_str("\r\n");
    for line in lines {
        sheet.push_str(&line);
        sheet.push_str("\r\n");
    }
    sheet
}

/// Those of some people, asked for in ascending order, of whom something would go: a value of one of these kinds that the network
/// can match. Nothing is opened by it.
///
/// # Errors
/// Whatever the database says.
pub fn usable(
    tx: &Tx<'_>,
    policy: &Policy,
    network: Network,
    people: &[PersonId],
    kinds: KindSet,
) -> Result<BTreeSet<PersonId>> {
    let kinds: BTreeMap<&str, Shape> = kinds
        .iter()
        .filter_map(|kind| policy.kind(kind))
        .map(|kind| (kind.name.as_str(), Shape::of(&kind.name)))
        .collect();
    let mut usable = BTreeSet::new();
    for asked in asked(tx, people)? {
        let sql = asked.sql("SELECT person_id, kind, value FROM item WHERE person_id {people}");
        tx.each(&sql, &asked.values, |row| {
            if let Some(shape) = kinds.get(row.str(1)?)
                && hash(network, *shape, row.str(2)?).is_some()
            {
                usable.insert(PersonId(row.int(0)?));
            }
            Ok::<(), Error>(())
        })?;
    }
    Ok(usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(network: Network, text: &str) -> String {
        let shape = if text.contains('@') { Shape::Email } else { Shape::Phone };
        hash(network, shape, text).unwrap()
    }

    /// <https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences> and
    /// <https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters>.
    #[test]
    fn meta_gets_what_it_publishes() {
        for (text, hash) in [
            ("mary@example.com", "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79"),
            ("+1 (555) 987-6543", "1ef970831d7963307784fa8688e8fce101a15685d62aa765fed23f3a2c576a4e"),
            (" John_Smith@gmail.com ", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
            ("+1 (650)555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ] {
            assert_eq!(of(Network::Meta, text), hash, "{text}");
        }
        assert_eq!(phone(Network::Meta, "01632 960001").as_deref(), Some("441632960001"));
        let kept = email(Network::Meta, "Cloudy.SanFrancisco+shopping@gmail.com");
        assert_eq!(kept.as_deref(), Some("cloudy.sanfrancisco+shopping@gmail.com"));
    }

    /// <https://developers.google.com/data-manager/api/devguides/audiences/send-audience-members> and
    /// <https://developers.google.com/data-manager/api/devguides/concepts/formatting>.
    #[test]
    fn google_gets_what_it_publishes() {
        for (text, hash) in [
            ("dana@example.com", "07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3"),
            ("DanaM@example.com", "1df6b43bc68dd38eca94e6a65b4f466ae537b796c81a526918b40ac4a7b906c7"),
            ("ALEXF@example.com", "19de0a9906ebee29fe82087be5ec44f3c01e40730bc808b663c71f19dd6b12f2"),
            ("AlexF@cymbalgroup.com", "7d2d80e240594dcee2e57f57885ee286c4b232dd142234d7a0af6d31cc86679b"),
            ("alexF@altostrat.com", "063c45291827d4994f98357b72862b25885834fd53cf8f0e4af359916fc03c62"),
            ("+1-800-555-0100", "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30"),
            ("+1 800-555-0101", "61d6c2976b5d92b1ad63073a12fddd26040cd980067d03a93dd1cc50f1a3ac68"),
            ("+1 800-555-0102", "c5383c2eeada28210d27f011bc127d4f9562cf38ff0c9bba33dd45ae79b9fe7c"),
            ("quinn@CYMBALGROUP.com", "05bb62526f091b45d20e243d194766cca8869137421047dc53fa4876d111a6f0"),
            (
                "baklavainthebalkans@gmail.com",
                "f1fcde379f31f4d446b76ee8f34860eca2288adc6b6d6c0fdc56d9eee75a2fa5",
            ),
            ("rosario@example.org", "83a834cc5327bc4dee7c5408988040dc5813c7662611cd93b707aff72bf7d33f"),
            (
                "cloudySanFrancisco@GMAIL.com",
                "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
            ),
            ("+1-800-555-0110", "525c2390a4e2a9766fa8ddc341dd10414603baebefa401f5a5e29f55e176525d"),
        ] {
            assert_eq!(of(Network::Google, text), hash, "{text}");
        }
        for (text, form) in [
            ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
            ("a.b@googlemail.com", "ab@googlemail.com"),
            ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
            (" da na@example.com ", "dana@example.com"),
        ] {
            assert_eq!(email(Network::Google, text).as_deref(), Some(form), "{text}");
        }
        assert_eq!(phone(Network::Google, "01632 960001").as_deref(), Some("+441632960001"));
        assert_eq!(email(Network::Google, "+all@gmail.com"), None);
    }

    /// <https://www.linkedin.com/help/lms/answer/a1489764>: the SHA-256 of the address in small letters, and no numbers.
    #[test]
    fn linkedin_gets_addresses_in_small_letters_and_no_numbers() {
        let lower = of(Network::Meta, "mary@example.com");
        assert_eq!(of(Network::LinkedIn, " Mary@Example.com"), lower);
        assert_eq!(hash(Network::LinkedIn, Shape::Phone, "01632 960001"), None);
        assert!(!Network::LinkedIn.takes(Shape::Phone) && Network::Google.takes(Shape::Phone));
    }

    #[test]
    fn what_is_no_address_and_no_number_goes_nowhere() {
        for (network, ..) in Network::ALL {
            let mut row = Row::default();
            row.add(*network, Shape::Email, "at home");
            row.add(*network, Shape::Phone, "none");
            assert!(row.is_empty(), "{network:?}");
            assert_eq!(hash(*network, Shape::Words, "Mary"), None);
            assert_eq!(Network::named(network.name()), Some(*network));
        }
    }

    #[test]
    fn a_list_has_the_columns_that_its_network_names() {
        let row = |network: Network, values: &[&str]| {
            let mut row = Row::default();
            for text in values {
                let shape = if text.contains('@') { Shape::Email } else { Shape::Phone };
                row.add(network, shape, text);
            }
            row
        };
        let people: [&[&str]; 3] = [
            &["mary@example.com", "01632 960001"],
            &["dana@example.com", "Dana@example.com", "d@example.com"],
            &["mary@example.com", "01632 960001"],
        ];
        let of = |network: Network| {
            let rows: Vec<Row> = people.iter().map(|values| row(network, values)).collect();
            sheet(network, &rows)
        };
        let meta = of(Network::Meta);
        let lines: Vec<&str> = meta.lines().collect();
        assert_eq!((lines[0], lines.len()), ("email,email,phone", 3), "each line once: {meta}");
        assert!(lines[1..].iter().all(|line| line.split(',').count() == 3), "{meta}");
        assert!(lines[1] < lines[2] && meta.ends_with("\r\n") && !meta.contains('@'), "{meta}");
        assert!(of(Network::Google).starts_with("Email,Email,Phone\r\n"));
        let linkedin = of(Network::LinkedIn);
        assert_eq!(linkedin.lines().count(), 4, "a line for each address: {linkedin}");
        assert!(linkedin.starts_with("email\r\n") && !linkedin.contains(','), "{linkedin}");
        assert_eq!(sheet(Network::LinkedIn, &[]), "email\r\n");
    }
}
