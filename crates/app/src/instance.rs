//! One running instance: its store, the policy in force, its clock, its configuration. Decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use custody::id::StaffId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use policy::Policy;
use policy::source::File;
use store::keys::Secret;
use store::{Keys, Store, Tx, adoption, line, log, policy_version, restoring, sender, setting, told};

use crate::acts::form::Lately;
use crate::acts::visit::Waiting;
use crate::attempts::{Attempts, Limit};
use crate::clock::{Clock, machine};
use crate::config::Config;
use crate::fault::Fault;

/// Requests by the public form that one address may send in an hour; an office behind one address has many people.
const ASKED_FROM_ONE_ADDRESS: u32 = 20;

/// Acknowledgements that leave for one address by themselves in a day: anybody can name any address.
const ACKNOWLEDGED_TO_ONE_ADDRESS: u32 = 3;

/// Requests by the public form that all together may send in an hour.
const ASKED_BY_ALL: u32 = 500;

/// What one address may send by the policy's public forms in an hour.
const WRITTEN_FROM_ONE_ADDRESS: u32 = 20;

/// What all together may send by them in an hour.
const WRITTEN_BY_ALL: u32 = 500;

/// Sign-ins tried from one address in a quarter of an hour.
const SIGN_INS_FROM_ONE_ADDRESS: u32 = 30;

/// One-time codes tried for one account in a quarter of an hour.
const CODES: u32 = 6;

/// One instance. What it has lies behind an object, so that the compiler need not look through all of it anew for each page to
/// see that threads may share it: that took most of the time of compiling this crate.
pub struct Instance {
    had: Box<dyn DerefMut<Target = Had> + Send + Sync>,
}

impl Deref for Instance {
    type Target = Had;

    fn deref(&self) -> &Had {
        &self.had
    }
}

impl DerefMut for Instance {
    fn deref_mut(&mut self) -> &mut Had {
        &mut self.had
    }
}

/// What an instance has.
pub struct Had {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// What `probity.toml` says.
    pub config: Config,
    /// Sign-ins tried, by address.
    pub sign_ins: Attempts,
    /// Requests by the public form.
    pub asked: Limit,
    /// What came by the policy's public forms.
    pub written: Limit,
    /// What came by them in the last minutes.
    pub written_lately: Lately,
    /// Acknowledgements that left by themselves, by the address they went to.
    pub acknowledged: Attempts,
    /// One-time codes tried, by account.
    pub codes: Attempts,
    last_codes: Mutex<BTreeMap<StaffId, u64>>,
    /// Cookies noted since the program started, each with its page.
    cookies: Mutex<BTreeSet<(String, String)>>,
    /// Visits to the public pages that are not written down yet.
    pub visits: Waiting,
    /// The notice as it was printed last, with its version.
    pub printed_notice: tokio::sync::Mutex<Option<(u32, Arc<[u8]>)>>,
    /// The operator's secret, for the recovery sheet and for drills.
    secret: Secret,
    /// The address of the database, if it is not SQLite.
    url: Option<String>,
    policy: RwLock<Arc<Policy>>,
    quarantine: RwLock<Option<String>>,
}

impl Instance {
    /// Makes a new instance with a policy, and opens it. With a `practice` date it is a practice instance.
    ///
    /// # Errors
    /// If there is one already, the policy has errors, or the disk or the database refuses.
    pub fn create(
        data: &Path,
        url: Option<&str>,
        secret: &Secret,
        policy: Policy,
        practice: Option<Date>,
    ) -> Result<Self, Fault> {
        let config = Config::read(data).map_err(|error| Fault::Other(error.to_string()))?;
        let keys = Keys::create(data, secret)?;
        let zone = zone(&policy);
        let at = practice.map(|date| morning(date, &zone));
        let made = Store::create(data, url, keys).and_then(|store| {
            store.write(|tx| {
                if let Some(at) = at {
                    setting::set(tx, setting::PRACTICE, &at.as_millisecond().to_string())?;
                }
                adoption::begins(tx, policy.version)?;
                let day = at.unwrap_or_else(machine).to_zoned(zone.clone()).date();
                told::since(tx, day)?;
                sender::since(tx, day)?;
                line::since(tx, day)?;
                policy_version::adopt(tx, &policy, at.unwrap_or_else(machine), None)
            })?;
            Ok(store)
        });
        let store = made.inspect_err(|_| Store::unmake(data))?;
        Ok(Self::assemble(store, (secret, url), config, policy, at))
    }

