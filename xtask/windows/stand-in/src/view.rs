//! Registrations by id, as returned by `AllTasks`.

use windows::Win32::Foundation::{E_BOUNDS, E_NOTIMPL};
use windows_collections::{
    IIterable, IIterable_Impl, IIterator, IKeyValuePair, IKeyValuePair_Impl, IMapView, IMapView_Impl,
};
use windows_core::{GUID, OutRef, Ref, Result, RuntimeType, implement};

use crate::tasks::Task;

/// Creates a view of tasks, each as an object of one type.
pub(crate) fn of<V: RuntimeType + 'static>(tasks: Vec<Task>, object: fn(Task) -> V) -> IMapView<GUID, V> {
    All { tasks, object }.into()
}

#[implement(IKeyValuePair<GUID, V>)]
struct Entry<V>
where
    V: RuntimeType + 'static,
{
    task: Task,
    object: fn(Task) -> V,
}

impl<V: RuntimeType + 'static> IKeyValuePair_Impl<GUID, V> for Entry_Impl<V> {
    fn Key(&self) -> Result<GUID> {
        Ok(self.task.id)
    }

    fn Value(&self) -> Result<V> {
        Ok((self.object)(self.task.clone()))
    }
}

#[implement(IMapView<GUID, V>, IIterable<IKeyValuePair<GUID, V>>)]
struct All<V>
where
    V: RuntimeType + 'static,
{
    tasks: Vec<Task>,
    object: fn(Task) -> V,
}

impl<V: RuntimeType + 'static> IIterable_Impl<IKeyValuePair<GUID, V>> for All_Impl<V> {
    fn First(&self) -> Result<IIterator<IKeyValuePair<GUID, V>>> {
        let pair = |task: &Task| Some(Entry { task: task.clone(), object: self.object }.into());
        let pairs: Vec<Option<IKeyValuePair<GUID, V>>> = self.tasks.iter().map(pair).collect();
        IIterable::<IKeyValuePair<GUID, V>>::from(pairs).First()
    }
}

impl<V: RuntimeType + 'static> IMapView_Impl<GUID, V> for All_Impl<V> {
    fn Lookup(&self, key: Ref<'_, GUID>) -> Result<V> {
        let found = self.tasks.iter().find(|task| task.id == *key);
        Ok((self.object)(found.ok_or(E_BOUNDS)?.clone()))
    }

    fn Size(&self) -> Result<u32> {
        u32::try_from(self.tasks.len()).map_err(|_| E_BOUNDS.into())
    }

    fn HasKey(&self, key: Ref<'_, GUID>) -> Result<bool> {
        Ok(self.tasks.iter().any(|task| task.id == *key))
    }

    fn Split(&self, _: OutRef<'_, IMapView<GUID, V>>, _: OutRef<'_, IMapView<GUID, V>>) -> Result<()> {
        Err(E_NOTIMPL.into())
    }
}
