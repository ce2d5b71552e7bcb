import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds, from 5 ms to 5 minutes: the response to a webhook and a slow rollout share the scale. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** All metrics, as one plain object that is passed to those who count. */
export interface Metrics {
  registry: Registry;
  /** `result`: accepted, repeated, ignored, or the error code of a refusal. */
  webhooks: Counter<'forge' | 'result'>;
  webhookSeconds: Histogram<'forge'>;
  /** Bytes of webhook bodies in memory. A plain number, because it changes several times per request. */
  bodies: { inFlight: number };
  /** `result`: moved, unmoved, failed. */
  intakes: Counter<'result'>;
  intakeSeconds: Histogram;
  releases: Counter<'environment' | 'state'>;
  stageSeconds: Histogram<'stage'>;
  /** `result`: sent, refused (until the credentials are mended), failed (tried again). */
  reports: Counter<'forge' | 'result'>;
  /** Reports that wait until the credentials of a forge are mended. */
  refusedReports: Gauge<'forge'>;
  /** `result`: delivered, retried, dropped, lost. */
  events: Counter<'channel' | 'result'>;
  /** Bytes in the data directory by kind: `mirrors`, `render`. */
  dataBytes: Gauge<'kind'>;
  mirrorEvictions: Counter;
  /** 1: the forge does not answer, and calls to it fail at once. */
  forgeCircuits: Gauge<'forge'>;
  /** 1: the cluster does not respond, and requests to it fail at once. */
  clusterCircuits: Gauge<'cluster'>;
  /** `state`: waiting, active, delayed. */
  jobs: Gauge<'queue' | 'state'>;
  /** Jobs that are not run any more, because the processes that ran them died. */
  quarantined: Gauge<'queue'>;
}

/** Creates a registry of its own for every call, so that two servers in one process count separately. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const bodies = { inFlight: 0 };
  new Gauge({
    name: 'slipway_webhook_bytes_in_flight',
    help: 'Bytes of webhook bodies held now.',
    registers,
    collect() {
      this.set(bodies.inFlight);
    },
  });
  return {
    registry,
    webhooks: new Counter({
      name: 'slipway_webhooks_total',
      help: 'Webhook requests by forge and by what came of them.',
      labelNames: ['forge', 'result'],
      registers,
    }),
    webhookSeconds: new Histogram({
      name: 'slipway_webhook_seconds',
      help: 'From the request to its response.',
      labelNames: ['forge'],
      buckets: seconds,
      registers,
    }),
    bodies,
    intakes: new Counter({
      name: 'slipway_intakes_total',
      help: 'Looks at a repository.',
      labelNames: ['result'],
      registers,
    }),
    intakeSeconds: new Histogram({
      name: 'slipway_intake_seconds',
      help: 'From the start of an intake to its desired states.',
      buckets: seconds,
      registers,
    }),
    releases: new Counter({
      name: 'slipway_releases_total',
      help: 'Ended releases.',
      labelNames: ['environment', 'state'],
      registers,
    }),
    stageSeconds: new Histogram({
      name: 'slipway_stage_seconds',
      help: 'Time of each stage of a release.',
      labelNames: ['stage'],
      buckets: seconds,
      registers,
    }),
    reports: new Counter({
      name: 'slipway_commit_reports_total',
      help: 'Commit reports sent to the forges.',
      labelNames: ['forge', 'result'],
      registers,
    }),
    refusedReports: new Gauge({
      name: 'slipway_commit_reports_refused',
      help: 'Commit reports that wait until the credentials of their forge are mended.',
      labelNames: ['forge'],
      registers,
    }),
    events: new Counter({
      name: 'slipway_events_total',
      help: 'Release events by channel and by what came of them.',
      labelNames: ['channel', 'result'],
      registers,
    }),
    dataBytes: new Gauge({
      name: 'slipway_data_bytes',
      help: 'Bytes on the disk in the data directory.',
      labelNames: ['kind'],
      registers,
    }),
    mirrorEvictions: new Counter({
      name: 'slipway_mirror_evictions_total',
      help: 'Mirrors removed to keep the data directory within its budget.',
      registers,
    }),
    clusterCircuits: new Gauge({
      name: 'slipway_cluster_circuit_open',
      help: '1 while a cluster does not respond and requests to it fail at once.',
      labelNames: ['cluster'],
      registers,
    }),
    forgeCircuits: new Gauge({
      name: 'slipway_forge_circuit_open',
      help: '1 while a forge does not answer and calls to it fail at once.',
      labelNames: ['forge'],
      registers,
    }),
    jobs: new Gauge({
      name: 'slipway_jobs',
      help: 'Jobs by queue and state.',
      labelNames: ['queue', 'state'],
      registers,
    }),
    quarantined: new Gauge({
      name: 'slipway_quarantined_jobs',
      help: 'Jobs that are not run any more, because the processes that ran them died.',
      labelNames: ['queue'],
      registers,
    }),
  };
}
