import type { Cluster, Redis } from 'ioredis';
import type { RepositoryId, Target, TargetId } from '../model/target.ts';
import type { DesiredStore, Effect, Found, Moved, Unsettled } from '../ports/desired.ts';
import type { DeployWakeUp } from '../ports/wake-ups.ts';
import { beforeCommit } from './commit-reports.ts';
import {
  againDesiredScript,
  MOVED_FIELDS,
  nextSequenceScript,
  repeatDesiredScript,
  setDesiredScript,
} from './desired-scripts.ts';
import { createLastWrites } from './last-write.ts';
import { nextRun } from './next-run.ts';
import { runScript } from './script.ts';
import { KEEP_SECONDS, type StateKeys } from './state-keys.ts';
import { createTargetLists } from './target-lists.ts';
import { toJson } from './to-json.ts';

/** Redis unpacks the keys of one call on its Lua stack; this many stay far below its limit. */
const TARGETS_PER_CALL = 500;

/** What the script returns if another write followed the one that was compared with. */
const OTHER_WRITE = -2;

interface WritePart {
  found: Found[];
  /** What the calls before this one moved. */
  before: Moved[];
  sequence: number;
  /** The whole write that what is left out was compared with; undefined: nothing is left out. */
  since: string | undefined;
  isLast: boolean;
}

interface TargetState extends DeployWakeUp {
  /** No release has ended for the desired revision. */
  isUnhandled: boolean;
}

export function createDesiredStore(redis: Redis | Cluster, keys: StateKeys): DesiredStore {
  /** A renamed environment has as many targets to remove as apps, and each removal asks about all of them. */
  const scans = new Map<RepositoryId, () => Promise<TargetId[]>>();
  const lastWrites = createLastWrites();
  const lists = createTargetLists(redis, keys);

  async function writeSome(repository: RepositoryId, part: WritePart): Promise<Moved[] | 'late' | 'other'> {
    const { found, before, sequence, since, isLast } = part;
    const response = await runScript(
      redis,
      setDesiredScript,
      [
        keys.repository(repository),
        keys.listed,
        keys.unsent,
        keys.unwell,
        keys.events,
        ...found.map(({ target }) => keys.target(target.id)),
      ],
      [
        sequence,
        keys.desiredChannel,
        ...beforeCommit(keys, repository),
        KEEP_SECONDS,
        JSON.stringify(countByBranch(before)),
        since ?? '',
        isLast ? '1' : '0',
        ...found.flatMap(argumentsOf),
      ],
    );
    if (Array.isArray(response)) return readMoved(response.map(String), found);
    return Number(response) === OTHER_WRITE ? 'other' : 'late';
  }

  async function writeAll(repository: RepositoryId, sequence: number, found: Found[], since?: string) {
    const all: Moved[] = [];
    for (let at = 0; at === 0 || at < found.length; at += TARGETS_PER_CALL) {
      const some = found.slice(at, at + TARGETS_PER_CALL);
      const isLast = at + TARGETS_PER_CALL >= found.length;
      const part = { found: some, before: all, sequence, since, isLast };
      const moved = await writeSome(repository, part);
      if (!Array.isArray(moved)) return moved;
      all.push(...moved);
    }
    return all;
  }

  async function lastWriteOf(repository: RepositoryId) {
    const [whole, unwell] = await Promise.all([
      redis.hget(keys.repository(repository), 'whole'),
      redis.smembers(keys.unwell),
    ]);
    return { whole, unwell: new Set(unwell) };
  }

  async function statesOf(all: TargetId[]): Promise<TargetState[]> {
    const found: TargetState[] = [];
    for (let at = 0; at < all.length; at += TARGETS_PER_CALL) {
      const some = all.slice(at, at + TARGETS_PER_CALL);
      const batch = redis.pipeline();
      for (const target of some) batch.hmget(keys.target(target), 'revision', 'handled', 'index', 'target');
      const results = (await batch.exec()) ?? [];
      for (const [i, target] of some.entries()) {
        const [revision, handled, index, json] = (results[i]?.[1] ?? []) as (string | null)[];
        const isUnhandled = Number(revision ?? 0) > Number(handled ?? 0);
        found.push({ target, cluster: clusterIn(json), index: Number(index ?? 0), isUnhandled });
      }
    }
    return found;
  }

  async function unsettledOf(some: TargetId[]): Promise<Unsettled[]> {
    const batch = redis.pipeline();
    for (const id of some) batch.hmget(keys.target(id), 'target', 'commit', 'key', 'revision', 'handled');
    const results = (await batch.exec()) ?? [];
    return results.flatMap(([, values]) => readUnsettled((values ?? []) as (string | null)[]) ?? []);
  }

  const unsettled = nextRun(async () => {
    const all = await redis.smembers(keys.unwell);
    const found: Unsettled[] = [];
    for (let at = 0; at < all.length; at += TARGETS_PER_CALL) {
      found.push(...(await unsettledOf(all.slice(at, at + TARGETS_PER_CALL))));
    }
    return found;
  });

  async function unwellOf(repository: RepositoryId): Promise<TargetId[]> {
    const unwell = await redis.smembers(keys.unwell);
    const all = await statesOf(unwell.filter((id) => id.startsWith(`${repository}//`)));
    return all
      .sort((a, b) => Number(b.isUnhandled) - Number(a.isUnhandled) || b.index - a.index)
      .map(({ target }) => target);
  }

  return {
    async unhandled() {
      const all = await statesOf(await redis.smembers(keys.unwell));
      return all.flatMap(({ isUnhandled, ...wakeUp }) => (isUnhandled ? [wakeUp] : []));
    },
    unsettled,
    unwell(repository) {
      const scan = scans.get(repository) ?? nextRun(() => unwellOf(repository));
      scans.set(repository, scan);
      return scan();
    },
    async knownBeside(repository, present) {
      const gone = (await lists.targetsOf(repository)).filter((id) => !present.has(id));
      const texts = await Promise.all(gone.map((id) => redis.hget(keys.target(id), 'target')));
      return texts.flatMap((text) => (text ? [JSON.parse(text) as Target] : []));
    },
    async nextSequence(repository) {
      return Number(await runScript(redis, nextSequenceScript, [keys.repository(repository)], []));
    },
    async setDesired(repository, sequence, found) {
      const at = await lastWriteOf(repository);
      const differing = lastWrites.differing(repository, found, at);
      let moved = differing && (await writeAll(repository, sequence, differing, at.whole ?? undefined));
      if (moved === undefined || moved === 'other') moved = await writeAll(repository, sequence, found);
      if (!Array.isArray(moved)) return undefined;
      lastWrites.keep(repository, found, sequence);
      return moved;
    },
    async advance(repository, sequence, found) {
      await writeAll(repository, sequence, found);
    },
    async repeat(target, cause) {
      const args = [toJson(cause), keys.desiredChannel, target];
      const touched = [keys.target(target), keys.unwell, keys.events, keys.listed];
      return Number(await runScript(redis, repeatDesiredScript, touched, args)) || undefined;
    },
    async again(target) {
      const args = [keys.desiredChannel, target];
      const touched = [keys.target(target), keys.listed, keys.unwell, keys.events];
      return (await runScript(redis, againDesiredScript, touched, args)) === 1;
    },
  };
}

