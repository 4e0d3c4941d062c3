//! Pictures to scan: a text as a QR code, drawn as an SVG.

use fast_qr::{ECL, QRBuilder};

/// The light squares around a picture without which scanners do not find it.
const MARGIN: usize = 4;

/// A picture to scan, as an SVG draws it.
pub struct Picture {
    /// Its dark squares.
    pub path: String,
    /// Its width and height in squares, the quiet margin in it.
    pub width: usize,
}

impl Picture {
    /// A text as a picture: the path of an SVG whose units are the picture's squares. `None` if it is too long for one.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let drawn = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for (y, row) in drawn.data.chunks(drawn.size).take(drawn.size).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, square)| square.value()) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + MARGIN, y + MARGIN));
            }
        }
        Some(Self { path, width: drawn.size + 2 * MARGIN })
    }

    /// The whole SVG, for a document.
    #[must_use]
    pub fn svg(&self) -> String {
        let Self { path, width } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{width}\" height=\"{width}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
        )
    }
}
