//! `probity import people FILE`: brings in a list of people under one activity of the policy, as the wizard
//! does, and prints a sum that adds up. Running it twice on one file changes nothing the second time.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use custody::id::ImportId;
use jiff::civil::Date;
use serde_json::json;
use store::import::{self as batches, Outcome as RowOutcome};

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::Acting;
use crate::acts::import::{self, Importing, Naming};
use crate::instance::Instance;
use crate::intake::{Sheet, Target, column};
use crate::print::{self, archive, pack};

/// What `import` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// People from a CSV file, as Google Contacts, Outlook or HubSpot write it, or any with a line of headings.
    People(People),
    /// What somebody was handed by another instance, or by this one: `pack.json`, or the whole `pack.zip`. Their details come
    /// in as one line of a list would, with the same decisions, and can be undone like it.
    Pack(Pack),
}

/// What `import pack` takes.
#[derive(clap::Args, Debug)]
struct Pack {
    #[command(flatten)]
    place: Place,
    /// The file.
    file: PathBuf,
    /// The activity of the policy they come in for; else the first of the pack that this policy has, too.
    #[arg(long)]
    activity: Option<String>,
    /// The category they have, where the activity is for several.
    #[arg(long, default_value = "")]
    category: String,
    /// Where the data comes from.
    #[arg(long, default_value = "the person")]
    source: String,
    /// The day it was given to us; the day the pack was made unless said.
    #[arg(long)]
    collected: Option<Date>,
    /// Who told them that we hold it: source, we, nobody.
    #[arg(long, default_value = "nobody")]
    told: String,
    /// Say what would happen, and take nothing.
    #[arg(long)]
    dry_run: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What `import people` takes.
#[derive(clap::Args, Debug)]
struct People {
    #[command(flatten)]
    place: Place,
    /// The file.
    file: PathBuf,
    /// The activity of the policy they come in for.
    #[arg(long)]
    activity: String,
    /// The category they have, where the activity is for several.
    #[arg(long, default_value = "")]
    category: String,
    /// Where the data comes from.
    #[arg(long)]
    source: String,
    /// The day it was collected.
    #[arg(long)]
    collected: Date,
    /// Who told the people that we hold it: source, we, nobody.
    #[arg(long, default_value = "nobody")]
    told: String,
    /// What columns become, where the guess is wrong: a file of lines `HEADING = name:first`, `item:email`,
    /// `organisation`, or nothing after the sign to leave it out.
    #[arg(long)]
    map: Option<PathBuf>,
    /// What of a pack is no detail, and stays in its file.
    #[arg(skip)]
    stays: Vec<String>,
    /// Say what would happen, and take nothing.
    #[arg(long)]
    dry_run: bool,
    /// They may also be told what we offer; else they are held for what the file is brought in for.
    #[arg(long)]
    offers: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Imports.
///
/// # Errors
/// If the file is no list, the policy refuses, or a column becomes what the policy does not declare.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::People(people) => {
            let instance = people.place.open()?;
            let bytes = super::read_file(&people.file)?;
            bring(&instance, people, &bytes)
        }
        What::Pack(pack) => unpack(pack),
    }
}

/// Brings a pack in: its details as a list of one.
fn unpack(given: &Pack) -> Outcome {
    let instance = given.place.open()?;
    let bytes = super::read_file(&given.file)?;
    let json =
        if bytes.starts_with(b"PK") { archive::stored(&bytes, "pack.json") } else { Some(bytes.as_slice()) };
    let json = json.ok_or_else(|| Failure("the archive has no pack.json as Probity writes it".to_owned()))?;
    let pack: print::Pack = serde_json::from_slice(json)
        .map_err(|error| Failure(format!("this is no pack that Probity made: {error}")))?;
    if pack.format != pack::FORMAT || pack.version != pack::VERSION {
        let (format, version) = (&pack.format, pack.version);
        return Err(Failure(format!(
            "this is {format} in version {version}; known is version {}",
            pack::VERSION
        )));
    }
    let policy = instance.policy();
    let known = pack.activities.iter().find(|held| policy.activity_named(&held.activity).is_some());
    let activity = given.activity.clone().or_else(|| known.map(|held| held.activity.clone()));
    let activity = activity.ok_or_else(|| {
        Failure(
            "this policy has none of the activities the pack names: say which one with --activity".to_owned(),
        )
    })?;
    let (sheet, left) = listed(&pack).map_err(Failure)?;
    let collected = given.collected.or_else(|| pack.made_on.parse().ok());
    let collected = collected.ok_or_else(|| Failure("the pack says no day it was made on".to_owned()))?;
    let people = People {
        place: given.place.clone(),
        file: given.file.clone(),
        activity,
        category: given.category.clone(),
        source: given.source.clone(),
        collected,
        told: given.told.clone(),
        map: None,
        dry_run: given.dry_run,
        offers: false,
        format: given.format,
        stays: left,
    };
    bring(&instance, &people, &sheet)
}

