//! Traps that other tools fell into, and the test that is named after each.

use std::path::Path;

/// A trap; the file and the test that hold that it isn't fallen into. In a file of SQL
/// cases it is a comment.
const TRAPS: &[(&str, &str, &[&str])] = &[
    (
        "a federated sign-in says nothing about MFA of its own",
        "ingest/src/source/cloudtrail/tests.rs",
        &[
            "a_federated_console_login_never_says_that_there_was_no_mfa",
            "a_role_of_single_sign_on_says_nothing_whatever_its_session_claims",
        ],
    ),
    (
        "the same",
        "ingest/src/source/google_workspace/tests.rs",
        &["a_sign_in_by_saml_says_nothing_of_mfa"],
    ),
    (
        "the same",
        "ingest/src/source/ocsf/tests.rs",
        &["a_federated_sign_in_without_mfa_says_nothing_of_it"],
    ),
    ("the same", "ingest/src/source/gcp/tests.rs", &["a_federated_sign_in_says_nothing_of_mfa"]),
    (
        "Okta starts a session after the password, and writes auth_via_mfa for it",
        "ingest/src/source/okta/tests.rs",
        &[
            "a_password_that_okta_calls_a_factor_is_not_mfa",
            "neither_a_started_session_nor_a_factor_that_is_not_named_is_mfa",
            "a_policy_that_is_evaluated_several_times_is_of_one_flow_and_no_sign_in",
        ],
    ),
    (
        "the flow's outcome counts",
        "query/views/attempts.slt",
        &["Flow 2: the push is never answered", "A policy that is only looked at again"],
    ),
    (
        "Entra's interrupted results are steps; steps are out of order; a state is sent again; null in mfaDetail",
        "ingest/src/source/entra/tests.rs",
        &[
            "what_asks_for_a_further_step_is_interrupted_and_no_failure",
            "steps_that_come_out_of_order_are_sorted",
            "a_sign_in_in_progress_has_the_identity_of_its_end",
            "null_in_mfa_detail_says_nothing",
            "a_claim_in_the_token_is_no_prompt_here",
        ],
    ),
    ("interrupted in attempts", "query/views/attempts.slt", &["Flow 6: interrupted is a step"]),
    (
        "Keycloak's LOGIN doesn't say whether there was a code",
        "ingest/src/source/keycloak/tests.rs",
        &[
            "a_login_that_names_no_credential_says_nothing_of_mfa",
            "what_a_required_action_did_is_no_part_of_the_sign_in_after_it",
        ],
    ),
    (
        "Workspace's events are an object or an array, its parameters of four kinds",
        "ingest/src/source/google_workspace/tests.rs",
        &[
            "events_may_be_an_object_or_an_array",
            "parameters_are_value_multi_value_bool_value_or_int_value",
        ],
    ),
    (
        "Duo's addresses",
        "ingest/src/source/duo/tests.rs",
        &["addresses_lose_what_duo_writes_behind_them_and_placeholders_are_none"],
    ),
    (
        "vendors send again",
        "lake/src/ids.rs",
        &["the_same_bytes_are_a_duplicate_and_others_a_revision"],
    ),
    (
        "no de-duplication by content; times that can't be right",
        "ingest/src/tests/importing.rs",
        &[
            "the_same_line_twice_is_two_records_where_there_are_no_ids",
            "a_time_that_cant_be_right_is_quarantined",
        ],
    ),
    (
        "sources without ids",
        "ingest/src/source/tests.rs",
        &["a_source_without_ids_of_its_own_gives_none"],
    ),
    (
        "forms of times, leap seconds, zones",
        "ingest/src/source/time.rs",
        &[
            "every_form_of_one_instant_reads_the_same",
            "a_time_without_a_zone_is_local_and_odd_hours_have_an_answer",
        ],
    ),
    (
        "years that aren't said; sshd's connections, repeated messages, names",
        "ingest/src/source/sshd/tests.rs",
        &[
            "the_year_of_a_stream_is_the_latest_that_is_not_in_the_future",
            "the_year_of_a_file_is_counted_over_new_year",
            "a_process_id_that_comes_back_is_another_connection",
            "an_invalid_user_and_the_password_that_follows_are_one_attempt",
            "too_many_attempts_counts_only_where_nothing_else_was_logged",
            "a_message_that_was_repeated_is_so_many_attempts",
            "names_hold_blanks_quotes_line_breaks_and_whole_messages",
        ],
    ),
    ("secrets in events", "tests/suite/hostile.rs", &["secrets_are_not_in_any_file"]),
    (
        "unknown event types are kept",
        "ingest/src/source/teleport/tests.rs",
        &["an_event_that_is_not_known_is_kept_as_an_access"],
    ),
    (
        "the same",
        "ingest/src/source/vault/tests.rs",
        &["a_path_that_is_not_known_is_kept_as_an_access"],
    ),
    (
        "odd bytes, long lines, odd files",
        "tests/suite/hostile.rs",
        &[
            "every_record_is_accounted_for_by_file_and_by_http",
            "odd_files_are_read_and_say_what_was_odd",
            "a_line_of_sixteen_mebibytes_is_one_record",
        ],
    ),
    (
        "forms of JSON",
        "ingest/src/input/records.rs",
        &["lines_objects_and_arrays", "what_is_broken_is_kept"],
    ),
];

#[test]
fn every_trap_has_a_test_named_after_it() {
    for (trap, file, tests) in TRAPS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(&path).expect(file);
        for test in *tests {
            let is_there = if file.ends_with(".rs") {
                text.contains(&format!("fn {test}("))
            } else {
                text.contains(test)
            };
            assert!(is_there, "{trap}: {file} has no test {test}");
        }
    }
}
