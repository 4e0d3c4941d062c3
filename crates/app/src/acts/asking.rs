//! Asking us without signing in: whoever fills the form is answered with a reference and a day, and learns nothing about
//! whether we hold anything. Advertising stops in the act that takes it in; everything else waits for a person, and until it is known
//! who asks.

use jiff::civil::Date;
use policy::role::Deed;
use store::request::{self, From};
use store::{Tx, complaint, person};

use super::letter::{self, About};
use super::request::{self as desk, ASKS, Arrived, Meant, Who, Whose};
use super::{Acting, complaint as complaints, task};
use crate::fault::Fault;

/// The word for a complaint beside those of [`ASKS`].
pub const COMPLAINT: &str = "complaint";

/// What counts at once when one of us writes it down.
pub const AT_ONCE: &[&str] = &["advertising", "no contact"];

/// What counts at once by the form, where anybody can name anybody: nobody loses anything by it.
pub const BY_ANYBODY: &str = "advertising";

/// By what it came.
pub const CHANNEL: &str = "form";

/// What can be asked by the form, in the words of whoever asks.
pub const CHOICES: &[(&str, &str, &str)] = &[
    ("access", "Show me what you hold about me", "A copy of it, and why we have it."),
    ("rectification", "Correct something about me", "Tell us what is wrong, and what is right."),
    ("erasure", "Erase what you hold about me", "We tell you if the law makes us keep a part of it."),
    ("advertising", "Stop telling me what you offer", "This counts at once."),
    (
        "no contact",
        "Never contact me again",
        "What we offer stops at once, the rest when we know that it is you. Then the mark that stops us is one that nobody can read back.",
    ),
    ("objection", "Stop using it for something, or take back what I agreed to", "Tell us what it is about."),
    ("restriction", "Keep it, but do not use it", "For example while we look into a mistake."),
    ("portability", "Let me take it elsewhere", "As a file that another organisation can read."),
    (
        COMPLAINT,
        "I want to complain about how you handle my data",
        "We tell you within 30 days that we have it.",
    ),
];

/// What the form says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asking {
    /// A word of [`CHOICES`].
    pub ask: String,
    /// Their name.
    pub name: String,
    /// Where they want to be answered: an e-mail address, a number, a postal address.
    pub reach: String,
    /// In their words.
    pub words: String,
    /// Who asks for them.
    pub behalf: String,
    /// What lets that person ask.
    pub authority: String,
}

/// What whoever asked is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Our reference.
    pub reference: String,
    /// By when we answer; for a complaint, by when we say that we have it; nothing for what counts at once.
    pub due: Option<Date>,
    /// What is asked counts at once. It says nothing of whether whoever asks was found.
    pub at_once: bool,
}

