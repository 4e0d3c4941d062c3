//! Invented people of the United Kingdom, and those who are easily taken for each other and are not: twins, fathers and
//! sons, couples, people of one name in one town.

use std::collections::BTreeSet;

/// Names with the commonest first; the further down, the rarer.
const FIRST: &str = "
    David John James Michael Robert Margaret Susan Sarah Paul Andrew Peter Mary Elizabeth Christopher William Richard
    Thomas Stephen Mark Patricia Daniel Emma Karen Jennifer Linda Matthew Christine Anthony Julie Claire Joanne Ian Nicola
    Helen Alan George Jacqueline Rachel Steven Kevin Mohammed Laura Samantha Jean Lisa Janet Brian Gary Simon Kathleen
    Angela Rebecca Jack Charles Amanda Barbara Joseph Dorothy Carol Jonathan Philip Catherine Deborah Benjamin Edward Lauren
    Alison Adam Graham Colin Charlotte Tracey Ruth Louise Katherine Jessica Martin Sharon Hannah Neil Gillian Hazel Amy
    Kenneth Lee Nicholas Sophie Samuel Ryan Jason Keith Alexander Joan Craig Olivia Darren Wendy Marie Emily Lynn Gemma Roy
    Stuart Raymond Chloe Luke Aisha Fiona Sandra Fatima Eileen Ronald Donna Priya Harry Kelly Heather Natalie Lucy Derek
    Gareth Eleanor Jane Oliver Tina Victoria Zoë Georgina Abdul Lesley Stella Rhys Owen Siobhan Ahmed Grace Ivan Yusuf Imran
    Carl Carla Paula Erica Eric Simone Joanna Joseph Alexandra Francesca Francis Dominic Bronwen Callum Nadia Sanjay Meera
    Piotr Agnieszka Wojciech Kwame Chidi Ngozi Thulani Olumide Amara Siân Renée Zofia José Björn Mei Wei Hiroshi Farah Layla
    Marjorie Winifred Ernest Horace Enid Cuthbert Persephone Ottoline Lysander Ptolemy Xanthe Ignatius Zachary Maximilian
";
const LAST: &str = "
    Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker White
    Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris Moore Clark Lee
    King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths Mitchell Kelly
    Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan Marshall Anderson Simpson Ellis Adams
    Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray Mason Ali Hunt Hussain Campbell Matthews Owen Palmer Holmes
    Mills Barnes Knight Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon Harvey Graham Pearson Ahmed Fletcher
    Walsh Kaur Gibson Howard Andrews Stewart Elliott Reynolds Saunders Payne Fox Ford Pearce Day Brooks West Lawrence Cole
    Atkinson Bradley Spencer Gill Dawson Watts Burton O'Brien Francis Rose Love Hart Wells Grant Stone Perry MacDonald
    Macleod O'Connor Nowak Kowalski Okafor Mensah Adeyemi Nguyen Chen Rossi Müller García Łukasz Fernández Ó'Súilleabháin
";
const BEGIN: &str = "
    Al Ash Bar Beck Black Brad Bram Cal Car Clay Cran Dal Darn Ed Elm Fair Far Gar Glen Ham Har Hazel Hol Kel Ken Lang Lin
    Mal Mar Nor Oak Pen Rad Red Sal Shel Stan Thorn Wal Whit
";
const END: &str = "
    bourne bridge burn bury by combe cott croft dale den field ford gate ham hurst ington land leigh ley low man mere mond
    more ridge sby shaw son stead ston thorpe ton well wick wood worth
";
const STREETS: &str = "
    Mill Church Station Victoria Green Park London York Manor School Kings Queens Grange Springfield Albert Chapel Stanley
    George Windsor Meadow Elm Oak Beech Cedar Hawthorn Orchard Canal Castle Bridge Market North South West Woodland
