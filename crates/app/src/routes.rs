//! Every address the server answers, on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};

use crate::instance::Instance;
use crate::web::requests::one::{forms, pack};
use crate::web::{
    admin, answer, api, asset, calls, cookies, disclosure, error, gone, health, import, known, line, me,
    organisation, outreach, people, person, pick, policy, practice, processor, public, quarantine, requests,
    review, sign_in, signed_out, task, today, unsubscribe, work,
};

/// The routes, without the layers around them.
pub fn routes(instance: Arc<Instance>) -> Router {
    Router::new()
        // Without signing in.
        .route("/healthz", get(health::get))
        .route("/assets/{*path}", get(asset::get))
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/sign-in/code", get(sign_in::code).post(sign_in::give_code))
        .route("/me/second-factor", get(sign_in::enrol).post(sign_in::enrolled))
        .route("/me/second-factor/another", post(sign_in::another))
        .route("/me/recovery", post(sign_in::renew))
        .route("/set-up/{token}", get(sign_in::set_up).post(sign_in::chosen))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/privacy", get(public::notice))
        .route("/unsubscribe/{token}", get(unsubscribe::get).post(unsubscribe::post))
        .route("/unsubscribe/{token}/undo", post(unsubscribe::undo))
        .route("/answer/{token}", get(answer::get).post(answer::post))
        .route("/privacy.md", get(public::markdown))
        .route("/privacy.pdf", get(public::pdf))
        .route("/privacy/cookies", get(public::cookies))
        .route("/privacy/versions", get(public::versions))
        .route("/privacy/versions/{number}", get(public::one_version))
        // Staff.
        .route("/", get(today::get))
        .route("/people", get(people::get).post(people::add))
        .route("/people/new", get(people::new))
        .route("/people/{id}", get(person::get))
        .route("/people/{id}/erasure", get(requests::erasure::get).post(requests::erasure::post))
        .route(
            "/people/{id}/restriction",
            get(requests::erasure::restriction).post(requests::erasure::restrict),
        )
        .route("/people/{id}/restriction/lift", post(requests::erasure::lift))
        .route("/requests", get(requests::get).post(requests::open))
        .route("/requests/new", get(requests::new))
        .route("/requests/{id}", get(requests::one::get))
        .route("/requests/{id}/identity", forms::form(forms::known))
        .route("/requests/{id}/pause", forms::form(forms::pause))
        .route("/requests/{id}/resume", forms::form(forms::resume))
        .route("/requests/{id}/extend", forms::form(forms::extend))
        .route("/requests/{id}/search", forms::form(forms::search))
        .route("/requests/{id}/pack", forms::form(forms::make))
        .route("/requests/{id}/pack.zip", get(pack::zip))
        .route("/requests/{id}/texts/{entry}", post(pack::read_text))
        .route("/requests/{id}/pack.pdf", get(pack::pdf))
        .route("/requests/{id}/pack.json", get(pack::json))
        .route("/requests/{id}/answer", forms::form(forms::answer))
        .route("/requests/{id}/owner", post(forms::assign))
        .route("/registers", get(requests::registers::first))
        .route("/registers/{which}", get(requests::registers::get))
        .route("/registers/{which}/csv", get(requests::registers::csv))
        .route("/people/{id}/items", post(person::add_item))
        .route("/people/{id}/items/{item}", post(person::change_item))
        .route("/people/{id}/items/{item}/undo", post(person::undo_item))
        .route("/people/{id}/entries", post(person::add_entry))
        .route("/entries/{id}", get(line::get).post(line::change))
        .route("/entries/{id}/removal", post(line::remove))
        .route("/entries/{id}/undo", post(line::undo))
        .route("/pick/people", get(pick::find_people))
        .route("/pick/organisations", get(pick::find_organisations))
        .route("/import", get(import::get).post(import::post).layer(DefaultBodyLimit::disable()))
        .route("/import/new", get(import::new))
        .route("/import/{id}", get(import::one))
        .route("/import/{id}/columns", get(import::columns::get).post(import::columns::post))
        .route("/import/{id}/rows", get(import::rows::get))
        .route("/import/{id}/rows/{n}", post(import::rows::put_right))
        .route("/import/{id}/held/{n}", post(import::rows::held_back))
        .route("/import/{id}/run", post(import::outcome::run))
        .route("/import/{id}/progress", get(import::outcome::progress))
        .route("/import/{id}/result", get(import::outcome::result))
        .route("/import/{id}/undo", post(import::outcome::undo))
        .route("/people/{id}/consents/withdrawal", post(person::withdraw))
        .route("/people/{id}/entered", post(person::enter))
        .route("/people/{id}/told", post(person::told))
        .route("/people/{id}/facts", post(known::tell))
        .route("/people/{id}/facts/undo", post(known::untell))
        .route("/people/{id}/events", post(known::happened))
        .route("/people/{id}/events/undo", post(known::unhappened))
        .route("/work", get(work::list).post(work::add))
        .route("/work/new", get(work::new))
        .route("/work/{id}", get(work::get))
        .route("/work/{id}/people", work::join())
        .route("/work/{id}/assigned", work::hand_over())
        .route("/work/{id}/milestones", work::happen())
        .route("/work/{id}/milestones/undo", work::take_back())
        .route("/work/{id}/agreed", work::agree())
        .route("/work/{id}/facts", work::tell())
        .route("/work/{id}/facts/undo", work::untell())
        .route("/work/{id}/answer", work::answer())
        .route("/work/{id}/entries", work::add_entry())
        .route("/work/{id}/consent", post(work::sign).layer(DefaultBodyLimit::max(work::BODY_BYTES_MAX)))
        .route(
            "/work/{id}/documents",
            post(work::add_document).layer(DefaultBodyLimit::max(work::BODY_BYTES_MAX)),
        )
        .route("/work/{id}/documents/{document}", get(work::document))
        .route("/work/{id}/completion", get(work::completion).post(work::complete))
        .route("/policy", get(policy::get))
        .route("/policy/findings", get(policy::findings::get))
        .route("/policy/register", get(policy::register::get))
        .route("/policy/register/{file}", get(policy::register::file))
        .route("/policy/proof", get(policy::proof::get).post(policy::proof::run))
        .route("/policy/attestations/{place}", post(policy::proof::sign))
        .route("/policy/source", get(policy::source))
        .route("/policy/edit", get(policy::edit::get).post(policy::edit::post))
        .route("/policy/edit/check", post(policy::edit::check))
        .route("/policy/preview", get(policy::preview::get))
        .route("/policy/adoption", post(policy::preview::adopt))
        .route("/policy/versions", get(policy::versions::get))
        .route("/policy/versions/{number}/withdrawal", post(policy::versions::withdraw))
        .route("/processors", get(processor::list))
        .route("/processors/{processor}/{activity}", get(processor::preview).post(processor::take))
        .route("/processors/{processor}/{activity}/people", get(processor::people))
        .route("/admin/gone", get(gone::get).post(gone::ask))
        .route("/people/{id}/passing-on", get(disclosure::get).post(disclosure::post))
        .route("/people/{id}/preferences", get(person::preferences::get).post(person::preferences::post))
        .route("/people/{id}/reviews/{ground}", get(review::get).post(review::post))
        .route("/people/{id}/reviews/{ground}/ended", post(review::ended))
        .route("/organisations", get(organisation::list).post(organisation::add))
        .route("/organisations/{id}", get(organisation::get).post(organisation::change))
        .route("/organisations/{id}/people/{person}/left", post(organisation::left))
        .route("/tasks/{id}", get(task::get).post(task::confirm))
        .route("/tasks/{id}/owner", post(task::assign))
        .route("/admin", get(admin::get))
        .route("/admin/staff", get(admin::staff::get).post(admin::staff::invite))
        .route("/admin/staff/{id}/link", post(admin::staff::link))
        .route("/admin/staff/{id}/second-factor", post(admin::staff::begin_anew))
        .route("/admin/staff/{id}/left", post(admin::staff::left))
        .route("/admin/backup", post(admin::back_up))
        .route("/admin/quarantine", post(admin::end_quarantine))
        .route("/admin/staff/{id}/role", post(admin::staff::role))
        .route("/me/keys", post(me::key))
        .route("/admin/log", get(admin::log_page))
        .route("/me", get(me::get))
        .route("/me/password", post(me::password))
        .route("/me/sessions", post(me::sessions))
        .route("/help", get(me::help))
        .route("/practice/clock", post(practice::set))
        .route("/outreach", get(outreach::list).post(outreach::begin))
        .route("/outreach/new", get(outreach::new))
        .route("/outreach/{id}", get(outreach::get).post(outreach::save))
        .route("/outreach/{id}/people", get(outreach::audience_people))
        .route("/outreach/{id}/refused", get(outreach::refused))
        .route("/outreach/{id}/send", post(outreach::send))
        .route("/outreach/{id}/now", post(outreach::now))
        .route("/outreach/{id}/cancel", post(outreach::cancel))
        .route("/calls", get(calls::list))
        .route("/calls/people", get(calls::people))
        .route("/calls/files", post(calls::load).layer(DefaultBodyLimit::max(calls::FILE_BYTES_MAX)))
        .route("/calls/{id}", get(calls::get).post(calls::record))
        .route("/calls/{id}/check", post(calls::check))
        // Programs, and pages that ask in the background.
        .route("/api/v1/people", get(api::person::list).post(api::person::add))
        .route("/api/v1/people/{id}", get(api::person::get))
        .route("/api/v1/people/{id}/items", post(api::person::add_item))
        .route(
            "/api/v1/people/{id}/items/{item}",
            put(api::person::change_item).delete(api::person::remove_item),
        )
        .route("/api/v1/people/{id}/entries", post(api::person::add_entry))
        .route("/api/v1/people/{id}/disclosures", post(api::record::disclose))
        .route(
            "/api/v1/people/{id}/documents",
            post(api::record::add_document).layer(DefaultBodyLimit::max(work::BODY_BYTES_MAX)),
        )
        .route("/api/v1/people/{id}/consents/withdrawal", post(api::work::withdraw))
        .route("/api/v1/engagements", get(api::work::list).post(api::work::start))
        .route("/api/v1/engagements/{id}", get(api::work::get))
        .route("/api/v1/engagements/{id}/milestones", post(api::work::happen))
        .route("/api/v1/engagements/{id}/milestones/{milestone}", delete(api::work::take_back))
        .route("/api/v1/engagements/{id}/facts", post(api::work::tell))
        .route("/api/v1/people/{id}/facts", post(api::work::tell_of))
        .route("/api/v1/people/{id}/facts/{fact}", delete(api::known::untell))
        .route("/api/v1/people/{id}/events", post(api::known::happened))
        .route("/api/v1/people/{id}/events/{event}", delete(api::known::unhappened))
        .route("/api/v1/engagements/{id}/facts/{fact}", delete(api::known::untell_on))
        .route("/api/v1/engagements/{id}/agreed", put(api::work::agree))
        .route("/api/v1/engagements/{id}/entries", post(api::work::add_entry))
        .route(
            "/api/v1/engagements/{id}/consents",
            post(api::work::sign).layer(DefaultBodyLimit::max(work::BODY_BYTES_MAX)),
        )
        .route(
            "/api/v1/engagements/{id}/documents",
            post(api::work::add_document).layer(DefaultBodyLimit::max(work::BODY_BYTES_MAX)),
        )
        .fallback(error::not_found)
        .layer(from_fn_with_state(Arc::clone(&instance), signed_out::hand_back))
        .layer(from_fn_with_state(Arc::clone(&instance), cookies::noted))
        .layer(from_fn_with_state(Arc::clone(&instance), quarantine::kept))
        .with_state(instance)
}
