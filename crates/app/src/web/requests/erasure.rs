//! What an erasure would do, before it does it; then doing it.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{MailingId, PersonId, RequestId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use serde::Deserialize;
use store::mention::later;
use store::mention::prose::called as called_of;
use store::mention::texts::{self, Called, Text, Texts};
use store::picture::{self, Of};
use store::{Tx, person};

use super::super::page::{Choice, FieldError, Form, Page, Refused};
use super::super::people::capital;
use super::super::person::called;
use super::super::show::filters;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use super::new::{channels, choice};
use crate::acts::confirmation::Telling;
use crate::acts::erasure::{self as acts, Asking, Because, Masking, Preview, Reason};
use crate::acts::request::{Outcome, listing, remove_files};
use crate::acts::{Acting, identity};
use crate::fault::Fault;

mod ahead;

use ahead::{ended, mark, message, remains};

#[derive(Template)]
#[template(path = "requests/erasure.html")]
struct ErasurePreview {
    page: Page,
    grant: Grant,
    person: String,
    name: Option<Sealed>,
    request: String,
    version: String,
    form: Form,
    go: Vec<Line>,
    stay: Vec<Line>,
    spoken: Vec<Spoken>,
    files: String,
    /// Whether all texts of others were looked at.
    whole: bool,
    instead: &'static str,
    tasks: Vec<String>,
    told: Vec<String>,
    /// What else they had asked that ends with it.
    ends: Vec<String>,
    remains: String,
    /// What marks of their addresses and numbers forbid from now on.
    marks: Vec<&'static str>,
    whys: Vec<Choice>,
    /// How they can have asked; nothing where a request of theirs says so.
    asked_how: Vec<Choice>,
    today: String,
    /// How we know who asks; nothing where that is on record.
    known: Vec<Choice>,
    /// Whether nothing of it may go now.
    nothing: bool,
    ways: Vec<Choice>,
    tell_help: String,
    drafted: Option<Sealed>,
    allowed: bool,
    refused: Option<Refused>,
}

struct Line {
    words: String,
    count: u64,
    because: String,
}

/// A text about somebody else that speaks of them.
struct Spoken {
    value: String,
    /// The same as it is listed: with a question mark where it is not sure.
    listed: String,
    words: String,
    href: String,
    whose: Option<Sealed>,
    /// Whether only a part of their name stands there.
    perhaps: bool,
    /// That it has to stay as it is, and until when that is looked at again.
    stays: String,
    masked: bool,
}

/// That they hear of a refusal by a letter, which is drafted.
const LETTER: &str = "letter";

/// What the address says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    pub(in crate::web) request: String,
}

/// What the form sends.
#[derive(Clone, Default)]
struct Given {
    request: String,
    version: String,
    why: String,
    note: String,
    /// How they asked, on which day and in which words, where no request says so yet.
    asked_how: String,
    asked_on: String,
    asked_words: String,
    known: String,
    tell: String,
    how: String,
    /// What they are told, as it was read over.
    words: String,
    /// The texts of others that were listed, and those of them to be masked: `entry-7 item-9`.
    listed: String,
    mask: Vec<String>,
}

impl Given {
    /// What the form sent; each text to be masked is a box of its own.
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut given = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "request" => given.request = value,
                "version" => given.version = value,
                "why" => given.why = value,
                "note" => given.note = value,
                "asked-how" => given.asked_how = value,
                "asked-on" => given.asked_on = value,
                "asked-words" => given.asked_words = value,
                "known" => given.known = value,
                "tell" => given.tell = value,
                "how" => given.how = value,
                "words" => given.words = value,
                "listed" => given.listed = value,
                "mask" => given.mask.push(value),
                _ => {}
            }
        }
        given
    }

    /// How they asked, if the form says that they did.
    fn asking(&self) -> Result<Option<Asking<'_>>, Fault> {
        if self.asked_how.is_empty() {
            return Ok(None);
        }
        let on = match self.asked_on.as_str() {
            "" => None,
            day => Some(
                day.parse().map_err(|_| Fault::field("asked-on", "Choose the day on which they asked."))?,
            ),
        };
        Ok(Some(Asking { channel: &self.asked_how, on, words: &self.asked_words }))
    }

    /// The texts that were listed, each with whether it was only perhaps about them, and whether it is to be masked.
    fn texts(&self) -> Vec<Listed<'_>> {
        let texts = self.listed.split_whitespace().filter_map(|text| {
            let sure = !text.ends_with('?');
            let text = text.trim_end_matches('?');
            let (table, id) = text.split_once('-')?;
            let masked = self.mask.iter().any(|mask| mask == text);
            Some(Listed { table, id: id.parse().ok()?, sure, masked })
        });
        texts.collect()
    }
}

