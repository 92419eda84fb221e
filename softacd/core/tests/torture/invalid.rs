//! RFC 4475: the messages that are refused, and with what. Where the RFC lets an element choose between
//! mending and refusing, ours refuses: what is guessed here may be guessed otherwise by the next one.

use crate::support;

fn refuse(name: &str, status: u16) {
    support::refuse("rfc4475", name, status);
}

#[test]
fn s3_1_2_1_extraneous_separators() {
    refuse("3_1_2_1_extraneous_header_separators", 400);
}

#[test]
fn s3_1_2_2_a_content_length_larger_than_the_message() {
    refuse("3_1_2_2_content_length_larger_than_the_message", 400);
}

#[test]
fn s3_1_2_3_a_negative_content_length() {
    refuse("3_1_2_3_a_negative_content_length", 400);
}

#[test]
fn s3_1_2_4_numbers_too_large_in_a_request() {
    refuse("3_1_2_4_request_numbers_too_large", 400);
}

#[test]
fn s3_1_2_5_numbers_too_large_in_a_response() {
    support::drop_silently("rfc4475", "3_1_2_5_response_numbers_too_large");
}

#[test]
fn s3_1_2_6_an_unterminated_quoted_string() {
    refuse("3_1_2_6_an_unterminated_quoted_display_name", 400);
}

#[test]
fn s3_1_2_7_brackets_around_the_request_uri() {
    refuse("3_1_2_7_brackets_around_the_request_uri", 400);
}

#[test]
fn s3_1_2_8_a_blank_within_the_request_uri() {
    refuse("3_1_2_8_a_blank_within_the_request_uri", 400);
}

#[test]
fn s3_1_2_9_several_blanks_in_the_request_line() {
    refuse("3_1_2_9_several_blanks_in_the_request_line", 400);
}

#[test]
fn s3_1_2_10_blanks_at_the_end_of_the_request_line() {
    refuse("3_1_2_10_blanks_at_the_end_of_the_request_line", 400);
}

#[test]
fn s3_1_2_11_headers_in_the_request_uri() {
    refuse("3_1_2_11_headers_in_the_request_uri", 400);
}

#[test]
fn s3_1_2_12_a_date_outside_gmt() {
    refuse("3_1_2_12_a_date_outside_gmt", 400);
}

#[test]
fn s3_1_2_13_a_contact_with_headers_and_no_brackets() {
    refuse("3_1_2_13_a_contact_with_headers_and_no_brackets", 400);
}

#[test]
fn s3_1_2_14_blanks_within_an_address() {
    refuse("3_1_2_14_blanks_within_an_address", 400);
}

#[test]
fn s3_1_2_15_a_comma_in_an_unquoted_display_name() {
    refuse("3_1_2_15_a_comma_in_an_unquoted_display_name", 400);
}

#[test]
fn s3_1_2_16_an_unknown_protocol_version() {
    refuse("3_1_2_16_an_unknown_protocol_version", 505);
}

#[test]
fn s3_1_2_17_the_start_line_and_the_cseq_name_different_methods() {
    refuse("3_1_2_17_start_line_and_cseq_name_different_methods", 400);
}

#[test]
fn s3_1_2_18_an_unknown_method_and_another_one_in_the_cseq() {
    refuse("3_1_2_18_an_unknown_method_and_another_in_cseq", 400);
}

#[test]
fn s3_1_2_19_a_response_code_too_large() {
    support::drop_silently("rfc4475", "3_1_2_19_a_response_code_too_large");
}

#[test]
fn s3_3_1_missing_headers() {
    refuse("3_3_1_missing_required_headers", 400);
}

#[test]
fn s3_3_2_a_request_uri_of_unknown_scheme() {
    refuse("3_3_2_a_request_uri_of_unknown_scheme", 416);
}

#[test]
fn s3_3_3_a_request_uri_of_known_but_atypical_scheme() {
    refuse("3_3_3_a_request_uri_of_known_but_atypical_scheme", 416);
}

#[test]
fn s3_3_8_several_values_where_one_is_allowed() {
    refuse("3_3_8_several_values_where_one_is_allowed", 400);
}

#[test]
fn s3_3_9_several_content_lengths() {
    refuse("3_3_9_several_content_lengths", 400);
}
