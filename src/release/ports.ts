import type { Bells } from '../ports/bells.ts';
import type { Clusters } from '../ports/cluster.ts';
import type { DependencyStore } from '../ports/dependencies.ts';
import type { DesiredStore } from '../ports/desired.ts';
import type { Mirrors } from '../ports/git.ts';
import type { Guards } from '../ports/guards.ts';
import type { HeirStore } from '../ports/heirs.ts';
import type { ReleaseStore } from '../ports/releases.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { Turns } from '../ports/turns.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Gate } from './gate.ts';

/** Everything a release works with; built in one place per process. */
export interface ReleasePorts {
  releases: ReleaseStore;
  dependencies: Pick<DependencyStore, 'waitFor' | 'waiting'>;
  desired: Pick<DesiredStore, 'again' | 'repeat' | 'unwell'>;
  heirs: HeirStore;
  turns: Turns;
  mirrors: Mirrors;
  renderer: Pick<Renderer, 'render'>;
  guards: Guards;
  clusters: Clusters;
  bells: Pick<Bells, 'ringDeploy' | 'ringNotify'>;
  /** Admits to rendering and applying on a cluster. */
  gate: (cluster: string) => Gate;
  log: Logger;
  metrics: Pick<Metrics, 'releases' | 'stageSeconds'>;
}
