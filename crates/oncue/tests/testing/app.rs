//! The apps that the tests are about.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use oncue::testing::TestPackage;
use oncue::{
    BackgroundTask, BackgroundTaskBuilder, BackgroundTaskInstance, ClassUse, Guid, IdlePolicy, OneShot,
    Outcome, PastRun, TaskError, TaskServer, TimeTrigger,
};

pub(crate) const FAMILY: &str = "Contoso.Sample_8wekyb3d8bbwe";
pub(crate) const CLASS: Guid = Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const QUARTER: Duration = Duration::from_secs(15 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A task that is a closure.
pub(crate) struct Task<F>(pub(crate) F);

impl<F> BackgroundTask for Task<F>
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
{
    fn run(&self, instance: &BackgroundTaskInstance) -> Result<(), TaskError> {
        (self.0)(instance)
    }
}

/// A package with one server that runs a closure and then leaves.
pub(crate) fn app(
    run: impl Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> TestPackage {
    app_that_leaves(IdlePolicy::AfterFirstCompletion, run)
}

pub(crate) fn app_that_leaves(
    until: IdlePolicy,
    run: impl Fn(&BackgroundTaskInstance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> TestPackage {
    let run = Arc::new(run);
    TestPackage::new(FAMILY).server([CLASS], move || {
        let run = Arc::clone(&run);
        let server = TaskServer::new()?;
        let factory = move || Task(closure(Arc::clone(&run)));
        server.register_class_object(CLASS, factory, ClassUse::Multiple)?;
        server.wait(until)
    })
}

pub(crate) fn closure<F>(run: Arc<F>) -> impl Fn(&BackgroundTaskInstance) -> Result<(), TaskError>
where
    F: Fn(&BackgroundTaskInstance) -> Result<(), TaskError>,
{
    move |instance| run(instance)
}

/// A gate at which runs wait until the test opens it.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<Gated>, Condvar)>);

#[derive(Default)]
pub(crate) struct Gated {
    came: u32,
    may_go: u32,
}

impl Gate {
    /// Lets the first this many runs pass.
    pub(crate) fn open_for(&self, runs: u32) {
        self.0.0.lock().unwrap().may_go = runs;
        self.0.1.notify_all();
    }

    /// Waits for the test, or until the run is cancelled.
    pub(crate) fn pass(&self, instance: &BackgroundTaskInstance) {
        let gate = self.clone();
        instance.on_canceled(move |_, _| {
            drop(gate.0.0.lock().unwrap());
            gate.0.1.notify_all();
        });
        self.wait(self.arrive(), || instance.is_canceled());
    }

    pub(crate) fn arrive(&self) -> u32 {
        let mut gated = self.0.0.lock().unwrap();
        gated.came += 1;
        gated.came
    }

    pub(crate) fn wait(&self, number: u32, cancelled: impl Fn() -> bool) {
        let gated = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(gated, |gated| gated.may_go < number && !cancelled()).unwrap());
    }
}

/// A package whose runs wait at a gate, or until they are cancelled.
pub(crate) fn waits() -> (Gate, TestPackage) {
    let gate = Gate::default();
    let passed = gate.clone();
    let package = app(move |instance| {
        passed.pass(instance);
        Ok(())
    });
    (gate, package)
}

pub(crate) fn every_quarter() -> BackgroundTaskBuilder {
    let mut builder = BackgroundTaskBuilder::new();
    builder
        .set_name("Sample")
        .set_task_entry_point_clsid(CLASS)
        .set_trigger(TimeTrigger::new(15, OneShot::No));
    builder
}

pub(crate) fn outcomes(ledger: &[PastRun]) -> Vec<(Outcome, u32)> {
    ledger.iter().map(|run| (*run.outcome.known().unwrap(), run.firings)).collect()
}
