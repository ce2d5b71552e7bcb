import type { z } from 'zod';
import { SlipwayError } from '../errors.ts';
import { cutText } from '../model/cut-text.ts';
import { maxProblems } from './values.ts';
import type { KeyPath, Problem, YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** The issues of zod as one problem per line, in the order of the file. Values are never quoted: they may be secrets. */
export function problemsOf(issues: readonly Issue[], yaml: YamlFile): Problem[] {
  return issues
    .slice(0, maxProblems)
    .toSorted((a, b) => Number(isUnknownKey(b)) - Number(isUnknownKey(a)))
    .flatMap((issue) => describe(issue, yaml, misspelt(issue, issues, yaml)))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .slice(0, maxProblems);
}

function isUnknownKey(issue: Issue): boolean {
  return issue.code === 'unrecognized_keys';
}

/** The line of an unknown key of the same group, which is most likely the missing key misspelt. */
function misspelt(issue: Issue, issues: readonly Issue[], yaml: YamlFile): number | undefined {
  if (issue.code !== 'invalid_type' || at(yaml.value, issue.path) !== undefined) return undefined;
  const group = dotted(issue.path.slice(0, -1));
  for (const other of issues) {
    if (other.code !== 'unrecognized_keys' || dotted(other.path) !== group) continue;
    return yaml.lineOf([...other.path, other.keys[0] ?? '']);
  }
  return undefined;
}

function describe(issue: Issue, yaml: YamlFile, line = yaml.lineOf(issue.path)): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.slice(0, maxProblems).map((key, index) => ({
      line: yaml.lineOf([...issue.path, key]),
      message: `${inside(issue.path)}${messages[index] ?? `unknown key "${key}"`}`,
    }));
  }
  return [{ line, message: `${dotted(issue.path)} ${reason(issue, yaml)}` }];
}

function reason(issue: Issue, yaml: YamlFile): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'is not a valid name';
  if (at(yaml.value, issue.path) === undefined) {
    return issue.message.startsWith('is missing') ? issue.message : 'is missing';
  }
  // The library's own messages quote what was received; all others come from the schemas.
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  return `must be ${kinds[issue.expected] ?? issue.expected}`;
}

const kinds: Record<string, string> = {
  string: 'a text; put it in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of names',
};

function at(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Characters of a key that a message shows. */
const LONGEST_KEY = 80;

/** `apps.web.helm.values[0]`; `the file` for the whole. */
export function dotted(path: KeyPath): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${cutText(String(step), LONGEST_KEY)}`))
    .join('')
    .slice(1);
}

function inside(path: KeyPath): string {
  return path.length === 0 ? '' : `${dotted(path)}: `;
}

/** The problem as an error for logs and statuses. */
export function configError(problem: Problem, file: string): SlipwayError {
  return new SlipwayError('CONFIG_INVALID', problem.message, {
    place: { file, line: problem.line },
    hint: problem.hint,
  });
}