    /// Opens an instance.
    ///
    /// # Errors
    /// If there is none, the key is wrong, or the disk or the database refuses.
    pub fn open(data: &Path, url: Option<&str>, secret: &Secret) -> Result<Self, Fault> {
        restoring::refuse_directory(data)?;
        let instance = Self::open_half(data, url, secret)?;
        instance.store.read(restoring::refuse_database)?;
        Ok(instance)
    }

    /// Opens one that a restore has filled and is not done with.
    pub(crate) fn open_half(data: &Path, url: Option<&str>, secret: &Secret) -> Result<Self, Fault> {
        let config = Config::read(data).map_err(|error| Fault::Other(error.to_string()))?;
        let store = Store::open(data, url, Keys::open(data, secret)?, machine())?;
        let (policy, practice) = store.read(|tx| {
            let practice = practice_instant(tx)?;
            let today = TimeZone::UTC.to_datetime(practice.unwrap_or_else(machine)).date();
            let policy = read_policy(policy_version::in_force(tx, today)?.files)?;
            let practice = practice.map(|at| goes_on(tx, at, &zone(&policy))).transpose()?;
            Ok::<_, Fault>((policy, practice))
        })?;
        let instance = Self::assemble(store, (secret, url), config, policy, practice);
        let quarantine = instance.store.read(|tx| setting::get(tx, crate::acts::restore::QUARANTINE))?;
        *instance.quarantine.write().unwrap_or_else(PoisonError::into_inner) = quarantine;
        adoption::carry_names(&instance.store, instance.clock.today())?;
        instance.begin_telling()?;
        Ok(instance)
    }

    /// Why the instance is in quarantine after a restore that was not covered, if it is: administrators may read, and
    /// nothing else happens.
    #[must_use]
    pub fn quarantine(&self) -> Option<String> {
        self.quarantine.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the quarantine in this process; [`crate::acts::restore::end_quarantine`] is the act.
    pub(crate) fn quarantine_ended(&self) {
        *self.quarantine.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What an instance of an earlier release lacks: from when on it is on record who was told what, and its notices; who sent
    /// details and got the link for it; and why nobody had to be asked before a message left.
    fn begin_telling(&self) -> Result<(), Fault> {
        let today = self.clock.today();
        if !self.store.read(told::begun)? {
            self.store.write(|tx| {
                policy_version::keep_notices(tx)?;
                told::since(tx, today)
            })?;
        }
        if !self.store.read(sender::begun)? {
            self.store.write(|tx| sender::since(tx, today))?;
        }
        if self.store.read(line::known_since)?.is_none() {
            // What left today, before this was known, says nothing.
            let first = today.tomorrow()?;
            self.store.write(|tx| line::since(tx, first))?;
        }
        Ok(())
    }

    fn assemble(
        store: Store,
        (secret, url): (&Secret, Option<&str>),
        config: Config,
        policy: Policy,
        practice: Option<Timestamp>,
    ) -> Self {
        let zone = zone(&policy);
        let clock = match practice {
            None => Clock::real(zone),
            Some(at) => Clock::practice(zone, at),
        };
        let had = Had {
            store,
            clock,
            config,
            asked: Limit::new(ASKED_FROM_ONE_ADDRESS, ASKED_BY_ALL, SignedDuration::from_hours(1)),
            written: Limit::new(WRITTEN_FROM_ONE_ADDRESS, WRITTEN_BY_ALL, SignedDuration::from_hours(1)),
            acknowledged: Attempts::new(ACKNOWLEDGED_TO_ONE_ADDRESS, SignedDuration::from_hours(24)),
            written_lately: Lately::default(),
            sign_ins: Attempts::new(SIGN_INS_FROM_ONE_ADDRESS, SignedDuration::from_mins(15)),
            codes: Attempts::new(CODES, SignedDuration::from_mins(15)),
            last_codes: Mutex::default(),
            cookies: Mutex::default(),
            visits: Waiting::default(),
            printed_notice: tokio::sync::Mutex::default(),
            secret: secret.clone(),
            url: url.map(str::to_owned),
            policy: RwLock::new(Arc::new(policy)),
            quarantine: RwLock::default(),
        };
        Self { had: Box::new(Box::new(had)) }
    }

    /// The operator's secret, if it is still the one that opens the data: another process may have changed it.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        Keys::open(self.store.data(), &self.secret).is_ok().then_some(&self.secret)
    }

    /// The address of the database, with whatever password is in it, for a process of this program's own.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks again which policy version is in force: a day has passed, or one was adopted.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn refresh_policy(&self) -> Result<(), Fault> {
        let today = self.clock.today();
        adoption::carry_names(&self.store, today)?;
        let policy = self.store.read(|tx| read_policy(policy_version::in_force(tx, today)?.files))?;
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        Ok(())
    }

