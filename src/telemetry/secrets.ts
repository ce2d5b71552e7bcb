import { MASK } from '../model/masks.ts';

/** Shorter values would mask parts of ordinary words; no forge or cluster issues such short secrets. */
const SHORTEST = 4;

/** Replaces known secrets wherever they occur, in the forms they take in JSON, in URLs and in base64. */
export interface SecretMasker {
  mask(text: string): string;
  /** Adds a secret that arises at run time, such as an installation token. Known ones are ignored. */
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

export function createMasker(secrets: Iterable<string> = []): SecretMasker {
  const forms = new Set<string>();
  let pattern: RegExp | undefined;

  const add = (secret: string) => {
    const fresh = formsOf(secret).filter((form) => form.trim().length >= SHORTEST && !forms.has(form));
    if (fresh.length === 0) return;
    for (const form of fresh) forms.add(form);
    const longestFirst = [...forms].sort((a, b) => b.length - a.length);
    pattern = new RegExp(longestFirst.map((form) => escapePattern(form)).join('|'), 'g');
  };
  for (const secret of secrets) add(secret);

  return { add, mask: (text) => (pattern ? text.replace(pattern, MASK) : text) };
}
