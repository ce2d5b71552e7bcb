import type { ServerConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import type { Forge } from '../ports/forge.ts';
import type { Gate } from '../ports/gate.ts';
import type { ForgeContext } from './context.ts';
import type { ForgeDefinition } from './definition.ts';
import { gatedForge } from './gated-forge.ts';
import { github } from './github/forge.ts';
import { gitlab } from './gitlab/forge.ts';

/** Every type of forge. The schema of server.yaml, its JSON Schema and `createForges` follow from this list. */
export const forgeTypes: readonly [ForgeDefinition, ...ForgeDefinition[]] = [github, gitlab];

/** Every forge of server.yaml by its name, behind its gate if it has one. Throws CONFIG_INVALID for a key that cannot be read. */
export function createForges(
  config: ServerConfig['forges'],
  context: ForgeContext,
  gates: ReadonlyMap<string, Gate> = new Map(),
): Map<string, Forge> {
  const forges = Object.values(config).map((forge) => {
    const definition = forgeTypes.find(({ type }) => type === forge.type);
    if (!definition) {
      throw new SlipwayError('CONFIG_INVALID', `forge ${forge.name} has an unknown type "${forge.type}"`);
    }
    const gate = gates.get(forge.name);
    const created = definition.create(forge, context);
    return gate ? gatedForge(created, gate) : created;
  });
  return new Map(forges.map((forge) => [forge.name, forge]));
}
