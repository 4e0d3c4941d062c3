//! Recovery codes: a second proof on paper, for whoever has lost their telephone. Each works once, only hashes are
//! kept, and they are shown when they are made and never again. When both are lost, an administrator lets somebody
//! begin anew; the log says who did.

use custody::id::StaffId;
use jiff::SignedDuration;
use policy::role::Deed;
use serde_json::json;
use store::invitation::{self, Invitation};
use store::staff::{self, Account};
use store::{Tx, session};

use super::Acting;
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// What they are kept as.
const PURPOSE: &str = "recovery";

/// How many a sheet has.
pub const CODES: usize = 10;

/// They lie in a drawer until they are wanted: what ends them is being used, made anew, or leaving.
const DRAWER: SignedDuration = SignedDuration::from_hours(24 * 365 * 50);

/// Letters of a code: 80 bits, so that a fast hash of it is as good as a slow one.
const LETTERS: usize = 16;

/// Without i, l, o and u: nothing to mistake for a figure. Typed wrongly, they are read as what they look like.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A code as it is compared: without the spaces and dashes people write, and with look-alikes read as meant.
/// `None` if it cannot be one.
#[must_use]
pub fn normal(typed: &str) -> Option<String> {
    let letters =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
    let code: String = letters.collect();
    let right = code.len() == LETTERS && code.bytes().all(|letter| ALPHABET.contains(&letter));
    right.then_some(code)
}

fn hash(staff: StaffId, code: &str) -> [u8; 32] {
    session::hash(format!("recovery of {staff}: {code}").as_bytes())
}

/// Draws a code, in groups of four.
fn draw() -> Result<String, Fault> {
    let mut bytes = [0_u8; LETTERS];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Other(error.to_string()))?;
    let letters: Vec<char> = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter)))
        .collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// Makes a new sheet of codes for an account; an earlier one stops working. They are in the answer and nowhere else.
///
/// # Errors
/// Whatever the store says.
pub fn renew(instance: &Instance, account: &Account) -> Result<Vec<String>, Fault> {
    let codes = (0..CODES).map(|_| draw()).collect::<Result<Vec<_>, _>>()?;
    let now = machine();
    instance.store.write(|tx| {
        invitation::drop_all(tx, account.id, PURPOSE)?;
        for code in codes.iter().filter_map(|code| normal(code)) {
            let kept = Invitation {
                hash: hash(account.id, &code),
                purpose: PURPOSE.to_owned(),
                staff: Some(account.id),
                person: None,
                about: None,
                created_at: now,
                expires_at: now.saturating_add(DRAWER)?,
            };
            invitation::add_another(tx, &kept)?;
        }
        Acting::staff(instance, account.clone())?.log(
            tx,
            "staff.recovery codes made",
            &[],
            &json!({ "staff": account.id.0, "codes": CODES }),
        )
    })?;
    Ok(codes)
}

/// How many an account has left.
///
/// # Errors
/// Whatever the store says.
pub fn left(tx: &Tx<'_>, staff: StaffId) -> Result<i64, Fault> {
    Ok(invitation::left(tx, staff, PURPOSE, machine())?)
}

/// Uses a code up. Whether it was one of theirs.
///
/// # Errors
/// Whatever the store says.
pub fn take(tx: &Tx<'_>, acting: &Acting<'_>, staff: StaffId, code: &str) -> Result<bool, Fault> {
    let found = invitation::take(tx, hash(staff, code), PURPOSE, machine())?;
    if found.is_none_or(|found| found.staff != Some(staff)) {
        return Ok(false);
    }
    acting.log(
        tx,
        "staff.recovery code used",
        &[],
        &json!({ "staff": staff.0, "left": invitation::left(tx, staff, PURPOSE, machine())? }),
    )?;
    Ok(true)
}

/// Takes an account's second proof and its recovery codes away and signs it out everywhere: its owner sets it up anew
/// when they next sign in.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff.
pub fn begin_anew(acting: &Acting<'_>, tx: &Tx<'_>, staff: StaffId) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    staff::get(tx, staff)?;
    forget(tx, staff)?;
    session::end_all(tx, staff)?;
    acting.log(tx, "staff.second proof reset", &[], &json!({ "staff": staff.0 }))
}

/// Takes one's own second proof away, to set up another telephone at once; the session stays.
///
/// # Errors
/// Whatever the store says.
pub fn another_telephone(instance: &Instance, account: &Account) -> Result<(), Fault> {
    instance.store.write(|tx| {
        forget(tx, account.id)?;
        let acting = Acting::staff(instance, account.clone())?;
        acting.log(tx, "staff.second proof reset", &[], &json!({ "staff": account.id.0 }))
    })
}

fn forget(tx: &Tx<'_>, staff: StaffId) -> Result<(), Fault> {
    staff::set_totp(tx, staff, None)?;
    Ok(invitation::drop_all(tx, staff, PURPOSE)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let code = draw().unwrap();
        assert_eq!(code.len(), LETTERS + 3);
        let kept = normal(&code).unwrap();
        assert_eq!(normal(&code.to_uppercase().replace('-', " ")), Some(kept));
        assert_eq!(normal("OIL0-oil0-abcd-efgh").as_deref(), Some("01100110abcdefgh"));
        for no in ["", "123456", "abcd-efgh-abcd", "uuuu-uuuu-uuuu-uuuu"] {
            assert_eq!(normal(no), None, "{no}");
        }
        assert_ne!(draw().unwrap(), code);
        assert_ne!(hash(StaffId(1), "x"), hash(StaffId(2), "x"), "a code is one person's");
    }
}
