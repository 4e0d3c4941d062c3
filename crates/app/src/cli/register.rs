//! `probity register`: writes the register of processing (UK GDPR Art 30) of a policy file. Touches no data.

use std::path::PathBuf;
use std::process::ExitCode;

use policy::register::{self, COLUMNS};
use serde_json::{Map, Value};

use super::{Outcome, policy_file};

/// What `register` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy.
    file: PathBuf,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    format: RegisterFormat,
}

/// How a register is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum RegisterFormat {
    /// CSV under the columns of the regulator's template.
    #[default]
    Csv,
    /// One object for each activity, its keys the template's columns.
    Json,
}

/// Writes it to standard output.
///
/// # Errors
/// If a file cannot be read or the policy has errors.
pub fn run(args: &Args) -> Outcome {
    let register = register::of(&policy_file::adoptable(&args.file)?);
    match args.format {
        RegisterFormat::Csv => super::say(register::to_csv(&register).trim_end()),
        RegisterFormat::Json => super::say(serde_json::to_string_pretty(&as_json(&register))?),
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(register: &register::Register) -> Value {
    let text = |value: &String| Value::String(value.clone());
    let head: Map<String, Value> =
        register.head.iter().map(|(label, value)| ((*label).to_owned(), text(value))).collect();
    let rows = register.rows.iter().map(|row| {
        let cells = COLUMNS.iter().zip(row).map(|(column, cell)| ((*column).to_owned(), text(cell)));
        Value::Object(cells.collect())
    });
    serde_json::json!({ "head": head, "activities": rows.collect::<Vec<Value>>() })
}
