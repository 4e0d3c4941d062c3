//! Reading a form with a file in it: words as words, the file as bytes, each of bounded size.

use std::collections::BTreeMap;

use axum::extract::Multipart;

use crate::acts::document::{FILE_BYTES_MAX, Place, Upload};
use crate::fault::Fault;

/// The largest body of such a form, in bytes: a file and the words around it.
pub const BODY_BYTES_MAX: usize = FILE_BYTES_MAX + 64 * 1024;

/// What such a form sent.
#[derive(Default)]
pub struct Sent {
    /// Its words, by question.
    pub values: BTreeMap<String, String>,
    file: Option<(String, Vec<u8>)>,
}

impl Sent {
    /// Reads it.
    ///
    /// # Errors
    /// [`Fault::Invalid`] on the question the file belongs to, if it is too large or ends early.
    pub async fn read(mut form: Multipart, file: &str) -> Result<Self, Fault> {
        let broken =
            |_| Fault::field(file, "The file did not arrive whole, or it is larger than 20 MB. Try again.");
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let is_file = field.file_name().is_some();
            let bytes = field.bytes().await.map_err(broken)?;
            if is_file {
                if !bytes.is_empty() {
                    sent.file = Some((name, bytes.to_vec()));
                }
            } else {
                sent.values.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        Ok(sent)
    }

    /// What was typed for a question, or nothing.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The bytes of the file, if one was sent.
    pub fn file(&mut self) -> Option<Vec<u8>> {
        self.file.take().map(|(_, bytes)| bytes)
    }

    /// Where the document is: in the file, or else on paper or elsewhere in the place that was typed.
    ///
    /// # Errors
    /// [`Fault::Invalid`] if the file is none that is taken.
    pub fn place(&mut self) -> Result<Place, Fault> {
        match self.file.take() {
            Some((field, content)) => Ok(Place::File(Upload::take(&field, content)?)),
            None if self.value("elsewhere") == "yes" => {
                Ok(Place::Elsewhere(self.value("place").trim().to_owned()))
            }
            None => Ok(Place::Paper(self.value("place").trim().to_owned())),
        }
    }
}
