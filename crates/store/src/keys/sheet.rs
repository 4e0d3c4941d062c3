//! The operator's secret as it stands on paper: four lines of four groups, each line with a check of its own, so that a
//! mistake in typing is found in its line.

use zeroize::Zeroizing;

use super::secret::Secret;
use crate::{Error, Result};

/// How many hexadecimal digits of the secret stand in a line.
const LINE: usize = 16;
/// How many digits a group and a line's check have.
const GROUP: usize = 4;
/// How many digits a line has with its check.
const CHECKED: usize = LINE + GROUP;
/// How many lines there are.
const LINES: usize = 4;

impl Secret {
    /// The lines of the secret on paper: five groups each, the last of which is the line's check.
    #[must_use]
    pub fn lines(&self) -> Zeroizing<Vec<String>> {
        let hex = Zeroizing::new(super::hex(self.bytes()));
        let lines = (0..LINES).filter_map(|number| {
            let digits = hex.get(number * LINE..(number + 1) * LINE)?;
            let groups = (0..LINE / GROUP).filter_map(|at| digits.get(at * GROUP..(at + 1) * GROUP));
            Some(groups.map(|group| format!("{group} ")).collect::<String>() + &check(number, digits))
        });
        Zeroizing::new(lines.collect())
    }

    /// Whether this is the last group on the paper.
    #[must_use]
    pub fn ends_with(&self, typed: &str) -> bool {
        let typed = Zeroizing::new(plain(typed));
        let lines = self.lines();
        let last = lines.last().and_then(|line| line.rsplit(' ').next());
        last == Some(typed.as_str())
    }

    /// Reads what somebody typed from the paper, or 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Secret`] naming the line in which something is wrong.
    pub fn typed(text: &str) -> Result<Self> {
        let digits = Zeroizing::new(plain(text));
        if digits.len() == LINE * LINES {
            return Self::from_hex(&digits);
        }
        if digits.len() != CHECKED * LINES {
            return Err(Error::Secret(format!(
                "a key is 64 hexadecimal digits (make one with `openssl rand -hex 32`), or the four lines of a recovery sheet, \
                 {} characters without the line numbers; these are {}",
                CHECKED * LINES,
                digits.len()
            )));
        }
        let mut hex = Zeroizing::new(String::with_capacity(LINE * LINES));
        for number in 0..LINES {
            let line = digits.get(number * CHECKED..(number + 1) * CHECKED).unwrap_or_default();
            let (key, its_check) = line.split_at_checked(LINE).unwrap_or_default();
            if check(number, key) != its_check {
                return Err(Error::Secret(format!(
                    "line {} of the key is not as it stands on the sheet: compare its groups one by one",
                    number + 1
                )));
            }
            hex.push_str(key);
        }
        Self::from_hex(&hex)
    }
}

/// The check of a line: which line it is counts too.
fn check(number: usize, digits: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[u8::try_from(number).unwrap_or(0)]);
    hasher.update(digits.as_bytes());
    super::hex(hasher.finalize().as_bytes().get(..GROUP / 2).unwrap_or_default())
}

/// Without spaces, dashes and line numbers' dots, and with letters that look like figures read as these.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters
        .map(|letter| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_however_it_is_typed() {
        let secret = Secret::random().unwrap();
        let lines = secret.lines();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.split(' ').count() == 5 && line.len() == 24), "{:?}", *lines);
        let same = |text: &str| Secret::typed(text).map(|read| read.bytes() == secret.bytes());
        assert!(same(&lines.join("\n")).unwrap());
        assert!(
            same(&lines.concat().to_uppercase().replace(' ', "-").replace('0', "O").replace('1', "l"))
                .unwrap()
        );
        assert!(same(&super::super::hex(secret.bytes())).unwrap());
        assert!(
            secret.ends_with(&lines[3][20..])
                && secret.ends_with(&format!(" {} ", lines[3][20..].to_uppercase()))
        );
        assert!(!secret.ends_with("") && !secret.ends_with(&lines[0][20..]));
    }

    #[test]
    fn a_mistake_is_found_in_its_line() {
        let secret = Secret::of([7; 32]);
        let mut lines = secret.lines().to_vec();
        lines.swap(1, 2);
        let said = Secret::typed(&lines.join("\n")).err().unwrap().to_string();
        assert!(said.starts_with("line 2 of the key"), "{said}");
        let mut lines = secret.lines().to_vec();
        lines[3].replace_range(0..1, "f");
        let said = Secret::typed(&lines.join("\n")).err().unwrap().to_string();
        assert!(said.starts_with("line 4 of the key"), "{said}");
        lines.pop();
        let said = Secret::typed(&lines.join("\n")).err().unwrap().to_string();
        assert!(said.contains("80 characters without the line numbers; these are 60"), "{said}");
    }
}
