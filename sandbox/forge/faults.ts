import type { Faults } from './protocol.ts';
import type { FaceState, Repository } from './state.ts';

/** The faults of a repository: its own ones override those of its face. */
export const activeFaults = (face: FaceState, repository: Repository | null): Faults => ({
  ...face.faults,
  ...repository?.faults,
});

type Counted = 'lose' | 'repeat' | 'reorder';

const holders = (face: FaceState, repository: Repository | null): Faults[] =>
  repository === null ? [face.faults] : [repository.faults, face.faults];

/** Uses up one of a counted fault; false when none is left. */
export const takeFault = (face: FaceState, repository: Repository, name: Counted): boolean => {
  for (const faults of holders(face, repository)) {
    const left = faults[name] ?? 0;
    if (left <= 0) continue;
    faults[name] = left - 1;
    return true;
  }
  return false;
};

/** The code of the response to the next post of a status, or null if there is no fault. */
export const takeStatusError = (face: FaceState, repository: Repository): number | null => {
  if (activeFaults(face, repository).statusDown === true) return 503;
  for (const faults of holders(face, repository)) {
    const code = faults.statusErrors?.shift();
    if (code !== undefined) return code;
  }
  return null;
};

const MINUTE_MS = 60_000;

/** Counts one status, comment or deployment; returns the seconds to wait if that is one too many in a minute. */
export const takeContent = (face: FaceState, repository: Repository | null, at: number): number | null => {
  const most = activeFaults(face, repository).contentPerMinute;
  if (most === undefined || repository === null) return null;
  repository.contentAt = repository.contentAt.filter((earlier) => earlier > at - MINUTE_MS);
  const oldest = repository.contentAt[0];
  if (oldest !== undefined && repository.contentAt.length >= most) {
    return Math.ceil((oldest + MINUTE_MS - at) / 1000);
  }
  repository.contentAt.push(at);
  return null;
};

/** Uses up one refusal by rate limit, or returns null if none is left. */
export const takeRateLimit = (
  face: FaceState,
  repository: Repository | null,
): NonNullable<Faults['rateLimit']> | null => {
  for (const faults of holders(face, repository)) {
    const limit = faults.rateLimit;
    if (limit === undefined || limit.times <= 0) continue;
    limit.times -= 1;
    return limit;
  }
  return null;
};
