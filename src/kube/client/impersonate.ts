import { SlipwayError } from '../../errors.ts';

/**
 * Headers that make a request impersonate `account`. They contain no groups: for a service account the API server adds
 * the account's own (system:serviceaccounts, system:serviceaccounts:<namespace>, system:authenticated), so Slipway needs
 * the right to impersonate that one account and no group. Throws CONFIG_INVALID if the name is not a header value.
 * Source: k8s.io/apiserver, endpoints/filters/impersonation.
 */
export function impersonationHeaders(account: string | undefined): Record<string, string> {
  if (account === undefined) return {};
  if (!/^[\x21-\x7e]+$/.test(account)) {
    throw new SlipwayError(
      'CONFIG_INVALID',
      'the name of the account to impersonate contains spaces, control or non-ASCII characters',
    );
  }
  return { 'Impersonate-User': account };
}
