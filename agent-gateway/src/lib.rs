//! agent-gateway: serves agents', supervisors' and administrators' browsers: sign-in, REST, WebSockets, the web apps.
#![forbid(unsafe_code)]
