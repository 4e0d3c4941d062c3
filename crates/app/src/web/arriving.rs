//! A file on its way in, for a reader that blocks: a few pieces wait at a time, and none is written anywhere.
//!
//! What breaks off on the way is an error to the reader, never a shorter file.

use std::io::{BufRead, Error, ErrorKind, Read};

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Pieces that wait for the reader, each as large as the network hands them over.
const WAITING: usize = 4;

/// The reader's end.
#[derive(Debug)]
pub struct Arriving {
    pieces: Receiver<Bytes>,
    piece: Bytes,
    whole: bool,
}

/// The sender's end.
#[derive(Debug)]
pub struct Sending(Sender<Bytes>);

/// Both ends of a file on its way.
#[must_use]
pub fn way() -> (Sending, Arriving) {
    let (sender, pieces) = channel(WAITING);
    (Sending(sender), Arriving { pieces, piece: Bytes::new(), whole: false })
}

impl Sending {
    /// Hands over a part of a form as it arrives, to its end. A reader that wants no more is no fault of the sender.
    ///
    /// # Errors
    /// If the part does not arrive whole; the reader is told as well.
    pub async fn all(self, mut part: Field<'_>) -> Result<(), MultipartError> {
        while let Some(piece) = part.chunk().await? {
            // No bytes mean the end, and only that.
            if !piece.is_empty() && self.0.send(piece).await.is_err() {
                return Ok(());
            }
        }
        let _ = self.0.send(Bytes::new()).await;
        Ok(())
    }
}

impl BufRead for Arriving {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.piece.is_empty() && !self.whole {
            match self.pieces.blocking_recv() {
                Some(piece) => {
                    self.whole = piece.is_empty();
                    self.piece = piece;
                }
                None => return Err(Error::new(ErrorKind::UnexpectedEof, "it did not arrive whole")),
            }
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, used: usize) {
        let _ = self.piece.split_to(used);
    }
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_end_in_the_pieces_it_comes_in() {
        let (Sending(sender), mut arriving) = way();
        std::thread::spawn(move || {
            for piece in ["01632 960001\n016", "32 ", "960002"] {
                sender.blocking_send(Bytes::from(piece)).unwrap();
            }
            sender.blocking_send(Bytes::new()).unwrap();
        });
        let lines: Vec<String> = arriving.by_ref().lines().collect::<Result<_, _>>().unwrap();
        assert_eq!(lines, ["01632 960001", "01632 960002"]);
    }

    #[test]
    fn what_breaks_off_is_not_taken_for_the_end() {
        let (Sending(sender), mut arriving) = way();
        std::thread::spawn(move || sender.blocking_send(Bytes::from("01632 960001\n")));
        let mut text = String::new();
        assert_eq!(arriving.read_to_string(&mut text).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
