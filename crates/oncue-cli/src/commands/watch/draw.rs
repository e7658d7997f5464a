//! Draws the state of the live view. It changes nothing, and knows no terminal.

mod bar;
mod bottom;
mod columns;
mod header;
mod recent;
mod state;
mod tasks;
mod text;

use std::time::Duration;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Position;

use super::areas::Areas;
use super::canvas::{Canvas, Look};
use super::glance::Glance;
use super::model::{Model, View};
use crate::render::time::Clock;

/// What was drawn.
#[derive(Debug)]
pub(super) struct Drawn {
    /// How long it stays as it is, unless an event changes it.
    pub(super) steady: Option<Duration>,
    /// Where the cursor is, while the user types.
    pub(super) cursor: Option<Position>,
    /// How many lines the text has, if there is one.
    pub(super) lines: usize,
}

/// Draws everything.
pub(super) fn draw(model: &Model, clock: &Clock, look: Look, buffer: &mut Buffer) -> Drawn {
    let areas = Areas::of(buffer.area.as_size());
    let (glance, mut canvas) = (Glance::at(clock), Canvas::new(buffer, look));
    header::draw(model, &glance, &mut canvas, areas.header);
    let lines = match &model.view {
        View::Tasks => {
            tasks::draw(model, &glance, &mut canvas, areas);
            recent::draw(model, &glance, &mut canvas, areas.recent);
            0
        }
        View::Why { .. } | View::Output(_) | View::Help(_) => text::draw(model, &glance, &mut canvas, areas),
    };
    let cursor = bottom::draw(model, &mut canvas, areas.bottom);
    Drawn { steady: glance.steady(), cursor, lines }
}

#[cfg(test)]
mod tests;
