import type { KeyPath } from './yaml-file.ts';

/** The processes of Slipway; `run` is all of them in one. */
export type ProcessName = 'run' | 'server' | 'intake' | 'plan' | 'deploy' | 'notify';

/** What the secrets of server.yaml are for. */
type Purpose = 'redis' | 'webhooks' | 'api' | 'links' | 'forges' | 'clusters';

/**
 * The purposes that each process has secrets for; it starts without the others. The chart hands out the same
 * (helm/slipway/templates/_helpers.tpl), and test/integration/helm-chart compares the two.
 */
const purposes: Record<ProcessName, readonly Purpose[]> = {
  run: ['redis', 'webhooks', 'api', 'links', 'forges', 'clusters'],
  server: ['redis', 'webhooks', 'api', 'links'],
  intake: ['redis', 'forges', 'clusters'],
  plan: ['redis', 'forges', 'clusters'],
  deploy: ['redis', 'forges', 'clusters'],
  notify: ['redis', 'forges', 'links'],
};

/** Whether a process needs the secret at this key of server.yaml. */
export function needsSecret(process: ProcessName, path: KeyPath): boolean {
  return purposes[process].includes(purposeOf(path));
}

function purposeOf(path: KeyPath): Purpose {
  const [section, , key] = path;
  if (key === 'webhookSecrets') return 'webhooks';
  switch (section) {
    case 'redis':
      return 'redis';
    case 'api':
      return 'api';
    case 'linkSecret':
      return 'links';
    case 'clusters':
      return 'clusters';
    default:
      return 'forges';
  }
}
