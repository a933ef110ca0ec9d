// How many cells a character takes, as Unicode 11 has it: wide scripts, emoji, marks that join. The programs in the
// container count so; a terminal that counts otherwise puts the cursor elsewhere. A chunk of its own, fetched beside
// the terminal's; without it there are the widths that xterm.js has built in.
import { Unicode11Addon } from "@xterm/addon-unicode11";
import type { Terminal } from "@xterm/xterm";

export type Widths = (terminal: Terminal) => void;

export const unicode11: Widths = terminal => {
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
};
