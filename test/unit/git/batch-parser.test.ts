import { describe, expect, it } from 'vitest';
import { BatchParser } from '../../../src/git/batch-parser.ts';

const id = 'a'.repeat(40);
const other = 'b'.repeat(40);

/** The bytes in pieces of a size, as a pipe may bring them. */
function pushInPieces(parser: BatchParser, text: string, size: number): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size));
}

describe('responses of cat-file', () => {
  it.each([1, 2, 7, 1000])('are parsed in chunks of %i bytes', async (size) => {
    const parser = new BatchParser();
    const responses = [
      parser.expect(true, 100),
      parser.expect(false, 0),
      parser.expect(true, 100),
      parser.expect(true, 3),
      parser.expect(true, 100),
    ];

    pushInPieces(
      parser,
      `${id} blob 6\nab\ncd\n\n${other} tree 12\nnope missing\n${id} blob 4\nlong\n${other} blob 0\n\n`,
      size,
    );

    const [whole, info, missing, tooLong, empty] = await Promise.all(responses);
    expect(whole).toMatchObject({ id, type: 'blob', size: 6, body: Buffer.from('ab\ncd\n') });
    expect(info).toEqual({ id: other, type: 'tree', size: 12 });
    expect(missing).toBeUndefined();
    expect(tooLong).toEqual({ id, type: 'blob', size: 4, body: undefined });
    expect(empty?.body).toHaveLength(0);
    expect(parser.waiting).toBe(0);
  });

  it('keep no memory alive beyond their own', async () => {
    const parser = new BatchParser();
    const response = parser.expect(true, 100);
    parser.push(Buffer.from(`${id} blob 6\nab\ncd\n\n`));
    expect((await response)?.body?.buffer.byteLength).toBe(6);
  });

  it('that never arrive are errors', async () => {
    const parser = new BatchParser();
    const responses = [parser.expect(true, 100), parser.expect(true, 100)];
    parser.push(Buffer.from(`${id} blob 6\nab`));

    parser.fail(new Error('ended'));

    for (const response of responses) await expect(response).rejects.toThrow('ended');
  });
});