";
const ROADS: &str = "Road Lane Street Avenue Close Drive";
const TOWNS: &str = "
    Leeds|LS Sheffield|S Bristol|BS Cardiff|CF Norwich|NR Exeter|EX York|YO Derby|DE Luton|LU Reading|RG Oxford|OX
    Preston|PR Dudley|DY Swansea|SA Ipswich|IP Durham|DH Carlisle|CA Truro|TR Bath|BA Perth|PH
";
const PROVIDERS: &str = "post.example mail.example fastmail.example inbox.example letters.example";

/// A stream of numbers that is the same each time (SplitMix64).
pub struct Chance {
    state: u64,
    /// E-mail addresses and numbers that somebody has.
    given: BTreeSet<String>,
}

impl Chance {
    pub fn of(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
        Self { state, given: BTreeSet::new() }
    }
    pub fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (bound.max(1) as u64)).unwrap()
    }
    /// Whether something of this chance, in a thousand, happens.
    pub fn happens(&mut self, of_1000: usize) -> bool {
        self.below(1000) < of_1000
    }
    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
    /// One of a list whose first are the commonest.
    fn common<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let weights: Vec<usize> = (0..of.len()).map(|rank| 10_000 / (rank + 12)).collect();
        let mut drawn = self.below(weights.iter().sum());
        for (word, weight) in of.iter().zip(weights) {
            if drawn < weight {
                return word;
            }
            drawn -= weight;
        }
        of[0]
    }
}

/// What is held of somebody; empty where nothing is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Held {
    pub given: String,
    pub surname: String,
    pub birth: String,
    pub email: String,
    pub phone: String,
    pub number: String,
    pub street: String,
    pub town: String,
    pub postcode: String,
}

impl Held {
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.surname).trim().to_owned()
    }
    pub fn address(&self) -> String {
        let parts = [format!("{} {}", self.number, self.street), self.town.clone(), self.postcode.clone()];
        let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
    /// What besides the name can be compared.
    pub fn families(&self) -> BTreeSet<&'static str> {
        let held = [
            ("birth", &self.birth),
            ("email", &self.email),
            ("phone", &self.phone),
            ("address", &self.postcode),
        ];
        held.into_iter().filter(|(_, value)| !value.is_empty()).map(|(family, _)| family).collect()
    }
    fn live_with(&mut self, other: &Self) {
        (self.number, self.street) = (other.number.clone(), other.street.clone());
        (self.town, self.postcode) = (other.town.clone(), other.postcode.clone());
    }
}

