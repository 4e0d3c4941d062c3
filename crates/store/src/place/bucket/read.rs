//! An object as it is read: window by window, each asked for again where the connection breaks off, so that a long
//! object needs neither memory nor one connection that lasts.

use std::io::{self, Read};

use super::Bucket;
use super::ask::Asked;
use crate::{Error, Result};

/// How much is asked for first: what a backup says of itself fits in.
const FIRST: u64 = 64 << 10;
/// How much is asked for at a time afterwards.
const WINDOW: u64 = 2 << 20;

pub(super) struct Windows {
    bucket: Bucket,
    key: String,
    /// Which object this is: it may be replaced while it is read.
    tag: Option<String>,
    size: u64,
    /// How much of it was asked for.
    until: u64,
    held: Vec<u8>,
    used: usize,
}

impl Windows {
    /// Begins to read an object; nothing where there is none.
    pub(super) fn open(bucket: Bucket, key: String) -> Result<Option<Self>> {
        let answer = bucket.ask(&Asked::get(&key).header("range", range(0, FIRST)))?;
        let size = match answer.status {
            404 if super::words::is_missing(&answer) => return Ok(None),
            // There is an object, and nothing in it.
            416 => 0,
            206 => answer
                .header("content-range")
                .and_then(|range| range.rsplit('/').next()?.parse().ok())
                .ok_or_else(|| bucket.refused(&answer))?,
            // A store that knows no ranges has sent all of it.
            200 => answer.body.len() as u64,
            _ => return Err(bucket.refused(&answer)),
        };
        let tag = answer.header("etag").map(str::to_owned);
        let held = if answer.status == 416 { Vec::new() } else { answer.body };
        Ok(Some(Self { bucket, key, tag, size, until: held.len() as u64, held, used: 0 }))
    }

    fn next(&mut self) -> Result<()> {
        let mut asked = Asked::get(&self.key).header("range", range(self.until, WINDOW));
        if let Some(tag) = &self.tag {
            asked = asked.header("if-match", tag);
        }
        let answer = self.bucket.ask(&asked)?;
        if answer.status != 206 || answer.body.is_empty() {
            return Err(match answer.status {
                404 | 412 => {
                    Error::Bucket(format!("{}/{} was replaced while it was read", self.bucket, self.key))
                }
                _ => self.bucket.refused(&answer),
            });
        }
        self.until += answer.body.len() as u64;
        (self.held, self.used) = (answer.body, 0);
        Ok(())
    }
}

fn range(from: u64, length: u64) -> String {
    format!("bytes={from}-{}", from + length - 1)
}

impl Read for Windows {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.used >= self.held.len() && self.until < self.size {
            self.next().map_err(io::Error::other)?;
        }
        let mut rest = self.held.get(self.used..).unwrap_or_default();
        let read = rest.read(to)?;
        self.used += read;
        Ok(read)
    }
}
