//! The whole `check` as a ratio to `syn::parse_file` + drop of the same files: same pool, same allocator, interleaved, medians.
//!
//! `cargo bench` measures the registry sources that every clone has (a sample, sorted by name); `ASYNCLINT_CORPUS=dir[:dir]` adds
//! projects. Reading files from disk is in neither side. `ASYNCLINT_BENCH_ROUNDS` sets the rounds (default 10).
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use asynclint::engine::{check_sources, parsable, parse_only};
use asynclint::levels::{Levels, TestMode};
use asynclint::rules::page;
use asynclint::source::{Request, Sources, discover};

/// Bytes of the registry sample.
const SAMPLE: u64 = 40 << 20;

fn main() {
    let rounds: usize = std::env::var("ASYNCLINT_BENCH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    println!(
        "{:<28} {:>7} {:>8} {:>9} {:>9} {:>7} {:>9}",
        "sources", "MB", "files", "parse", "check", "ratio", "check"
    );
    if let Some(paths) = registry_sample() {
        measure("registry sample", &paths, rounds);
    }
    let corpus = std::env::var("ASYNCLINT_CORPUS").unwrap_or_default();
    for project in corpus.split(':').filter(|p| !p.is_empty()) {
        let name = Path::new(project).file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        measure(&name, &[PathBuf::from(project)], rounds);
    }
}

fn measure(name: &str, paths: &[PathBuf], rounds: usize) {
    let levels = Levels::new(page::all(), TestMode::Relaxed);
    let Some(sources) = load(paths) else { return println!("{name}: nothing to read") };
    let bytes: usize = sources.files.iter().map(|f| f.text.len()).sum();
    let files = sources.files.len();
    let before = peak_memory();
    let parsed = parsable(&sources);
    drop(check_sources(sources, &levels, None));
    let peak = peak_memory().saturating_sub(before);
    let (mut parse, mut check) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let Some(sources) = load(paths) else { return };
        parse.push(timed(|| parse_only(&sources, &parsed, None)));
        check.push(timed(|| check_sources(sources, &levels, None)));
    }
    let ratios: Vec<f64> = parse.iter().zip(&check).map(|(p, c)| c.as_secs_f64() / p.as_secs_f64()).collect();
    let megabytes = bytes as f64 / 1e6;
    let (parse, check) = (median(parse), median(check));
    println!(
        "{name:<28} {megabytes:>7.1} {files:>8} {:>7.0}ms {:>7.0}ms {:>7.2} {:>5.0}MB/s  memory grows {:.1} bytes per source byte",
        parse.as_secs_f64() * 1e3,
        check.as_secs_f64() * 1e3,
        median(ratios),
        megabytes / check.as_secs_f64(),
        peak as f64 / bytes as f64,
    );
}

fn load(paths: &[PathBuf]) -> Option<Sources> {
    let cwd = std::env::current_dir().ok()?;
    discover(&Request { paths: paths.to_vec(), ..Request::new(cwd) }).ok()
}

/// The time until the answer is there. What comes with it is dropped after: the command leaves that to the end of the process.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let answer = std::hint::black_box(work());
    let time = start.elapsed();
    drop(answer);
    time
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}

/// Peak resident memory of this process, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb * 1024)
}

/// Crates of the local registry in the order of their names, up to the size of the sample.
fn registry_sample() -> Option<Vec<PathBuf>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|h| Path::new(&h).join(".cargo")))?;
    let index = std::fs::read_dir(home.join("registry/src")).ok()?.flatten().next()?.path();
    let mut crates: Vec<PathBuf> = std::fs::read_dir(index).ok()?.flatten().map(|e| e.path()).collect();
    crates.sort();
    let mut total = 0;
    let taken: Vec<PathBuf> = crates
        .into_iter()
        .take_while(|path| {
            total += rust_bytes(path);
            total <= SAMPLE
        })
        .collect();
    (!taken.is_empty()).then_some(taken)
}

fn rust_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => rust_bytes(&entry.path()),
            Ok(kind) if kind.is_file() && entry.path().extension().is_some_and(|e| e == "rs") => {
                entry.metadata().map_or(0, |m| m.len())
            }
            _ => 0,
        })
        .sum()
}
