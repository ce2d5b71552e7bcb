import type { ChangeSet } from '../model/change-set.ts';
import type { TargetId } from '../model/target.ts';

/** What deploying a commit would do, by a server-side dry run; nothing was changed. */
export interface Plan {
  target: TargetId;
  commit: string;
  changeSet: ChangeSet;
}

export interface Plans {
  /**
   * `ref` is a branch or a commit; undefined: the commit the target should run now, so that what it shows is what
   * differs from Git. `name` is an identity or a short name, with a `ref` also of an app that was never deployed.
   * Throws what a release would fail with before it applies, NOT_FOUND for the name or the ref, AMBIGUOUS.
   */
  plan(name: string, ref: string | undefined, signal: AbortSignal): Promise<Plan>;
}
