import { toSlipwayError } from '../../errors.ts';
import { splitRepository } from '../../model/target.ts';
import type { Pauses } from '../../ports/pauses.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ReportChannel } from '../channel.ts';
import { type StatusPorts, sendStatuses } from './send-statuses.ts';

export interface CommitStatusPorts extends StatusPorts {
  pauses: Pauses;
  metrics: Pick<Metrics, 'reports'>;
}

/** Commit statuses. A forge that is down, refuses or asks for a pause delays its own reports and nothing else. */
export function createCommitStatusChannel(ports: CommitStatusPorts): ReportChannel {
  const { pauses, metrics } = ports;
  return {
    trigger: 'commit-reports',
    name: 'commit-status',
    pausedMs: ({ repository }) => pauses.remaining(splitRepository(repository).forge),
    async update(key, signal) {
      const { forge } = splitRepository(key.repository);
      try {
        metrics.reports.inc({ forge, result: await sendStatuses(key, ports, signal) });
      } catch (error) {
        const { retryAfterMs } = toSlipwayError(error);
        if (retryAfterMs !== undefined) await pauses.set(forge, retryAfterMs);
        metrics.reports.inc({ forge, result: 'failed' });
        throw error;
      }
    },
  };
}
