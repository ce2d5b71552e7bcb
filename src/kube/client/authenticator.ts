import type { RequestOptions } from 'node:https';
import type { KubeContext } from './kubeconfig.ts';

/** Adds the credentials of one kind of user to a request. Caches them until they expire. */
export interface Authenticator {
  isAuthProvider(user: KubeContext['user']): boolean;
  applyAuthentication(
    user: KubeContext['user'],
    options: RequestOptions,
    cluster: KubeContext['cluster'],
  ): Promise<void>;
}
