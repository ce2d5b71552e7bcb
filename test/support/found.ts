import type { Found } from '../../src/ports/desired.ts';
import { aTarget } from './targets.ts';

/** What an intake found: the app `app` with this content, by default at a commit of the same name. */
export function found(app: string, contentKey: string, commit = contentKey): Found {
  const target = aTarget({ app, path: `deploy/${app}` });
  return { target, commit, contentKey, cause: { kind: 'push' }, retry: false };
}
