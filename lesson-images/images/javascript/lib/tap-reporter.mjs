// A reporter for node's test runner that writes TAP 14: one point per test, told as soon as it is known. Its YAML block
// holds `message` (why it failed), `output` (what was printed before it ended) and `duration_ms`. Suites (`describe`) are
// part of their tests' names: "stack › push adds on top".

import { inspect } from 'node:util';

// Characters kept of one message and of what was printed during one test.
const MAX_MESSAGE = 4_000;
const MAX_OUTPUT = 4_000;

export default async function* tap(events) {
  const report = new Report();
  yield 'TAP version 14\n';
  for await (const { type, data } of events) {
    if (type === 'test:start') report.enter(data);
    else if (type === 'test:stdout' || type === 'test:stderr') report.printed(data.message);
    else if (type === 'test:pass' || type === 'test:fail') yield report.finished(data);
  }
  yield `1..${report.count}\n`;
}

class Report {
  count = 0;
  // Names of the tests and suites being run, outermost first.
  #path = [];
  #output = '';

  enter({ name, nesting }) {
    this.#path.length = nesting;
    this.#path[nesting] = name;
  }

  printed(text) {
    this.#output += text;
  }

  finished({ name, nesting, details, skip, todo }) {
    const error = details.error;
    // A suite only repeats what its tests have said.
    if (details.type === 'suite' || error?.failureType === 'subtestsFailed') return '';
    // A file that could not be loaded counts as a test of its path's name.
    const id = [...this.#path.slice(0, nesting), name.replace(`${process.cwd()}/`, '')].join(' › ');
    const output = this.#output;
    this.#output = '';
    this.count += 1;
    const directive = skip !== undefined ? ' # SKIP' : todo !== undefined ? ' # TODO' : '';
    return [
      `${error ? 'not ok' : 'ok'} ${this.count} - ${escape(id)}${directive}`,
      '  ---',
      `  duration_ms: ${Math.round(details.duration_ms)}`,
      ...(error ? block('message', clip(explain(error), MAX_MESSAGE)) : []),
      ...(output.trim() ? block('output', clip(output, MAX_OUTPUT)) : []),
      '  ...',
      '',
    ].join('\n');
  }
}

/** What went wrong, in the words of the assertion or of the error, and where in the workspace. */
function explain(error) {
  const cause = error.cause ?? error;
  if (error.failureType === 'testTimeoutFailure') return 'This test did not end in time.';
  if (typeof cause === 'string') return cause === 'test failed' ? 'The file stopped before its tests could run.' : cause;
  const lines = cause.code === 'ERR_ASSERTION' ? assertion(cause) : [`${cause.name}: ${cause.message}`];
  return [...lines, ...steps(cause.stack)].join('\n');
}

/** By convention the tests of our lessons write `assert.equal(<what the code gives>, <what is expected>)`. */
function assertion({ message, actual, expected, operator, generatedMessage }) {
  const said = generatedMessage === false ? [message] : [];
  const compares = ['strictEqual', 'deepStrictEqual', 'equal', 'deepEqual'].includes(operator);
  if (!compares) return [message];
  return [...said, ...labelled('got:     ', actual), ...labelled('expected:', expected)];
}

function labelled(label, value) {
  const text = typeof value === 'string' ? JSON.stringify(value) : show(value);
  return text.includes('\n') ? [label.trim(), ...text.split('\n').map((line) => `    ${line}`)] : [`${label} ${text}`];
}

function show(value) {
  return inspect(value, { depth: 6, breakLength: 88 });
}

/** The lines of a stack that lie in the workspace, for people: `  at cart.mjs, line 4, in total`. */
function steps(stack = '') {
  const here = `${process.cwd()}/`;
  return stack
    .split('\n')
    .map((line) => line.trim().replace(/^at /, '').replace('file://', ''))
    .filter((line) => line.includes(here) && !line.includes('/tests/') && !line.includes('.test.'))
    .map((line) => line.match(/^(?:(.*) \()?(.+?):(\d+):\d+\)?$/))
    .filter((found) => found !== null)
    .map(([, name, file, line]) => `  at ${file.replace(here, '')}, line ${line}${name ? `, in ${name}` : ''}`);
}

function block(key, text) {
  const clean = text.replace(/[^\P{C}\n\t]/gu, '\uFFFD').replace(/^\n+|\s+$/g, '');
  return [`  ${key}: |-`, ...clean.split('\n').map((line) => `    ${line}`.trimEnd())];
}

function clip(text, limit) {
  return text.length <= limit ? text : `${text.slice(0, limit)}\n… and ${text.length - limit} characters more`;
}

function escape(description) {
  return description.replace(/[\\#]/g, (c) => `\\${c}`).replace(/\s+/g, ' ');
}
