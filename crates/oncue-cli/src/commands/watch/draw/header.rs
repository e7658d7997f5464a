//! The first row: how many tasks there are, and the broker.

use oncue::tools::BrokerInfo;
use ratatui_core::layout::Rect;

use crate::commands::watch::canvas::Canvas;
use crate::commands::watch::glance::Glance;
use crate::commands::watch::model::{Model, Reach};
use crate::render::clean::clean;
use crate::render::line::Line;
use crate::render::pause;
use crate::render::style::{ALIVE, BAD, FAINT, HELD, TITLE};

pub(super) fn draw(model: &Model, glance: &Glance<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let line = match &model.broker {
        Reach::Asked => Line::default().styled("oncue", TITLE).styled("  asking the broker …", FAINT),
        Reach::Answers(about) => tasks(model).followed_by(special(about, glance)),
        Reach::Gone { since, why } => {
            let ago = glance.since(*since);
            let gone = format!("  no broker for {ago}: {}", clean(why));
            Line::default().styled("oncue", TITLE).styled(gone, BAD)
        }
    };
    canvas.row(area, 0, &line);
    if let Reach::Answers(about) = &model.broker {
        let up = glance.since(about.started_at);
        let broker = format!("  broker {}, pid {}, up {up}", clean(&about.version), about.pid);
        canvas.at_end(area, 0, line.width(), &Line::default().styled(broker, FAINT));
    }
}

fn tasks(model: &Model) -> Line {
    let (running, held) = model.tasks.counts();
    let count = model.tasks.all().len();
    let noun = if count == 1 { "task" } else { "tasks" };
    let mut line = Line::default().styled("oncue", TITLE).plain(format!("  {count} {noun}"));
    if running > 0 {
        line = line.plain(", ").styled(format!("{running} running"), ALIVE);
    }
    if held > 0 {
        line = line.plain(", ").styled(format!("{held} held"), HELD);
    }
    line
}

/// A state of the broker that concerns all tasks.
fn special(about: &BrokerInfo, glance: &Glance<'_>) -> Line {
    let mut line = Line::default();
    if let Some(pause) = about.all_paused {
        let until = pause::brief(Some(pause), glance.clock());
        line = line.plain("  ").styled(format!("all paused{until}"), HELD);
    }
    if !about.store_problem.is_empty() {
        let problem = format!("nothing can be recorded: {}", clean(&about.store_problem));
        line = line.plain("  ").styled(problem, BAD);
    }
    line
}
