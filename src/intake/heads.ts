import type { ConfigReader } from '../config/config-reader.ts';
import { followedBranches } from '../config/resolve-targets.ts';
import type { SlipwayConfig } from '../config/slipway-schema.ts';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { Tree } from '../model/tree.ts';
import type { Fetched, Mirror } from '../ports/git.ts';
import type { RepositoryState } from '../ports/repositories.ts';

export const CONFIG_FILE = 'slipway.yaml';

/** A branch's own slipway.yaml at its head; undefined if the file is missing. */
export type BranchConfig = SlipwayConfig | SlipwayError | undefined;

/** The state of the repository in Git. */
export interface Heads {
  defaultBranch: string;
  /** Heads of the default branch and of every followed branch; a deleted branch is absent. */
  heads: Map<string, string>;
  /** Why Git refuses the head of a branch: its content is not known. */
  refused: Map<string, SlipwayError>;
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
  try {
    const entry = await tree.entry(CONFIG_FILE);
    if (entry?.type !== 'blob') return { config: undefined };
    const text = (await tree.read(CONFIG_FILE, 1024 * 1024)).toString();
    return { config: await configs.read(text), text };
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw error;
    return { config: known };
  }
}

/** The slipway.yaml of a branch's head, or why Git refuses the head. */
export async function readHead(
  mirror: Mirror,
  branch: string,
  { heads, refused }: Pick<Heads, 'heads' | 'refused'>,
  configs: ConfigReader,
): Promise<{ config: BranchConfig; text?: string }> {
  const error = refused.get(branch);
  if (error) return { config: error };
  return readConfig(mirror.tree(heads.get(branch) ?? ''), configs);
}

/** Fetches branches; if Git refuses the content of one, that does not stop the others. */
async function fetchHeads(
  mirror: Mirror,
  branches: string[],
  signal: AbortSignal,
  announced?: string,
): Promise<Fetched & Pick<Heads, 'refused'>> {
  try {
    return { ...(await mirror.fetch(branches, signal, announced)), refused: new Map() };
  } catch (error) {
    if (!isRefused(error)) throw error;
    return fetchOneByOne(mirror, branches, signal);
  }
}

async function fetchOneByOne(
  mirror: Mirror,
  branches: string[],
  signal: AbortSignal,
): Promise<Fetched & Pick<Heads, 'refused'>> {
  const { branches: listed, defaultBranch } = await mirror.heads(signal);
  const heads = new Map<string, string>();
  const refused = new Map<string, SlipwayError>();
  for (const branch of branches.filter((name) => listed.has(name))) {
    try {
      const fetched = await mirror.fetch([branch], signal);
      for (const [name, commit] of fetched.heads) heads.set(name, commit);
    } catch (error) {
      if (!isRefused(error)) throw error;
      heads.set(branch, listed.get(branch) ?? '');
      refused.set(branch, error);
    }
  }
  return { heads, refused, defaultBranch: defaultBranch === '' ? undefined : defaultBranch };
}

/** Git refuses the content of a head, or it is too large, so its files and its history are not known. */
export function isRefused(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError && ['GIT_INVALID', 'GIT_TOO_LARGE'].includes(error.code);
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
  const { heads, refused, defaultBranch = assumed } = await fetchHeads(mirror, first, signal, announced);
  if (defaultBranch !== assumed) {
    return lookAtHeads(mirror, { heads: {}, ...state, defaultBranch }, configs, signal);
  }
  const head = heads.get(defaultBranch);
  if (head === undefined) {
    return { defaultBranch, heads, refused, environments: known, text: state?.config, config: undefined };
  }
  const { config, text } = await readHead(mirror, defaultBranch, { heads, refused }, configs);
  const valid = config && !(config instanceof SlipwayError) ? config : undefined;
  const environments = valid ?? known;
  const missing = environments
    ? followedBranches(environments).filter((branch) => !first.includes(branch))
    : [];
  if (missing.length > 0) {
    const more = await fetchHeads(mirror, missing, signal);
    for (const [branch, commit] of more.heads) heads.set(branch, commit);
    for (const [branch, error] of more.refused) refused.set(branch, error);
  }
  return { defaultBranch, heads, refused, environments, text: valid ? text : state?.config, config };
}
