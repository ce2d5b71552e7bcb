import { z } from 'zod';
import { fields, file, httpUrl, secret } from './values.ts';

const webhookSecrets = z
  .array(secret, {
    error:
      'is missing: a forge without a webhook secret would be an open door; write webhookSecrets: [{ env: NAME }]',
  })
  .min(1, { error: 'is empty: a forge without a webhook secret would be an open door' })
  .describe('Secrets that webhooks may be signed with: several while one is changed.');

const common = {
  webhookSecrets,
  apiUrl: httpUrl.optional().describe('Address of the REST API, where it is not at the usual place.'),
  token: secret.optional().describe('Access token; see the README of the forge for its scopes.'),
  ssh: fields({
    key: file.describe('Private key.'),
    knownHosts: file.optional().describe('known_hosts file; default: the first key seen of a host is kept.'),
  })
    .optional()
    .describe('Fetch over SSH with this key instead of HTTPS.'),
};

const github = fields({
  type: z.literal('github').describe('GitHub or GitHub Enterprise.'),
  url: httpUrl
    .default('https://github.com')
    .describe('GitHub Enterprise: its address; the API is at <url>/api/v3.'),
  ...common,
  app: fields({
    id: z.union([z.int().min(1), z.string().min(1)]).describe('App id or client id.'),
    privateKey: secret,
    installationId: z.int().min(1).optional().describe('Default: asked for each repository.'),
  })
    .optional()
    .describe('A GitHub App instead of a token.'),
}).refine((forge) => !(forge.app && forge.token), { error: 'has app and token: keep one' });

const gitlab = fields({
  type: z.literal('gitlab').describe('GitLab, gitlab.com or your own.'),
  url: httpUrl.default('https://gitlab.com').describe('Address of the GitLab; the API is at <url>/api/v4.'),
  ...common,
});

export const forgeSchema = z.discriminatedUnion('type', [github, gitlab], {
  error: 'must be "github" or "gitlab"',
});
export type ForgeFile = z.output<typeof forgeSchema>;
