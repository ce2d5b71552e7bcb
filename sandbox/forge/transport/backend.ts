import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { git, gitEnvironment } from '../git/run.ts';

/** Path of `git-http-backend`, which is started directly, without `git` in front of it. */
export const findBackend = async (): Promise<string> =>
  join((await git('/', ['--exec-path'])).trim(), 'git-http-backend');

export interface BackendCall {
  program: string;
  /** The bare repository. */
  dir: string;
  /** `info/refs`, `git-upload-pack` or `git-receive-pack`. */
  service: string;
  query: string;
  request: IncomingMessage;
  body: Readable;
}

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};

/** The CGI variables of git-http-backend (https://git-scm.com/docs/git-http-backend). */
const environment = (call: BackendCall): Record<string, string> =>
  gitEnvironment({
    GIT_PROJECT_ROOT: dirname(call.dir),
    PATH_INFO: `${call.dir.slice(dirname(call.dir).length)}/${call.service}`,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: call.request.method ?? 'GET',
    QUERY_STRING: call.query,
    CONTENT_TYPE: header(call.request, 'content-type'),
    HTTP_CONTENT_ENCODING: header(call.request, 'content-encoding'),
    HTTP_GIT_PROTOCOL: header(call.request, 'git-protocol'),
    GIT_PROTOCOL: header(call.request, 'git-protocol'),
    REMOTE_ADDR: call.request.socket.remoteAddress ?? '',
  });

const writeHead = (response: ServerResponse, head: string): void => {
  const lines = head.split(/\r?\n/).map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const status = lines.find(([name]) => name.toLowerCase() === 'status')?.[1];
  for (const [name, value] of lines) {
    if (name !== '' && name.toLowerCase() !== 'status') response.setHeader(name, value);
  }
  response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10));
};

/** Passes the child's output on as it arrives, without ending the response. Returns the status that was written. */
const copyResponse = (child: ChildProcess, response: ServerResponse): Promise<number> =>
  new Promise((resolve, reject) => {
    let head: Buffer | null = Buffer.alloc(0);
    child.stdout?.on('data', (chunk: Buffer) => {
      if (head === null) {
        if (!response.write(chunk)) {
          child.stdout?.pause();
          response.once('drain', () => child.stdout?.resume());
        }
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      writeHead(response, head.toString('latin1', 0, end));
      if (head.length > end + 4) response.write(head.subarray(end + 4));
      head = null;
    });
    child.on('error', reject);
    child.on('close', () => {
      if (head !== null) response.writeHead(500);
      resolve(response.statusCode);
    });
  });

const copyOutput = (child: ChildProcess, response: ServerResponse): Promise<number> =>
  new Promise((resolve, reject) => {
    child.stdout?.pipe(response, { end: false });
    child.on('error', reject);
    child.on('close', () => resolve(response.statusCode));
  });

/**
 * `git upload-pack` itself serves a fetch: git-http-backend would only start it, and large forges have no such process in
 * between either. Its output is the body, without headers.
 */
const startUploadPack = (call: BackendCall, response: ServerResponse): ChildProcess => {
  response.setHeader('content-type', 'application/x-git-upload-pack-result');
  response.setHeader('cache-control', 'no-cache');
  return spawn(join(dirname(call.program), 'git-upload-pack'), ['--stateless-rpc', call.dir], {
    env: environment(call),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
};

/**
 * Streams one Git request through Git's own program. The response is left open, so that the caller decides
 * what happens before the client sees its end; a client that disconnects ends the child.
 */
export const callBackend = async (call: BackendCall, response: ServerResponse): Promise<number> => {
  const isFetch = call.service === 'git-upload-pack' && header(call.request, 'content-encoding') === '';
  const child = isFetch
    ? startUploadPack(call, response)
    : spawn(call.program, [], { env: environment(call), stdio: ['pipe', 'pipe', 'ignore'] });
  response.on('close', () => {
    if (child.exitCode === null) child.kill();
  });
  child.stdin?.on('error', () => undefined);
  if (child.stdin) call.body.pipe(child.stdin);
  return isFetch ? copyOutput(child, response) : copyResponse(child, response);
};
