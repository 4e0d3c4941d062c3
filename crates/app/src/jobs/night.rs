//! The night: at two in the morning what has run out goes, and the log is closed over the day. A practice
//! clock that is set forward lives through every night in between.

use custody::id::ConsentId;
use custody::moment::Now;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::sweep::{self, Report};
use store::{invitation, session, setting};

use crate::acts::staff::links_before;
use crate::acts::undone::Undone;
use crate::acts::{self, duplicates, proof};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// The hour of the night at which it happens, where the organisation is.
const HOUR: i8 = 2;

/// The setting that holds the latest night.
const LATEST: &str = "the latest night";

/// The setting that says that what comes after the sweep of the latest night is not done yet, and how often it was begun. None of it does
/// harm if it is done twice.
const GOES_ON: &str = "the latest night goes on";

/// How often it is begun: what stops the program each time must not do so all day.
const BEGUN_MAX: u32 = 3;

/// How long failed sign-ins are remembered.
const ATTEMPTS: SignedDuration = SignedDuration::from_hours(24);

/// How many nights a clock may be set forward at once: ten years.
const NIGHTS_MAX: i32 = 3660;

/// The years a practice clock goes through.
const PRACTICE_YEARS: std::ops::Range<i16> = 2000..2200;

/// Runs the night if it is past its hour and it has not been run today; one that a stop interrupted after its sweep goes on from there.
/// After a stop the missed one is made up.
///
/// # Errors
/// Whatever the store says.
pub fn when_due(instance: &Instance) -> Result<(), Fault> {
    let today = instance.clock.today();
    if instance.clock.now() < instance.clock.at(today, HOUR) {
        return Ok(());
    }
    let (undone, report) = match (has_swept(instance, today)?, begun(instance)?) {
        (false, _) => until_swept(instance, today)?,
        (true, None) => return Ok(()),
        (true, Some(times)) if times >= BEGUN_MAX => return given_up(instance),
        (true, Some(times)) => {
            instance.store.write(|tx| setting::set(tx, GOES_ON, &(times + 1).to_string()))?;
            (Undone::of_latest(instance)?, None)
        }
    };
    let undone = after_the_sweep(instance, undone)?;
    let after = follows(instance)?;
    is_over(instance)?;
    undone.failed()?;
    after.failed()?;
    if let Some(report) = report {
        tracing::info!(
            rows = report.rows(),
            people = report.gone,
            problems = report.problems.len(),
            "the night's sweep"
        );
    }
    Ok(())
}

/// What follows a night: who is perhaps here twice, and the proof. Each by itself; what could not be done is named with what the night
/// could not do.
fn follows(instance: &Instance) -> Result<Undone, Fault> {
    let mut undone = Undone::of_latest(instance)?;
    undone.part("who is perhaps here twice", |_| duplicates::look(instance).map(drop));
    undone.part("the proof", |_| proof::run(instance, proof::NIGHT).map(drop));
    undone.keep(instance)?;
    Ok(undone)
}

/// How often what comes after the sweep of the latest night was begun; nothing where it is done.
fn begun(instance: &Instance) -> Result<Option<u32>, Fault> {
    let begun = instance.store.read(|tx| setting::get(tx, GOES_ON))?;
    Ok(begun.map(|times| times.parse().unwrap_or(1)))
}

/// Leaves what comes after the sweep to the next night, and says so.
fn given_up(instance: &Instance) -> Result<(), Fault> {
    let mut undone = Undone::of_latest(instance)?;
    undone.part("what comes after the sweep", |_| {
        let why = "the program was stopped each time it was begun; the next night does it";
        Err::<(), _>(Fault::Other(why.to_owned()))
    });
    undone.keep(instance)?;
    is_over(instance)?;
    undone.failed()
}

fn is_over(instance: &Instance) -> Result<(), Fault> {
    Ok(instance.store.write(|tx| setting::clear(tx, GOES_ON))?)
}

