//! `probity person`: people from the command line, by the same acts and grants as the pages.

use std::process::ExitCode;

use custody::id::PersonId;
use serde_json::Value;

use super::who::{Who, each, number, words};
use super::{Failure, Format, Outcome};
use crate::acts;
use crate::acts::person::NewPerson;
use crate::fault::Fault;
use crate::web::api::category::{self, Becoming};
use crate::web::api::consent::{self, Agreeing};
use crate::web::api::ending::{self, Given};
use crate::web::api::person as api;
use crate::web::people::Asks;

/// What `person` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List people, or find them by any part of a name, e-mail, phone or organisation.
    List {
        #[command(flatten)]
        who: Who,
        /// What to look for.
        #[arg(long, default_value = "")]
        find: String,
        /// Only this category.
        #[arg(long, default_value = "")]
        category: String,
        /// Go on after this number.
        #[arg(long)]
        after: Option<i64>,
    },
    /// Show one person.
    Show {
        #[command(flatten)]
        who: Who,
        /// Their number.
        id: i64,
    },
    /// Record that something of theirs has ended, and say what follows; without saying what, list what may be recorded or
    /// taken back.
    Ended {
        #[command(flatten)]
        who: Who,
        /// Their number.
        id: i64,
        /// They are no longer of this category.
        #[arg(long, value_name = "CATEGORY")]
        no_longer: Option<String>,
        /// They have left the organisation of this number.
        #[arg(long, value_name = "ORGANISATION", conflicts_with = "no_longer")]
        left: Option<i64>,
        /// They are no longer on the work of this number.
        #[arg(long, value_name = "WORK", conflicts_with_all = ["no_longer", "left"])]
        off_work: Option<i64>,
        /// What this ground of theirs covers is needed no more: it was up for review.
        #[arg(long, value_name = "GROUND", conflicts_with_all = ["no_longer", "left", "off_work"])]
        let_go: Option<i64>,
        /// Since when; today unless said.
        #[arg(long)]
        on: Option<jiff::civil::Date>,
        /// Only say what would follow.
        #[arg(long)]
        dry_run: bool,
        /// Take back what was recorded by a slip, as it is listed: `category-7`.
        #[arg(long, value_name = "SORT-ROW", conflicts_with_all = ["no_longer", "left", "off_work", "let_go"])]
        undo: Option<String>,
    },
    /// Write down that they agreed to something, and what shows it; without saying to what, list what they agreed to.
    Consent {
        #[command(flatten)]
        who: Who,
        /// Their number.
        id: i64,
        /// What they agreed to, as the policy names it.
        #[arg(long, requires = "shown_by")]
        activity: Option<String>,
        /// The day they agreed; today unless said.
        #[arg(long, requires = "activity")]
        on: Option<jiff::civil::Date>,
        /// What shows it: `mail`, `call`, `form`, `paper` or `in person`.
        #[arg(long, value_name = "EVIDENCE", requires = "activity")]
        shown_by: Option<String>,
        /// The line, document or call that it is.
        #[arg(long, requires = "activity")]
        row: Option<i64>,
        /// What they said, or where the paper is kept.
        #[arg(long, requires = "activity")]
        note: Option<String>,
    },
    /// Write down what they are as well; without saying what, list what they may become.
    Also {
        #[command(flatten)]
        who: Who,
        /// Their number.
        id: i64,
        /// What they are as well, as the policy names it.
        #[arg(long)]
        category: Option<String>,
        /// Since when; today unless said.
        #[arg(long, requires = "category")]
        since: Option<jiff::civil::Date>,
        /// What they agreed to on that day, as the policy names it. May be given several times.
        #[arg(long, value_name = "ACTIVITY", requires_all = ["category", "shown_by"])]
        agreed: Vec<String>,
        /// What shows it: `mail`, `call`, `form`, `paper` or `in person`.
        #[arg(long, value_name = "EVIDENCE", requires = "agreed")]
        shown_by: Option<String>,
        /// The line, document or call that it is.
        #[arg(long, requires = "agreed")]
        row: Option<i64>,
        /// What they said, or where the paper is kept.
        #[arg(long, requires = "agreed")]
        note: Option<String>,
        /// They may also be told what we offer.
        #[arg(long, requires = "category")]
        offers: bool,
        /// They never were this: it was recorded today by a slip.
        #[arg(long, value_name = "CATEGORY", conflicts_with = "category")]
        undo: Option<String>,
    },
    /// Put two entries together that are one person: the older number stays.
    Merge {
        #[command(flatten)]
        who: Who,
        /// One of the two numbers.
        id: i64,
        /// The other.
        with: i64,
        /// They are two after all: take apart what was put together.
        #[arg(long)]
        undo: bool,
    },
    /// Add a person.
    Add {
        #[command(flatten)]
        who: Who,
        /// Who they are to us, as the policy names it.
        #[arg(long)]
        category: String,
        /// A detail: name="Priya Nair". May be given several times.
        #[arg(long, value_name = "KIND=VALUE", required = true)]
        item: Vec<String>,
        /// Where it came from, as the policy names it; need not be said where the policy names one place only.
        #[arg(long, default_value = "")]
        source: String,
        /// The day it was collected; today unless said.
        #[arg(long)]
        collected: Option<jiff::civil::Date>,
        /// An activity they agreed to.
        #[arg(long)]
        agreed: Vec<String>,
        /// What shows that they agreed: `in person` or `paper`.
        #[arg(long, default_value = "")]
        agreed_by: String,
        /// What they said, and to whom, or where the paper is kept.
        #[arg(long, default_value = "")]
        agreed_note: String,
        /// They may also be told what we offer.
        #[arg(long)]
        offers: bool,
        /// Who told them that we hold this: `staff` or `source`; nobody yet, unless said.
        #[arg(long)]
        told: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses: then with the clause and the next step.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who, find, category, after } => {
            let asks = Asks::finding(find, category, *after);
            who.show(|acting, tx| api::listed(acting, tx, &asks), list)
        }
        What::Show { who, id } => who.show(|acting, tx| api::shown(acting, tx, PersonId(*id)), show),
        What::Consent { who, id, activity, on, shown_by, row, note } => {
            let given = activity.as_ref().map(|activity| Agreeing {
                activity: activity.clone(),
                on: *on,
                evidence: shown_by.clone().unwrap_or_default(),
                row: *row,
                note: note.clone(),
            });
            agreed(who, PersonId(*id), given.as_ref())
        }
        What::Also { who, id, undo: Some(category), .. } => {
            who.write(|acting, tx| acts::category::take_back(acting, tx, PersonId(*id), category))?;
            Ok(ExitCode::SUCCESS)
        }
        What::Also { who, id, category, since, agreed, shown_by, row, note, offers, undo: None } => {
            let given = category.as_ref().map(|category| Becoming {
                category: category.clone(),
                since: *since,
                agreed: agreed.clone(),
                evidence: shown_by.clone().unwrap_or_default(),
                row: *row,
                note: note.clone(),
                offers: *offers,
            });
            also(who, PersonId(*id), given.as_ref())
        }
        What::Merge { who, id, with, undo } => merged(who, (PersonId(*id), PersonId(*with)), *undo),
        What::Ended { who, id, no_longer, left, off_work, let_go, on, dry_run, undo } => {
            let given = Given {
                no_longer: no_longer.clone(),
                left: *left,
                off_work: *off_work,
                let_go: *let_go,
                on: *on,
                dry_run: *dry_run,
            };
            ended(who, PersonId(*id), &given, undo.as_deref())
        }
        What::Add {
            who,
            category,
            item,
            source,
            collected,
            agreed,
            agreed_by,
            agreed_note,
            offers,
            told,
        } => {
            let pair = |item: &String| {
                let (kind, value) = item.split_once('=')?;
                Some((kind.to_owned(), value.to_owned()))
            };
            let values = item.iter().map(|item| {
                pair(item).ok_or_else(|| Failure(format!("`{item}` needs a kind, `=` and a value")))
            });
            let new = NewPerson {
                category: category.clone(),
                values: values.collect::<Result<_, _>>()?,
                source: source.clone(),
                collected_on: *collected,
                organisation: None,
                agreed: agreed.clone(),
                shown: acts::consent::said_of_somebody_new(agreed, agreed_by, agreed_note)?,
                offers: *offers,
                told: told.as_deref().and_then(acts::told::said),
            };
            let person = who.write(|acting, tx| acts::person::add(acting, tx, &new))?;
            match who.format {
                Format::Text => super::say(person),
                Format::Json => super::say(serde_json::json!({ "id": person.0 })),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn agreed(who: &Who, id: PersonId, given: Option<&Agreeing>) -> Outcome {
    let Some(given) = given else {
        return who.show(|acting, tx| consent::listed(acting, tx, id), consents);
    };
    let consent = who.write(|acting, tx| consent::agreed(acting, tx, id, given))?;
    match who.format {
        Format::Text => super::say(consent),
        Format::Json => super::say(serde_json::json!({ "id": consent.0 })),
    }
    Ok(ExitCode::SUCCESS)
}

fn also(who: &Who, id: PersonId, given: Option<&Becoming>) -> Outcome {
    let Some(given) = given else {
        return who.show(|acting, tx| category::listed(acting, tx, id), becoming);
    };
    who.write(|acting, tx| category::becomes(acting, tx, id, given))?;
    Ok(ExitCode::SUCCESS)
}

fn becoming(answer: &Value) {
    for one in each(answer, "may_become") {
        let agreed: Vec<&str> = each(one, "agreed").filter_map(Value::as_str).collect();
        let asked = match agreed.is_empty() {
            true => String::new(),
            false => format!("  asked for: {}", agreed.join(", ")),
        };
        super::say(format_args!("{}{asked}", words(one, "category")));
    }
}

fn consents(answer: &Value) {
    for consent in each(answer, "consents") {
        let until = match words(consent, "withdrawn_on") {
            "" => String::new(),
            on => format!(", taken back {on}"),
        };
        let (activity, on, shows) =
            (words(consent, "activity"), words(consent, "given_on"), words(consent, "evidence"));
        super::say(format_args!("{activity}  since {on}{until}, shown by: {shows}"));
    }
}

fn merged(who: &Who, (one, other): (PersonId, PersonId), undo: bool) -> Outcome {
    let merged = who.write(|acting, tx| {
        if !undo {
            return acts::merging::together(acting, tx, (one, other), None);
        }
        let (kept, was) = (one.min(other), one.max(other));
        let all = store::merge::of_person(tx, kept)?;
        let merged = all.into_iter().find(|merged| merged.was == was).ok_or(Fault::NotFound)?;
        acts::merging::apart(acting, tx, kept, merged.id)
    })?;
    match (who.format, undo) {
        (Format::Json, _) => {
            super::say(
                serde_json::json!({ "id": merged.id.0, "person": merged.kept.0, "was": merged.was.0 }),
            );
        }
        (Format::Text, false) => super::say(format_args!("{} is now {}", merged.was, merged.kept)),
        (Format::Text, true) => super::say(format_args!("{} and {} are two", merged.kept, merged.was)),
    }
    Ok(ExitCode::SUCCESS)
}

fn ended(who: &Who, id: PersonId, given: &Given, undo: Option<&str>) -> Outcome {
    let said = given.no_longer.is_some()
        || given.left.is_some()
        || given.off_work.is_some()
        || given.let_go.is_some();
    let answer = match undo {
        Some(slip) => {
            let (sort, row) = slip.rsplit_once('-').unwrap_or((slip, ""));
            if given.dry_run {
                return Err(Failure("taking back is not tried beforehand: leave `--dry-run` out".to_owned()));
            }
            let row = row.parse().map_err(|_| Failure(format!("`{slip}` needs a sort, `-` and a number")))?;
            who.write(|acting, tx| acts::ending::take_back(acting, tx, id, (sort, row)))?;
            return Ok(ExitCode::SUCCESS);
        }
        None if said => who.write(|acting, tx| ending::ended(acting, tx, id, given))?,
        None => who.read(|acting, tx| ending::listed(acting, tx, id))?,
    };
    match who.format {
        Format::Json => super::say(serde_json::to_string_pretty(&answer)?),
        Format::Text => {
            if !said {
                endings(&answer);
            }
            for fate in ["stays", "goes", "waits", "kept"] {
                for line in each(&answer, fate) {
                    let count = line.get("count").and_then(Value::as_u64).unwrap_or(0);
                    super::say(format_args!(
                        "{fate:<6} {count:>5}  {}  {}",
                        words(line, "what"),
                        words(line, "until")
                    ));
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What may be recorded as ended, each with the option that does, and what may be taken back.
fn endings(answer: &Value) {
    let sorts = ["may_end", "may_leave", "may_be_off", "may_let_go", "recorded"];
    if sorts.iter().all(|sort| each(answer, sort).next().is_none()) {
        super::say("nothing of theirs may be recorded as ended, and nothing was that may be taken back");
    }
    for category in each(answer, "may_end").filter_map(Value::as_str) {
        super::say(format_args!("may be recorded: no longer {category}  (--no-longer \"{category}\")"));
    }
    for one in each(answer, "may_leave") {
        let (name, id) = (words(one, "name"), number(one, "organisation"));
        super::say(format_args!("may be recorded: left {name}  (--left {id})"));
    }
    for one in each(answer, "may_be_off") {
        let (part, id) = (words(one, "words"), number(one, "work"));
        super::say(format_args!("may be recorded: no longer the {part}  (--off-work {id})"));
    }
    for one in each(answer, "may_let_go") {
        let (title, id) = (words(one, "title"), number(one, "ground"));
        super::say(format_args!("may be recorded: needed no more: {title}  (--let-go {id})"));
    }
    for one in each(answer, "recorded") {
        let row = number(one, "row");
        let (sort, words, on) = (words(one, "sort"), words(one, "words"), words(one, "on"));
        super::say(format_args!("{sort}-{row}  {words}, since {on}  (--undo {sort}-{row})"));
    }
}

fn list(answer: &Value) {
    for person in each(answer, "people") {
        let categories: Vec<&str> = each(person, "categories").filter_map(Value::as_str).collect();
        let id = number(person, "id");
        super::say(format_args!("{id}  {:<28}  {}", words(person, "name"), categories.join(", ")));
    }
    if let Some(after) = answer.get("after").and_then(Value::as_i64) {
        super::say(format_args!("more with --after {after}"));
    }
}

fn show(answer: &Value) {
    for item in each(answer, "items") {
        super::say(format_args!("{:<14} {}", words(item, "kind"), words(item, "value")));
    }
    for belongs in each(answer, "organisations") {
        let (name, id) = (words(belongs, "name"), number(belongs, "id"));
        let left = match words(belongs, "until") {
            "" => String::new(),
            until => format!(", until {until}"),
        };
        super::say(format_args!("{:<14} {name} (organisation {id}{left})", "belongs to"));
    }
    for entry in each(answer, "entries") {
        super::say(format_args!(
            "{}  {}: {}",
            words(entry, "on"),
            words(entry, "kind"),
            words(entry, "text")
        ));
    }
    for card in each(answer, "why") {
        let until = match words(card, "until") {
            "" => String::new(),
            until => format!(", until {until}"),
        };
        let paused = match words(card, "paused") {
            "" => String::new(),
            paused => format!(". {paused}"),
        };
        super::say(format_args!(
            "held for \u{201c}{}\u{201d} on {}{until}{paused}",
            words(card, "title"),
            words(card, "basis")
        ));
    }
}
