//! The last step of a sealed value on its way to a page: the `open` filter of the templates.
//!
//! `{{ item.value|open(grant) }}` opens the value with the page's grant at the moment it is written.
//! A value the grant does not cover stops the rendering: no page leaves half open.

/// Filters that templates may use; a template's module imports this one.
pub mod filters {
    #![expect(missing_docs, reason = "the macro writes items it does not document")]

    use askama::{Result, Values};
    use custody::{Grant, Sealed};

    /// Opens a sealed value with the page's grant and writes it, escaped.
    ///
    /// # Errors
    /// If the grant does not cover the value.
    #[askama::filter_fn]
    pub fn open<'a>(sealed: &'a Sealed, _: &dyn Values, grant: &'a Grant) -> Result<&'a str> {
        sealed.open(grant).map(custody::Shown::reveal).map_err(askama::Error::custom)
    }
}
