// This browser's copy of a person's settings, and how it meets the server's. Pure. What was chosen here and is not yet on
// the server is kept apart: it wins until it is, and nothing else is ever sent, so that a choice made on another device
// is never undone by an old copy.
import type { SettingValue } from "../protocol/generated";

export type Fields = Record<string, SettingValue>;

export interface Copy {
  /** Whose it is; null while nobody is logged in. */
  account: string | null;
  /** As the server had it last. */
  stored: Fields;
  /** Chosen here since. */
  pending: Fields;
}

export const EMPTY: Copy = { account: null, stored: {}, pending: {} };

export function fieldsOf({ stored, pending }: Copy): Fields {
  return { ...stored, ...pending };
}

export function chosen(copy: Copy, change: Fields): Copy {
  return { ...copy, pending: { ...copy.pending, ...change } };
}

/** Somebody logged in. What was chosen while nobody was is theirs; what somebody else chose is not. */
export function entered(copy: Copy, account: string): Copy {
  if (copy.account !== null && copy.account !== account) return { ...EMPTY, account };
  return { ...copy, account };
}

/** Logged out: the screen stays as it is, but nothing of it is the next person's choice. */
export function left(copy: Copy): Copy {
  return copy.account === null ? copy : { account: null, stored: fieldsOf(copy), pending: {} };
}

/** The server has `stored`, `sent` of ours among it (or refused). What was chosen while it answered is still to be sent. */
export function answered(copy: Copy, stored: Fields, sent: Fields): Copy {
  const still = Object.entries(copy.pending).filter(([field, value]) => sent[field] !== value);
  return { ...copy, stored, pending: Object.fromEntries(still) };
}

/** What was kept in the browser, whoever wrote it. */
export function readCopy(kept: unknown): Copy {
  if (!isRecord(kept)) return EMPTY;
  const { account, stored, pending } = kept;
  return {
    account: typeof account === "string" ? account : null,
    stored: readFields(stored),
    pending: readFields(pending),
  };
}

function readFields(kept: unknown): Fields {
  if (!isRecord(kept)) return {};
  const isValue = ([, value]: [string, unknown]) => ["boolean", "number", "string"].includes(typeof value);
  return Object.fromEntries(Object.entries(kept).filter(isValue)) as Fields;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
