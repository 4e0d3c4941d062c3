//! Signing in and out: password, second factor, sessions, and what happens to somebody who guesses.
//! Times are the machine's, not the practice clock's: going to next year signs nobody out.

use custody::id::StaffId;
use jiff::{SignedDuration, Timestamp};
use policy::{Policy, Sensitivity};
use secrecy::SecretString;
use store::session::{self, Session};
use store::staff::{self, Account};

use super::{Acting, key};
use crate::attempts::household;
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::password;
use crate::second_factor::Factor;

/// A session unused for this long ends.
const IDLE: SignedDuration = SignedDuration::from_hours(12);

/// A key for programs ends after this long.
const API_KEY: SignedDuration = SignedDuration::from_hours(24 * 365);

/// After this many failures within [`WINDOW`] an account, known or not, must wait.
const FAILURES_MAX: i64 = 5;

/// After this many failures within [`WINDOW`] an address must wait, or of IPv6 the home that it belongs to.
const FAILURES_FROM_ADDRESS_MAX: i64 = 25;

/// How far back failures count.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// What a seed of one-time codes is sealed for.
const SEED: &str = "one-time codes";

/// Where a sign-in comes from.
#[derive(Clone, Default, Debug)]
pub struct From {
    /// The network address, believed.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
}

/// What to do after the password was right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Signed in.
    Done,
    /// A code from the telephone is still asked for.
    Code,
    /// The role asks for a second factor that is not set up yet.
    SetUp,
}

/// An opened session.
#[derive(Debug)]
pub struct SignedIn {
    /// The token for the cookie, known to nobody else.
    pub token: String,
    /// What comes next.
    pub next: Next,
}

/// Opens a session for whoever gives the right password.
///
/// # Errors
/// [`Fault::Invalid`] without saying whether the account or the password is wrong, or after too many failures.
pub fn sign_in(
    instance: &Instance,
    email: &str,
    password: &SecretString,
    from: &From,
) -> Result<SignedIn, Fault> {
    let now = machine();
    let keys = instance.store.keys();
    let who =
        keys.hash("sign-in", &store::normal::email(email).unwrap_or_else(|| email.trim().to_lowercase()));
    let place = household(from.address.as_deref().unwrap_or("unknown"));
    let from_where = keys.hash("sign-in from", &place);
    if instance.sign_ins.count(&place, now).is_err() {
        return Err(too_often());
    }
    let since = now.saturating_sub(WINDOW)?;
    let (account, failures) = instance.store.read(|tx| {
        Ok::<_, Fault>((staff::by_email(tx, email)?, session::failures(tx, who, from_where, since)?))
    })?;
    let locked = account.as_ref().and_then(|account| account.locked_until).is_some_and(|until| until > now);
    if failures.0 >= FAILURES_MAX || failures.1 >= FAILURES_FROM_ADDRESS_MAX || locked {
        return Err(too_often());
    }
    let kept = account.as_ref().and_then(|account| account.password.as_deref());
    let right = password::verify(kept, password);
    let Some(account) = account.filter(|_| right) else {
        instance.store.write(|tx| {
            session::failed(tx, who, Some(from_where), now)?;
            if let Some(account) = staff::by_email(tx, email)? {
                staff::failed(tx, account.id, None)?;
            }
            Ok::<_, Fault>(())
        })?;
        return Err(Fault::field("password", "The e-mail or the password is not right."));
    };
    instance.sign_ins.excuse(&place);
    let next = next(&instance.policy(), &account);
    let token = token()?;
    instance.store.write(|tx| {
        staff::succeeded(tx, account.id)?;
        open(tx, &token, account.id, next == Next::Done, from, now.saturating_add(IDLE)?)
    })?;
    Ok(SignedIn { token, next })
}

/// Opens a session for somebody who has just proved themselves otherwise: by choosing a password behind
/// a one-time link.
///
/// # Errors
/// Whatever the store says.
pub fn open_for(instance: &Instance, account: &Account, from: &From) -> Result<SignedIn, Fault> {
    let next = next(&instance.policy(), account);
    let token = token()?;
    let expires = machine().saturating_add(IDLE)?;
    instance.store.write(|tx| open(tx, &token, account.id, next == Next::Done, from, expires))?;
    Ok(SignedIn { token, next })
}

/// Opens a session for somebody whose session was complete and has just been ended with all the others.
///
/// # Errors
/// Whatever the store says.
pub fn open_again(instance: &Instance, account: &Account, from: &From) -> Result<String, Fault> {
    let token = token()?;
    let expires = machine().saturating_add(IDLE)?;
    instance.store.write(|tx| open(tx, &token, account.id, true, from, expires))?;
    Ok(token)
}

