//! One task that must be done by hand: what, why, where, by when; confirming it does what waited for it.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{DocumentId, OrganisationId, StaffId, TaskId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::task::{self, Kind, Task};
use store::{Tx, paper, person};

use super::page::{Choice, Day, Form, Link, Page};
use super::show::filters;
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use crate::acts::handing::{self, Handing, To};
use crate::acts::request::remove_files;
use crate::acts::{Acting, came_back, confirmation, letter, mailbox, organisation, request, task as acts};
use crate::fault::Fault;

/// What is answered of somebody's address, and of whether they have left.
const RIGHT: &str = "right";
const WRONG: &str = "wrong";
const STILL: &str = "still";

/// What is answered where a recipient could not be told any more.
const UNTOLD: &str = "untold";

#[derive(Template)]
#[template(path = "task/task.html")]
struct TaskPage {
    page: Page,
    grant: Grant,
    words: String,
    who: Option<Sealed>,
    about: String,
    /// Whether that is a person, of whom nothing else is left here.
    about_whom: bool,
    work: String,
    /// The letter to whoever had it from us, of somebody who is held no more: subject and text.
    letter: Option<(String, String)>,
    why: String,
    /// Who gets it, where that is not whoever it is about.
    to: String,
    /// What opens what is handed over, to whom and where it goes, where that is whoever it is about, and what an entry says.
    handed: Option<(Grant, Vec<Sealed>, Option<Sealed>)>,
    where_kept: Option<Sealed>,
    place: String,
    due: Day,
    late: bool,
    owner: String,
    owners: Vec<Choice>,
    /// Where what is to be done is done, and what it is called there.
    way: Option<Link>,
    action: String,
    verb: String,
    /// What follows from deciding, where a word would add nothing: it is only decided.
    decided: &'static str,
    /// Whether what is done elsewhere comes first, and the button below it second.
    way_first: bool,
    /// Answers to choose from, where it is a question.
    answers: Vec<Choice>,
    /// What may have become of a text that was to be looked through.
    outcomes: Vec<Choice>,
    /// That nobody can tell a recipient any more of whom, and what can still be done; nothing where somebody can.
    too_late: String,
    /// What is asked for beside the choice.
    note_label: &'static str,
    /// Whether what a recipient answered is asked for.
    answered: bool,
    /// That it is done by itself, and when.
    by_itself: bool,
    today: String,
    form: Form,
    done: String,
}

/// `GET /tasks/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, TaskId(id), Form::default(), &path)).await
}

fn page(acting: &Acting<'_>, tx: &Tx<'_>, id: TaskId, form: Form, path: &str) -> Result<Html<String>, Fault> {
    let found = acts::mine(acting, tx, id)?;
    let life = match found.person {
        Some(person) if store::person::exists(tx, person)? => Some(acting.life(tx, person)?),
        _ => None,
    };
    let lives: Vec<_> = life.iter().collect();
    let grant = match request::answering(acting, &lives) {
        Ok(grant) => grant,
        Err(_) => super::today::names(acting, tx, found.person.as_slice())?,
    };
    if !lives.is_empty() {
        acting.opens("task.read", &grant);
    }
    let who = person::names(tx, &acting.policy, found.person.as_slice())?;
    let due = found.due_on.unwrap_or(acting.today);
    let staff = store::staff::all(tx)?;
    let owner = staff.iter().find(|account| Some(account.id) == found.owner);
    let where_kept = place(acting, tx, &found, &grant)?;
    let may_know = acts::may_know(acting, &found);
    let too_late = acts::too_late(acting, tx, &found)?;
    let to = handing::to(&acting.policy, &found);
    let handed = handed(acting, tx, &found)?;
    let file = handed.as_ref().and_then(Handing::file);
    html(&TaskPage {
        page: frame::page(acting, "A task", "today", path),
        words: found.what.clone(),
        who: who.into_iter().find(|name| name.open(&grant).is_ok()),
        work: work(acting, tx, &found),
        about: found
            .about
            .clone()
            .filter(|_| may_know)
            .map_or_else(String::new, |about| super::people::capital(&about)),
        about_whom: found.kind == Kind::TellRecipient,
        letter: if may_know { letter::of_task(acting, tx, &found)? } else { None },
        why: match &to {
            Some(to) => before_ours_goes(found.kind, to),
            None => why(&found).to_owned(),
        },
        to: match to {
            Some(To::Named(to) | To::Whole(to)) => super::people::capital(&to),
            _ => String::new(),
        },
        place: found.place.clone().filter(|_| where_kept.is_none() && may_know).unwrap_or_default(),
        where_kept,
        due: frame::day(due, acting.today),
        late: found.done_on.is_none() && due < acting.today,
        owner: owner.map_or_else(|| "Nobody yet".to_owned(), |account| account.name.clone()),
        owners: if acts::may_give(acting, &found) { owners(&staff, found.owner) } else { Vec::new() },
        way: way(acting, tx, &found, file)?,
        handed: handed.map(|handed| {
            let text = handed.text().cloned();
            (handed.grant, handed.whom, text)
        }),
        action: format!("/tasks/{id}"),
        verb: if too_late { "Close it" } else { verb(&found) }.to_owned(),
        way_first: file.is_some() || matches!(found.kind, Kind::Asks | Kind::Answer),
        decided: decided(&found),
        answers: answers(tx, &found)?,
        outcomes: match found.kind {
            Kind::Mask => outcomes(&form),
            Kind::TellRecipient if too_late => told_or_not(&form),
            _ => Vec::new(),
        },
        too_late: if too_late { gone(acting) } else { String::new() },
        note_label: if too_late { "Why, or what they answered" } else { "Why, where it stays" },
        answered: found.kind == Kind::TellRecipient,
        by_itself: found.mask.is_some(),
        today: acting.today.to_string(),
        form,
        done: found.done_on.map_or_else(String::new, |on| {
            let said = if may_know { super::requests::one::outcome(&found) } else { String::new() };
            format!(
                "Confirmed on {}{}",
                frame::words(on),
                if said.is_empty() { ".".to_owned() } else { said }
            )
        }),
        grant,
    })
}

