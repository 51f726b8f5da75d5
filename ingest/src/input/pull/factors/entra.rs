//! Entra: the report of registered methods (Graph, "userRegistrationDetails"; needs
//! AuditLog.Read.All and Entra ID P1).

use rollcall_schemas::Factor;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed};
use crate::input::pull::settings::Account;

const REPORT: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    for user in all(account, REPORT, &["value"], Pages::NextLink).await? {
        let login = needed(account, &user, &["userPrincipalName"])?;
        gathered.account(login, Standing::Active);
        let methods = user.get("methodsRegistered").and_then(|value| value.as_array());
        let methods = methods.map_or(&[][..], Vec::as_slice);
        for method in methods.iter().filter_map(|method| method.as_str()) {
            gathered.factor(login, factor_of(method), Standing::Active, None);
        }
    }
    Ok(gathered.held())
}

fn factor_of(method: &str) -> Factor {
    match method {
        "microsoftAuthenticatorPush" => Factor::Push,
        "microsoftAuthenticatorPasswordless" => Factor::PushNumber,
        "softwareOneTimePasscode" => Factor::Totp,
        "hardwareOneTimePasscode" => Factor::HardwareOtp,
        "windowsHelloForBusiness" | "macOsSecureEnclaveKey" => Factor::Webauthn,
        "fido2SecurityKey" => Factor::HardwareKey,
        // Of a phone nothing says whether it is written to or called.
        "mobilePhone" => Factor::Sms,
        "alternateMobilePhone" | "officePhone" => Factor::Voice,
        "email" => Factor::Email,
        "securityQuestion" => Factor::SecurityQuestion,
        "temporaryAccessPass" => Factor::BypassCode,
        passkey if passkey.starts_with("passKey") => Factor::Passkey,
        _ => Factor::Other,
    }
}
