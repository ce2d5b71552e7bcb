import { parentPort } from 'node:worker_threads';
import type { Failure } from '../model/failure.ts';
import { readSlipwayConfig } from './parse-slipway.ts';
import type { SlipwayConfig } from './slipway-schema.ts';

/** What the thread returns for a text: errors do not survive the way between threads, failures do. */
export type Parsed = { config: SlipwayConfig } | { failure: Failure };

/** The body of the thread of `parse-thread.ts`. */
parentPort?.on('message', (text: string) => {
  const result = readSlipwayConfig(text);
  const [first] = 'errors' in result ? result.errors : [];
  parentPort?.postMessage(first ? { failure: first.failure } : result);
});
