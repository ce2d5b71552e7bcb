import { createHmac } from 'node:crypto';
import type { ForgeConfig } from '../../../src/config/server-config.ts';
import { createForges } from '../../../src/forges/registry.ts';
import type { Forge, WebhookRequest } from '../../../src/ports/forge.ts';

export const secret = 'a secret of the webhook';

export const githubConfig: ForgeConfig = {
  name: 'github',
  type: 'github',
  url: 'https://github.com',
  apiUrl: 'https://api.github.com',
  webhookSecrets: [secret],
  auth: { kind: 'none' },
  maxRequests: 64,
};

export const gitlabConfig: ForgeConfig = {
  name: 'gitlab',
  type: 'gitlab',
  url: 'https://gitlab.com',
  apiUrl: 'https://gitlab.com/api/v4',
  webhookSecrets: [secret],
  auth: { kind: 'none' },
  maxRequests: 64,
};

export function forgeOf(config: ForgeConfig, addSecret: (secret: string) => void = () => {}): Forge {
  const forge = createForges({ [config.name]: config }, { log: { warn: () => {} }, addSecret }).get(
    config.name,
  );
  if (!forge) throw new Error('no forge');
  return forge;
}

export function githubSignature(body: Buffer, key = secret): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
}

/** A delivery as GitHub sends it; a header given as undefined is left out. */
export function githubRequest(
  event: string,
  body: string | Buffer,
  headers: Record<string, string | undefined> = {},
): WebhookRequest {
  const bytes = Buffer.from(body);
  return {
    body: bytes,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': '5bb3b5c0-0000-11ef-8000-000000000001',
      'x-hub-signature-256': githubSignature(bytes),
      ...headers,
    },
  };
}

/** A delivery as GitLab sends it; a header given as undefined is left out. */
export function gitlabRequest(
  event: string,
  payload: object,
  headers: Record<string, string | undefined> = {},
): WebhookRequest {
  return {
    body: Buffer.from(JSON.stringify(payload)),
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': event,
      'x-gitlab-token': secret,
      'idempotency-key': '6cc4c6d1-0000-11ef-8000-000000000001',
      ...headers,
    },
  };
}
