//! Who is ready, and the routes that say so: `/healthz`, `/readyz` and `/metrics`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::house::House;
use crate::metrics;
use crate::stop::Stop;

/// Readiness of each expected part.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<BTreeMap<&'static str, bool>>);

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    roles: BTreeMap<&'static str, bool>,
}

impl Health {
    pub(crate) fn set(&self, role: &'static str, ready: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(role, ready);
    }

    fn read(&self, stopping: bool) -> Readiness {
        let roles = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Readiness { ready: !stopping && roles.values().all(|ready| *ready), roles }
    }
}

/// `/healthz` (the process serves) and `/readyz` (every expected part is ready; 503 before that and
/// while stopping).
pub fn health_router(house: &House) -> Router {
    // Not the house itself: a listener that outlives the parts must not keep the data directory locked.
    let state = (house.health(), house.stop.clone());
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(readyz)).with_state(state)
}

/// `/metrics` in Prometheus text form.
pub fn metrics_router() -> Router {
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Router::new().route("/metrics", get(move || async move { (text, metrics::render()) }))
}

async fn readyz(State((health, stop)): State<(Arc<Health>, Stop)>) -> impl IntoResponse {
    let readiness = health.read(stop.has_begun());
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_when_every_expected_part_is_and_no_stop_has_begun() {
        let health = Health::default();
        health.set("access", false);
        health.set("cti", true);
        assert!(!health.read(false).ready);
        health.set("access", true);
        assert!(health.read(false).ready);
        assert!(!health.read(true).ready);
    }
}
