import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { RefChange } from '../protocol.ts';

/** The most a push's command list may take; the pack that follows it is never buffered. */
const LIMIT = 1 << 20;

const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n]+)/;

/** Pkt-lines up to the first flush (https://git-scm.com/docs/gitprotocol-common); null if the flush has not arrived yet. */
const linesUntilFlush = (bytes: Buffer): string[] | null => {
  const lines: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 4), 16);
    if (length === 0) return lines;
    if (!(length >= 4) || at + length > bytes.length) return null;
    lines.push(bytes.toString('utf8', at + 4, at + length));
    at += length;
  }
  return null;
};

const parse = (lines: readonly string[]): RefChange[] =>
  lines.flatMap((line) => {
    const found = COMMAND.exec(line);
    return found === null ? [] : [{ before: found[1] ?? '', after: found[2] ?? '', ref: found[3] ?? '' }];
  });

/**
 * Reads the ref changes from a `git-receive-pack` request while it streams to git: the only way to know them without
 * asking git twice. Returns none if the request contains no list.
 */
export const readCommands = (body: Readable, encoding: string | undefined): Promise<RefChange[]> =>
  new Promise((resolve) => {
    const source = encoding === 'gzip' ? body.pipe(createGunzip()) : body;
    let held = Buffer.alloc(0);
    let settled = false;
    const settle = (changes: RefChange[]): void => {
      settled = true;
      resolve(changes);
    };
    source.on('data', (chunk: Buffer) => {
      if (settled) return;
      held = Buffer.concat([held, chunk]);
      const lines = linesUntilFlush(held);
      if (lines !== null) settle(parse(lines));
      else if (held.length > LIMIT) settle([]);
    });
    source.on('close', () => settle([]));
    source.on('end', () => settle([]));
    source.on('error', () => settle([]));
  });
