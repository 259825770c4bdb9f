//! Panics: their text, their place, and how to survive those of destructors. Never prints.

use crate::outcome::PanicInfo;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

pub(crate) type Payload = Box<dyn Any + Send>;

thread_local! {
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Installs a panic hook, in front of the one that is there, that remembers where a panic
/// happened, so that reports can say it. Once is enough; further calls do nothing.
pub fn capture_panic_locations() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string);
            let _thread_ends = LOCATION.try_with(|cell| cell.replace(place));
            before(info);
        }));
    });
}

/// The text of a panic. Consumes the payload: its own destructor may panic too.
pub(crate) fn info_of(payload: Payload) -> PanicInfo {
    let message = text_of(&*payload);
    let location = LOCATION.try_with(RefCell::take).ok().flatten();
    discard(payload);
    PanicInfo::new(message, location)
}

pub(crate) fn text_of(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "<panic payload is not a string>".to_owned()
    }
}

/// Drops a value whose destructor may panic.
pub(crate) fn discard<T>(value: T) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // A third panic in a row is not worth a third attempt.
        std::mem::forget(second);
    }
}
