//! The page that `oncue timeline` writes, looked at in a real browser.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use super::scenarios;
use crate::test_system::browser::Browser;
use crate::test_system::failure::Failure;
use crate::test_system::shell;
use crate::test_system::stage::Stage;

scenarios!("timeline", needs "chromium fonts-dejavu-core":
    a_page_with_ten_tasks_is_readable_and_tells_why,
    a_page_with_five_hundred_tasks_is_readable,
);

const PAGE: &str = "/home/tester/timeline.html";
const TASKS: &str = "/home/tester/tasks.toml";

/// What is wrong with the layout, for a person with a mouse in a window of any size.
const LAYOUT: &str = r#"(() => {
    const wrong = [], box = (element) => element.getBoundingClientRect();
    const page = document.documentElement, main = document.querySelector("main");
    // Rows out of sight are not laid out, unless that is asked for.
    for (const row of document.querySelectorAll(".task")) row.style.contentVisibility = "visible";
    if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) wrong.push("the page as a whole scrolls");
    for (const part of document.querySelectorAll("header, main, aside, footer")) {
        const at = box(part);
        if (at.left < 0 || at.right > innerWidth + 1 || at.bottom > innerHeight + 1) wrong.push(`${part.tagName} is cut off`);
    }
    for (const bar of document.querySelectorAll(".task:not([hidden]) .bar")) {
        const room = box(bar);
        for (const mark of bar.children) {
            const at = box(mark);
            if (at.width < 3 || at.height < 3) wrong.push(`${mark.title} is too small`);
            if (at.left < room.left - 1 || at.left > room.right || at.top < room.top || at.bottom > room.bottom + 1)
                wrong.push(`${mark.title} is outside its row`);
        }
    }
    main.scrollTo(main.scrollWidth, main.scrollHeight);
    const name = box(document.querySelector(".task:not([hidden]) .name")), axis = box(document.querySelector(".axis"));
    if (Math.abs(name.left - box(main).left) > 1) wrong.push("names scroll away");
    if (Math.abs(axis.top - box(main).top) > 1) wrong.push("the axis scrolls away");
    main.scrollTo(0, 0);
    return wrong;
})()"#;

/// The least contrast between text and what is behind it, as WCAG defines it.
const CONTRAST: &str = r#"(() => {
    const part = (value) => { const v = value / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    const light = (colour) => { const [r, g, b] = colour.match(/[\d.]+/g).map(Number); return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
    const behind = (element) => { for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (!colour.endsWith(", 0)") && colour !== "transparent") return colour; } };
    let least = 99;
    for (const element of document.querySelectorAll("h1, p, .legend li, .name, .axis .tick, pre, footer")) {
        const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
        least = Math.min(least, (a + 0.05) / (b + 0.05));
    }
    return least;
})()"#;

fn a_page_with_ten_tasks_is_readable_and_tells_why() -> Result<(), Failure> {
    let stage = stage_with(10)?;
    let mut browser = looked_at(&stage)?;
    is(&mut browser, "document.getElementById('count').textContent", &json!("10 tasks"))?;

    // A click on a run tells what `oncue why` tells about that moment.
    let run = &stage.json(&["history", "fails", "--json"])?[0];
    let began = run["started_at"].as_str().unwrap_or_default();
    let why = stage.oncue(&["why", "fails", "--at", began])?;
    browser.click("[data-name='fails'] .mark.wrong")?;
    is(&mut browser, "document.getElementById('text').textContent", &json!(why))?;
    // The mouse on what comes tells about that, and the click is still what is chosen.
    browser.point_at("[data-name='task-000'] .mark.coming")?;
    says(&mut browser, "task-000 will run, if nothing changes.")?;
    browser.point_at("h1")?;
    is(&mut browser, "document.getElementById('text').textContent", &json!(why))?;

    // The same with the keyboard.
    browser.value("document.querySelector(\"[data-name='fails'] .name\").focus()")?;
    says(&mut browser, "fails failed the last time")?;
    browser.press("ArrowRight")?;
    is(&mut browser, "document.getElementById('text').textContent", &json!(why))?;
    browser.press("ArrowDown")?;
    is(&mut browser, "document.activeElement.className", &json!("name"))?;

    // What programs write stays text.
    is(&mut browser, "[document.scripts.length, document.images.length]", &json!([1, 0]))?;
    browser.click("[data-name='<script>'] .mark.wrong")?;
    says(&mut browser, "</script><img src=x onerror=alert(1)>")?;

    // A link to a mark chooses it.
    let id = browser.value("document.querySelector(\"[data-name='fails'] .mark.wrong\").id")?;
    browser.open(&format!("file://{PAGE}?again#{}", id.as_str().unwrap_or_default()), (1200, 700))?;
    is(&mut browser, "document.getElementById('text').textContent", &json!(why))?;
    silent(&browser)
}

