//! The member of staff a command acts as: by the same grants as on the pages, and what is opened goes into the log as it does there.

use std::process::ExitCode;

use serde_json::Value;
use store::Tx;
use store::staff::{self, Account};

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::{self, Acting};
use crate::fault::Fault;
use crate::instance::Instance;

/// Where, and as whom of the staff.
#[derive(clap::Args, Debug)]
pub struct Who {
    #[command(flatten)]
    pub(super) place: Place,
    /// The member of staff who acts, by e-mail; the first administrator unless said.
    #[arg(long = "as", value_name = "EMAIL")]
    pub(super) staff: Option<String>,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

impl Who {
    /// Runs a reading act.
    ///
    /// # Errors
    /// If the instance cannot be opened, and whatever the act says.
    pub(super) fn read<T>(
        &self,
        act: impl FnOnce(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let instance = self.place.open()?;
        let acting = acting(&instance, self.staff.as_deref())?;
        let done = instance.store.read(|tx| act(&acting, tx))?;
        instance.store.note(acting.into_views())?;
        Ok(done)
    }

    /// Runs a writing act in one transaction.
    ///
    /// # Errors
    /// As [`Who::read`]; then nothing was written.
    pub(super) fn write<T>(
        &self,
        mut act: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Failure> {
        let instance = self.place.open()?;
        let account = account(&instance, self.staff.as_deref())?;
        Ok(written(&instance, &account, &mut act)?)
    }

    /// Runs a writing act for each of some steps, each in a transaction of its own: nobody who writes something meanwhile waits for
    /// all of them.
    ///
    /// # Errors
    /// As [`Who::read`]; then the steps before are written.
    pub(super) fn write_each<S, T>(
        &self,
        steps: impl Iterator<Item = S>,
        mut act: impl FnMut(&Acting<'_>, &Tx<'_>, &S) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Failure> {
        let instance = self.place.open()?;
        let account = account(&instance, self.staff.as_deref())?;
        let mut done = Vec::new();
        for step in steps {
            let mut act = |acting: &Acting<'_>, tx: &Tx<'_>| act(acting, tx, &step);
            done.push(written(&instance, &account, &mut act)?);
        }
        Ok(done)
    }

    /// Runs a reading act and writes what it answers: as JSON, or in words.
    ///
    /// # Errors
    /// As [`Who::read`].
    pub(super) fn show(
        &self,
        act: impl FnOnce(&Acting<'_>, &Tx<'_>) -> Result<Value, Fault>,
        in_words: impl FnOnce(&Value),
    ) -> Outcome {
        let answer = self.read(act)?;
        match self.format {
            Format::Text => in_words(&answer),
            Format::Json => super::say(serde_json::to_string_pretty(&answer)?),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a member of staff does in one transaction.
fn written<T>(
    instance: &Instance,
    account: &Account,
    act: &mut impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    instance.store.write(|tx| {
        let acting = Acting::staff(instance, account.clone())?;
        let done = act(&acting, tx)?;
        acting.into_views().iter().try_for_each(|view| view.write(tx))?;
        Ok(done)
    })
}

/// The same for a command that needs the instance for more than one act.
///
/// # Errors
/// If there is nobody of this address, or nobody at all yet.
pub fn acting<'i>(instance: &'i Instance, email: Option<&str>) -> Result<Acting<'i>, Failure> {
    Ok(Acting::staff(instance, account(instance, email)?)?)
}

fn account(instance: &Instance, email: Option<&str>) -> Result<Account, Failure> {
    let policy = instance.policy();
    let account = instance.store.read(|tx| match email {
        Some(email) => Ok::<_, Fault>(staff::by_email(tx, email)?),
        None => {
            let role = &acts::staff::administrators(&policy)?.name;
            Ok(staff::all(tx)?.into_iter().find(|account| account.until.is_none() && account.role == *role))
        }
    })?;
    account.ok_or_else(|| {
        Failure(email.map_or_else(
            || "nobody is on the staff yet: open the link that `init` printed".to_owned(),
            |email| format!("nobody on the staff signs in as `{email}`"),
        ))
    })
}

/// A word of an answer; nothing where there is none.
pub(super) fn words<'v>(answer: &'v Value, name: &str) -> &'v str {
    answer.get(name).and_then(Value::as_str).unwrap_or("")
}

/// A number of an answer.
pub(super) fn number(answer: &Value, name: &str) -> i64 {
    answer.get(name).and_then(Value::as_i64).unwrap_or(0)
}

/// What an answer lists.
pub(super) fn each<'v>(answer: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    answer.get(name).and_then(Value::as_array).into_iter().flatten()
}
