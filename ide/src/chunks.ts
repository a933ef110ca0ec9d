// The parts that are fetched when needed, in one place, so that they can be fetched a little before.
import { lazily } from "./ui/lazily";

export const LessonsScreen = lazily(() => import("./screens/lessons"));
export const Ide = lazily(() => import("./ide/ide"));
export const Mentor = lazily(() => import("./screens/mentor"));
export const LookingOn = lazily(() => import("./ide/looking-on"));
export const TimeWarning = lazily(() => import("./ide/time-warning"));
export const EditorView = lazily(() => import("./editor/editor-view"));
export const TerminalView = lazily(() => import("./terminal/terminal-view"));
export const PreviewPane = lazily(() => import("./ide/preview-pane"));
export const ConflictBanner = lazily(() => import("./ide/conflict-banner"));
export const ResetDialog = lazily(() => import("./ide/reset-dialog"));
export const TestsPane = lazily(() => import("./ide/tests-pane"));
export const HistoryPane = lazily(() => import("./ide/history-pane"));
export const SolutionDialog = lazily(() => import("./ide/solution-dialog"));
export const TwoTexts = lazily(() => import("./merge/two-texts"));
export const SettingsDialog = lazily(() => import("./ui/settings-dialog"));
export const KeysDialog = lazily(() => import("./ui/keys-dialog"));

interface Part {
  fetch(): Promise<unknown>;
}

/** While someone reads the lesson list or a lesson's text there is time to fetch what comes next. */
export function fetchAhead(parts: Part[]): void {
  const fetchAll = () => {
    // A part that cannot be fetched now is asked for again when it is needed.
    for (const part of parts) part.fetch().catch(() => {});
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(fetchAll);
  else setTimeout(fetchAll);
}
