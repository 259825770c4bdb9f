//! Random lives of a supervisor against a model: I1 (one outcome each), I2 (nothing left), I3
//! (each failure told exactly once), on both kinds of runtime.

use crate::support::{build, ms, LONG};
use asynclint_supervisor::{builder, spawn, task, EventKind, Outcome, TaskHandle, TaskId};
use proptest::prelude::*;
use tokio::sync::oneshot;

#[derive(Clone, Copy, Debug)]
enum End {
    Ok,
    Err,
    Panic,
    Timeout,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Spawn; the flag keeps the handle.
    Spawn(End, bool),
    /// Let the n-th live task come to its end.
    Finish(usize),
    Abort(usize),
    /// Await a kept handle of a task that has ended.
    Read(usize),
    DropHandle(usize),
    Snapshot,
    Group,
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![
        3 => Just(End::Ok),
        3 => Just(End::Err),
        1 => Just(End::Panic),
        1 => Just(End::Timeout)
    ];
    prop_oneof![
        4 => (end, any::<bool>()).prop_map(|(end, keep)| Step::Spawn(end, keep)),
        3 => (0usize..8).prop_map(Step::Finish),
        1 => (0usize..8).prop_map(Step::Abort),
        2 => (0usize..8).prop_map(Step::Read),
        1 => (0usize..8).prop_map(Step::DropHandle),
        1 => Just(Step::Snapshot),
        1 => Just(Step::Group),
    ]
}

type Value = Result<(), &'static str>;

struct Live {
    end: End,
    go: oneshot::Sender<()>,
    id: TaskId,
    handle: Option<TaskHandle<Value>>,
}

/// What the model says must have happened in the end.
#[derive(Default, Debug)]
struct Model {
    spawned: u64,
    ended: [u64; 8],
    told_failed: usize,
}

impl Model {
    fn ended(&mut self, outcome: Outcome) {
        self.ended[outcome as usize] += 1;
    }
}

struct World {
    sup: asynclint_supervisor::Supervisor,
    group: asynclint_supervisor::Supervisor,
    use_group: bool,
    live: Vec<Live>,
    /// Handles of tasks that have ended with an error.
    unread: Vec<TaskHandle<Value>>,
    model: Model,
}

impl World {
    fn spawn(&mut self, end: End, keep: bool) {
        let (go, wait) = oneshot::channel::<()>();
        let sup = if self.use_group { &self.group } else { &self.sup };
        let mut task = task!("random").in_(sup);
        if let End::Timeout = end {
            task = task.timeout(ms(1));
        }
        let handle = spawn!(task, async move {
            if let End::Timeout = end {
                std::future::pending::<()>().await;
            }
            let _released = wait.await;
            match end {
                End::Ok | End::Timeout => Ok(()),
                End::Err => Err("error"),
                End::Panic => panic!("random"),
            }
        });
        self.model.spawned += 1;
        let id = handle.id();
        let handle = keep.then_some(handle);
        self.live.push(Live { end, go, id, handle });
    }

    async fn finish(&mut self, index: usize) {
        let Some(live) = take(&mut self.live, index) else {
            return;
        };
        let _timed_out = live.go.send(());
        while self.sup.snapshot().tasks.iter().any(|task| task.id == live.id) {
            tokio::time::sleep(ms(1)).await;
        }
        self.model.ended(match live.end {
            End::Ok => Outcome::Ok,
            End::Err => Outcome::Failed,
            End::Panic => Outcome::Panicked,
            End::Timeout => Outcome::TimedOut,
        });
        match (live.end, live.handle) {
            (End::Err, None) => self.model.told_failed += 1,
            (End::Err, Some(handle)) => self.unread.push(handle),
            _ => {}
        }
    }

    async fn apply(&mut self, step: Step) {
        match step {
            Step::Spawn(end, keep) => self.spawn(end, keep),
            Step::Finish(index) => self.finish(index).await,
            Step::Abort(index) => {
                let abortable = |l: &Live| l.handle.is_some() && !matches!(l.end, End::Timeout);
                let found = self.live.iter().enumerate().filter(|(_, l)| abortable(l)).nth(index);
                let Some((at, _)) = found else { return };
                let live = self.live.remove(at);
                let handle = live.handle.expect("filtered");
                handle.abort();
                assert!(handle.await.is_err());
                self.model.ended(Outcome::Aborted);
            }
            Step::Read(index) => {
                if let Some(handle) = take(&mut self.unread, index) {
                    assert_eq!(handle.await, Ok(Err("error")));
                }
            }
            Step::DropHandle(index) => {
                if let Some(handle) = take(&mut self.unread, index) {
                    while !handle.is_finished() {
                        tokio::task::yield_now().await;
                    }
                    drop(handle);
                    self.model.told_failed += 1;
                }
            }
            Step::Snapshot => {
                let stats = self.sup.snapshot().stats;
                assert!(stats.spawned == self.model.spawned, "{stats:?} {:?}", self.model);
            }
            Step::Group => self.use_group = !self.use_group,
        }
    }
}

fn take<T>(from: &mut Vec<T>, index: usize) -> Option<T> {
    (!from.is_empty()).then(|| from.remove(index % from.len()))
}

async fn live(steps: Vec<Step>) {
    let (sup, seen) = build(builder().grace(ms(0)));
    let group = sup.group("group");
    let mut world =
        World { group, sup, use_group: false, live: Vec::new(), unread: Vec::new(), model: Model::default() };
    for step in steps {
        world.apply(step).await;
    }
    while let Some(at) = world.live.iter().position(|l| matches!(l.end, End::Timeout)) {
        world.finish(at).await;
    }
    let cut_off = world.live.len() as u64;
    let World { sup, group, unread, model, live, .. } = world;
    let report = tokio::time::timeout(LONG, sup.shutdown()).await.expect("I4");
    drop((live, unread.len(), group));
    model_holds(&sup, &model, cut_off);
    assert!(report.stuck.is_empty());
    let kept = unread.len();
    assert_eq!(seen.count(EventKind::Failed), model.told_failed, "I3, before {model:?}");
    drop(unread);
    assert_eq!(seen.count(EventKind::Failed), model.told_failed + kept, "I3, after");
    assert_eq!(seen.count(EventKind::Panicked) as u64, model.ended[Outcome::Panicked as usize]);
}

fn model_holds(sup: &asynclint_supervisor::Supervisor, model: &Model, cut_off: u64) {
    let stats = sup.stats();
    assert_eq!(stats.spawned, model.spawned, "I1");
    assert_eq!((stats.active, stats.queued), (0, 0), "I2: {stats:?}");
    assert_eq!(sup.snapshot().tasks.len(), 0, "I2");
    for outcome in [Outcome::Ok, Outcome::Failed, Outcome::Panicked, Outcome::TimedOut, Outcome::Aborted] {
        assert_eq!(stats.ended(outcome), model.ended[outcome as usize], "I1 {outcome}: {stats:?}");
    }
    assert_eq!(stats.ended(Outcome::Cancelled), cut_off, "I1: {stats:?}");
}

fn cases(normal: u32, slow: u32) -> ProptestConfig {
    let cases = if std::env::var_os("ASYNCLINT_SLOW").is_some() { slow } else { normal };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(60, 2_000))]

    #[test]
    fn any_life_on_one_thread(steps in prop::collection::vec(step(), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let mut runtime = runtime;
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(live(steps));
    }
}

proptest! {
    #![proptest_config(cases(25, 500))]

    #[test]
    fn any_life_on_two_threads(steps in prop::collection::vec(step(), 0..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let mut runtime = runtime;
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(live(steps));
    }
}
