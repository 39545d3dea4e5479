//! Messages on a stream: four bytes of length, the most significant first, then JSON.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest message: a list of a hundred thousand peers is 20 MB, the host records of a batch are less.
const MOST_BYTES: usize = 256 << 20;

/// A message as it goes over the stream.
pub(super) fn framed(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - 4;
    if length > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {length} bytes is too long")));
    }
    for (to, from) in frame.iter_mut().zip((length as u32).to_be_bytes()) {
        *to = from;
    }
    Ok(frame)
}

/// The next message; none at the end of the stream.
pub(super) async fn next<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length).await {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    };
    let length = u32::from_be_bytes(length) as usize;
    if length > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {length} bytes is too long")));
    }
    let mut body = Vec::new();
    // Memory grows with what really comes in, not with what was announced.
    let read = stream.take(length as u64).read_to_end(&mut body).await?;
    if read < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Writes messages as they come, until nobody sends any more or the stream ends.
pub(super) async fn write_all(
    mut stream: impl AsyncWrite + Unpin,
    mut frames: tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>,
) -> io::Result<()> {
    while let Some(frame) = frames.recv().await {
        stream.write_all(&frame).await?;
    }
    stream.shutdown().await
}
