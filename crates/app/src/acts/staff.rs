//! Staff: the first administrator, invitations by one-time link, leaving and handing over.

use custody::id::StaffId;
use jiff::{SignedDuration, Timestamp};
use policy::Policy;
use policy::role::{Deed, Role};
use secrecy::SecretString;
use serde_json::json;
use store::invitation::{self, Invitation};
use store::staff::{self, Account, NewAccount};
use store::{Tx, session};

use super::{Acting, phone, sign_in};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::password;
use crate::web::page::FieldError;

/// How long a one-time link works.
const LINK: SignedDuration = SignedDuration::from_hours(72);

/// The purpose of the link that makes the first administrator.
const FIRST: &str = "administrator";

/// The purpose of the link with which staff choose a password.
const PASSWORD: &str = "password";

/// The role that administers an instance: the first of the policy that may manage staff.
///
/// # Errors
/// If the policy has none.
pub fn administrators(policy: &Policy) -> Result<&Role, Fault> {
    let mut roles = policy.roles.iter();
    roles.find(|role| role.deeds.contains(&Deed::ManageStaff)).ok_or_else(|| {
        Fault::Other(
            "no role of the policy may `manage staff`, so nobody could administer this instance".to_owned(),
        )
    })
}

/// Those of the staff whose role may do something.
///
/// # Errors
/// Whatever the store says.
pub fn whose_role(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    may: impl Fn(&Role) -> bool,
) -> Result<Vec<Account>, Fault> {
    let mut here = staff::all(tx)?;
    here.retain(|account| {
        account.until.is_none() && acting.policy.role_named(&account.role).is_some_and(&may)
    });
    Ok(here)
}

/// Makes the one-time link that lets the first administrator in. An earlier one stops working.
///
/// # Errors
/// If there is an administrator already.
pub fn first_link(instance: &Instance) -> Result<String, Fault> {
    let policy = instance.policy();
    let role = administrators(&policy)?;
    let token = sign_in::token()?;
    instance.store.write(|tx| {
        if staff::count_in_role(tx, &role.name)? > 0 {
            return Err(Fault::Other(
                "there is an administrator already; ask them for a new link".to_owned(),
            ));
        }
        keep(tx, &token, FIRST, None)
    })?;
    Ok(token)
}

fn keep(tx: &Tx<'_>, token: &str, purpose: &str, staff: Option<StaffId>) -> Result<(), Fault> {
    let now = machine();
    let invitation = Invitation {
        hash: session::hash(token.as_bytes()),
        purpose: purpose.to_owned(),
        staff,
        person: None,
        about: None,
        created_at: now,
        expires_at: now.saturating_add(LINK)?,
    };
    Ok(invitation::add(tx, &invitation)?)
}

/// What is behind a one-time link.
#[derive(Debug)]
pub enum Behind {
    /// The first administrator, not yet named.
    First,
    /// A member of staff who chooses a password.
    Password(Box<Account>),
}

/// What is behind a one-time link that still works.
///
/// # Errors
/// [`Fault::NotFound`] if it does not.
pub fn behind(tx: &Tx<'_>, token: &str) -> Result<Behind, Fault> {
    let (hash, now) = (session::hash(token.as_bytes()), machine());
    if invitation::find(tx, hash, FIRST, now)?.is_some() {
        return Ok(Behind::First);
    }
    match invitation::find(tx, hash, PASSWORD, now)?.and_then(|invitation| invitation.staff) {
        Some(id) => Ok(Behind::Password(Box::new(staff::get(tx, id)?))),
        None => Err(Fault::NotFound),
    }
}

