import { each, type HealthTable } from '../table.ts';

export const threeScale: HealthTable = {
  project: '3scale',
  sources: [
    'https://github.com/3scale/3scale-operator/blob/master/doc/backend-reference.md',
    'https://github.com/3scale/3scale-operator/blob/master/apis/capabilities/v1beta1/backend_types.go',
  ],
  kinds: {
    // Invalid has to be fixed in the spec; the operator retries after Failed.
    ...each(['Backend.capabilities.3scale.net', 'Product.capabilities.3scale.net'], {
      failed: 'conditions.Invalid.status == "True"',
      failing: 'conditions.Failed.status == "True"',
      healthy: 'conditions.Synced.status == "True"',
      message:
        'conditions.Invalid.status == "True" ? "Invalid: " + conditions.Invalid.message' +
        ' : conditions.Failed.status == "True" ? "Failed: " + conditions.Failed.message' +
        ' : conditions.Synced.status == "True" ? "synchronized" : "not synchronized yet"',
    }),
  },
};
