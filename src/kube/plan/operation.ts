import type { FieldPath } from '../../model/field-path.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import { isReplaced } from '../../model/sync-options.ts';
import { type FinishedJobs, hasFinished } from '../inventory/finished-jobs.ts';
import { isMember } from '../live/live.ts';
import type { Found } from '../objects/read.ts';
import { isForceReplaced } from './force-replace.ts';
import { isCertainlySame } from './same.ts';

/** What an apply does with one object. */
export type Operation =
  /** Sends it with a resourceVersion that no object has, so that nothing is overwritten that was not looked at. */
  | { kind: 'create' }
  /** Applies it to the version that was read. */
  | { kind: 'update' }
  /** Takes the fields that others have set over, then applies: what the file does not hold goes. */
  | { kind: 'replace' }
  /** Deletes it, waits until it is gone and creates it again. */
  | { kind: 'recreate'; reason: string }
  /** Sends nothing. `reason` says why, if the object is not simply as it should be. */
  | { kind: 'skip'; reason?: string | undefined };

/** An object as it is sent, and the fields that are left out of it if it exists. */
export interface Wanted {
  wanted: KubeObject;
  ignored: FieldPath[];
}

/**
 * Decides what to do with an object that was found like this. Pure. An object that is being deleted is not decided
 * about: it has to be gone first.
 */
export function decideOperation({ wanted, ignored }: Wanted, found: Found, setId: string): Operation {
  if (found === undefined) return { kind: 'create' };
  if (found === 'unreadable') return { kind: 'update' };
  if (isCertainlySame(wanted, found, ignored)) return { kind: 'skip' };
  if (isForceReplaced(wanted) && isMember(found, setId)) {
    return {
      kind: 'recreate',
      reason: 'deleted and recreated: Force=true and Replace=true ask for it in each release',
    };
  }
  return { kind: isReplaced(wanted) ? 'replace' : 'update' };
}

/** A Job that ended well and was cleaned up since is not created again to do its work a second time. */
export function skipIfFinished(operation: Operation, finished: FinishedJobs, wanted: KubeObject): Operation {
  if (operation.kind !== 'create' || isForceReplaced(wanted)) return operation;
  if (!hasFinished(finished, refOf(wanted), wanted)) return operation;
  return { kind: 'skip', reason: 'it finished in an earlier release and was cleaned up' };
}
