//! Messages as LSP frames them: headers, an empty line, that many bytes. Knows nothing of what they say.

use std::io::{self, BufRead, Error, ErrorKind, Read, Write};

use serde_json::Value;

/// The longest message that is taken, in bytes.
const LONGEST: usize = 32 << 20;

/// The next message; `None` when the editor has hung up.
///
/// # Errors
/// If the stream breaks, or a header is none.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.by_ref().take(8192).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok().filter(|length| *length <= LONGEST);
        }
    }
    let Some(length) = length else {
        return Err(Error::new(
            ErrorKind::InvalidData,
            "a message without a `Content-Length` of at most 32 MiB",
        ));
    };
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(body))
}

/// Sends a message.
///
/// # Errors
/// If the stream breaks.
pub(super) fn write(output: &mut impl Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_written_is_read_again() {
        let mut sent = Vec::new();
        assert!(write(&mut sent, &serde_json::json!({ "é": 1 })).is_ok());
        let mut input = sent.as_slice();
        assert_eq!(read(&mut input).ok().flatten().as_deref(), Some("{\"é\":1}".as_bytes()));
        assert!(matches!(read(&mut input), Ok(None)));
    }

    #[test]
    fn what_is_too_long_or_unsaid_is_refused() {
        assert!(read(&mut "Content-Length: 99999999999\r\n\r\n".as_bytes()).is_err());
        assert!(read(&mut "Hello: 3\r\n\r\nabc".as_bytes()).is_err());
        assert!(read(&mut "Content-Length: 9\r\n\r\nabc".as_bytes()).is_err());
    }
}
