//! The copy of everything held about a person, made for that person with the grant that answers them. What no
//! section of the pack is made for goes in as a record, table by table, so that nothing is forgotten.

use std::collections::BTreeSet;

use custody::explain::basis_words;
use custody::id::{DocumentId, EntryId};
use custody::sealed::NotGranted;
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::law::uk::REGULATOR;
use policy::phrase::{Voice, rule_words};
use policy::{KindSet, Policy};
use store::access::{self, Cell, Section};
use store::pack_choice::Choice;
use store::request::{Kind, SubjectRequest};
use store::schema::{Form, Personal};
use store::{Tx, disclosure, document, engagement, entry, item, organisation, person, staff};

use super::pack::{self, Pack};
use super::{ended, portable};
use crate::acts::elsewhere::{INSIDE, PART, SEARCHED};
use crate::acts::redaction::is_seal;
use crate::acts::{Acting, waiting};
use crate::fault::Fault;

/// Tables a part of the pack is made from, and those that only say what stands in it already.
const SAID: &[&str] = &[
    "person",
    "item",
    "belonging",
    "entry",
    "entry_person",
    "entry_work",
    "document",
    "document_person",
    "document_work",
    "engagement",
    "engagement_person",
    "engagement_staff",
    "milestone",
    "message",
    "call",
    "disclosure",
    "ground",
    "search_text",
    // What was decided about others; that something was taken out, and why, stands under what was left out.
    "redaction",
    "redaction_place",
    // Which of their rows stood under which number before two entries were put together.
    "merge_row",
];

/// How many messages and calls a pack holds: all there can be.
const ALL: u32 = u32::MAX / 4;

/// A value opened for a print, an answer or a register.
///
/// # Errors
/// [`NotGranted`] if the grant does not cover it.
pub fn text(sealed: &Sealed, grant: &Grant) -> Result<String, NotGranted> {
    Ok(sealed.open(grant)?.reveal().to_owned())
}

