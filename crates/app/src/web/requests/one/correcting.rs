//! What was put right of what somebody asks to be corrected, as the request's page shows it.

use store::Tx;
use store::request::{Kind, Step, SubjectRequest};

use crate::acts::Acting;
use crate::acts::request::correcting::{self as acts, Place};
use crate::fault::Fault;
use crate::web::page::{Choice, Form};
use crate::web::{frame, people};

/// What `requests/correcting.html` shows.
pub(super) struct Correcting {
    /// What was put right, each a kind or what was said of paper.
    pub(super) right: Vec<String>,
    /// Whether a note of what they say stands beside what we hold.
    pub(super) noted: bool,
    /// Whether more can be done: it is open, and known who asks.
    pub(super) open: bool,
    /// Among which lines a note can stand.
    pub(super) places: Vec<Choice>,
}

/// What came of it so far; nothing for a request of another kind.
pub(super) fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (asked, steps): (&SubjectRequest, &[Step]),
    (known, form): (bool, &Form),
) -> Result<Option<Correcting>, Fault> {
    if asked.kind != Kind::Rectification {
        return Ok(None);
    }
    let came = acts::corrections(acting, tx, asked, steps)?;
    let open = known && asked.closed_on.is_none() && asked.unknown_since.is_none();
    let places = match asked.person.filter(|_| open) {
        Some(person) => {
            let life = acting.life(tx, person)?;
            let chosen = form.value("note-place");
            let places = acts::places(acting, &life);
            places.iter().enumerate().map(|(at, place)| choice(acting, &life, place, (chosen, at))).collect()
        }
        None => Vec::new(),
    };
    Ok(Some(Correcting { right: came.right, noted: came.noted, open, places }))
}

fn choice(acting: &Acting<'_>, life: &custody::Life, place: &Place, (chosen, at): (&str, usize)) -> Choice {
    let kind = acting.policy.kind(place.kind).map_or("line", |kind| kind.name.as_str());
    let on = life.works.iter().find(|work| Some(work.engagement) == place.engagement);
    let words = match on {
        Some(on) => {
            let title = acting.policy.works.get(on.work.index()).map_or("work", |work| work.title.as_str());
            format!("{}, on the {title} from {}", people::capital(kind), frame::words(on.opened_on))
        }
        None => people::capital(kind),
    };
    Choice {
        value: place.word.clone(),
        words,
        hint: String::new(),
        chosen: place.word == chosen || (chosen.is_empty() && at == 0),
    }
}
