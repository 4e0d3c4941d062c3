//! What identifies somebody by its form alone: addresses, numbers, codes with a check sum. Pure.

use std::ops::Range;

use super::What;
use super::words::is_nothing;
use crate::normal;

/// A found form: where, what, and the form it is compared in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Formed {
    /// Where in the text.
    pub span: Range<usize>,
    /// What it is.
    pub what: What,
    /// As it is compared.
    pub normal: String,
}

/// Everything in a text whose form says what it is, in order, none inside another.
#[must_use]
pub fn formed(text: &str) -> Vec<Formed> {
    let mut found = emails(text);
    // Everything else has a digit in it.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return found;
    }
    for some in [ibans(text), insurance(text), numbers(text), postcodes(text)] {
        for one in some {
            if !found.iter().any(|other| overlap(&other.span, &one.span)) {
                found.push(one);
            }
        }
    }
    found.sort_by_key(|one| one.span.start);
    found
}

/// Whether two places share a character.
#[must_use]
pub fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn emails(text: &str) -> Vec<Formed> {
    let apart = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';'
                    | '('
                    | ')'
                    | '<'
                    | '>'
                    | '['
                    | ']'
                    | '"'
                    | '|'
                    | '\u{201c}'
                    | '\u{201d}'
                    | '\u{2018}'
                    | '\u{2019}'
                    | '*'
                    | '\u{ad}'
            )
    };
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let start = text.get(..at).unwrap_or_default().rfind(apart).map_or(0, |place| {
            place + text.get(place..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        });
        // A link goes on behind the address: `mailto:priya@nair.example?subject=...`.
        let beyond = |c: char| !(c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_') || is_nothing(c));
        let end = text.get(at..).unwrap_or_default().find(beyond).map_or(text.len(), |step| at + step);
        let whole = text.get(start..end).unwrap_or_default();
        let lead = whole.len() - whole.trim_start_matches(['.', ':', '?', '!', '\'', '/', '=', '-']).len();
        let lead = lead
            + whole
                .get(lead..)
                .and_then(|rest| rest.find(':'))
                .filter(|colon| lead + colon < at - start)
                .map_or(0, |colon| colon + 1);
        let tail = whole.trim_end_matches(['.', ':', '?', '!', '\'', '/', '-']).len();
        let Some(address) = whole.get(lead..tail) else { continue };
        let dotted = address.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'));
        if let Some(normal) = normal::email(address).filter(|_| dotted) {
            found.push(Formed { span: start + lead..start + tail, what: What::Email, normal });
        }
    }
    found
}

/// Runs of characters for which `within` holds, begun where no letter or digit stands before, with their places.
fn runs(text: &str, within: impl Fn(char) -> bool) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
        match (within(c) && at < text.len(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.extend(text.get(from..at).map(|run| (from, run)));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Cards, health numbers and telephone numbers: runs of digits that belong together.
fn numbers(text: &str) -> Vec<Formed> {
    let within = |c: char| {
        c.is_ascii_digit()
            || matches!(c, '+' | ' ' | '-' | '(' | ')' | '\u{a0}' | '.' | '\n' | '\r' | '\u{2011}' | '/')
    };
    let mut found = Vec::new();
    for (at, run) in runs(text, within) {
        let glued =
            text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphabetic)
                && run.starts_with(|c: char| c.is_ascii_digit());
        if !glued {
            within_run(text, at, run, &mut found);
        }
    }
    found
}

/// The groups of digits of a run, each with its place.
fn groups(run: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, c) in run.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match groups.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + c.len_utf8(),
            None => groups.push(at..at + 1),
        }
    }
    groups
}

fn within_run(text: &str, at: usize, run: &str, found: &mut Vec<Formed>) {
    let groups = groups(run);
    let mut from = 0;
    while from < groups.len() {
        // The most groups that make one number.
        let made = (from + 1..=groups.len().min(from + 8)).rev().find_map(|to| {
            let (first, last) = (groups.get(from)?, groups.get(to - 1)?);
            let opens = run.get(..first.start).unwrap_or_default();
            let trimmed = opens.trim_end_matches(['(', ' ']);
            let start = if trimmed.ends_with('+') {
                trimmed.len() - 1
            } else if opens.ends_with('(') {
                opens.len() - 1
            } else {
                first.start
            };
            let piece = run.get(start..last.end)?;
            let breaks = piece.matches('\n').count();
            let before = text.get(..at + start).and_then(|before| before.chars().next_back());
            let after = text.get(at + last.end..).and_then(|after| after.chars().next());
            if breaks > 1
                || before.is_some_and(char::is_alphanumeric)
                || after.is_some_and(char::is_alphanumeric)
            {
                return None;
            }
            // Two numbers one below the other are two.
            let head = piece.split('\n').next().unwrap_or_default();
            if breaks == 1
                && (number(head).is_some() || head.chars().filter(char::is_ascii_digit).count() < 3)
            {
                return None;
            }
            let (what, normal) = number(piece)?;
            Some((to, Formed { span: at + start..at + last.end, what, normal }))
        });
        match made {
            Some((to, one)) => {
                found.push(one);
                from = to;
            }
            None => from += 1,
        }
    }
}