/// Everything held about a person, with why, until when and with whom it was shared.
///
/// # Errors
/// If the grant does not cover all of it, or the store fails.
pub fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    grant: &Grant,
    asked: Option<&SubjectRequest>,
    choices: &[Choice],
) -> Result<Pack, Fault> {
    let policy = &acting.policy;
    let withheld: BTreeSet<EntryId> =
        choices.iter().filter(|choice| !choice.included).map(|choice| choice.entry).collect();
    let mut all = access::of(tx, policy, life.person)?;
    for section in all.iter_mut().filter(|section| section.table.name == "entry_history") {
        without(section, &withheld);
    }
    let mut items = item::of_person(tx, policy, life.person)?;
    let mut lines = entry::of_person(tx, policy, life.person, (None, None), ALL)?;
    let left_out: Vec<pack::Withheld> = lines
        .iter()
        .filter_map(|line| {
            let choice = choices.iter().find(|choice| choice.entry == line.id && !choice.included)?;
            let kind = policy.kind(line.kind).map_or("text", |kind| kind.name.as_str());
            Some(pack::Withheld {
                what: format!(
                    "A {kind} of {} that also speaks of somebody else",
                    crate::web::frame::words(line.on)
                ),
                reason: choice.reason.clone(),
            })
        })
        .collect();
    lines.retain(|line| !withheld.contains(&line.id));
    let mut documents = document::of_person(tx, policy, life.person)?;
    let movable = asked
        .filter(|asked| asked.kind == Kind::Portability)
        .map(|asked| portable::kinds(policy, life, asked.received_on, acting.today));
    if let Some(movable) = movable {
        items.retain(|item| portable::moves_item(movable, item));
        lines.retain(|line| portable::moves_line(movable, line));
        documents.retain(|document| portable::moves_document(movable, document));
        all.clear();
    }
    let there: KindSet = items
        .iter()
        .map(|item| item.kind)
        .chain(lines.iter().map(|line| line.kind))
        .chain(documents.iter().map(|document| document.kind))
        .chain(life.records.iter().map(|kept| kept.datum.kind))
        .collect();
    let names = person::names(tx, policy, &[life.person])?;
    let name = match names.first().or(asked.and_then(|asked| asked.name.as_ref())) {
        Some(name) => text(name, grant)?,
        None => "To whom it concerns".to_owned(),
    };
    let kind = |id| policy.kind(id).map_or_else(String::new, |kind| kind.name.clone());
    let address = items.iter().find(|item| kind(item.kind) == "address");
    let open = |sealed: &Sealed| text(sealed, grant);
    let names_of = enclosed(&documents, grant)?;
    let mut pack = Pack {
        format: pack::FORMAT.to_owned(),
        version: pack::VERSION,
        made_on: acting.today.to_string(),
        controller: controller(policy),
        person: pack::Addressee { address: address.map(|item| open(&item.value)).transpose()?, name },
        request: request(acting, grant, asked)?,
        letter: letter(policy, enclosed(&documents, grant)?.len(), held_then(tx, asked)?),
        activities: [
            activities(acting, life, there, &items),
            match movable {
                None => ended::sections(acting, tx, life)?,
                Some(_) => portable::of_ended(policy, ended::sections(acting, tx, life)?, there),
            },
        ]
        .concat(),
        transfers: transfers(policy),
        automated: Some(
            "No computer here decides anything about you by itself. A person decides.".to_owned(),
        ),
        items: items
            .iter()
            .map(|item| {
                Ok(pack::Item {
                    kind: kind(item.kind),
                    value: open(&item.value)?,
                    source: Some(item.source.clone()),
                    collected_on: Some(item.collected_on.to_string()),
                })
            })
            .collect::<Result<_, Fault>>()?,
        organisations: organisation::of_people(tx, &[life.person])?
            .into_iter()
            .map(|belongs| pack::Belonging {
                name: belongs.name,
                part: None,
                from: belongs.since.map(|on| on.to_string()),
                until: belongs.until.map(|on| on.to_string()),
            })
            .collect(),
        works: works(acting, tx, life)?,
        timeline: timeline(acting, tx, grant, &lines, &all)?,
        documents: documents
            .iter()
            .map(|document| {
                let copy = match (&document.paper_place, &document.file) {
                    (Some(place), _) if document.elsewhere => {
                        Some(format!("kept elsewhere: {}", open(place)?))
                    }
                    (Some(place), _) => Some(format!("on paper: {}", open(place)?)),
                    (None, Some(_)) => names_of
                        .iter()
                        .find(|(id, _)| *id == document.id)
                        .map(|(_, name)| format!("enclosed as {name}")),
                    (None, None) => None,
                };
                let (name, on) = (open(&document.title)?, Some(document.on.to_string()));
                Ok(pack::Document { name, kind: kind(document.kind), on, copy })
            })
            .collect::<Result<_, Fault>>()?,
        records: records(&all, grant)?,
        disclosures: disclosure::of_person(tx, policy, life.person)?
            .into_iter()
            .map(|told| {
                let for_what = match policy.activity_named(&told.activity) {
                    Some(activity) => format!("{}: {}", activity.title, told.reason),
                    None => told.reason,
                };
                Ok(pack::Disclosure {
                    on: told.on.to_string(),
                    recipient: open(&told.recipient)?,
                    kinds: told.kinds,
                    what_for: Some(for_what),
                })
            })
            .collect::<Result<_, Fault>>()?,
        withheld: left_out.into_iter().chain(gone(acting, tx, asked)?).collect(),
        rights: rights(),
        complaint: complaint(policy),
        search: Some(searched(acting, tx, grant, asked)?),
    };
    if movable.is_some() {
        portable::narrow(&mut pack, policy);
    }
    Ok(pack)
}

/// The files of somebody's documents, each with the name it is enclosed under.
///
/// # Errors
/// [`NotGranted`] if the grant does not cover a title.
pub fn enclosed(
    documents: &[document::Document],
    grant: &Grant,
) -> Result<Vec<(DocumentId, String)>, NotGranted> {
    let files = documents.iter().filter(|document| document.file.is_some() && document.paper_place.is_none());
    (1..)
        .zip(files)
        .map(|(number, document)| {
            let title: String = text(&document.title, grant)?
                .chars()
                .map(|c| if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_') { c } else { ' ' })
                .take(60)
                .collect();
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            let ending = ending(document.media.as_deref().unwrap_or_default());
            Ok((document.id, format!("documents/{number:02} {title}.{ending}")))
        })
        .collect()
}

/// How the name of a file of this media type ends.
#[must_use]
pub fn ending(media: &str) -> &'static str {
    match media.split(';').next().unwrap_or_default().trim() {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/tiff" => "tif",
        "image/webp" => "webp",
        "text/plain" => "txt",
        "text/csv" => "csv",
        "text/html" => "html",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.oasis.opendocument.text" => "odt",
        "application/vnd.oasis.opendocument.spreadsheet" => "ods",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "message/rfc822" => "eml",
        _ => "bin",
    }
}

