//! The command line: a contract that scripts rely on. One file for each command.
//!
//! Commands that touch personal data enter at the acts and ask for the same grants as the pages.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod arenas;
pub mod audience;
pub mod backup;
pub mod check;
pub mod deadline;
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod duplicates;
pub mod export;
pub mod fmt;
pub mod hold;
pub mod import;
pub mod incident;
pub mod init;
pub mod key;
pub mod log;
pub mod lsp;
pub mod mail;
pub mod network;
pub mod notice;
pub mod out;
pub mod person;
pub mod place;
pub mod places;
pub mod policy_file;
pub mod print;
pub mod prove;
pub mod read;
pub mod register;
pub mod rehearse;
pub mod request;
pub mod restore;
pub mod serve;
pub mod statistics;
pub mod sweep;
pub mod user;
pub mod webhook;
pub mod when;
pub mod who;

/// Keep people's details as your privacy policy says: enforced, published and proved from one file.
#[derive(Parser, Debug)]
#[command(name = "probity", version)]
struct Probity {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Try it: a practice instance with a world in it, thrown away at the end unless kept.
    Demo(demo::Args),
    /// Make an instance and print its administrator's one-time link.
    Init(init::Args),
    /// Bring in people from a file.
    Import(import::Args),
    /// Set a document from data: JSON in, PDF out.
    #[command(hide = true)]
    Print(print::Args),
    /// Read files: their frames in, their text out.
    #[command(hide = true)]
    Read(read::Args),
    /// Run the server and its jobs.
    Serve(serve::Args),
    /// Read a policy as a compiler and as a lawyer would.
    Check(check::Args),
    /// Write the privacy notice of a policy.
    Notice(notice::Args),
    /// Write the register of processing of a policy.
    Register(register::Args),
    /// Say what two versions of a policy say differently, and what that would do.
    Diff(diff::Args),
    /// Play scenarios of a policy on a throw-away instance.
    Rehearse(rehearse::Args),
    /// Lay a policy out in the one way.
    Fmt(fmt::Args),
    /// Help an editor: findings while typing, completion, what a place means. Speaks LSP on standard input and output.
    Lsp(lsp::Args),
    /// Say when a retention phrase ends.
    When(when::Args),
    /// Say by when the law wants an answer.
    Deadline(deadline::Args),
    /// List and open what people ask of us.
    Request(request::Args),
    /// Erase a person.
    Erase(request::EraseArgs),
    /// Place, look at and end holds.
    Hold(hold::Args),
    /// Write down and look at what went wrong with data.
    Incident(incident::Args),
    /// Write what a processor may hold as a sheet for it.
    Export(export::Args),
    /// Make a list for a social network: addresses hashed as it publishes, of whoever the policy lets be in it.
    Network(network::Args),
    /// List, show and add people.
    Person(person::Args),
    /// Say who would be written to and who not and why, and keep what was asked.
    Audience(audience::Args),
    /// List who is perhaps here twice, by their numbers.
    Duplicates(duplicates::Args),
    /// Let go of what has run out, or say what would go.
    Sweep(sweep::Args),
    /// Look whether every promise of the policy is kept.
    Prove(prove::Args),
    /// Make and print tables of what the policy lets be told of people in numbers.
    Statistics(statistics::Args),
    /// Set up which other programs are told that something happened.
    Webhook(webhook::Args),
    /// List the staff, and let somebody back in who has lost every way.
    User(user::Args),
    /// Say how an instance is, in sentences.
    Doctor(doctor::Args),
    /// Copy everything to another place, sealed, and read the copy back.
    Backup(backup::Args),
    /// Try the places that backups and their safe go to.
    Place(places::Args),
    /// Bring an instance back from backups, without what was let go of since.
    Restore(restore::Args),
    /// Change the key, make the recovery sheet, and say that it is locked away.
    Key(key::Args),
    /// Make the key that mail is signed with, and say what goes into the DNS.
    Mail(mail::Args),
    /// Verify the event log, or print its checkpoint.
    Log(log::Args),
}

/// What a command ended with.
pub type Outcome = Result<ExitCode, Failure>;

/// Why a command could not do what it was asked: a sentence for the terminal.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// How output is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// JSON for programs.
    Json,
}

/// Runs the command the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was installed already");
    }
    let filter = tracing_subscriber::EnvFilter::try_from_env("PROBITY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,app=info"));
    // The client of the mailbox would log the password, and every message.
    let filter = match "async_imap=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match Probity::parse().command {
        Some(Command::Demo(args)) => demo::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Import(args)) => import::run(&args),
        Some(Command::Print(args)) => print::run(args),
        Some(Command::Read(args)) => read::run(args),
        Some(Command::Hold(args)) => hold::run(&args),
        Some(Command::Incident(args)) => incident::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Notice(args)) => notice::run(&args),
        Some(Command::Register(args)) => register::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Prove(args)) => prove::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Backup(args)) => backup::run(&args),
        Some(Command::Place(args)) => places::run(&args),
        Some(Command::Restore(args)) => restore::run(&args),
        Some(Command::Key(args)) => key::run(&args),
        Some(Command::Rehearse(args)) => rehearse::run(&args),
        Some(Command::Fmt(args)) => fmt::run(&args),
        Some(Command::Lsp(args)) => lsp::run(&args),
        Some(Command::Request(args)) => request::run(&args),
        Some(Command::Erase(args)) => request::erase(&args),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Network(args)) => network::run(&args),
        Some(Command::Person(args)) => person::run(&args),
        Some(Command::Audience(args)) => audience::run(&args),
        Some(Command::Duplicates(args)) => duplicates::run(&args),
        Some(Command::Statistics(args)) => statistics::run(&args),
        Some(Command::Webhook(args)) => webhook::run(&args),
        Some(Command::User(args)) => user::run(&args),
        Some(Command::Sweep(args)) => sweep::run(&args),
        Some(Command::Mail(args)) => mail::run(&args),
        Some(Command::Log(args)) => log::run(&args),
        Some(Command::When(args)) => when::run(args),
        Some(Command::Deadline(args)) => deadline::run(args),
        None => demo::run(&demo::Args::alone()),
    };
    outcome.unwrap_or_else(|failure| {
        complain(&failure.0);
        ExitCode::from(2)
    })
}

/// Writes a line to standard output. A closed pipe ends the output, not the program.
pub fn say(line: impl Display) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// Writes a line to standard error.
pub fn complain(line: impl Display) {
    drop(writeln!(std::io::stderr().lock(), "probity: {line}"));
}

/// Reads a file that was named on the command line.
///
/// # Errors
/// With a sentence that names it.
pub fn read_file(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        let place = path.display();
        Failure(match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file {place}"),
            std::io::ErrorKind::IsADirectory => format!("{place} is a directory, not a file"),
            std::io::ErrorKind::PermissionDenied => format!("{place} may not be read by this account"),
            _ => format!("{place}: {error}"),
        })
    })
}

/// A runtime for the commands that need one.
///
/// # Errors
/// If the system gives no threads.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_is_well_formed() {
        super::Probity::command().debug_assert();
    }
}
