import type { ForgeFile, ForgeType } from '../config/forge-type.ts';
import type { ForgeConfig } from '../config/server-config.ts';
import type { Forge } from '../ports/forge.ts';
import type { ForgeContext } from './context.ts';

/** One type of forge: its configuration and its adapter. */
export interface ForgeDefinition<File extends ForgeFile = ForgeFile> extends ForgeType<File> {
  /** Throws CONFIG_INVALID for a key that cannot be read. */
  create(config: ForgeConfig, context: ForgeContext): Forge;
}
