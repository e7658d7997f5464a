//! Groups, which separate some of a package's tasks from the others.

use oncue_types::Group;

use crate::registration::BackgroundTaskRegistration;

/// A namespace for tasks of this package. A library can keep its tasks in its own group, so that
/// neither it nor the app sees the other's tasks.
///
/// Microsoft: *BackgroundTaskRegistrationGroup Class (Windows.ApplicationModel.Background)*. A
/// group exists as long as it has tasks; creating a value of this type does not register anything.
/// WinRT's `BackgroundActivated` is for tasks without a class, which do not exist here.
///
/// ```no_run
/// use oncue::{BackgroundTaskBuilder, BackgroundTaskRegistrationGroup, Guid, OneShot, TimeTrigger};
///
/// # fn main() -> Result<(), oncue::Error> {
/// let group = BackgroundTaskRegistrationGroup::with_name("com.example.mail", "Mail");
/// BackgroundTaskBuilder::new()
///     .set_name("Sync")
///     .set_task_group(&group)
///     .set_task_entry_point_clsid(Guid::from_u128(0x14c5882b_35d3_41be_86b2_5106269b97e6))
///     .set_trigger(TimeTrigger::new(15, OneShot::No))
///     .register_or_keep()?;
/// assert_eq!(group.all_tasks()?.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackgroundTaskRegistrationGroup(Group);

impl BackgroundTaskRegistrationGroup {
    /// Creates a group without a display name. The id has 1 to 256 characters; use a GUID or a name
    /// such as `com.example.mail` to keep it distinct. It is checked when a task is registered.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self::with_name(id, "")
    }

    /// Creates a group with a display name of up to 256 characters.
    #[must_use]
    pub fn with_name(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self(Group { id: id.into().into(), name: name.into().into() })
    }

    /// Returns the group's id. Microsoft: *…Group.Id*.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns the group's name; empty if it has none. Microsoft: *…Group.Name*.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Makes a group from the group of the vocabulary.
    #[cfg(any(windows, test))]
    pub(crate) fn of_meaning(group: Group) -> Self {
        Self(group)
    }

    /// Returns the group of the vocabulary.
    pub(crate) fn meaning(&self) -> &Group {
        &self.0
    }

    /// Returns the groups of the tasks, by id. If tasks give a group several names, the first is
    /// used.
    pub(crate) fn of(tasks: &[BackgroundTaskRegistration]) -> Vec<Self> {
        let mut groups: Vec<Self> = tasks.iter().filter_map(|task| task.task_group().cloned()).collect();
        // Groups without a name come last, and of several with the same id the first is kept.
        groups.sort_by(|a, b| (a.id(), a.name().is_empty()).cmp(&(b.id(), b.name().is_empty())));
        groups.dedup_by(|later, first| later.id() == first.id());
        groups
    }
}