/// Whether the sweep of a day's night was run. One on demand, or after a restore, is none: what else belongs to a night is still to
/// come then.
fn has_swept(instance: &Instance, day: Date) -> Result<bool, Fault> {
    let last = instance.store.read(|tx| setting::get(tx, LATEST))?;
    Ok(last.and_then(|last| last.parse::<Date>().ok()).is_some_and(|last| last >= day))
}

/// Lets go of what is kept by the hour and whose hour has come: single visits, and of people what most policies have not.
///
/// # Errors
/// Whatever the store says.
pub fn hour(instance: &Instance) -> Result<(), Fault> {
    let visits = acts::visit::let_go(instance);
    let policy = instance.policy();
    if !policy.rules.iter().any(|rule| rule.phrase.in_hours()) {
        return visits;
    }
    let (today, now) = (instance.clock.today(), instance.clock.now());
    let due = instance.store.read(|tx| sweep::due_by_hour(tx, now))?;
    let waiting = super::outbox::outlived(instance, &due, Now::at(today, now));
    let report = sweep::hour(&instance.store, &policy, today, &|| instance.clock.now())?;
    for problem in &report.problems {
        tracing::warn!(problem, "the hour's sweep");
    }
    // Neither stops what goes by the hour.
    visits.and(waiting)
}

/// Runs one night: what is to be said to people before something of theirs ends, what nobody confirmed, what is shared until something
/// that has happened, what waited to leave for too long, the sweep, what expires by itself, previews nobody finished, the policy of the
/// new day, the log. Each part by itself: one that fails stops no other, is named on Today, and is tried again the next night.
///
/// # Errors
/// If the database goes away before anything is swept, or the version of the policy in force cannot be followed: the same night is tried
/// again. Else why the first part failed that did, once all others are done.
pub fn run(instance: &Instance, day: Date) -> Result<Report, Fault> {
    let (undone, report) = until_swept(instance, day)?;
    let undone = after_the_sweep(instance, undone)?;
    is_over(instance)?;
    undone.failed()?;
    report.ok_or_else(|| Fault::Other("the night came to nothing".to_owned()))
}

/// One night up to its sweep: what could not be done so far, kept should the program be stopped now, and what the sweep came to.
///
/// # Errors
/// As [`run`], before anything is swept.
pub fn until_swept(instance: &Instance, day: Date) -> Result<(Undone, Option<Report>), Fault> {
    // Nothing goes by a version that is no longer in force.
    acts::adoption::begin_when_due(instance)?;
    let mut undone = Undone::default();
    let before = undone.part("what is said before an end", |undone| acts::parting::night(instance, undone));
    let mut said = before.unwrap_or_default();
    said.extend(undone.part("confirmations", |_| acts::confirmation::waiting(instance)).unwrap_or_default());
    if instance.is_practice() && instance.config.smtp.is_none() {
        undone.part("what is said", |_| super::outbox::play_these(instance, &said));
    }
    undone.part("what nobody confirmed", |undone| acts::consent::forget(instance, undone));
    undone.part("what is shared until something happens", |undone| acts::disclosure::night(instance, undone));
    undone.part("single visits", |_| acts::visit::let_go(instance));
    let clock = || instance.clock.now();
    undone.part("messages that waited for too long", |_| {
        let due = instance.store.read(|tx| sweep::due(tx, day))?;
        super::outbox::outlived(instance, &due, Now::at(day, clock()))
    });
    let report = match sweep::run(&instance.store, &instance.policy(), day, &clock, false) {
        Err(error @ (store::Error::Away(_) | store::Error::Contended)) => return Err(error.into()),
        swept => undone.part("the sweep", |_| Ok(swept?)),
    };
    undone.keep(instance)?;
    instance.store.write(|tx| {
        setting::set(tx, LATEST, &day.to_string())?;
        setting::set(tx, GOES_ON, "1")
    })?;
    Ok((undone, report))
}

