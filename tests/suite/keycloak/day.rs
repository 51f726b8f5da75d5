//! What people do in a day, once for all tests: each step at the real server, and in the
//! tally.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::admin::{Admin, SECRET, password, token};
use super::browser::{Browser, Page, back};
use super::code;
use super::done::Done;
use super::server::Keycloak;
use crate::rollcall::eventually;

/// Secrets of two people's codes; the third makes one in the day.
const BEN: &str = "twelve-otters-swim!!";
const GUS: &str = "thirty-moths-by-lamp";
const DORA: &str = "six-badgers-in-barns";

/// A day, as it is left behind.
pub struct Day {
    /// The server's log in its file, and on the console in JSON.
    pub log: String,
    pub console: String,
    /// What the server kept: people's events and administrators'.
    pub events: Value,
    pub admin_events: Value,
    pub done: Done,
    /// Calls of the administrator, each a sign-in to another realm.
    pub administrator_sign_ins: i64,
    /// Ids of those who are known by nothing else somewhere.
    pub dora: String,
}

/// The day, which only happens once.
pub fn day() -> &'static Day {
    static DAY: OnceLock<Day> = OnceLock::new();
    DAY.get_or_init(live)
}

/// Who acts where, and what was done so far.
struct Scene<'a> {
    address: &'a str,
    admin: Admin<'a>,
    done: Done,
}

fn live() -> Day {
    let mut keycloak = Keycloak::start();
    let address = keycloak.address().to_owned();
    let admin = Admin::new(&address);
    admin.make_realm(&[
        ("ada", None, &[]),
        ("ben", Some(BEN), &[]),
        ("cleo", None, &["CONFIGURE_TOTP"]),
        ("dora", Some(DORA), &[]),
        ("eli", None, &[]),
        ("gus", Some(GUS), &[]),
    ]);
    let mut scene = Scene { address: &address, admin, done: Done::default() };
    scene.passwords();
    scene.codes();
    scene.a_code_of_ones_own();
    scene.new_password();
    scene.guesses();
    scene.grants();
    let dora = scene.administration();
    let Scene { admin, done, .. } = scene;
    let list = |path: &str| admin.call("GET", path, None);
    // The last that was done; it is kept in the order in which it was.
    eventually("the last event is kept", || {
        list("/corp/admin-events?max=1")[0]["resourceType"] == "REQUIRED_ACTION"
    });
    let (events, admin_events) = (list("/corp/events?max=500"), list("/corp/admin-events?max=500"));
    let administrator_sign_ins = admin.sign_ins();
    keycloak.stop();
    let (log, console) = (keycloak.log(), keycloak.console());
    Day { log, console, events, admin_events, done, administrator_sign_ins, dora }
}

