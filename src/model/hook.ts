import { annotationOf, parseInteger } from './annotation.ts';
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
} from './hook-dialects.ts';
import type { KubeObject } from './object.ts';

/** An object that runs at a moment of a release and is not part of the app's state. */
export interface Hook {
  tool: 'slipway' | 'argocd' | 'helm';
  /** Empty if it never runs; `never` says why. */
  runs: { moment: HookMoment; only?: 'install' | 'upgrade' | undefined }[];
  never?: string | undefined;
  /** It is never applied, but a live object is not pruned. */
  stays: boolean;
  deletes: ReadonlySet<HookDelete>;
  /** Undefined: the timeout of the app. */
  timeoutMs?: number | undefined;
}

interface Dialect {
  tool: Hook['tool'];
  hook: string;
  words: ReadonlyMap<string, HookWord>;
  deletePolicy: string;
  deletes: ReadonlyMap<string, HookDelete>;
}

/** In order of precedence: the first hook annotation of an object decides. */
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

/** How an object runs as a hook; undefined if it is an ordinary object of the app. */
export function hookOf(object: KubeObject): Hook | undefined {
  for (const dialect of dialects) {
    const text = annotationOf(object, dialect.hook);
    if (text !== undefined) return readHook(object, dialect, wordsIn(text, dialect));
  }
  return undefined;
}

function readHook(object: KubeObject, dialect: Dialect, names: string[]): Hook | undefined {
  const words = names.flatMap((name) => dialect.words.get(name) ?? []);
  if (words.includes('object')) return undefined;
  const runs = words.flatMap((word) =>
    typeof word === 'object' && 'runs' in word ? [{ moment: word.runs, only: word.only }] : [],
  );
  const skips = words.flatMap((word) => (typeof word === 'object' && 'never' in word ? [word] : []));
  const unknown = names
    .filter((name) => !dialect.words.has(name))
    .map((name) => ({ never: `"${name}" is not a value of ${dialect.hook}`, stays: undefined }));
  const isSkipped = runs.length === 0 || (dialect.tool === 'helm' && unknown.length > 0);
  const never = isSkipped ? [...skips, ...unknown][0] : undefined;
  return {
    tool: dialect.tool,
    runs: never ? [] : runs,
    never: never?.never,
    stays: never?.stays === true,
    deletes: deletesOf(object),
    timeoutMs: parseTimeout(annotationOf(object, hookTimeoutAnnotation)),
  };
}

/** Helm ignores the case of its values, and skips an object with an unknown one (`manifest_sorter.go`). */
function wordsIn(text: string, { tool }: Dialect): string[] {
  return commaSeparated(tool === 'helm' ? text.toLowerCase() : text);
}

/**
 * Slipway's annotation takes precedence. Those of Argo CD and Helm are combined, as Argo CD does. Without any, the object
 * of the last run is deleted before the next run, as in both tools.
 */
function deletesOf(object: KubeObject): Set<HookDelete> {
  const [own = [], ...others] = dialects.map((dialect) =>
    wordsIn(annotationOf(object, dialect.deletePolicy) ?? '', dialect).flatMap(
      (word) => dialect.deletes.get(word) ?? [],
    ),
  );
  const found = own.length > 0 ? own : others.flat();
  return new Set<HookDelete>(found.length > 0 ? found : ['before-creation']);
}

/** The wave of an object, 0 by default. Waves are applied in ascending order. The weight of a Helm hook is its wave. */
export function waveNumber(object: KubeObject): number {
  const isHelmHook = hookOf(object)?.tool === 'helm';
  const names = isHelmHook ? [...waveAnnotations, weightAnnotation] : waveAnnotations;
  for (const name of names) {
    const text = annotationOf(object, name);
    if (text !== undefined) return parseInteger(text) ?? 0;
  }
  return 0;
}

/** The trimmed, non-empty values of a comma-separated list. */
export function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1h` in milliseconds; undefined for any other text. */
export function parseTimeout(text: string | undefined): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text ?? '');
  if (!match) return undefined;
  return Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
}
