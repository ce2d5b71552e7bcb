import { cutText, onOneLine } from '../model/cut-text.ts';
import { objectsAt, textAt } from '../model/json.ts';
import { MASK } from '../model/masks.ts';
import type { KubeObject } from '../model/object.ts';

/** Shorter values (`8080`, `true`) are not secrets, and masking them would make messages unreadable. */
const SHORTEST_SECRET = 6;

/** The text on one line, cut to `length` characters with an ellipsis, for use within a sentence. */
export function oneLine(text: string, length = 160): string {
  return cutText(onOneLine(text), length);
}

/** The last line of a program's output: it usually says why the program ended. */
export function lastLine(text: string, length = 160): string {
  return oneLine(text.trim().split('\n').at(-1) ?? '', length);
}

/**
 * Masks what must never be shown: literal values of the pod's environment variables, user info in URLs, and values
 * after `password=`, `token:` and the like.
 */
export function withoutSecrets(text: string, pod?: KubeObject): string {
  let safe = text;
  for (const value of pod ? environmentValues(pod) : []) safe = safe.replaceAll(value, MASK);
  return safe
    .replaceAll(/(\w:\/\/)[^\s/@"']+@/g, `$1${MASK}@`)
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`)
    .replaceAll(
      /((?:password|passwd|pwd|token|secret|api_?key)["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi,
      `$1${MASK}`,
    );
}

function environmentValues(pod: KubeObject): string[] {
  const containers = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')];
  return containers
    .flatMap((container) => objectsAt(container, 'env'))
    .map((variable) => textAt(variable, 'value'))
    .filter((value) => value.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
}
