import { SlipwayError } from '../errors.ts';
import { parseTargetId, type RepositoryId, type TargetId, targetId } from '../model/target.ts';
import { lastGoodConfig } from './heads.ts';
import type { IntakePorts } from './ports.ts';

type LookPorts = Pick<IntakePorts, 'deliveries' | 'repositories' | 'configs'>;

/** Repositories that the error names if a short name fits several. */
const mostNamed = 5;

/**
 * The identity of an app that was never deployed, from its full name, or from its short name if exactly one repository
 * has such an environment. Undefined: none has. Throws AMBIGUOUS.
 */
export async function newTargetNamed(name: string, ports: LookPorts): Promise<TargetId | undefined> {
  if (parseTargetId(name)) return name;
  const [, app, environment] = /^([^/@\s]+)@([^/@\s]+)$/.exec(name) ?? [];
  if (app === undefined || environment === undefined) return undefined;
  const [repository, ...others] = await repositoriesWith(environment, ports);
  if (repository === undefined) return undefined;
  if (others.length === 0) return targetId({ repository, app, environment });
  const all = [repository, ...others];
  const named = `${all.slice(0, mostNamed).join(', ')}${all.length > mostNamed ? ', …' : ''}`;
  throw new SlipwayError(
    'AMBIGUOUS',
    `${name} was never deployed, and ${all.length} repositories have an environment ${environment}: ${named}`,
    { hint: `Name it in full: <repository>//${name}.` },
  );
}

async function repositoriesWith(
  environment: string,
  { deliveries, repositories, configs }: LookPorts,
): Promise<RepositoryId[]> {
  const known = await deliveries.repositories();
  const states = await Promise.all(known.map((repository) => repositories.read(repository)));
  const found = await Promise.all(states.map((state) => lastGoodConfig(state, configs)));
  return known.filter(
    (_, index) => found[index]?.environments[environment] ?? found[index]?.held[environment],
  );
}
