import type { ServerConfig } from './server-config.ts';
import type { KeyPath } from './yaml-file.ts';

interface Finding {
  path: KeyPath;
  message: string;
  hint: string;
}

/** Whoever has one signed message can try short secrets without asking anybody. */
const SHORTEST = 16;

/** Checks of the secrets themselves, once they are read. No finding quotes one. */
export function checkSecrets(config: ServerConfig): Finding[] {
  return [...shortSecrets(config), ...sharedWebhookSecrets(config), ...sharedTokens(config)];
}

interface SecretAt {
  path: KeyPath;
  secret: string;
}

function shortSecrets({ forges, projects, api, linkSecret }: ServerConfig): Finding[] {
  const all: SecretAt[] = [
    ...Object.values(forges).flatMap(({ name, webhookSecrets }) =>
      webhookSecrets.map((secret, at) => ({ path: ['forges', name, 'webhookSecrets', at], secret })),
    ),
    ...Object.values(projects).flatMap(({ name, webhookSecrets }) =>
      webhookSecrets.map((secret, at) => ({ path: ['projects', name, 'webhookSecrets', at], secret })),
    ),
    ...api.tokens.map(({ secret }, at) => ({ path: ['api', 'tokens', at, 'secret'], secret })),
    ...(linkSecret === undefined ? [] : [{ path: ['linkSecret'], secret: linkSecret }]),
  ];
  // A missing secret is an empty text.
  return all
    .filter(({ secret }) => secret !== '' && secret.length < SHORTEST)
    .map(({ path }) => ({
      path,
      message: `the secret has fewer than ${SHORTEST} characters`,
      hint: 'Make a random one, for example with: openssl rand -hex 32',
    }));
}

function sharedWebhookSecrets({ forges, projects }: ServerConfig): Finding[] {
  const ofForges = Object.values(forges).flatMap(({ webhookSecrets }) => webhookSecrets);
  return Object.values(projects).flatMap(({ name, webhookSecrets }) =>
    webhookSecrets.flatMap((secret, index) => {
      const others = Object.values(projects).filter((other) => other.name !== name);
      const isShared =
        ofForges.includes(secret) || others.some((other) => other.webhookSecrets.includes(secret));
      if (secret === '' || !isShared) return [];
      return [
        {
          path: ['projects', name, 'webhookSecrets', index],
          message: 'a forge or another project has the same secret',
          hint: 'Give the project a secret of its own: it speaks for the repositories of this project alone.',
        },
      ];
    }),
  );
}

/** A token finds one holder. */
function sharedTokens({ api }: ServerConfig): Finding[] {
  return api.tokens.flatMap(({ secret }, index) => {
    if (secret === '' || api.tokens.findIndex((other) => other.secret === secret) === index) return [];
    return [
      {
        path: ['api', 'tokens', index, 'secret'],
        message: 'another token has the same secret',
        hint: 'Give each token a secret of its own.',
      },
    ];
  });
}
