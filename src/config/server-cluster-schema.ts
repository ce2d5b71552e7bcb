import { z } from 'zod';
import { fields, label, secret } from './values.ts';

export const clusterSchema = fields({
  kubeconfig: secret.optional().describe('The kubeconfig, as a file or the text in an environment variable.'),
  context: z.string().min(1).optional().describe('Context of the kubeconfig; default: its current one.'),
  inCluster: z.boolean().default(false).describe('Use the service account of the Pod that Slipway runs in.'),
  stateNamespace: label
    .default('slipway')
    .describe('Slipway’s own namespace, to which no project may write; it has the inventories.'),
  maxRequests: z.int().min(1).max(1000).default(16).describe('Requests in flight at once.'),
})
  .refine((cluster) => cluster.inCluster !== (cluster.kubeconfig !== undefined), {
    error: 'needs either kubeconfig or inCluster: true',
  })
  .refine((cluster) => !(cluster.inCluster && cluster.context), { error: 'inCluster has no context' });
export type ClusterFile = z.output<typeof clusterSchema>;