/// `GET /tasks/{id}/documents/{document}`: what it hands over, until that is done.
pub async fn document(
    house: House,
    visitor: Visitor,
    Path((id, which)): Path<(i64, i64)>,
) -> Answer<Response> {
    let opened =
        read(house, &visitor, move |acting, tx| handing::open(acting, tx, TaskId(id), DocumentId(which)))
            .await?;
    super::work::sent(opened, &visitor).await
}

/// What it hands over and where that goes, for whoever does it. Whoever may see to it and was not given it sees that it is there; so
/// does everybody while nothing may be let go.
fn handed(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> Result<Option<Handing>, Fault> {
    let handed = match handing::handed(acting, tx, task) {
        Err(Fault::Refused(_)) => None,
        handed => handed?,
    };
    let shows = |handed: &&Handing| !handed.whom.is_empty() || handed.text().is_some();
    if let Some(handed) = handed.as_ref().filter(shows) {
        acting.opens("task.read", &handed.grant);
    }
    Ok(handed)
}

/// The page of the work, for whoever still finds it.
fn work(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> String {
    let found = task.engagement.filter(|work| crate::acts::engagement::on_hand(acting, tx, *work).is_ok());
    found.map_or_else(String::new, |work| format!("/work/{work}"))
}

/// Everybody on the staff as choices, and nobody.
pub(crate) fn owners(staff: &[store::staff::Account], chosen: Option<StaffId>) -> Vec<Choice> {
    let nobody = Choice { words: "Nobody yet".to_owned(), chosen: chosen.is_none(), ..Choice::default() };
    let staff = staff.iter().filter(|account| account.until.is_none()).map(|account| Choice {
        value: account.id.to_string(),
        words: account.name.clone(),
        hint: String::new(),
        chosen: Some(account.id) == chosen,
    });
    std::iter::once(nobody).chain(staff).collect()
}

fn place(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task, grant: &Grant) -> Result<Option<Sealed>, Fault> {
    let found = match (task.paper, task.document, task.person) {
        (Some(file), _, Some(person)) => {
            let files = paper::of_person(tx, &acting.policy, person)?;
            files.into_iter().find(|found| found.id == file).map(|found| found.place)
        }
        (None, Some(document), _) => match store::document::one(tx, &acting.policy, document) {
            Ok(found) => found.paper_place,
            // It is kept for its work, and nobody is in it any more.
            Err(store::Error::Missing) => None,
            Err(error) => return Err(error.into()),
        },
        _ => None,
    };
    Ok(found.filter(|place| place.open(grant).is_ok()))
}

/// Whether they have left, and whether their address is right: what there is to choose from.
fn answers(tx: &Tx<'_>, task: &Task) -> Result<Vec<Choice>, Fault> {
    let choice = |value: &str, words: &str, hint: &str| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint: hint.to_owned(),
        chosen: false,
    };
    let right = "We write to it again. If mail comes back once more, it is asked once more.";
    if task.kind == Kind::CameBack {
        let wrong = "Put it right on their page, or take it away. As long as it stands there, nothing that promotes us leaves to it.";
        return Ok(vec![
            choice(RIGHT, "The address is right", right),
            choice(WRONG, "The address is not right, or they have left", wrong),
        ]);
    }
    let Some(person) = task.person.filter(|_| task.kind == Kind::Left) else { return Ok(Vec::new()) };
    let left = organisation::belongs(tx, person)?.into_iter().map(|belongs| Choice {
        value: belongs.organisation.to_string(),
        words: format!("They have left {}", belongs.name),
        hint: "What we hold because they were there ends on the day you write below.".to_owned(),
        chosen: false,
    });
    let still = choice(STILL, "They are still there", "Nothing ends. Put their address right on their page.");
    Ok(left.chain([still, choice(RIGHT, "They are still there, and the address is right", right)]).collect())
}

/// What may have become of a text that was to be looked through.
fn outcomes(form: &Form) -> Vec<Choice> {
    let chosen = form.value("outcome");
    let outcome = |value: &str, words: &str, hint: &str| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint: hint.to_owned(),
        chosen: value == chosen,
    };
    let kept = "Say why below, without their name: it stands with this task.";
    vec![
        outcome("masked", "Nothing of them stands in it any more", ""),
        outcome("kept", "Something of them has to stay", kept),
    ]
}

