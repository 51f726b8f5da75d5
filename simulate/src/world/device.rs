//! Laptops and phones, and what a vendor reads from their browsers.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::Chance;

/// What a browser says of itself, in each vendor's words.
pub(crate) struct Make {
    pub(crate) user_agent: &'static str,
    /// Okta's client.userAgent.os and .browser.
    pub(crate) os: &'static str,
    pub(crate) browser: &'static str,
    /// Okta's device.os_platform and .os_version.
    pub(crate) platform: &'static str,
    pub(crate) version: &'static str,
    /// Entra's deviceDetail.operatingSystem and .browser.
    pub(crate) entra_os: &'static str,
    pub(crate) entra_browser: &'static str,
    pub(crate) computer: bool,
}

const MAC_CHROME: Make = Make {
    user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
    os: "Mac OS X",
    browser: "CHROME",
    platform: "OSX",
    version: "26.1",
    entra_os: "MacOs",
    entra_browser: "Chrome 143.0.0",
    computer: true,
};
const MAC_SAFARI: Make = Make {
    user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    os: "Mac OS X",
    browser: "SAFARI",
    platform: "OSX",
    version: "26.1",
    entra_os: "MacOs",
    entra_browser: "Safari 26.1",
    computer: true,
};
const WINDOWS_EDGE: Make = Make {
    user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
    os: "Windows 10",
    browser: "EDGE",
    platform: "WINDOWS",
    version: "10.0.26200",
    entra_os: "Windows10",
    entra_browser: "Edge 143.0.0",
    computer: true,
};
const LINUX_FIREFOX: Make = Make {
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    os: "Linux",
    browser: "FIREFOX",
    platform: "LINUX",
    version: "6.17",
    entra_os: "Linux",
    entra_browser: "Firefox 145.0",
    computer: true,
};
const IPHONE: Make = Make {
    user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
    os: "iOS",
    browser: "SAFARI",
    platform: "IOS",
    version: "26.1",
    entra_os: "Ios 26.1",
    entra_browser: "Mobile Safari",
    computer: false,
};
const ANDROID: Make = Make {
    user_agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
    os: "Android",
    browser: "CHROME",
    platform: "ANDROID",
    version: "16",
    entra_os: "Android",
    entra_browser: "Chrome Mobile 143.0.0",
    computer: false,
};
const SCRIPT: Make = Make {
    user_agent: "python-requests/2.32.5",
    os: "Unknown",
    browser: "UNKNOWN",
    platform: "UNKNOWN",
    version: "",
    entra_os: "",
    entra_browser: "Python Requests 2.32",
    computer: true,
};

static LAPTOPS: [(&Make, f64); 4] =
    [(&MAC_CHROME, 5.0), (&MAC_SAFARI, 1.0), (&WINDOWS_EDGE, 3.0), (&LINUX_FIREFOX, 1.2)];
static PHONES: [(&Make, f64); 2] = [(&IPHONE, 5.0), (&ANDROID, 4.0)];

/// One laptop or phone of one person.
pub(crate) struct Device {
    pub(crate) make: &'static Make,
    /// Okta's and Entra's names for it.
    pub(crate) okta_id: String,
    pub(crate) entra_id: String,
    pub(crate) name: String,
    pub(crate) managed: bool,
    /// Okta's hash of the device token, a cookie's: one a browser.
    pub(crate) dt_hash: String,
    pub(crate) fingerprint: String,
    /// First day of use.
    pub(crate) since: NaiveDate,
}

impl Device {
    pub(crate) fn laptop(
        owner: &str,
        since: NaiveDate,
        managed: bool,
        chance: &mut Chance,
    ) -> Self {
        let make = chance.weighted(&LAPTOPS);
        Self::of(make, owner, since, managed, chance)
    }

    pub(crate) fn phone(owner: &str, since: NaiveDate, chance: &mut Chance) -> Self {
        let make = chance.weighted(&PHONES);
        Self::of(make, owner, since, false, chance)
    }

    /// What an attacker signs in with: unknown to everybody.
    pub(crate) fn strange(since: NaiveDate, script: bool, chance: &mut Chance) -> Self {
        let make = if script { &SCRIPT } else { &WINDOWS_EDGE };
        Self::of(make, "desktop", since, false, chance)
    }

    fn of(
        make: &'static Make,
        owner: &str,
        since: NaiveDate,
        managed: bool,
        chance: &mut Chance,
    ) -> Self {
        let okta_id = chance.token("guo", 17);
        Self {
            make,
            name: format!("{owner}-{}", chance.hex("", 4)),
            dt_hash: hex::encode(Sha256::digest(okta_id.as_bytes())),
            fingerprint: chance.hex("", 32),
            entra_id: chance.uuid(),
            okta_id,
            managed,
            since,
        }
    }
}
