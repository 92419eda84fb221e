//! Any text as a URI: it prints what it was read from, and one more parameter leaves it a URI.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ngcc_softacd_core::sip::{MAX_PARAMS, NameAddr, Uri, Via};

fuzz_target!(|text: &str| {
    if let Ok(uri) = text.parse::<Uri>() {
        assert_eq!(uri.as_str(), text);
        let _ = uri.header("Replaces");
        if uri.params.iter().count() < MAX_PARAMS {
            let longer = uri.with("x", "1");
            assert_eq!(longer.as_str().parse(), Ok(longer));
        }
    }
    if let Ok(address) = text.parse::<NameAddr>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    if let Ok(via) = text.parse::<Via>() {
        assert_eq!(via.to_string().parse(), Ok(via));
    }
});
