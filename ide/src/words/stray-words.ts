// Finds texts for people that are in the code instead of a catalogue. For the test beside it; knows TypeScript's syntax
// tree, and nothing of what the code does. Where it cannot tell, it keeps quiet: the pseudo-locale's browser test looks
// at what is really shown.
import ts from "typescript";

/** Attributes and properties whose value a person reads or hears. */
const FOR_PEOPLE = new Set([
  "aria-label",
  "aria-description",
  "aria-roledescription",
  "aria-valuetext",
  "action",
  "alt",
  "head",
  "label",
  "message",
  "more",
  "placeholder",
  "problem",
  "summary",
  "text",
  "title",
]);
/** The same in every language: the product, and what is printed on keys. */
const NAMES = /\b(Gradus|Ctrl|Alt|Esc|Tab|F\d)\b/g;
const A_WORD = /\p{L}{2,}/u;
/** A capital and, after one space, a small letter: sentences, hardly ever identifiers. */
const A_SENTENCE = /^\p{Lu}[\p{L}’']* \p{Ll}/u;

export interface Stray {
  line: number;
  text: string;
}

export function strayWords(file: string, code: string): Stray[] {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, kind);
  const found: Stray[] = [];
  const look = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== null && isForPeople(node, text.replaceAll(NAMES, ""))) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push({ line: line + 1, text: text.trim() });
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

function textOf(node: ts.Node): string | null {
  if (ts.isJsxText(node) || ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map(span => span.literal.text).join("");
}

function isForPeople(node: ts.Node, text: string): boolean {
  if (!A_WORD.test(text)) return false;
  return ts.isJsxText(node) || A_SENTENCE.test(text.trim()) || isShown(node);
}

/** Whether the value of `node` comes, by way of choices only, to where a person reads it. */
function isShown(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isJsxExpression(parent)) return !ts.isJsxAttribute(parent.parent) || isShown(parent);
  if (ts.isJsxAttribute(parent)) return FOR_PEOPLE.has(parent.name.getText());
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node && FOR_PEOPLE.has(parent.name.getText());
  if (ts.isConditionalExpression(parent)) return parent.condition !== node && isShown(parent);
  if (ts.isParenthesizedExpression(parent)) return isShown(parent);
  return ts.isBinaryExpression(parent) && ANY_SIDE.has(parent.operatorToken.kind) && isShown(parent);
}

const ANY_SIDE = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.PlusToken,
]);
