//! The operator's secret, which everything is encrypted with: a new one in the place of the old, the sheet of paper from
//! which an instance can be brought back, and who said that they hold that paper. A sheet is made and never kept, and
//! what stands on it goes into no log.

use jiff::civil::Date;
use policy::role::Deed;
use serde::Serialize;
use serde_json::json;
use store::keys::{self, Rotated, Secret};
use store::{Tx, log, setting};

use super::{Acting, actor_words, backup};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::picture::Picture;

/// The setting that says of which wrapping of the keyring somebody holds the sheet, since when, and who.
const CONFIRMED: &str = "recovery sheet confirmed";
/// The setting that says which wrapping a change of the key made: it is logged once, however often it was begun.
const ROTATED: &str = "key rotated";

/// What is said while nobody has confirmed the sheet.
pub const UNCONFIRMED: &str = "Nobody has confirmed yet that they hold the recovery sheet of the key. Without it a lost key is final: nobody can bring the data back.";

/// Puts a new secret in the place of the old one: see [`keys::rotate`]. It is logged, and a sheet must be confirmed anew.
///
/// # Errors
/// If the safe cannot be written to a second place; whatever the disk or the database says.
pub fn rotate(instance: &Instance, new: &Secret) -> Result<Rotated, Fault> {
    super::restore::refused(instance)?;
    let done = keys::rotate(&instance.store, new, &backup::safes(instance)?, machine())?;
    let wrapping = keys::wrapping_of(instance.store.data())?;
    let acting = Acting::system(instance, "command line");
    instance.store.write(|tx| {
        if setting::get(tx, ROTATED)?.as_ref() == Some(&wrapping) {
            return Ok(());
        }
        setting::set(tx, ROTATED, &wrapping)?;
        acting.log(tx, "key.rotated", &[], &json!({ "safe": done.safe }))
    })?;
    Ok(done)
}

/// Where something is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Place {
    /// What.
    pub what: String,
    /// Where.
    pub at: String,
}

/// One step of bringing it back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// What to do.
    pub words: String,
    /// The command, if it is one.
    pub command: String,
}

/// A recovery sheet, as the page and the printer take it.
#[derive(Serialize)]
pub struct Sheet {
    /// Whose.
    pub organisation: String,
    /// When it was made.
    pub on: Date,
    /// Who made it.
    pub by: String,
    /// The version of the program.
    pub version: &'static str,
    /// The key, in lines with a check each.
    pub lines: Vec<String>,
    /// The key to be scanned, on a page.
    #[serde(skip)]
    pub picture: Picture,
    /// The key to be scanned, on paper.
    pub svg: String,
    /// Where everything is.
    pub places: Vec<Place>,
    /// How to bring it back.
    pub steps: Vec<Step>,
    /// What is missing for that; nothing where all is there.
    pub missing: String,
    /// Whether it is of a practice instance.
    pub practice: bool,
}

