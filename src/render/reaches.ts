import { LRUCache } from 'lru-cache';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import { detectRenderer } from './detect.ts';
import { parseChartFile } from './helm/chart-dependencies.ts';
import { scanTemplate } from './helm/template-scan.ts';
import { walkHelm } from './helm/walk.ts';
import { type KustomizeMemos, walkKustomize } from './kustomize/walk.ts';
import { FileMemo } from './memo.ts';
import { walkPlain } from './plain/walk.ts';
import { emptyReach, type Reach } from './reach.ts';
import { type Seen, stillSeen, TracedTree } from './traced-tree.ts';
import { parseDocuments } from './yaml/documents.ts';

interface Known {
  reach: Reach;
  seen: Seen;
}

/** Targets whose last walk is remembered. */
const MAX_TARGETS = 20_000;

/**
 * What each app reaches. The last walk of a target is kept with everything it looked at; while all of that is as it was,
 * the walk is not repeated, so an app that a push does not touch costs a few look-ups in folders that are in memory.
 */
export class Reaches {
  private readonly known = new LRUCache<string, Known>({ max: MAX_TARGETS });
  private readonly maxFiles: number;
  private readonly memos: KustomizeMemos = {
    yaml: new FileMemo((text, path) => parseDocuments(text, path)),
    charts: new FileMemo(parseChartFile),
    templates: new FileMemo(scanTemplate),
  };

  constructor(maxFiles: number) {
    this.maxFiles = maxFiles;
  }

  /** Throws PATH_MISSING, RENDER_*, OBJECT_INVALID. The same value as long as nothing moved. */
  async of(target: Target, tree: Tree): Promise<Reach> {
    const key = keyOf(target);
    const known = this.known.get(key);
    if (known && (await stillSeen(tree, known.seen))) return known.reach;
    const traced = new TracedTree(tree);
    const reach = await this.walk(target, traced, tree);
    this.known.set(key, { reach, seen: await traced.seen() });
    return reach;
  }

  /** The few folders that hold all that the target's last walk looked at. */
  heldBy(target: Target): string[] | undefined {
    const known = this.known.get(keyOf(target));
    return known?.reach.looksAtCluster === false ? known.seen.folders.map(([path]) => path) : undefined;
  }

  private async walk(target: Target, traced: TracedTree, tree: Tree): Promise<Reach> {
    const renderer = await detectRenderer(target, traced);
    if (renderer === 'helm') return walkHelm(target, traced, this.memos, this.maxFiles);
    if (renderer === 'kustomize') return walkKustomize(target.path, traced, this.memos, this.maxFiles);
    // The folder's own id, which the detection has looked at, stands for everything below it.
    const { files, warnings } = await walkPlain(tree, target.path, this.maxFiles);
    const reached = [...files].map(([path, id]) => [path, { path, id }] as const);
    return { ...emptyReach('plain'), files: new Map(reached), warnings };
  }
}

function keyOf({ repository, branch, path, renderer, helm }: Target): string {
  return JSON.stringify([repository, branch, path, renderer, helm.values]);
}
