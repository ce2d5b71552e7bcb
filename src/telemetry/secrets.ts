import { LRUCache } from 'lru-cache';
import { MASK } from '../model/masks.ts';

/** Shorter values would mask parts of ordinary words; no forge or cluster issues such short secrets. */
const SHORTEST = 4;

/**
 * How long a secret of run time is masked after it was last added: twice as long as an installation token of GitHub is
 * valid, and than Kubernetes advises for the tokens of a Pod.
 */
const KEPT_MS = 2 * 3_600_000;
/** At 5 forms each, a log line is searched in some ten microseconds. */
const MOST_ADDED = 2_000;

/** Replaces known secrets wherever they occur, in the forms they take in JSON, in URLs and in base64. */
export interface SecretMasker {
  mask(text: string): string;
  /** Adds a secret that arises at run time, such as an installation token; whoever uses it for long adds it again. */
  add(secret: string): void;
}

/** Inside longer base64 text a secret has one of three encodings, by its offset; returns the part that is certain. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString('base64');
    const length = offset + Buffer.byteLength(secret);
    const middle = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor((length * 8) / 6));
    return middle.length >= 2 * SHORTEST ? [middle] : [];
  });
}

function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  // A log line may contain any single line of a key file.
  const lines = secret.includes('\n') ? secret.split('\n').filter((line) => !line.startsWith('-----')) : [];
  return [secret, inJson, encodeURIComponent(secret), ...lines, ...base64Forms(secret)];
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** `secrets` are masked for ever, those that `add` brings until they have expired. */
export function createMasker(secrets: Iterable<string> = []): SecretMasker {
  const fixed = [...secrets];
  const added = new LRUCache<string, true>({ max: MOST_ADDED, ttl: KEPT_MS, perf: Date });
  let pattern = patternOf(fixed);
  return {
    add(secret) {
      const isKnown = added.has(secret);
      added.set(secret, true);
      if (isKnown) return;
      added.purgeStale();
      pattern = patternOf([...fixed, ...added.keys()]);
    },
    mask: (text) => (pattern ? text.replace(pattern, MASK) : text),
  };
}

function patternOf(secrets: string[]): RegExp | undefined {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.trim().length >= SHORTEST));
  if (forms.size === 0) return undefined;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((form) => escapePattern(form)).join('|'), 'g');
}
