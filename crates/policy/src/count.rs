//! How many of something, in English: the one place where a word gets its plural.

/// `1 note`, `2 notes`, `3 people`: the number and the word that fits it.
#[must_use]
pub fn counted(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{} {}", grouped(count), plural(word)) }
}

/// A phrase written for many, said of a number: `grounds within their time` of one is `1 ground within their time`.
#[must_use]
pub fn said(count: usize, phrase: &str) -> String {
    if count != 1 {
        return format!("{count} {phrase}");
    }
    let mut left = 1_u8;
    let words = phrase.split(' ').map(|word| {
        let (bare, comma) = word.strip_suffix(',').map_or((word, ""), |bare| (bare, ","));
        match singular(bare).filter(|_| left > 0) {
            Some(one) => {
                left = 0;
                format!("{one}{comma}")
            }
            None => word.to_owned(),
        }
    });
    format!("1 {}", words.collect::<Vec<_>>().join(" "))
}

fn singular(word: &str) -> Option<String> {
    if let Some((one, _)) = ODD.iter().find(|(one, many)| *many == word && one != many) {
        return Some((*one).to_owned());
    }
    if word.ends_with("ss") || ["this", "its", "is", "was", "has", "as"].contains(&word) {
        return None;
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return Some(format!("{stem}y"));
    }
    let es = ["sses", "xes", "ches", "shes"].iter().any(|end| word.ends_with(end));
    word.strip_suffix(if es { "es" } else { "s" }).map(str::to_owned)
}

/// The same for what is counted by length.
#[must_use]
pub fn counted_len(count: usize, word: &str) -> String {
    counted(u64::try_from(count).unwrap_or(u64::MAX), word)
}

/// `one`, `two`, `twelve`; `13` and more in figures: a number as a letter says it.
#[must_use]
pub fn in_words(count: u64) -> String {
    const WORDS: &[&str] = &[
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    let word = usize::try_from(count).ok().and_then(|count| WORDS.get(count));
    word.map_or_else(|| grouped(count), |word| (*word).to_owned())
}

/// `the 1 row`, `all 3 rows`.
#[must_use]
pub fn every(count: u64, word: &str) -> String {
    format!("{} {}", if count == 1 { "the" } else { "all" }, counted(count, word))
}

/// `12,345`.
#[must_use]
pub fn grouped(count: u64) -> String {
    let figures = count.to_string();
    let mut written = String::new();
    for (at, figure) in figures.chars().enumerate() {
        if at > 0 && (figures.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(figure);
    }
    written
}

/// `a case`, `an application`, `a university`: a word with the article it is said with.
#[must_use]
pub fn with_article(word: &str) -> String {
    let lower = word.to_lowercase();
    let spoken_with_y_or_w =
        ["uni", "use", "one ", "once", "eu"].iter().any(|begins| lower.starts_with(begins));
    // What is not: `unincorporated`, `unimportant`.
    let consonant = spoken_with_y_or_w && !lower.starts_with("unin") && !lower.starts_with("unim");
    let vowel = lower.starts_with(['a', 'e', 'i', 'o', 'u']) && !consonant;
    format!("{} {word}", if vowel || lower.starts_with("hour") { "an" } else { "a" })
}

/// Words whose plural is no rule's.
const ODD: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("life", "lives"),
    ("staff", "staff"),
    ("data", "data"),
    ("appendix", "appendices"),
    ("piece of work", "pieces of work"),
    ("member of staff", "members of staff"),
];

/// The plural of a word or of several, of which the last is the noun: `coaching client` to `coaching clients`,
/// `child of a client` to `children of a client`. What is plural already stays: the policy's `coaching notes`.
#[must_use]
pub fn plural(words: &str) -> String {
    let odd = |word: &str| ODD.iter().find(|(one, _)| *one == word).map(|(_, many)| (*many).to_owned());
    if let Some(many) = odd(words) {
        return many;
    }
    if let Some((head, rest)) = words.split_once(" of ").or_else(|| words.split_once(" in ")) {
        let link = words.get(head.len()..words.len() - rest.len()).unwrap_or(" of ");
        return format!("{}{link}{rest}", plural(head));
    }
    let (before, last) = words.rsplit_once(' ').map_or(("", words), |(before, last)| (before, last));
    let many = odd(last).unwrap_or_else(|| by_rule(last));
    if before.is_empty() { many } else { format!("{before} {many}") }
}

fn by_rule(word: &str) -> String {
    let ends = |end: &str| word.ends_with(end);
    if ends("ss") || ends("x") || ends("ch") || ends("sh") {
        return format!("{word}es");
    }
    if ends("s") {
        return word.to_owned();
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_many_are_many() {
        for (count, word, said) in [
            (1, "ground", "1 ground"),
            (0, "ground", "0 grounds"),
            (2, "ground", "2 grounds"),
            (1, "person", "1 person"),
            (12_345, "person", "12,345 people"),
            (1_000, "note", "1,000 notes"),
            (100, "note", "100 notes"),
            (2, "coaching notes", "2 coaching notes"),
            (3, "enquiry", "3 enquiries"),
            (3, "survey", "3 surveys"),
            (2, "case", "2 cases"),
            (2, "box", "2 boxes"),
            (2, "witness", "2 witnesses"),
            (2, "church member", "2 church members"),
            (2, "young person", "2 young people"),
            (2, "child of a client", "2 children of a client"),
            (2, "piece of work", "2 pieces of work"),
            (2, "contact in an organisation", "2 contacts in an organisation"),
        ] {
            assert_eq!(counted(count, word), said);
        }
    }

    #[test]
    fn a_small_number_is_a_word() {
        for (count, said) in
            [(0, "none"), (1, "one"), (2, "two"), (12, "twelve"), (13, "13"), (1_200, "1,200")]
        {
            assert_eq!(in_words(count), said);
        }
    }

    #[test]
    fn a_word_has_its_article() {
        for said in [
            "a case",
            "an application for a vacancy",
            "a university place",
            "an hour",
            "an enquirer",
            "a user",
            "a union",
            "an unincorporated association",
        ] {
            assert_eq!(with_article(said.split_once(' ').unwrap().1), said);
        }
    }

    #[test]
    fn a_phrase_for_many_is_said_of_one() {
        for (phrase, said_of_one) in [
            ("grounds within their time", "1 ground within their time"),
            ("people in News, each by their own choice", "1 person in News, each by their own choice"),
            ("stored dates equal to what the facts say", "1 stored date equal to what the facts say"),
            ("addresses and numbers on the block list", "1 address and numbers on the block list"),
            ("marketing calls, each checked", "1 marketing call, each checked"),
            ("reviews, none passed", "1 review, none passed"),
            ("things an erasure waited for", "1 thing an erasure waited for"),
            ("times first session, each after a consent", "1 time first session, each after a consent"),
        ] {
            assert_eq!(said(1, phrase), said_of_one);
            assert_eq!(said(2, phrase), format!("2 {phrase}"));
        }
    }
}
