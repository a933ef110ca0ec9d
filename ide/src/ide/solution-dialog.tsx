// The author's solution beside the learner's text, over the whole page. To look at: nothing of the learner's is touched.
import { useEffect, useState } from "react";
import { api } from "../api/api";
import { reasonOf } from "../api/http";
import { TwoTexts } from "../chunks";
import { type Compared, compareWithSolution } from "../state/solution";
import type { WorkspaceFiles } from "../state/workspace-files";
import { Dialog } from "../ui/dialog";
import { panelProps, Tabs } from "../ui/tabs";
import { words } from "../words/words";

interface Props {
  slug: string;
  files: WorkspaceFiles;
  close: () => void;
}

export default function SolutionDialog({ slug, files, close }: Props) {
  const [compared, setCompared] = useState<Compared[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    compareWithSolution(api, slug, files, leaving.signal).then(
      setCompared,
      why => leaving.signal.aborted || setProblem(reasonOf(why)),
    );
    return () => leaving.abort();
  }, [slug, files]);
  return (
    <Dialog title={words.lesson.solution} close={close} className="two">
      <p className="muted">{words.lesson.solutionIsOneWay}</p>
      {problem && <p role="alert">{problem}</p>}
      {!problem && !compared && <p role="status">{words.lesson.fetchingSolution}</p>}
      {compared && <FilesCompared compared={compared} />}
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.app.close}
        </button>
      </div>
    </Dialog>
  );
}

function FilesCompared({ compared }: { compared: Compared[] }) {
  const [chosen, choose] = useState(compared[0]?.path ?? "");
  const file = compared.find(({ path }) => path === chosen);
  const items = compared.map(({ path }) => ({ id: path, label: path }));
  return (
    <div className="compared">
      <Tabs label={words.lesson.solutionFiles} id="solution" items={items} selected={chosen} select={choose} />
      <div className="compared-file" {...panelProps("solution", chosen)}>
        {file && <FileCompared key={file.path} file={file} />}
      </div>
    </div>
  );
}

function FileCompared({ file: { path, mine, theirs } }: { file: Compared }) {
  const texts = {
    path,
    left: { name: words.lesson.mine(path), text: mine },
    right: { name: words.lesson.theirs(path), text: theirs },
  };
  return (
    <>
      {mine === theirs && <p>{words.lesson.sameAsSolution}</p>}
      <TwoTexts texts={texts} meanwhile={<p role="status">{words.lesson.fetchingSolution}</p>} />
    </>
  );
}
