//! The byte tunnel to a VM's screen. It refuses to know what the bytes mean.

use ferrovirt_hostapi::{ConsoleBytes, GraphicsState, VmState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

/// Bytes of one message.
const CHUNK: usize = 32 * 1024;
/// Messages between the screen and a slow reader.
const WINDOW: usize = 16;

fn screen<'a>(state: &'a VmState, kind: &str) -> Result<&'a GraphicsState, Status> {
    let wanted = if kind.is_empty() { "vnc" } else { kind };
    let found = state.graphics.iter().find(|graphics| graphics.kind == wanted && graphics.port > 0);
    found.ok_or_else(|| Status::failed_precondition(format!("the VM has no {wanted} screen")))
}

/// Where this host reaches a screen that listens there.
fn local(address: &str) -> &str {
    match address {
        "" | "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        other => other,
    }
}

/// Opens the screen and carries bytes both ways until either side ends.
pub(super) async fn tunnel(
    state: &VmState,
    first: ConsoleBytes,
    mut from_engine: Streaming<ConsoleBytes>,
) -> Result<ReceiverStream<Result<ConsoleBytes, Status>>, Status> {
    let screen = screen(state, &first.kind)?;
    let port = u16::try_from(screen.port).map_err(|_| Status::internal("the screen's port is no port"))?;
    let stream = TcpStream::connect((local(&screen.address), port)).await;
    let stream = stream.map_err(|error| Status::unavailable(format!("the VM's screen can't be reached: {error}")))?;
    // A key stroke must not wait for company; where it can't be set it is only slower.
    let _ = stream.set_nodelay(true);
    let (mut read, mut write) = stream.into_split();
    let (sender, receiver) = mpsc::channel(WINDOW);
    let up = async move {
        write.write_all(&first.data).await?;
        while let Ok(Some(message)) = from_engine.message().await {
            write.write_all(&message.data).await?;
        }
        write.shutdown().await
    };
    let down = async move {
        let mut buffer = vec![0_u8; CHUNK];
        loop {
            let length = match read.read(&mut buffer).await {
                Ok(0) => return,
                Ok(length) => length,
                Err(error) => {
                    // The reader may be gone already.
                    let _ = sender.send(Err(Status::aborted(format!("the screen broke off: {error}")))).await;
                    return;
                }
            };
            let data = buffer[..length].to_vec();
            if sender.send(Ok(ConsoleBytes { data, ..ConsoleBytes::default() })).await.is_err() {
                return;
            }
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            result = up => if let Err(error) = result {
                tracing::debug!(%error, "a console tunnel ended");
            },
            () = down => {}
        }
    });
    Ok(ReceiverStream::new(receiver))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_found_where_it_listens() {
        let graphics = GraphicsState { kind: "vnc".into(), address: "0.0.0.0".into(), port: 5900, tls_port: -1 };
        let state = VmState { graphics: vec![graphics], ..VmState::default() };
        assert_eq!(local(&screen(&state, "").unwrap().address), "127.0.0.1");
        assert!(screen(&state, "spice").is_err());
        assert!(screen(&VmState::default(), "vnc").is_err());
    }
}
