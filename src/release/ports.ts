import type { Admission } from '../ports/admission.ts';
import type { Clusters } from '../ports/cluster.ts';
import type { DependencyStore } from '../ports/dependencies.ts';
import type { DesiredStore } from '../ports/desired.ts';
import type { Leases } from '../ports/leases.ts';
import type { Limiter } from '../ports/limiter.ts';
import type { Policy } from '../ports/policy.ts';
import type { Projects } from '../ports/projects.ts';
import type { ReleaseStore } from '../ports/releases.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { SuccessorStore } from '../ports/successors.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { DesiredObjects } from './desired-objects.ts';
import type { ReleaseMirrors } from './fetching.ts';

/** The dependencies of a release. Each process builds them in one place. */
export interface ReleasePorts {
  releases: ReleaseStore;
  dependencies: Pick<DependencyStore, 'waitFor' | 'waiting'>;
  desired: Pick<DesiredStore, 'again' | 'repeat' | 'unwell' | 'unsettled'>;
  desiredObjects: DesiredObjects;
  successors: SuccessorStore;
  leases: Leases;
  mirrors: ReleaseMirrors;
  renderer: Pick<Renderer, 'render' | 'contentKey'>;
  admission: Admission;
  policy: Policy;
  projects: Pick<Projects, 'projectOf'>;
  clusters: Clusters;
  wakeUps: Pick<WakeUps, 'enqueueDeploys' | 'enqueueReports'>;
  /** Limits how many releases render and apply at the same time on a cluster. */
  limiter: (cluster: string) => Limiter;
  log: Logger;
  metrics: Pick<Metrics, 'releases' | 'stageSeconds'>;
}
