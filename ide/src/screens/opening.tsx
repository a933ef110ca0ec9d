// The lesson's screen in outline, while its script and the lesson are on their way.
import { Mark } from "../ui/mark";
import { SkeletonText, Waiting } from "../ui/skeleton";
import { words } from "../words/words";

export function OpeningLesson() {
  return (
    <div className="ide opening">
      <title>{`${words.app.openingLesson} · Gradus`}</title>
      <header className="bar">
        <span className="brand">
          <Mark /> <span className="brand-name">Gradus</span>
        </span>
      </header>
      <main className="panes opening-panes">
        <div className="reading">
          <Waiting for={words.app.openingLesson} />
          <SkeletonText />
        </div>
        <div className="opening-code" />
      </main>
    </div>
  );
}
