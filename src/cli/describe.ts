import { styleText } from 'node:util';
import { describeOutcome } from '../model/describe-outcome.ts';
import { parseTargetId, shortName } from '../model/target.ts';
import type { ReleaseResponse } from './api-schema.ts';
import { plain } from './table.ts';

const colours = {
  succeeded: 'green',
  unchanged: 'green',
  done: 'green',
  created: 'green',
  failed: 'red',
  'rolled-back': 'red',
  pruned: 'red',
  blocked: 'yellow',
  waiting: 'yellow',
  configured: 'yellow',
  recreated: 'yellow',
  superseded: 'dim',
  ignored: 'dim',
  skipped: 'dim',
  queued: 'cyan',
  rendering: 'cyan',
  checking: 'cyan',
  applying: 'cyan',
  verifying: 'cyan',
} as const;

function isColoured(word: string): word is keyof typeof colours {
  return Object.hasOwn(colours, word);
}

/** A state or an action in its colour if the output is a terminal. */
export function coloured(word: string): string {
  return isColoured(word) ? styleText(colours[word], word) : word;
}

/** `12 s`, `3 min`, `5 h`, `2 d`. */
export function age(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `84 ms`, `2.4 s` */
export function took(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** A release in one line: its failure or notices, else what it changed. */
export function sayingOf(release: ReleaseResponse): string {
  return plain(describeOutcome(release) ?? release.summary ?? '');
}

export function shortTarget(id: string): string {
  const composition = parseTargetId(id);
  return composition ? shortName(composition) : id;
}
