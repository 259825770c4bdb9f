//! Signals of the operating system as a stream of numbers. Never ends the process itself.

/// What the listeners of the platform give.
#[cfg(all(unix, feature = "signal"))]
mod imp {
    use std::task::{Context, Poll};
    use tokio::signal::unix::{signal, Signal, SignalKind};

    pub(crate) struct Signals(Vec<(i32, Signal)>);

    impl Signals {
        pub(crate) fn listen() -> Self {
            let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
            let listen = |kind: SignalKind| match signal(kind) {
                Ok(stream) => Some((kind.as_raw_value(), stream)),
                Err(error) => {
                    super::cannot_listen(&error);
                    None
                }
            };
            Self(kinds.into_iter().filter_map(listen).collect())
        }

        pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
            for (number, stream) in &mut self.0 {
                if let Poll::Ready(Some(())) = stream.poll_recv(cx) {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        }
    }
}

#[cfg(all(windows, feature = "signal"))]
mod imp {
    use std::task::{Context, Poll};
    use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown, CtrlC, CtrlClose, CtrlShutdown};

    const INTERRUPT: i32 = 2;
    const TERMINATE: i32 = 15;

    pub(crate) struct Signals {
        c: Option<CtrlC>,
        close: Option<CtrlClose>,
        shutdown: Option<CtrlShutdown>,
    }

    fn or_say<T>(listener: std::io::Result<T>) -> Option<T> {
        listener.map_err(|error| super::cannot_listen(&error)).ok()
    }

    impl Signals {
        pub(crate) fn listen() -> Self {
            Self { c: or_say(ctrl_c()), close: or_say(ctrl_close()), shutdown: or_say(ctrl_shutdown()) }
        }

        pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<i32> {
            let ready = |poll: Poll<Option<()>>| matches!(poll, Poll::Ready(Some(())));
            if self.c.as_mut().is_some_and(|s| ready(s.poll_recv(cx))) {
                return Poll::Ready(INTERRUPT);
            }
            let closes = self.close.as_mut().is_some_and(|s| ready(s.poll_recv(cx)))
                || self.shutdown.as_mut().is_some_and(|s| ready(s.poll_recv(cx)));
            if closes {
                return Poll::Ready(TERMINATE);
            }
            Poll::Pending
        }
    }
}

#[cfg(not(all(any(unix, windows), feature = "signal")))]
mod imp {
    use std::task::{Context, Poll};

    pub(crate) struct Signals;

    impl Signals {
        pub(crate) fn listen() -> Self {
            Self
        }

        pub(crate) fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<i32> {
            Poll::Pending
        }
    }
}

pub(crate) use imp::Signals;

#[cfg(all(any(unix, windows), feature = "signal"))]
fn cannot_listen(error: &std::io::Error) {
    tracing::error!(
        target: "asynclint_supervisor",
        %error,
        "cannot listen for a signal, going on without"
    );
}
