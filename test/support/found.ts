import type { Found } from '../../src/ports/desired.ts';
import { aTarget } from './targets.ts';

/** What an intake found: the app `app` with this content, at a commit of the same name unless told otherwise. */
export function found(app: string, contentKey: string, commit = contentKey): Found {
  const target = aTarget({ app, path: `deploy/${app}` });
  return { target, commit, contentKey, cause: { kind: 'push' }, retry: false };
}