/// What somebody typed behind a one-time link.
pub struct Chosen {
    /// Their name.
    pub name: String,
    /// The address they sign in with; read only for the first administrator.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

/// Uses a one-time link up: sets the name and the password, makes the first administrator.
///
/// # Errors
/// [`Fault::NotFound`] if the link no longer works; [`Fault::Invalid`] if what was typed cannot be taken.
pub fn choose(instance: &Instance, token: &str, chosen: &Chosen) -> Result<Account, Fault> {
    let behind = instance.store.read(|tx| behind(tx, token))?;
    let email = match &behind {
        Behind::First => chosen.email.trim().to_owned(),
        Behind::Password(account) => account.email.clone(),
    };
    let mut wrong = Vec::new();
    let mut say = |field: &str, words: String| wrong.push(FieldError { field: field.to_owned(), words });
    if chosen.name.trim().is_empty() {
        say("name", "Type your name.".to_owned());
    }
    if store::normal::email(&email).is_none() {
        say("email", "Type an e-mail address, such as helen@example.org.".to_owned());
    }
    if let Err(weak) = password::accept(&chosen.password, &chosen.name, &email) {
        say("password", sentence(&weak.to_string()));
    }
    if !wrong.is_empty() {
        return Err(Fault::Invalid(wrong));
    }
    let hash = password::hash(&chosen.password).map_err(|error| Fault::Other(error.to_string()))?;
    let policy = instance.policy();
    let (link, now) = (session::hash(token.as_bytes()), machine());
    instance.store.write(|tx| {
        let id = match &behind {
            Behind::First => {
                invitation::take(tx, link, FIRST, now)?.ok_or(Fault::NotFound)?;
                let role = &administrators(&policy)?.name;
                let new = NewAccount {
                    name: &chosen.name,
                    email: &email,
                    role,
                    person: None,
                    since: instance.clock.today(),
                };
                staff::add(tx, &new, instance.clock.now())?
            }
            Behind::Password(account) => {
                invitation::take(tx, link, PASSWORD, now)?.ok_or(Fault::NotFound)?;
                staff::change(tx, account.id, account.version, &chosen.name, &account.email, &account.role)?;
                account.id
            }
        };
        staff::set_password(tx, id, &hash)?;
        // The page on which they chose it leads to the notice.
        staff::shown(tx, id, policy.version)?;
        Ok(staff::get(tx, id)?)
    })
}

/// Adds a member of staff and makes the link with which they choose a password.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::Invalid`] if the address is taken.
pub fn invite(acting: &Acting<'_>, tx: &Tx<'_>, new: &NewAccount<'_>) -> Result<(StaffId, String), Fault> {
    acting.must(Deed::ManageStaff)?;
    if acting.policy.role_named(new.role).is_none() {
        return Err(Fault::field("role", "Choose one of the policy's roles."));
    }
    if new.name.trim().is_empty() {
        return Err(Fault::field("name", "Type their name."));
    }
    if store::normal::email(new.email).is_none() {
        return Err(Fault::field("email", "Type an e-mail address, such as helen@example.org."));
    }
    if staff::by_email(tx, new.email)?.is_some() {
        return Err(Fault::field("email", "Somebody on the staff signs in with this address already."));
    }
    let id = staff::add(tx, new, acting.now)?;
    acting.log(tx, "staff.invited", &[], &json!({ "staff": id.0, "role": new.role }))?;
    Ok((id, link(acting, tx, id)?))
}

/// Makes a new link with which a member of staff chooses a password. An earlier one stops working.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff.
pub fn link(acting: &Acting<'_>, tx: &Tx<'_>, staff: StaffId) -> Result<String, Fault> {
    acting.must(Deed::ManageStaff)?;
    let token = sign_in::token()?;
    keep(tx, &token, PASSWORD, Some(staff))?;
    Ok(token)
}

/// Gives a member of staff another role of the policy.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::Invalid`] for the last administrator.
pub fn give_role(acting: &Acting<'_>, tx: &Tx<'_>, staff: StaffId, role: &str) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    let account = staff::get(tx, staff)?;
    if acting.policy.role_named(role).is_none() {
        return Err(Fault::field("role", "Choose one of the policy's roles."));
    }
    let administrators = administrators(&acting.policy)?;
    let last = account.role == administrators.name && staff::count_in_role(tx, &account.role)? < 2;
    if last && role != account.role {
        return Err(Fault::field(
            "role",
            "This is the last administrator. Give somebody else the role first.",
        ));
    }
    staff::change(tx, staff, account.version, &account.name, &account.email, role)?;
    acting.log(tx, "staff.role", &[], &json!({ "staff": staff.0, "role": role }))
}

/// Ends an account today: sessions, password, links and assignments go at once, and open work is handed over.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::Invalid`] for the last administrator.
pub fn leave(acting: &Acting<'_>, tx: &Tx<'_>, staff: StaffId, to: StaffId) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    let (account, heir) = (staff::get(tx, staff)?, staff::get(tx, to)?);
    let administrators = administrators(&acting.policy)?;
    if account.role == administrators.name && staff::count_in_role(tx, &account.role)? < 2 {
        return Err(Fault::field(
            "staff",
            "This is the last administrator. Give somebody else the role first.",
        ));
    }
    if heir.until.is_some() || heir.id == account.id {
        return Err(Fault::field("to", "Choose somebody on the staff to take over."));
    }
    phone::all_end(acting, tx, staff, to)?;
    staff::hand_over(tx, staff, to, acting.today)?;
    staff::leave(tx, staff, acting.today)?;
    acting.log(tx, "staff.left", &[], &json!({ "staff": staff.0, "heir": to.0 }))
}

/// Changes one's own password; every session ends.
///
/// # Errors
/// [`Fault::Invalid`] if the old one is wrong or the new one is not good enough.
pub fn change_password(
    instance: &Instance,
    account: &Account,
    old: &SecretString,
    new: &SecretString,
) -> Result<(), Fault> {
    its_password(instance, account, old, "old")?;
    password::accept(new, &account.name, &account.email)
        .map_err(|weak| Fault::field("password", sentence(&weak.to_string())))?;
    let hash = password::hash(new).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(instance.store.write(|tx| staff::set_password(tx, account.id, &hash))?)
}

/// Whether somebody who is signed in knows the password, asked again before something that only its owner may do.
///
/// # Errors
/// [`Fault::Invalid`] at this field if it is wrong, or after too many attempts.
pub fn its_password(
    instance: &Instance,
    account: &Account,
    given: &SecretString,
    field: &str,
) -> Result<(), Fault> {
    if instance.codes.count(&format!("password {}", account.id), machine()).is_err() {
        return Err(Fault::field(field, "Too many attempts. Wait a quarter of an hour and try again."));
    }
    if !password::verify(account.password.as_deref(), given) {
        return Err(Fault::field(field, "This is not your password."));
    }
    Ok(())
}

/// The instant before which used and expired links may go.
#[must_use]
pub fn links_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(LINK).unwrap_or(now)
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
