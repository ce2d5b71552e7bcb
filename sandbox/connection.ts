import { z } from 'zod';
import { PROGRAM_NAMES } from './programs/table.ts';
import type { Sandbox } from './sandbox.ts';

/** Environment variable that carries a connection, as JSON, from the process that owns a sandbox to its tests. */
export const CONNECTION_VARIABLE = 'SLIPWAY_TEST_SANDBOX';

const faceSchema = z.object({ url: z.string(), token: z.string() });

/** What another process needs to use a running sandbox. */
export const connectionSchema = z.object({
  redisUrl: z.string(),
  kubeconfig: z.string(),
  apiServerUrl: z.string(),
  forge: z.object({ github: faceSchema, gitlab: faceSchema, adminUrl: z.string(), adminToken: z.string() }),
  programs: z.record(z.enum(PROGRAM_NAMES), z.string()),
  /** Folder with helm, kustomize, kubectl and slipway-engine, for a PATH. */
  bin: z.string(),
});
export type Connection = z.infer<typeof connectionSchema>;

export function connectionOf(sandbox: Sandbox): Connection {
  return connectionSchema.parse(sandbox);
}

/** The shell lines that point a terminal, and `npm test` in it, at a sandbox. */
export function exportsOf(sandbox: Sandbox): string {
  const { github, gitlab, adminUrl, adminToken } = sandbox.forge;
  const variables = {
    REDIS_URL: sandbox.redisUrl,
    KUBECONFIG: sandbox.kubeconfig,
    FORGE_GITHUB_URL: github.url,
    FORGE_GITHUB_API: `${github.url}/api/v3`,
    FORGE_GITHUB_TOKEN: github.token,
    FORGE_GITLAB_URL: gitlab.url,
    FORGE_GITLAB_API: `${gitlab.url}/api/v4`,
    FORGE_GITLAB_TOKEN: gitlab.token,
    FORGE_ADMIN_URL: adminUrl,
    FORGE_ADMIN_TOKEN: adminToken,
    [CONNECTION_VARIABLE]: JSON.stringify(connectionOf(sandbox)),
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  return [...lines, `export PATH='${sandbox.bin}':"$PATH"`].join('\n');
}
