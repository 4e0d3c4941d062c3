//! An object too large for one request: it goes up in parts, and is none until the last has come and all were put
//! together. Where that was broken off, the next upload takes the parts away, which nobody would see otherwise.

use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;

use super::ask::Asked;
use super::{Bucket, xml};
use crate::keys::write_private;
use crate::{Error, Result};

/// Bytes of a part, and of what goes up in one request.
pub(super) const PART: u64 = 16 << 20;
/// How many parts an object may have.
const PARTS_MAX: u64 = 10_000;
/// The file in the data directory that says which upload into a bucket is under way. Each bucket has its own, so that what was
/// broken off on the way into one is still known when another is used in between.
pub(super) fn note(bucket: &Bucket, data: &FilePath) -> std::path::PathBuf {
    let name = blake3::hash(bucket.to_string().as_bytes()).to_hex();
    data.join(format!("backup.upload.{}", name.get(..16).unwrap_or_default()))
}

/// Puts a file up in parts.
pub(super) fn whole(
    bucket: &Bucket,
    key: &str,
    mut file: File,
    from: &FilePath,
    size: u64,
    data: &FilePath,
) -> Result<()> {
    let begun = bucket.must(&Asked::new("POST", key).query(&[("uploads", "")]))?;
    let id = xml::value(&begun.body, "UploadId").ok_or_else(|| bucket.refused(&begun))?;
    let note = note(bucket, data);
    write_private(&note, format!("{bucket}\n{key}\n{id}\n").as_bytes())?;
    let put = parts(bucket, key, &id, &mut file, from, size);
    if put.is_err() {
        // What cannot be taken away now is taken away before the next upload.
        if abort(bucket, key, &id).is_ok() {
            let _ = std::fs::remove_file(&note);
        }
        return put;
    }
    std::fs::remove_file(&note).map_err(|error| Error::file(&note, error))
}

fn parts(bucket: &Bucket, key: &str, id: &str, file: &mut File, from: &FilePath, size: u64) -> Result<()> {
    let length = PART.max(size.div_ceil(PARTS_MAX - 1));
    let mut list =
        String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    let mut part = Vec::new();
    for number in 1.. {
        part.clear();
        let read = file.by_ref().take(length).read_to_end(&mut part);
        if read.map_err(|error| Error::file(from, error))? == 0 {
            break;
        }
        let which = number.to_string();
        let asked = Asked::new("PUT", key).query(&[("partNumber", &which), ("uploadId", id)]).body(&part);
        let answer = bucket.must(&asked)?;
        let tag = answer.header("etag").ok_or_else(|| bucket.refused(&answer))?;
        let tag = quick_xml::escape::escape(tag);
        list.push_str(&format!("<Part><PartNumber>{which}</PartNumber><ETag>{tag}</ETag></Part>"));
    }
    list.push_str("</CompleteMultipartUpload>");
    let asked = Asked::new("POST", key).query(&[("uploadId", id)]).body(list.as_bytes());
    let answer = bucket.ask(&asked)?;
    // It may say in the middle of a good answer that it failed. Where an earlier try came through and only its answer
    // was lost, the upload is not known any more: what is there is compared in any case.
    let lost = answer.status == 404 && answer.tries > 1;
    let failed = xml::value(&answer.body, "Code").is_some();
    if lost || answer.is_good() && !failed { Ok(()) } else { Err(bucket.refused(&answer)) }
}

fn abort(bucket: &Bucket, key: &str, id: &str) -> Result<()> {
    let answer = bucket.ask(&Asked::new("DELETE", key).query(&[("uploadId", id)]))?;
    if answer.is_good() || answer.status == 404 { Ok(()) } else { Err(bucket.refused(&answer)) }
}

/// Takes away the parts of an upload that was broken off, if it went into this bucket. Whether the note is dealt with.
pub(super) fn leave(bucket: &Bucket, noted: &str) -> Result<bool> {
    let mut lines = noted.lines();
    match (lines.next(), lines.next(), lines.next()) {
        (Some(of), Some(key), Some(id)) if of == bucket.to_string() => abort(bucket, key, id).map(|()| true),
        (Some(_), Some(_), Some(_)) => Ok(false),
        // A note that was broken off itself says nothing.
        _ => Ok(true),
    }
}
