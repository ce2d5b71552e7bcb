import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ChangeSet } from '../model/change-set.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Shorter change sets are stored uncompressed: starting a compression costs more than it saves. */
const PACK_FROM = 8 * 1024;

/** Gzip's first byte (RFC 1952); JSON begins with a brace. */
const GZIP = 0x1f;

/** A change set as Redis keeps it: JSON, compressed if it is long. */
export async function toBytes(changeSet: ChangeSet): Promise<Buffer | string> {
  const text = JSON.stringify(changeSet);
  return text.length < PACK_FROM ? text : pack(text);
}

/** Null (Redis has none): nothing changed. */
export async function fromBytes(bytes: Buffer | null): Promise<ChangeSet> {
  if (!bytes) return { changes: [] };
  return JSON.parse((bytes[0] === GZIP ? await unpack(bytes) : bytes).toString());
}
