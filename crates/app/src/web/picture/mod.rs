//! Pictures of a text to many: as a page lists them, as they are shown, and as a form brings one.

use axum::extract::Multipart;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use store::Tx;
use store::picture::{self, Of, Picture};

use super::page::Form;
use super::work::upload::Sent;
use crate::fault::Fault;

/// A picture as a page lists it.
pub(super) struct Listed {
    pub(super) src: String,
    pub(super) alt: String,
    /// What stands in the text where it is shown.
    pub(super) markdown: String,
    /// Where it is taken out.
    pub(super) remove: String,
}

/// The pictures of a text that has this address.
pub(super) fn listed(tx: &Tx<'_>, of: Of, base: &str) -> Result<Vec<Listed>, Fault> {
    let listed = |picture: Picture| Listed {
        src: format!("{base}/pictures/{}", picture.number),
        markdown: format!("![](picture:{})", picture.number),
        remove: format!("{base}/pictures/{}/remove", picture.number),
        alt: picture.alt,
    };
    Ok(picture::all(tx, of)?.into_iter().map(listed).collect())
}

/// What a form brought: what the picture shows, and the picture.
#[derive(Clone, Default)]
pub(super) struct Brought {
    pub(super) alt: String,
    pub(super) file: Option<Vec<u8>>,
}

impl Brought {
    /// Reads it.
    pub(super) async fn read(form: Multipart) -> Result<Self, Fault> {
        let mut sent = Sent::read(form, "picture").await?;
        Ok(Self { file: sent.file(), alt: sent.value("alt").to_owned() })
    }

    /// What the form is shown with again.
    pub(super) fn form(&self) -> Form {
        Form { values: [("alt".to_owned(), self.alt.clone())].into(), ..Form::default() }
    }
}

/// A picture as a browser shows it.
pub(super) fn shown(picture: Picture) -> Response {
    ([(header::CONTENT_TYPE, picture.media)], picture.bytes).into_response()
}
