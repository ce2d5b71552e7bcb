import type { WebhookRequest } from '../ports/forge.ts';

/** One header of a request by its lower-case name; the first value if it was sent more than once. */
export function headerOf(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
