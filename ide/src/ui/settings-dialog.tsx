// What a person may choose about their screens. Each choice holds at once; there is nothing to save.
import { type ReactNode, useId } from "react";
import { closePageDialog } from "../state/page-dialog";
import {
  CODE_SIZES,
  CONTRASTS,
  choose,
  type Settings,
  settings,
  TAB_KEYS,
  TAB_WIDTHS,
  THEMES,
} from "../state/settings";
import { words } from "../words/words";
import { Dialog } from "./dialog";
import { LanguageSwitch } from "./language-switch";
import { useStore } from "./use-store";

export default function SettingsDialog() {
  const say = words.settings;
  return (
    <Dialog title={say.title} close={closePageDialog}>
      <div className="settings">
        <Section title={say.appearance}>
          <Choice field="theme" label={say.theme} values={THEMES} word={theme => say.themes[theme]} />
          <Choice field="codeSize" label={say.codeSize} values={CODE_SIZES} word={say.pixels} />
          <LanguageSwitch />
        </Section>
        <Section title={say.editor}>
          <Choice field="tabKey" label={say.tabKey} values={TAB_KEYS} word={key => say.tabKeys[key]} />
          <Choice field="tabWidth" label={say.tabWidth} values={TAB_WIDTHS} word={say.columns} />
          <Switch field="wrapLines" label={say.wrapLines} />
          <Switch field="lineNumbers" label={say.lineNumbers} />
          <Switch field="vimKeys" label={say.vimKeys} />
        </Section>
        <Section title={say.terminal}>
          <Choice field="minimumContrast" label={say.contrast} values={CONTRASTS} word={it => say.contrasts[it]} />
          <Switch field="screenReader" label={say.screenReader} />
        </Section>
      </div>
      <div className="dialog-buttons">
        <p className="muted">{say.kept}</p>
        <button type="button" className="primary" onClick={closePageDialog}>
          {say.done}
        </button>
      </div>
    </Dialog>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

interface ChoiceProps<K extends keyof Settings> {
  field: K;
  label: string;
  values: readonly Settings[K][];
  word: (value: Settings[K]) => string;
}

/** One of a few values. The control deals in positions, so that a value may be a number or a text. */
function Choice<K extends keyof Settings>({ field, label, values, word }: ChoiceProps<K>) {
  const chosen = useStore(settings)[field];
  const put = (at: number) => {
    const value = values[at];
    if (value !== undefined) choose({ [field]: value });
  };
  return (
    <label>
      {label}
      <select value={values.indexOf(chosen)} onChange={event => put(Number(event.target.value))}>
        {values.map((value, at) => (
          <option key={String(value)} value={at}>
            {word(value)}
          </option>
        ))}
      </select>
    </label>
  );
}

type Switches = { [K in keyof Settings]: Settings[K] extends boolean ? K : never }[keyof Settings];

function Switch({ field, label }: { field: Switches; label: string }) {
  const chosen = useStore(settings);
  return (
    <label className="check">
      <input type="checkbox" checked={chosen[field]} onChange={event => choose({ [field]: event.target.checked })} />
      {label}
    </label>
  );
}
