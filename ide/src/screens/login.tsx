import { type FormEvent, useState } from "react";
import type { AccountState } from "../state/account";
import { Dialog } from "../ui/dialog";
import { LanguageSwitch } from "../ui/language-switch";
import { Mark } from "../ui/mark";
import { words } from "../words/words";

export function LoginScreen({ account }: { account: AccountState }) {
  return (
    <main className="login">
      <title>{`${words.login.title} · Gradus`}</title>
      <h1>
        <Mark size={28} /> Gradus
      </h1>
      <p className="lead">{words.login.lead}</p>
      <LoginForm account={account} />
      <LanguageSwitch className="login-language" />
    </main>
  );
}

/** Over whatever the learner was doing: their screen stays as it is. */
export function LoginAgain({ account }: { account: AccountState }) {
  return (
    <Dialog title={words.login.again}>
      <p>{words.login.againMore}</p>
      <LoginForm account={account} />
    </Dialog>
  );
}

function LoginForm({ account }: { account: AccountState }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(await account.login(String(fields.get("name")), String(fields.get("password"))));
    setBusy(false);
  };
  return (
    <form onSubmit={submit} className="login-form">
      <label>
        {words.login.name}
        <input name="name" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
      </label>
      <label>
        {words.login.password}
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <p className="problem" role="alert">
        {problem}
      </p>
      <button type="submit" className="primary" disabled={busy}>
        {busy ? words.login.busy : words.login.submit}
      </button>
    </form>
  );
}