/// The details of a pack as a list with one line, and what of the pack is none.
fn listed(pack: &print::Pack) -> Result<(Vec<u8>, Vec<String>), String> {
    let (mut heads, mut values, mut left): (Vec<&str>, Vec<&str>, Vec<String>) = Default::default();
    for item in &pack.items {
        if heads.contains(&item.kind.as_str()) {
            left.push(format!("another {}", item.kind));
        } else {
            heads.push(&item.kind);
            values.push(&item.value);
        }
    }
    if heads.is_empty() {
        return Err("the pack holds no detail of anybody".to_owned());
    }
    for (count, what) in [
        (pack.timeline.len(), "line of a timeline"),
        (pack.documents.len(), "document"),
        (pack.records.len(), "record"),
    ] {
        if count > 0 {
            left.push(policy::count::counted_len(count, what));
        }
    }
    let mut sheet = csv::Writer::from_writer(Vec::new());
    let wrong = |error: csv::Error| error.to_string();
    sheet.write_record(&heads).map_err(wrong)?;
    sheet.write_record(&values).map_err(wrong)?;
    Ok((sheet.into_inner().map_err(|error| error.to_string())?, left))
}

fn bring(instance: &Instance, people: &People, bytes: &[u8]) -> Outcome {
    let name = people.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (id, sheet) = begin(instance, &name, bytes, people)?;
    let said = instance.store.read(|tx| {
        let acting = Acting::system(instance, "intake");
        words(people, &sheet, &Importing::load(&acting.policy, tx, id)?)
    });
    let planned = said.and_then(|words| import::plan_whole(instance, None, id, &sheet, &words));
    if planned.is_err() || people.dry_run {
        report(instance, id, people, &sheet)?;
        forget(instance, id)?;
        planned?;
        return Ok(ExitCode::SUCCESS);
    }
    instance.store.write(|tx| import::start(&Acting::system(instance, "intake"), tx, id))?;
    let mut said = 0;
    import::run(instance, id, |tally| {
        if people.format == Format::Text && tally.done >= said + 1000 {
            said = tally.done;
            super::complain(tally.words());
        }
    })?;
    report(instance, id, people, &sheet)?;
    Ok(ExitCode::SUCCESS)
}

fn begin(
    instance: &Instance,
    name: &str,
    bytes: &[u8],
    people: &People,
) -> Result<(ImportId, Sheet), Failure> {
    let acting = Acting::system(instance, "intake");
    let (received, sheet) = import::receive(instance, &acting, name, bytes)?;
    let naming = Naming {
        activity: people.activity.clone(),
        category: people.category.clone(),
        source: people.source.clone(),
        collected_on: Some(people.collected),
        told: people.told.clone(),
        offers: people.offers,
    };
    let id = instance.store.write(|tx| {
        let id = import::keep(&acting, tx, &received)?;
        import::name_it(&acting, tx, id, &naming)?;
        Ok::<_, crate::fault::Fault>(id)
    })?;
    Ok((id, sheet))
}

fn forget(instance: &Instance, id: ImportId) -> Result<(), Failure> {
    let file = instance.store.write(|tx| import::forget(&Acting::system(instance, "intake"), tx, id))?;
    if let Some(file) = file {
        store::files::remove(&instance.store, &file)?;
    }
    Ok(())
}

