import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { adminRoutes } from './admin/routes.ts';
import type { Context } from './context.ts';
import type { ForgeContexts } from './contexts.ts';
import { githubRoutes } from './github/app.ts';
import { gitlabRoutes } from './gitlab/app.ts';
import { createSender } from './hooks/sender.ts';
import type { Face, ForgeAddress } from './protocol.ts';
import type { FaceState, ForgeState } from './state.ts';
import { findBackend } from './transport/backend.ts';
import { transportRoutes } from './transport/routes.ts';

export interface ForgeOptions {
  /** Folder of the repositories: `<face>/<owner>/<name>.git`. */
  dir: string;
  host?: string;
  /** Default: 0, which takes a free port. */
  ports?: { github?: number; gitlab?: number; admin?: number };
}

export interface Forge extends ForgeAddress {
  stop(): Promise<void>;
}

/** A pushed pack may have any size; a REST body may not. */
const LARGEST_PUSH = 2 ** 31;

const secret = (prefix: string): string => `${prefix}${randomBytes(18).toString('hex')}`;

const newFace = (face: Face, token: string): FaceState => ({
  face,
  url: '',
  token,
  repositories: new Map(),
  faults: {},
  requests: [],
});

const newState = (dir: string): ForgeState => {
  let lastId = 1000;
  return {
    dir,
    adminToken: secret('admin_'),
    faces: { github: newFace('github', secret('ghp_')), gitlab: newFace('gitlab', secret('glpat-')) },
    deliveries: [],
    apps: new Map(),
    installations: new Map(),
    installationTokens: new Map(),
    nextId: () => {
      lastId += 1;
      return lastId;
    },
  };
};

const newApp = (): FastifyInstance =>
  fastify({
    bodyLimit: LARGEST_PUSH,
    forceCloseConnections: true,
    keepAliveTimeout: 60_000,
    routerOptions: { maxParamLength: 1000 },
  });

const listen = async (app: FastifyInstance, host: string, port: number): Promise<string> => {
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  return `http://${host}:${address.port}`;
};

const faceApp = (context: Context, program: string): FastifyInstance => {
  const app = newApp();
  const [prefix, routes] =
    context.face.face === 'github'
      ? (['/api/v3', githubRoutes] as const)
      : (['/api/v4', gitlabRoutes] as const);
  app.register(async (scope) => routes(scope, context), { prefix });
  transportRoutes(app, { ...context, program });
  return app;
};

/**
 * Starts a Git forge with a GitHub and a GitLab face, each on a port of its own, and an admin interface. Everything
 * but the repositories is in memory.
 */
export const startForge = async (options: ForgeOptions): Promise<Forge> => {
  const host = options.host ?? '127.0.0.1';
  await mkdir(options.dir, { recursive: true });
  const program = await findBackend();
  const state = newState(options.dir);
  const sender = createSender(state);
  const { github, gitlab } = state.faces;
  const contexts: ForgeContexts = {
    state,
    github: { state, face: github, sender },
    gitlab: { state, face: gitlab, sender },
  };
  const apps = {
    github: faceApp(contexts.github, program),
    gitlab: faceApp(contexts.gitlab, program),
    admin: newApp(),
  };
  apps.admin.register(async (scope) => adminRoutes(scope, contexts), { prefix: '/_admin' });
  github.url = await listen(apps.github, host, options.ports?.github ?? 0);
  gitlab.url = await listen(apps.gitlab, host, options.ports?.gitlab ?? 0);
  const adminUrl = await listen(apps.admin, host, options.ports?.admin ?? 0);
  return {
    github: { url: github.url, token: github.token },
    gitlab: { url: gitlab.url, token: gitlab.token },
    adminUrl,
    adminToken: state.adminToken,
    stop: async () => {
      await sender.stop();
      await Promise.all(Object.values(apps).map((app) => app.close()));
    },
  };
};
