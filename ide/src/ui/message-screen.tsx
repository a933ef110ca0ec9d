// A whole screen that only says something: what happened, whose it is to act, what next.
import type { ReactNode } from "react";
import { Link } from "./link";
import { Mark } from "./mark";

interface Props {
  title: string;
  children: ReactNode;
  actions: ReactNode;
}

export function MessageScreen({ title, children, actions }: Props) {
  return (
    <div className="page">
      <title>{`${title} · Gradus`}</title>
      <header className="bar">
        <Link to="/" className="brand">
          <Mark /> Gradus
        </Link>
      </header>
      <main className="message-screen">
        <h1>{title}</h1>
        {children}
        <div className="actions">{actions}</div>
      </main>
    </div>
  );
}
