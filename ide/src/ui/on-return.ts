/** Calls back when the network is there again, or when the person comes back to this page; returns how to stop. */
export function onReturn(then: () => void): () => void {
  const shown = () => document.visibilityState === "visible" && then();
  addEventListener("online", then);
  document.addEventListener("visibilitychange", shown);
  return () => {
    removeEventListener("online", then);
    document.removeEventListener("visibilitychange", shown);
  };
}