/// What may have become of telling a recipient of whom nothing says any more whom it is about.
fn told_or_not(form: &Form) -> Vec<Choice> {
    let chosen = form.value("outcome");
    let outcome = |value: &str, words: &str, hint: &str| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint: hint.to_owned(),
        chosen: value == chosen,
    };
    let untold =
        "Say why below. The proof of who was told counts them as somebody who could no longer be told.";
    vec![
        outcome(UNTOLD, "They could no longer be told", untold),
        outcome(
            "told",
            "They were told while it stood here of whom",
            "Say below what they answered, if they did.",
        ),
    ]
}

/// That no letter can be written any more, and why.
fn gone(acting: &Acting<'_>) -> String {
    format!(
        "Nothing here says any more whom it is about: the name stood with this task for {} days at most, and has gone. No letter can be \
         written now. Say what became of it.",
        acting.policy.requests.confirming_days
    )
}

/// Where what is to be done is done: a text is read where it stands, and a file that is handed over is fetched from here.
fn way(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    task: &Task,
    file: Option<DocumentId>,
) -> Result<Option<Link>, Fault> {
    if let Some(file) = file {
        let href = format!("/tasks/{}/documents/{file}", task.id);
        return Ok(Some(Link { href, words: "Open the file that is handed over".to_owned() }));
    }
    if task.kind != Kind::Mask {
        return Ok(elsewhere(task));
    }
    // Where the text is read: on the page of whom it is about, or of the work it is kept for.
    let place = match (task.person, task::lies_on(tx, task)?) {
        (Some(person), _) => Some(format!("/people/{person}")),
        (None, Some(work)) if crate::acts::engagement::on_hand(acting, tx, work).is_ok() => {
            Some(format!("/work/{work}"))
        }
        (None, _) => None,
    };
    let entry = task.entry.map_or_else(String::new, |entry| format!("#entry-{entry}"));
    Ok(place.map(|place| Link { href: format!("{place}{entry}"), words: "See where it stands".to_owned() }))
}

