// Numbers, plurals, sizes and durations as a language writes them; all by `Intl`. Each catalogue makes its own.

/** Forms of a word by `Intl.PluralRules`; English and Spanish use `one` and `other`. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export interface Formats {
  number(n: number): string;
  /** The form alone: `plural(2, { one: "test", other: "tests" })` is "tests". */
  plural(n: number, forms: Forms): string;
  /** The number and its form: "2 tests". */
  counted(n: number, forms: Forms): string;
  ordinal(n: number, ends: Forms): string;
  /** "12 ms", "1.3 sec". */
  shortTime(ms: number): string;
  /** "12 milliseconds", "1.3 seconds". */
  longTime(ms: number): string;
  /** Rounded down to minutes: "1 hr 52 min". */
  duration(ms: number): string;
  bytes(count: number): string;
  /** "Nov 21, 3:04 PM": day and time in the person's own time zone. */
  moment(ms: number): string;
  /** "2 minutes ago", "yesterday". */
  ago(ms: number, now: number): string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Below this a time is told in milliseconds. */
const TOLD_IN_MS = 950;
const KIB = 1_024;
const MIB = KIB * KIB;

export function formatsOf(locale: string, lessThanAMinute: string): Formats {
  const rules = new Intl.PluralRules(locale);
  const ordinals = new Intl.PluralRules(locale, { type: "ordinal" });
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const moments = new Intl.DateTimeFormat(locale, {
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const unit = (n: number, name: string, unitDisplay: "short" | "long") =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay, maximumFractionDigits: 1 }).format(n);
  const time = (ms: number, display: "short" | "long") =>
    ms < TOLD_IN_MS ? unit(Math.round(ms), "millisecond", display) : unit(ms / SECOND, "second", display);
  const plural = (n: number, forms: Forms) => forms[rules.select(n)] ?? forms.other;

  return {
    number: n => numbers.format(n),
    plural,
    counted: (n, forms) => `${numbers.format(n)} ${plural(n, forms)}`,
    ordinal: (n, ends) => `${numbers.format(n)}${ends[ordinals.select(n)] ?? ends.other}`,
    shortTime: ms => time(ms, "short"),
    longTime: ms => time(ms, "long"),
    duration(ms) {
      if (ms < MINUTE) return lessThanAMinute;
      const hours = Math.floor(ms / HOUR);
      const minutes = Math.floor((ms % HOUR) / MINUTE);
      if (hours === 0) return unit(minutes, "minute", "short");
      return minutes === 0
        ? unit(hours, "hour", "short")
        : `${unit(hours, "hour", "short")} ${unit(minutes, "minute", "short")}`;
    },
    bytes(count) {
      if (count < KIB) return unit(count, "byte", "long");
      return count < MIB ? unit(Math.round(count / KIB), "kilobyte", "short") : unit(count / MIB, "megabyte", "short");
    },
    moment: ms => moments.format(ms),
    ago(ms, now) {
      const passed = Math.max(0, now - ms);
      if (passed < MINUTE) return relative.format(-Math.floor(passed / SECOND), "second");
      if (passed < HOUR) return relative.format(-Math.floor(passed / MINUTE), "minute");
      if (passed < DAY) return relative.format(-Math.floor(passed / HOUR), "hour");
      return relative.format(-Math.floor(passed / DAY), "day");
    },
  };
}
