import { resolveTargets } from '../config/resolve-targets.ts';
import { errorOf, SlipwayError } from '../errors.ts';
import { parseTargetId, type Target, type TargetId } from '../model/target.ts';
import { lastGoodConfig, readConfig } from './heads.ts';
import { missingFolder } from './missing-folder.ts';
import type { IntakePorts } from './ports.ts';

export interface TargetAtCommit {
  target: Target;
  commit: string;
}

type LookPorts = Pick<IntakePorts, 'mirrors' | 'repositories' | 'configs'>;

/**
 * The target as slipway.yaml defines it at a branch or commit. Environments come from the default branch, as for every
 * deploy. Throws NOT_FOUND for an unknown target or ref, PATH_MISSING, CONFIG_INVALID.
 */
export async function targetAt(
  id: TargetId,
  ref: string,
  { mirrors, repositories, configs }: LookPorts,
  signal: AbortSignal,
): Promise<TargetAtCommit> {
  const parts = parseTargetId(id);
  if (!parts) throw new SlipwayError('NOT_FOUND', `${id} is not a target`);
  const state = await repositories.read(parts.repository);
  const defined = await lastGoodConfig(state, configs);
  const mistake = defined?.held[parts.environment]?.failures[0];
  if (mistake) throw errorOf(mistake);
  const environment = defined?.environments[parts.environment];
  if (!defined || !environment) {
    throw new SlipwayError(
      'NOT_FOUND',
      `no environment ${parts.environment} of ${parts.repository} is known`,
      {
        hint: 'Environments are read from the default branch after its first webhook or poll.',
      },
    );
  }
  const mirror = mirrors.open(parts.repository);
  const commit = await commitOf(ref, mirror, signal);
  const tree = mirror.tree(commit);
  const { config } = await readConfig(tree, configs);
  if (config instanceof SlipwayError) throw config;
  if (!config) throw new SlipwayError('CONFIG_INVALID', `${ref} has no slipway.yaml`);
  const { repository } = parts;
  const { targets, missing } = await resolveTargets({
    repository,
    defined,
    config,
    branch: environment.branch,
    tree,
  });
  const gone = missing.find((target) => target.id === id);
  if (gone) {
    const { code, summary, ...more } = await missingFolder(gone, config, tree);
    throw new SlipwayError(code, summary, more);
  }
  const target = targets.find((one) => one.id === id);
  if (!target)
    throw new SlipwayError(
      'NOT_FOUND',
      `slipway.yaml at ${ref} has no app ${parts.app} in ${parts.environment}`,
    );
  return { target, commit };
}

const COMMIT = /^[0-9a-f]{40}$/;

async function commitOf(
  ref: string,
  mirror: ReturnType<IntakePorts['mirrors']['open']>,
  signal: AbortSignal,
): Promise<string> {
  if (COMMIT.test(ref)) {
    await mirror.ensure(ref, signal);
    return ref;
  }
  const commit = (await mirror.fetch([ref], signal)).heads.get(ref);
  if (commit) return commit;
  throw new SlipwayError('NOT_FOUND', `the repository has no branch ${ref}`, {
    hint: 'Name a branch, or a commit by its full 40 characters.',
  });
}