/// An e-mail that may be a request is opened as one; an erasure to be looked at again is looked at on the page that shows what it would do.
fn elsewhere(task: &Task) -> Option<Link> {
    if task.kind == Kind::Asks {
        let open = task.done_on.is_none();
        return open.then(|| Link {
            href: format!("/requests/new?task={}", task.id),
            words: match task.entry {
                Some(_) => "Read it, and open a request or a complaint with it",
                None => "They ask for more: write it down",
            }
            .to_owned(),
        });
    }
    if task.kind == Kind::Answer {
        let entry = task.entry.map_or_else(String::new, |entry| format!("#entry-{entry}"));
        return task.person.filter(|_| task.done_on.is_none()).map(|person| Link {
            href: format!("/people/{person}{entry}"),
            words: "Read it and answer it".to_owned(),
        });
    }
    if task.kind == Kind::CameBack {
        let see = |person: custody::id::PersonId| Link {
            href: format!("/people/{person}"),
            words: "See their address".to_owned(),
        };
        return task.person.filter(|_| task.done_on.is_none()).map(see);
    }
    let (person, request) = task.person.zip(task.request).filter(|_| task.kind == Kind::Other)?;
    if task.rule.as_deref() == Some(confirmation::CLAUSE) {
        return Some(Link {
            href: format!("/requests/{request}"),
            words: "See where to write to them".to_owned(),
        });
    }
    Some(Link {
        href: format!("/people/{person}/erasure"),
        words: "See what erasing them would do".to_owned(),
    })
}

fn why(task: &Task) -> &'static str {
    match (task.kind, task.blocks) {
        (Kind::DestroyPaper, true) => {
            "Somebody asked to be erased, wherever it lies. Their request stays open until this is done."
        }
        (Kind::DestroyPaper, false) => {
            "What was kept here has run out, and what lies on paper or elsewhere with it."
        }
        (Kind::TellRecipient, true) => {
            "Somebody asked to be erased, and this company keeps details for us (UK GDPR Art 17, 28). Their request stays open until it has \
             confirmed that they are erased there, too."
        }
        (Kind::TellRecipient, false) => {
            "Whoever had the details from us must know what became of them here (UK GDPR Art 19)."
        }
        (Kind::Mask, _) => "The text stays for somebody else; one of the people in it has left.",
        (Kind::Left, _) => {
            "What we hold because they work there ends when they have left, and not before we know."
        }
        (Kind::CameBack, _) => {
            "Nobody has their address there, or what we wrote on three days came back. Nothing that promotes us leaves to it until \
             somebody says that it is right, or it is changed. That alone ends nothing."
        }
        (Kind::Asks, _) if task.entry.is_none() => {
            "Their provider told us that they called a message of ours unwanted. What promotes us stopped at once, as if they had objected. \
             That is no word of theirs to us: somebody finds out whether they ask for more, and writes it down for them if they do."
        }
        (Kind::Asks, _) => {
            "The law counts from the day it arrived, whatever it calls itself. Until this is decided it counts as no contact, so that nothing is kept longer for it."
        }
        (Kind::Answer, _) => "Somebody wrote by a form on our website and waits for an answer.",
        (Kind::Return | Kind::Deliver | Kind::Other, _) => "Somebody has to do this by hand.",
    }
}

/// Why something is handed over first, as its clause says to whom.
fn before_ours_goes(kind: Kind, to: &To) -> String {
    match (kind, to) {
        (Kind::Return, To::Them) => {
            "Its time here is over. Whoever it is about gets back what is theirs before ours goes.".to_owned()
        }
        (Kind::Return, To::Named(to) | To::Whole(to)) => {
            format!("Its time here is over. It goes back to {to} before ours goes.")
        }
        (Kind::Return, To::AsWritten) => "Its time here is over. It goes back before ours goes.".to_owned(),
        (_, To::Them) => "Whoever it is about is to have a copy before ours goes.".to_owned(),
        (_, To::Named(to)) => format!("{} is to have a copy before ours goes.", super::people::capital(to)),
        (_, To::Whole(to)) => format!("It goes to {to} for good before ours goes."),
        (_, To::AsWritten) => "A copy is to be handed over before ours goes.".to_owned(),
    }
}

/// What follows from saying that it is none.
fn decided(task: &Task) -> &'static str {
    match (task.kind, task.entry) {
        (Kind::Asks, Some(_)) => "It stays on their page, and counts from now on as the contact it was.",
        (Kind::Asks, None) => {
            "Nothing that promotes us is sent to them, until they say otherwise; this is on record as looked into."
        }
        (Kind::Answer, _) => {
            "Writing to them from their page, or noting there that you reached them, closes this by itself. Say so here if they were answered \
             in another way."
        }
        _ => "",
    }
}

