import type { Logger } from '../src/telemetry/logger.ts';

/** Something that runs until it is stopped: the server or a worker. */
export interface Service {
  name: string;
  isRunning(): boolean;
  /** Takes no new work, gives running work `graceMs` to end, and hands the rest back to the queue. */
  stop(graceMs: number): Promise<void>;
}

/** Enough for a render and an apply; a release that waits for health is handed back and resumes in another process. */
const GRACE_MS = 5_000;

/**
 * How long the rest of a stop may take. Connections to a Redis that is away never close, and Kubernetes kills a pod 30 s
 * after SIGTERM. What is left is taken over, as after a crash.
 */
const LAST_MS = 10_000;

/**
 * Waits for SIGTERM or SIGINT, then stops every service. The process ends with code 1 at a second signal, or if the stop
 * takes too long.
 */
export async function untilSignal(services: Service[], log: Logger): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
  log.info({ signal, services: services.map(({ name }) => name) }, 'stopping');
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(1));
  setTimeout(() => {
    log.error('not everything has stopped in time; what is left is taken over as after a crash');
    process.exit(1);
  }, GRACE_MS + LAST_MS).unref();
  await Promise.all(services.map((service) => service.stop(GRACE_MS)));
  log.info('stopped');
}
