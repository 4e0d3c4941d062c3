//! What our answers set in browsers, noted as it is set: the proof of the cookies page looks at this and not at what the
//! program thinks it does. A name and the address of the page, never a value or whose browser it was.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use store::cookie;

use super::blocking;
use crate::instance::Instance;

/// Notes each cookie an answer sets, once for each page.
pub async fn noted(State(house): State<Arc<Instance>>, request: Request, next: Next) -> Response {
    // The address as the routes have it: what stands in its place may be a token.
    let page = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let names: Vec<String> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes()).split('=').next().unwrap_or_default().trim().to_owned()
        })
        .collect();
    for name in names {
        let page = page.clone().unwrap_or_else(|| "no page".to_owned());
        if !house.cookie_is_new(&name, &page) {
            continue;
        }
        let noting = Arc::clone(&house);
        let done = blocking(move || {
            let today = noting.clock.today();
            noting.store.write(|tx| cookie::seen(tx, &name, &page, today))?;
            noting.cookie_noted(name, page);
            Ok(())
        });
        if let Err(fault) = done.await {
            tracing::error!(%fault, "a cookie that was set could not be noted");
        }
    }
    response
}
