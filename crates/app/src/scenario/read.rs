//! Reads scenarios: one line a happening, `given`, `when` and `then`, with `and` for more of the same.

use std::fmt;

use jiff::civil::Date;

/// One story.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The line it begins on.
    pub line: usize,
    /// Its lines.
    pub steps: Vec<Step>,
}

/// What a line does in a story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Something is so; a refusal fails the story.
    Given,
    /// Something is tried, or a day comes; what came of it is asked by the next `then`.
    When,
    /// Something must be so.
    Then,
}

/// One line of a story.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its line in the file.
    pub line: usize,
    /// What it does.
    pub part: Part,
    /// The day it names, `on 2026-01-05, ...`.
    pub on: Option<Date>,
    /// The member of staff it names, `as coach, ...`.
    pub by: Option<String>,
    /// What it says.
    pub words: String,
}

/// What is wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioError {
    /// The line.
    pub line: usize,
    /// What is wrong, and what to write.
    pub words: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.words)
    }
}

impl std::error::Error for ScenarioError {}

/// Reads a file of scenarios.
///
/// # Errors
/// [`ScenarioError`] at the first line that cannot be read.
pub fn read(text: &str) -> Result<Vec<Scenario>, ScenarioError> {
    let mut told: Vec<Scenario> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let line = line.split_once(" #").map_or(line, |(line, _)| line).trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |words: &str| ScenarioError { line: number, words: words.to_owned() };
        let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        if keyword == "scenario" {
            let title = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(|| {
                wrong("a scenario has a title in quotes: scenario \"no notes before the form\"")
            })?;
            told.push(Scenario { title: title.to_owned(), line: number, steps: Vec::new() });
            continue;
        }
        let story = told.last_mut().ok_or_else(|| wrong("a story begins with: scenario \"its title\""))?;
        let part = match keyword {
            "given" => Part::Given,
            "when" => Part::When,
            "then" => Part::Then,
            "and" => story
                .steps
                .last()
                .map(|step| step.part)
                .ok_or_else(|| wrong("`and` goes on from a line before it; begin with given"))?,
            _ => return Err(wrong("a line begins with given, when, then or and")),
        };
        let (on, rest) =
            day(rest).map_err(|word| wrong(&format!("`{word}` is no date; write 2026-08-31")))?;
        let (by, rest) = member(rest);
        if rest.is_empty() {
            return Err(wrong("nothing happens on this line"));
        }
        story.steps.push(Step { line: number, part, on, by, words: rest.to_owned() });
    }
    Ok(told)
}

/// `on 2026-01-05, ...`
fn day(rest: &str) -> Result<(Option<Date>, &str), String> {
    let Some(dated) = rest.strip_prefix("on ") else { return Ok((None, rest)) };
    let (word, after) = dated.split_once(' ').unwrap_or((dated, ""));
    let word = word.trim_end_matches(',');
    let on = word.parse().map_err(|_| word.to_owned())?;
    Ok((Some(on), after.trim()))
}

/// `as coach, ...`
fn member(rest: &str) -> (Option<String>, &str) {
    match rest.strip_prefix("as ").and_then(|named| named.split_once(", ")) {
        Some((who, after)) => (Some(who.to_owned()), after.trim()),
        None => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn a_line_names_its_day_and_who_acts() {
        let told = read("scenario \"s\"\n  given Tara is a supporter # first\n  and on 2026-01-05, as coach, Tara leaves\n").unwrap();
        let steps = &told[0].steps;
        assert_eq!(steps[0].words, "Tara is a supporter");
        assert_eq!((steps[1].part, steps[1].by.as_deref()), (Part::Given, Some("coach")));
        assert_eq!(steps[1].on, Some(jiff::civil::date(2026, 1, 5)));
        assert_eq!(steps[1].words, "Tara leaves");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        for (text, line) in [
            ("given x", 1),
            ("scenario \"s\"\nand x", 2),
            ("scenario s", 1),
            ("scenario \"s\"\ngiven on tomorrow x", 2),
            ("scenario \"s\"\n\nperhaps x", 3),
            ("scenario \"s\"\nwhen", 2),
        ] {
            assert_eq!(read(text).unwrap_err().line, line, "{text}");
        }
    }
}
