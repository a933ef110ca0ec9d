// Which of the page's own dialogs is open: those that a key opens from anywhere.
import { Store } from "./store";

export type PageDialog = "settings" | "keys";

export const pageDialog = new Store<PageDialog | null>(null);

export function closePageDialog(): void {
  pageDialog.set(null);
}
