//! What goes wrong when somebody is written down a second time: the error model of dsgen, the generator of the FEBRL
//! project (Christen, Pudjijono and Vatsalan, Australian National University), with its published probabilities, and what
//! becomes of people besides: short names, initials, marriages, moves.
//!
//! Of dsgen are the choice of the field (given name 0.10, surname 0.15, street number 0.10, street 0.10, town 0.10, postcode
//! 0.05, date of birth 0.10, telephone 0.05), what is done to each (the tables below, in hundredths), where in a word (about
//! its middle, by a normal distribution), the neighbouring key (same row 0.40, same column 0.30), and the exchange of given
//! name and surname (0.05). Its table of misspellings is not ours: misspelled is by rules of what sounds alike. Of e-mail
//! addresses it knows nothing; they are changed as names are, and more often new. An initial is not mistyped.

use super::people::{Chance, Held, address, birth, email, first, last, phone};

/// In hundredths: misspelled, a letter more, a letter less, another letter, two turned, words turned, split, joined, missing,
/// somebody else's or a new one.
struct Errors {
    field: &'static str,
    chosen: usize,
    what: [(&'static str, usize); 10],
}

const fn errors(field: &'static str, chosen: usize, of: [usize; 10]) -> Errors {
    Errors {
        field,
        chosen,
        what: [
            ("misspelled", of[0]),
            ("a letter more", of[1]),
            ("a letter less", of[2]),
            ("another letter", of[3]),
            ("two turned", of[4]),
            ("words turned", of[5]),
            ("split", of[6]),
            ("joined", of[7]),
            ("missing", of[8]),
            ("new", of[9]),
        ],
    }
}

const MODEL: &[Errors] = &[
    errors("given name", 10, [30, 5, 15, 35, 5, 2, 1, 1, 2, 4]),
    errors("surname", 15, [30, 10, 10, 35, 4, 2, 1, 2, 2, 4]),
    errors("street number", 10, [0, 10, 15, 60, 5, 1, 0, 0, 2, 7]),
    errors("street", 10, [0, 10, 15, 55, 5, 3, 2, 3, 4, 3]),
    errors("town", 10, [40, 10, 15, 22, 4, 2, 2, 2, 1, 2]),
    errors("postcode", 5, [0, 0, 0, 35, 60, 0, 0, 0, 1, 4]),
    errors("date of birth", 10, [0, 0, 0, 50, 30, 0, 0, 0, 10, 10]),
    errors("telephone", 5, [0, 0, 0, 40, 30, 0, 0, 0, 5, 25]),
    errors("e-mail", 10, [10, 10, 10, 25, 10, 0, 0, 0, 10, 25]),
];

const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// The keys beside and above.
fn beside(key: char, chance: &mut Chance) -> char {
    let place = ROWS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.find(key)?)));
    let letters = if key.is_ascii_digit() { "0123456789" } else { "abcdefghijklmnopqrstuvwxyz" };
    let any = |chance: &mut Chance| letters.chars().nth(chance.below(letters.len())).unwrap();
    let Some((row, at)) = place else { return any(chance) };
    let nth = |row: usize, at: usize| ROWS.get(row).and_then(|keys| keys.chars().nth(at));
    let found = match chance.below(100) {
        0..40 if chance.happens(500) => nth(row, at.wrapping_sub(1)).or_else(|| nth(row, at + 1)),
        0..40 => nth(row, at + 1).or_else(|| nth(row, at.wrapping_sub(1))),
        40..70 if !key.is_ascii_digit() => nth(row + 1, at).or_else(|| nth(row - 1, at)),
        _ => None,
    };
    found.filter(|found| *found != key).unwrap_or_else(|| any(chance))
}

/// About the middle of a word.
fn somewhere(length: usize, chance: &mut Chance) -> usize {
    // Four dice are nearly a normal distribution.
    let spread: isize = (0..4).map(|_| isize::try_from(chance.below(3)).unwrap() - 1).sum();
    (isize::try_from(length / 2 + 1).unwrap() + spread)
        .clamp(0, isize::try_from(length.max(1) - 1).unwrap())
        .unsigned_abs()
}

/// How people write what they hear.
const SOUNDS: [(&str, &str); 16] = [
    ("ph", "f"),
    ("ck", "k"),
    ("ee", "ea"),
    ("ie", "y"),
    ("ll", "l"),
    ("tt", "t"),
    ("nn", "n"),
    ("ss", "s"),
    ("y", "i"),
    ("c", "k"),
    ("s", "z"),
    ("ou", "u"),
    ("er", "ar"),
    ("ai", "ay"),
    ("e", ""),
    ("th", "t"),
];

fn misspelled(value: &str, chance: &mut Chance) -> String {
    let (head, tail) = value.split_at(value.chars().next().map_or(0, char::len_utf8));
    let fit: Vec<&(&str, &str)> = SOUNDS.iter().filter(|(from, _)| tail.contains(from)).collect();
    match fit.is_empty() {
        true => typed(value, "another letter", chance),
        false => {
            let (from, to) = fit[chance.below(fit.len())];
            format!("{head}{}", tail.replacen(from, to, 1))
        }
    }
}

