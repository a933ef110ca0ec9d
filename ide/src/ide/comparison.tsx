// Expected and got, side by side, what differs marked in both; around them, what else the test says.
import { useMemo } from "react";
import { differing, type Stretch } from "../state/differing";
import { type Comparison, expectedAndGot } from "../state/expected-and-got";
import { words } from "../words/words";
import { PlacesText } from "./places";

export function Message({ text }: { text: string }) {
  const comparison = useMemo(() => expectedAndGot(text), [text]);
  if (!comparison) return <PlacesText className="message" text={text} />;
  const { before, after } = comparison;
  return (
    <>
      {before && <PlacesText className="message" text={before} />}
      <Pair comparison={comparison} />
      {after && <PlacesText className="message" text={after} />}
    </>
  );
}

function Pair({ comparison: { expected, got } }: { comparison: Comparison }) {
  const both = useMemo(() => differing(expected, got), [expected, got]);
  return (
    <dl className="pair">
      <div>
        <dt>{words.results.expected}</dt>
        <dd>
          <Value stretches={both.expected} />
        </dd>
      </div>
      <div>
        <dt>{words.results.got}</dt>
        <dd>
          <Value stretches={both.got} />
        </dd>
      </div>
    </dl>
  );
}

function Value({ stretches }: { stretches: Stretch[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll sideways, and the keyboard has to reach them
    <pre tabIndex={0}>
      {stretches.map(({ text, differs }, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: stretches have no other name, and no state
        differs ? <mark key={at}>{text}</mark> : text,
      )}
    </pre>
  );
}