impl Scene<'_> {
    /// A browser that was never here, after name and password for `payroll`.
    fn sign_in(&self, name: &str, password: &str) -> (Browser, Page) {
        let mut browser = Browser::new(self.address);
        let page = browser.enter("payroll", "");
        let page = enter_password(&mut browser, &page, name, password);
        (browser, page)
    }

    /// Passwords, right and wrong; a session that opens a second client; its end.
    fn passwords(&mut self) {
        let (mut browser, page) = self.sign_in("ada", &password("ada"));
        self.done.success("ada", "payroll", "unknown");
        let (code, back) = (page.code(), back("payroll"));
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", &*back),
            ("client_id", "payroll"),
            ("client_secret", SECRET),
        ];
        let (status, tokens) = token(self.address, "corp", &fields);
        assert_eq!(status, 200, "{tokens}");
        self.done.event("token_issue", "CODE_TO_TOKEN", "success");
        browser.enter("wiki", "").code();
        self.done.success("ada", "wiki", "unknown");
        let hint = tokens["id_token"].as_str().expect("a token");
        let page = browser
            .open(&format!("/realms/corp/protocol/openid-connect/logout?id_token_hint={hint}"));
        assert!(page.says("logged out"));
        self.done.event("logoff", "LOGOUT", "success");

        let (mut browser, page) = self.sign_in("ada", "guessed");
        assert!(page.says("Invalid username or password"));
        self.done.refused("ada", "payroll", "failure", "bad_password");
        enter_password(&mut browser, &page, "ada", &password("ada")).code();
        self.done.success("ada", "payroll", "unknown");

        let (_, page) = self.sign_in("X\", userId=\"Y", "guessed");
        assert!(page.says("Invalid username or password"));
        self.done.refused("x\", userid=\"y", "payroll", "failure", "unknown_user");
    }

    /// Codes, right and wrong, and a page for one that is left; a session of a sign-in with
    /// a code.
    fn codes(&mut self) {
        let id = self.admin.id("ben");
        let (mut browser, page) = self.sign_in("ben", &password("ben"));
        assert!(page.asks_for("otp"));
        let page = browser.submit(&page, &[("otp", &code::wrong(BEN))]);
        assert!(page.says("Invalid authenticator code"));
        // The event has no name.
        self.done.refused(&id, "payroll", "failure", "factor_failed");
        browser.submit(&page, &[("otp", &code::now(BEN))]).code();
        self.done.success("ben", "payroll", "performed");
        browser.enter("wiki", "").code();
        self.done.success("ben", "wiki", "inherited");

        // Nobody is told of this.
        let (_, page) = self.sign_in("ben", &password("ben"));
        assert!(page.asks_for("otp"));
    }

    /// Codes are set up, used, and given up by the person.
    fn a_code_of_ones_own(&mut self) {
        let (mut browser, page) = self.sign_in("cleo", &password("cleo"));
        let secret = page.hidden("totpSecret");
        let answer = |code: &str, page: &Page, browser: &mut Browser| {
            let fields = [("totp", code), ("totpSecret", &*secret), ("userLabel", "phone")];
            browser.submit(page, &fields)
        };
        let page = answer(&code::wrong(&secret), &page, &mut browser);
        assert!(page.says("Invalid authenticator code"));
        answer(&code::now(&secret), &page, &mut browser).code();
        self.done.event("enroll", "UPDATE_CREDENTIAL", "success");
        self.done.event("account_change", "UPDATE_TOTP", "success");
        self.done.success("cleo", "payroll", "unknown");

        let (mut browser, page) = self.sign_in("cleo", &password("cleo"));
        browser.submit(&page, &[("otp", &code::next(&secret))]).code();
        self.done.success("cleo", "payroll", "performed");
        let device = self.admin.device(&self.admin.id("cleo"));
        let page = browser.enter("payroll", &format!("&kc_action=delete_credential:{device}"));
        browser.submit(&page, &[("accept", "yes")]).code();
        self.done.event("unenroll", "REMOVE_CREDENTIAL", "success");
        self.done.event("account_change", "REMOVE_TOTP", "success");
        self.done.success("cleo", "payroll", "inherited");
    }

    /// A password is changed by the person.
    fn new_password(&mut self) {
        let (mut browser, _) = self.sign_in("ada", &password("ada"));
        self.done.success("ada", "payroll", "unknown");
        let page = browser.enter("payroll", "&kc_action=UPDATE_PASSWORD");
        let new = password("ada-again");
        let fields = [("password-new", &*new), ("password-confirm", &*new)];
        browser.submit(&page, &fields).code();
        self.done.event("account_change", "UPDATE_PASSWORD", "success");
        self.done.event("account_change", "UPDATE_CREDENTIAL", "success");
        self.done.success("ada", "payroll", "unknown");
    }

    /// Guesses until the account is locked, for the right password too.
    fn guesses(&mut self) {
        let id = self.admin.id("eli");
        for guess in ["one", "two", "three"] {
            self.sign_in("eli", guess);
            self.done.refused("eli", "payroll", "failure", "bad_password");
        }
        let state = format!("/corp/attack-detection/brute-force/users/{id}");
        // It counts guesses behind the answers' back.
        eventually("the account is locked", || {
            self.admin.call("GET", &state, None)["disabled"] == true
        });
        self.done.event("account_change", "USER_DISABLED_BY_TEMPORARY_LOCKOUT", "success");
        let (_, page) = self.sign_in("eli", &password("eli"));
        assert!(page.says("Invalid username or password"));
        self.done.refused("eli", "payroll", "denied", "locked");
        self.admin.call("DELETE", &state, None);
        self.done.event("recovery", "DELETE USER_LOGIN_FAILURE", "success");
        let (_, page) = self.sign_in("eli", &password("eli"));
        page.code();
        self.done.success("eli", "payroll", "unknown");
    }

    /// Without pages: a service by its secret, a person by password and code at once.
    fn grants(&mut self) {
        let service = |secret: &str| {
            let fields = [
                ("grant_type", "client_credentials"),
                ("client_id", "deployer"),
                ("client_secret", secret),
            ];
            token(self.address, "corp", &fields).0
        };
        assert_eq!(service(SECRET), 200);
        self.done.event("token_issue", "CLIENT_LOGIN", "success");
        assert_eq!(service("guessed"), 401);
        self.done.event("token_issue", "CLIENT_LOGIN_ERROR", "failure");
        let word = password("gus");
        let person = |code: &str| {
            let fields = [
                ("grant_type", "password"),
                ("client_id", "payroll"),
                ("client_secret", SECRET),
                ("username", "gus"),
                ("password", &*word),
                ("totp", code),
            ];
            token(self.address, "corp", &fields).0
        };
        assert_eq!(person(&code::wrong(GUS)), 401);
        self.done.refused("gus", "payroll", "failure", "unknown");
        assert_eq!(person(&code::now(GUS)), 200);
        self.done.success("gus", "payroll", "unknown");
    }

    /// What an administrator does to accounts and to the realm; the id of the account.
    fn administration(&mut self) -> String {
        let id = self.admin.id("dora");
        let device = self.admin.device(&id);
        let user = format!("/corp/users/{id}");
        self.admin.call("DELETE", &format!("{user}/credentials/{device}"), None);
        self.done.event("unenroll", "ACTION USER", "success");
        let (_, page) = self.sign_in("dora", &password("dora"));
        page.code();
        self.done.success("dora", "payroll", "unknown");
        let new = json!({"type": "password", "value": "seven", "temporary": false});
        self.admin.call("PUT", &format!("{user}/reset-password"), Some(&new));
        self.done.event("recovery", "ACTION USER", "success");
        self.admin.call("POST", &format!("{user}/logout"), None);
        self.done.event("logoff", "ACTION USER", "success");
        self.admin.call("PUT", &user, Some(&json!({"enabled": false})));
        self.done.event("account_change", "UPDATE USER", "success");
        let (_, page) = self.sign_in("dora", "seven");
        assert!(page.says("Account is disabled"));
        self.done.refused("dora", "payroll", "denied", "disabled");

        self.admin.call("POST", "/corp/users", Some(&json!({"username": "fay"})));
        self.done.event("account_change", "CREATE USER", "success");
        self.admin.call("PUT", "/corp", Some(&json!({"accessTokenLifespan": 600})));
        self.done.event("admin", "UPDATE REALM", "success");
        let action = "/corp/authentication/required-actions/CONFIGURE_TOTP";
        let mut rule = self.admin.call("GET", action, None);
        rule["defaultAction"] = true.into();
        self.admin.call("PUT", action, Some(&rule));
        self.done.event("policy_change", "UPDATE REQUIRED_ACTION", "success");
        id
    }
}

fn enter_password(browser: &mut Browser, page: &Page, name: &str, password: &str) -> Page {
    browser.submit(page, &[("username", name), ("password", password), ("credentialId", "")])
}
