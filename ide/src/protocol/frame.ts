// Terminal bytes on the socket: the 18-byte header of ide-protocol/src/frame.rs and the payload. Knows the layout only.
import { FRAME_HEADER_BYTES, MAX_TERMINAL_PAYLOAD_BYTES, PROTOCOL_VERSION } from "./generated";

export type Flow = "output" | "input";

export interface TerminalFrame {
  flow: Flow;
  /** Names the browser tab; the relay overwrites it, so 0 is fine when sending. */
  viewer: number;
  terminal: number;
  /** Position of the first payload byte in its stream. */
  offset: number;
  payload: Uint8Array;
}

const KIND_OF: Record<Flow, number> = { output: 1, input: 2 };
const VERSION_AT = 0;
const KIND_AT = 1;
const VIEWER_AT = 2;
const TERMINAL_AT = 6;
const OFFSET_AT = 10;

export class FrameError extends Error {}

export function encodeFrame(frame: TerminalFrame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.length);
  const header = new DataView(bytes.buffer);
  header.setUint8(VERSION_AT, PROTOCOL_VERSION);
  header.setUint8(KIND_AT, KIND_OF[frame.flow]);
  header.setUint32(VIEWER_AT, frame.viewer);
  header.setUint32(TERMINAL_AT, frame.terminal);
  header.setBigUint64(OFFSET_AT, BigInt(frame.offset));
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** Reads a frame without copying its payload; throws FrameError when the bytes are not one of ours. */
export function decodeFrame(buffer: ArrayBuffer): TerminalFrame {
  if (buffer.byteLength < FRAME_HEADER_BYTES) throw new FrameError("a binary frame is shorter than its header");
  const header = new DataView(buffer);
  const version = header.getUint8(VERSION_AT);
  if (version !== PROTOCOL_VERSION) throw new FrameError(`binary frame version ${version} is not spoken here`);
  const payload = new Uint8Array(buffer, FRAME_HEADER_BYTES);
  if (payload.length > MAX_TERMINAL_PAYLOAD_BYTES) {
    throw new FrameError(`a frame of ${payload.length} bytes is over the limit`);
  }
  const offset = Number(header.getBigUint64(OFFSET_AT));
  if (!Number.isSafeInteger(offset)) throw new FrameError("a frame's offset is beyond counting");
  return {
    flow: flowOf(header.getUint8(KIND_AT)),
    viewer: header.getUint32(VIEWER_AT),
    terminal: header.getUint32(TERMINAL_AT),
    offset,
    payload,
  };
}

function flowOf(kind: number): Flow {
  if (kind === KIND_OF.output) return "output";
  if (kind === KIND_OF.input) return "input";
  throw new FrameError(`unknown binary frame kind ${kind}`);
}
