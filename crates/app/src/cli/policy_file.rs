//! Reading policy files from the disk for the commands that work on them.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use policy::source::File;
use policy::{Diagnostic, Policy, Severity};

use super::Failure;

/// A policy as read, with what was found.
pub struct Read {
    /// The files, in the order they were read.
    pub files: Vec<File>,
    /// The policy, unless errors stand in the way.
    pub policy: Option<Policy>,
    /// Everything found.
    pub findings: Vec<Diagnostic>,
}

/// Reads a policy file and those it includes.
///
/// # Errors
/// If a file cannot be read.
pub fn files(path: &Path) -> Result<Vec<File>, Failure> {
    let mut files: Vec<File> = Vec::new();
    let mut waiting: Vec<PathBuf> = vec![path.to_owned()];
    let house = folders(path);
    while let Some(path) = waiting.pop() {
        let name = path.display().to_string();
        if files.iter().any(|file| file.name == name) {
            continue;
        }
        stays_in(&house, &path)?;
        let bytes = super::read_file(&path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            Failure(format!(
                "{name}: byte {} is not UTF-8; save the file as UTF-8",
                error.utf8_error().valid_up_to()
            ))
        })?;
        let beside = path.parent().unwrap_or(Path::new(""));
        waiting.extend(policy::parse::includes(&text).iter().rev().map(|include| beside.join(include)));
        files.push(File { name, text });
    }
    Ok(files)
}

/// The folder a policy lies in, as the disk knows it: where its name stands, and where the file itself does. None where
/// it is not there.
fn folders(path: &Path) -> Vec<PathBuf> {
    let named =
        path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let named = named.and_then(|folder| folder.canonicalize().ok());
    let real = path.canonicalize().ok().and_then(|file| Some(file.parent()?.to_owned()));
    named.into_iter().chain(real).collect()
}

/// Refuses a file that a link leads to out of the policy's folder: what is read may be shown.
fn stays_in(house: &[PathBuf], path: &Path) -> Result<(), Failure> {
    match path.canonicalize() {
        Ok(there) if !house.iter().any(|folder| there.starts_with(folder)) => Err(Failure(format!(
            "{} lies outside the folder of the policy, and nothing else on this machine is read for it; put the file itself beside \
             the policy",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// The files with the texts the policy rests on, as far as they lie beside it and are text; empty where there is none.
fn with_texts(path: &Path, mut files: Vec<File>) -> Result<Vec<File>, Failure> {
    let (Some(policy), _) = Policy::read(files.clone()) else { return Ok(files) };
    let beside = path.parent().unwrap_or(Path::new(""));
    for document in policy::register::documents(&policy) {
        let place = beside.join(&document.file);
        if files.iter().any(|file| policy::source::same_file(&file.name, &document.file)) {
            continue;
        }
        let there = !policy::parse::leads_out(&document.file)
            && place.is_file()
            && stays_in(&folders(path), &place).is_ok();
        let text = if there { String::from_utf8(super::read_file(&place)?).ok() } else { None };
        files.push(File { name: document.file, text: text.unwrap_or_default() });
    }
    Ok(files)
}

/// Reads and checks a policy file, those it includes, and the texts it rests on.
///
/// # Errors
/// If a file cannot be read.
pub fn read(path: &Path, today: Date) -> Result<Read, Failure> {
    let files = with_texts(path, files(path)?)?;
    let (policy, mut findings) = Policy::read(files.clone());
    if let Some(policy) = &policy {
        findings.extend(policy::check::check(policy, today));
        findings.sort_by_key(|finding| (finding.span.file, finding.span.start));
    }
    Ok(Read { files, policy, findings })
}

/// Reads a policy whatever a lawyer says about it: an older version, to be compared with.
///
/// # Errors
/// If a file cannot be read or its statements cannot be understood.
pub fn readable(path: &Path) -> Result<Policy, Failure> {
    let read = read(path, crate::clock::today_here())?;
    read.policy.ok_or_else(|| {
        Failure(policy::diagnostic::render(&read.findings, &read.files, false).trim_end().to_owned())
    })
}

/// Reads a policy that has no errors.
///
/// # Errors
/// If a file cannot be read or the policy has errors, shown as `check` shows them.
pub fn adoptable(path: &Path) -> Result<Policy, Failure> {
    let read = read(path, crate::clock::today_here())?;
    let stands = |finding: &Diagnostic| finding.severity == Severity::Error && finding.accepted.is_none();
    match read.policy {
        Some(policy) if !read.findings.iter().any(stands) => Ok(policy),
        _ => {
            Err(Failure(policy::diagnostic::render(&read.findings, &read.files, false).trim_end().to_owned()))
        }
    }
}
