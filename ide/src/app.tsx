// Which screen is shown: by who is logged in, then by the address.
import { Ide } from "./chunks";
import { LessonsScreen } from "./screens/lessons";
import { LoginAgain, LoginScreen } from "./screens/login";
import type { AccountState } from "./state/account";
import { route } from "./state/route";
import { Link } from "./ui/link";
import { PageDialogs } from "./ui/page-dialogs";
import { useStore } from "./ui/use-store";
import { words } from "./words/words";

export function App({ account }: { account: AccountState }) {
  const view = useStore(account.view);

  switch (view.type) {
    case "asking":
      return null;
    case "out":
      return <LoginScreen account={account} />;
    case "unreachable":
      return <Unreachable problem={view.problem} retry={account.load} />;
    case "in":
      return (
        <>
          <Screen account={account} name={view.account.name} expired={view.expired} />
          <PageDialogs />
          {view.expired && <LoginAgain account={account} />}
        </>
      );
  }
}

function Screen({ account, name, expired }: { account: AccountState; name: string; expired: boolean }) {
  const here = useStore(route);
  if (here.screen === "lesson") {
    const meanwhile = <p role="status">{words.app.openingLesson}</p>;
    return (
      <Ide key={here.slug} slug={here.slug} account={account} name={name} expired={expired} meanwhile={meanwhile} />
    );
  }
  return here.screen === "lessons" ? <LessonsScreen account={account} name={name} /> : <Lost />;
}

function Unreachable({ problem, retry }: { problem: string; retry: () => void }) {
  return (
    <main className="login">
      <h1>{words.app.unreachable}</h1>
      <p role="alert">
        {problem} {words.app.workIsSafe}
      </p>
      <button type="button" className="primary" onClick={retry}>
        {words.app.tryAgain}
      </button>
    </main>
  );
}

function Lost() {
  return (
    <main className="login">
      <h1>{words.app.nothingHere}</h1>
      <p>
        <Link to="/">{words.app.allLessons}</Link>
      </p>
    </main>
  );
}
