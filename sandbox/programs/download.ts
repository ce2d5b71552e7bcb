import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Cache } from './cache.ts';
import type { Download, Unit } from './table.ts';

type Say = (line: string) => void;

const run = promisify(execFile);

/** If a release host cannot be reached within this time, the next way is tried. */
const CONNECT_TIMEOUT_MS = 3000;
const CHECKSUM_TIMEOUT_MS = 6000;
const PROGRESS_EVERY_MS = 3000;

/**
 * Puts the official release of a unit into the cache. Every file is compared with the SHA-256 that its release
 * publishes. The checksum comes from the same host over TLS, so it detects broken downloads but not a release that was
 * tampered with at its source.
 * @throws Error with the file that could not be fetched or has another checksum.
 */
export async function downloadUnit(unit: Unit, cache: Cache, say: Say): Promise<void> {
  const { downloads } = unit;
  if (downloads === undefined) throw new Error(`${unit.name} is not released`);
  const agent = new EnvHttpProxyAgent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  try {
    await cache.add(unit, async (folder) => {
      for (const download of downloads(cache.platform)) await fetchInto(folder, download, agent, say);
    });
  } finally {
    await agent.destroy();
  }
}

async function fetchInto(
  folder: string,
  download: Download,
  agent: EnvHttpProxyAgent,
  say: Say,
): Promise<void> {
  const expected = await fetchChecksum(download, agent);
  const file = join(folder, `${basename(download.url)}.download`);
  const actual = await fetchFile(download.url, file, agent, say);
  if (actual !== expected) {
    throw new Error(`${download.url} has the SHA-256 ${actual}, but its release says ${expected}`);
  }
  if (download.program !== undefined) await copyFile(file, join(folder, download.program));
  for (const [program, member] of Object.entries(download.members ?? {})) {
    await extract(file, member, join(folder, program));
  }
  for (const program of programsIn(download)) await chmod(join(folder, program), 0o755);
  await rm(file);
}

function programsIn(download: Download): string[] {
  return [
    ...Object.keys(download.members ?? {}),
    ...(download.program === undefined ? [] : [download.program]),
  ];
}

async function fetchChecksum({ url, checksumUrl }: Download, agent: EnvHttpProxyAgent): Promise<string> {
  const signal = AbortSignal.timeout(CHECKSUM_TIMEOUT_MS);
  const response = await fetch(checksumUrl, { dispatcher: agent, signal }).catch((error: unknown) => {
    throw new Error(`${new URL(checksumUrl).host} cannot be reached (${causeOf(error)})`);
  });
  if (!response.ok) throw new Error(`${checksumUrl} returns ${response.status}`);
  const found = findChecksum(await response.text(), decodeURIComponent(basename(url)));
  if (found === undefined) throw new Error(`${checksumUrl} names no SHA-256 of ${basename(url)}`);
  return found;
}

/** Reads a SHA-256 from a file that holds nothing else, or lines of `<hex>  <file>` as sha256sum writes them. */
export function findChecksum(text: string, fileName: string): string | undefined {
  const lines = text.trim().split('\n');
  const line = lines.find((candidate) => candidate.split(/\s+/)[1]?.replace(/^\*/, '') === fileName);
  const [hex] = (line ?? (lines.length === 1 ? lines[0] : undefined))?.trim().split(/\s+/) ?? [];
  return hex !== undefined && /^[0-9a-f]{64}$/.test(hex) ? hex : undefined;
}

/** Downloads a URL into a file and returns its SHA-256. */
async function fetchFile(url: string, path: string, agent: EnvHttpProxyAgent, say: Say): Promise<string> {
  const response = await fetch(url, { dispatcher: agent });
  if (!response.ok || response.body === null) throw new Error(`${url} returns ${response.status}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  let received = 0;
  let saidAt = Date.now();
  try {
    for await (const chunk of response.body) {
      const bytes = Buffer.from(chunk as Uint8Array);
      hash.update(bytes);
      await file.write(bytes);
      received += bytes.length;
      if (Date.now() - saidAt < PROGRESS_EVERY_MS) continue;
      saidAt = Date.now();
      say(`fetching ${basename(url)}: ${progress(received, total)}`);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

function progress(received: number, total: number): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  if (total === 0) return `${megabytes(received)} MB`;
  return `${Math.floor((100 * received) / total)} % of ${megabytes(total)} MB`;
}

async function extract(archive: string, member: string, target: string): Promise<void> {
  const { stdout } = await run('tar', ['-xzOf', archive, member], {
    encoding: 'buffer',
    maxBuffer: 512 * 1024 * 1024,
  });
  const file = await open(target, 'w');
  await file.write(stdout).finally(() => file.close());
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no response in ${CHECKSUM_TIMEOUT_MS / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
