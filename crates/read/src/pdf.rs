//! PDF: the text of each page with the place of every character, as the page draws it.

use hayro::hayro_interpret::font::Glyph;
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape};

use crate::{Reading, Sort};

/// The most pages that are read.
pub(crate) const PAGES_MAX: usize = 500;

/// How many filled shapes with curves on a page may be letters.
const CURVED_MIN: usize = 3;

/// A page's text, and for each run of it the place where it is drawn.
#[derive(Default)]
pub(crate) struct Drawn {
    pub(crate) text: String,
    /// Byte offset in `text` where a glyph's characters begin, with its box on the page, from the top left, in points.
    pub(crate) glyphs: Vec<(usize, Rect)>,
    /// Glyphs of which nobody knows which characters they are.
    pub(crate) unknown: usize,
    pub(crate) pictures: usize,
    /// Filled shapes with curves: a drawing, or letters drawn as one.
    curved: usize,
    /// Glyphs that are small drawings, whose ink nobody measures.
    pub(crate) unmeasured: usize,
    last: Option<(Point, f64, f64)>,
    /// How many glyphs in a row stand apart from the one before.
    apart: usize,
}

/// Reads every page.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    let pdf = match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(_)) => return Reading::unread("it is locked with a password"),
        Err(_) => return Reading::unread("it is damaged and opens nowhere"),
    };
    let mut reading = Reading::new(Sort::Pdf);
    let pages = pdf.pages();
    let mut lying = Vec::new();
    for (number, page) in pages.iter().enumerate().take(PAGES_MAX) {
        let (name, drawn) = (format!("page {}", number + 1), drawn(&pdf, page));
        if drawn.pictures > 0 {
            let why = if drawn.text.trim().is_empty() {
                "it is a picture, as of a scan; a person has to look at it"
            } else {
                "it has pictures, which are not read; a person has to look at them"
            };
            reading.not_read(name.clone(), why);
        }
        if drawn.unknown > 0 {
            reading.not_read(name.clone(), "some of its letters do not say which letters they are");
        }
        if drawn.curved >= CURVED_MIN {
            reading.not_read(name.clone(), "it has drawn shapes, which may be letters; a person has to look");
        }
        if let Some(other) = crate::columns::lying(&drawn) {
            lying.push(crate::Part { name: format!("{name}, as it lies there"), text: other.text });
        }
        // Every page has its part, also an empty one: removals name parts by their number.
        reading.parts.push(crate::Part { name, text: drawn.text });
    }
    if pages.len() > PAGES_MAX {
        reading.not_read(format!("pages after {PAGES_MAX}"), "it has more pages than are read of one file");
    }
    reading.parts.extend(lying);
    let more = crate::find::beside_pages(&pdf);
    for (what, why) in more.closed {
        reading.not_read(what, why);
    }
    reading.part("properties", more.said);
    reading
}

/// Runs a page's instructions for its text.
pub(crate) fn drawn(pdf: &Pdf, page: &Page<'_>) -> Drawn {
    let cache = InterpreterCache::new();
    let (width, height) = page.render_dimensions();
    let transform = page.initial_transform(true).to_kurbo();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(transform, bounds, &cache, pdf.xref(), InterpreterSettings::default());
    let mut drawn = Drawn::default();
    interpret_page(page, &mut context, &mut drawn);
    drawn
}

impl Drawn {
    fn glyph(&mut self, said: Option<String>, outline: Option<Rect>, advance: f64, place: Affine) {
        let Some(said) = said.filter(|said| !said.chars().any(says_nothing)) else {
            self.unknown += 1;
            return;
        };
        let cell = Rect::new(0.0, -250.0, advance, 950.0);
        let shape = outline.map_or(cell, |outline| outline.union(cell));
        let shown = place.transform_rect_bbox(shape);
        let (from, to) = (place * Point::ORIGIN, place * Point::new(advance, 0.0));
        let size = (place * Point::new(0.0, 1000.0) - from).hypot().max(0.1);
        if let Some((end, direction, before)) = self.last {
            let (along, across) = {
                let (sin, cos) = direction.sin_cos();
                let step = from - end;
                (step.x * cos + step.y * sin, step.y * cos - step.x * sin)
            };
            let size = size.max(before);
            let breaks = across.abs() > size * 0.6 || along < -size * 1.5;
            let wide = !breaks && along > size * 0.18;
            self.apart = if wide { self.apart + 1 } else { 0 };
            if breaks {
                self.text.push('\n');
            } else if wide && !self.text.ends_with([' ', '\n']) && !said.starts_with(' ') {
                self.text.push(' ');
            } else if wide && self.apart > 2 && self.text.ends_with(' ') {
                // Where all letters stand apart, a blank that is drawn among them ends a word.
                self.text.push(' ');
            }
        }
        let run = to - from;
        let direction =
            if run.hypot() > 0.01 { run.y.atan2(run.x) } else { self.last.map_or(0.0, |(_, was, _)| was) };
        self.last = Some((to, direction, size));
        self.glyphs.push((self.text.len(), shown));
        self.text.push_str(&said);
    }
}

/// Characters that say nothing to whoever does not have the font: private ones and stand-ins.
fn says_nothing(c: char) -> bool {
    matches!(c, '\0' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

impl Device<'_> for Drawn {
    fn set_soft_mask(&mut self, _: Option<SoftMask<'_>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, path: &BezPath, _: Affine, _: &Paint<'_>, mode: &PathDrawMode) {
        let curved = path.elements().iter().any(|el| matches!(el, PathEl::QuadTo(..) | PathEl::CurveTo(..)));
        if curved && matches!(mode, PathDrawMode::Fill(_)) {
            self.curved += 1;
        }
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'_>,
        transform: Affine,
        glyph_transform: Affine,
        _: &Paint<'_>,
        _: &GlyphDrawMode,
    ) {
        let said = glyph.as_unicode().map(|said| match said {
            BfString::Char(c) => c.to_string(),
            BfString::String(s) => s,
        });
        let (outline, advance) = match glyph {
            Glyph::Outline(glyph) => {
                let path = glyph.outline();
                let ink = (!path.elements().is_empty()).then(|| path.bounding_box());
                (ink, f64::from(glyph.advance_width().unwrap_or(500.0)))
            }
            Glyph::Type3(_) => {
                self.unmeasured += 1;
                (None, 600.0)
            }
        };
        self.glyph(said, outline, advance, transform * glyph_transform);
    }
    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {
        self.pictures += 1;
    }
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
