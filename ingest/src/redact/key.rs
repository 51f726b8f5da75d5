//! Names that hold a secret.

/// Whole names, lower-cased, without `_`, `-` and `.`.
pub(super) const NAMES: &[&str] = &[
    "accesstoken",
    "accesstokenvalue",
    "apikey",
    "apitoken",
    "assertion",
    "authorization",
    "authtoken",
    "backupcode",
    "backupcodes",
    "bearertoken",
    "clientassertion",
    "clientsecret",
    "clientsecretvalue",
    "cookie",
    "currentpassword",
    "devicesecret",
    "idtoken",
    "masteruserpassword",
    "mfacode",
    "newpassword",
    "oldpassword",
    "onetimepasscode",
    "onetimepassword",
    "otp",
    "otpcode",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwordhash",
    "plaintextpassword",
    "privatekey",
    "pwd",
    "recoverycode",
    "recoverycodes",
    "refreshtoken",
    "samlassertion",
    "samlresponse",
    "secret",
    "secretaccesskey",
    "secretbinary",
    "secretkey",
    "secretstring",
    "secretvalue",
    "securitytoken",
    "sessiontoken",
    "setcookie",
    "sharedsecret",
    "token",
    "tokencode",
    "tokenvalue",
    "totpcode",
    "totpsecret",
    "userpassword",
    "webhooksecret",
    "xapikey",
    "xvaulttoken",
];

/// Ends of names that have words before: `DB_PASSWORD`, `GITHUB_TOKEN`, `smtpPassword`.
pub(super) const ENDS: &[&str] = &[
    "apikey",
    "authorization",
    "clientsecret",
    "cookie",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretaccesskey",
    "secretkey",
    "token",
];

/// Words that make something else of what they stand before: a hash, an act, a
/// question, a program.
const HARMLESS: &[&str] = &[
    "allow", "allows", "ch", "change", "changed", "enable", "enabled", "expire", "expired",
    "failed", "force", "forgot", "gdm", "has", "hash", "hashed", "invalid", "is", "last", "need",
    "needs", "no", "require", "required", "requires", "reset", "use", "uses", "wrong",
];

/// The same before `token`: where a list goes on, and which request came twice.
const HARMLESS_TOKENS: &[&str] = &[
    "client",
    "clientrequest",
    "continuation",
    "idempotency",
    "next",
    "page",
    "pagination",
    "request",
    "sync",
];

/// The longest name that is looked at, without what stands between its words.
const LONGEST: usize = 64;

/// Whether a key's value is a secret.
pub(super) fn is_secret(key: &[u8]) -> bool {
    let mut letters = [0_u8; LONGEST];
    // Where each letter stands in the key.
    let mut places = [0_u8; LONGEST];
    let mut length = 0;
    for (place, byte) in key.iter().enumerate().filter(|(_, byte)| !between_words(**byte)) {
        let (Some(letter), Some(at), Ok(place)) =
            (letters.get_mut(length), places.get_mut(length), u8::try_from(place))
        else {
            return false;
        };
        (*letter, *at) = (byte.to_ascii_lowercase(), place);
        length += 1;
    }
    let name = letters.get(..length).unwrap_or_default();
    if NAMES.binary_search_by(|known| known.as_bytes().cmp(name)).is_ok() {
        return true;
    }
    ENDS.iter().any(|end| {
        let Some(before) = name.strip_suffix(end.as_bytes()).filter(|before| !before.is_empty())
        else {
            return false;
        };
        let is_one_of = |words: &[&str]| words.iter().any(|word| word.as_bytes() == before);
        let is_harmless = is_one_of(HARMLESS) || (*end == "token" && is_one_of(HARMLESS_TOKENS));
        let place = places.get(before.len()).copied().unwrap_or_default();
        // PGPASSWORD and rootpassword are written as one.
        !is_harmless && (*end == "password" || begins_word(key, usize::from(place)))
    }) || ends_with_pass(key)
}

/// `DB_PASS`; nothing else that ends so is a password.
fn ends_with_pass(key: &[u8]) -> bool {
    let end = key.len().checked_sub(5).and_then(|from| key.get(from..));
    key.len() > 5 && end.is_some_and(|end| end.eq_ignore_ascii_case(b"_pass"))
}

/// Whether a name is the one that shells keep the working directory in.
pub(super) const fn is_directory(key: &[u8]) -> bool {
    key.eq_ignore_ascii_case(b"pwd")
}

const fn between_words(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.')
}

fn begins_word(key: &[u8], place: usize) -> bool {
    let at = |place: usize| key.get(place).copied().unwrap_or_default();
    let Some(before) = place.checked_sub(1).map(at) else { return true };
    let (first, second) = (at(place), at(place + 1));
    !before.is_ascii_alphabetic()
        || (first.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || second.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn a_name_is_a_secrets_whatever_stands_before() {
        for key in [
            "password",
            "Password",
            "PASSWORD",
            "pass_word",
            "PGPASSWORD",
            "DB_PASSWORD",
            "MYSQL_PWD",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "smtpPassword",
            "stateToken",
            "SAMLToken",
            "x-api-key",
            "X-Amz-Security-Token",
            "HTTP_COOKIE",
            "DB_PASS",
            "otp",
            "Proxy-Authorization",
            "spring.datasource.password",
            "npm_config_token",
        ] {
            assert!(is_secret(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_secret_is_none() {
        for key in [
            "",
            "hashed_token",
            "token_id",
            "tokenIssuerType",
            "incomingTokenType",
            "nextToken",
            "clientToken",
            "clientRequestToken",
            "PasswordLastUsed",
            "minimumPasswordLength",
            "secretId",
            "authenticationMethod",
            "credentialType",
            "OLDPWD",
            "chpasswd",
            "bypass",
            "secrets_passed",
            "reset_password",
            "requestApiTokenId",
            "gdm-password",
            "pass",
            "authorizationInfo",
            "totp",
            "hasPassword",
            "tokenProtectionStatusDetails",
            "uniqueTokenIdentifier",
            &"x".repeat(200),
        ] {
            assert!(!is_secret(key.as_bytes()), "{key}");
        }
    }
}