/// Makes the sheet, for whoever may manage staff.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::Invalid`] if another process has changed the key.
pub fn sheet(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Sheet, Fault> {
    acting.must(Deed::ManageStaff)?;
    let instance = acting.instance;
    let lines = current(instance, "password")?.lines().to_vec();
    let digits = lines.concat().replace(' ', "").to_uppercase();
    let picture = Picture::of(&digits).ok_or_else(|| Fault::Other("no picture of the key".to_owned()))?;
    acting.log(tx, "key.sheet made", &[], &serde_json::Value::Null)?;
    let safes = backup::safes(instance)?;
    let missing = if safes.is_empty() {
        "No second place is named for the safe (under [backups] in probity.toml). If this machine is lost, the backups \
         cannot be read, also with this sheet."
    } else {
        ""
    };
    Ok(Sheet {
        organisation: acting.policy.controller.clone(),
        on: machine().to_zoned(instance.clock.zone().clone()).date(),
        by: acting
            .account
            .as_ref()
            .map_or_else(|| "the command line".to_owned(), |account| account.name.clone()),
        version: env!("CARGO_PKG_VERSION"),
        lines,
        svg: picture.svg(),
        picture,
        places: places(instance, &safes)?,
        steps: steps(instance),
        missing: missing.to_owned(),
        practice: instance.is_practice(),
    })
}

fn places(instance: &Instance, safes: &[store::place::Place]) -> Result<Vec<Place>, Fault> {
    let whole = |path: &std::path::Path| {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
    };
    let place = |what: &str, at: String| Place { what: what.to_owned(), at };
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let mut places = vec![
        place("The machine", machine.trim().to_owned()),
        place("The data", whole(instance.store.data())),
        place("The database", instance.store.far_place().unwrap_or_default()),
        place("The backups", backup::place(instance)?.whole()?),
    ];
    match safes {
        [] => places
            .push(place("The safe", format!("only {}", whole(&store::safe::place(instance.store.data()))))),
        some => {
            for safe in some {
                places.push(place("The safe", safe.whole()?));
            }
        }
    }
    places.push(place("Its address", instance.public_address()));
    places.retain(|place| !place.at.is_empty());
    Ok(places)
}

fn steps(instance: &Instance) -> Vec<Step> {
    let database = match instance.store.dialect() {
        store::dialect::Dialect::Sqlite => "",
        store::dialect::Dialect::Postgres => " --database ADDRESS-OF-AN-EMPTY-POSTGRESQL",
    };
    let step = |words: &str, command: String| Step { words: words.to_owned(), command };
    let version = env!("CARGO_PKG_VERSION");
    vec![
        step(
            &format!(
                "On a machine with Probity {version} or newer, bring the backups and the newest safe within reach."
            ),
            String::new(),
        ),
        step(
            "Run:",
            format!(
                "probity restore BACKUPS --safe SAFE --data NEW-DIRECTORY{database} --key-file NEW-FILE --key-from-stdin"
            ),
        ),
        step(
            "Type the four lines of the key as they stand here, without their numbers. A mistake is said with its line.",
            String::new(),
        ),
        step(
            "Read what came back and what stays gone, then ask how it is:",
            format!("probity doctor --data NEW-DIRECTORY{database} --key-file NEW-FILE"),
        ),
        step(
            "Put a probity.toml into NEW-DIRECTORY that says again where backups and the safe go, start it, and sign in as before:",
            format!("probity serve --data NEW-DIRECTORY{database} --key-file NEW-FILE"),
        ),
    ]
}

/// The secret, or why this process cannot say it.
fn current<'i>(instance: &'i Instance, field: &str) -> Result<&'i Secret, Fault> {
    instance.secret().ok_or_else(|| {
        Fault::field(
            field,
            "The key was changed while this server was running: it must be started again with the new one first.",
        )
    })
}

/// Somebody holds the sheet: they have typed the last group of the key on it.
///
/// # Errors
/// [`Fault::Invalid`] if it is another; [`Fault::Refused`] unless the role may manage staff.
pub fn confirm(acting: &Acting<'_>, tx: &Tx<'_>, typed: &str) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    let instance = acting.instance;
    let who = actor_words(&acting.actor);
    if instance.codes.count(&format!("sheet {who}"), machine()).is_err() {
        return Err(Fault::field("group", "Too many attempts. Wait a quarter of an hour and try again."));
    }
    if !current(instance, "group")?.ends_with(typed) {
        return Err(Fault::field(
            "group",
            "That is not the last group of the key: four characters, at the end of line 4 of the newest sheet.",
        ));
    }
    let wrapping = keys::wrapping_of(instance.store.data())?;
    let on = machine().to_zoned(instance.clock.zone().clone()).date();
    setting::set(tx, CONFIRMED, &format!("{wrapping} {on} {who}"))?;
    acting.log(tx, "key.sheet confirmed", &[], &serde_json::Value::Null)
}

/// When somebody last said that they hold the sheet of the key as it is now.
///
/// # Errors
/// Whatever the database or the disk says.
pub fn confirmed(instance: &Instance, tx: &Tx<'_>) -> Result<Option<Date>, Fault> {
    let Some(said) = setting::get(tx, CONFIRMED)? else { return Ok(None) };
    let wrapping = keys::wrapping_of(instance.store.data())?;
    let mut words = said.split(' ');
    let same = words.next() == Some(wrapping.as_str());
    Ok(words.next().filter(|_| same).and_then(|on| on.parse().ok()))
}

/// Whether a sheet is wanted at all: the key of a practice instance may lie beside its data.
#[must_use]
pub fn wanted(instance: &Instance) -> bool {
    !(instance.is_practice() && instance.store.data().join("key").exists())
}

/// Notes on an instance that was just made from a sheet that whoever made it holds that sheet.
///
/// # Errors
/// Whatever the database or the disk says.
pub fn typed_in(instance: &Instance) -> Result<(), Fault> {
    let wrapping = keys::wrapping_of(instance.store.data())?;
    let (now, on) = (instance.clock.now(), machine().to_zoned(instance.clock.zone().clone()).date());
    instance.store.write(|tx| {
        setting::set(tx, CONFIRMED, &format!("{wrapping} {on} system restore"))?;
        log::append(tx, now, "system restore", "key.sheet confirmed", &[], &serde_json::Value::Null)?;
        Ok::<_, Fault>(())
    })
}