/// What is to put right before it can be taken, field by field.
///
/// # Errors
/// [`Fault::Invalid`] with all of it.
pub fn checked(asking: &Asking) -> Result<(), Fault> {
    let mut wrong = Vec::new();
    let mut say = |field: &str, words: &str| {
        wrong.push(crate::web::page::FieldError { field: field.to_owned(), words: words.to_owned() });
    };
    if !CHOICES.iter().any(|(word, ..)| *word == asking.ask) {
        say("kind", "Choose what you want us to do.");
    }
    for (field, text, most, words) in [
        ("name", &asking.name, 200, "Write the name we may know you by."),
        ("reach", &asking.reach, 500, "Write an e-mail address, a telephone number or a postal address."),
    ] {
        if text.trim().is_empty() || text.len() > most || text.trim().contains(char::is_control) {
            say(field, words);
        }
    }
    if asking.words.len() > desk::TEXT_BYTES_MAX || asking.words.contains('\0') {
        say("words", "This is too long. Say it shorter, or send the rest by e-mail.");
    }
    if matches!(asking.ask.as_str(), "rectification" | "objection" | COMPLAINT)
        && asking.words.trim().is_empty()
    {
        say("words", "Tell us what it is about.");
    }
    if asking.behalf.len() > 200
        || asking.authority.len() > 500
        || (asking.behalf.clone() + &asking.authority).contains('\0')
    {
        say("behalf", "A name and a few words are enough.");
    }
    if !asking.behalf.trim().is_empty() && asking.authority.trim().is_empty() {
        say(
            "authority",
            "Say what lets you ask for them: you are their parent, their solicitor, they wrote you a letter.",
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(Fault::Invalid(wrong)) }
}

/// Takes in what the form says. What is answered is the same whether we hold anything or not.
///
/// # Errors
/// [`Fault::Invalid`] for what is to put right.
pub fn take(acting: &Acting<'_>, tx: &Tx<'_>, asking: &Asking) -> Result<Taken, Fault> {
    checked(asking)?;
    let (name, reach) = (asking.name.trim(), asking.reach.trim());
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (behalf, authority) = (some(&asking.behalf), some(&asking.authority));
    let (whose, meant) = whose(acting, tx, (name, reach), behalf.is_none())?;
    if asking.ask == COMPLAINT {
        let new = complaints::Arrived {
            received_on: acting.today,
            channel: CHANNEL.to_owned(),
            words: asking.words.clone(),
            reach: Some(reach.to_owned()),
            behalf: behalf.map(|who| format!("{who}: {}", authority.unwrap_or_default())),
        };
        let taken = complaints::written(acting, tx, &whose, &new)?;
        let due = complaint::one(tx, &acting.policy, taken)?.due_on;
        return Ok(Taken { reference: store::id::reference(taken.0), due, at_once: false });
    }
    let new = Arrived {
        ask: asking.ask.clone(),
        who: Who::Said(reach.to_owned()),
        received_on: acting.today,
        channel: CHANNEL.to_owned(),
        words: asking.words.clone(),
    };
    // What the form says of somebody's authority nobody here has seen yet.
    let from = From {
        reach: Some(reach),
        behalf: behalf.as_deref(),
        authority: authority.as_deref(),
        seen_on: None,
    };
    let taken = desk::written(acting, tx, &new, &whose, (&from, meant))?;
    let at_once = asking.ask == BY_ANYBODY;
    let known = request::one(tx, &acting.policy, taken)?;
    if known.closed_on.is_none() {
        request::assign(tx, taken, task::whoever(acting, tx, Deed::AnswerRequests, &[])?)?;
        letter::acknowledge(acting, tx, About::Request(taken))?;
    }
    // The day is the law's or our own from today on, and says nothing about anybody.
    let due = known.due_on.filter(|_| !at_once);
    Ok(Taken { reference: store::id::reference(taken.0), due, at_once })
}

/// Whoever has this address or number; somebody new where nobody has it, several do, or it is of one who asks for another: then a
/// person finds out.
fn whose(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (name, reach): (&str, &str),
    their_own: bool,
) -> Result<(Whose, Meant), Fault> {
    let found = match desk::shape(reach).filter(|_| their_own) {
        Some(shape) => desk::having(acting, tx, shape, reach)?,
        None => Vec::new(),
    };
    let name = name.to_owned();
    match found.as_slice() {
        [one] => Ok((Whose { person: *one, name, known: true }, Meant::Them)),
        _ => Ok((Whose { person: person::add(tx, acting.now)?, name, known: false }, Meant::Somebody)),
    }
}

/// [`ASKS`] and [`CHOICES`] know the same words.
#[must_use]
pub fn is_known(word: &str) -> bool {
    word == COMPLAINT || ASKS.iter().any(|(known, ..)| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_offers_what_the_desk_knows() {
        assert!(CHOICES.iter().all(|(word, ..)| is_known(word)));
        assert_eq!(CHOICES.len(), ASKS.len() + 1);
    }

    #[test]
    fn what_is_missing_is_said_all_at_once() {
        let asking = Asking { ask: "rectification".into(), behalf: "Jo Wren".into(), ..Asking::default() };
        let Err(Fault::Invalid(wrong)) = checked(&asking) else { panic!("taken") };
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["name", "reach", "words", "authority"]);
    }
}
