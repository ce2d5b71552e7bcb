import type { ServerConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import type { Forge } from '../ports/forge.ts';
import type { ForgeContext } from './context.ts';
import type { ForgeDefinition } from './definition.ts';
import { github } from './github/forge.ts';
import { gitlab } from './gitlab/forge.ts';

/** Every type of forge. The schema of server.yaml, its JSON Schema and `createForges` follow from this list. */
export const forgeTypes: readonly [ForgeDefinition, ...ForgeDefinition[]] = [github, gitlab];

/** Every forge of server.yaml by its name. Throws CONFIG_INVALID for a key that cannot be read. */
export function createForges(config: ServerConfig['forges'], context: ForgeContext): Map<string, Forge> {
  const forges = Object.values(config).map((forge) => {
    const definition = forgeTypes.find(({ type }) => type === forge.type);
    if (!definition) {
      throw new SlipwayError('CONFIG_INVALID', `forge ${forge.name} has an unknown type "${forge.type}"`);
    }
    return definition.create(forge, context);
  });
  return new Map(forges.map((forge) => [forge.name, forge]));
}
