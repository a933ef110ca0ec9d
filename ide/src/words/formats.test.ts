import { expect, it } from "vitest";
import * as english from "./en";
import * as spanish from "./es";

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;
const [en, es] = [english.format, spanish.format];

it.each([
  [en.duration(30_000), "less than a minute"],
  [en.duration(MINUTE), "1 min"],
  [en.duration(60 * MINUTE), "1 hr"],
  [en.duration(112 * MINUTE), "1 hr 52 min"],
  [es.duration(112 * MINUTE), "1 h 52 min"],
  [en.longTime(10_000), "10 seconds"],
  [en.longTime(1_000), "1 second"],
  [es.longTime(1_300), "1,3 segundos"],
  [en.shortTime(12.4), "12 ms"],
  [en.bytes(1), "1 byte"],
  [en.bytes(2_048), "2 kB"],
  [en.bytes(256 * 1024 * 1024), "256 MB"],
  [es.bytes(1.5 * 1024 * 1024), "1,5 MB"],
  [en.counted(1, { one: "test", other: "tests" }), "1 test"],
  [en.counted(1_234, { one: "test", other: "tests" }), "1,234 tests"],
  [en.ordinal(22, { one: "st", two: "nd", few: "rd", other: "th" }), "22nd"],
  [en.ordinal(11, { one: "st", two: "nd", few: "rd", other: "th" }), "11th"],
  [en.ago(NOW - 2 * MINUTE, NOW), "2 minutes ago"],
  [en.ago(NOW - 25 * 60 * MINUTE, NOW), "yesterday"],
  [es.ago(NOW - 2 * MINUTE, NOW), "hace 2 minutos"],
  [en.ago(NOW + MINUTE, NOW), "now"],
])("%s", (written, meant) => {
  expect(written).toBe(meant);
});
