// Makefiles, for the editor's colours: comments, targets, variables, and that a recipe is something else.
import type { StreamParser } from "@codemirror/language";

interface Line {
  recipe: boolean;
}

export const makefile: StreamParser<Line> = {
  name: "makefile",
  startState: () => ({ recipe: false }),
  token(stream, line) {
    if (stream.sol()) {
      line.recipe = stream.peek() === "\t";
      if (!line.recipe) {
        if (stream.match(/^-?(include|ifn?eq|ifn?def|else|endif|define|endef|export|unexport|override)\b/))
          return "keyword";
        if (stream.match(/^[.\w%/$(){}-]+(?=\s*(::?=|\?=|\+=|=))/)) return "def";
        if (stream.match(/^[^\s:#=]+(\s+[^\s:#=]+)*(?=\s*::?(?!=))/)) return "def";
      }
    }
    if (stream.match(/^\\#/)) return null;
    if (stream.eat("#")) {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.match(/^\$[@<^?*%+|$]/) || stream.match(/^\$[({][^(){}]*[)}]/)) return "variableName.special";
    if (line.recipe && (stream.match(/^"(\\.|[^"\\])*"/) || stream.match(/^'[^']*'/))) return "string";
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "#" } },
};
