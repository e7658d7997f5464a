//! The steps up to the registration: package, broker, task.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oncue::tools::{PackageInfo, TaskInfo, Watched};

use super::Scene;
use crate::commands::demo::error::DemoError;
use crate::commands::demo::own_broker::{OwnBroker, system};
use crate::commands::demo::source;
use crate::layout::{Order, lay_out};
use crate::render::words;

impl Scene<'_> {
    /// The sample is built like this program, so that little has to be compiled.
    pub(super) fn lay_out(&mut self) -> Result<(PathBuf, String), DemoError> {
        let order = Order {
            manifest_path: Some(source::find()?),
            release: !cfg!(debug_assertions),
            lean: true,
            folder: Some(self.plan.home.join("package")),
        };
        let folder = lay_out(&order)?;
        let said = format!("laid out the sample's package: {}", folder.display());
        Ok((folder, said))
    }

    pub(super) fn start_broker(&mut self) -> Result<((), String), DemoError> {
        let broker = OwnBroker::start()?;
        let (started, answers) = (broker.pid(), broker.asked.about()?.pid);
        self.broker = Some(broker);
        if started != answers {
            let what =
                format!("the broker that answers is process {answers}, but process {started} was started");
            return Err(DemoError::missing(what));
        }
        Ok(((), format!("started a separate broker: pid {started}")))
    }

    pub(super) fn add_package(&mut self, folder: &Path) -> Result<(PackageInfo, String), DemoError> {
        let package = self.ask()?.add_package(folder)?;
        let said = format!("added the package: {}", package.family_name);
        Ok((package, said))
    }

    /// The program registers its own task, as in the article.
    pub(super) fn register(
        &mut self,
        package: &PackageInfo,
        program: &Path,
    ) -> Result<(TaskInfo, String), DemoError> {
        let name = program.file_name().unwrap_or_default().display().to_string();
        let mut command = Command::new(program);
        let output = command.arg("-RegisterSampleTask").stdin(Stdio::null()).output();
        let output = output.map_err(system(&format!("starting {name}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let what = format!("{name} -RegisterSampleTask ended with {}: {}", output.status, said.trim());
            return Err(DemoError::missing(what));
        }
        let mut tasks = self.ask()?.tasks(Watched::All)?;
        tasks.retain(|task| task.package == package.family_name);
        let missing = || DemoError::missing(format!("{name} succeeded, but no task is registered"));
        let task = tasks.pop().ok_or_else(missing)?;
        Ok((task, format!("{name} -RegisterSampleTask has registered its task and ended")))
    }

    pub(super) fn describe(&mut self, task: &TaskInfo) -> io::Result<()> {
        let condition = words::condition(task.condition.as_ref());
        let trigger = words::trigger(&task.trigger);
        self.report.detail(&format!("{}: {trigger}; condition: {condition}; id {}", task.name, task.task_id))
    }
}
