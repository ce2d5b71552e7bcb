import type { ForgeAuth, ServerConfig } from './server-config.ts';

/** Every secret value of server.yaml, for the logger to mask. */
export function secretsOf(config: ServerConfig): string[] {
  const { redis } = config;
  const values: (string | undefined)[] = [
    ...Object.values(config.forges).flatMap((forge) => [...forge.webhookSecrets, authSecret(forge.auth)]),
    ...Object.values(config.projects).flatMap(({ webhookSecrets }) => webhookSecrets),
    ...config.api.tokens.map(({ secret }) => secret),
    config.linkSecret,
    redis.password,
    redis.tls?.key,
    ...(redis.kind === 'sentinel' ? [redis.sentinelPassword] : []),
    ...(redis.kind === 'url' ? urlSecrets(redis.url) : []),
  ];
  return values.flatMap((value) => (value ? [value] : []));
}

function authSecret(auth: ForgeAuth): string | undefined {
  if (auth.kind === 'none') return undefined;
  return auth.kind === 'app' ? auth.privateKey : auth.token;
}

/** The password as it is written in the address, and decoded as it is sent. */
function urlSecrets(url: string): string[] {
  const password = URL.canParse(url) ? new URL(url).password : '';
  return [password, decodeURIComponent(password)];
}
