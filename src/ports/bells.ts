import type { AnswerKey } from '../model/answer.ts';
import type { TargetId } from '../model/target.ts';
import type { IntakeBell } from './intake-bell.ts';

export interface DeployRing {
  target: TargetId;
  /** Index within its push, so that a push of one app never waits behind one of a thousand. */
  index: number;
}

/** Rings by name; ringing twice is ringing once. Every call is one round trip and rejects while Redis is down. */
export interface Bells extends IntakeBell {
  ringDeploy(rings: DeployRing[]): Promise<void>;
  /** `delayMs` lets a quick end overtake its own pending; a later ring without delay takes its place. */
  ringNotify(answers: AnswerKey[], delayMs?: number): Promise<void>;
  counts(): Promise<Record<string, Record<string, number>>>;
  close(): Promise<void>;
}
