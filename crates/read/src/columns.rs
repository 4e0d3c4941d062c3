//! A page in the order in which its lines lie on it: columns one after another, each from the top. Programs draw pages in any
//! order; a name that is parted by it, or by a column beside it, is read whole here.

use std::ops::Range;

use crate::Removal;
use crate::pdf::Drawn;

/// The most runs of letters of a page that are put in order.
const RUNS_MAX: usize = 20_000;
/// The fewest runs in what is a column.
const COLUMN_MIN: usize = 2;
/// A run as wide as this part of all that is drawn goes across columns.
const ACROSS: f64 = 0.55;

/// A page's text as it lies there.
pub(crate) struct Lying {
    pub(crate) text: String,
    /// Where a glyph's characters stand in it, and which glyph of the drawn page it is.
    glyphs: Vec<(Range<usize>, usize)>,
}

/// Letters drawn one after another on one line.
struct Run {
    left: f64,
    right: f64,
    middle: f64,
    height: f64,
    glyphs: Range<usize>,
}

/// The page as it lies there, where that is another order than it is drawn in.
pub(crate) fn lying(drawn: &Drawn) -> Option<Lying> {
    let runs = runs(drawn);
    if runs.len() < 2 || runs.len() > RUNS_MAX {
        return None;
    }
    let columns = columns(&runs);
    let column = |run: &Run| columns.iter().rposition(|start| run.left >= *start - 0.5).unwrap_or(0);
    let mut order: Vec<(usize, &Run)> = runs.iter().map(|run| (column(run), run)).collect();
    order.sort_by(|(one, a), (other, b)| one.cmp(other).then(a.middle.total_cmp(&b.middle)));
    let (mut lying, mut at) = (Lying { text: String::new(), glyphs: Vec::new() }, 0);
    while let Some((which, first)) = order.get(at) {
        let line = order.iter().skip(at).take_while(|(column, run)| {
            column == which && (run.middle - first.middle).abs() < first.height.max(run.height) * 0.4
        });
        let mut line: Vec<&Run> = line.map(|(_, run)| *run).collect();
        at += line.len().max(1);
        line.sort_by(|a, b| a.left.total_cmp(&b.left));
        for (place, run) in line.into_iter().enumerate() {
            if place > 0 && !lying.text.ends_with(' ') {
                lying.text.push(' ');
            }
            for glyph in run.glyphs.clone() {
                let start = lying.text.len();
                lying.text.push_str(said(drawn, glyph));
                lying.glyphs.push((start..lying.text.len(), glyph));
            }
        }
        lying.text.push('\n');
    }
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    (letters(&lying.text) != letters(&drawn.text)).then_some(lying)
}

impl Lying {
    /// The same removal, said of the text as it is drawn: what is whole here may be several places there.
    pub(crate) fn of_drawn(&self, drawn: &Drawn, removal: &Removal) -> Vec<Removal> {
        let meant = |(place, _): &&(Range<usize>, usize)| {
            place.start < removal.span.end && removal.span.start < place.end.max(place.start + 1)
        };
        let mut glyphs: Vec<usize> = self.glyphs.iter().filter(meant).map(|(_, glyph)| *glyph).collect();
        glyphs.sort_unstable();
        let mut found: Vec<Removal> = Vec::new();
        let mut last = None;
        for glyph in glyphs {
            let Some((start, _)) = drawn.glyphs.get(glyph) else { continue };
            let end = start + said(drawn, glyph).len();
            match found.last_mut().filter(|_| last.is_some_and(|last| last + 1 == glyph)) {
                Some(before) => before.span.end = end,
                None => found.push(Removal {
                    part: removal.part,
                    span: *start..end,
                    instead: removal.instead.clone(),
                }),
            }
            last = Some(glyph);
        }
        found
    }
}

/// What a glyph says, without the blanks that only part it from the next.
fn said(drawn: &Drawn, glyph: usize) -> &str {
    let start = drawn.glyphs.get(glyph).map_or(0, |(start, _)| *start);
    let end = drawn.glyphs.get(glyph + 1).map_or(drawn.text.len(), |(start, _)| *start);
    let raw = drawn.text.get(start..end).unwrap_or_default();
    if raw.trim().is_empty() { raw.get(..1).unwrap_or_default() } else { raw.trim_end() }
}

fn runs(drawn: &Drawn) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut ended = true;
    for (glyph, (start, place)) in drawn.glyphs.iter().enumerate() {
        let end = drawn.glyphs.get(glyph + 1).map_or(drawn.text.len(), |(start, _)| *start);
        let raw = drawn.text.get(*start..end).unwrap_or_default();
        let (middle, height) = ((place.y0 + place.y1) / 2.0, place.height().max(1.0));
        let goes_on = runs
            .last()
            .is_some_and(|run| !ended && place.x0 - run.right < height && place.x0 > run.left - 1.0);
        match runs.last_mut().filter(|_| goes_on) {
            Some(run) => {
                run.right = run.right.max(place.x1);
                run.glyphs.end = glyph + 1;
            }
            None => {
                runs.push(Run { left: place.x0, right: place.x1, middle, height, glyphs: glyph..glyph + 1 })
            }
        }
        ended = raw.ends_with('\n');
    }
    runs.retain(|run| run.glyphs.clone().any(|glyph| !said(drawn, glyph).trim().is_empty()));
    runs
}

/// Where columns begin, from the left: what lies between them nothing crosses that is not as wide as several.
fn columns(runs: &[Run]) -> Vec<f64> {
    let left = runs.iter().map(|run| run.left).fold(f64::INFINITY, f64::min);
    let right = runs.iter().map(|run| run.right).fold(f64::NEG_INFINITY, f64::max);
    let mut narrow: Vec<&Run> =
        runs.iter().filter(|run| run.right - run.left < (right - left) * ACROSS).collect();
    narrow.sort_by(|a, b| a.left.total_cmp(&b.left));
    // Each with where it ends and how many runs are in it.
    let mut found: Vec<(f64, f64, usize)> = Vec::new();
    for run in narrow {
        match found.last_mut() {
            Some((_, end, count)) if run.left < *end + run.height * 0.4 => {
                *end = end.max(run.right);
                *count += 1;
            }
            _ => found.push((run.left, run.right, 1)),
        }
    }
    let columns = found.into_iter().filter(|(.., count)| *count >= COLUMN_MIN).map(|(start, ..)| start);
    let mut columns: Vec<f64> = columns.collect();
    if let Some(first) = columns.first_mut() {
        *first = first.min(left);
    }
    columns
}
