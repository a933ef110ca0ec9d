// Reads what the session's socket says. The server is ours, so only the envelope is checked: an object whose `type` we
// know. A type we do not know comes from a newer server and is passed over, as the protocol's versioning promises.
import type { SessionMessage } from "./generated";

const KNOWN: Record<SessionMessage["type"], true> = {
  welcome: true,
  state_changed: true,
  terminals_listed: true,
  terminal_opened: true,
  terminal_attached: true,
  input_received: true,
  terminal_resized: true,
  terminal_exited: true,
  terminal_closed: true,
  file_changed: true,
  run_started: true,
  run_output: true,
  test_finished: true,
  run_finished: true,
  run_failed: true,
  submission_changed: true,
  request_refused: true,
  channel: true,
  usage: true,
  watchers_changed: true,
  pointed: true,
};

/** The message, or null when it is not one we know. */
export function readSessionMessage(text: string): SessionMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return typeof value.type === "string" && Object.hasOwn(KNOWN, value.type) ? (value as SessionMessage) : null;
}
