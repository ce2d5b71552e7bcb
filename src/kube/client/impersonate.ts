import { SlipwayError } from '../../errors.ts';

/**
 * Headers that let a request be judged as `account`. No groups are sent for a service account: the API server then
 * adds exactly the account's own (system:serviceaccounts, system:serviceaccounts:<namespace>, system:authenticated),
 * so Slipway needs the right to impersonate that one account and no group.
 * Source: k8s.io/apiserver, endpoints/filters/impersonation.
 */
export function impersonationHeaders(account: string | undefined): Record<string, string> {
  if (account === undefined) return {};
  if (!/^[\x21-\x7e]+$/.test(account)) {
    throw new SlipwayError(
      'CONFIG_INVALID',
      'an account to impersonate has characters that no account name has',
    );
  }
  return { 'Impersonate-User': account };
}
