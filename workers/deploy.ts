import type { Parts } from '../src/parts/parts.ts';
import { createRoom } from '../src/queue/room.ts';
import { createTurns } from '../src/queue/turns.ts';
import { startWorker } from '../src/queue/worker.ts';
import { deploy } from '../src/release/deploy.ts';
import { createGates, tellingGate } from '../src/release/gate.ts';
import type { Service } from './runtime.ts';

/** A release that waits costs a few kilobytes; rendering and applying have limits of their own. */
const CONCURRENCY = 1_000;

/** Releases that render and apply at once on a cluster: enough to keep it busy, few enough to let a small push by. */
const AT_ONCE = 16;

/** A release has about one request under way; while half of them render, the others keep the cluster busy. */
const PER_REQUEST = 2;

/** Jobs taken beyond those, so that the next one is there when a place behind the gate is free. */
const AHEAD = 2;

/** Brings targets to what is desired, one release at a time each. */
export async function startDeployWorker(parts: Parts): Promise<Service> {
  const { config, keys, log } = parts;
  const subscriber = parts.connect('worker');
  const turns = await createTurns(parts.redis, subscriber, keys, keys.desiredChannel);
  const placesOn = (cluster: string) =>
    Math.min(AT_ONCE, PER_REQUEST * (config.clusters[cluster]?.maxRequests ?? AT_ONCE));
  const most = Math.max(0, ...Object.keys(config.clusters).map(placesOn));
  const gates = createGates(placesOn);
  const worker = startWorker({
    name: 'deploy',
    connection: parts.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    room: createRoom(most + AHEAD),
    run({ target }, signal, place) {
      const gate = (cluster: string) =>
        tellingGate(
          gates(cluster),
          () => place?.at(cluster),
          () => place?.free(),
        );
      return deploy(target, { ...parts, turns, gate }, signal);
    },
  });
  return {
    name: 'deploy',
    isRunning: worker.isRunning,
    async stop(graceMs) {
      await worker.stop(graceMs);
      await turns.close();
      subscriber.disconnect();
    },
  };
}
