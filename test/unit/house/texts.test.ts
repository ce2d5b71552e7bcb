import { expect, it } from 'vitest';
import { sourcesIn } from '../../support/sources.ts';

const sources = sourcesIn(['src', 'workers']).filter(({ path }) => !path.startsWith('src/render/'));

/** A slice that ends in an ellipsis, as a template or a sum. */
const cut = /\.slice\([^\n]*\)\s*(\}|\+)\s*['"`]?\s?…/;

it('only the cutter shortens texts', () => {
  // `shorten.ts` shows the part of a value around the first difference.
  const allowed = /^src\/(model\/cut-text|kube\/diff\/shorten)\.ts$/;
  const cutters = sources.filter(({ path, text }) => cut.test(text) && !allowed.test(path));
  expect(cutters.map(({ path }) => path)).toEqual([]);
});

/** Takes a message apart, or looks for a part of it. */
const parsed = [
  /\b(message|reason|summary|hint)\b\)?\??\.(replace|replaceAll|startsWith|endsWith|slice|match|split|includes)\(/,
  /\.(test|exec)\([^)\n]*\b(message|reason|summary|hint)\b/,
];

/** Files that read the messages of other programs: there is nothing else to read. */
const readers = [
  /^src\/cel\/compile\.ts$/, // the parser of CEL
  /^src\/config\/(issues|yaml-file)\.ts$/, // the schema library, the YAML parser
  /^src\/forges\/(github|gitlab)\//, // the forges
  /^src\/git\/git-failure\.ts$/, // Git
  /^src\/health\//, // the kubelet, controllers
  /^src\/kube\/(client|explain)\//, // the API server
  /^src\/kube\/(apply\/servers|objects\/namespaces|plan\/(other-versions|stale-members))\.ts$/, // the API server
  /^src\/kube\/diagnose\/reason-pods\.ts$/, // events of the kubelet
  /^src\/release\/confirm-prune\.ts$/, // commit messages
  /^src\/store\/(script|connection|reach)\.ts$/, // Redis
];

it('no code parses a text that other code of Slipway made', () => {
  const parsers = sources.filter(({ text }) => parsed.some((pattern) => pattern.test(text)));
  expect(parsers.map(({ path }) => path).filter((path) => !readers.some((one) => one.test(path)))).toEqual(
    [],
  );
});

it('every file that may read the messages of other programs does', () => {
  const unused = readers.filter(
    (reader) =>
      !sources.some(({ path, text }) => reader.test(path) && parsed.some((pattern) => pattern.test(text))),
  );
  expect(unused).toEqual([]);
});

it.each([
  ['a cut in a template', 'const s = `a {text.slice(0, 9)}…`;', [cut]],
  ['a cut in a sum', "const s = text.slice(0, 9) + '…';", [cut]],
  ['a stripped name', "const s = error.message.replace(named, '');", parsed],
  ['a prefix', "if (message.startsWith('health rule: ')) return;", parsed],
  ['a pattern', 'const vague = /cannot be pulled$/.test(cause.message);', parsed],
])('%s is found', (_name, text, patterns) => {
  expect(patterns.some((pattern) => pattern.test(text))).toBe(true);
});
