import { loadWords } from "./words";

await loadWords("en");
