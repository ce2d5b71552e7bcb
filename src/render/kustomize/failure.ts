import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Target } from '../../model/target.ts';

/**
 * Kustomize wraps an error once for every folder it came through, and where a file is no YAML it also says that the file
 * is no folder. What is left here is the reason and the file.
 */
export function kustomizeFailure(stderr: string, target: Target, folder: string): SlipwayError {
  const text = stderr
    .replace(/^# Warning:.*$/gm, '')
    .replaceAll(`${folder}/`, '')
    .replace(/^Error: /m, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const reason = innermost(text);
  const message =
    reason === '' ? `kustomize failed without a word for ${target.app}` : `${target.app}: ${reason}`;
  return new SlipwayError('RENDER_FAILED', message, { place: placeIn(text, target) });
}

const wrappers = [
  /^accumulating (?:resources|components): /,
  /^accumulation err='.*?(?<!\\)': (?=recursed|accumulat|couldn't|invalid|map|merging)/,
  /^accumulating resources from '[^']*': /,
  /^accumulateDirectory: "?/,
  /^recursed (?:accumulation of|merging from) path '[^']*': /,
  /^couldn't make target for path '[^']*': /,
];

function innermost(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    for (const wrapper of wrappers) rest = rest.replace(wrapper, '');
  }
  return rest.replace(/\\"/g, '"').replace(/"$/, '');
}

/** The last file that is named; Kustomize names the innermost last. */
function placeIn(text: string, target: Target) {
  const files = [
    ...text.matchAll(/(?<![\w./-])((?:\.{1,2}\/)*[\w.-]+(?:\/[\w.-]+)*\.(?:ya?ml|json|env|properties))/g),
  ];
  const named = files.at(-1)?.[1];
  if (named === undefined) return { file: target.path };
  const [, line] = /(?:yaml: )?line (\d+)/.exec(text) ?? [];
  const file = named.startsWith('.') || !named.includes('/') ? posix.join(target.path, named) : named;
  return { file, line: line === undefined ? undefined : Number(line) };
}
