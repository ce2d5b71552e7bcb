import type { ConfigReader } from '../config/config-reader.ts';
import { followedBranches } from '../config/resolve-targets.ts';
import type { SlipwayConfig } from '../config/slipway-schema.ts';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { Tree } from '../model/tree.ts';
import type { Mirror } from '../ports/git.ts';
import type { RepositoryState } from '../ports/repositories.ts';

export const CONFIG_FILE = 'slipway.yaml';

/** A branch's own slipway.yaml at its head; undefined if the file is missing. */
export type BranchConfig = SlipwayConfig | SlipwayError | undefined;

/** The state of the repository in Git. */
export interface Heads {
  defaultBranch: string;
  /** Heads of the default branch and of every followed branch; a deleted branch is absent. */
  heads: Map<string, string>;
  /** The default branch's last valid slipway.yaml, which alone defines environments. Undefined: there was none yet. */
  environments: SlipwayConfig | undefined;
  /** The text that `environments` was read from. */
  text: string | undefined;
  /** The default branch's slipway.yaml as it is now. */
  config: BranchConfig;
}

/** Reads and parses a branch's slipway.yaml. An invalid one is returned and not thrown: the last valid one stays. */
export async function readConfig(
  tree: Tree,
  configs: ConfigReader,
): Promise<{ config: BranchConfig; text?: string }> {
  const entry = await tree.entry(CONFIG_FILE);
  if (entry?.type !== 'blob') return { config: undefined };
  try {
    const text = (await tree.read(CONFIG_FILE, 1024 * 1024)).toString();
    return { config: await configs.read(text), text };
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw error;
    return { config: known };
  }
}

/** The last valid slipway.yaml of the default branch; undefined also if this version no longer accepts it. */
export async function lastGoodConfig(
  state: RepositoryState | undefined,
  configs: ConfigReader,
): Promise<SlipwayConfig | undefined> {
  if (state?.config === undefined) return undefined;
  try {
    return await configs.read(state.config);
  } catch {
    return undefined;
  }
}

/**
 * Fetches every branch that was followed last time. Fetches again only if the forge has another default branch now, or
 * if the default branch's slipway.yaml names other branches.
 */
export async function lookAtHeads(
  mirror: Mirror,
  state: RepositoryState | undefined,
  configs: ConfigReader,
  signal: AbortSignal,
  announced?: string,
): Promise<Heads> {
  const assumed = state?.defaultBranch ?? (await mirror.heads(signal)).defaultBranch;
  const known = await lastGoodConfig(state, configs);
  const first = [...new Set([assumed, ...(known ? followedBranches(known) : [])])];
  const { heads, defaultBranch = assumed } = await mirror.fetch(first, signal, announced);
  if (defaultBranch !== assumed) {
    return lookAtHeads(mirror, { heads: {}, ...state, defaultBranch }, configs, signal);
  }
  const head = heads.get(defaultBranch);
  if (head === undefined) {
    return { defaultBranch, heads, environments: known, text: state?.config, config: undefined };
  }
  const { config, text } = await readConfig(mirror.tree(head), configs);
  const valid = config && !(config instanceof SlipwayError) ? config : undefined;
  const environments = valid ?? known;
  const missing = environments
    ? followedBranches(environments).filter((branch) => !first.includes(branch))
    : [];
  if (missing.length > 0) {
    const more = await mirror.fetch(missing, signal);
    for (const [branch, commit] of more.heads) heads.set(branch, commit);
  }
  return { defaultBranch, heads, environments, text: valid ? text : state?.config, config };
}
