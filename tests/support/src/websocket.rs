//! The parts of RFC 6455 both ends share: the accept value and the frames.

use std::io::{self, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

/// The constant of RFC 6455, section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Longest payload accepted; the harness only ever sends a few bytes.
const MAX_PAYLOAD: u64 = 1 << 20;

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// The length is in the two bytes that follow.
const LENGTH_16: u8 = 126;
/// The length is in the eight bytes that follow.
const LENGTH_64: u8 = 127;

/// Opcode of a text frame.
pub const TEXT: u8 = 0x1;
/// Opcode of a close frame.
pub const CLOSE: u8 = 0x8;
/// Opcode of a ping frame.
pub const PING: u8 = 0x9;
/// Opcode of a pong frame.
pub const PONG: u8 = 0xA;

/// The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`.
pub fn accept(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}{GUID}")))
}

/// Encodes a nonce as a `Sec-WebSocket-Key`.
pub fn key(nonce: [u8; 16]) -> String {
    STANDARD.encode(nonce)
}

/// Whether `key` is the base64 of exactly 16 bytes.
pub fn is_key(key: &str) -> bool {
    STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16)
}

/// One frame, unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whether the frame ends its message.
    pub last: bool,
    /// What the frame is, one of the constants of this module among others.
    pub opcode: u8,
    /// Whether the sender masked the payload, as a client must and a server must not.
    pub masked: bool,
    /// The payload in clear.
    pub payload: Vec<u8>,
}

impl Frame {
    /// Reads one frame and removes its mask.
    pub fn read(reader: &mut impl Read) -> io::Result<Self> {
        let [first, second] = read_array(reader)?;
        if first & RESERVED != 0 {
            // Only an extension gives these bits a meaning, and none is agreed on.
            return Err(io::ErrorKind::InvalidData.into());
        }
        let length = match second & !MASKED {
            LENGTH_16 => u64::from(u16::from_be_bytes(read_array(reader)?)),
            LENGTH_64 => u64::from_be_bytes(read_array(reader)?),
            short => u64::from(short),
        };
        if length > MAX_PAYLOAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let masked = second & MASKED != 0;
        let mask: [u8; 4] = if masked { read_array(reader)? } else { [0; 4] };
        let mut payload = Vec::new();
        reader.take(length).read_to_end(&mut payload)?;
        if payload.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        apply(mask, &mut payload);
        Ok(Self { last: first & FINAL != 0, opcode: first & 0x0F, masked, payload })
    }

    /// Writes the frame, masked when `mask` is given.
    pub fn write(&self, writer: &mut impl Write, mask: Option<[u8; 4]>) -> io::Result<()> {
        let mut bytes = vec![self.opcode | if self.last { FINAL } else { 0 }];
        let mask_bit = if mask.is_some() { MASKED } else { 0 };
        let length = self.payload.len();
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ ..LENGTH_16), _) => bytes.push(mask_bit | short),
            (_, Ok(medium)) => {
                bytes.push(mask_bit | LENGTH_16);
                bytes.extend(medium.to_be_bytes());
            }
            _ => {
                bytes.push(mask_bit | LENGTH_64);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(mask.into_iter().flatten());
        let start = bytes.len();
        bytes.extend(&self.payload);
        if let Some(mask) = mask {
            apply(mask, &mut bytes[start..]);
        }
        writer.write_all(&bytes)
    }
}

/// Masks or unmasks in place; the operation is its own inverse.
fn apply(mask: [u8; 4], payload: &mut [u8]) {
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

fn read_array<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}
