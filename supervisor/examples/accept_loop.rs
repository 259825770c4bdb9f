//! An accept loop with a bound and a clean stop. Try `nc 127.0.0.1 4000`, then ctrl-c.

use asynclint_supervisor::{run, shutdown_requested, spawn_bounded, task};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn echo(mut stream: TcpStream) -> io::Result<u64> {
    let mut buffer = [0; 1024];
    let mut total = 0;
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(total);
        }
        stream.write_all(&buffer[..n]).await?;
        total += n as u64;
    }
}

async fn accept(listener: &TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        let task = task!("connection").detail(peer.to_string()).timeout(Duration::from_secs(60));
        // Waits while 1024 connections are open: the backlog of the socket is the queue.
        spawn_bounded!(task, max = 1024, echo(stream)).await;
    }
}

fn main() -> io::Result<()> {
    tracing_subscriber::fmt().init();
    run(async {
        let listener = TcpListener::bind("127.0.0.1:4000").await?;
        tokio::select! {
            failed = accept(&listener) => failed,
            reason = shutdown_requested() => {
                tracing::info!("no more connections: {reason}");
                Ok(())
            }
        }
        // The open connections may finish within the grace.
    })
}
