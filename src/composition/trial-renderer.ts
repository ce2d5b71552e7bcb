import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RenderLimits, ServerConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { ClusterVersion, Rendered } from '../ports/renderer.ts';
import { findEngine } from '../render/find-engine.ts';
import { createRenderer } from '../render/renderer.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMasker } from '../telemetry/secrets.ts';

const MIB = 1024 * 1024;

/** As `render` of server.yaml is by default. */
const LIMITS: RenderLimits = {
  timeoutMs: 20_000,
  memoryBytes: 512 * MIB,
  outputBytes: 32 * MIB,
  maxFiles: 10_000,
  concurrency: availableParallelism(),
  cacheBytes: 64 * MIB,
  unlocked: false,
};

/** The cluster of nobody: what `helm template` assumes as well is a recent version without further kinds. */
const NO_CLUSTER: ClusterVersion = { version: 'v1.37.0', apiVersions: ['v1', 'apps/v1', 'batch/v1'] };

export interface TrialRenderer {
  /** Throws as a renderer does. Without an engine there is nothing to find. */
  render(target: Target, tree: Tree): Promise<Pick<Rendered, 'warnings'>>;
  /** What could not be tried, for people. */
  notes: string[];
  close(): Promise<void>;
}

/** Renders the apps of a checkout once, and keeps nothing. */
export async function trialRenderer(
  server: ServerConfig | undefined,
  env: NodeJS.ProcessEnv,
): Promise<TrialRenderer> {
  const name = server?.programs.engine ?? 'slipway-engine';
  const engine = await findEngine(name, env.PATH).catch((error: unknown) => {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  });
  if (engine === undefined) {
    const notes = [`  not rendered: ${name} is not on the PATH`];
    return { render: async () => ({}), notes, close: async () => undefined };
  }
  const dir = await mkdtemp(join(tmpdir(), 'slipway-validate-'));
  const log = createLogger({ level: 'error', masker: createMasker() });
  const renderer = createRenderer({ engine, dir, limits: server?.render ?? LIMITS, env, log });
  return {
    render: (target, tree) =>
      renderer.render(target, tree, async () => NO_CLUSTER, new AbortController().signal),
    notes: [],
    close: async () => {
      renderer.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
