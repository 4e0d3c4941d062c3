//! Whom a text speaks of beside the person it was written about: names of people we hold, and e-mail addresses and
//! telephone numbers that are not the person's own. It finds what can be found; it never says that a text is clean.

use std::collections::BTreeSet;

use custody::id::PersonId;

use crate::{Result, Tx, Value, normal, params};

/// What of somebody else a text has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mentions {
    /// Names of other people we hold.
    pub names: usize,
    /// E-mail addresses that are not the person's.
    pub emails: usize,
    /// Telephone numbers that are not the person's.
    pub phones: usize,
}

impl Mentions {
    /// Whether there is any.
    #[must_use]
    pub fn any(&self) -> bool {
        self.names + self.emails + self.phones > 0
    }
}

/// Looks through a text about a person for others.
///
/// # Errors
/// Whatever the database says.
pub fn of_others(tx: &Tx<'_>, person: PersonId, text: &str) -> Result<Mentions> {
    let own: BTreeSet<String> = tx
        .all("SELECT normal FROM item WHERE person_id = ?1 AND normal <> ''", params![person], |row| {
            row.text(0)
        })?
        .into_iter()
        .collect();
    let others = |found: BTreeSet<String>| found.into_iter().filter(|value| !own.contains(value)).count();
    let names: Vec<String> = names(text).into_iter().filter(|name| !own.contains(name)).collect();
    let mut known = BTreeSet::new();
    for some in names.chunks(200) {
        let mut values: Vec<Value<'_>> = some.iter().map(|name| Value::from(name.as_str())).collect();
        values.push(person.into());
        let list = (1..values.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT DISTINCT normal FROM item WHERE kind = 'name' AND normal IN ({list}) AND person_id <> ?{}",
            values.len()
        );
        known.extend(tx.all(&sql, &values, |row| row.text(0))?);
    }
    Ok(Mentions { names: known.len(), emails: others(emails(text)), phones: others(phones(text)) })
}

/// Two and three words side by side that each begin with a capital, as names are compared.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '\u{2019}');
    let words: Vec<&str> = text.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
    let capital = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
    let mut found = BTreeSet::new();
    for length in [2, 3] {
        for some in words.windows(length).filter(|some| some.iter().all(capital)) {
            found.insert(normal::name(&some.join(" ")));
            // Whose it is: "Bob Jones's".
            if let Some(whose) =
                some.last().and_then(|last| last.strip_suffix("'s").or(last.strip_suffix("\u{2019}s")))
            {
                let before = some.get(..length - 1).unwrap_or_default().join(" ");
                found.insert(normal::name(&format!("{before} {whose}")));
            }
        }
    }
    found
}

fn emails(text: &str) -> BTreeSet<String> {
    let apart =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '<' | '>' | '[' | ']' | '"');
    let words = text.split(apart).map(|word| word.trim_matches(['.', ':', '?', '!', '\'']));
    words.filter(|word| word.contains('@')).filter_map(normal::email).collect()
}

fn phones(text: &str) -> BTreeSet<String> {
    let within = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '\u{a0}');
    let runs = text.split(|c| !within(c)).map(str::trim);
    let long = runs.filter(|run| run.chars().filter(char::is_ascii_digit).count() >= 9);
    long.filter_map(|run| normal::phone(run.trim_matches(['-', '(', ')', ' ']))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_numbers_and_names_are_seen_in_a_sentence() {
        let text =
            "Mentions Bob Jones (bob@x.example), on 01632 960111; Ann-Marie O'Brien's sister rang at 10.30.";
        assert_eq!(emails(text), ["bob@x.example".to_owned()].into());
        assert_eq!(phones(text), ["+441632960111".to_owned()].into());
        assert!(names(text).contains(&normal::name("Bob Jones")));
        assert!(names(text).contains(&normal::name("Ann-Marie O'Brien")));
        assert_eq!(emails("at 10 @ noon"), BTreeSet::new());
    }
}
