//! A PDF without some of its words: every page drawn as a picture with the places painted over, and what stays readable
//! as the picture's alternative. Nothing of the file itself goes over: no text, bookmark, note, attachment or property.

use std::ops::Range;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::kurbo::Rect;
use hayro::{RenderCache, RenderSettings, render};
use krilla::configure::{Accessibility, Archival, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Point, Size};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{ContentTag, Node, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};
use serde::{Deserialize, Serialize};

use crate::pdf::{self, Drawn};

/// Pictures have this many points to a point of the page: 144 to the inch.
const SCALE: f32 = 2.0;
/// The longest side of a picture.
const SIDE_MAX: f32 = 4_000.0;

/// Something to be removed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Removal {
    /// The number of the part it stands in, from nought.
    pub part: usize,
    /// Where in the part's text, in bytes.
    pub span: Range<usize>,
    /// What stands there instead.
    pub instead: String,
}

/// A text without what is removed.
#[must_use]
pub fn text_without(text: &str, removals: &[&Removal]) -> String {
    let mut removals: Vec<&&Removal> = removals.iter().collect();
    removals.sort_by_key(|removal| (removal.span.start, removal.span.end));
    let (mut left, mut at) = (String::with_capacity(text.len()), 0);
    for removal in removals {
        let (start, end) = (removal.span.start.max(at), removal.span.end.max(at));
        left.push_str(text.get(at..start).unwrap_or_default());
        if end > at {
            left.push_str(&removal.instead);
        }
        at = end;
    }
    left.push_str(text.get(at..).unwrap_or_default());
    left
}

/// The PDF made anew without some of its words.
///
/// # Errors
/// A sentence saying why it could not be, where it then has to stay out whole.
pub fn without(bytes: &[u8], title: &str, removals: &[Removal]) -> Result<Vec<u8>, String> {
    let source = Pdf::new(bytes.to_vec()).map_err(|_| "the PDF does not open".to_owned())?;
    let mut made = Document::new_with(settings()?);
    let mut outline = Outline::new();
    let mut tree = TagTree::new().with_lang(Some("en-GB".to_owned()));
    // Pages that are read a second time, as they lie there, have their parts after those of all pages.
    let mut next = source.pages().len().min(pdf::PAGES_MAX);
    for (number, page) in source.pages().iter().enumerate() {
        if number >= pdf::PAGES_MAX {
            return Err("the PDF has more pages than can be drawn".to_owned());
        }
        let drawn = pdf::drawn(&source, page);
        let mut here: Vec<Removal> =
            removals.iter().filter(|removal| removal.part == number).cloned().collect();
        if let Some(lying) = crate::columns::lying(&drawn) {
            let there = removals.iter().filter(|removal| removal.part == next);
            here.extend(there.flat_map(|removal| lying.of_drawn(&drawn, removal)));
            next += 1;
        }
        let here: Vec<&Removal> = here.iter().collect();
        if drawn.unmeasured > 0 && !here.is_empty() {
            return Err(format!(
                "the letters of page {} are drawn in a way that hides where they end",
                number + 1
            ));
        }
        let boxes = boxes(&drawn, &here);
        let (picture, size) = picture(page, &boxes).ok_or("a page is too large to be drawn")?;
        let left = text_without(&drawn.text, &here);
        let spoken = match left.split_whitespace().collect::<Vec<_>>().join(" ") {
            words if words.is_empty() => format!("Page {}, a picture without text", number + 1),
            words => format!("Page {}: {words}", number + 1),
        };
        let mut sheet = made.start_page_with(PageSettings::new(size));
        let mut surface = sheet.surface();
        let content = surface.start_tagged(ContentTag::Other);
        surface.draw_image(picture, size);
        surface.end_tagged();
        surface.finish();
        sheet.finish();
        let mut figure = TagGroup::new(Tag::Figure(Some(spoken)));
        figure.push(Node::Leaf(content));
        tree.push(figure);
        outline.push_child(OutlineNode::new(
            format!("Page {}", number + 1),
            XyzDestination::new(number, Point::from_xy(0.0, 0.0)),
        ));
    }
    made.set_outline(outline);
    made.set_tag_tree(tree);
    made.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language("en-GB".to_owned())
            .creator("Probity".to_owned())
            // PDF/A asks for a day; when the pack was made stands in the pack.
            .creation_date(DateTime::new(2026).month(1).day(1)),
    );
    made.finish().map_err(|error| format!("the pages could not be put together: {error:?}"))
}

fn settings() -> Result<SerializeSettings, String> {
    let configuration: Configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| "the standards do not go together".to_owned())?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

/// What is painted over: every glyph of a removed word, and a little around it, joined along its line.
fn boxes(drawn: &Drawn, removals: &[&Removal]) -> Vec<Rect> {
    let mut boxes = Vec::new();
    let ends = drawn.glyphs.iter().skip(1).map(|(start, _)| *start).chain([drawn.text.len()]);
    for ((start, place), end) in drawn.glyphs.iter().zip(ends) {
        if removals
            .iter()
            .any(|removal| *start < removal.span.end && removal.span.start < end.max(*start + 1))
        {
            boxes.push(place.inflate(1.0, 1.0));
        }
    }
    boxes
}

/// A page as a picture, painted over.
fn picture(page: &Page<'_>, boxes: &[Rect]) -> Option<(Image, Size)> {
    let (width, height) = page.render_dimensions();
    let scale = SCALE.min(SIDE_MAX / width.max(height).max(1.0));
    let settings =
        RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..RenderSettings::default() };
    let drawn = render(page, &RenderCache::new(), &InterpreterSettings::default(), &settings);
    let (across, down) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let mut pixels: Vec<u8> =
        drawn.take_unpremultiplied().into_iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b, 255]).collect();
    for place in boxes {
        paint(&mut pixels, (across, down), *place, f64::from(scale));
    }
    let image = Image::from_rgba8(pixels, across, down);
    Some((image, Size::from_wh(width, height)?))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the picture, which has at most 4,000 points a side"
)]
fn paint(pixels: &mut [u8], (across, down): (u32, u32), place: Rect, scale: f64) {
    let within = |value: f64, most: u32| value.clamp(0.0, f64::from(most)) as usize;
    let (left, right) =
        (within((place.x0 * scale).floor(), across), within((place.x1 * scale).ceil(), across));
    let (top, bottom) = (within((place.y0 * scale).floor(), down), within((place.y1 * scale).ceil(), down));
    let line = across as usize * 4;
    for row in top..bottom {
        if let Some(some) = pixels.get_mut(row * line + left * 4..row * line + right * 4) {
            for (place, byte) in some.iter_mut().enumerate() {
                *byte = if place % 4 == 3 { 255 } else { 32 };
            }
        }
    }
}