/// What comes after the sweep of a night.
fn after_the_sweep(instance: &Instance, mut undone: Undone) -> Result<Undone, Fault> {
    undone.part("lists for social networks", |_| acts::hashed::night(instance));
    undone.part("confirmations", |undone| acts::confirmation::forget(instance, undone));
    undone.part("erasures that waited", |undone| acts::erasure::close_since(instance, undone));
    undone.part("names in letters", |undone| acts::letter::forget_names(instance, undone));
    tidy(instance, &mut undone);
    undone.keep(instance)?;
    Ok(undone)
}

/// What is over by itself, and what a night closes.
fn tidy(instance: &Instance, undone: &mut Undone) {
    // Remembered, shown and tried again every few seconds.
    if let Err(fault) = acts::backup::forget(instance) {
        tracing::error!(%fault, "the keys of what went could not be destroyed");
    }
    undone.part("what went, in the database's log", |_| acts::residue::clear(instance));
    undone.part("backups that were not finished", |_| acts::backup::tidy(instance));
    acts::drill::tidy(instance);
    let (now, here) = (machine(), instance.clock.now());
    undone.part("sessions and links that are over", |_| {
        instance.store.write(|tx| {
            session::tidy(tx, now, now.saturating_sub(ATTEMPTS)?)?;
            invitation::tidy(tx, links_before(now), links_before(here))?;
            Ok::<_, Fault>(())
        })
    });
    undone.part("imports", |undone| acts::import::tidy(instance, here, undone));
    undone.part("what is put in order", |_| Ok(instance.store.gather()?));
    undone.part("the log", |_| {
        while instance.store.write(|tx| store::log::sequence(tx, instance.store.keys(), here))? {}
        Ok(())
    });
}

/// Runs a night of a story: one on which nothing is due and nothing is to be said changes nothing, and is let pass.
///
/// # Errors
/// Whatever the store says.
pub fn practise(instance: &Instance, night: Date) -> Result<(), Fault> {
    let policy = instance.policy();
    let anything = instance.store.read(|tx| {
        let says = custody::parting::any(&policy) && !store::parting::due(tx, &policy, night)?.is_empty();
        let due = !sweep::due(tx, night)?.is_empty() || !sweep::due_works(tx, night)?.is_empty();
        let late = !store::consent::unconfirmed(tx, night, ConsentId(0), 1)?.is_empty();
        let closed = !store::erase::closed_since(tx)?.is_empty();
        Ok::<_, Fault>(says || due || late || closed)
    })?;
    if anything {
        run(instance, night)?;
    }
    Ok(())
}

/// Sets a practice clock to nine in the morning of a day, living through every night in between.
///
/// # Errors
/// On a real instance; for a day more than ten years on.
pub fn practise_until(instance: &Instance, day: Date) -> Result<(), Fault> {
    if !instance.is_practice() {
        return Err(Fault::Other("only a practice instance has a clock that can be set".to_owned()));
    }
    if !PRACTICE_YEARS.contains(&day.year()) {
        return Err(Fault::field("date", "Choose a day from 2000 to 2199."));
    }
    let nights = day.since(instance.clock.today())?.get_days();
    if nights > NIGHTS_MAX {
        return Err(Fault::field("date", "Go forward ten years at most."));
    }
    let (mut night, mut failed) = (instance.clock.today(), Ok(()));
    while night < day {
        night = night.tomorrow()?;
        instance.clock.set(instance.clock.at(night, HOUR));
        if let Err(fault) = run(instance, night) {
            if !has_swept(instance, night)? {
                return Err(fault);
            }
            failed = Err(fault);
        }
        // Many nights pass at once: what one of them says leaves before the next.
        super::mailings(instance)?;
        super::outbox::run(instance)?;
    }
    instance.set_practice_clock(morning(instance, day))?;
    instance.refresh_policy()?;
    hour(instance)?;
    follows(instance)?.failed()?;
    failed
}

fn morning(instance: &Instance, day: Date) -> Timestamp {
    instance.clock.at(day, 9)
}
