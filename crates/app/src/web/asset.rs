//! Style sheets, scripts and icons, carried inside the binary and served from it. Nothing comes from another site.
//! `probity.css` and `probity.js` are all style sheets and all behaviours in one answer each.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// A file with the tag that changes when it does.
struct Joined {
    text: Vec<u8>,
    tag: String,
}

static STYLES: LazyLock<Joined> = LazyLock::new(|| joined("css/", "css/tokens.css"));
static BEHAVIOURS: LazyLock<Joined> = LazyLock::new(|| joined("js/", ""));

/// All files of a folder in the order of their names, but `first` before them: it declares the layers.
fn joined(folder: &str, first: &str) -> Joined {
    let mut names: Vec<_> = Assets::iter().filter(|name| name.starts_with(folder)).collect();
    names.sort_by_key(|name| (name != first, name.clone()));
    let mut text = Vec::new();
    for file in names.iter().filter_map(|name| Assets::get(name)) {
        text.extend_from_slice(&file.data);
        text.push(b'\n');
    }
    let tag = hex(blake3::hash(&text).as_bytes());
    Joined { text, tag }
}

fn found(path: &str) -> Option<(Cow<'static, [u8]>, String)> {
    match path {
        "probity.css" => Some((Cow::Borrowed(&STYLES.text), STYLES.tag.clone())),
        "probity.js" => Some((Cow::Borrowed(&BEHAVIOURS.text), BEHAVIOURS.tag.clone())),
        _ => Assets::get(path).map(|file| (file.data, hex(&file.metadata.sha256_hash()))),
    }
}

/// `GET /assets/{*path}`.
pub async fn get(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some((data, tag)) = found(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{tag}\"");
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    (
        [
            (header::CONTENT_TYPE, kind(&path).to_owned()),
            (header::CACHE_CONTROL, "no-cache".to_owned()),
            (header::ETAG, tag),
        ],
        data,
    )
        .into_response()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_starts_with_its_layers_and_holds_every_file() {
        let text = String::from_utf8(STYLES.text.clone()).unwrap();
        assert!(text.contains("@layer reset, base, components, pages, print;"));
        assert!(text.find("@layer reset,").unwrap() < text.find("@layer base {").unwrap());
        let files = Assets::iter().filter(|name| name.starts_with("css/")).count();
        assert!(files > 10 && text.matches("@layer ").count() >= files);
    }
}
