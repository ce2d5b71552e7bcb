import { createConfigReader } from '../config/config-reader.ts';
import type { SlipwayError } from '../errors.ts';
import { createClusterRecords } from '../intake/cluster-records.ts';
import { createKnownFindings } from '../intake/known-findings.ts';
import type { IntakePorts } from '../intake/ports.ts';
import { createClusters } from '../kube/clusters.ts';
import { slipwayVersion } from '../kube/slipway-version.ts';
import { createAdmission } from '../policy/admission.ts';
import { createEngines } from '../policy/engines.ts';
import { createPolicy } from '../policy/policy.ts';
import { createDesiredObjects } from '../release/desired-objects.ts';
import type { ReleasePorts } from '../release/ports.ts';
import { createRenderer } from '../render/renderer.ts';
import type { Process } from './process.ts';

/** A process that also reads repositories, renders and reaches clusters. `close` closes what it built itself. */
export type Composition = Process & IntakePorts & Omit<ReleasePorts, 'leases' | 'limiter' | 'mirrors'>;

/** Only PATH, proxies and the in-cluster variables are read from `env`. */
export function createComposition(
  process: Process,
  mirrors: IntakePorts['mirrors'],
  env: NodeJS.ProcessEnv,
): Composition {
  const { config, log, addSecret } = process;
  const renderer = createRenderer({
    engine: config.programs.engine,
    dir: `${config.dataDir}/render`,
    limits: config.render,
    env,
    log,
  });
  const clusters = createClusters(config.clusters, {
    environmentNamesProxy: namesProxy(env),
    addSecret,
    onReach: reachReporter(process),
  });
  const configs = createConfigReader({ refused: process.refusedFiles, version: slipwayVersion });
  const admission = createAdmission(config);
  const policy = createPolicy(createEngines(config));
  return {
    ...process,
    mirrors,
    renderer,
    clusters,
    admission,
    policy,
    desiredObjects: createDesiredObjects({ mirrors, renderer, clusters, policy }),
    configs,
    findings: createKnownFindings(),
    records: createClusterRecords(clusters, Object.keys(config.clusters), log),
    async close() {
      renderer.close();
      await Promise.allSettled([clusters.close(), configs.close()]);
    },
  };
}

function reachReporter({ config, metrics, log }: Process) {
  for (const cluster of Object.keys(config.clusters)) metrics.clusterCircuits.set({ cluster }, 0);
  return (cluster: string, away: SlipwayError | undefined) => {
    metrics.clusterCircuits.set({ cluster }, away ? 1 : 0);
    if (!away) log.warn({ cluster }, 'the cluster responds again');
    else log.warn({ cluster, reason: away.message }, 'the cluster does not respond: requests fail at once');
  };
}

/** Whether HTTP_PROXY or HTTPS_PROXY is set, in either case. */
function namesProxy(env: NodeJS.ProcessEnv): boolean {
  return ['http_proxy', 'https_proxy'].some((name) => env[name] || env[name.toUpperCase()]);
}