    /// The step of the last one-time code an account used since the program started.
    #[must_use]
    pub fn last_code(&self, staff: StaffId) -> Option<u64> {
        self.last_codes.lock().unwrap_or_else(PoisonError::into_inner).get(&staff).copied()
    }

    /// Notes the step of a one-time code, so that it never opens twice.
    pub fn code_used(&self, staff: StaffId, step: u64) {
        self.last_codes.lock().unwrap_or_else(PoisonError::into_inner).insert(staff, step);
    }

    /// Whether a cookie of a page was not noted yet since the program started.
    #[must_use]
    pub fn cookie_is_new(&self, name: &str, page: &str) -> bool {
        let noted = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        !noted.contains(&(name.to_owned(), page.to_owned()))
    }

    /// Remembers that a cookie of a page is noted.
    pub fn cookie_noted(&self, name: String, page: String) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert((name, page));
    }

    /// Whether this is a practice instance.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        self.clock.is_practice()
    }

    /// Sets the practice clock, and keeps it set over a restart. Sweeps nothing: see [`crate::jobs::night`].
    ///
    /// # Errors
    /// On a real instance, which has no such switch.
    pub fn set_practice_clock(&self, at: Timestamp) -> Result<(), Fault> {
        if !self.clock.is_practice() {
            return Err(Fault::Other("only a practice instance has a clock that can be set".to_owned()));
        }
        self.store.write(|tx| setting::set(tx, setting::PRACTICE, &at.as_millisecond().to_string()))?;
        self.clock.set(at);
        Ok(())
    }

    /// The address people reach this instance under: as configured, or where it listens.
    #[must_use]
    pub fn public_address(&self) -> String {
        self.config.address.clone().unwrap_or_else(|| format!("http://{}", self.config.listen))
    }
}

/// Nine o'clock in the morning of a date, where the organisation is.
#[must_use]
pub fn morning(date: Date, zone: &TimeZone) -> Timestamp {
    date.at(9, 0, 0, 0).to_zoned(zone.clone()).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// The organisation's time zone; the United Kingdom's where the machine does not know the name.
#[must_use]
pub fn zone(policy: &Policy) -> TimeZone {
    TimeZone::get(&policy.zone).unwrap_or_else(|_| policy::law::uk::london())
}

fn practice_instant(tx: &Tx<'_>) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = setting::get(tx, setting::PRACTICE)? else { return Ok(None) };
    let at = text.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map(Some).ok_or_else(|| Fault::Other("the practice clock's setting cannot be read".to_owned()))
}

/// Where a practice clock goes on that was set to an instant: on the same day after what was done last, so that nothing done after a stop
/// comes before it.
fn goes_on(tx: &Tx<'_>, at: Timestamp, zone: &TimeZone) -> Result<Timestamp, Fault> {
    let last = log::newest(tx, None, 1)?.into_iter().next().map(|event| event.at);
    let day = |at: Timestamp| zone.to_datetime(at).date();
    Ok(last.filter(|last| *last > at && day(*last) == day(at)).unwrap_or(at))
}

/// The policy in files that were adopted.
///
/// # Errors
/// If this version of the program finds errors in it.
pub fn read_policy(files: Vec<File>) -> Result<Policy, Fault> {
    match Policy::read(files.clone()) {
        (Some(policy), _) => Ok(policy),
        (None, found) => Err(Fault::Other(format!(
            "the adopted policy has errors under this version of the program:\n{}",
            policy::diagnostic::render(&found, &files, false).trim_end()
        ))),
    }
}