fn typed(value: &str, how: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = value.chars().collect();
    if letters.is_empty() {
        return String::new();
    }
    let at = somewhere(letters.len(), chance);
    // What is typed wrongly is a letter or a digit, not what stands between.
    let at =
        (0..letters.len()).map(|step| (at + step) % letters.len()).find(|at| letters[*at].is_alphanumeric());
    let at = at.unwrap_or(0);
    let key = letters[at].to_lowercase().next().unwrap();
    match how {
        "a letter more" => letters.insert(at, beside(key, chance)),
        "a letter less" if letters.len() > 2 => drop(letters.remove(at)),
        "two turned" => {
            let next = (at + 1..letters.len()).find(|next| letters[*next].is_alphanumeric());
            letters.swap(at, next.unwrap_or(at.saturating_sub(1)));
        }
        "split" if letters.len() > 3 => letters.insert(at.max(1), ' '),
        "joined" => letters.retain(|c| !matches!(c, ' ' | '-')),
        "words turned" => {
            let turned: Vec<&str> = value.split(' ').rev().collect();
            letters = turned.join(" ").chars().collect();
        }
        _ => letters[at] = beside(key, chance),
    }
    letters.into_iter().collect()
}

/// Changes a field; what was done to it.
fn change(held: &mut Held, errors: &Errors, chance: &mut Chance) -> &'static str {
    let mut drawn = chance.below(errors.what.iter().map(|(_, share)| share).sum());
    let (how, _) = errors
        .what
        .iter()
        .find(|(_, share)| {
            let here = drawn < *share;
            drawn = drawn.saturating_sub(*share);
            here
        })
        .unwrap();
    if *how == "new" {
        match errors.field {
            "given name" => held.given = first(chance),
            "surname" => held.surname = last(chance),
            "date of birth" => held.birth = birth(chance, 1932..2007),
            "telephone" => held.phone = phone(chance),
            "e-mail" => held.email = email(chance, held),
            field => {
                let mut new = Held::default();
                address(chance, &mut new);
                match field {
                    "street number" => held.number = new.number,
                    "street" => held.street = new.street,
                    "town" => held.town = new.town,
                    _ => held.postcode = new.postcode,
                }
            }
        }
        return how;
    }
    let value = match errors.field {
        "given name" => &mut held.given,
        "surname" => &mut held.surname,
        "street number" => &mut held.number,
        "street" => &mut held.street,
        "town" => &mut held.town,
        "postcode" => &mut held.postcode,
        "date of birth" => &mut held.birth,
        "telephone" => &mut held.phone,
        _ => &mut held.email,
    };
    *value = match *how {
        "missing" => String::new(),
        "misspelled" => misspelled(value, chance),
        how => typed(value, how, chance),
    };
    how
}

/// First names and what they are shortened to. Not the program's list.
const SHORT: &str = "
    David|Dave James|Jim Michael|Mick Robert|Bob Margaret|Maggie Susan|Sue Andrew|Andy Peter|Pete Elizabeth|Liz
    Christopher|Chris William|Bill Richard|Rick Thomas|Tom Stephen|Steve Patricia|Pat Daniel|Dan Jennifer|Jen Matthew|Matt
    Christine|Chris Anthony|Tony Nicola|Nicky Rebecca|Becky Deborah|Debbie Benjamin|Ben Edward|Ted Katherine|Kate
    Catherine|Cathy Jessica|Jess Nicholas|Nick Samuel|Sam Samantha|Sam Alexander|Alex Victoria|Vicky Kenneth|Ken
    Ronald|Ron Raymond|Ray Charles|Charlie Charlotte|Lottie Joseph|Joe Jonathan|Jon Philip|Phil Mohammed|Mo Eleanor|Ellie
    Zachary|Zac Maximilian|Max Francesca|Fran Oliver|Olly Simon|Si Joanne|Jo Gillian|Gill Barbara|Barb
";

/// Somebody written down a second time, and what is different.
pub fn again(one: &Held, chance: &mut Chance) -> (Held, Vec<String>) {
    loop {
        let (mut held, mut what) = (one.clone(), Vec::new());
        // What a person goes through, besides what is typed.
        match chance.below(100) {
            0..10 => {
                let short =
                    SHORT.split_whitespace().find_map(|row| row.strip_prefix(&held.given)?.strip_prefix('|'));
                if let Some(short) = short {
                    short.clone_into(&mut held.given);
                    what.push("short name".to_owned());
                }
            }
            10..15 => {
                held.given = held.given.chars().take(1).collect();
                what.push("initial".to_owned());
            }
            15..19 => {
                held.surname = last(chance);
                what.push("another surname".to_owned());
            }
            19..25 if !held.postcode.is_empty() => {
                address(chance, &mut held);
                what.push("another address".to_owned());
            }
            25..31 if !held.email.is_empty() => {
                held.email = email(chance, &held);
                what.push("another e-mail address".to_owned());
            }
            31..34 => {
                held.given = store::normal::name(&held.given);
                held.surname = store::normal::name(&held.surname);
                what.push("without accents and capitals".to_owned());
            }
            34..39 => {
                std::mem::swap(&mut held.given, &mut held.surname);
                what.push("names turned round".to_owned());
            }
            _ => {}
        }
        let least = usize::from(what.is_empty());
        for _ in 0..least + chance.below(3) {
            let mut drawn = chance.below(MODEL.iter().map(|errors| errors.chosen).sum());
            let errors = MODEL
                .iter()
                .find(|errors| {
                    let here = drawn < errors.chosen;
                    drawn = drawn.saturating_sub(errors.chosen);
                    here
                })
                .unwrap();
            // An initial is a letter, not a word to mistype: another letter is another person's.
            if errors.field == "given name" && held.given.chars().count() == 1 {
                continue;
            }
            let how = change(&mut held, errors, chance);
            what.push(format!("{}: {how}", errors.field));
        }
        // Two sorts of detail besides the name can be compared, or nobody could tell.
        if held != *one
            && !held.name().is_empty()
            && one.families().intersection(&held.families()).count() >= 2
        {
            return (held, what);
        }
    }
}
