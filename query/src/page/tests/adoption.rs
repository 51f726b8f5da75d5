//! Lists of people. They list what metrics count: the same data, and the same rows
//! worked out by hand.

use super::{check_over, march_and, number, text};

/// The data of a metric's test; how its numbers were worked out stands there.
fn of_metric(slt: &str) -> &str {
    slt.split("\nquery ").next().expect("data")
}

#[tokio::test]
async fn the_weakest_way_in_is_listed_with_the_event_that_proves_it() {
    let data = of_metric(include_str!("../../../metrics/adoption/weakest_way_in.slt"));
    let on = ("as_of_date", text("2026-03-31"));
    // Single factor or key: dee, hal, bo. eve and hal have one sign-in that isn't told.
    let weakest = "
        dee - blue - single_factor okta dee-admin - 2026-03-20T08:00:00Z 1-8-0 0 8 3 2
        hal - blue - single_factor okta hal - 2026-03-20T08:00:00Z 1-14-0 1 8 3 2
        bo - red - key_or_token github bo-dev - 2026-03-20T09:00:00Z 1-4-0 0 8 3 1
        fay - red - unnamed_factor okta fay - 2026-03-20T08:00:00Z 1-11-0 0 8 3 1
        gus - red - weak_code okta gus - 2026-03-20T08:00:00Z 1-13-0 0 8 3 1
        cy - blue - sms_or_voice okta cy - 2026-01-01T08:00:00Z 1-5-0 0 8 3 1
        eve - blue - push_or_code okta eve - 2026-03-20T08:00:00Z 1-9-0 1 8 3 1
        ada - red - phishing_resistant okta ada - 2026-03-20T08:00:00Z 1-2-0 0 8 3 1";
    check_over(data, "weakest_ways", &[on, ("limit", number(20))], weakest).await;
}

#[tokio::test]
async fn dormant_factors_are_listed_with_their_last_use() {
    let data = of_metric(include_str!("../../../metrics/adoption/dormant_factors.slt"));
    let on = ("as_of_date", text("2026-03-10"));
    let dormant = "ada - red - okta ada totp - 2025-12-10T08:00:00Z 1 1";
    check_over(data, "dormant_factors", &[on, ("limit", number(20))], dormant).await;
}

#[tokio::test]
async fn privileged_accounts_are_listed_with_what_they_did_without() {
    let data = of_metric(include_str!("../../../metrics/adoption/privileged_without_mfa.slt"));
    let row = "ada - - okta ada-admin 1 2 2026-03-02T09:00:00Z 1-1-0 1 1";
    check_over(data, "privileged_sign_ins", &march_and(&[("limit", number(20))]), row).await;
}
