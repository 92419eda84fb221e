//! Any datagram: whatever is accepted prints and reads back as itself, whatever is refused is answered
//! with one message at the most.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ngcc_softacd_core::sip::{Message, Response, parse};

fuzz_target!(|datagram: &[u8]| {
    match parse(datagram) {
        Ok(message) => {
            let printed = message.to_bytes();
            let again = parse(&printed).expect("what is printed is accepted");
            assert_eq!(again.to_bytes(), printed);
            let headers = message.headers();
            assert!(headers.via().is_ok() && headers.from().is_ok() && headers.to().is_ok());
            assert!(headers.cseq().is_ok() && headers.call_id().is_ok() && headers.contacts().is_ok());
            assert_eq!(headers.from().expect("read").tag(), headers.from_tag());
            let _ = (headers.authorization().count(), headers.www_authenticate().count());
            let _ = (headers.session_expires(), headers.rack(), headers.replaces(), headers.refer_to());
            if let Message::Request(request) = &message {
                let mut response = Response::to(request, 200);
                response.tag("t");
                assert!(parse(&response.to_bytes()).is_ok());
            }
        }
        Err(bad) => {
            if let Some(answer) = bad.answer() {
                let printed = answer.to_bytes();
                assert_eq!(printed.windows(4).filter(|w| w == b"\r\n\r\n").count(), 1);
            }
        }
    }
});
