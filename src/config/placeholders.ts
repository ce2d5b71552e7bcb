import { suggest } from './values.ts';

const known = ['app', 'environment'] as const;
export type PlaceholderValues = Record<(typeof known)[number], string>;

/** What is wrong with the braces of a text; undefined if nothing is. */
export function placeholderMistake(text: string): string | undefined {
  for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (!known.some((word) => word === name)) return `unknown placeholder {${name}}${suggest(name, known)}`;
  }
  if (/[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ''))) return 'an unmatched brace';
  return undefined;
}

export function fill(text: string, values: PlaceholderValues): string {
  return text.replaceAll('{app}', values.app).replaceAll('{environment}', values.environment);
}
