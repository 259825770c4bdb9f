//! Nothing that a file can hold ends the process: generators that overflow syn's stack, on a thread with 64 MiB.

use super::clean;
use crate::base::FileId;
use crate::base::ProblemKind;
use crate::facts::FileFacts;

const FOUR_MB: usize = 4 << 20;

/// Runs on a thread with the stack that workers have.
fn on_worker(run: impl FnOnce() + Send + 'static) {
    let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread");
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

fn read(text: &str) -> FileFacts {
    super::super::file(FileId(0), text)
}

/// `before`, `unit` again and again, then `after`, with what closes the units.
fn repeat(before: &str, unit: &str, middle: &str, close: &str, after: &str, count: usize) -> String {
    format!("{before}{}{middle}{}{after}", unit.repeat(count), close.repeat(count))
}

/// What stands around an expression, type or pattern, the unit, the innermost part, what closes the unit.
const GENERATORS: [(&str, &str, &str, &str, &str); 39] = [
    // Without brackets (decision Q4).
    ("fn f() { ", "1+", "1", "", " }"),
    ("fn f() { ", "a&&", "a", "", " }"),
    ("fn f() { x", "?", "", "", " }"),
    ("fn f() { x", "[0]", "", "", " }"),
    ("fn f() { x", "()", "", "", " }"),
    ("fn f() { x", ".a", "", "", " }"),
    ("fn f() { ", "a=", "a", "", " }"),
    ("fn f() { ", "return ", "1", "", " }"),
    ("fn f() { ", "break ", "1", "", " }"),
    ("type T = ", "fn()->", "u8", "", ";"),
    ("fn f() { let ", "a@", "a", "", " = 1; }"),
    ("fn f() { ", "-", "1", "", " }"),
    ("fn f() { ", "!", "1", "", " }"),
    ("fn f() { ", "||", "1", "", " }"),
    ("type T = ", "&", "u8", "", ";"),
    ("fn f() { x", ".f()", "", "", " }"),
    ("fn f() { if a {}", " else if a {}", "", "", " }"),
    ("fn f() { 1", " as u8", "", "", " }"),
    // With brackets (interfaces 0.4).
    ("type T = ", "V<", "u8", ">", ";"),
    ("fn f() { ", "{", "", "}", " }"),
    ("fn f() { ", "(", "1", ")", " }"),
    ("fn f() { ", "[", "1", "]", " }"),
    ("fn f() { ", "m!(", "1", ")", " }"),
    ("", "mod m { ", "", "}", ""),
    ("fn f() { ", "|x|", "1", "", " }"),
    ("fn f() { ", "move||", "1", "", " }"),
    // What commas, blocks and blanks must not hide.
    ("fn f() { ", "|a,b|", "1", "", " }"),
    ("type T = ", "V<u8,", "u8", ">", ";"),
    ("type T = ", "V < u8 , ", "u8", " >", ";"),
    ("type T = ", "for<'a,'b>fn(u8)->", "u8", "", ";"),
    ("type T = ", "*const ", "u8", "", ";"),
    ("type T = ", "&'a mut ", "u8", "", ";"),
    ("type T = ", "<", "u8", " as A>::B", ";"),
    ("fn f() { a", "={}", "", "", "; }"),
    ("fn f() { let x = {}", "+{}", "", "", "; }"),
    ("fn f() { ", "if ", "a", "{}", " }"),
    ("fn f() { ", "..", "1", "", " }"),
    ("fn f() { ", "a+=", "1", "", " }"),
    ("use ", "a::", "b", "", ";"),
];

#[test]
fn four_megabytes_of_anything() {
    on_worker(|| {
        for (before, unit, middle, close, after) in GENERATORS {
            let text = repeat(before, unit, middle, close, after, FOUR_MB / (unit.len() + close.len()));
            let found = read(&text);
            let kinds: Vec<ProblemKind> = found.problems.iter().map(|p| p.kind).collect();
            assert_eq!(kinds, [ProblemKind::TooDeep], "{unit}");
            assert!(found.items.is_empty());
        }
    });
}

#[test]
fn a_hundred_thousand_of_anything() {
    on_worker(|| {
        for (before, unit, middle, close, after) in GENERATORS {
            for text in [repeat(before, unit, middle, close, after, 100_000), repeat(before, unit, "", "", "", 100_000)]
            {
                assert_eq!(read(&text).problems[0].kind, ProblemKind::TooDeep, "{unit}");
            }
        }
    });
}

#[test]
fn as_much_as_the_limits_allow() {
    on_worker(|| {
        for (before, unit, middle, close, after) in GENERATORS {
            let mut low = 1;
            let mut high = 20_000;
            let at = |count: usize| repeat(before, unit, middle, close, after, count);
            while low + 1 < high {
                let count = (low + high) / 2;
                let refused = super::super::precheck::run(&at(count), 0).too_deep.is_some();
                if refused { high = count } else { low = count }
            }
            assert!(low >= 100, "{unit} is refused after {low}");
            let found = read(&at(low));
            assert!(found.problems.iter().all(|p| p.kind == ProblemKind::ParseError), "{unit}: {:?}", found.problems);
        }
    });
}

#[test]
fn mixed_nesting_adds_up() {
    on_worker(|| {
        // Each alone is far below its limit; together they fill the stack.
        let units = ["(a=", "[return ", "{||", "(-", "{if a {", "m!(a=a=a=", "V::<V<V<fn()->u8>>>::n(", "(|x|return "];
        for unit in units {
            let close: String = unit
                .chars()
                .rev()
                .filter_map(|c| match c {
                    '(' => Some(')'),
                    '[' => Some(']'),
                    '{' => Some('}'),
                    _ => None,
                })
                .collect();
            let close = if unit.starts_with("V::") { ")" } else { close.as_str() };
            for count in [20, 60, 120, 250, 5_000] {
                let found = read(&repeat("fn f() { ", unit, "1", close, " }", count));
                assert!(found.problems.iter().all(|p| p.kind != ProblemKind::InternalError), "{unit}");
            }
        }
    });
}

#[test]
fn ordinary_code_is_let_through() {
    let many = |unit: &str, count: usize| unit.repeat(count);
    for text in [
        format!("fn f() {{ {} }}", many("if let A = b {} ", 3_000)),
        format!("impl A {{ {} }}", many("fn f() -> u8 { 1 } ", 3_000)),
        format!("const A: [bool; 9] = [{}];", many("1 < 2, 1 << 3, f(x) < y, ", 2_000)),
        format!("const A: [u8; 9] = [{}];", many("1, ", 100_000)),
        format!("fn f() {{ match a {{ {} }} }}", many("A | B if a => |x| b = 1, | C => (), D => {} ", 3_000)),
        format!("fn f() {{ {} }}", many("x = a * &b - !c || d; ", 3_000)),
        format!("enum E {{ {} }}", many("A = 1, ", 3_000)),
    ] {
        on_worker(move || {
            clean(&text);
        });
    }
}
