import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { appName } from '../support/small-apps.ts';
import { namespaceOf } from './actors.ts';
import type { Pushed } from './last-words.ts';
import type { Setting } from './setting.ts';

const execute = promisify(execFile);
const LARGEST_LIST = 256 * 1024 * 1024;

interface List {
  items: { metadata: { name: string; labels?: Record<string, string> } }[];
}

/** Apps whose Deployment on the cluster is not of the version that was pushed last. */
export async function staleApps(pushed: Pushed[], setting: Setting): Promise<string[]> {
  const stale: string[] = [];
  const byActor = Map.groupBy(pushed, ({ actor }) => actor);
  for (const [actor, commits] of byActor) {
    if (actor.end !== 'success') continue;
    const wanted = new Map<string, string>();
    for (const { number } of commits)
      for (const index of actor.changed(number)) wanted.set(appName(index), `v${number}`);
    const live = await versionsIn(namespaceOf(actor), setting);
    for (const [name, version] of wanted) {
      if (live.get(name) !== version)
        stale.push(`${actor.repo} ${name}: ${live.get(name)} is live, not ${version}`);
    }
  }
  return stale;
}

async function versionsIn(namespace: string, { sandbox }: Setting): Promise<Map<string, string | undefined>> {
  const args = ['--kubeconfig', sandbox.kubeconfig, 'get', 'deployments', '-n', namespace, '-o', 'json'];
  const { stdout } = await execute(sandbox.programs.kubectl, args, { maxBuffer: LARGEST_LIST });
  const { items } = JSON.parse(stdout) as List;
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.labels?.version]));
}
