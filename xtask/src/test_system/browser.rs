//! Chromium, driven through the DevTools protocol over a pair of pipes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::failure::Failure;

/// How long the browser may take to answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// Chromium takes commands from descriptor 3 and answers at descriptor 4.
const START: &str = "exec chromium --headless=new --no-sandbox --disable-gpu --disable-crash-reporter \
                     --disable-background-networking --no-first-run --user-data-dir=/home/tester/chromium \
                     --remote-debugging-pipe 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A browser with one page; it ends when this is dropped.
pub(super) struct Browser {
    process: Child,
    orders: ChildStdin,
    said: Receiver<Value>,
    number: u64,
    session: Option<String>,
    /// What the page has written to the console as an error, and what it has not caught.
    errors: Vec<String>,
}

impl Browser {
    /// Starts a browser. `shell` is a command for `sh` as the user who is to run it.
    pub(super) fn start(mut shell: Command) -> Result<Self, Failure> {
        shell.args(["-c", START]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = shell.spawn().map_err(Failure::system("chromium"))?;
        let (Some(orders), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Failure::App("chromium has no pipes".into()));
        };
        let (hear, said) = channel();
        thread::spawn(move || {
            let messages = BufReader::new(answers).split(0).map_while(Result::ok);
            for message in messages.filter_map(|message| serde_json::from_slice(&message).ok()) {
                if hear.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self { process, orders, said, number: 0, session: None, errors: Vec::new() };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach)?;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(browser)
    }

    /// Opens a page in a window of this size, and waits until it is loaded.
    pub(super) fn open(&mut self, url: &str, (width, height): (u32, u32)) -> Result<(), Failure> {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size)?;
        self.call("Page.navigate", &json!({ "url": url }))?;
        let loaded = "new Promise(done => document.readyState === 'complete' ? done(true) \
                      : addEventListener('load', () => done(true)))";
        self.value(loaded).map(drop)
    }

    /// Shows the page to someone who prefers this colour scheme: `light` or `dark`.
    pub(super) fn prefer(&mut self, scheme: &str) -> Result<(), Failure> {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }

    /// Evaluates an expression in the page.
    pub(super) fn value(&mut self, expression: &str) -> Result<Value, Failure> {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &asked)?;
        match answer.get("exceptionDetails") {
            None => Ok(answer["result"]["value"].clone()),
            Some(details) => Err(Failure::App(format!("`{expression}`: {details}"))),
        }
    }

    /// Moves the mouse to the middle of the first element that a selector finds.
    pub(super) fn point_at(&mut self, selector: &str) -> Result<(), Failure> {
        self.mouse("mouseMoved", selector)
    }

    /// Clicks on that element.
    pub(super) fn click(&mut self, selector: &str) -> Result<(), Failure> {
        self.mouse("mousePressed", selector)?;
        self.mouse("mouseReleased", selector)
    }

    fn mouse(&mut self, what: &str, selector: &str) -> Result<(), Failure> {
        let place = format!(
            "(() => {{ const at = document.querySelector({selector:?}).getBoundingClientRect(); \
             return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        );
        let place = self.value(&place)?;
        let button = if what == "mouseMoved" { "none" } else { "left" };
        let event = json!({ "type": what, "x": place[0], "y": place[1], "button": button, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", &event).map(drop)
    }

    /// Presses a key, such as `ArrowRight`.
    pub(super) fn press(&mut self, key: &str) -> Result<(), Failure> {
        for what in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", &json!({ "type": what, "key": key, "code": key }))?;
        }
        Ok(())
    }

    /// Types a text where the focus is.
    pub(super) fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.call("Input.insertText", &json!({ "text": text })).map(drop)
    }

    /// Returns a picture of what is shown: a PNG in base64.
    pub(super) fn picture(&mut self) -> Result<String, Failure> {
        let picture = self.call("Page.captureScreenshot", &json!({ "format": "png" }))?;
        Ok(picture["data"].as_str().unwrap_or_default().to_owned())
    }

    /// Returns what has gone wrong in the page so far.
    pub(super) fn errors(&self) -> &[String] {
        &self.errors
    }

    /// Gives an order, and waits for the answer. What happens meanwhile is noted.
    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value, Failure> {
        self.number += 1;
        let mut order = json!({ "id": self.number, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            order["sessionId"] = json!(session);
        }
        self.orders
            .write_all(format!("{order}\0").as_bytes())
            .map_err(Failure::system("telling chromium"))?;
        loop {
            let heard = self.said.recv_timeout(PATIENCE).map_err(|_| Failure::TooLate {
                what: format!("chromium's answer to {method}"),
                seconds: PATIENCE.as_secs(),
            })?;
            if heard["id"] != json!(self.number) {
                self.note(&heard);
            } else if heard["error"].is_null() {
                return Ok(heard["result"].clone());
            } else {
                return Err(Failure::App(format!("{method}: {}", heard["error"])));
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        let is_error = match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => true,
            "Runtime.consoleAPICalled" => parameters["type"] == "error",
            "Log.entryAdded" => parameters["entry"]["level"] == "error",
            _ => false,
        };
        if is_error {
            self.errors.push(parameters.to_string());
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
