import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { warningsOf } from '../../../src/kube/apply/warnings.ts';
import { apiError } from '../../../src/kube/client/api-error.ts';
import { impersonationHeaders } from '../../../src/kube/client/impersonate.ts';
import { readContext } from '../../../src/kube/client/kubeconfig.ts';
import { lineSplitter } from '../../../src/kube/client/lines.ts';

const patch = { method: 'PATCH', path: '/api/v1/namespaces/a/configmaps/b' };

function status(code: number, message = 'no', reason = 'Reason'): string {
  return JSON.stringify({ kind: 'Status', code, reason, message });
}

test.each([
  [400, undefined, 'OBJECT_INVALID', undefined],
  [401, undefined, 'CLUSTER_FORBIDDEN', undefined],
  [403, undefined, 'CLUSTER_FORBIDDEN', undefined],
  [404, undefined, 'NOT_FOUND', undefined],
  [409, undefined, 'CLUSTER_CONFLICT', undefined],
  [410, undefined, 'CLUSTER_CONFLICT', undefined],
  [413, undefined, 'OBJECT_INVALID', undefined],
  [422, undefined, 'OBJECT_INVALID', undefined],
  [429, '3', 'CLUSTER_BUSY', 3_000],
  [429, undefined, 'CLUSTER_BUSY', undefined],
  [500, undefined, 'CLUSTER_UNREACHABLE', undefined],
  [503, '1', 'CLUSTER_BUSY', 1_000],
  [504, undefined, 'CLUSTER_UNREACHABLE', undefined],
])('a response %s with Retry-After %s becomes %s', (code, retryAfter, expected, retryAfterMs) => {
  const error = apiError(patch, code, status(code), retryAfter);
  expect({ code: error.code, retryAfterMs: error.retryAfterMs }).toEqual({ code: expected, retryAfterMs });
});

test('a 500 for an object that does not fit the schema is OBJECT_INVALID', () => {
  const message =
    'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.x: field not declared';
  expect(apiError(patch, 500, status(500, message), undefined).code).toBe('OBJECT_INVALID');
});

test('the error for a response that is not a Status quotes only its beginning', () => {
  const error = apiError(patch, 502, `<html>${'x'.repeat(5_000)}`, undefined);
  expect(error.message.length).toBeLessThan(1_000);
});

test('the error for a refused Secret does not quote a message that may contain a value', () => {
  const secrets = { method: 'PATCH', path: '/api/v1/namespaces/a/secrets/b' };
  const message = 'Secret "b" is invalid: data: Invalid value: "hunter2"';
  for (const code of [400, 422, 500]) {
    expect(apiError(secrets, code, status(code, message), undefined).message).not.toContain('hunter2');
  }
  expect(apiError(secrets, 403, status(403, 'User "x" cannot patch'), undefined).message).toContain(
    'cannot patch',
  );
});

test('a logged error does not contain the API server’s message', () => {
  const error = apiError(
    { ...patch, path: '/api/v1/namespaces/a/secrets/b' },
    422,
    status(422, 'hunter2'),
    undefined,
  );
  expect(error.apiStatus.message).toBe('hunter2');
  expect(inspect(error) + JSON.stringify(error) + String(error.stack)).not.toContain('hunter2');
});

test('refuses an account name that is not a header value', () => {
  expect(impersonationHeaders('system:serviceaccount:a:b')).toEqual({
    'Impersonate-User': 'system:serviceaccount:a:b',
  });
  expect(() => impersonationHeaders('a\r\nImpersonate-Group: system:masters')).toThrow(/characters/);
});

test('joins lines across chunks and multi-byte characters', () => {
  const lines: string[] = [];
  const feed = lineSplitter((line) => lines.push(line));
  const bytes = new TextEncoder().encode('{"a":"ü"}\n{"b":1}\n\n{"c"');
  for (const byte of bytes) feed(Uint8Array.of(byte));
  expect(lines).toEqual(['{"a":"ü"}', '{"b":1}']);
});

test('reads warnings of the API server from one or several headers', () => {
  expect(warningsOf('299 - "a \\"quoted\\" one"')).toEqual(['a "quoted" one']);
  expect(warningsOf(['299 - "one"', '299 - "two", 299 - "one"'])).toEqual(['one', 'two']);
  expect(warningsOf(undefined)).toBeUndefined();
});

const kubeconfig = `
clusters:
  - { name: c, cluster: { server: "https://c.example.com/" } }
contexts:
  - { name: one, context: { cluster: c, user: u } }
  - { name: broken, context: { cluster: nowhere, user: u } }
users:
  - { name: u, user: { token: hunter2 } }
current-context: one
`;

test('uses the current context unless another is named', () => {
  expect(readContext({ content: kubeconfig }, undefined)).toMatchObject({
    cluster: { server: 'https://c.example.com' },
    user: { token: 'hunter2' },
  });
  expect(() => readContext({ content: kubeconfig }, 'two')).toThrow('has no context named two');
  expect(() => readContext({ content: kubeconfig }, 'broken')).toThrow('has no cluster named nowhere');
});

test.each(['token: hunter2: x\n  - [', '', '- a', '{}'])(
  'a kubeconfig that is not valid is not quoted',
  (text) => {
    expect(() => readContext({ content: text }, undefined)).toThrow(/^(?!.*hunter2).*kubeconfig/);
  },
);