/// Makes a key for programs: a session without a browser that ends after a year.
///
/// # Errors
/// Whatever the store says.
pub fn api_key(instance: &Instance, account: &Account, name: &str) -> Result<String, Fault> {
    let token = token()?;
    let from = From { address: None, agent: Some(format!("key: {name}")) };
    let expires = machine().saturating_add(API_KEY)?;
    instance.store.write(|tx| open(tx, &token, account.id, true, &from, expires))?;
    Ok(token)
}

fn open(
    tx: &store::Tx<'_>,
    token: &str,
    staff: StaffId,
    second_factor: bool,
    from: &From,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let now = machine();
    let session = Session {
        hash: session::hash(token.as_bytes()),
        staff,
        created_at: now,
        seen_at: now,
        expires_at,
        second_factor,
        address: from.address.clone(),
        agent: from.agent.as_ref().map(|agent| agent.chars().take(200).collect()),
    };
    Ok(session::open(tx, &session)?)
}

/// Whether the policy asks this role for a second factor: it sees special-category or criminal-offence data.
#[must_use]
pub fn asks_second_factor(policy: &Policy, role: &str) -> bool {
    let guarded = policy.kinds_of(Sensitivity::Special).or(policy.kinds_of(Sensitivity::Criminal));
    policy
        .role_named(role)
        .is_some_and(|role| role.sights.iter().any(|sight| !sight.kinds.and(guarded).is_empty()))
}

fn next(policy: &Policy, account: &Account) -> Next {
    if account.totp_confirmed {
        Next::Code
    } else if asks_second_factor(policy, &account.role) {
        Next::SetUp
    } else {
        Next::Done
    }
}

/// What completed a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proved {
    /// A code from the telephone.
    Code,
    /// The first code of a telephone just set up.
    SetUp,
    /// A recovery code, which is used up.
    Recovery,
}

/// Takes the code from the telephone, or a recovery code, and completes the session.
///
/// # Errors
/// [`Fault::Invalid`] if it is wrong or was used before; after too many one must wait.
pub fn give_code(instance: &Instance, hash: [u8; 32], code: &str) -> Result<Proved, Fault> {
    let now = machine();
    let (session, account) = instance.store.read(|tx| {
        let session = session::find(tx, hash, now)?.ok_or(Fault::SignIn)?;
        let account = staff::get(tx, session.staff)?;
        Ok::<_, Fault>((session, account))
    })?;
    let recovery = super::recovery::normal(code).filter(|_| account.totp_confirmed);
    let key = account.id.to_string();
    if instance.codes.count(&key, now).is_err() {
        return Err(Fault::field("code", "Too many codes were tried. Wait a quarter of an hour."));
    }
    if recovery.is_none() {
        check_code(instance, &account, code)?;
    }
    let proved = instance.store.write(|tx| {
        let proved = match &recovery {
            Some(code) => {
                let acting = Acting::staff(instance, account.clone())?;
                if !super::recovery::take(tx, &acting, account.id, code)? {
                    return Err(wrong_code());
                }
                Proved::Recovery
            }
            None if account.totp_confirmed => Proved::Code,
            None => Proved::SetUp,
        };
        session::end(tx, hash)?;
        session::open(tx, &Session { second_factor: true, ..session.clone() })?;
        if proved == Proved::SetUp {
            staff::confirm_totp(tx, account.id)?;
        }
        Ok(proved)
    })?;
    instance.codes.forget(&key);
    Ok(proved)
}

fn wrong_code() -> Fault {
    Fault::field("code", "This code is not right, or was used already. Wait for the next one.")
}

fn check_code(instance: &Instance, account: &Account, code: &str) -> Result<(), Fault> {
    let sealed = account.totp.as_deref().ok_or_else(wrong_code)?;
    let factor = Factor::kept(instance.store.keys().unseal(SEED, sealed)?.to_vec());
    let seconds = u64::try_from(machine().as_second()).unwrap_or(0);
    let step = factor.check(code, seconds, instance.last_code(account.id)).ok_or_else(wrong_code)?;
    instance.code_used(account.id, step);
    Ok(())
}

/// Whether somebody who is signed in has the telephone at hand, asked again before something that only its owner may
/// do. Whoever has set none up is not asked.
///
/// # Errors
/// [`Fault::Invalid`] if the code is wrong or was used before; after too many one must wait.
pub fn its_code(instance: &Instance, account: &Account, code: &str) -> Result<(), Fault> {
    if !account.totp_confirmed {
        return Ok(());
    }
    if instance.codes.count(&format!("again {}", account.id), machine()).is_err() {
        return Err(Fault::field("code", "Too many codes were tried. Wait a quarter of an hour."));
    }
    check_code(instance, account, code)
}

