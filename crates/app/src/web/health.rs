//! `/healthz`: says that the server answers. Says nothing about anybody.

/// `GET /healthz`.
pub async fn get() -> &'static str {
    "ok\n"
}