function readUnsettled(values: (string | null)[]): Unsettled | undefined {
  const [text, commit, contentKey, revision, handled] = values;
  const target = text ? (JSON.parse(text) as Target) : undefined;
  if (!target || target.removed || !commit || !contentKey) return undefined;
  const isOpen = Number(revision ?? 0) > Number(handled ?? 0);
  return { target, commit, contentKey, revision: Number(revision ?? 0), isOpen };
}

function argumentsOf({ target, commit, since, contentKey, policyKey, cause, retry }: Found): string[] {
  const { id, environment, branch } = target;
  const wanted = [commit, contentKey, toJson(cause), retry ? '1' : '0'];
  return [id, toJson(target), ...wanted, environment, branch, since ?? '', policyKey ?? ''];
}

function clusterIn(json: string | null | undefined): string {
  return json ? (JSON.parse(json) as Target).cluster : '';
}

function readMoved(response: string[], found: Found[]): Moved[] {
  const targets = new Map(found.map(({ target }) => [target.id, target]));
  const moved: Moved[] = [];
  for (let i = 0; i < response.length; i += MOVED_FIELDS) {
    const [target = '', index = '0', skipped = '', effect] = response.slice(i, i + MOVED_FIELDS);
    moved.push({
      target,
      branch: targets.get(target)?.branch ?? '',
      cluster: targets.get(target)?.cluster ?? '',
      index: Number(index),
      skipped: skipped === '' ? [] : skipped.split(' '),
      effect: effect as Effect,
    });
  }
  return moved;
}

function countByBranch(moved: Moved[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { branch, effect } of moved) if (effect === 'moved') counts[branch] = (counts[branch] ?? 0) + 1;
  return counts;
}
