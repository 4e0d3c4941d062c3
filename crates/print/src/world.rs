//! The small world a document is made in: a template, the house style, the data, and the fonts of the
//! typesetter. Nothing else exists in it, so no template can read a file or a date.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::{HOUSE, Template};

/// The fonts and the library, made once for each process.
struct Shelf {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    Shelf {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

/// A template with its data.
pub struct PaperWorld {
    main: Source,
    house: Source,
    data_id: FileId,
    data: Bytes,
}

impl PaperWorld {
    /// A world of one template and its data, as JSON text.
    pub fn new(template: Template, data: String) -> Result<Self, String> {
        Ok(Self {
            main: Source::new(file(&format!("{}.typ", template.name()))?, template.source().to_owned()),
            house: Source::new(file("house.typ")?, HOUSE.to_owned()),
            data_id: file("data.json")?,
            data: Bytes::from_string(data),
        })
    }
}

fn file(name: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(name).map_err(|error| format!("{error:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// Whether some font of ours has this character.
pub fn has_glyph(c: char) -> bool {
    (0..SHELF.fonts.len())
        .any(|at| SHELF.book.info(at).is_some_and(|info| info.coverage.contains(u32::from(c))))
}

impl World for PaperWorld {
    fn library(&self) -> &LazyHash<Library> {
        &SHELF.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHELF.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.house]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_id { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHELF.fonts.get(index).cloned()
    }

    /// There is no today here: dates are data.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