/// Leaves out the earlier wordings of texts that are withheld.
fn without(section: &mut Section, withheld: &BTreeSet<EntryId>) {
    let place = section.table.columns.iter().position(|column| column.name == "entry_id");
    section.rows.retain(|row| {
        let cell = place.and_then(|place| row.get(place));
        !matches!(cell, Some(Cell::Plain(id)) if id.parse().is_ok_and(|id| withheld.contains(&EntryId(id))))
    });
}

/// What went by itself while the request was open: it cannot be in the copy, and that is said.
fn gone(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: Option<&SubjectRequest>,
) -> Result<Vec<pack::Withheld>, Fault> {
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let went = waiting::went(acting, tx, asked)?.into_iter().map(|gone| pack::Withheld {
        what: waiting::counted(&gone.counts),
        reason: format!(
            "Nothing let us keep this any longer, because its time had ended or you had told us to stop, and it went on {}, while \
             your request was open.",
            crate::web::frame::words(gone.on)
        ),
    });
    Ok(went.collect())
}

fn controller(policy: &Policy) -> pack::Controller {
    let contact = &policy.contact;
    pack::Controller {
        name: policy.controller.clone(),
        address: contact.address.clone(),
        email: Some(contact.email.clone()),
        phone: contact.phone.clone(),
        signed: Some(format!("{}, {}", contact.title, policy.controller)),
    }
}

fn request(acting: &Acting<'_>, grant: &Grant, asked: Option<&SubjectRequest>) -> Result<pack::Asked, Fault> {
    let Some(asked) = asked else {
        return Ok(pack::Asked {
            reference: None,
            words: None,
            received_on: acting.today.to_string(),
            answered_on: None,
        });
    };
    Ok(pack::Asked {
        reference: Some(store::id::reference(asked.id.0)),
        words: asked.words.as_ref().map(|words| text(words, grant)).transpose()?,
        received_on: asked.received_on.to_string(),
        answered_on: asked.answered_on.map(|on| on.to_string()),
    })
}

/// Where we searched and for what (Art 15(1A)): what is linked to them, and what is on record of looking further.
fn searched(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    grant: &Grant,
    asked: Option<&SubjectRequest>,
) -> Result<String, Fault> {
    let mut said = vec![
        "We took everything that our register of people links to you, from every table and every file of it."
            .to_owned(),
    ];
    let steps = asked.map_or(Ok(Vec::new()), |asked| store::request::steps(tx, &acting.policy, asked))?;
    // What was searched before it was taken off somebody was searched for that one.
    let since = steps.iter().rposition(|step| step.step == store::request::UNTIED).unwrap_or(0);
    let last = |name: &str| steps.iter().skip(since).rfind(|step| step.step == name);
    let sort = [
        (SEARCHED, "we looked for you in what is held about others"),
        (PART, "we looked for you in a part of what is held about others"),
        (INSIDE, "we looked inside files of others"),
        ("searched", "we looked elsewhere"),
    ];
    for (name, words) in sort {
        let Some(step) = last(name) else { continue };
        let note = step.note.as_ref().map(|note| text(note, grant)).transpose()?.unwrap_or_default();
        said.push(format!("On {} {words}: {note}", crate::web::frame::words(step.on)));
    }
    if asked.is_some() && last(SEARCHED).is_none() && last(PART).is_none() {
        said.push("We did not look for your name in what is held about others alone.".to_owned());
    }
    Ok(said.join(" "))
}

/// How much of what was held when they asked was changed or removed since.
fn held_then(tx: &Tx<'_>, asked: Option<&SubjectRequest>) -> Result<i64, Fault> {
    Ok(asked.map_or(Ok(0), |asked| store::request::kept_then(tx, asked.id))?)
}

