//! The thread that writes the output of runs to files, and removes old files.
//!
//! A file is opened for each write and closed again, so that runs that write little hold no descriptors, and a
//! file that somebody has removed is created again.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use oncue_core::InstanceId;

use super::Run;
use super::archive::{self, Archive, KeptRun, KeptTask};
use super::line::{self, Kind, Stamp};
use super::pieces::Pieces;
use super::prune;
use super::queue::{Next, Queue, Waiting};
use super::shorten::{Bounds, shorten};
use crate::{clock, config, regular};

/// How long the end of a line is awaited before its beginning is written.
const PATIENCE: Duration = Duration::from_millis(500);

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Keeper {
    archive: Archive,
    limits: config::Output,
    /// The runs that have written something and have not ended.
    alive: HashMap<InstanceId, Alive>,
    /// The size of all files, roughly.
    size: u64,
    pruned_at: Instant,
    /// Whether the last write failed, which is logged only once.
    fails: bool,
}

/// A run that has written something.
#[derive(Debug)]
struct Alive {
    run: Run,
    /// Its file, once it exists.
    path: Option<PathBuf>,
    streams: [Pieces; 2],
    /// The size of the file.
    length: u64,
    /// How many bytes could not be written since the last time that it worked.
    missing: u64,
}

impl Alive {
    fn of(run: &Run) -> Self {
        let streams = [Kind::Out, Kind::Err].map(Pieces::of);
        Self { run: run.clone(), path: None, streams, length: 0, missing: 0 }
    }

    fn is_open(&self) -> bool {
        self.streams.iter().any(Pieces::is_open)
    }

    /// Turns what the run wrote into lines.
    fn lines(&mut self, waiting: &Waiting) -> Vec<u8> {
        let mut lines = Vec::new();
        if waiting.dropped > 0 {
            self.streams.iter_mut().for_each(|stream| stream.finish(&mut lines));
            gap(&mut lines, waiting.dropped, "they came faster than they could be written");
        }
        for chunk in &waiting.chunks {
            let stream = usize::from(chunk.kind == Kind::Err);
            self.streams[stream].take(Stamp::of(chunk.at), &chunk.bytes, &mut lines);
        }
        if let Some(end) = &waiting.end {
            self.streams.iter_mut().for_each(|stream| stream.finish(&mut lines));
            line::write(&mut lines, Stamp::of(end.at), Kind::End, false, end.how.as_bytes());
        }
        lines
    }
}

fn gap(lines: &mut Vec<u8>, bytes: u64, why: &str) {
    let text = format!("{bytes} bytes of output are missing here: {why}");
    line::write(lines, Stamp::of(clock::now().wall), Kind::Gap, false, text.as_bytes());
}

impl Keeper {
    pub(super) fn new(archive: Archive, limits: config::Output) -> Self {
        let (alive, pruned_at) = (HashMap::new(), Instant::now());
        Self { archive, limits, alive, size: 0, pruned_at, fails: false }
    }

    /// Writes what is in the queue until it is closed.
    pub(super) fn work(mut self, queue: &Queue) {
        for task in self.archive.ids().unwrap_or_default() {
            self.archive.tidy(task);
        }
        self.prune_all();
        loop {
            let patience = if self.alive.values().any(Alive::is_open) { PATIENCE } else { prune::EVERY };
            match queue.next(patience) {
                Next::Write(waiting) => self.keep(&waiting),
                Next::Nothing => self.pass_on(),
                Next::Closed => {
                    self.pass_on();
                    return;
                }
            }
            if self.size > self.limits.bytes() || self.pruned_at.elapsed() >= prune::EVERY {
                self.prune_all();
            }
        }
    }

    fn keep(&mut self, waiting: &Waiting) {
        let id = waiting.run.instance;
        let mut run = self.alive.remove(&id).unwrap_or_else(|| Alive::of(&waiting.run));
        let lines = run.lines(waiting);
        let is_known = run.path.is_some() || !waiting.chunks.is_empty() || waiting.dropped > 0;
        // Of a run that an earlier broker has lost, only the end is known. It may have written nothing.
        if is_known || self.find(&mut run) {
            self.write(&mut run, &lines);
        }
        match &waiting.end {
            None => drop(self.alive.insert(id, run)),
            Some(end) => self.ended(&run, end.failed),
        }
    }

    /// Writes the beginnings of lines whose ends have not come for a while.
    fn pass_on(&mut self) {
        let open: Vec<InstanceId> =
            self.alive.iter().filter(|(_, run)| run.is_open()).map(|(id, _)| *id).collect();
        for id in open {
            let Some(mut run) = self.alive.remove(&id) else { continue };
            let mut lines = Vec::new();
            run.streams.iter_mut().for_each(|stream| stream.pass_on(&mut lines));
            self.write(&mut run, &lines);
            self.alive.insert(id, run);
        }
    }

