import { LRUCache } from 'lru-cache';
import { parseSlipwayConfig } from './parse-slipway.ts';
import type { SlipwayConfig } from './slipway-schema.ts';

/** Reads slipway.yaml as `parseSlipwayConfig` does, but each text only once: hundreds of apps take a while. */
export interface ConfigReader {
  /** Throws CONFIG_INVALID with file and line. */
  read(text: string): SlipwayConfig;
}

/** Characters of cached texts; most files are far below 100 kB. */
const KEEP_CHARACTERS = 8 * 1024 * 1024;

export function createConfigReader(): ConfigReader {
  const known = new LRUCache<string, SlipwayConfig>({
    maxSize: KEEP_CHARACTERS,
    sizeCalculation: (_config, text) => Math.max(1, text.length),
  });
  return {
    read(text) {
      const config = known.get(text) ?? parseSlipwayConfig(text);
      known.set(text, config);
      return config;
    },
  };
}
