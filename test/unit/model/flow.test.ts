import { expect, it } from 'vitest';
import { flowOf } from '../../../src/model/flow.ts';

it.each([
  [0, 'lending/0'],
  [1, 'lending/1'],
  [9, 'lending/1'],
  [10, 'lending/2'],
  [99, 'lending/2'],
  [100, 'lending/3'],
  [9_999, 'lending/3'],
])('the target of index %i of a push is in flow %s', (index, flow) => {
  expect(flowOf('lending', index)).toBe(flow);
});

it('repositories that belong to no project share a flow that no project has', () => {
  expect(flowOf(undefined)).toBe('/0');
});