/// A text that was listed before.
struct Listed<'a> {
    table: &'a str,
    id: i64,
    sure: bool,
    masked: bool,
}

fn request(text: &str) -> Option<RequestId> {
    text.parse().ok().map(RequestId)
}

/// Somebody's name as a list may show it, if one is held.
pub(in crate::web) fn name(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
) -> Result<(Option<Sealed>, Grant), Fault> {
    let grant = listing(acting, tx, &[id])?;
    let name = called(acting, tx, id, &grant)?;
    Ok((name, grant))
}

/// `GET /people/{id}/erasure?request=`. It writes and takes back, so that the numbers are those that will come.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    let spoken =
        read(house.clone(), &visitor, move |acting, tx| acts::spoken(acting, tx, PersonId(id))).await?;
    let given = Given { request: asks.request, ..Given::default() };
    write(house, &visitor, move |acting, tx| {
        page(acting, tx, PersonId(id), (&given, &spoken), Form::default(), &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    (given, found): (&Given, &Texts),
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (preview, drafted) = acts::drafted(acting, tx, id, request(&given.request))?;
    let others = found.found.iter().filter_map(Text::whose);
    let people: Vec<PersonId> = std::iter::once(id).chain(others).collect();
    let grant = listing(acting, tx, &people)?;
    let names = person::names(tx, &acting.policy, &people)?;
    let called =
        |who: PersonId| names.iter().find(|name| name.person() == who && name.open(&grant).is_ok()).cloned();
    let name = called(id);
    let again = given.texts();
    let about = found.found.iter().flat_map(|text| text.about.iter().copied());
    let held = later::held(tx, &acting.policy, about, acting.today)?;
    let kept = |text: &Text| text.about.iter().find_map(|who| held.get(who));
    let texts = found.found.iter().map(|text| {
        let drawn = if text.table == PICTURE { picture::belongs(tx, text.id)? } else { None };
        Ok::<_, Fault>(spoken(text, drawn, &called, kept(text), &again))
    });
    let texts = texts.collect::<Result<Vec<_>, _>>()?.into_iter();
    let drafts = found.drafts.iter().map(|named| draft(named, &again));
    let organisations = found.organisations.iter().map(|named| organisation(named, &again));
    let spoken = texts.chain(drafts).chain(organisations).collect();
    let line = |(kind, count): (&String, &u32)| Line {
        words: capital(kind),
        count: u64::from(*count),
        because: String::new(),
    };
    let mut go: Vec<Line> = preview.go.iter().map(line).collect();
    if preview.cut > 0 {
        go.push(Line {
            words: "Links to what stays for somebody else".to_owned(),
            count: u64::from(preview.cut),
            because: "Their name, addresses and numbers are taken out of the text where they stand."
                .to_owned(),
        });
    }
    go.extend(waiting(&preview, found.left.len()));
    let nothing = preview.outcome == Outcome::Refused;
    let goes = preview.go.values().any(|count| *count > 0);
    let days = acting.policy.requests.confirming_days;
    let email = (preview.by_email && !nothing).then(|| message(&preview, days));
    let mut tasks = preview.tasks;
    if !preview.after.is_empty() {
        let kinds: Vec<&str> = preview.after.keys().map(String::as_str).collect();
        tasks.push(format!("Once that is handed over, this goes too: {}", kinds.join(", ")));
    }
    let stay = preview.stay.into_iter().map(|stays| Line {
        words: if stays.stayed.kinds.is_empty() {
            stays.stayed.activity
        } else {
            format!("{}: {}", stays.stayed.activity, stays.stayed.kinds)
        },
        count: stays.stayed.count,
        because: stays.because,
    });
    let whys = whys(&form);
    let asked_how = if preview.asks { Vec::new() } else { asked_how(acting, &form) };
    let today = form_day(&form, acting.today);
    let known = if preview.known || nothing { Vec::new() } else { known(&form) };
    let ways = ways(&form, email, preview.asks, nothing);
    let drafted = drafted.filter(|drafted| drafted.open(&grant).is_ok());
    html(&ErasurePreview {
        page: frame::page(acting, "Erase", "requests", path),
        grant,
        person: format!("/people/{id}"),
        name,
        request: given.request.clone(),
        spoken,
        files: if given.request.is_empty() {
            String::new()
        } else {
            format!("/requests/{}/words", given.request)
        },
        whole: found.whole,
        instead: acts::INSTEAD,
        version: preview.version,
        form,
        allowed: true,
        go,
        stay: stay.collect(),
        tasks,
        told: preview.told,
        ends: preview.ends.iter().map(|(kind, on)| ended(*kind, *on)).collect(),
        remains: remains(acting, &preview.initials, (goes, nothing)),
        marks: preview.marks.iter().copied().map(mark).collect(),
        whys,
        asked_how,
        today,
        known,
        nothing,
        drafted,
        ways,
        tell_help: match (preview.promised, preview.asks) {
            (true, _) => "The policy promises that they hear of it.".to_owned(),
            (false, true) => "They asked, so they hear what came of it (Art 12(3) and (4)).".to_owned(),
            (false, false) => String::new(),
        },
        refused: None,
    })
}

/// What goes of files that wait to be brought in, and of mailings that have left.
fn waiting(preview: &Preview, left: usize) -> Vec<Line> {
    let incoming = &preview.incoming;
    let left = if preview.outcome == Outcome::Refused { 0 } else { u32::try_from(left).unwrap_or(u32::MAX) };
    let line = |words: &str, count: u32, because: &str| Line {
        words: words.to_owned(),
        count: u64::from(count),
        because: because.to_owned(),
    };
    let lines = [
        line(
            "Rows of files that wait to be brought in",
            incoming.gone,
            "Whoever has their name is taken for them: bring somebody else of that name in again.",
        ),
        line("Rows of others in such files", incoming.masked, "They are masked in them."),
        line(
            "Files that wait to be brought in",
            incoming.files,
            "They speak of them, and their columns have not been named: upload them again without them.",
        ),
        line("Mailings that have left and name them", left, "They are masked in them."),
    ];
    lines.into_iter().filter(|line| line.count > 0).collect()
}

/// The table of pictures, of which each that shows them goes whole.
const PICTURE: &str = "picture";

/// A text of somebody else, as the page lists it: masked where it is sure whom it speaks of, unless it was left out before. A picture
/// is read in the text to many that it was `drawn` for.
fn spoken(
    text: &Text,
    drawn: Option<Of>,
    called: &impl Fn(PersonId) -> Option<Sealed>,
    kept: Option<&Life>,
    again: &[Listed<'_>],
) -> Spoken {
    let what = match text.table {
        PICTURE => "A picture in a text to many, which shows them by its own words and goes whole".to_owned(),
        table => capital(called_of(table)),
    };
    let on = text.on.map_or_else(String::new, |on| format!(" of {}", frame::words(on)));
    let href = match (text.table, text.whose()) {
        ("organisation", _) => format!("/organisations/{}", text.id),
        ("template", _) => format!("/outreach/templates/{}", text.id),
        ("saved_audience", _) => "/outreach/audiences".to_owned(),
        ("attestation", _) => "/policy/proof".to_owned(),
        (PICTURE, _) => drawn.map_or_else(String::new, |of| match of {
            Of::Mailing(mailing) => format!("/outreach/{mailing}"),
            Of::Template(template) => format!("/outreach/templates/{template}"),
        }),
        ("request", _) => format!("/requests/{}", text.id),
        ("entry", Some(whose)) => format!("/people/{whose}#entry-{}", text.id),
        (_, Some(whose)) => format!("/people/{whose}"),
        (_, None) => String::new(),
    };
    let until = |(what, day): (&str, Option<Date>)| {
        let looked =
            day.map_or_else(String::new, |day| format!(", looked at again by {}", frame::words(day)));
        format!("{what}{looked}: masked by itself the night after that has ended")
    };
    Spoken {
        value: format!("{}-{}", text.table, text.id),
        listed: format!("{}-{}{}", text.table, text.id, if text.sure { "" } else { "?" }),
        words: format!("{what}{on}"),
        href,
        whose: text.whose().and_then(called),
        perhaps: !text.sure,
        stays: kept.map(later::because).map_or_else(String::new, until),
        masked: masked((text.table, text.id), text.sure, again),
    }
}

/// A draft to many that names them, which whoever writes it can change as well.
fn draft((id, title): &(MailingId, String), again: &[Listed<'_>]) -> Spoken {
    let words = if title.trim().is_empty() {
        "The draft of a mailing without a title".to_owned()
    } else {
        format!("The draft of the mailing {title}")
    };
    named(("mailing", id.0), words, format!("/outreach/{id}"), again)
}

/// An organisation that is called after them.
fn organisation(called: &Called, again: &[Listed<'_>]) -> Spoken {
    Spoken {
        listed: format!("{}-{}{}", texts::NAME, called.id, if called.sure { "" } else { "?" }),
        perhaps: !called.sure,
        masked: masked((texts::NAME, called.id.0), called.sure, again),
        ..named(
            (texts::NAME, called.id.0),
            format!("The name of the organisation {}", called.name),
            format!("/organisations/{}", called.id),
            again,
        )
    }
}

/// Whether a text is masked: as it was chosen before, else if it is sure that it speaks of them.
fn masked((table, id): (&str, i64), sure: bool, again: &[Listed<'_>]) -> bool {
    again.iter().find(|was| (was.table, was.id) == (table, id)).map_or(sure, |was| was.masked)
}

/// What is nobody's and surely names them: masked, unless it was left out before.
fn named((table, id): (&str, i64), words: String, href: String, again: &[Listed<'_>]) -> Spoken {
    Spoken {
        value: format!("{table}-{id}"),
        listed: format!("{table}-{id}"),
        words,
        href,
        whose: None,
        perhaps: false,
        stays: String::new(),
        masked: masked((table, id), true, again),
    }
}

/// Why it may be, in the words a certificate keeps.
fn whys(form: &Form) -> Vec<Choice> {
    let chosen = form.value("why");
    let why = |(_, word, words): &(Reason, &'static str, &'static str)| Choice {
        value: (*word).to_owned(),
        words: capital(words),
        hint: String::new(),
        chosen: *word == chosen || (chosen.is_empty() && *word == Reason::Asked.word()),
    };
    Reason::ALL.iter().map(why).collect()
}

/// How they can have asked, where no request of theirs says so.
fn asked_how(acting: &Acting<'_>, form: &Form) -> Vec<Choice> {
    let chosen = form.value("asked-how");
    let nobody = Choice { words: "They did not ask".to_owned(), ..Choice::default() };
    std::iter::once(nobody).chain(channels(acting).iter().map(|how| choice(how, how, chosen))).collect()
}

/// The day on which they asked, as it was typed, or today.
fn form_day(form: &Form, today: Date) -> String {
    match form.value("asked-on") {
        "" => today.to_string(),
        typed => typed.to_owned(),
    }
}

/// How we know who asks: nobody is asked for more than the case needs, and it has to be said.
fn known(form: &Form) -> Vec<Choice> {
    let chosen = form.value("known");
    let nobody = ("", "Nobody asks for it: it is our own decision");
    let way = |(value, words): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        words: (*words).to_owned(),
        hint: String::new(),
        chosen: *value == chosen,
    };
    std::iter::once(&nobody).chain(identity::WAYS).map(way).collect()
}

/// How they may hear what came of it: none is chosen beforehand. By e-mail where one can say it, which says so much.
fn ways(form: &Form, email: Option<String>, asks: bool, nothing: bool) -> Vec<Choice> {
    let chosen = form.value("tell");
    let way = |value: &str, words: &str, hint: String| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint,
        chosen: value == chosen,
    };
    let email = email.map(|says| way("email", "By e-mail, now", says));
    let hint = match nothing {
        true => {
            "Why nothing goes, how to complain to you and to the regulator, and that they can go to court. Say how in the field below."
        }
        false => "Say how in the field below.",
    };
    let letter = nothing.then(|| {
        way(
            LETTER,
            "By a letter that refuses it, drafted now with these reasons",
            "Read it over and let it leave: it says where else they can go, and closes the request then."
                .to_owned(),
        )
    });
    let told = way("told", "I have told them, or tell them today", hint.to_owned());
    let nobody =
        (!asks).then(|| way("nobody", "They did not ask for it and need not hear of it", String::new()));
    email.into_iter().chain(letter).chain([told]).chain(nobody).collect()
}

/// `POST /people/{id}/erasure`.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let given = Given::read(fields);
    let State(instance) = &house;
    let instance = instance.clone();
    let sent = given.clone();
    if given.tell == LETTER {
        let drafted = write(State(instance), &visitor, move |acting, tx| {
            let seen = (request(&sent.request), Some(sent.version.as_str()));
            let asked = sent.asking()?;
            let why = Because { asked, ..Because::from(Reason::named(&sent.why)?) };
            acts::refuse_by_letter(acting, tx, PersonId(id), seen, &why)
        });
        return match drafted.await {
            Ok(letter) => Ok(Redirect::to(&format!("/letters/{letter}")).into_response()),
            Err(trouble) => again(house, visitor, id, given, trouble).await,
        };
    }
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let telling = match Telling::read(&sent.tell, &sent.how)? {
            Telling::ByEmail if !sent.words.is_empty() => Telling::Written(&sent.words),
            telling => telling,
        };
        let texts = sent.texts();
        let these: Vec<(&str, i64)> =
            texts.iter().filter(|text| text.masked).map(|text| (text.table, text.id)).collect();
        let alone = texts.iter().filter(|text| text.sure && !text.masked);
        let alone: Vec<(&str, i64)> = alone.map(|text| (text.table, text.id)).collect();
        let masking = Masking { these: &these, alone: &alone };
        let known = Some(sent.known.as_str());
        let asked = sent.asking()?;
        let because = Because { reason: Reason::named(&sent.why)?, note: &sent.note, masking, known, asked };
        let why = (because, Some(sent.version.as_str()));
        acts::carry_out(acting, tx, PersonId(id), request(&sent.request), why, telling)
    });
    match done.await {
        Ok(carried) => {
            let gone = blocking(move || {
                remove_files(&instance, &carried.done.bytes);
                Ok(())
            });
            gone.await.map_err(|fault| Trouble::new(fault, &visitor))?;
            let said = match carried.came.outcome {
                Outcome::Done => "erased",
                Outcome::Partly if carried.word == store::request::NOTHING_YET => "nothing-erased",
                Outcome::Partly => "erased-in-part",
                Outcome::Refused => "not-erased",
            };
            let carried = carried.request;
            Ok(Redirect::to(&format!("/requests/{carried}?said={said}")).into_response())
        }
        Err(trouble) => again(house, visitor, id, given, trouble).await,
    }
}

/// The page once more, with what is to put right.
async fn again(house: House, visitor: Visitor, id: i64, given: Given, trouble: Trouble) -> Answer<Response> {
    let form = back(trouble.invalid()?, &given);
    let path = visitor.path.clone();
    let look = read(house.clone(), &visitor, move |acting, tx| acts::spoken(acting, tx, PersonId(id)));
    let spoken = look.await?;
    let page = write(house, &visitor, move |acting, tx| {
        page(acting, tx, PersonId(id), (&given, &spoken), form.clone(), &path)
    });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
}

fn back(errors: Vec<FieldError>, given: &Given) -> Form {
    let said = [
        ("why", &given.why),
        ("note", &given.note),
        ("asked-how", &given.asked_how),
        ("asked-on", &given.asked_on),
        ("asked-words", &given.asked_words),
        ("known", &given.known),
        ("tell", &given.tell),
        ("how", &given.how),
        ("words", &given.words),
    ];
    Form { values: said.into_iter().map(|(field, text)| (field.to_owned(), text.clone())).collect(), errors }
}
