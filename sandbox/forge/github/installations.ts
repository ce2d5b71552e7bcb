import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { isoTime, now } from '../clock.ts';
import type { Context } from '../context.ts';
import { notFound } from '../failure.ts';
import type { NewInstallation } from '../protocol.ts';
import { findRepository } from '../state.ts';
import type { RepositoryPath } from './access.ts';
import { appOf } from './app-token.ts';
import { userView } from './views/user.ts';

/** Installation tokens live one hour. */
const LIFE_MS = 3_600_000;

const PERMISSIONS = {
  contents: 'read',
  metadata: 'read',
  statuses: 'write',
  pull_requests: 'write',
  deployments: 'write',
};

const installationView = (url: string, installation: NewInstallation) => {
  const account = userView(url, installation.repositories[0]?.split('/')[0] ?? 'acme', 'Organization');
  const at = `${url}/api/v3/app/installations/${installation.id}`;
  return {
    id: installation.id,
    account,
    repository_selection: 'selected',
    access_tokens_url: `${at}/access_tokens`,
    repositories_url: `${url}/api/v3/installation/repositories`,
    html_url: `${url}/settings/installations/${installation.id}`,
    app_id: installation.appId,
    app_slug: 'slipway',
    target_id: account.id,
    target_type: 'Organization',
    permissions: PERMISSIONS,
    events: ['push', 'pull_request'],
    created_at: isoTime(0),
    updated_at: isoTime(0),
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
};

/** GitHub App authentication: the installations of an App, and their tokens. */
export const installationRoutes = (app: FastifyInstance, context: Context): void => {
  const { state, face } = context;
  app.get<RepositoryPath>('/repos/:owner/:repo/installation', async (request) => {
    const { appId } = appOf(state, request);
    const { fullName } = findRepository(face, `${request.params.owner}/${request.params.repo}`);
    const found = [...state.installations.values()].find(
      (installation) => installation.appId === appId && installation.repositories.includes(fullName),
    );
    if (found === undefined) throw notFound();
    return installationView(face.url, found);
  });

  app.post<{ Params: { id: string } }>('/app/installations/:id/access_tokens', async (request, reply) => {
    const { appId } = appOf(state, request);
    const installation = state.installations.get(Number(request.params.id));
    if (installation === undefined || installation.appId !== appId) throw notFound();
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    const expiresAt = now() + LIFE_MS;
    state.installationTokens.set(token, { installationId: installation.id, expiresAt });
    return reply.code(201).send({
      token,
      expires_at: isoTime(expiresAt),
      permissions: PERMISSIONS,
      repository_selection: 'selected',
    });
  });
};