    /// Looks for the file of a run that an earlier broker began. Returns whether there is one.
    fn find(&self, run: &mut Alive) -> bool {
        let found = self.archive.run(run.run.task, run.run.instance).ok().flatten();
        run.path = found.map(|found| found.path);
        let length = run.path.as_ref().and_then(|path| fs::metadata(path).ok()).map(|known| known.len());
        run.length = length.unwrap_or_default();
        run.path.is_some()
    }

    fn write(&mut self, run: &mut Alive, lines: &[u8]) {
        if lines.is_empty() {
            return;
        }
        match self.try_write(run, lines) {
            Ok(()) => (run.missing, self.fails) = (0, false),
            Err(error) => {
                run.missing += lines.len() as u64;
                if !std::mem::replace(&mut self.fails, true) {
                    let folder = self.archive.folder().display();
                    tracing::warn!(
                        "keeping the output of runs in {folder}: {error}; it is dropped meanwhile"
                    );
                }
            }
        }
    }

    fn try_write(&mut self, run: &mut Alive, lines: &[u8]) -> io::Result<()> {
        if run.path.is_none() && !self.find(run) {
            let Run { task, instance, name, package } = &run.run;
            let about = KeptTask { id: *task, package: package.to_string(), name: name.to_string() };
            self.archive.describe(&about)?;
            run.path = Some(self.archive.path_of(*task, *instance, clock::now().wall));
        }
        let Some(path) = run.path.as_deref() else { return Ok(()) };
        let mut missing = Vec::new();
        if run.missing > 0 {
            gap(&mut missing, run.missing, "they could not be written");
        }
        let bounds = Bounds::of(&self.limits);
        for part in parts(lines, bounds) {
            if run.length > bounds.most() {
                self.shorten(path)?;
            }
            run.length = append(path, &missing, part)?;
            self.size += (missing.len() + part.len()) as u64;
            missing.clear();
        }
        Ok(())
    }

    fn shorten(&mut self, path: &Path) -> io::Result<()> {
        let bounds = Bounds::of(&self.limits);
        // A larger file would have been shortened before.
        let most = usize::try_from(2 * bounds.most()).unwrap_or(usize::MAX);
        let content = regular::read(path, most)?;
        let shortened = shorten(&content, bounds);
        archive::replace(path, &shortened)?;
        self.size = self.size.saturating_sub((content.len() - shortened.len()) as u64);
        Ok(())
    }

    fn ended(&mut self, run: &Alive, failed: bool) {
        let Some(path) = &run.path else { return };
        let bounds = Bounds::of(&self.limits);
        let ended = fs::metadata(path).and_then(|known| {
            if known.len() > bounds.most_at_end() {
                self.shorten(path)?;
            }
            if failed { fs::rename(path, KeptRun::path_if_failed(path)) } else { Ok(()) }
        });
        let alive = self.paths();
        let pruned = ended.and_then(|()| prune::task(&self.archive, &self.limits, run.run.task, &alive));
        match pruned {
            Ok(removed) => self.size = self.size.saturating_sub(removed),
            Err(error) => tracing::debug!("output of run {}: {error}", run.run.instance),
        }
    }

    fn prune_all(&mut self) {
        self.pruned_at = Instant::now();
        match prune::all(&self.archive, &self.limits, clock::now().wall, &self.paths()) {
            Ok(size) => self.size = size,
            Err(error) => {
                // Otherwise it would be tried again after every line.
                self.size = 0;
                tracing::warn!("removing old output of runs: {error}; it stays for now");
            }
        }
    }

    fn paths(&self) -> HashSet<PathBuf> {
        self.alive.values().filter_map(|run| run.path.clone()).collect()
    }
}

/// Divides lines into parts that do not make a file much larger than its bounds.
fn parts(lines: &[u8], bounds: Bounds) -> impl Iterator<Item = &[u8]> {
    let most = bounds.last.max(1);
    let mut rest = lines;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let wanted = rest.len().min(most);
        let end =
            rest[wanted - 1..].iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| wanted + at);
        let (part, later) = rest.split_at(end);
        rest = later;
        Some(part)
    })
}

/// Appends to a file, or leaves it as it is. Returns its size.
fn append(path: &Path, missing: &[u8], lines: &[u8]) -> io::Result<u64> {
    let mut file = regular::open(path, OpenOptions::new().read(true).append(true).create(true).mode(0o600))?;
    let before = file.metadata()?.len();
    let torn: &[u8] = if ends_within_line(&file, before)? { b"\n" } else { b"" };
    let text = [torn, missing, lines].concat();
    if let Err(error) = file.write_all(&text) {
        let _ = file.set_len(before);
        return Err(error);
    }
    Ok(before + text.len() as u64)
}

/// Returns whether a broker was killed while it wrote the last line.
fn ends_within_line(file: &fs::File, length: u64) -> io::Result<bool> {
    use std::os::unix::fs::FileExt as _;

    let mut last = *b"\n";
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests;
