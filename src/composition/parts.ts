import type { ServerConfig } from '../config/server-config.ts';
import type { Mirrors } from '../ports/git.ts';
import { type Composition, createComposition } from './composition.ts';
import { openMirrors } from './mirrors.ts';
import { createProcess, type Process, type ProcessOptions } from './process.ts';

/** What the services of a process are started with. Each part is built when the first service asks for it. */
export interface Parts {
  /** Enough for the server, which reads no repository and reaches no cluster. */
  process: Process;
  mirrors(): Mirrors;
  /** For the workers that take in, plan and deploy. */
  composition(): Composition;
  /** Closes what was built. */
  close(): Promise<void>;
}

export function createParts(config: ServerConfig, options: ProcessOptions, env: NodeJS.ProcessEnv): Parts {
  const process = createProcess(config, options);
  let mirrors: Mirrors | undefined;
  let composition: Composition | undefined;
  const openedMirrors = () => {
    mirrors ??= openMirrors(process, env);
    return mirrors;
  };
  return {
    process,
    mirrors: openedMirrors,
    composition() {
      composition ??= createComposition(process, openedMirrors(), env);
      return composition;
    },
    async close() {
      await Promise.allSettled([mirrors?.close(), composition?.close()]);
      await process.close();
    },
  };
}
