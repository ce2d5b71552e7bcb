import type { ServerConfig } from './server-config.ts';
import type { KeyPath } from './yaml-file.ts';

interface Finding {
  path: KeyPath;
  message: string;
  hint: string;
}

/** Checks of the secrets themselves, once they are read. No finding quotes one. */
export function checkSecrets({ forges, projects }: ServerConfig): Finding[] {
  const ofForges = Object.values(forges).flatMap(({ webhookSecrets }) => webhookSecrets);
  return Object.values(projects).flatMap(({ name, webhookSecrets }) =>
    webhookSecrets.flatMap((secret, index) => {
      const others = Object.values(projects).filter((other) => other.name !== name);
      const isShared =
        ofForges.includes(secret) || others.some((other) => other.webhookSecrets.includes(secret));
      // A missing secret is an empty text.
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
