//! Pages and API answers: a folder for each noun, the template beside its handler.
//!
//! A handler does one hop to the pool of threads that may block, and there one act: see [`read`] and [`write`].

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use store::Tx;

use crate::acts::{self, Acting};
use crate::fault::Fault;
use crate::instance::Instance;

pub mod admin;
pub mod answer;
pub mod api;
pub mod arriving;
pub mod asset;
pub mod calls;
pub mod complaint;
pub mod cookies;
pub mod dav;
pub mod disclosure;
pub mod duplicates;
pub mod ending;
pub mod error;
pub mod frame;
pub mod gone;
pub mod health;
pub mod hold;
pub mod import;
pub mod incident;
pub mod known;
pub mod leaving;
pub mod letter;
pub mod line;
pub mod mailbox;
pub mod me;
pub mod network;
pub mod organisation;
pub mod outreach;
pub mod page;
pub mod people;
pub mod person;
pub mod personal;
pub mod pick;
pub mod picture;
pub mod policy;
pub mod practice;
pub mod processor;
pub mod public;
pub mod quarantine;
pub mod rejected;
pub mod requests;
pub mod restriction;
pub mod review;
pub mod session;
pub mod sheet;
pub mod show;
pub mod sign_in;
pub mod signed_out;
pub mod statistics;
pub mod task;
pub mod template;
pub mod today;
pub mod unsubscribe;
pub mod visits;
pub mod work;

pub use error::Trouble;
pub use session::Visitor;

/// The instance, as handlers take it.
pub type House = State<Arc<Instance>>;

/// Whether an address that came with a form is one of ours to go on to, and not another site's.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
}

/// What a handler answers.
pub type Answer<T = Html<String>> = Result<T, Trouble>;

/// Runs a reading act of whoever is signed in, on a thread that may block. What it opened goes into the log.
///
/// # Errors
/// Whatever the act says, as an answer that fits the visitor.
pub async fn read<T: Send + 'static>(
    State(instance): House,
    visitor: &Visitor,
    act: impl FnOnce(&Acting<'_>, &Tx<'_>) -> Result<T, Fault> + Send + 'static,
) -> Answer<T> {
    let (hash, page) = (visitor.session, !visitor.takes_away());
    let done = blocking(move || {
        let (done, views, session) = instance.store.read(|tx| {
            let (acting, session) = acting(&instance, tx, hash)?;
            acts::restore::quarantined(&acting, page)?;
            let done = act(&acting, tx)?;
            Ok::<_, Fault>((done, acting.into_views(), session))
        })?;
        instance.store.note(views)?;
        acts::sign_in::note_use(&instance, &session)?;
        Ok(done)
    });
    done.await.map_err(|fault| Trouble::new(fault, visitor))
}

/// Runs a writing act of whoever is signed in, in one transaction, on a thread that may block.
///
/// # Errors
/// Whatever the act says, as an answer that fits the visitor; then nothing was written.
pub async fn write<T: Send + 'static>(
    State(instance): House,
    visitor: &Visitor,
    mut act: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<T, Fault> + Send + 'static,
) -> Answer<T> {
    let hash = visitor.session;
    let done = blocking(move || {
        let (done, session) = instance.store.write(|tx| {
            let (acting, session) = acting(&instance, tx, hash)?;
            acts::restore::quarantined(&acting, false)?;
            let done = act(&acting, tx)?;
            acting.into_views().iter().try_for_each(|view| view.write(tx))?;
            Ok::<_, Fault>((done, session))
        })?;
        acts::sign_in::note_use(&instance, &session)?;
        Ok(done)
    });
    done.await.map_err(|fault| Trouble::new(fault, visitor))
}

/// Ends the quarantine after a restore: the only act there is in it.
///
/// # Errors
/// As [`write`].
pub async fn end_quarantine(State(instance): House, visitor: &Visitor) -> Answer<()> {
    let hash = visitor.session;
    let done = blocking(move || {
        instance.store.write(|tx| {
            let (acting, _) = acting(&instance, tx, hash)?;
            acts::restore::end_quarantine(&acting, tx)
        })?;
        instance.quarantine_ended();
        Ok(())
    });
    done.await.map_err(|fault| Trouble::new(fault, visitor))
}

/// Runs something that blocks on a thread that may.
///
/// # Errors
/// Whatever it says; [`Fault::Other`] if it panicked.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let span = tracing::Span::current();
    let done = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    done.unwrap_or_else(|error| Err(Fault::Other(format!("an act ended early: {error}"))))
}

/// Clears what an act has just taken out from the database's log, before it is said to be gone.
pub(in crate::web) async fn cleared(house: &House) -> Result<(), Fault> {
    let State(instance) = house;
    let instance = instance.clone();
    blocking(move || {
        acts::residue::at_once(&instance);
        Ok(())
    })
    .await
}

fn acting<'i>(
    instance: &'i Instance,
    tx: &Tx<'_>,
    hash: Option<[u8; 32]>,
) -> Result<(Acting<'i>, store::session::Session), Fault> {
    let (account, session) = acts::sign_in::whose(tx, &instance.policy(), hash.ok_or(Fault::SignIn)?)?;
    Ok((Acting::staff(instance, account)?, session))
}

/// A page from its template.
///
/// # Errors
/// If a value in it is not covered by its grant.
pub fn html(template: &impl askama::Template) -> Result<Html<String>, Fault> {
    Ok(Html(template.render()?))
}