/// The guesses, with what the map file says instead.
fn words(
    people: &People,
    sheet: &Sheet,
    importing: &Importing<'_>,
) -> Result<Vec<String>, crate::fault::Fault> {
    let guesses = column::guess(sheet, &importing.activity.name, &importing.kinds);
    let mut words: Vec<String> = guesses.iter().map(|guess| guess.target.word(&importing.kinds)).collect();
    let Some(path) = &people.map else { return Ok(words) };
    let other = crate::fault::Fault::Other;
    let text =
        std::fs::read_to_string(path).map_err(|error| other(format!("{}: {error}", path.display())))?;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (heading, word) = line
            .rsplit_once('=')
            .ok_or_else(|| other(format!("`{line}`: a line of the map is `HEADING = name:first`")))?;
        let at = sheet
            .headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(heading.trim()))
            .ok_or_else(|| other(format!("the file has no column `{}`", heading.trim())))?;
        if let Some(place) = words.get_mut(at) {
            word.trim().clone_into(place);
        }
    }
    Ok(words)
}

fn report(instance: &Instance, id: ImportId, people: &People, sheet: &Sheet) -> Result<(), Failure> {
    let (counts, wrong, guesses) = instance.store.read(|tx| {
        let acting = Acting::system(instance, "intake");
        let importing = Importing::load(&acting.policy, tx, id)?;
        let mut guesses = column::guess(sheet, &importing.activity.name, &importing.kinds);
        // What the map file says a column becomes has the last word.
        let nothing = |at: usize| importing.targets.get(at).is_none_or(|target| *target == Target::Ignore);
        guesses.retain(|guess| guess.undeclared.is_some() && nothing(guess.column));
        let outcomes = [RowOutcome::Wrong, RowOutcome::Held, RowOutcome::Skipped, RowOutcome::LeftOut];
        let rows = batches::rows(tx, id, &outcomes, 0, 20)?;
        let wrong: Vec<(i64, String)> = rows
            .iter()
            .map(|row| {
                let why = match importing.draft(row) {
                    Err(problems) if row.raw.is_some() => {
                        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
                    }
                    _ => row.reason.clone().unwrap_or_default(),
                };
                (row.line, why)
            })
            .collect();
        Ok::<_, crate::fault::Fault>((batches::counts(tx, id)?, wrong, guesses))
    })?;
    let sum =
        |outcomes: &[RowOutcome]| -> u64 { outcomes.iter().filter_map(|outcome| counts.get(outcome)).sum() };
    let created = sum(&[RowOutcome::Create, RowOutcome::Created, RowOutcome::Back]);
    let updated = sum(&[RowOutcome::Update, RowOutcome::Updated]);
    let same = sum(&[RowOutcome::Same, RowOutcome::Unchanged]);
    let held = sum(&[RowOutcome::Held, RowOutcome::LeftOut]);
    let skipped = sum(&[RowOutcome::Wrong, RowOutcome::Skipped]);
    let left_out: Vec<&str> = guesses.iter().map(|guess| guess.header.as_str()).collect();
    if people.format == Format::Json {
        super::say(json!({
            "import": id.0, "dry_run": people.dry_run, "rows": sheet.rows.len(), "created": created, "updated": updated,
            "unchanged": same, "held": held, "skipped": skipped, "left_out": left_out, "left_in_file": people.stays,
        }));
        return Ok(());
    }
    for what in &people.stays {
        super::say(format_args!("left in the file: {what}"));
    }
    for guess in &guesses {
        super::say(format_args!("left out: {}: {}", guess.header, guess.why));
    }
    for (line, why) in wrong {
        super::say(format_args!("row {line}: {why}"));
    }
    let would = if people.dry_run { "would be " } else { "" };
    super::say(format_args!(
        "{created} {would}created + {updated} {would}updated + {same} the same already + {held} held back + {skipped} skipped = {} rows in the file",
        sheet.rows.len()
    ));
    Ok(())
}
