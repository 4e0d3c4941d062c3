//! Data to PDF: characters checked first, the strictest standard that the text allows, always tagged.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::Template;
use crate::world::{PaperWorld, has_glyph};

/// Stands where a character could not be shown.
const STAND_IN: char = '\u{fffd}';
/// How often characters that only the export complains about are replaced before a looser standard is tried.
const MOST_TRIES: usize = 8;

/// A printed document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Printed {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Which standards it keeps.
    pub standard: Standard,
    /// What the stricter standards had against it, where a looser one had to do.
    pub objections: Vec<String>,
    /// What could not be shown, each with how often; the document lists it too.
    pub replaced: Vec<Replaced>,
}

/// A character that no font of ours has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Replaced {
    /// The character.
    pub character: char,
    /// How often it stood in the data.
    pub times: usize,
}

/// The standards a document keeps, strictest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standard {
    /// PDF/A-2a (keeps for decades) and PDF/UA-1 (can be read aloud).
    ArchiveAndAccessible,
    /// PDF/UA-1 alone.
    Accessible,
    /// Tagged, and nothing promised.
    Tagged,
}

impl Standard {
    const ALL: &[Self] = &[Self::ArchiveAndAccessible, Self::Accessible, Self::Tagged];

    fn standards(self) -> &'static [PdfStandard] {
        match self {
            Self::ArchiveAndAccessible => &[PdfStandard::A_2a, PdfStandard::Ua_1],
            Self::Accessible => &[PdfStandard::Ua_1],
            Self::Tagged => &[],
        }
    }
}

/// Why nothing could be printed: a mistake in a template or its data, not in what a person wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrintError(pub String);

impl fmt::Display for PrintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the document could not be printed: {}", self.0)
    }
}

impl std::error::Error for PrintError {}

/// Prints. `stamp` is the moment written into the file, milliseconds UTC; the same data and stamp give the
/// same bytes. `data` must be an object; `not_shown` is added to it.
///
/// # Errors
/// [`PrintError`] when the data does not fit the template.
pub fn pdf(template: Template, data: &Value, stamp: i64) -> Result<Printed, PrintError> {
    let mut missing = BTreeMap::new();
    let mut data = shown(data, &mut missing, &|c| has_glyph(c) || c == '\n' || c == '\t');
    let mut objections = Vec::new();
    let mut made = Err(PrintError(String::new()));
    for standard in Standard::ALL {
        match attempt(template, &mut data, &mut missing, stamp, *standard) {
            Ok(pdf) => made = Ok((pdf, *standard)),
            Err(Stop::Looser(message)) => {
                made = Err(PrintError(message.clone()));
                objections.push(message);
                continue;
            }
            Err(Stop::Broken(message)) => made = Err(PrintError(message)),
        }
        break;
    }
    comemo::evict(0);
    let (pdf, standard) = made?;
    let replaced = missing.into_iter().map(|(character, times)| Replaced { character, times }).collect();
    Ok(Printed { pdf, standard, objections, replaced })
}

/// Why one attempt ended.
enum Stop {
    /// The standard forbids something that a looser one allows.
    Looser(String),
    /// The template or its data is wrong.
    Broken(String),
}

fn attempt(
    template: Template,
    data: &mut Value,
    missing: &mut BTreeMap<char, usize>,
    stamp: i64,
    standard: Standard,
) -> Result<Vec<u8>, Stop> {
    let options = options(template, stamp, standard).map_err(Stop::Broken)?;
    let mut last = String::new();
    for _ in 0..MOST_TRIES {
        if let Value::Object(fields) = data {
            fields.insert("not_shown".to_owned(), listed(missing));
        }
        let world = PaperWorld::new(template, data.to_string()).map_err(Stop::Broken)?;
        let document: PagedDocument =
            typst::compile(&world).output.map_err(|errors| Stop::Broken(said(&errors)))?;
        let errors = match typst_pdf::pdf(&document, &options) {
            Ok(pdf) => return Ok(pdf),
            Err(errors) => errors,
        };
        last = said(&errors);
        let bad: Vec<char> = errors.iter().flat_map(|error| unshowable(&error.message)).collect();
        if bad.is_empty() {
            break;
        }
        *data = shown(data, missing, &|c| !bad.contains(&c));
    }
    Err(Stop::Looser(last))
}

/// The characters an export error quotes as impossible to show.
fn unshowable(message: &str) -> Vec<char> {
    if !message.contains("could not be displayed") {
        return Vec::new();
    }
    // The message quotes them as a string literal between backticks, others as \u{4e2d}.
    let quoted = message.split('`').nth(1).unwrap_or_default().trim_matches('"');
    let mut found = Vec::new();
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once("\\u{") {
        found.extend(before.chars());
        let (digits, tail) = after.split_once('}').unwrap_or((after, ""));
        found.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    found.extend(rest.chars());
    found.retain(|c| !c.is_ascii() && *c != STAND_IN);
    found
}

fn options(template: Template, stamp: i64, standard: Standard) -> Result<PdfOptions, String> {
    Ok(PdfOptions {
        ident: Smart::Custom(format!("probity {} {stamp}", template.name())),
        creator: Smart::Custom(Some("Probity".to_owned())),
        timestamp: moment(stamp).map(Timestamp::new_utc),
        page_ranges: None,
        standards: PdfStandards::new(standard.standards()).map_err(|error| error.message().to_string())?,
        tagged: true,
        pretty: false,
    })
}

/// Civil date and time of an instant, by the days-from-civil arithmetic of the proleptic calendar.
fn moment(stamp: i64) -> Option<Datetime> {
    let seconds = stamp.div_euclid(1000);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let small = |number: i64| u8::try_from(number).ok();
    Datetime::from_ymd_hms(
        i32::try_from(year).ok()?,
        small(month)?,
        small(doy - (153 * mp + 2) / 5 + 1)?,
        small(of_day / 3600)?,
        small(of_day / 60 % 60)?,
        small(of_day % 60)?,
    )
}

fn said(errors: &[SourceDiagnostic]) -> String {
    errors.iter().map(|error| error.message.to_string()).collect::<Vec<_>>().join("; ")
}

fn listed(missing: &BTreeMap<char, usize>) -> Value {
    missing
        .iter()
        .map(|(c, times)| json!({ "code": format!("U+{:04X}", u32::from(*c)), "times": times }))
        .collect()
}

/// The data with everything that cannot be shown replaced and counted. Characters without any shape of
/// their own that no reader misses (control characters, byte-order marks) go without a mention.
fn shown(data: &Value, missing: &mut BTreeMap<char, usize>, can: &dyn Fn(char) -> bool) -> Value {
    match data {
        Value::String(text) => {
            let mut out = String::with_capacity(text.len());
            for c in text.chars() {
                match c {
                    '\u{feff}'
                    | '\u{fffe}'
                    | '\u{200b}'..='\u{200f}'
                    | '\u{202a}'..='\u{202e}'
                    | '\u{2060}' => {}
                    '\r' => {}
                    c if c.is_control() && c != '\n' && c != '\t' => {}
                    STAND_IN => out.push(STAND_IN),
                    c if can(c) => out.push(c),
                    c => {
                        *missing.entry(c).or_default() += 1;
                        out.push(STAND_IN);
                    }
                }
            }
            Value::String(out)
        }
        Value::Array(all) => all.iter().map(|value| shown(value, missing, can)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), shown(value, missing, can))).collect()
        }
        other => other.clone(),
    }
}
