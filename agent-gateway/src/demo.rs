//! The demo's own answers: what is going on, and links that sign in without a password. They are given to this machine
//! only, and only by a process whose passwords everybody knows anyway.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use ngcc_proto::supervise::Board;
use ngcc_proto::{Mono, Secret};
use serde::Serialize;

use crate::acts;
use crate::gate::Gate;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::rest::granted;
use crate::token::{self, LONGEST};

/// How long a link is good.
const LIFE: Duration = Duration::from_secs(120);
/// The most links that are out.
const MOST: usize = 64;

/// Brings simulated customers, who come in by the doors that real ones use.
pub trait Simulate: fmt::Debug + Send + Sync {
    /// Lets some come; nobody, where as many are there already as may be.
    fn some(&self) -> Option<Simulated>;
}

/// What became of a wish for simulated customers.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Simulated {
    /// How many come.
    pub started: usize,
    /// How many are there with them.
    pub running: usize,
    /// How many may be there at a time.
    pub most: usize,
}

/// Who is in the demo.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The agents, in the order in which they are handed out.
    pub agents: Vec<String>,
    /// The supervisor.
    pub supervisor: String,
    /// Everybody's password.
    pub password: Secret,
    /// The number of the echo test.
    pub echo: String,
    /// Who brings simulated customers, if anybody does.
    pub simulator: Option<Arc<dyn Simulate>>,
}

struct Hub {
    gate: Arc<Gate>,
    demo: Demo,
    links: Mutex<Vec<Link>>,
}

/// A link that signs `user` in, once.
struct Link {
    user: String,
    token: String,
    until: Mono,
}

/// What is going on, for the demo's first page.
#[derive(Serialize)]
struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    board: Option<Board>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignIn>,
    echo: String,
    /// Whether `POST /demo/simulate` brings customers.
    simulate: bool,
}

/// One-time addresses that sign in.
#[derive(Serialize)]
struct SignIn {
    agent: String,
    supervisor: String,
}

/// The demo's routes.
pub(crate) fn router(gate: &Arc<Gate>, demo: Demo) -> Router {
    let hub = Hub { gate: Arc::clone(gate), demo, links: Mutex::default() };
    Router::new()
        .route("/demo/status", get(status))
        .route("/demo/sign-in/{token}", get(sign_in))
        .route("/demo/simulate", post(simulate))
        .with_state(Arc::new(hub))
}

async fn status(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match look(&hub, &parts).await {
        Ok(status) => {
            let fresh = AppendHeaders([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]);
            (fresh, axum::Json(status)).into_response()
        }
        Err(problem) => problem.respond(&hub.gate.desk.request_id()),
    }
}

async fn sign_in(State(hub): State<Arc<Hub>>, Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match enter(&hub, &parts, &token).await {
        Ok(cookie) => {
            (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::temporary("/console/")).into_response()
        }
        Err(problem) => problem.respond(&hub.gate.desk.request_id()),
    }
}

async fn simulate(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match bring(&hub, &parts) {
        Ok(simulated) => (StatusCode::ACCEPTED, axum::Json(simulated)).into_response(),
        Err(problem) => problem.respond(&hub.gate.desk.request_id()),
    }
}

async fn look(hub: &Hub, parts: &Parts) -> Result<Status, Problem> {
    let caller = here(hub, parts)?;
    hub.gate.count_address(caller.address)?;
    let free = hub.demo.agents.iter().find(|agent| !hub.gate.hub.connected(agent));
    let agent = free.or_else(|| hub.demo.agents.first());
    let sign_in =
        agent.map(|agent| SignIn { agent: hub.link(agent), supervisor: hub.link(&hub.demo.supervisor) });
    Ok(Status {
        board: acts::board(&hub.gate).await.ok(),
        sign_in,
        echo: hub.demo.echo.clone(),
        simulate: hub.demo.simulator.is_some(),
    })
}

fn bring(hub: &Hub, parts: &Parts) -> Result<Simulated, Problem> {
    let caller = here(hub, parts)?;
    hub.gate.count_address(caller.address)?;
    let simulator = hub.demo.simulator.as_ref().ok_or_else(Problem::not_found)?;
    simulator.some().ok_or_else(|| {
        Problem::refused("as many simulated customers are there as may be; each leaves by itself")
    })
}

async fn enter(hub: &Hub, parts: &Parts, token: &str) -> Result<String, Problem> {
    let caller = here(hub, parts)?;
    hub.gate.count_sign_in(caller.address)?;
    let user = hub.take(token).ok_or_else(Problem::not_found)?;
    let (cookie, _) = granted(&hub.gate, &caller, user, hub.demo.password.clone()).await?;
    Ok(cookie)
}

/// Whoever asks from this machine.
fn here(hub: &Hub, parts: &Parts) -> Result<Caller, Problem> {
    let caller = Caller::of(parts);
    // A foreign name that leads to this machine would make a foreign page one of ours.
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named = host.parse::<SocketAddr>().map(|at| at.ip()).or_else(|_| host.parse::<IpAddr>());
    let name = host.split(':').next().unwrap_or_default();
    let ours = named.is_ok_and(|ip| ip.is_loopback()) || name.eq_ignore_ascii_case("localhost");
    let ours = ours && hub.gate.origins.of_or_missing(&parts.headers, caller.https);
    if caller.address.is_loopback() && ours { Ok(caller) } else { Err(Problem::forbidden()) }
}

impl Hub {
    /// A link for `user`: the one that is out, if it is good for a while still.
    fn link(&self, user: &str) -> String {
        let now = self.gate.desk.now().mono;
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|link| link.until > now);
        let good = links.iter().find(|link| link.user == user && link.until > now + LIFE / 2);
        let token = match good {
            Some(link) => link.token.clone(),
            None => {
                let token = self.gate.desk.token();
                if links.len() >= MOST {
                    links.remove(0);
                }
                links.push(Link { user: user.to_owned(), token: token.clone(), until: now + LIFE });
                token
            }
        };
        format!("/demo/sign-in/{token}")
    }

    /// Whom a link signs in; it is good once.
    fn take(&self, token: &str) -> Option<String> {
        let now = self.gate.desk.now().mono;
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let same =
            |link: &Link| token.len() <= LONGEST && token::same(&link.token, token) && link.until > now;
        let at = links.iter().position(same)?;
        Some(links.swap_remove(at).user)
    }
}
