import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/forges/payload.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

describe('a payload', () => {
  it.each([
    ['nested a million deep', '['.repeat(1_000_000)],
    ['of a million lists', `[${'[],'.repeat(1_000_000)}1]`],
    ['of a million keys', `{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['of two million numbers', `[${'1,'.repeat(2_000_000)}1]`],
  ])('%s is refused before it is parsed', (_what, text) => {
    expect(() => parse(text)).toThrow('nested more deeply or widely than any event');
  });

  it('may hold any amount of brackets and commas in its texts', () => {
    const text = `{[:,"\\`.repeat(200_000);
    expect(parse(JSON.stringify({ text }))).toEqual({ text });
  });

  it.each(['"', '"\\', '{"a', '{"a\\"'])('that ends within a text is no JSON: %s', (text) => {
    expect(() => parse(text)).toThrow('The body is not JSON.');
  });

  it('of the size of the largest push is read', () => {
    const commit = {
      id: 'a'.repeat(40),
      author: { name: 'a' },
      added: ['a', 'b'],
      modified: [],
      removed: [],
    };
    const push = { commits: Array.from({ length: 2_048 }, () => commit) };
    expect(parse(JSON.stringify(push))).toEqual(push);
  });
});
