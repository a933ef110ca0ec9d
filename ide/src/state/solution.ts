// The author's solution beside the learner's own text, file by file. Nothing here changes either.
import type { Api } from "../api/api";
import type { SolutionAccess } from "../protocol/generated";
import { words } from "../words/words";
import type { WorkspaceFiles } from "./workspace-files";

export interface Compared {
  path: string;
  /** Empty where the learner has no such file any more. */
  mine: string;
  theirs: string;
}

/** Both texts of every file that the solution changes, the learner's as it is now. */
export async function compareWithSolution(
  api: Pick<Api, "solution">,
  slug: string,
  files: Pick<WorkspaceFiles, "textNow">,
  signal: AbortSignal,
): Promise<Compared[]> {
  const solution = await api.solution(slug, signal);
  const all = solution.files.map(async ({ path, content }) => ({
    path,
    mine: (await files.textNow(path)) ?? "",
    theirs: content.encoding === "text" ? content.data : "",
  }));
  return Promise.all(all);
}

/** What stands in the way of the solution, for people; null when it is open or never shown. */
export function solutionWords(access: SolutionAccess): string | null {
  if (access.type === "after_passing") return words.lesson.solutionAfterPassing;
  if (access.type === "after_hand_ins") return words.lesson.solutionAfterHandIns(access.count - access.graded);
  return null;
}