/// What a run of digits is, by its check sum or its form.
fn number(piece: &str) -> Option<(What, String)> {
    let digits: String = piece.chars().filter(char::is_ascii_digit).collect();
    let plus = piece.trim_start_matches('(').starts_with('+');
    let separators = piece.matches(['.', '/']).count();
    if (13..=19).contains(&digits.len())
        && !plus
        && separators == 0
        && digits.starts_with(['2', '3', '4', '5', '6'])
        && luhn(&digits)
    {
        return Some((What::Card, digits));
    }
    if digits.len() == 10
        && !plus
        && separators == 0
        && !digits.starts_with('0')
        && !digits.bytes().all(|byte| Some(&byte) == digits.as_bytes().first())
        && nhs(&digits)
    {
        return Some((What::Nhs, digits));
    }
    // Sums, dates and versions have points and strokes; people seldom write numbers with two of them.
    let is_date =
        piece.split(['.', '/', '-', ' ']).filter(|part| !part.is_empty()).all(|part| part.len() <= 4)
            && separators == 2
            && digits.len() <= 8;
    if is_date || !(plus || piece.starts_with('0') || piece.starts_with("(0") || piece.starts_with("(+")) {
        return None;
    }
    let least = if plus { 8 } else { 10 };
    if digits.len() < least || digits.len() > 17 {
        return None;
    }
    normal::phone(piece).map(|normal| (What::Phone, normal))
}

/// The check sum of payment cards (ISO/IEC 7812).
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, twice) if twice > 9 => twice - 9,
                (_, twice) => twice,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The check sum of NHS numbers: weights ten to two, modulo eleven.
fn nhs(digits: &str) -> bool {
    let values: Vec<u32> = digits.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0'))).collect();
    let sum: u32 = values.iter().take(9).zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    let check = (11 - sum % 11) % 11;
    check != 10 && values.last() == Some(&check)
}

/// Bank accounts: two letters, a check sum modulo 97, fifteen to thirty-four characters.
fn ibans(text: &str) -> Vec<Formed> {
    let mut found = Vec::new();
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut place = 0;
    while let Some((start, c)) = chars.get(place).copied() {
        let before = place.checked_sub(1).and_then(|before| chars.get(before)).map(|(_, c)| *c);
        place += 1;
        if !c.is_ascii_alphabetic() || before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let (mut code, mut best) = (String::new(), None);
        for (at, c) in chars.iter().skip(place - 1) {
            match c {
                c if c.is_ascii_alphanumeric() && code.len() < 34 => code.push(c.to_ascii_uppercase()),
                ' ' | '-' | '\u{a0}' if !code.is_empty() => continue,
                '\n' if code.len() > 4 => continue,
                _ => break,
            }
            let shape = code.bytes().take(4).enumerate().all(|(place, byte)| {
                if place < 2 { byte.is_ascii_alphabetic() } else { byte.is_ascii_digit() }
            });
            if !shape {
                break;
            }
            let closed = text
                .get(at + 1..)
                .and_then(|after| after.chars().next())
                .is_none_or(|next| !next.is_ascii_alphanumeric());
            if closed && Some(code.len()) == account_length(code.get(..2).unwrap_or_default()) && mod97(&code)
            {
                best = Some((at + 1, code.clone()));
            }
        }
        if let Some((end, normal)) = best {
            found.push(Formed { span: start..end, what: What::Iban, normal });
        }
    }
    found
}

