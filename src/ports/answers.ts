import type { Answer, AnswerKey, AnswerLine } from '../model/answer.ts';

/** What each target says about each commit, and which of it the forge has not heard yet. */
export interface AnswerStore {
  /**
   * The commit is the head of `branch` and gets an answer; lines that are there stay. Without any: nothing to deploy.
   */
  open(key: AnswerKey, branch: string): Promise<void>;
  /** Whether anything was ever said of the commit. */
  has(key: AnswerKey): Promise<boolean>;
  /** Lines as they now are. This and every other change marks the answer unsent. */
  write(key: AnswerKey, lines: AnswerLine[]): Promise<void>;
  /** Says of a commit that never was a head when an intake looked which one took its place on `branch`. */
  skip(key: AnswerKey, branch: string, supersededBy: string): Promise<void>;
  read(key: AnswerKey): Promise<Answer>;
  /** What the forge was told last, by commit and context: `state description`; or what `markSent` was given. */
  sent(key: AnswerKey): Promise<Record<string, string>>;
  markSent(key: AnswerKey, context: string, said: string): Promise<void>;
  /** Answers changed before `before` (ms) that nobody has finished sending: what a crash left. */
  unsent(before: number): Promise<AnswerKey[]>;
  /** When the answer last changed; taken before reading and given back to `settle`. */
  changedAt(key: AnswerKey): Promise<string | null>;
  /** Forgets the answer as unsent unless it changed again after `changedAt`. */
  settle(key: AnswerKey, changedAt: string | null): Promise<void>;
}
