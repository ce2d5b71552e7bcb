import type { Cluster, Redis } from 'ioredis';
import type { Release } from '../model/release.ts';
import { repositoryOf, splitRepository } from '../model/target.ts';
import type { Retries } from '../ports/retries.ts';
import { takeRetriesScript } from './retries-scripts.ts';
import { runScript } from './script.ts';
import type { StateKeys } from './state-keys.ts';

/** Attempts that one sweep makes against a cluster or a forge that has not responded to the last ones. */
const FEW = 4;
/** Once one of them succeeds, the others follow, this many at a time. */
const MANY = 1_000;

export function createRetries(redis: Redis | Cluster, keys: StateKeys): Retries {
  return {
    async take() {
      const taken = await runScript(redis, takeRetriesScript, [keys.retries], [keys.target(''), FEW, MANY]);
      const values = (taken as unknown[]).map(String);
      return Array.from({ length: values.length / 3 }, (_, i) => {
        const [target = '', cluster = '', index = '0'] = values.slice(3 * i, 3 * i + 3);
        return { target, cluster, index: Number(index) };
      });
    },
  };
}

/** What stood in the way of a release that is attempted again: the forge, or the cluster of the target; else empty. */
export function obstacleOf({ target, failure, repetition }: Release): string {
  if (!repetition?.isOver || !failure) return '';
  const isForge = failure.code.startsWith('GIT_') || failure.code.startsWith('FORGE_');
  return isForge ? `forge:${splitRepository(repositoryOf(target)).forge}` : 'cluster';
}
