//! `/privacy.pdf`: the notice on paper. It is printed once for each version and kept in memory; only one is
//! printed at a time, whoever asks.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use policy::notice;

use super::in_force;
use crate::fault::Fault;
use crate::print;
use crate::web::{Answer, House, Trouble, Visitor, blocking};

/// `GET /privacy.pdf`.
pub async fn pdf(State(house): House, visitor: Visitor) -> Answer<Response> {
    let bytes = printed(&house).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"privacy-notice.pdf\""),
    ];
    Ok((headers, bytes.to_vec()).into_response())
}

async fn printed(house: &Arc<crate::instance::Instance>) -> Result<Arc<[u8]>, Fault> {
    let mut kept = house.printed_notice.lock().await;
    let version = house.policy().version;
    if let Some((of, bytes)) = kept.as_ref()
        && *of == version
    {
        return Ok(Arc::clone(bytes));
    }
    let reading = Arc::clone(house);
    let (data, stamp) = blocking(move || {
        let notice = in_force(&reading)?;
        let stamp = reading.clock.at(notice.from, 0).as_millisecond();
        Ok((notice::to_paper(&notice, &reading.policy().controller), stamp))
    })
    .await?;
    let bytes = print::run(::print::Template::Notice, &data, stamp).await;
    let bytes: Arc<[u8]> = bytes.map_err(|failure| Fault::Other(failure.to_string()))?.into();
    *kept = Some((version, Arc::clone(&bytes)));
    Ok(bytes)
}
