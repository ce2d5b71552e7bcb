import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { now } from '../clock.ts';
import { activeFaults } from '../faults.ts';
import { readRef } from '../git/refs.ts';
import { ZERO_SHA } from '../git/run.ts';
import type { Sender } from '../hooks/sender.ts';
import type { RefChange } from '../protocol.ts';
import { preparePush } from '../push.ts';
import { recordRequest } from '../requests.ts';
import type { FaceState, ForgeState, Repository } from '../state.ts';
import { mayAccess, readToken } from './access.ts';
import { asksAbilities, type ReadAbilities, rememberAbilities } from './advertisement.ts';
import { type BackendCall, callBackend } from './backend.ts';
import { readCommands } from './commands.ts';

export interface TransportOptions {
  state: ForgeState;
  face: FaceState;
  sender: Sender;
  /** Path of git-http-backend. */
  program: string;
}

const GIT_PATH = /^\/(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

const plain = (response: ServerResponse, status: number, text: string): void => {
  if (status === 401) response.setHeader('www-authenticate', 'Basic realm="Forge"');
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
};

/** The reason to refuse a request before git sees it. For strangers a private repository does not exist, as on both forges. */
const refusal = (
  options: TransportOptions,
  repository: Repository | undefined,
  headers: IncomingMessage['headers'],
  writes: boolean,
): [number, string] | null => {
  const token = readToken(headers);
  if (repository === undefined)
    return token === null ? [401, 'Authentication required'] : [404, 'Repository not found'];
  if (activeFaults(options.face, repository).gitDown === true) return [503, 'Service Unavailable'];
  if (!writes && !repository.private) return null;
  if (mayAccess(options.state, options.face, token, repository)) return null;
  return [401, token === null ? 'Authentication required' : 'Invalid username or token'];
};

const HANG_LOOK_MS = 50;

/** Resolves when the repository does not hang (any more), or its client is gone. */
const whileHanging = async (face: FaceState, repository: Repository, response: ServerResponse) => {
  while (activeFaults(face, repository).gitHangs === true && !response.destroyed) await sleep(HANG_LOOK_MS);
};

/** The requested changes that took effect: git refuses a ref that is protected or not a fast-forward. */
const happened = async (dir: string, asked: readonly RefChange[]): Promise<RefChange[]> => {
  const kept: RefChange[] = [];
  for (const change of asked) {
    const sha = (await readRef(dir, change.ref)) ?? ZERO_SHA;
    if (sha === change.after && change.before !== change.after) kept.push(change);
  }
  return kept;
};

/** A push: git writes it, the webhooks are prepared, then the response ends and the webhooks are sent. */
const receive = (
  options: TransportOptions,
  repository: Repository,
  call: BackendCall,
  response: ServerResponse,
) =>
  repository.write(async () => {
    const receivedAt = now();
    const commands = readCommands(call.body, call.request.headers['content-encoding']);
    await callBackend(call, response);
    const refs = await happened(repository.dir, await commands);
    const announce = await preparePush(options, repository, { refs, receivedAt, via: 'git' });
    response.end();
    announce(now());
  });

const serve = async (
  options: TransportOptions,
  abilities: ReadAbilities,
  request: FastifyRequest,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(request.url, 'http://forge');
  const [, name = '', service = ''] = GIT_PATH.exec(decodeURIComponent(url.pathname)) ?? [];
  if (service === '') return plain(response, 404, 'Not Found');
  const repository = options.face.repositories.get(name.toLowerCase());
  if (repository) await whileHanging(options.face, repository, response);
  const pushes = service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const refused = refusal(options, repository, request.headers, pushes);
  if (refused !== null || repository === undefined)
    return plain(response, ...(refused ?? [404, 'Not Found']));
  if (asksAbilities(url, request.headers['git-protocol'])) {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' });
    response.end(await abilities(repository.dir));
    return;
  }
  const call: BackendCall = {
    program: options.program,
    dir: repository.dir,
    service,
    query: url.search.slice(1),
    request: request.raw,
    body: request.raw,
  };
  if (service === 'git-receive-pack') return receive(options, repository, call, response);
  await callBackend(call, response);
  response.end();
};

/** Git over smart HTTP (https://git-scm.com/docs/gitprotocol-http), for every path that is no REST call. */
export const transportRoutes = (app: FastifyInstance, options: TransportOptions): void => {
  const abilities = rememberAbilities();
  for (const service of ['upload-pack', 'receive-pack']) {
    app.addContentTypeParser(`application/x-git-${service}-request`, (_request, _body, done) => done(null));
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    handler: async (request, reply) => {
      reply.hijack();
      const at = now();
      await serve(options, abilities, request, reply.raw).catch((error: unknown) => {
        request.log.error(error);
        reply.raw.destroy();
      });
      recordRequest(options.face, request, { at, kind: 'git', status: reply.raw.statusCode, response: null });
    },
  });
};
