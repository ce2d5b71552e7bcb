import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import type { Target } from '../../model/target.ts';
import type { Tree } from '../../model/tree.ts';
import { kustomizationNames } from '../detect.ts';
import type { Reach } from '../reach.ts';
import { lineOf } from '../yaml/documents.ts';

export interface FailedBuild {
  stderr: string;
  target: Target;
  tree: Tree;
  reach: Reach;
  /** The private folder, whose path must not show. */
  folder: string;
}

/**
 * Kustomize wraps an error once for every folder it came through, and adds after it that a file is no folder where it
 * tried that too. What is left here is the reason in one sentence, at the author's file.
 */
export async function kustomizeFailure(build: FailedBuild): Promise<SlipwayError> {
  const { stderr, folder } = build;
  const text = stderr
    .replace(/^# Warning:.*$/gm, '')
    .replaceAll(`${folder}/`, '')
    .replace(/^Error: /m, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const reason = readable(innermost(text));
  return new SlipwayError('RENDER_FAILED', reason || 'kustomize failed without a word', {
    place: await placeIn(text, build),
  });
}

/** Each is what one folder or one attempt adds in front of the reason, or behind it. */
const wrappings: [RegExp, string][] = [
  [/^accumulating (?:resources|components): /, ''],
  [/^accumulateDirectory: "(.*)"$/, '$1'],
  [/^accumulation err='(.*)': must build at directory: '[^']*': file is not directory$/, '$1'],
  [/^accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': /, ''],
  [/^accumulating resources from '[^']*': /, ''],
  [/^recursed (?:accumulation of|merging from) path '[^']*': /, ''],
  [/^couldn't make target for path '[^']*': /, ''],
];

function innermost(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    for (const [pattern, kept] of wrappings) rest = rest.replace(pattern, kept);
  }
  return rest;
}

/** Kustomize's ids (`ConfigMap.v1.[noGrp]/name.[noNs]`) and Go's words as people say them. */
function readable(reason: string): string {
  return reason
    .replace(
      /\b(\w+)\.(?:\w+|\[noVer\])\.(?:[\w.-]+|\[noGrp\])\/([\w.-]+|\[noName\])\.(?:[\w-]+|\[noNs\])/g,
      '$1 $2',
    )
    .replaceAll(' [noName]', '')
    .replace(/: json: /, ': ')
    .replace(/^MalformedYAMLError: yaml: (.*) in File: \S+$/, 'not valid YAML: $1');
}

/** The file that is named, else the kustomization of the innermost folder that is. */
async function placeIn(text: string, { target, tree, reach }: FailedBuild): Promise<SourcePlace> {
  const folders = [...text.matchAll(/(?:path|target for path) '([^']+)'/g)].map((match) => match[1] ?? '');
  const folder = folders.findLast((path) => isFolder(path, reach)) ?? target.path;
  const written = [...text.matchAll(/(?:from|File:) '?([^'\s]+\.(?:ya?ml|json))/g)].at(-1)?.[1];
  const named = written === undefined ? undefined : posix.join(folder, written);
  const file = named !== undefined && reach.files.has(named) ? named : kustomizationIn(folder, reach);
  const [, field] = /unknown field "([^"]+)"/.exec(text) ?? [];
  const [, line] = /\bline (\d+)/.exec(text) ?? [];
  if (field !== undefined) return { file, line: lineOf((await tree.read(file)).toString('utf8'), field) };
  return { file, line: line === undefined ? undefined : Number(line) };
}

function isFolder(path: string, reach: Reach): boolean {
  return reach.files.has(kustomizationIn(path, reach));
}

function kustomizationIn(folder: string, reach: Reach): string {
  const files = kustomizationNames.map((name) => posix.join(folder, name));
  return files.find((file) => reach.files.has(file)) ?? folder;
}
