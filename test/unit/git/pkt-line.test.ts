import { describe, expect, it } from 'vitest';
import { pktLine, readPkts, textOf } from '../../../src/git/wire/pkt-line.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size = 3): Promise<string[]> {
  const lines: string[] = [];
  for await (const pkt of readPkts(pieces(text, size)))
    lines.push(typeof pkt === 'string' ? pkt : textOf(pkt));
  return lines;
}

describe('pkt-lines', () => {
  it('are written with their length, and a newline', () => {
    expect(pktLine('want ü')).toBe('000cwant ü\n');
  });

  it.each([1, 4, 5, 1000])('are parsed in chunks of %i bytes', async (size) => {
    expect(
      await read(`${pktLine('version 2')}0001${pktLine('ls-refs')}00040002${pktLine('x')}0000`, size),
    ).toEqual(['version 2', 'delimiter', 'ls-refs', '', 'end', 'x', 'flush']);
  });

  it.each(['<html>', '0003', '00zz'])('are not %s', async (text) => {
    await expect(read(text)).rejects.toThrow('does not consist of pkt-lines');
  });

  it('do not end in the middle', async () => {
    await expect(read('000awant')).rejects.toThrow('ends in the middle');
  });
});