/// That something was changed or removed while they waited, in a sentence.
#[must_use]
pub fn since_they_asked(count: i64) -> Option<String> {
    let what = match count {
        0 => return None,
        1 => "One thing that we held when you asked was".to_owned(),
        count => format!("{count} things that we held when you asked were"),
    };
    Some(format!(
        "{what} changed or removed before you had this, in the ordinary course of our work. What we held then stands under the \
         records, with the day and the reason."
    ))
}

fn letter(policy: &Policy, files: usize, held_then: i64) -> Vec<String> {
    let enclosed = match files {
        0 => Vec::new(),
        1 => vec!["One file is enclosed with these pages; it is named under the documents.".to_owned()],
        files => {
            vec![format!("{files} files are enclosed with these pages; they are named under the documents.")]
        }
    };
    let mut letter = vec![
        "You asked us what we hold about you. It is all here: why we hold each thing, until when, where it came \
         from, to whom we passed it, and the data itself. You also get it as a file that computers can read."
            .to_owned(),
        format!(
            "If something is wrong or missing, tell us: {}. It costs nothing, and we put it right.",
            policy.contact.email
        ),
    ];
    letter.splice(1..1, enclosed.into_iter().chain(since_they_asked(held_then)));
    letter
}

fn rights() -> Vec<String> {
    [
        "You can have mistakes put right and gaps filled.",
        "You can have your data erased, unless a law or a contract with you still needs it.",
        "You can have us only store your data while a question about it is open.",
        "You can object: to advertising always, to other uses with your reasons.",
        "You can take back a consent at any time, as easily as you gave it.",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn complaint(policy: &Policy) -> String {
    let named = policy.recipients.iter().find(|recipient| recipient.name == "regulator");
    let regulator = named.map_or(REGULATOR.name, |recipient| recipient.words.as_str());
    format!(
        "If you are not happy, complain to us at {}; we answer within 30 days that we have it. You can also complain to {}: \
         {}, {}.",
        policy.contact.email, regulator, REGULATOR.site, REGULATOR.phone
    )
}

fn transfers(policy: &Policy) -> Vec<String> {
    let away = policy.processors.iter().filter(|processor| processor.place != "UK");
    away.map(|processor| {
        let safeguard = processor.safeguard.as_deref().unwrap_or("no safeguard named");
        format!("{}, {}, in {}: {safeguard}", processor.name, processor.does, processor.place)
    })
    .collect()
}

/// Why each thing is held, from the same facts as the person's page.
fn activities(acting: &Acting<'_>, life: &Life, there: KindSet, items: &[item::Item]) -> Vec<pack::Held> {
    let policy = &acting.policy;
    custody::explain::why_of(policy, life, there, acting.today)
        .into_iter()
        .filter_map(|card| {
            let activity = policy.activity(card.activity)?;
            let sources: BTreeSet<String> = items
                .iter()
                .filter(|item| activity.kinds.contains(item.kind))
                .map(|item| item.source.clone())
                .collect();
            let until = card.until.map(|until| format!("until {}", crate::web::frame::words(until)));
            let mut grounds = life.grounds.iter().chain(&life.of_work);
            let ground = grounds.find(|ground| ground.id == card.ground);
            let rule = ground.and_then(|ground| policy.rules.get(ground.rule.index()));
            let until = until.or_else(|| Some(rule_words(policy, rule?, Voice::You)));
            let basis = basis_words(policy, life, activity, card.engagement, Voice::You, acting.today);
            Some(pack::Held {
                activity: activity.name.clone(),
                title: card.title,
                why: activity.so_that.as_ref().map(|so_that| format!("So that {so_that}.")),
                basis: Some(basis),
                kinds: card.kinds,
                sources: sources.into_iter().collect(),
                recipients: card.shared_with,
                until,
            })
        })
        .collect()
}

fn works(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<pack::Work>, Fault> {
    let mut works = Vec::new();
    for work in engagement::of_person(tx, &acting.policy, life.person)? {
        let kind = work.work.and_then(|id| acting.policy.works.get(id.index()));
        let parts = engagement::people(tx, work.id)?;
        let part =
            parts.into_iter().find(|playing| playing.person == life.person).map(|playing| playing.part);
        let milestones =
            engagement::milestones(tx, work.id)?.into_iter().filter(|milestone| !milestone.undone);
        works.push(pack::Work {
            title: kind.map_or_else(|| work.work_name.clone(), |kind| kind.title.clone()),
            part,
            milestones: milestones
                .map(|milestone| pack::Milestone { name: milestone.name, on: milestone.on.to_string() })
                .collect(),
        });
    }
    Ok(works)
}

/// Notes and letters, messages and calls, oldest first.
fn timeline(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    grant: &Grant,
    lines: &[entry::Entry],
    all: &[Section],
) -> Result<Vec<pack::Entry>, Fault> {
    let policy = &acting.policy;
    let staff = staff::all(tx)?;
    let by = |id| staff.iter().find(|account| Some(account.id) == id).map(|account| account.name.clone());
    let mut timeline = Vec::new();
    for line in lines {
        timeline.push(pack::Entry {
            on: line.on.to_string(),
            kind: policy.kind(line.kind).map_or_else(String::new, |kind| kind.name.clone()),
            by: by(line.author),
            subject: None,
            text: Some(text(&line.body, grant)?),
        });
    }
    for section in all.iter().filter(|section| matches!(section.table.name, "message" | "call")) {
        for row in &section.rows {
            timeline.push(pack::Entry {
                on: first_date(section, row).unwrap_or_else(|| acting.today.to_string()),
                kind: section.table.name.to_owned(),
                by: None,
                subject: None,
                text: Some(sentence(section, row, grant)?),
            });
        }
    }
    timeline.sort_by(|one, other| one.on.cmp(&other.on));
    Ok(timeline)
}

/// Every row of every other table, each as a line.
fn records(all: &[Section], grant: &Grant) -> Result<Vec<pack::Record>, Fault> {
    let mut records = Vec::new();
    for section in all.iter().filter(|section| !SAID.contains(&section.table.name)) {
        for row in &section.rows {
            let words = sentence(section, row, grant)?;
            if !words.is_empty() && !of_the_program(section, row) {
                let (kind, on) = (section.table.what.to_owned(), first_date(section, row));
                records.push(pack::Record { kind, on, words });
            }
        }
    }
    Ok(records)
}

/// Whether a row is a mark that the program keeps for itself and that says nothing of anybody: what a copy was sealed with.
fn of_the_program(section: &Section, row: &[Cell]) -> bool {
    section.table.name == "request_step"
        && row.iter().any(|cell| matches!(cell, Cell::Plain(text) if is_seal(text)))
}

fn first_date(section: &Section, row: &[Cell]) -> Option<String> {
    section.table.columns.iter().zip(row).find_map(|(column, cell)| match cell {
        Cell::Plain(text) if column.form == Form::Date => Some(text.clone()),
        Cell::Plain(text) if column.form == Form::At => text.get(..10).map(str::to_owned),
        _ => None,
    })
}

/// A row in words: what its columns say, but for numbers that only join tables.
fn sentence(section: &Section, row: &[Cell], grant: &Grant) -> Result<String, Fault> {
    let mut said = Vec::new();
    for (column, cell) in section.table.columns.iter().zip(row) {
        let label = column.name.trim_end_matches("_on").replace('_', " ");
        match cell {
            // The same words again, with marks for a mail program.
            Cell::Sealed(_) if column.name == "html" => {}
            Cell::Sealed(sealed) => {
                let value = text(sealed, grant)?;
                if !value.is_empty() {
                    said.push(format!("{label}: {value}"));
                }
            }
            Cell::Plain(value) if column.personal == Personal::No && !value.is_empty() => match column.form {
                Form::Text => said.push(format!("{label}: {value}")),
                Form::Date => said.push(format!("{label}: {}", day(value))),
                Form::Int | Form::Id | Form::Bool | Form::At | Form::Bytes => {}
            },
            Cell::Plain(_) | Cell::Empty => {}
        }
    }
    Ok(said.join("; "))
}

fn day(text: &str) -> String {
    text.parse::<Date>().map_or_else(|_| text.to_owned(), crate::web::frame::words)
}
