// What the learner is told of those who look on: a question, and – as long as somebody may – a line that does not go.
import { Eye } from "lucide-react";
import { lineToShow, type Pointed, pointed } from "../state/looking-on";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { screenWords } from "../words/mentor-screens";
import "../styles/mentor.css";

export default function LookingOn({ desk, bench }: { desk: Desk; bench: Workbench }) {
  const { session } = desk;
  const { asking, allowed, problem } = useStore(session.lookingOn.view);
  const places = useStore(pointed);
  return (
    <>
      {asking.map(({ mentor, name }) => (
        <div key={mentor} className="looking-on" role="alert">
          <Eye size={16} aria-hidden="true" />
          <p>
            <strong>{screenWords.asks(name)}</strong> {screenWords.asksMore}
          </p>
          <button type="button" onClick={() => session.answerWatch(mentor, false)}>
            {screenWords.refuse}
          </button>
          <button type="button" onClick={() => session.answerWatch(mentor, true)}>
            {screenWords.allow}
          </button>
        </div>
      ))}
      {allowed.map(({ mentor, name, present }) => (
        <div key={mentor} className="looking-on" data-allowed="true">
          <Eye size={16} aria-hidden="true" />
          <p role="status">{present ? screenWords.looksOn(name) : screenWords.mayLookOn(name)}</p>
          {places
            .filter(one => one.mentor === mentor)
            .map(one => (
              <PointedAt key={one.mentor} one={one} desk={desk} bench={bench} />
            ))}
          <button type="button" onClick={() => session.endWatch(mentor)}>
            {screenWords.stop}
          </button>
        </div>
      ))}
      {problem && (
        <p className="banner" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function PointedAt({ one: { mentor, place }, desk, bench }: { one: Pointed; desk: Desk; bench: Workbench }) {
  const show = () => {
    bench.showPane("code");
    void desk.files.open(place.path);
    lineToShow.set({ ...place });
  };
  return (
    <>
      <span role="status">{screenWords.pointsAt(place.path, place.line)}</span>
      <button type="button" onClick={show}>
        {screenWords.goThere}
      </button>
      <button type="button" className="quiet" onClick={() => desk.session.lookingOn.forget(mentor)}>
        {screenWords.forget}
      </button>
    </>
  );
}
