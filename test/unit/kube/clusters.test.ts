import { expect, test } from 'vitest';
import { createClusters } from '../../../src/kube/clusters.ts';

const config = { name: 'prod', inCluster: true, stateNamespace: 'slipway', maxRequests: 16 };

test('an unknown cluster is reported with the clusters of server.yaml', () => {
  const clusters = createClusters({ prod: config });
  expect(() => clusters.get('staging')).toThrow('there is no cluster "staging" in server.yaml');
  expect(() => clusters.get('constructor')).toThrow('there is no cluster "constructor"');
});

test('a cluster is opened once', () => {
  const clusters = createClusters({ prod: config });
  expect(clusters.get('prod')).toBe(clusters.get('prod'));
});
