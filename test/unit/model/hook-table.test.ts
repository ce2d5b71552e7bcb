import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dialects, hookOf } from '../../../src/model/hook.ts';
import type { KubeObject } from '../../../src/model/object.ts';

interface Row {
  annotation: string;
  value: string;
  meaning: string;
}

const page = readFileSync(join(import.meta.dirname, '../../../docs/hooks-and-waves.md'), 'utf8');

/** The rows of the page's table; a cell left empty means the annotation above. */
function rows(): Row[] {
  let annotation = '';
  return [...page.matchAll(/^\| *(?:`([^`]+)`)? +\| *`?([^|`]+?)`? +\| *([^|]+?) +\|$/gm)].map((match) => {
    annotation = match[1] ?? annotation;
    return { annotation, value: match[2] ?? '', meaning: match[3] ?? '' };
  });
}

function valuesOf(annotation: string): string[] {
  return rows()
    .filter((row) => row.annotation === annotation)
    .map(({ value }) => value);
}

function hook(annotation: string, value: string): KubeObject {
  const metadata = { name: 'x', annotations: { [annotation]: value } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata };
}

describe.each(dialects.filter(({ tool }) => tool !== 'slipway'))(
  'the table of docs/hooks-and-waves.md for $tool',
  ({ hook: annotation, words, deletePolicy, deletes }) => {
    it('lists exactly the values that are accepted', () => {
      expect(valuesOf(annotation).toSorted()).toEqual([...words.keys()].toSorted());
      expect(valuesOf(deletePolicy).toSorted()).toEqual([...deletes.keys()].toSorted());
    });

    it('describes what each moment does', () => {
      for (const { value, meaning } of rows().filter((row) => row.annotation === annotation)) {
        const found = hookOf(hook(annotation, value));
        if (!found) expect(meaning).toBe('an object like any other');
        else if (found.never) expect(meaning).toMatch(/^never (run|applied)/);
        else {
          const [run] = found.runs;
          const said = run?.moment === 'deploy' ? 'with the objects' : `\`${run?.moment}\``;
          expect(meaning).toContain(said);
          expect(meaning.includes('while no release'), value).toBe(run?.only === 'install');
          expect(meaning.includes('from then on'), value).toBe(run?.only === 'upgrade');
        }
      }
    });

    it('describes when each policy deletes', () => {
      for (const { value, meaning } of rows().filter((row) => row.annotation === deletePolicy)) {
        expect(meaning, value).toContain(`\`${deletes.get(value)}\``);
      }
    });
  },
);

describe('the example of docs/hooks-and-waves.md', () => {
  it('contains every value of the Slipway annotations', () => {
    const own = dialects.find(({ tool }) => tool === 'slipway');
    for (const word of [...(own?.words.keys() ?? []), ...(own?.deletes.keys() ?? [])]) {
      expect(page).toMatch(new RegExp(`slipway\\.dev/hook.*\\b${word}\\b`));
    }
  });
});
