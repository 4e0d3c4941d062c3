//! `bench`: how fast Probity does its work on seeded people, always beside plain statements on the same rows in
//! the same run. It makes an instance of its own, throws it away, and never touches another.

use std::process::ExitCode;

use app::cli::{Failure, Format, complain, print, say};
use clap::Parser;

mod alike;
mod checking;
mod deciding;
mod http;
mod letting_go;
mod mailing;
mod measure;
mod names;
mod pack;
mod preference;
mod reading;
mod seed;
mod start;
mod writing;

use measure::Row;
use seed::Seeded;

/// How many people are seeded unless said otherwise.
const PEOPLE: usize = 10_000;

/// Measures.
#[derive(Parser, Debug)]
#[command(name = "bench", version)]
struct Args {
    /// What to measure, by the names `--list` prints; everything without one.
    names: Vec<String>,
    /// How many people to seed.
    #[arg(long, default_value_t = PEOPLE)]
    people: usize,
    /// An empty PostgreSQL database of its own, `postgres://...`; without it SQLite in a directory of its own.
    #[arg(long)]
    database: Option<String>,
    /// Keep what is seeded in this directory, or measure what was seeded there before, in the same database.
    #[arg(long, value_name = "DIRECTORY")]
    kept: Option<std::path::PathBuf>,
    /// Do everything a tenth as often, to see that all of it still can be measured: the figures say little.
    #[arg(long)]
    quick: bool,
    /// How the rows are written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print the names and stop.
    #[arg(long)]
    list: bool,
    /// Read this register file and say what it took: how the benchmark starts itself to measure memory.
    #[arg(long, hide = true)]
    load_register: Option<std::path::PathBuf>,
}

/// How the server under measurement starts this program again to print, as it does in earnest.
#[derive(Parser, Debug)]
#[command(name = "bench print")]
struct Printing {
    #[command(flatten)]
    args: print::Args,
}

type Work = fn(&Seeded) -> Result<Vec<Row>, Failure>;

/// Everything that can be measured, in an order in which nothing spoils what comes after it.
const WORK: &[(&str, Work)] = &[
    ("start", start::start),
    ("read", reading::read),
    ("pages", reading::pages),
    ("list", reading::list),
    ("search", reading::search),
    ("check", checking::check),
    ("decision", deciding::decision),
    ("audience", deciding::audience),
    ("alike", alike::alike),
    ("pack", pack::pack),
    ("prove", deciding::prove),
    ("create", writing::create),
    ("import", writing::import),
    ("night", letting_go::night),
    ("erase", letting_go::erase),
    ("sweep", letting_go::sweep),
    ("register", preference::register),
    ("memory", deciding::memory),
    ("mailing", mailing::mailing),
];

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("print") {
        let printed = print::run(Printing::parse_from(std::env::args().skip(1)).args);
        return printed.unwrap_or_else(|failure| {
            complain(failure.0);
            ExitCode::from(2)
        });
    }
    // And to read attachments: `bench read text`, where `bench read` alone measures reading.
    if let (Some("read"), Some(task)) = (std::env::args().nth(1).as_deref(), std::env::args().nth(2))
        && app::attachment::Task::named(&task).is_some()
    {
        return app::cli::read::run(app::cli::read::Args::of(&task)).unwrap_or_else(|failure| {
            complain(failure.0);
            ExitCode::from(2)
        });
    }
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(failure) => {
            complain(failure.0);
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    // As a server does.
    app::cli::arenas::few();
    if let Some(file) = &args.load_register {
        return preference::load(file);
    }
    if args.list {
        WORK.iter().for_each(|(name, _)| say(name));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = args.names.iter().find(|name| !WORK.iter().any(|(known, _)| known == name)) {
        return Err(Failure(format!("nothing is measured under the name `{unknown}`: see `bench --list`")));
    }
    let base =
        std::env::var_os("PROBITY_BENCH_DIR").map_or_else(std::env::temp_dir, std::path::PathBuf::from);
    let scratch = tempfile::Builder::new().prefix("probity-bench-").tempdir_in(base)?;
    let mut rows = vec![measure::fsync(scratch.path())?];
    if args.format == Format::Text {
        measure::heading(args.people, args.database.is_some());
        rows.iter().for_each(Row::say);
    }
    let kept = args.kept.as_deref().unwrap_or(scratch.path());
    let mut seeded = seed::make(kept, scratch.path(), args.database.as_deref(), args.people)?;
    seeded.quick = args.quick;
    for (name, work) in
        WORK.iter().filter(|(name, _)| args.names.is_empty() || args.names.iter().any(|one| one == name))
    {
        // What fails is a row too, and what comes after it is measured all the same.
        let measured = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&seeded)))
            .unwrap_or_else(|_| Err(Failure("a panic".to_owned())))
            .unwrap_or_else(|failure| vec![Row::failed(name, &failure.0)]);
        if args.format == Format::Text {
            measured.iter().for_each(Row::say);
        }
        rows.extend(measured);
    }
    if args.format == Format::Json {
        say(serde_json::to_string_pretty(&rows)?);
    }
    Ok(if rows.iter().any(|row| row.failed) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
