//! Pages in a real browser: light, dark, narrow, and without JavaScript.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use crate::rollcall::{Rollcall, Server};

const PAGES: [&str; 7] =
    ["/", "/adoption", "/latency", "/friction", "/events", "/data-health", "/quarantine"];

/// chromedriver, ended when it is dropped.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver; `make test` installs it");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                line.split("successfully on port ")
                    .nth(1)
                    .map(|p| p.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        Self { child, address: format!("http://127.0.0.1:{port}") }
    }

    async fn browser(&self, dark: bool, script: bool) -> Client {
        let mut arguments = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ];
        if dark {
            arguments.push("--force-dark-mode");
        }
        let allowed = if script { 1 } else { 2 };
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": allowed},
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else { panic!("an object") };
        ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.address)
            .await
            .expect("a browser")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Gone already only if it crashed, which the test has seen.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the browser wrote to its console.
#[derive(Debug)]
struct Console;

impl WebDriverCompatibleCommand for Console {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(r#"{"type":"browser"}"#.to_owned()))
    }
}

async fn complaints(browser: &Client) -> Vec<String> {
    let entries = browser.issue_cmd(Console).await.expect("a log");
    let entries = entries.as_array().cloned().unwrap_or_default();
    let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
    severe.map(|entry| entry["message"].to_string()).collect()
}

async fn sign_in(browser: &Client, server: &Server, rollcall: &Rollcall) {
    let link = rollcall.sign_in_link();
    let path = link.splitn(4, '/').nth(3).expect("a path").to_owned();
    browser.goto(&format!("{}/{path}", server.address)).await.expect("the link");
    browser
        .find(Locator::Css("form button"))
        .await
        .expect("a button")
        .click()
        .await
        .expect("clicked");
    browser.wait().for_element(Locator::Css("nav")).await.expect("signed in");
}

/// A week of a company, imported.
fn company() -> Rollcall {
    let rollcall = Rollcall::new();
    let out = rollcall.file("x", "").with_file_name("traffic");
    let folder = out.to_str().expect("a path");
    rollcall.run(&["generate", "--out", folder, "--until", "2026-11-20T12:00:00Z", "--days", "6"]);
    for feed in ["okta.ndjson", "entra.ndjson", "github.ndjson", "cloudtrail.ndjson", "sshd.log"] {
        rollcall.ingest(&out.join("logs").join(feed));
    }
    rollcall.run(&["factors", "import", out.join("factors.csv").to_str().expect("a path")]);
    rollcall.run(&["people", "import", out.join("people.csv").to_str().expect("a path")]);
    rollcall
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_in_every_form() {
    let rollcall = company();
    let server = rollcall.serve(&[]);
    let driver = Driver::start();
    let period = "?from=2026-11-14&to=2026-11-20";
    for (dark, script) in [(false, true), (true, true), (false, false)] {
        let browser = driver.browser(dark, script).await;
        sign_in(&browser, &server, &rollcall).await;
        for (width, height) in [(1280, 900), (390, 844)] {
            browser.set_window_size(width, height).await.expect("a size");
            for page in PAGES {
                browser.goto(&format!("{}{page}{period}", server.address)).await.expect("a page");
                check(&browser, page, width, script).await;
            }
            answer(&browser, &rollcall, width, script).await;
        }
        assert_eq!(
            complaints(&browser).await,
            Vec::<String>::new(),
            "dark {dark}, script {script}"
        );
        browser.close().await.expect("closed");
    }
    server.stop();
    let answers =
        "SELECT count(*), min(score), max(reason_raw) FROM events WHERE activity = 'feedback'";
    assert_eq!(rollcall.sql(answers), ["6,4,größer <b>"]);
}

async fn check(browser: &Client, page: &str, width: u32, script: bool) {
    let text =
        browser.find(Locator::Css("main")).await.expect("a main part").text().await.expect("text");
    assert!(!text.contains("can't be shown"), "{page}: {text}");
    let failed = browser.find_all(Locator::Css("main .state.failed")).await.expect("states");
    assert!(failed.is_empty(), "{page}: {text}");
    let headings =
        browser.find_all(Locator::Css("main h1, main h2, main h3")).await.expect("headings");
    assert!(headings.len() >= 2, "{page} has {} headings", headings.len());
    if ["/", "/adoption", "/latency", "/friction"].contains(&page) {
        let charts = browser.find_all(Locator::Css("main svg[role=img]")).await.expect("charts");
        assert!(!charts.is_empty(), "{page} has no chart");
    }
    if script {
        fits(browser, page, width).await;
    }
}

async fn fits(browser: &Client, page: &str, width: u32) {
    let wide = browser
        .execute(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
            vec![],
        )
        .await
        .expect("a number");
    assert_eq!(wide, json!(0), "{page} scrolls sideways at {width}");
}

/// The question behind a link, answered with a few words and a click.
async fn answer(browser: &Client, rollcall: &Rollcall, width: u32, script: bool) {
    let link = rollcall.run(&["feedback", "link"]);
    browser.goto(link.trim()).await.expect("the question");
    if script {
        fits(browser, "the question", width).await;
    }
    let comment = browser.find(Locator::Css("textarea")).await.expect("a place to write");
    comment.send_keys("größer <b>").await.expect("written");
    let button = browser.find(Locator::Css("button[value='4']")).await.expect("a button");
    button.click().await.expect("clicked");
    browser.wait().for_element(Locator::Css("[role=status]")).await.expect("thanks");
}
