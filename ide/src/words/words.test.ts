import { describe, expect, it } from "vitest";
import * as english from "./en";
import * as spanish from "./es";
import { pseudo } from "./pseudo";
import { bestLanguage, isCatalogue, loadWords, locale, words } from "./words";

/** Every key of a catalogue, with the kind of what is there: "login.name: string". */
function shape(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => shape(inner, path === "" ? key : `${path}.${key}`));
}

describe("the catalogues", () => {
  it("have the same keys, all with something in them", () => {
    expect(shape(spanish, "").sort()).toEqual(shape(english, "").sort());
    for (const catalogue of [english, spanish]) expect(JSON.stringify(catalogue)).not.toContain('""');
  });

  it("are loaded one at a time: first English, by the tests' setup", async () => {
    expect(words.login.submit).toBe(english.login.submit);
    await loadWords("es");
    expect([words.login.submit, locale]).toEqual([spanish.login.submit, "es"]);
    await loadWords("pseudo");
    expect(words.login.submit).toBe("⟦Log in···⟧");
    await loadWords("en");
    expect([words.login.submit, locale]).toEqual([english.login.submit, "en"]);
  });
});

describe("the language", () => {
  it.each([
    [["es-MX", "en"], "es"],
    [["fr", "es"], "es"],
    [["de", "fr"], "en"],
    [["EN-gb"], "en"],
    [["en-XA"], "pseudo"],
    [[], "en"],
    [["constructor"], "en"],
  ])("of someone who reads %o is %s", (wanted, language) => {
    expect(bestLanguage(wanted)).toBe(language);
  });

  it("is one there is a catalogue for", () => {
    expect(["es", "pseudo", "xx", "toString", 3, null].map(isCatalogue)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("the pseudo-catalogue", () => {
  it("lengthens and brackets texts, made ones too, once", () => {
    const inner = (n: number) => `${n} tests`;
    const words = pseudo({ run: "Run", nested: { all: (n: number) => `All ${inner(n)} pass` }, empty: "" });
    expect(words).toMatchObject({ run: "⟦Run··⟧", empty: "" });
    expect(words.nested.all(2)).toBe("⟦All 2 tests pass······⟧");
    expect(pseudo({ a: `see ${words.run}` }).a).toBe("⟦see Run··⟧");
  });
});
