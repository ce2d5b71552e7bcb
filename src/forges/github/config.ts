import { z } from 'zod';
import { type ForgeType, forgeFields } from '../../config/forge-type.ts';
import { fields, httpUrl, secret } from '../../config/values.ts';

const schema = fields({
  type: z.literal('github').describe('GitHub or GitHub Enterprise.'),
  url: httpUrl
    .default('https://github.com')
    .describe('GitHub Enterprise: its address; the API is at <url>/api/v3.'),
  ...forgeFields,
  app: fields({
    id: z.union([z.int().min(1), z.string().min(1)]).describe('App id or client id.'),
    privateKey: secret,
    installationId: z.int().min(1).optional().describe('Default: looked up for each repository.'),
  })
    .optional()
    .describe('A GitHub App instead of a token.'),
}).refine((forge) => !(forge.app && forge.token), { error: 'has app and token: keep one' });

/** The configuration of a GitHub in server.yaml. */
export const githubType: ForgeType<z.output<typeof schema>> = {
  type: 'github',
  schema,
  /** https://docs.github.com/en/enterprise-server/rest/quickstart */
  apiUrlOf: (url) => (url === 'https://github.com' ? 'https://api.github.com' : `${url}/api/v3`),
  async readAuth({ app }, read) {
    if (!app) return undefined;
    return {
      kind: 'app',
      appId: String(app.id),
      privateKey: await read(app.privateKey, 'app', 'privateKey'),
      installationId: app.installationId,
    };
  },
};