/// How long a country's accounts are.
fn account_length(country: &str) -> Option<usize> {
    const LENGTHS: &[(&str, usize)] = &[
        ("AD", 24),
        ("AE", 23),
        ("AT", 20),
        ("BE", 16),
        ("BG", 22),
        ("CH", 21),
        ("CY", 28),
        ("CZ", 24),
        ("DE", 22),
        ("DK", 18),
        ("EE", 20),
        ("ES", 24),
        ("FI", 18),
        ("FR", 27),
        ("GB", 22),
        ("GI", 23),
        ("GR", 27),
        ("HR", 21),
        ("HU", 28),
        ("IE", 22),
        ("IL", 23),
        ("IS", 26),
        ("IT", 27),
        ("JE", 22),
        ("GG", 22),
        ("IM", 22),
        ("LI", 21),
        ("LT", 20),
        ("LU", 20),
        ("LV", 21),
        ("MC", 27),
        ("MT", 31),
        ("NL", 18),
        ("NO", 15),
        ("PK", 24),
        ("PL", 28),
        ("PT", 25),
        ("RO", 24),
        ("SA", 24),
        ("SE", 24),
        ("SI", 19),
        ("SK", 24),
        ("SM", 27),
        ("TR", 26),
        ("UA", 29),
    ];
    LENGTHS.iter().find(|(known, _)| *known == country).map(|(_, length)| *length)
}

fn mod97(code: &str) -> bool {
    let (head, tail) = code.split_at(4.min(code.len()));
    let left = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0_u32, |left, value| {
        if value < 10 { (left * 10 + value) % 97 } else { (left * 100 + value) % 97 }
    });
    left == 1
}

/// National Insurance numbers.
fn insurance(text: &str) -> Vec<Formed> {
    shaped(text, 9, |code| {
        let [one, two, digits @ .., last] = code else { return false };
        one.is_ascii_alphabetic()
            && two.is_ascii_alphabetic()
            && digits.iter().all(u8::is_ascii_digit)
            && matches!(last, b'A'..=b'D')
            && !b"DFIQUV".contains(one)
            && !b"DFIOQUV".contains(two)
            && ![*b"BG", *b"GB", *b"NK", *b"KN", *b"TN", *b"NT", *b"ZZ"].contains(&[*one, *two])
    })
    .into_iter()
    .map(|(span, normal)| Formed { span, what: What::NationalInsurance, normal })
    .collect()
}

/// Postcodes of the United Kingdom.
fn postcodes(text: &str) -> Vec<Formed> {
    let mut found: Vec<Formed> = Vec::new();
    for length in [7, 6, 5] {
        let some = shaped(text, length, |code| {
            let (out, inward) = code.split_at(code.len().saturating_sub(3));
            let inward_fits = matches!(inward, [digit, one, two]
                if digit.is_ascii_digit() && [one, two].iter().all(|c| c.is_ascii_alphabetic() && !b"CIKMOV".contains(c)));
            let area = out.iter().take_while(|c| c.is_ascii_alphabetic()).count();
            let rest = out.get(area..).unwrap_or_default();
            let district = match rest {
                [one] => one.is_ascii_digit(),
                [one, two] => one.is_ascii_digit() && (two.is_ascii_digit() || two.is_ascii_alphabetic()),
                _ => false,
            };
            inward_fits
                && district
                && (1..=2).contains(&area)
                && !matches!(out.first(), Some(b'Q' | b'V' | b'X'))
        });
        for (span, normal) in some {
            let raw = text.get(span.clone()).unwrap_or_default();
            // Lower case only where the two halves stand apart, or any code of a product would be one.
            let shouted = !raw.chars().any(|c| c.is_ascii_lowercase());
            if (shouted || raw.contains(' ')) && !found.iter().any(|other| overlap(&other.span, &span)) {
                found.push(Formed { span, what: What::Postcode, normal });
            }
        }
    }
    found
}

/// Codes of so many letters and digits, with single blanks inside, that fit; in capitals.
fn shaped(text: &str, length: usize, fits: impl Fn(&[u8]) -> bool) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let begins = bytes.get(start).is_some_and(u8::is_ascii_alphabetic)
            && text
                .get(..start)
                .is_some_and(|before| !before.chars().next_back().is_some_and(char::is_alphanumeric));
        if begins {
            let (mut code, mut at) = (Vec::with_capacity(length), start);
            while let Some(byte) = bytes.get(at).filter(|_| code.len() < length) {
                let blank = matches!(byte, b' ' | b'-' | b'\n')
                    && !code.is_empty()
                    && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
                if byte.is_ascii_alphanumeric() {
                    code.push(byte.to_ascii_uppercase());
                } else if !blank {
                    break;
                }
                at += 1;
            }
            let closed =
                text.get(at..).is_some_and(|after| !after.chars().next().is_some_and(char::is_alphanumeric));
            if code.len() == length && closed && fits(&code) {
                found.push((start..at, String::from_utf8_lossy(&code).into_owned()));
                start = at;
                continue;
            }
        }
        start += 1;
    }
    found
}
