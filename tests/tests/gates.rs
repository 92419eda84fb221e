//! The gates as tests: what they list must be nothing.

use ngcc_tests::gates::{acceptance, edges, foreign, sources};

#[track_caller]
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}

#[test]
fn crates_depend_only_downwards() {
    none(edges::forbidden_edges());
}

#[test]
fn cores_build_on_pure_computation_alone() {
    none(edges::impure_cores());
}

#[test]
fn every_member_takes_the_house_rules() {
    none(edges::members_without_the_house_rules());
}

#[test]
fn no_file_and_no_function_is_too_long() {
    let all = sources::all();
    none([sources::long_files(&all), sources::long_functions(&all)].concat());
}

#[test]
fn every_crate_forbids_unsafe_code() {
    none(sources::roots_that_allow_unsafe(&sources::all()));
}

#[test]
fn every_file_says_what_it_is() {
    none(sources::files_without_a_beginning(&sources::all()));
}

#[test]
fn only_the_binary_prints() {
    none(sources::prints(&sources::all()));
}

#[test]
fn secrets_pass_only_the_one_hop() {
    none(sources::hops(&sources::all()));
}

#[test]
fn cores_touch_neither_clock_nor_socket_nor_file() {
    none(sources::worldly_cores(&sources::all()));
}

#[test]
fn no_lint_is_switched_off_without_a_reason() {
    none(sources::unreasoned_allows(&sources::all()));
}

#[test]
fn nothing_is_left_to_be_done_in_a_comment() {
    none(sources::notes_to_oneself(&sources::all()));
}

#[test]
fn foreign_crates_have_licences_we_may_ship() {
    none(foreign::wrong_licences(&foreign::everything()));
}

#[test]
fn no_banned_crate_is_built() {
    none(foreign::banned(&foreign::everything()));
}

#[test]
fn no_crate_is_built_twice() {
    none(foreign::doubled(&foreign::everything()));
}

#[test]
fn the_acceptance_table_names_only_tests_that_exist() {
    none(acceptance::problems(&sources::all()));
}