fn list(words: &'static str) -> Vec<&'static str> {
    words.split_whitespace().collect()
}

pub fn first(chance: &mut Chance) -> String {
    chance.common(&list(FIRST)).to_owned()
}

pub fn last(chance: &mut Chance) -> String {
    match chance.below(10) {
        // Two in five have a name that few have.
        0..4 => format!("{}{}", chance.one(&list(BEGIN)), chance.one(&list(END))),
        4 if chance.happens(200) => {
            format!("{}-{}", chance.common(&list(LAST)), chance.common(&list(LAST)))
        }
        _ => chance.common(&list(LAST)).to_owned(),
    }
}

pub fn birth(chance: &mut Chance, years: std::ops::Range<usize>) -> String {
    let year = years.start + chance.below(years.len());
    format!("{year}-{:02}-{:02}", 1 + chance.below(12), 1 + chance.below(28))
}

/// A number that nobody else has: a line is somebody's.
pub fn phone(chance: &mut Chance) -> String {
    loop {
        let begins = chance.one(&["07700", "01632", "07911", "01999", "07400", "01234", "07555"]);
        let number = format!("{begins} {:06}", chance.below(1_000_000));
        if chance.given.insert(number.clone()) {
            return number;
        }
    }
}

/// An address of theirs, which nobody else has: no provider gives one twice.
pub fn email(chance: &mut Chance, held: &Held) -> String {
    loop {
        let address = some_email(chance, held);
        if chance.given.insert(address.clone()) {
            return address;
        }
    }
}

fn some_email(chance: &mut Chance, held: &Held) -> String {
    let plain = |name: &str| {
        store::normal::name(name).chars().filter(char::is_ascii_alphanumeric).collect::<String>()
    };
    let (given, surname) = (plain(&held.given), plain(&held.surname));
    let number = chance.below(1990);
    let local = match chance.below(5) {
        0 => format!("{given}.{surname}"),
        1 => format!("{}{surname}{number}", given.get(..1).unwrap_or_default()),
        2 => format!("{given}{number}"),
        3 => format!("{surname}.{given}{}", number % 100),
        _ => format!("{given}_{surname}{}", number % 10),
    };
    format!("{local}@{}", chance.one(&list(PROVIDERS)))
}

pub fn address(chance: &mut Chance, held: &mut Held) {
    let town = chance.one(&list(TOWNS));
    let (town, area) = town.split_once('|').unwrap();
    held.number = (1 + chance.below(180)).to_string();
    held.street = format!("{} {}", chance.one(&list(STREETS)), chance.one(&list(ROADS)));
    town.clone_into(&mut held.town);
    let letters = list("A B D E F G H J L N P Q R S T U W X Y Z");
    held.postcode = format!(
        "{area}{} {}{}{}",
        1 + chance.below(30),
        chance.below(10),
        chance.one(&letters),
        chance.one(&letters)
    );
}

/// Somebody of whom everything is known.
pub fn whole(chance: &mut Chance) -> Held {
    let mut held = Held { given: first(chance), surname: last(chance), ..Held::default() };
    held.birth = birth(chance, 1932..2007);
    held.email = email(chance, &held);
    held.phone = phone(chance);
    address(chance, &mut held);
    held
}

/// Somebody of whom the usual is known: of every other no birthday.
pub fn somebody(chance: &mut Chance) -> Held {
    let mut held = whole(chance);
    for (value, missing) in [(&mut held.birth, 450), (&mut held.email, 180), (&mut held.phone, 150)] {
        if chance.happens(missing) {
            value.clear();
        }
    }
    if chance.happens(200) {
        (held.number, held.street) = (String::new(), String::new());
        (held.town, held.postcode) = (String::new(), String::new());
    }
    held
}

/// Two who are two, of each sort that is easily taken for one.
pub fn hard(chance: &mut Chance) -> Vec<(&'static str, Held, Held)> {
    let mut pairs = Vec::new();
    for child in 0..500 {
        let one = whole(chance);
        let mut other = Held { given: first(chance), ..one.clone() };
        while other.given == one.given {
            other.given = first(chance);
        }
        // Of children the address is a parent's, and the same.
        if child % 2 == 0 {
            other.email = email(chance, &other);
        }
        pairs.push(("twins", one, other));
    }
    for _ in 0..500 {
        let mut father = whole(chance);
        father.birth = birth(chance, 1935..1965);
        let mut son = Held { birth: birth(chance, 1982..2006), ..father.clone() };
        son.email = email(chance, &son);
        pairs.push(("father and son of one name", father, son));
    }
    for married in 0..800 {
        let one = whole(chance);
        let mut other = whole(chance);
        while other.given == one.given {
            other.given = first(chance);
        }
        (other.email, other.phone) = (one.email.clone(), one.phone.clone());
        other.live_with(&one);
        if married % 4 > 0 {
            other.surname = one.surname.clone();
        }
        if married % 2 == 0 {
            other.birth.clear();
        }
        pairs.push(("couples of one address, e-mail and telephone", one, other));
    }
    for _ in 0..300 {
        let one = somebody(chance);
        let mut other = whole(chance);
        (other.given, other.surname) = (one.given.clone(), one.surname.clone());
        if !one.town.is_empty() {
            other.town = one.town.clone();
            let area: String = one.postcode.chars().take_while(char::is_ascii_alphabetic).collect();
            let rest = other.postcode.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            other.postcode = format!("{area}{rest}");
        }
        pairs.push(("one name and one town", one, other));
    }
    pairs
}
