//! How each list of subscribers is, as far as the program noted it: which one is kept, when it was gone through, what is wrong with it.
//! It decides about nobody.

use jiff::{SignedDuration, Timestamp};
use policy::role::Deed;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Keys, Tx, setting, subscribers};

use crate::acts::Acting;
use crate::acts::health::{Line, failed};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// What stands for the list in `probity.toml` where none is to be kept any longer.
pub const NO_LIST: &str = "none";

/// A list that has not been gone through to its end for so long is late.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// How a list is, as far as the program noted it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Noted {
    /// The list that is kept, as the processor calls it: the one that the addresses lie on, whatever is configured by now.
    pub list: Option<String>,
    /// Whether everybody is being taken off it, so that another one is kept from then on.
    #[serde(default)]
    pub leaving: bool,
    /// When it was gone through last to its end.
    pub done_at: Option<Timestamp>,
    /// From when on changes there were not asked for yet.
    pub read_to: Option<Timestamp>,
    /// Before this instant it is not gone through again.
    pub next_at: Option<Timestamp>,
    /// Before this instant the processor wants to be asked nothing at all.
    pub left_alone_until: Option<Timestamp>,
    /// Why nothing goes there, or why the last turn ended early.
    pub trouble: Option<String>,
    /// How many may be written to of whom the policy lets nothing go there.
    #[serde(default)]
    pub withheld: usize,
    /// How many addresses lay there that were not from here, when it was first gone through.
    pub strangers: i64,
}

fn called(processor: &str) -> String {
    format!("subscribers at {processor}")
}

impl Noted {
    /// Whether what is configured is another list than the one that is kept.
    #[must_use]
    pub fn is_another(&self, configured: &str) -> bool {
        self.list.as_deref().is_some_and(|kept| kept != configured)
    }

    /// Whether the list that is kept stays until somebody says that everybody is taken off it, as another is configured by now.
    #[must_use]
    pub fn waits_to_be_left(&self, configured: &str) -> bool {
        self.is_another(configured) && !self.leaving
    }
}

/// How a list is.
///
/// # Errors
/// Whatever the store says.
pub fn noted(tx: &Tx<'_>, processor: &str) -> Result<Noted, Fault> {
    let text = setting::get(tx, &called(processor))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Notes how a list is.
///
/// # Errors
/// Whatever the store says.
pub fn note(tx: &Tx<'_>, processor: &str, noted: &Noted) -> Result<(), Fault> {
    let text = serde_json::to_string(noted).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(setting::set(tx, &called(processor), &text)?)
}

/// What a processor posts to where something happened on the list: it says that there is something to ask for, and nothing that
/// is in it is believed.
#[must_use]
pub fn hook(keys: &Keys, processor: &str) -> String {
    store::keys::hex(&keys.hash("processor hook", processor))
}

/// Something happened on the list whose hook this is: it is gone through at once, or once the processor wants to be asked again.
/// Whether it is one.
///
/// # Errors
/// Whatever the store says.
pub fn nudged(instance: &Instance, hooked: &str) -> Result<bool, Fault> {
    let keys = instance.store.keys();
    let named = instance.config.processors.keys().find(|name| hook(keys, name) == hooked);
    let Some(processor) = named else { return Ok(false) };
    instance.store.write(|tx| {
        let known = noted(tx, processor)?;
        note(tx, processor, &Noted { next_at: Some(machine()), ..known })
    })?;
    Ok(true)
}

/// Has everybody whom we put onto the list that is kept taken away there for good, so that the one that is configured by now is kept
/// from then on.
///
/// # Errors
/// [`Fault::Refused`] unless the role may manage staff; [`Fault::NotFound`] unless another list is configured.
pub fn begin_another(acting: &Acting<'_>, tx: &Tx<'_>, processor: &str) -> Result<(), Fault> {
    acting.must(Deed::ManageStaff)?;
    let synced = acting.instance.config.processors.get(processor).ok_or(Fault::NotFound)?;
    let known = noted(tx, processor)?;
    if !known.waits_to_be_left(&synced.list) {
        return Err(Fault::NotFound);
    }
    let addresses = subscribers::unlink_all(tx, processor)?;
    note(tx, processor, &Noted { leaving: true, ..known })?;
    acting.log(tx, "processor.left", &[], &json!({ "processor": processor, "addresses": addresses }))
}

/// The lists that have not been as they are here for a day, for whoever can see to it: whoever said no meanwhile may still be written to
/// from there.
///
/// # Errors
/// Whatever the store says.
pub fn unwell(instance: &Instance, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let mut lines = Vec::new();
    for (processor, synced) in &instance.config.processors {
        let noted = noted(tx, processor)?;
        if noted.waits_to_be_left(&synced.list) {
            let words =
                format!("probity.toml names another list at the {processor} than the one that is kept.");
            lines.push(failed(words).way("/processors", "See the list"));
        }
        let late = noted.done_at.is_none_or(|at| machine().duration_since(at) >= LATE);
        let Some(why) = noted.trouble.filter(|_| late) else { continue };
        let why = why.trim_end_matches('.');
        let words = format!("The list at the {processor} is not kept as the people say here: {why}.");
        lines.push(failed(words).way("/processors", "See the list"));
    }
    for (processor, count) in subscribers::lists(tx)? {
        if !instance.config.processors.contains_key(&processor) {
            let addresses = policy::count::counted(count.unsigned_abs(), "address");
            lines.push(failed(format!(
                    "A list at the {processor}, which probity.toml no longer names, still has {addresses} of ours: nobody is stopped or \
                     taken away there. Put it back; to leave the service, write `list = \"none\"` there first and have everybody taken off."
            )));
        }
    }
    Ok(lines)
}
