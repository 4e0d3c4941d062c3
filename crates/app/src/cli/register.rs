//! `probity register`: writes the register of processing (UK GDPR Art 30) of a policy file, and what belongs to it.
//! Touches no data.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use policy::register::{self, COLUMNS, Sheet};
use serde_json::{Map, Value};

use super::{Outcome, policy_file};
use crate::sheet;

/// What `register` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy.
    file: PathBuf,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    format: RegisterFormat,
    /// Which list; a workbook and linked data hold all of them.
    #[arg(long, value_enum, default_value_t)]
    list: List,
}

/// How a register is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum RegisterFormat {
    /// CSV under the columns of the regulator's template.
    #[default]
    Csv,
    /// A workbook with every list on a sheet of its own.
    Xlsx,
    /// JSON-LD in the W3C Data Privacy Vocabulary.
    Jsonld,
    /// One object for each row, its keys the columns.
    Json,
}

/// One of the lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum List {
    /// The register of processing.
    #[default]
    Processing,
    /// The companies that work for us.
    Processors,
    /// Everybody outside who gets something.
    Recipients,
    /// The information there is.
    Assets,
    /// Assessments and other texts, with their review dates.
    Documents,
}

/// Writes it to standard output.
///
/// # Errors
/// If a file cannot be read or the policy has errors.
pub fn run(args: &Args) -> Outcome {
    let policy = policy_file::adoptable(&args.file)?;
    let sheets = register::sheets(&policy);
    let asked = sheets.get(args.list as usize);
    match args.format {
        RegisterFormat::Csv => {
            super::say(asked.map_or_else(String::new, register::sheet_csv).trim_end());
        }
        RegisterFormat::Xlsx => std::io::stdout().lock().write_all(&sheet::workbook(&sheets)?)?,
        RegisterFormat::Jsonld => {
            super::say(serde_json::to_string_pretty(&register::to_jsonld(&policy))?);
        }
        RegisterFormat::Json if args.list == List::Processing => {
            super::say(serde_json::to_string_pretty(&as_json(&register::of(&policy)))?);
        }
        RegisterFormat::Json => {
            let rows = asked.map_or_else(Vec::new, sheet_rows);
            super::say(serde_json::to_string_pretty(&rows)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn sheet_rows(sheet: &Sheet) -> Vec<Value> {
    let object = |row: &Vec<String>| {
        let cells = sheet.columns.iter().zip(row);
        Value::Object(cells.map(|(column, cell)| ((*column).to_owned(), cell.clone().into())).collect())
    };
    sheet.rows.iter().map(object).collect()
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
