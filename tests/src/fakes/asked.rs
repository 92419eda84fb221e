//! Requests to a provider's interface, and what goes wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ngcc_proto::config::ChannelKind;
use serde_json::Value;

use super::{Fault, Inner, alipay, generic, qq, telegram, wechat, wecom};

/// A request to the provider's interface.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn given(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the centre sends JSON")
    }
}

/// A request to the provider's interface.
pub(super) async fn asked(
    State(inner): State<Arc<Inner>>,
    Query(query): Query<BTreeMap<String, String>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked { method, path: uri.path().to_owned(), query, headers, body };
    let token = match inner.kind {
        ChannelKind::Generic | ChannelKind::Alipay | ChannelKind::Email => None,
        ChannelKind::Telegram => telegram::without_fault(&inner, &asked).await,
        ChannelKind::Wecom => wecom::without_fault(&inner, &asked),
        ChannelKind::Wechat | ChannelKind::Yixin => wechat::token(&inner, &asked),
        ChannelKind::Qq => qq::without_token(&inner, &asked),
    };
    if let Some(answer) = token {
        return answer;
    }
    let fault = inner.fault();
    match fault {
        Some(Fault::Busy) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Fault::Broken) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::Expired | Fault::Shut | Fault::Swallowed | Fault::Refused) | None => {}
    }
    let answer = match inner.kind {
        ChannelKind::Generic => generic::asked(&inner, &asked),
        ChannelKind::Wechat | ChannelKind::Yixin => wechat::asked(&inner, &asked, fault),
        ChannelKind::Qq => qq::asked(&inner, &asked, fault),
        ChannelKind::Alipay => alipay::asked(&inner, &asked, fault),
        ChannelKind::Telegram => telegram::asked(&inner, &asked, fault),
        // It is not asked by HTTP.
        ChannelKind::Email => StatusCode::NOT_FOUND.into_response(),
        ChannelKind::Wecom => wecom::asked(&inner, &asked, fault),
    };
    if fault == Some(Fault::Swallowed) { StatusCode::INTERNAL_SERVER_ERROR.into_response() } else { answer }
}

pub(super) fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
