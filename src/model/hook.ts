import { annotationOf, integerOf } from './annotation.ts';
import {
  argoDeletes,
  argoHooks,
  type HookDelete,
  type HookMoment,
  type HookWord,
  helmDeletes,
  helmHooks,
  slipwayDeletes,
  slipwayHooks,
} from './hook-words.ts';
import type { KubeObject } from './object.ts';

/** An object that runs at a moment of a release and is no part of the app's state. */
export interface Hook {
  tool: 'slipway' | 'argocd' | 'helm';
  /** Empty: it never runs, and `never` says why. */
  runs: { moment: HookMoment; only?: 'install' | 'upgrade' | undefined }[];
  never?: string | undefined;
  /** What is live of it stays, although it is never applied. */
  stays: boolean;
  deletes: ReadonlySet<HookDelete>;
  /** Undefined: as long as the app may take to become healthy. */
  timeoutMs?: number | undefined;
}

interface Dialect {
  tool: Hook['tool'];
  hook: string;
  words: ReadonlyMap<string, HookWord>;
  deletePolicy: string;
  deletes: ReadonlyMap<string, HookDelete>;
}

/** Slipway's own words win over the others'. */
export const dialects: readonly Dialect[] = [
  {
    tool: 'slipway',
    hook: 'slipway.dev/hook',
    words: slipwayHooks,
    deletePolicy: 'slipway.dev/hook-delete',
    deletes: slipwayDeletes,
  },
  {
    tool: 'argocd',
    hook: 'argocd.argoproj.io/hook',
    words: argoHooks,
    deletePolicy: 'argocd.argoproj.io/hook-delete-policy',
    deletes: argoDeletes,
  },
  {
    tool: 'helm',
    hook: 'helm.sh/hook',
    words: helmHooks,
    deletePolicy: 'helm.sh/hook-delete-policy',
    deletes: helmDeletes,
  },
];

export const hookTimeoutAnnotation = 'slipway.dev/hook-timeout';
const waveAnnotations = ['slipway.dev/wave', 'argocd.argoproj.io/sync-wave'];
const weightAnnotation = 'helm.sh/hook-weight';

/** The hook that an object is; undefined: it is an object of the app like any other. */
export function hookOf(object: KubeObject): Hook | undefined {
  for (const dialect of dialects) {
    const text = annotationOf(object, dialect.hook);
    if (text !== undefined) return readHook(object, dialect, wordsOf(text));
  }
  return undefined;
}

function readHook(object: KubeObject, dialect: Dialect, names: string[]): Hook | undefined {
  const runs: Hook['runs'] = [];
  const nevers: { never: string; stays?: true }[] = [];
  for (const name of names) {
    const word = dialect.words.get(name) ?? { never: `"${name}" is no moment of ${dialect.hook}` };
    if (word === 'object') return undefined;
    if ('runs' in word) runs.push({ moment: word.runs, only: word.only });
    else nevers.push(word);
  }
  const decisive = nevers.find(({ stays }) => stays) ?? nevers.find(() => names.some(isTest));
  const never = decisive ?? (runs.length === 0 ? nevers[0] : undefined);
  return {
    tool: dialect.tool,
    runs: never ? [] : runs,
    never: never?.never,
    stays: never?.stays === true,
    deletes: deletesOf(object),
    timeoutMs: timeoutOf(annotationOf(object, hookTimeoutAnnotation)),
  };
}

/** Helm's tests run on demand only, whatever else they say. */
function isTest(word: string): boolean {
  return word === 'test' || word.startsWith('test-');
}

/** Where none is said, Argo CD and Helm both delete what is left of the last run before the next one. */
function deletesOf(object: KubeObject): Set<HookDelete> {
  const found = dialects.flatMap(({ deletePolicy, deletes }) =>
    wordsOf(annotationOf(object, deletePolicy) ?? '').flatMap((word) => deletes.get(word) ?? []),
  );
  return new Set<HookDelete>(found.length > 0 ? found : ['before-creation']);
}

/** Waves are reached from the lowest number up; an object without one is in wave 0. A hook's weight is its wave. */
export function waveNumber(object: KubeObject): number {
  const isHelmHook = hookOf(object)?.tool === 'helm';
  const names = isHelmHook ? [...waveAnnotations, weightAnnotation] : waveAnnotations;
  for (const name of names) {
    const text = annotationOf(object, name);
    if (text !== undefined) return integerOf(text) ?? 0;
  }
  return 0;
}

export function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1h` in milliseconds; undefined where it is none. */
export function timeoutOf(text: string | undefined): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text ?? '');
  if (!match) return undefined;
  return Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
}
