import { createHash } from 'node:crypto';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Failure } from '../model/failure.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import { type Looks, stillSeen } from './files/looks.ts';
import { readJson, writeJson } from './json-file.ts';

/** What a target's render looked at, and so what decides its output. */
export interface Reach extends Looks {
  /** The output depends on the cluster's version and kinds as well. */
  asksCluster: boolean;
  /** With this content key, the render ends so. */
  failed?: { key: string; failure: Failure } | undefined;
}

/** Targets whose last renders are remembered in memory; on disk all are. */
const MAX_TARGETS = 20_000;
/** Contents of a target that are known again when they come back, as after a revert. */
const KEPT = 4;
/** A target whose reach is gone is rendered once more. */
const KEPT_MS = 30 * 24 * 60 * 60_000;

/**
 * What each target reached in its last renders, in memory and on this host's disk, where other processes find it. As long as
 * all of that would be seen again, the output is the same: an app that a push does not touch costs a few look-ups in
 * folders that are in memory.
 */
export class Reaches {
  private readonly parent: string;
  private readonly known = new LRUCache<string, Reach[]>({ max: MAX_TARGETS });
  private readonly dir: string;

  /** `version`: of everything that could look otherwise. */
  constructor(dir: string, version: string) {
    this.parent = dir;
    this.dir = join(dir, createHash('sha256').update(version).digest('hex').slice(0, 16));
  }

  /** Removes what nobody wrote for a month: of targets that are gone, and of versions that do not run any more. */
  async sweep(): Promise<void> {
    for (const version of await readdir(this.parent).catch(() => [])) {
      const folder = join(this.parent, version);
      for (const name of await readdir(folder).catch(() => [])) {
        const file = join(folder, name);
        const written = await stat(file).catch(() => undefined);
        if (written && Date.now() - written.mtimeMs > KEPT_MS) await rm(file, { force: true });
      }
      // Fails, as it should, while something is left in it.
      await rmdir(folder).catch(() => undefined);
    }
  }

  /** The reach of an earlier render that holds for this tree too. */
  async find(target: Target, tree: Tree): Promise<Reach | undefined> {
    const name = nameOf(target);
    const inMemory = this.known.get(name);
    const found = await firstThatHolds(inMemory ?? [], tree);
    if (found) return this.remember(name, found, inMemory ?? []);
    const onDisk = await readJson<Reach[]>(join(this.dir, name));
    const other = await firstThatHolds(onDisk ?? [], tree);
    return other && this.remember(name, other, onDisk ?? []);
  }

  async keep(target: Target, reach: Reach): Promise<void> {
    const name = nameOf(target);
    this.remember(name, reach, this.known.get(name) ?? []);
    await writeJson(this.dir, name, this.known.get(name));
  }

  /** The few folders that hold all that the target's last render looked at; undefined if more than files decides it. */
  heldBy(target: Target): string[] | undefined {
    const [last] = this.known.get(nameOf(target)) ?? [];
    return last?.asksCluster === false ? last.folders.map(([path]) => path) : undefined;
  }

  private remember(name: string, reach: Reach, others: Reach[]): Reach {
    const [first] = others;
    if (first !== reach || !this.known.has(name))
      this.known.set(name, [reach, ...others.filter((other) => other !== reach)].slice(0, KEPT));
    return reach;
  }
}

async function firstThatHolds(reaches: Reach[], tree: Tree): Promise<Reach | undefined> {
  for (const reach of reaches) {
    if (await stillSeen(tree, reach)) return reach;
  }
  return undefined;
}

/** What an app's render begins with; what it finds from there on are its looks. */
function nameOf({ repository, branch, path, renderer, namespace, helm, jsonnet }: Target): string {
  const start = JSON.stringify([repository, branch, path, renderer, namespace, helm, jsonnet]);
  return createHash('sha256').update(start).digest('hex');
}
