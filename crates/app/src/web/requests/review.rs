//! Reading the copy before it leaves: the texts as they would go, others underlined, and beside them what is decided
//! about whom. Each key press is a form that works without a script as well.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::RequestId;
use serde::Deserialize;
use store::Tx;
use store::mention::What;
use store::redaction::{Answer as Said, Decision};

use super::super::page::{Choice, Form, Page};
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use super::one::forms::{as_seen, wrong};
use crate::acts::redaction::{self, From, Gathered, Given, KEEP, Piece, REMOVE, Review, Why};
use crate::acts::{Acting, request as desk};
use crate::attachment::Reader;
use crate::fault::Fault;

/// How many texts one page has.
const PAGE: usize = 40;

#[derive(Template)]
#[template(path = "requests/review.html")]
struct ReviewPage {
    page: Page,
    base: String,
    progress: String,
    done: bool,
    read: String,
    form: Form,
    texts: Vec<Text>,
    now: Option<Now>,
    before: String,
    after: String,
    earlier: String,
    later: String,
    people: Vec<Whom>,
    checked: String,
    newest: i64,
    /// What every form says it was written on.
    version: i64,
}

struct Text {
    heading: String,
    unread: bool,
    file: bool,
    out: bool,
    whole: Option<Stop>,
    pieces: Vec<Bit>,
}

struct Bit {
    words: String,
    stop: Option<Stop>,
}

struct Stop {
    number: usize,
    state: &'static str,
    says: String,
    current: bool,
}

/// What is decided about now.
struct Now {
    number: usize,
    title: String,
    says: String,
    suggestion: &'static str,
    whole: bool,
    mark: String,
    text: String,
    from: usize,
    to: usize,
    seen: i64,
    seen_here: i64,
    state: String,
    undo: i64,
    remove: Vec<Choice>,
    keep: Vec<Choice>,
    note: String,
    out_mark: String,
    out_seen: i64,
}

struct Whom {
    said: String,
    what: &'static str,
    times: String,
    state: String,
    href: String,
}

/// Where on the page.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Where {
    at: Option<usize>,
    after: Option<usize>,
    keep: String,
    remove: String,
}

/// Something that is decided, in reading order.
#[derive(Clone, Copy)]
enum Step {
    Whole(usize),
    Place(usize),
}

/// `GET /requests/{id}/review`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(at): Query<Where>) -> Answer {
    shown(house, &visitor, RequestId(id), at, Form::default()).await
}

/// Gathers and reads the files, apart from the database, then looks through all of it and does something with that.
pub(super) async fn reviewed<T: Send + 'static>(
    State(instance): House,
    visitor: &Visitor,
    id: RequestId,
    then: impl FnOnce(&Acting<'_>, &Tx<'_>, &Gathered, &[::read::Reading], &Review) -> Result<T, Fault>
    + Send
    + 'static,
) -> Answer<T> {
    let gathered =
        read(State(instance.clone()), visitor, move |acting, tx| redaction::gather(acting, tx, id, true))
            .await?;
    let (gathered, readings) = blocking(move || {
        let reader = Reader::this().map_err(|error| Fault::Other(error.to_string()))?;
        let readings = gathered.readings(&reader);
        Ok((gathered, readings))
    })
    .await
    .map_err(|fault| Trouble::new(fault, visitor))?;
    read(State(instance), visitor, move |acting, tx| {
        let review = redaction::review(acting, tx, id, &gathered, &readings)?;
        then(acting, tx, &gathered, &readings, &review)
    })
    .await
}

