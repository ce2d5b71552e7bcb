import type { RepositoryId } from '../model/target.ts';
import type { Deliveries } from '../ports/deliveries.ts';
import type { Forge } from '../ports/forge.ts';
import type { IntakeWakeUps } from '../ports/intake-wake-ups.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { Plans } from '../ports/planning.ts';
import type { Projects } from '../ports/projects.ts';
import type { Quarantine } from '../ports/quarantine.ts';
import type { Queries } from '../ports/queries.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ApiToken } from './holders.ts';
import type { LinkSettings } from './links.ts';

/** Everything the server is built from. */
export interface ServerPorts {
  /** By the name in server.yaml, which is the last part of the webhook's address. */
  forges: ReadonlyMap<string, Forge>;
  deliveries: Deliveries;
  wakeUps: IntakeWakeUps;
  queries: Queries;
  projects: Projects;
  plans: Plans;
  quarantine: Quarantine;
  outbox: Pick<Outbox, 'readAfter'>;
  /** The reason why no project allows a repository; undefined: one does. */
  refusal(repository: RepositoryId): string | undefined;
  /** Why a webhook with this signer (`WebhookEvent.signer`) says nothing of the repository; undefined: it does. */
  unheard(repository: RepositoryId, signer: string | undefined): string | undefined;
  /** Empty: there is no API. */
  tokens: ApiToken[];
  links: LinkSettings;
  log: Logger;
  metrics: Metrics;
}
