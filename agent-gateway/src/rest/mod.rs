//! `/api/v1`: each operation with its path. Which permission it needs stands in the table of `permission`.

mod audit;
mod board;
mod channel_shape;
mod channels;
mod colleagues;
mod contact_shape;
mod contacts;
mod history;
mod openapi;
mod range;
mod recordings;
pub(crate) mod shape;
mod sign;
mod uploads;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use axum::{Router, extract::State};

use crate::gate::Gate;
use crate::guard::{finish, guard};
use crate::permission::Operation;
use crate::problem::Problem;

pub use openapi::document;
pub(crate) use sign::granted;
pub(crate) use uploads::led;

/// The most bytes of a body.
const MAX_BODY: usize = 64 * 1024;

type Shared = Arc<Gate>;

/// Every operation.
fn operations() -> Vec<(Operation, &'static str, MethodRouter<Shared>)> {
    use Operation as Op;
    vec![
        (Op::SignIn, "/api/v1/sign-in", post(sign::sign_in)),
        (Op::SignOut, "/api/v1/sign-out", post(sign::sign_out)),
        (Op::Me, "/api/v1/me", get(sign::me)),
        (Op::Ticket, "/api/v1/ws-tickets", post(sign::ticket)),
        (Op::Sessions, "/api/v1/sessions", get(history::sessions)),
        (Op::Session, "/api/v1/sessions/{id}", get(history::session)),
        (Op::Contacts, "/api/v1/sessions/{id}/contact", get(contacts::of_session)),
        (Op::Contacts, "/api/v1/contacts", get(contacts::find)),
        (Op::Contacts, "/api/v1/contacts/{id}", get(contacts::one).patch(contacts::change)),
        (Op::Contacts, "/api/v1/contacts/{id}/merge", post(contacts::merge)),
        (Op::Contacts, "/api/v1/contacts/{id}/split", post(contacts::split)),
        (Op::Contacts, "/api/v1/contacts/{id}/sessions", get(contacts::sessions)),
        (Op::Contacts, "/api/v1/contact-labels", get(contacts::labels)),
        (Op::End, "/api/v1/sessions/{id}/end", post(board::end)),
        (Op::Board, "/api/v1/board", get(board::board)),
        (Op::Force, "/api/v1/agents/{name}/force", post(board::force)),
        (Op::Recording, "/api/v1/recordings/collab/{collab}", get(recordings::get)),
        (Op::Audit, "/api/v1/audit", get(audit::audit)),
        (Op::Channels, "/api/v1/channels", get(channels::list)),
        (Op::Channels, "/api/v1/channels/kinds", get(channels::kinds)),
        (
            Op::Channel,
            "/api/v1/channels/{name}",
            get(channels::get).put(channels::put).delete(channels::delete),
        ),
        (Op::TryChannel, "/api/v1/channels/{name}/test", post(channels::test)),
        (Op::Upload, "/api/v1/staff/uploads", post(uploads::put)),
        (Op::File, "/api/v1/staff/uploads/{file}", get(uploads::get)),
        (Op::SendFile, "/api/v1/colleagues/files", post(colleagues::put)),
        (Op::ColleaguesFile, "/api/v1/colleagues/files/{file}", get(colleagues::get)),
        (Op::OpenApi, "/api/v1/openapi.json", get(openapi::serve)),
    ]
}

/// The router of the REST interface.
pub(crate) fn router(gate: &Shared) -> Router {
    let mut router = Router::new();
    for (operation, path, method) in operations() {
        let guarded = middleware::from_fn_with_state((Arc::clone(gate), operation), guard);
        let method = method.fallback(|| async { Problem::method() });
        router = router.route(path, method.layer(guarded));
    }
    // What others serve under the same prefix is found before this.
    let nothing = any(|| async { Problem::not_found() });
    let nothing = nothing.layer(middleware::from_fn_with_state(Arc::clone(gate), named));
    router
        .route("/api/v1/{*rest}", nothing)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::clone(gate))
}

/// Names a request that no operation takes.
async fn named(State(gate): State<Shared>, request: Request, next: Next) -> Response {
    finish(next.run(request).await.into_response(), &gate.desk.request_id())
}
