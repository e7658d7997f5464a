//! More tasks than fit into one answer.

use rusqlite::Connection;

use crate::run::set;

#[test]
fn all_tasks_are_listed_however_many_there_are_and_however_long_their_names() {
    let mut stage = set();
    stage.kill_broker();
    let store = Connection::open(stage.path("state/store.db")).unwrap();
    // Each like the existing one, with its own id and a long name.
    store
        .execute(
            "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 3000)
             INSERT INTO task (id, package, name, class, trigger, registered_at)
             SELECT randomblob(16), package, printf('%.200c %d', 'x', n), class, trigger, registered_at
             FROM task, number WHERE name = 'quick'",
            [],
        )
        .unwrap();
    drop(store);
    stage.start_broker();
    let listed = stage.json(&["list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 3_000 + 5);
    assert_eq!(stage.report()["broker"]["tasks"], 3_005);
}
