//! Invented people: the same ones for the same number, whatever runs before.

/// A stream of numbers that is the same each time (SplitMix64).
pub struct Chance(u64);

impl Chance {
    /// A stream of its own for a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The next number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (bound.max(1) as u64)).unwrap_or(0)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or("")
    }
}

const FIRST: &[&str] = &[
    "Aisha", "Alan", "Amelia", "Andrew", "Anita", "Barbara", "Ben", "Beth", "Callum", "Carol", "Chloe",
    "Daniel", "David", "Dev", "Eleanor", "Emma", "Farah", "Fiona", "Gareth", "Grace", "Hannah", "Harold",
    "Helen", "Imran", "Irene", "Jack", "James", "Joan", "Karen", "Leila", "Liam", "Margaret", "Mohammed",
    "Nadia", "Nigel", "Olivia", "Owen", "Patricia", "Paul", "Priya", "Rachel", "Rhys", "Rosa", "Samuel",
    "Sheila", "Siobhan", "Thomas", "Una", "Victor", "Wendy", "Yusuf", "Zoe",
];
const BEGIN: &[&str] = &[
    "Al", "Ash", "Bar", "Beck", "Black", "Brad", "Bram", "Cal", "Car", "Clay", "Cran", "Dal", "Darn", "Ed",
    "Elm", "Fair", "Far", "Gar", "Glen", "Ham", "Har", "Hazel", "Hol", "Kel", "Ken", "Lang", "Lin", "Mal",
    "Mar", "Nor", "Oak", "Pen", "Rad", "Red", "Sal", "Shel", "Stan", "Thorn", "Wal", "Whit",
];
const END: &[&str] = &[
    "bourne", "bridge", "burn", "bury", "by", "combe", "cott", "croft", "dale", "den", "field", "ford",
    "gate", "ham", "hurst", "ington", "land", "leigh", "ley", "low", "man", "mere", "mond", "more", "ridge",
    "sby", "shaw", "son", "stead", "ston", "thorpe", "ton", "well", "wick", "wood", "worth",
];
const SORT: &[&str] =
    &["Works", "Partners", "Housing", "Foods", "Care", "Systems", "Trust", "Logistics", "Design", "Builders"];
const STREET: &[&str] =
    &["Mill Lane", "Church Road", "Station Street", "The Green", "High Street", "Canal Walk"];
const JOB: &[&str] = &[
    "Director",
    "Head of People",
    "Office Manager",
    "Training Lead",
    "Operations Manager",
    "Finance Officer",
];

/// Somebody who does not exist.
pub struct Invented {
    /// First name and surname.
    pub name: String,
    /// Their surname.
    pub surname: String,
    /// An address nobody reads.
    pub email: String,
    /// A number nobody has: no exchange has the code 01632.
    pub phone: String,
    /// A postal address.
    pub address: String,
    /// A job title.
    pub job: &'static str,
}

/// The person of a number.
pub fn person(n: usize) -> Invented {
    let mut chance = Chance::of(n as u64);
    let first = chance.one(FIRST);
    let surname = format!("{}{}", chance.one(BEGIN), chance.one(END));
    let phone = 100_000 + n % 900_000;
    Invented {
        name: format!("{first} {surname}"),
        email: format!(
            "{}.{}{n}@{}.example",
            first.to_lowercase(),
            surname.to_lowercase(),
            chance.one(SORT).to_lowercase()
        ),
        phone: format!("01632 {phone:06}"),
        address: format!(
            "{} {}, {}{}",
            1 + chance.below(180),
            chance.one(STREET),
            chance.one(BEGIN),
            chance.one(END)
        ),
        job: chance.one(JOB),
        surname,
    }
}

/// The organisation of a number.
pub fn organisation(n: usize) -> String {
    let mut chance = Chance::of(0x0a11_0000 + n as u64);
    format!("{}{} {} {n}", chance.one(BEGIN), chance.one(END), chance.one(SORT))
}

/// A line of a timeline.
pub fn line(n: usize) -> String {
    let mut chance = Chance::of(0x0b22_0000 + n as u64);
    format!(
        "Spoke about the {} of {}; will come back to them about {} in week {}. They asked for it in writing.",
        chance.one(&["plan", "offer", "programme", "invoice", "meeting"]),
        chance.one(&["spring", "summer", "autumn", "winter"]),
        chance.one(&["dates", "numbers", "rooms", "prices", "people"]),
        1 + chance.below(52)
    )
}