/// Where somebody who has just set themselves up goes on: an administrator of an instance whose recovery sheet nobody holds
/// goes there first.
///
/// # Errors
/// Whatever the store says.
pub fn onward(instance: &Instance, account: &Account) -> Result<&'static str, Fault> {
    let may = Acting::staff(instance, account.clone())?.may(policy::role::Deed::ManageStaff);
    let asked =
        may && key::wanted(instance) && instance.store.read(|tx| key::confirmed(instance, tx))?.is_none();
    Ok(if asked { "/admin/key" } else { "/" })
}

/// Whose session it is, complete or not.
///
/// # Errors
/// [`Fault::SignIn`] if there is none.
pub fn half_way(instance: &Instance, hash: [u8; 32]) -> Result<(Account, Session), Fault> {
    instance.store.read(|tx| {
        let session = session::find(tx, hash, machine())?.ok_or(Fault::SignIn)?;
        Ok((staff::get(tx, session.staff)?, session))
    })
}

/// The account that may set up codes now: its session is complete, or it has none set up yet. Whoever knows only the
/// password of an account with codes must not replace them.
///
/// # Errors
/// [`Fault::SecondFactor`] if the code is still to come.
pub fn setting_up(instance: &Instance, hash: [u8; 32]) -> Result<Account, Fault> {
    let (account, session) = half_way(instance, hash)?;
    if account.totp_confirmed && !session.second_factor { Err(Fault::SecondFactor) } else { Ok(account) }
}

/// The seed of a member of staff who is setting up codes; drawn on first use, confirmed by the first code.
///
/// # Errors
/// [`Fault::SecondFactor`] if codes are set up already: they are taken away first, never replaced by a look at a page.
pub fn seed(instance: &Instance, account: &Account) -> Result<Factor, Fault> {
    let keys = instance.store.keys();
    if account.totp_confirmed {
        return Err(Fault::SecondFactor);
    }
    if let Some(sealed) = account.totp.as_deref() {
        return Ok(Factor::kept(keys.unseal(SEED, sealed)?.to_vec()));
    }
    let factor = Factor::draw().map_err(|error| Fault::Other(error.to_string()))?;
    let sealed = keys.seal(SEED, factor.secret())?;
    instance.store.write(|tx| staff::set_totp(tx, account.id, Some(&sealed)))?;
    Ok(factor)
}

/// On a practice instance, whose people have no telephones: what an app would show now. `None` on a real one.
///
/// # Errors
/// If the seed cannot be unsealed.
pub fn practice_code(instance: &Instance, account: &Account) -> Result<Option<String>, Fault> {
    let Some(sealed) = account.totp.as_deref().filter(|_| instance.is_practice()) else { return Ok(None) };
    let factor = Factor::kept(instance.store.keys().unseal(SEED, sealed)?.to_vec());
    let now = u64::try_from(machine().as_second()).unwrap_or(0);
    // A code opens once: whoever has just used one is shown the next.
    let used = instance.last_code(account.id) == factor.step(now);
    Ok(factor.code(if used { now + 30 } else { now }))
}

/// The account of a session, if it stands and is complete.
///
/// # Errors
/// [`Fault::SignIn`] if there is none; [`Fault::SecondFactor`] if the code is still to come.
pub fn whose(tx: &store::Tx<'_>, policy: &Policy, hash: [u8; 32]) -> Result<(Account, Session), Fault> {
    let session = session::find(tx, hash, machine())?.ok_or(Fault::SignIn)?;
    let account = staff::get(tx, session.staff)?;
    if !session.second_factor && next(policy, &account) != Next::Done {
        return Err(Fault::SecondFactor);
    }
    Ok((account, session))
}

/// Moves the end of a session that is being used; writes at most every few minutes.
///
/// # Errors
/// Whatever the store says.
pub fn note_use(instance: &Instance, session: &Session) -> Result<(), Fault> {
    let now = machine();
    let is_key = session.expires_at.duration_since(now) > IDLE;
    if is_key || now.duration_since(session.seen_at) < SignedDuration::from_mins(5) {
        return Ok(());
    }
    let expires = now.saturating_add(IDLE)?;
    Ok(instance.store.write(|tx| session::seen(tx, session.hash, now, expires))?)
}

/// Ends a session.
///
/// # Errors
/// Whatever the store says.
pub fn sign_out(instance: &Instance, hash: [u8; 32]) -> Result<(), Fault> {
    Ok(instance.store.write(|tx| session::end(tx, hash))?)
}

/// A random token: 256 bits as letters and digits.
///
/// # Errors
/// If the system gives no random numbers.
pub fn token() -> Result<String, Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(store::keys::hex(&bytes))
}

fn too_often() -> Fault {
    Fault::field("password", "Too many attempts. Wait a quarter of an hour and try again.")
}
