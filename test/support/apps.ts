import { configMap, slipwayYaml } from './loan-service.ts';

/** Path → content of an app that is one ConfigMap at `apps/<name>`: it is healthy at once, so tests are not about its rollout. */
export function app(name: string, value: string): Record<string, string> {
  return { [`apps/${name}/settings.yaml`]: configMap(name, { value }) };
}

/** A slipway.yaml whose apps are the folders of `apps/`. */
export function appsYaml(namespace: string, environments: Record<string, string> = { production: 'main' }) {
  const entries = Object.entries(environments).map(([name, branch]) => {
    const cluster = name === 'staging' ? 'staging' : 'prod';
    return [name, { branch, cluster, namespace: `${namespace}${name === 'production' ? '' : `-${name}`}` }];
  });
  return slipwayYaml(Object.fromEntries(entries), { '*': { path: 'apps/{app}' } });
}
