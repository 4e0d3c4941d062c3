//! Pictures that stand in a text to many: taken from whoever writes it, made bare, and never fetched from anywhere. Each says in words
//! what it shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use custody::id::MailingId;
use policy::role::Deed;
use serde_json::json;
use store::picture::{self, Of, Picture};
use store::{Tx, mailing, template};

use super::Acting;
use crate::fault::Fault;
use crate::mail::{compose, picture as bare};
use crate::web::page::FieldError;

/// The most pictures of one text.
const MOST: usize = 5;

/// The most bytes of one, and of all of a text: what a message may weigh that comes unasked.
const BYTES_MAX: usize = 1024 * 1024;
const ALL_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The longest words for what one shows, in characters.
const ALT_MAX: usize = 300;

/// Adds a picture to a draft or a template. By which number its text shows it.
///
/// # Errors
/// [`Fault::Invalid`] for what is no picture or too large, and where nobody says what it shows; [`Fault::Changed`] if the mailing is no
/// draft any more.
pub fn add(acting: &Acting<'_>, tx: &Tx<'_>, of: Of, alt: &str, file: Option<&[u8]>) -> Result<i64, Fault> {
    acting.must(Deed::Send)?;
    let mut wrong = Vec::new();
    let mut blame = |field: &str, words: &str| {
        wrong.push(FieldError { field: field.to_owned(), words: words.to_owned() });
    };
    let alt = alt.trim();
    if alt.is_empty() || alt.chars().count() > ALT_MAX || alt.chars().any(char::is_control) {
        blame("alt", "Say in a line what it shows, for whoever does not see it.");
    }
    let there = picture::all(tx, of)?;
    let weigh: usize = there.iter().map(|picture| picture.bytes.len()).sum();
    let taken = file.map_or(Err("Choose a picture."), bare::bare);
    match &taken {
        Err(why) => blame("picture", why),
        Ok(_) if there.len() >= MOST => blame("picture", "There are five already: take one out first."),
        Ok(taken) if taken.bytes.len() > BYTES_MAX => {
            blame("picture", "It is larger than 1 MB, which is much to send to many. Make it smaller first.");
        }
        Ok(taken) if taken.bytes.len() + weigh > ALL_BYTES_MAX => {
            blame("picture", "Together they are larger than 2 MB, which is much to send to many.");
        }
        Ok(_) => {}
    }
    let taken = match taken {
        Ok(taken) if wrong.is_empty() => taken,
        _ => return Err(Fault::Invalid(wrong)),
    };
    touched(tx, of)?;
    let number = there.iter().map(|picture| picture.number).max().unwrap_or(0) + 1;
    let new = Picture {
        number,
        alt: alt.to_owned(),
        media: taken.media.to_owned(),
        width: i64::from(taken.width),
        bytes: taken.bytes,
    };
    picture::add(tx, of, &new)?;
    log(acting, tx, "picture.added", of, number)?;
    Ok(number)
}

/// Takes a picture out of a draft or a template.
///
/// # Errors
/// [`Fault::NotFound`] if there is none of this number; [`Fault::Changed`] if the mailing is no draft any more.
pub fn remove(acting: &Acting<'_>, tx: &Tx<'_>, of: Of, number: i64) -> Result<(), Fault> {
    acting.must(Deed::Send)?;
    touched(tx, of)?;
    picture::remove(tx, of, number)?;
    log(acting, tx, "picture.removed", of, number)
}

/// One picture, to look at.
///
/// # Errors
/// [`Fault::NotFound`] if there is none of this number.
pub fn one(acting: &Acting<'_>, tx: &Tx<'_>, of: Of, number: i64) -> Result<Picture, Fault> {
    acting.must(Deed::Send)?;
    Ok(picture::one(tx, of, number)?)
}

/// Whoever looked at the text before has not seen this.
fn touched(tx: &Tx<'_>, of: Of) -> Result<(), Fault> {
    match of {
        Of::Mailing(which) => mailing::touched(tx, which).map_err(|error| match error {
            store::Error::Missing => Fault::Changed,
            error => error.into(),
        }),
        Of::Template(which) => Ok(template::touched(tx, which)?),
    }
}

fn log(acting: &Acting<'_>, tx: &Tx<'_>, act: &str, of: Of, number: i64) -> Result<(), Fault> {
    let body = match of {
        Of::Mailing(which) => json!({ "mailing": which.0, "number": number }),
        Of::Template(which) => json!({ "template": which.0, "number": number }),
    };
    acting.log(tx, act, &[], &body)
}

/// Refuses a text that shows a picture from outside: whoever has it would see when the message is read.
///
/// # Errors
/// [`Fault::Invalid`] naming it.
pub fn none_from_outside(text: &str) -> Result<(), Fault> {
    let outside = compose::pictures(text).into_iter().find(|to| compose::number(to).is_none());
    outside.map_or(Ok(()), |to| {
        let words = format!(
            "`{to}` would be fetched when somebody reads it, and is not shown: add the picture here."
        );
        Err(Fault::field("text", words))
    })
}

/// Refuses a text that shows a picture that is not there, or one from outside.
///
/// # Errors
/// [`Fault::Invalid`] naming it.
pub fn all_there(tx: &Tx<'_>, of: Of, text: &str) -> Result<(), Fault> {
    none_from_outside(text)?;
    let said = compose::pictures(text);
    if said.is_empty() {
        return Ok(());
    }
    let there: Vec<i64> = picture::all(tx, of)?.iter().map(|picture| picture.number).collect();
    match said.into_iter().find(|to| compose::number(to).is_none_or(|number| !there.contains(&number))) {
        Some(to) => {
            Err(Fault::field("text", format!("There is no `{to}` here: add the picture, or leave it out.")))
        }
        None => Ok(()),
    }
}

/// The pictures of mailings that are leaving, each read once.
#[derive(Debug, Default)]
pub struct Leaving(BTreeMap<MailingId, Arc<Vec<Picture>>>);

impl Leaving {
    /// Those of one; none where it is no mailing.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn of(&mut self, tx: &Tx<'_>, mailing: Option<MailingId>) -> Result<Arc<Vec<Picture>>, Fault> {
        let Some(mailing) = mailing else { return Ok(Arc::default()) };
        if let Some(read) = self.0.get(&mailing) {
            return Ok(read.clone());
        }
        let read = Arc::new(picture::all(tx, Of::Mailing(mailing))?);
        self.0.insert(mailing, read.clone());
        Ok(read)
    }
}