async fn shown(house: House, visitor: &Visitor, id: RequestId, at: Where, form: Form) -> Answer {
    let path = visitor.path.clone();
    reviewed(house, visitor, id, move |acting, tx, _, _, review| {
        page(acting, tx, id, review, &at, form, &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    review: &Review,
    at: &Where,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let version = desk::on_desk(acting, tx, id)?.version;
    let base = format!("/requests/{id}/review");
    let steps = steps(review);
    let number =
        at.at.unwrap_or_else(|| next_open(review, &steps, at.after)).min(steps.len().saturating_sub(1));
    let current = steps.get(number).copied();
    let piece = current.map_or(0, |step| piece_of(review, step));
    let from = piece / PAGE * PAGE;
    let href = |number: usize| format!("{base}?at={number}#now");
    let first_of = |piece: usize| steps.iter().position(|step| piece_of(review, *step) >= piece);
    let (decided, all) = review.progress();
    let decisions = store::redaction::of_request(tx, id)?;
    let unchecked = decisions
        .iter()
        .filter(|decision| decision.checked_by.is_none() && decision.by != acting.staff_id())
        .count();
    html(&ReviewPage {
        page: frame::page(acting, "Reading the pack", "requests", path),
        progress: if all == 0 {
            "Nothing speaks of anybody else.".to_owned()
        } else {
            format!("{decided} of {all} decided")
        },
        done: review.done().is_ok(),
        newest: decisions.iter().map(|decision| decision.id).max().unwrap_or(0),
        read: format!(
            "{} texts and {} files were read for people we know, and for addresses, numbers and names. It finds what can be found; whoever signs the answer has read it.",
            review.read.0, review.files
        ),
        texts: texts(review, &steps, number, from),
        now: current.and_then(|step| now(review, step, number, at)),
        before: number.checked_sub(1).map(href).unwrap_or_default(),
        after: if number + 1 < steps.len() { href(number + 1) } else { String::new() },
        earlier: from.checked_sub(PAGE).and_then(first_of).map(href).unwrap_or_default(),
        later: if from + PAGE < review.pieces.len() {
            first_of(from + PAGE).map(href).unwrap_or_default()
        } else {
            String::new()
        },
        people: people(review, &steps, &base),
        checked: match unchecked {
            0 => String::new(),
            1 => "One decision was made by somebody else and not read again.".to_owned(),
            many => format!("{many} decisions were made by somebody else and not read again."),
        },
        base,
        form,
        version,
    })
}

fn steps(review: &Review) -> Vec<Step> {
    let mut steps = Vec::new();
    for (number, piece) in review.pieces.iter().enumerate() {
        if by_itself(piece) {
            steps.push(Step::Whole(number));
        }
        steps.extend(piece.places.clone().map(Step::Place));
    }
    steps
}

/// Whether a piece is decided as a whole on a step of its own: it must be, or it is a file, which may be left out.
fn by_itself(piece: &Piece) -> bool {
    piece.whole.asked || matches!(piece.from, From::Unread(_))
}

fn piece_of(review: &Review, step: Step) -> usize {
    match step {
        Step::Whole(piece) => piece,
        Step::Place(place) => review.places.get(place).map_or(0, |spot| spot.piece),
    }
}

fn is_out(piece: &Piece) -> bool {
    piece.whole.decision.as_ref().is_some_and(|decision| decision.answer == Said::Remove)
}

fn open(review: &Review, step: Step) -> bool {
    match step {
        Step::Whole(piece) => {
            review.pieces.get(piece).is_some_and(|piece| piece.whole.asked && piece.whole.decision.is_none())
        }
        Step::Place(place) => review.places.get(place).is_some_and(|spot| {
            !review.pieces.get(spot.piece).is_some_and(is_out) && review.answer(spot).is_none()
        }),
    }
}

/// The first that is open after a number, or from the beginning.
fn next_open(review: &Review, steps: &[Step], after: Option<usize>) -> usize {
    let start = after.map_or(0, |after| after + 1);
    let found = (start..steps.len())
        .chain(0..start)
        .find(|number| steps.get(*number).is_some_and(|step| open(review, *step)));
    found.or(after).unwrap_or(0)
}

fn state(answer: Option<Said>) -> (&'static str, &'static str) {
    match answer {
        None => ("open", "to be decided"),
        Some(Said::Remove) => ("remove", "removed"),
        Some(Said::Keep) => ("keep", "stays"),
    }
}

fn texts(review: &Review, steps: &[Step], now: usize, from: usize) -> Vec<Text> {
    let mut numbers = steps.iter().enumerate();
    let mut number_of =
        |wanted: &dyn Fn(&Step) -> bool| numbers.find(|(_, step)| wanted(step)).map(|(number, _)| number);
    let mut texts = Vec::new();
    for (which, piece) in review.pieces.iter().enumerate().skip(from).take(PAGE) {
        let whole = by_itself(piece).then(|| {
            let number =
                number_of(&|step| matches!(step, Step::Whole(piece) if *piece == which)).unwrap_or(0);
            let (state, says) = match &piece.whole.decision {
                None if !piece.whole.asked => ("keep", "it was read, and goes in unless it is left out"),
                decision => state(decision.as_ref().map(|decision| decision.answer)),
            };
            Stop { number, state, says: says.to_owned(), current: number == now }
        });
        let (mut bits, mut at) = (Vec::new(), 0);
        for (place, spot) in piece.places.clone().zip(review.within(piece)) {
            let before = piece.text.get(at..spot.span.start).unwrap_or_default().to_owned();
            bits.push(Bit { words: before, stop: None });
            let number =
                number_of(&|step| matches!(step, Step::Place(known) if *known == place)).unwrap_or(0);
            let (state, said) = state(review.answer(spot));
            let what = review.groups.get(spot.group).map_or("", |group| group.what.words());
            let words = piece.text.get(spot.span.clone()).unwrap_or_default().to_owned();
            bits.push(Bit {
                words,
                stop: Some(Stop { number, state, says: format!("{what}, {said}"), current: number == now }),
            });
            at = spot.span.end;
        }
        bits.push(Bit { words: piece.text.get(at..).unwrap_or_default().to_owned(), stop: None });
        let unread = matches!(piece.from, From::Unread(_)) && piece.whole.asked;
        let file = matches!(piece.from, From::Unread(_)) && !piece.whole.asked;
        texts.push(Text {
            heading: piece.heading.clone(),
            unread,
            file,
            out: is_out(piece),
            whole,
            pieces: bits,
        });
    }
    texts
}

fn now(review: &Review, step: Step, number: usize, at: &Where) -> Option<Now> {
    let hex = |mark: &[u8; 32]| store::keys::hex(mark);
    let row = |decision: Option<&Decision>| decision.map_or(0, |decision| decision.id);
    match step {
        Step::Whole(place) => {
            let piece = review.pieces.get(place)?;
            let decision = piece.whole.decision.as_ref();
            let unread = matches!(piece.from, From::Unread(_));
            Some(Now {
                number,
                title: piece.heading.clone(),
                says: if unread && !piece.whole.asked {
                    "All of this file was read.".to_owned()
                } else if unread {
                    piece.text.clone()
                } else {
                    "This text is also about somebody else whom it was written down for.".to_owned()
                },
                suggestion: if unread && !piece.whole.asked {
                    "It goes into the pack without what is removed. Leave it out whole if it cannot be made anew."
                } else if unread {
                    "Look at it yourself; then say whether it goes into the pack."
                } else {
                    "Read it, and say whether it goes into the pack."
                },
                whole: true,
                mark: hex(&piece.whole.mark),
                text: String::new(),
                from: 0,
                to: 0,
                seen: row(decision),
                seen_here: 0,
                state: decided(decision),
                undo: row(decision),
                remove: reasons(REMOVE, &at.remove, "others"),
                keep: reasons(KEEP, &at.keep, "known"),
                note: decision.and_then(|decision| decision.note.clone()).unwrap_or_default(),
                out_mark: String::new(),
                out_seen: 0,
            })
        }
        Step::Place(place) => {
            let spot = review.places.get(place)?;
            let (group, piece) = (review.groups.get(spot.group)?, review.pieces.get(spot.piece)?);
            let decision = spot.here.as_ref().or(group.decision.as_ref());
            let person = matches!(group.what, What::People(_));
            Some(Now {
                number,
                title: group.said.clone(),
                says: format!(
                    "{}, {}.",
                    if person {
                        "Not the requester".to_owned()
                    } else {
                        super::super::people::capital(group.what.words())
                    },
                    if group.times == 1 {
                        "appears once".to_owned()
                    } else {
                        format!("appears {} times", group.times)
                    }
                ),
                suggestion: if group.what == What::Name {
                    "Perhaps a name. If it is nobody's, it stays."
                } else {
                    "Remove everywhere, unless they agreed or it is reasonable without."
                },
                whole: false,
                mark: hex(&group.mark),
                text: spot.about.place.map(|place| hex(&place.text)).unwrap_or_default(),
                from: spot.span.start,
                to: spot.span.end,
                seen: row(group.decision.as_ref()),
                seen_here: row(spot.here.as_ref()),
                state: decided(decision),
                undo: row(decision),
                remove: reasons(REMOVE, &at.remove, "others"),
                keep: reasons(KEEP, &at.keep, if group.what == What::Name { "nobody" } else { "known" }),
                note: decision.and_then(|decision| decision.note.clone()).unwrap_or_default(),
                out_mark: hex(&piece.whole.mark),
                out_seen: row(piece.whole.decision.as_ref()),
            })
        }
    }
}

fn decided(decision: Option<&Decision>) -> String {
    let Some(decision) = decision else { return String::new() };
    let why = KEEP.iter().chain(REMOVE).find(|why| why.word == decision.why).map_or("", |why| why.says);
    let (_, said) = state(Some(decision.answer));
    let only = if decision.about.place.is_some() { ", only here" } else { "" };
    format!("Decided on {}: {said}{only}. {why}.", frame::words(decision.on))
}

fn reasons(all: &[Why], last: &str, first: &str) -> Vec<Choice> {
    let chosen = if all.iter().any(|why| why.word == last) { last } else { first };
    all.iter()
        .map(|why| Choice {
            value: why.word.to_owned(),
            words: if why.law.is_empty() {
                why.says.to_owned()
            } else {
                format!("{} ({})", why.says, why.law)
            },
            hint: String::new(),
            chosen: why.word == chosen,
        })
        .collect()
}

fn people(review: &Review, steps: &[Step], base: &str) -> Vec<Whom> {
    let mut first = vec![None; review.groups.len()];
    for (number, step) in steps.iter().enumerate() {
        if let Step::Place(place) = step
            && let Some(slot) = review.places.get(*place).and_then(|spot| first.get_mut(spot.group))
            && slot.is_none()
        {
            *slot = Some(number);
        }
    }
    let groups = review.groups.iter().zip(first);
    groups
        .map(|(group, first)| Whom {
            said: group.said.clone(),
            what: group.what.words(),
            times: if group.times == 1 { "once".to_owned() } else { format!("{} times", group.times) },
            state: match &group.decision {
                Some(decision) => state(Some(decision.answer)).1.to_owned(),
                None => "to be decided".to_owned(),
            },
            href: first.map(|number| format!("{base}?at={number}#now")).unwrap_or_default(),
        })
        .collect()
}

/// What the form of the page sends.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Posting {
    at: usize,
    answer: String,
    mark: String,
    text: String,
    from: i64,
    to: i64,
    seen: i64,
    seen_here: i64,
    undo: i64,
    keep_why: String,
    remove_why: String,
    note: String,
    version: String,
}

impl Posting {
    /// Whom it decides about, where it is for everywhere.
    fn everywhere(&self) -> Option<[u8; 32]> {
        matches!(self.answer.as_str(), "remove" | "keep")
            .then(|| redaction::marked(&self.mark).ok())
            .flatten()
    }

    /// The decision it asks for: `remove`, `keep`, and each with `-here` for this place alone.
    fn given(&self) -> Given {
        let (answer, here) = match self.answer.strip_suffix("-here") {
            Some(answer) => (answer, true),
            None => (self.answer.as_str(), false),
        };
        let why = if answer == "keep" { &self.keep_why } else { &self.remove_why };
        Given {
            answer: answer.to_owned(),
            mark: self.mark.clone(),
            place: here.then(|| (self.text.clone(), self.from, self.to)),
            why: why.clone(),
            note: self.note.clone(),
            seen: if here { self.seen_here } else { self.seen },
        }
    }
}

/// `POST /requests/{id}/review`: decides, and goes on to what is open next.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Posting>,
) -> Answer<Response> {
    let sent = given.clone();
    // A decision for everywhere keeps where everywhere is, as it stands when it is made.
    let places = match given.everywhere() {
        Some(mark) => {
            let id = RequestId(id);
            reviewed(house.clone(), &visitor, id, move |_, _, _, _, review| Ok(review.places_of(&mark)))
                .await?
        }
        None => Vec::new(),
    };
    let done = write(house.clone(), &visitor, move |acting, tx| {
        as_seen(acting, tx, RequestId(id), &sent.version)?;
        match sent.answer.as_str() {
            "undo" => redaction::take_back(acting, tx, RequestId(id), sent.undo),
            "check" => redaction::check(acting, tx, RequestId(id), sent.seen),
            _ => redaction::decide(acting, tx, RequestId(id), &sent.given(), &places),
        }
    });
    match done.await {
        Ok(()) => {
            let on = if given.answer == "undo" { "at" } else { "after" };
            let word = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            let (keep, remove) = (word(&given.keep_why), word(&given.remove_why));
            Ok(Redirect::to(&format!(
                "/requests/{id}/review?{on}={}&keep={keep}&remove={remove}#now",
                given.at
            ))
            .into_response())
        }
        Err(trouble) => {
            let (status, errors) = wrong(trouble)?;
            let form = Form { errors, values: [("note".to_owned(), given.note.clone())].into() };
            let at = Where {
                at: Some(given.at),
                keep: given.keep_why,
                remove: given.remove_why,
                ..Where::default()
            };
            let page = shown(house, &visitor, RequestId(id), at, form).await?;
            Ok((status, page).into_response())
        }
    }
}