fn a_page_with_five_hundred_tasks_is_readable() -> Result<(), Failure> {
    let stage = stage_with(500)?;
    let mut browser = looked_at(&stage)?;
    is(&mut browser, "document.getElementById('count').textContent", &json!("500 tasks"))?;
    browser.value("document.getElementById('filter').focus()")?;
    browser.write("task-04")?;
    let shown = "[document.getElementById('count').textContent, \
                 [...document.querySelectorAll('.task')].filter(row => row.getBoundingClientRect().height > 0).length]";
    is(&mut browser, shown, &json!(["10 of 500 tasks", 10]))?;
    let layout = browser.value(LAYOUT)?;
    same("the layout after filtering", &json!([]), &layout)?;
    silent(&browser)
}

/// A stage with so many tasks, some of which have run, and the page that shows them.
fn stage_with(tasks: usize) -> Result<Stage, Failure> {
    let stage = Stage::set()?;
    let special = [
        ("fails", "every = \"1h\"\nshell = \"echo the disk is full >&2; exit 3\""),
        (
            "'<script>'",
            "every = \"1h\"\nshell = \"echo '</script><img src=x onerror=alert(1)>' >&2; exit 1\"",
        ),
        ("waits", "every = \"1h\"\nwhen = \"internet\"\nshell = \"true\""),
    ];
    let mut text = String::new();
    for (name, keys) in special {
        let _ = writeln!(text, "[task.{name}]\n{keys}\n");
    }
    for number in 0..tasks - special.len() {
        let _ =
            writeln!(text, "[task.task-{number:03}]\nevery = \"{}m\"\nshell = \"true\"\n", 15 + number % 45);
    }
    fs::write(TASKS, text).map_err(Failure::system(TASKS))?;
    shell::run(&["chmod", "644", TASKS])?;
    stage.oncue(&["apply", TASKS])?;
    stage.oncue(&["simulate", "internet=off"])?;
    stage.oncue(&["run", "waits"])?;
    stage.oncue(&["run", "task-000", "--wait"])?;
    for name in ["fails", "<script>"] {
        // It fails, which is what the page is to show.
        let _ = stage.oncue(&["run", name, "--wait"]);
    }
    stage.oncue(&["timeline", "-o", PAGE])?;
    Ok(stage)
}

/// Opens the page, and looks at it in light and dark, in a large window and in a small one.
fn looked_at(stage: &Stage) -> Result<Browser, Failure> {
    let mut browser = Browser::start(stage.program("sh"))?;
    let mut pictures = Vec::new();
    for (scheme, ground) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 26)")] {
        browser.prefer(scheme)?;
        for size in [(1200, 700), (700, 500)] {
            browser.open(&format!("file://{PAGE}"), size)?;
            let layout = browser.value(LAYOUT)?;
            same(&format!("the layout in {size:?}"), &json!([]), &layout)?;
            is(&mut browser, "getComputedStyle(document.body).backgroundColor", &json!(ground))?;
            let contrast = browser.value(CONTRAST)?;
            if contrast.as_f64().is_none_or(|least| least < 4.5) {
                let what = format!("the least contrast in {scheme}");
                return Err(Failure::Unexpected { what, expected: "4.5".into(), seen: contrast.to_string() });
            }
            pictures.push(browser.picture()?);
        }
    }
    // An empty page is a small picture, and the schemes differ.
    if pictures.iter().any(|picture| picture.len() < 10_000) || pictures[0] == pictures[2] {
        return Err(Failure::App("the pictures of the page show nothing".into()));
    }
    browser.prefer("light")?;
    browser.open(&format!("file://{PAGE}"), (1200, 700))?;
    silent(&browser)?;
    Ok(browser)
}

fn silent(browser: &Browser) -> Result<(), Failure> {
    same("errors in the console", &json!([]), &json!(browser.errors()))
}

fn is(browser: &mut Browser, expression: &str, expected: &Value) -> Result<(), Failure> {
    let seen = browser.value(expression)?;
    same(expression, expected, &seen)
}

/// Checks what is told at the bottom of the page.
fn says(browser: &mut Browser, expected: &str) -> Result<(), Failure> {
    let seen = browser.value("document.getElementById('text').textContent")?;
    if seen.as_str().is_some_and(|seen| seen.contains(expected)) {
        return Ok(());
    }
    let (expected, seen) = (expected.to_owned(), seen.to_string());
    Err(Failure::Unexpected { what: "what the page tells".into(), expected, seen })
}

fn same(what: &str, expected: &Value, seen: &Value) -> Result<(), Failure> {
    if seen == expected {
        return Ok(());
    }
    let (expected, seen) = (expected.to_string(), seen.to_string());
    Err(Failure::Unexpected { what: what.into(), expected, seen })
}
