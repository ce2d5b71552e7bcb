import type { ConfigReader } from '../config/config-reader.ts';
import type { Admission } from '../ports/admission.ts';
import type { Clusters } from '../ports/cluster.ts';
import type { CommitReportStore } from '../ports/commit-reports.ts';
import type { Deliveries } from '../ports/deliveries.ts';
import type { DependencyStore } from '../ports/dependencies.ts';
import type { DesiredStore } from '../ports/desired.ts';
import type { Mirrors } from '../ports/git.ts';
import type { Policy } from '../ports/policy.ts';
import type { Projects } from '../ports/projects.ts';
import type { RefusedReports } from '../ports/refused-reports.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { RepositoryStore } from '../ports/repositories.ts';
import type { Retries } from '../ports/retries.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ClusterRecords } from './cluster-records.ts';
import type { KnownFindings } from './known-findings.ts';

/** Everything that the intake needs; built once per process. */
export interface IntakePorts {
  configs: ConfigReader;
  findings: KnownFindings;
  records: ClusterRecords;
  mirrors: Mirrors;
  renderer: Pick<Renderer, 'contentKey' | 'decidedBy'>;
  admission: Pick<Admission, 'admit' | 'admitDependency' | 'refusals'>;
  policy: Pick<Policy, 'keyOf'>;
  projects: Pick<Projects, 'projectOf'>;
  clusters: Clusters;
  deliveries: Deliveries;
  repositories: RepositoryStore;
  desired: DesiredStore;
  dependencies: DependencyStore;
  reports: CommitReportStore;
  refused: RefusedReports;
  retries: Retries;
  wakeUps: WakeUps;
  log: Logger;
}
