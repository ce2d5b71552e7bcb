import { type Target, targetId } from '../model/target.ts';
import type { ReleaseStore } from '../ports/releases.ts';

/** Why the target must wait, or undefined where all it depends on runs as desired. */
export async function unreadyDependency(
  target: Target,
  releases: Pick<ReleaseStore, 'record'>,
): Promise<string | undefined> {
  for (const app of target.dependsOn) {
    const name = `${app}@${target.environment}`;
    const record = await releases.record(targetId({ ...target, app }));
    if (!record?.desired) return `waits for ${name}, which has never been deployed`;
    const state = record.last?.state;
    const blocked = state === 'blocked' && record.last?.revision === record.desired.revision;
    if (record.desired.revision > record.handled) {
      return `waits for ${name}, which is ${blocked ? 'blocked' : 'on its way'}`;
    }
    if (state !== 'succeeded' && state !== 'unchanged') return `waits for ${name}, which is ${state}`;
  }
  return undefined;
}
