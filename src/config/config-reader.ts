import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { errorOf } from '../errors.ts';
import type { RefusedFiles } from '../ports/refused-files.ts';
import { parseSlipwayConfig } from './parse-slipway.ts';
import { createParseThread, type ParseThread } from './parse-thread.ts';
import type { SlipwayConfig } from './slipway-schema.ts';

/**
 * Reads slipway.yaml as `parseSlipwayConfig` does, but each text only once, whether it is valid or not, and off the event
 * loop if that can take longer than 20 ms.
 */
export interface ConfigReader {
  /** Rejects with CONFIG_INVALID with file and line. */
  read(text: string): Promise<SlipwayConfig>;
  close(): Promise<void>;
}

export interface ConfigReaderOptions {
  refused: RefusedFiles;
  /** Another version of Slipway may accept what this one refuses. */
  version: string;
  thread?: ParseThread | undefined;
}

/** Characters of cached texts; most files are far below 100 kB. */
const KEEP_CHARACTERS = 8 * 1024 * 1024;

/** Parsing takes at most some milliseconds for a text of this length, without expressions and without aliases. */
const SHORT = 8 * 1024;
const costly = /<<|[&*]\w|^["']?health\b/m;

export function createConfigReader({
  refused,
  version,
  thread = createParseThread(),
}: ConfigReaderOptions): ConfigReader {
  const known = new LRUCache<string, Promise<SlipwayConfig>>({
    maxSize: KEEP_CHARACTERS,
    sizeCalculation: (_config, text) => Math.max(1, text.length),
  });

  const readLong = async (text: string): Promise<SlipwayConfig> => {
    const key = createHash('sha256').update(`${version}\0${text}`).digest('hex');
    // Only a shortcut: without Redis the file is parsed.
    const before = await refused.read(key).catch(() => undefined);
    if (before) throw errorOf(before);
    const parsed = await thread.parse(text).catch((error: unknown) => {
      // No verdict about the file, so it is tried again.
      known.delete(text);
      throw error;
    });
    if ('config' in parsed) return parsed.config;
    await refused.write(key, parsed.failure).catch(() => undefined);
    throw errorOf(parsed.failure);
  };
  const parse = async (text: string) =>
    text.length <= SHORT && !costly.test(text) ? parseSlipwayConfig(text) : readLong(text);

  return {
    read(text) {
      const config = known.get(text) ?? parse(text);
      known.set(text, config);
      return config;
    },
    close: () => thread.close(),
  };
}
