//! Snapshot, watch, statistics per site, status line, configuration, spans.

use crate::support::{build, ms, supervisor, LONG};
use asynclint_supervisor::{builder, spawn, task, Config, Outcome, SpanMode, State, TaskState};
use std::future::pending;
use std::time::Duration;

#[tokio::test]
async fn a_snapshot_names_everything() {
    let (sup, _) = build(builder().max_concurrent(1));
    spawn!(in sup, task!("first").detail("user 1"), pending::<()>());
    spawn!(in sup, "second", pending::<()>());
    let snapshot = sup.snapshot();
    assert_eq!(snapshot.state, State::Running);
    let [first, second] = &snapshot.tasks[..] else {
        panic!("{snapshot:?}");
    };
    assert_eq!((first.name, first.state), ("first", TaskState::Running));
    assert_eq!((second.name, second.state), ("second", TaskState::Queued));
    assert!(first.site.file().ends_with("health_and_views.rs"));
    assert_eq!(second.site.line(), first.site.line() + 1);
    let line = "1 running, 1 queued (limit 1), 0 failed, 0 panicked";
    assert_eq!(snapshot.to_string(), line);
}

#[tokio::test]
async fn sites_count_over_all_their_tasks() {
    let (sup, _) = supervisor();
    for i in 0..10 {
        spawn!(in sup, "counted_site", async move { if i < 3 { Err(()) } else { Ok(()) } });
    }
    sup.wait_all(LONG).await.unwrap();
    let sites = sup.snapshot().sites;
    let site = sites.iter().find(|s| s.name == "counted_site").unwrap();
    assert_eq!((site.spawned, site.failures(), site.ended(Outcome::Ok)), (10, 3, 7));
    assert!(site.function.ends_with("sites_count_over_all_their_tasks"));
}

#[tokio::test]
async fn the_default_name_is_module_and_line() {
    let (sup, _) = supervisor();
    let handle = spawn!(async {});
    let line = line!() - 1;
    assert_eq!(handle.name(), format!("{}:{line}", module_path!()));
    drop(sup);
}

#[tokio::test(start_paused = true)]
async fn watch_shows_the_present_and_is_not_waited_for() {
    let (sup, _) = supervisor();
    let mut watch = sup.watch(ms(100));
    spawn!(in sup, "work", tokio::time::sleep(ms(150)));
    assert_eq!(watch.borrow().stats.active, 0);
    watch.changed().await.unwrap();
    assert_eq!(watch.borrow_and_update().stats.active, 2);
    sup.wait_all(LONG).await.unwrap();
    watch.changed().await.unwrap();
    assert_eq!(watch.borrow().stats.active, 1, "the watcher itself");
    let report = sup.shutdown().await;
    assert_eq!(report.elapsed, Duration::ZERO);
    assert!(report.is_clean() && watch.changed().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_watch_nobody_reads_ends() {
    let (sup, _) = supervisor();
    drop(sup.watch(ms(1)));
    tokio::time::sleep(ms(20)).await;
    assert_eq!(sup.stats().active, 0);
}

#[test]
fn the_defaults_are_those_of_the_design() {
    let config = Config::default();
    assert_eq!(config.max_concurrent, None);
    assert_eq!((config.pending_limit, config.enable_monitoring), (10_000, false));
    assert_eq!(config.cleanup_interval, Duration::from_secs(60));
    assert_eq!((config.grace, config.abort_grace), (ms(10_000), ms(1_000)));
    assert_eq!((config.default_timeout, config.progress_interval), (None, ms(5_000)));
}

#[cfg(feature = "serde")]
#[test]
fn a_config_can_be_read_from_a_file() {
    let text =
        r#"{ "max_concurrent": 50, "default_timeout": 30, "cleanup_interval": 60.5, "enable_monitoring": true }"#;
    let config: Config = serde_json::from_str(text).unwrap();
    assert_eq!(config.max_concurrent, Some(50));
    assert_eq!(config.default_timeout, Some(Duration::from_secs(30)));
    assert_eq!(config.cleanup_interval, Duration::from_millis(60_500));
    assert!(config.enable_monitoring && config.grace == ms(10_000));
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    for bad in [r#"{ "max_concurent": 1 }"#, r#"{ "grace": -1 }"#] {
        assert!(serde_json::from_str::<Config>(bad).is_err(), "{bad}");
    }
}

#[tokio::test(start_paused = true)]
async fn status_and_events_are_logged_with_their_fields() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let settings = builder().status_every(ms(100)).on_signals(false).grace(ms(12_000));
    let span = tracing::info_span!("request", id = 7);
    settings
        .managed(async move {
            {
                let _in = span.enter();
                spawn!(task!("job").detail("x"), async { Err::<(), _>("broken") });
            }
            spawn!(task!("spanned").span(SpanMode::Task), async { tracing::info!("inside") });
            spawn!("slow", tokio::time::sleep(ms(7_000)));
            tokio::time::sleep(ms(250)).await;
        })
        .await;
    let text = lines.text();
    let failed = text.lines().find(|l| l.contains("task failed")).unwrap();
    for part in ["ERROR", "request{id=7}", "task.name=\"job\"", "task.at=", "task.detail=\"x\"", "error=\"broken\""] {
        assert!(failed.contains(part), "{part} in {failed}");
    }
    assert!(text.contains("task{name=\"spanned\"}"), "{text}");
    assert_eq!(text.matches("1 running, 0 queued, 1 failed, 0 panicked").count(), 2, "{text}");
    assert!(text.contains("shutdown waits for slow ("), "the progress line: {text}");
    assert!(text.contains("shut down in 6.750 s (the body has ended)"), "{text}");
}

#[derive(Clone, Default)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