fn verb(task: &Task) -> &'static str {
    match task.kind {
        Kind::DestroyPaper => "It is destroyed",
        Kind::Return => "It is given back",
        Kind::Deliver => "It is delivered",
        Kind::TellRecipient => "They are told",
        Kind::Mask => "It is looked through",
        Kind::Left | Kind::CameBack => "Save the answer",
        Kind::Asks if task.entry.is_none() => "They ask for nothing more",
        Kind::Asks => "It is no request",
        Kind::Answer => "It is answered",
        Kind::Other => "It is done",
    }
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Confirming {
    on: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    left: String,
    /// What became of a text: `masked` or `kept`; of telling a recipient: `told` or `untold`.
    #[serde(default)]
    outcome: String,
}

impl Confirming {
    /// What was done, in the words that are kept with the task.
    fn how(&self, kind: Kind) -> Result<String, Fault> {
        let note = self.note.trim();
        match (kind, self.outcome.as_str()) {
            (Kind::Mask, "masked") if note.is_empty() => Ok("masked".to_owned()),
            (Kind::Mask, "masked") => Ok(format!("masked: {note}")),
            (Kind::Mask, "kept") if note.is_empty() => {
                Err(Fault::field("note", "Write why they have to stay in it."))
            }
            (Kind::Mask, "kept") => Ok(format!("kept: {note}")),
            (Kind::Mask, _) => Err(Fault::field("outcome", "Choose what became of it.")),
            _ => Ok(note.to_owned()),
        }
    }
}

/// `POST /tasks/{id}`.
pub async fn confirm(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Confirming>,
) -> Answer<Response> {
    let State(instance) = &house;
    let instance = instance.clone();
    let sent = given.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let on = given.on.parse().map_err(|_| Fault::field("on", "Choose the day it was done."))?;
        let found = task::one(tx, TaskId(id))?;
        let done = match (found.kind, given.left.parse().ok().map(OrganisationId)) {
            (Kind::CameBack, _) if given.left == WRONG => {
                came_back::answered(acting, tx, TaskId(id), (false, on))?
            }
            (Kind::CameBack | Kind::Left, _) if given.left == RIGHT => {
                came_back::answered(acting, tx, TaskId(id), (true, on))?
            }
            (Kind::CameBack, _) => return Err(Fault::field("left", "Choose what you have found out.")),
            (Kind::Left, None) if given.left != STILL => {
                return Err(Fault::field("left", "Choose what you have found out."));
            }
            (Kind::Left, left) => organisation::answered(acting, tx, TaskId(id), (left, on))?,
            (Kind::Asks, _) => mailbox::no_request(acting, tx, TaskId(id), on)?,
            (Kind::TellRecipient, _) if given.outcome == UNTOLD => {
                acts::untold(acting, tx, TaskId(id), (on, &given.note))?
            }
            (Kind::TellRecipient, _) if given.outcome.is_empty() && acts::too_late(acting, tx, &found)? => {
                return Err(Fault::field("outcome", "Choose what became of it."));
            }
            (kind, _) => acts::confirm(acting, tx, TaskId(id), (on, &given.how(kind)?))?,
        };
        Ok((done, found.request))
    });
    match done.await {
        Ok((done, request)) => {
            let gone = blocking(move || {
                remove_files(&instance, &done.bytes);
                Ok(())
            });
            gone.await.map_err(|fault| Trouble::new(fault, &visitor))?;
            let to =
                request.map_or_else(|| "/?said=saved".to_owned(), |id| format!("/requests/{id}?said=saved"));
            Ok(Redirect::to(&to).into_response())
        }
        Err(trouble) => {
            let said = [("note", sent.note), ("outcome", sent.outcome)];
            let values = said.into_iter().map(|(field, text)| (field.to_owned(), text)).collect();
            let form = Form { values, errors: trouble.invalid()? };
            let path = visitor.path.clone();
            let page = read(house, &visitor, move |acting, tx| page(acting, tx, TaskId(id), form, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

/// What the form that gives it to somebody sends.
#[derive(Deserialize, Clone)]
pub struct Giving {
    #[serde(default)]
    pub(crate) staff: String,
}

/// `POST /tasks/{id}/owner`.
pub async fn assign(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Giving>,
) -> Answer<Redirect> {
    let to = given.staff.parse().ok().map(StaffId);
    write(house, &visitor, move |acting, tx| acts::assign(acting, tx, TaskId(id), to)).await?;
    Ok(Redirect::to(&format!("/tasks/{id}?said=saved")))
}
