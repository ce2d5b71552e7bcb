import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../../src/errors.ts';
import { KubeApiError } from '../../../../src/kube/client/api-error.ts';
import type { KubeClient, WatchEvent } from '../../../../src/kube/client/client.ts';
import { followCollection } from '../../../../src/kube/watch/watch-stream.ts';

const scope = { path: '/apis/apps/v1/namespaces/loans/deployments', labelSelector: 'team=loans' };

type Step = (emit: (event: WatchEvent) => void) => void;

/** A server that runs one step per watch, then aborts the follower. Lists have version 50. */
function server(...steps: Step[]) {
  return serverWithLists([{ names: ['listed'] }], ...steps);
}

/** A page of a list with its continue token, or its refusal. */
type Page = { names: string[]; next?: string } | KubeApiError;

/** Repeats the last page. */
function serverWithLists(pages: Page[], ...steps: Step[]) {
  const stop = new AbortController();
  const requests: string[] = [];
  const heard: string[] = [];
  const client: Pick<KubeClient, 'request' | 'watch'> = {
    async request({ query }) {
      requests.push(query?.continue === undefined ? 'list' : `list on from ${query.continue}`);
      const page = (pages.length > 1 ? pages.shift() : pages[0]) ?? { names: [] };
      if (page instanceof KubeApiError) throw page;
      const items = page.names.map((name) => ({ metadata: { name } }));
      const metadata = { resourceVersion: '50', ...(page.next ? { continue: page.next } : {}) };
      return {
        status: 200,
        headers: {},
        body: { apiVersion: 'apps/v1', kind: 'DeploymentList', metadata, items },
      };
    },
    async watch({ query, onOpen }, onEvent) {
      requests.push(`watch from ${String(query?.resourceVersion)}`);
      const step = steps.shift();
      if (!step) return stop.abort();
      onOpen?.();
      step(onEvent);
    },
  };
  const follow = (since?: string) =>
    followCollection(
      client,
      scope,
      {
        onEvent: (type, object) => heard.push(`${type} ${object.metadata.name}`),
        startList: () => ({
          page: (objects) =>
            heard.push(...objects.map(({ kind, metadata }) => `list ${kind} ${metadata.name}`)),
          end: () => heard.push('end of list'),
        }),
        onState: (error) => heard.push(error?.code ?? 'up'),
      },
      { since, signal: stop.signal },
    );
  return { requests, heard, follow };
}

function event(type: WatchEvent['type'], version: number, name = 'web'): WatchEvent {
  const metadata = { name, resourceVersion: String(version) };
  return { type, object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata } };
}

function refusal(code: number, errorCode: 'CLUSTER_CONFLICT' | 'CLUSTER_FORBIDDEN'): KubeApiError {
  return new KubeApiError(
    errorCode,
    { response: 'no', detail: 'no', request: 'WATCH' },
    { code, reason: '', message: '', causes: [], details: {} },
  );
}

describe('a stream', () => {
  test('starts from a given resourceVersion without a list', async () => {
    const { requests, follow } = server();
    await follow('7');

    expect(requests).toEqual(['watch from 7']);
  });

  test('starts with a list if it has no resourceVersion', async () => {
    const { requests, heard, follow } = server();
    await follow();

    expect(requests).toEqual(['list', 'watch from 50']);
    expect(heard).toEqual(['list Deployment listed', 'end of list']);
  });

  test('resumes after the last event or bookmark when the server ends the watch', async () => {
    const { requests, heard, follow } = server(
      (emit) => emit(event('MODIFIED', 8)),
      (emit) => emit(event('BOOKMARK', 20)),
    );
    await follow('7');

    expect(requests).toEqual(['watch from 7', 'watch from 8', 'watch from 20']);
    expect(heard).toEqual(['up', 'MODIFIED web', 'up']);
  });

  test('resumes after the last event when the connection is cut', async () => {
    const { requests, heard, follow } = server((emit) => {
      emit(event('ADDED', 9));
      throw new SlipwayError('CLUSTER_UNREACHABLE', 'cut');
    });
    await follow('7');

    expect(requests).toEqual(['watch from 7', 'watch from 9']);
    expect(heard).toEqual(['up', 'ADDED web', 'CLUSTER_UNREACHABLE']);
  });

  test('lists again when its resourceVersion has expired', async () => {
    const { requests, follow } = server(() => {
      throw refusal(410, 'CLUSTER_CONFLICT');
    });
    await follow('7');

    expect(requests).toEqual(['watch from 7', 'list', 'watch from 50']);
  });

  test('restarts a list that expires between two pages, and never reports a partial list as complete', async () => {
    const { requests, heard, follow } = serverWithLists([
      { names: ['a', 'b'], next: 'more' },
      refusal(410, 'CLUSTER_CONFLICT'),
      { names: ['a'], next: 'rest' },
      { names: ['c'] },
    ]);
    await follow();

    expect(requests).toEqual(['list', 'list on from more', 'list', 'list on from rest', 'watch from 50']);
    expect(heard.slice(2)).toEqual(['list Deployment a', 'list Deployment c', 'end of list']);
  });

  test('rejects with an error that a retry cannot fix', async () => {
    const { requests, follow } = server(() => {
      throw refusal(403, 'CLUSTER_FORBIDDEN');
    });

    await expect(follow('7')).rejects.toMatchObject({ code: 'CLUSTER_FORBIDDEN' });
    expect(requests).toEqual(['watch from 7']);
  });

  test('backs off if every watch ends at once', async () => {
    const { requests, follow } = server(...Array<Step>(4).fill(() => undefined));
    const started = performance.now();
    await follow('7');

    expect(requests).toHaveLength(5);
    expect(performance.now() - started).toBeGreaterThan(500);
  });
});
