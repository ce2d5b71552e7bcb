import type { Dispatcher } from 'undici';
import { request } from 'undici';
import type { GitAccess } from '../../ports/forge.ts';
import type { Fetched, RemoteHeads } from '../../ports/git.ts';
import { DELIMITER, FLUSH, type Pkt, pktLine, readPkts, textOf } from './pkt-line.ts';

/** An address and its credentials. */
export type HttpAccess = Extract<GitAccess, { kind: 'none' | 'header' }>;

const AGENT = 'git/slipway';
const BAND_DATA = 1;
const BAND_ERROR = 3;

const BRANCH = 'refs/heads/';

/** Milliseconds without a byte after which the forge is given up. */
const SILENCE_MS = 30_000;

/**
 * The three requests of Git's protocol version 2 over HTTP that a mirror needs, on connections that stay open.
 * https://git-scm.com/docs/protocol-v2. Throws a plain Error for anything unexpected; the caller then
 * uses git.
 */
export class UploadPack {
  private readonly dispatcher: Dispatcher;
  private readonly access: HttpAccess;
  private readonly signal: AbortSignal;

  constructor(dispatcher: Dispatcher, access: HttpAccess, signal: AbortSignal) {
    this.dispatcher = dispatcher;
    this.access = access;
    this.signal = signal;
  }

  /** Whether the forge speaks version 2 with the object ids of mirrors (SHA-1). */
  async isUsable(): Promise<boolean> {
    const body = await this.send('GET', 'info/refs?service=git-upload-pack');
    const lines: string[] = [];
    for await (const pkt of readPkts(body)) lines.push(textOf(pkt));
    const format = lines.find((line) => line.startsWith('object-format='));
    const canFetch = lines.some((line) => /^fetch(=|$)/.test(line));
    return (
      lines.includes('version 2') && canFetch && (format ?? 'object-format=sha1') === 'object-format=sha1'
    );
  }

  /** The default branch, and ref → id of the named refs that the forge has. */
  async heads(refs: string[]): Promise<Fetched> {
    const prefixes = ['HEAD', ...refs].map((ref) => `ref-prefix ${ref}`);
    const message = this.message('ls-refs', ['symrefs', ...prefixes]);
    const heads = new Map<string, string>();
    let defaultBranch: string | undefined;
    for await (const pkt of readPkts(await this.send('POST', 'git-upload-pack', message))) {
      const [id = '', ref = '', ...attributes] = textOf(pkt).split(' ');
      if (refs.includes(ref) && /^[0-9a-f]{40}$/.test(id)) heads.set(ref, id);
      if (ref === 'HEAD') defaultBranch = branchOfSymref(attributes);
    }
    return { heads, defaultBranch };
  }

  /** All branches. */
  async branches(): Promise<RemoteHeads> {
    const message = this.message('ls-refs', ['symrefs', 'ref-prefix HEAD', `ref-prefix ${BRANCH}`]);
    const branches = new Map<string, string>();
    let defaultBranch = '';
    for await (const pkt of readPkts(await this.send('POST', 'git-upload-pack', message))) {
      const [id = '', ref = '', ...attributes] = textOf(pkt).split(' ');
      if (ref.startsWith(BRANCH) && /^[0-9a-f]{40}$/.test(id)) branches.set(ref.slice(BRANCH.length), id);
      if (ref === 'HEAD') defaultBranch = branchOfSymref(attributes) ?? '';
    }
    return { defaultBranch, branches };
  }

  /** The pack with `wants` for a client that has `haves`, in one request. */
  async *pack(wants: string[], haves: string[]): AsyncGenerator<Buffer> {
    const message = this.message('fetch', [
      'thin-pack',
      'no-progress',
      'ofs-delta',
      ...wants.map((id) => `want ${id}`),
      ...haves.map((id) => `have ${id}`),
      'done',
    ]);
    let isPack = false;
    for await (const pkt of readPkts(await this.send('POST', 'git-upload-pack', message))) {
      if (isPack) yield* bandData(pkt);
      else isPack = textOf(pkt) === 'packfile';
    }
    if (!isPack) throw new Error('the forge sent no pack');
  }

  private message(command: string, args: string[]): string {
    const lines = args.map(pktLine).join('');
    return `${pktLine(`command=${command}`)}${pktLine(`agent=${AGENT}`)}${DELIMITER}${lines}${FLUSH}`;
  }

  private async send(method: 'GET' | 'POST', path: string, body?: string): Promise<AsyncIterable<Buffer>> {
    const response = await request(`${this.access.url}/${path}`, {
      method,
      dispatcher: this.dispatcher,
      signal: this.signal,
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
      headers: this.headers(body !== undefined),
      ...(body === undefined ? {} : { body }),
    });
    if (response.statusCode === 200) return response.body;
    await response.body.dump();
    throw new Error(`the forge responded with ${response.statusCode}`);
  }

  private headers(hasBody: boolean): Record<string, string> {
    const headers: Record<string, string> = { 'git-protocol': 'version=2', 'user-agent': AGENT };
    if (hasBody) {
      headers['content-type'] = 'application/x-git-upload-pack-request';
      headers.accept = 'application/x-git-upload-pack-result';
    }
    if (this.access.kind === 'header') {
      const colon = this.access.header.indexOf(':');
      headers[this.access.header.slice(0, colon).toLowerCase()] = this.access.header.slice(colon + 1).trim();
    }
    return headers;
  }
}

const SYMREF = `symref-target:${BRANCH}`;

function branchOfSymref(attributes: string[]): string | undefined {
  return attributes.find((attribute) => attribute.startsWith(SYMREF))?.slice(SYMREF.length);
}

/** Of the multiplexed response, passes data on and drops progress; an error ends it. */
function* bandData(pkt: Pkt): Generator<Buffer> {
  if (typeof pkt === 'string') return;
  if (pkt[0] === BAND_DATA) yield pkt.subarray(1);
  if (pkt[0] === BAND_ERROR) throw new Error('the forge ended the pack with an error');
}
