import type { KubeObject } from '../../model/object.ts';
import { wordsIn } from './vocabulary.ts';

/** Last words of kinds whose work ends: one that is running is not done. */
const finiteKinds = new Set(
  (
    'backup restore snapshot build migration upgrade run job task test workflow scan operation execution experiment ' +
    'trial maintenance rebalance'
  ).split(' '),
);

/** Whether what says that the object is healthy only says that its work is running. */
export function isUnfinished(message: string, { kind }: KubeObject): boolean {
  return finiteKinds.has(wordsIn(kind).at(-1) ?? '') && wordsIn(message).includes('running');
}
