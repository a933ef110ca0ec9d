// Bytes of terminals and channels on the socket: the 18-byte header of ide-protocol/src/frame.rs and the payload. Knows
// the layout only.
import { FRAME_HEADER_BYTES, MAX_PAYLOAD_BYTES, PROTOCOL_VERSION } from "./generated";

/** Output comes out of the container, input goes into it. */
export type Flow = "output" | "input";

interface Addressed {
  flow: Flow;
  /** Names the browser tab; the relay overwrites it, so 0 is fine when sending. */
  viewer: number;
  /** Position of the first payload byte in its stream. */
  offset: number;
  payload: Uint8Array;
}

export interface TerminalFrame extends Addressed {
  terminal: number;
}

export interface ChannelFrame extends Addressed {
  channel: number;
}

export type StreamFrame = TerminalFrame | ChannelFrame;

const TERMINAL_KIND: Record<Flow, number> = { output: 1, input: 2 };
const CHANNEL_KIND: Record<Flow, number> = { output: 3, input: 4 };
const VERSION_AT = 0;
const KIND_AT = 1;
const VIEWER_AT = 2;
const ID_AT = 6;
const OFFSET_AT = 10;

export class FrameError extends Error {}

export function encodeFrame(frame: StreamFrame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.length);
  const header = new DataView(bytes.buffer);
  const [kind, id] =
    "channel" in frame ? [CHANNEL_KIND[frame.flow], frame.channel] : [TERMINAL_KIND[frame.flow], frame.terminal];
  header.setUint8(VERSION_AT, PROTOCOL_VERSION);
  header.setUint8(KIND_AT, kind);
  header.setUint32(VIEWER_AT, frame.viewer);
  header.setUint32(ID_AT, id);
  header.setBigUint64(OFFSET_AT, BigInt(frame.offset));
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** Reads a frame without copying its payload; throws FrameError when the bytes are not one of ours. */
export function decodeFrame(buffer: ArrayBuffer): StreamFrame {
  if (buffer.byteLength < FRAME_HEADER_BYTES) throw new FrameError("a binary frame is shorter than its header");
  const header = new DataView(buffer);
  const version = header.getUint8(VERSION_AT);
  if (version !== PROTOCOL_VERSION) throw new FrameError(`binary frame version ${version} is not spoken here`);
  const payload = new Uint8Array(buffer, FRAME_HEADER_BYTES);
  if (payload.length > MAX_PAYLOAD_BYTES) throw new FrameError(`a frame of ${payload.length} bytes is over the limit`);
  const offset = Number(header.getBigUint64(OFFSET_AT));
  if (!Number.isSafeInteger(offset)) throw new FrameError("a frame's offset is beyond counting");
  const [viewer, id] = [header.getUint32(VIEWER_AT), header.getUint32(ID_AT)];
  switch (header.getUint8(KIND_AT)) {
    case TERMINAL_KIND.output:
      return { flow: "output", viewer, terminal: id, offset, payload };
    case TERMINAL_KIND.input:
      return { flow: "input", viewer, terminal: id, offset, payload };
    case CHANNEL_KIND.output:
      return { flow: "output", viewer, channel: id, offset, payload };
    case CHANNEL_KIND.input:
      return { flow: "input", viewer, channel: id, offset, payload };
    default:
      throw new FrameError(`unknown binary frame kind ${header.getUint8(KIND_AT)}`);
  }
}
