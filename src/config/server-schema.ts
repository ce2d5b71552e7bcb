import { z } from 'zod';
import { type ForgeTypes, forgeSchemaOf } from './forge-type.ts';
import { clusterSchema } from './server-cluster-schema.ts';
import { projectSchema } from './server-project-schema.ts';
import { redisSchema } from './server-redis-schema.ts';
import { duration, fields, httpUrl, label, secret, size } from './values.ts';

export type * from './server-config.ts';

const host = z.string().min(1).describe('Address or name of the interface.');
const port = z.int().min(0).max(65535).describe('0: any free port.');

const renderSchema = fields({
  timeout: duration.default('20s').describe('Longest time one render may take.'),
  memory: size.default('512Mi').describe('Most memory that a render engine may use.'),
  output: size.default('32Mi').describe('Most bytes of output of one render.'),
  files: z.int().min(1).default(10_000).describe('Most files one app may reach.'),
  concurrency: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Engines for renders that take milliseconds, and as many for slow ones; default: the number of processors.',
    ),
  cache: size.default('512Mi').describe('Size of the render cache in dataDir.'),
  unlocked: z
    .boolean()
    .default(false)
    .describe(
      'Renders also where the kernel does not lock the engine: what repositories contain then runs with the rights of the worker.',
    ),
});

const tokenSchema = fields({
  name: label.describe('What the token does carries this name: in causes, events and the log.'),
  role: z
    .enum(['viewer', 'deployer', 'admin'])
    .describe('viewer: reads and plans; deployer: also deploys; admin: everything.'),
  projects: z
    .array(z.union([label, z.literal('*')], { error: 'must be the name of a project, or "*" for all' }))
    .min(1)
    .describe('Projects that the token is for; ["*"]: all, and what belongs to none.'),
  secret: secret.describe('The token, at least 16 characters.'),
});

// In two halves, so that `forges` keeps its place in what editors propose.
const beforeForges = {
  publicUrl: httpUrl.describe(
    'Address under which people and forges reach this server; links begin with it.',
  ),
  listen: fields({
    host: host.default('0.0.0.0'),
    port: port.default(8080),
  })
    .prefault({})
    .describe('Where webhooks, API and pages are served.'),
  metrics: fields({
    host: host.default('0.0.0.0'),
    port: port.default(9090),
  })
    .prefault({})
    .describe('Where /healthz, /readyz and /metrics are served, on a separate port.'),
  redis: redisSchema,
  poll: fields({
    interval: duration
      .default('3m')
      .describe('How often branch heads are read, to find what no webhook announced.'),
  })
    .prefault({})
    .describe('The safety net for lost webhooks.'),
};

const afterForges = {
  clusters: z.record(label, clusterSchema).describe('Kubernetes clusters by name.'),
  projects: z
    .record(label, projectSchema)
    .default({})
    .describe('Who may deploy what where. What no project allows is refused.'),
  api: fields({
    tokens: z.array(tokenSchema).default([]).describe('Tokens of the API; none: no API.'),
  })
    .prefault({})
    .describe('Who may use the API and the commands that talk to it.'),
  deliveries: fields({
    maxAge: duration.default('7d').describe('Deliveries are deleted after this time.'),
    maxCount: z.int().min(1).default(10_000).describe('Most deliveries that are kept.'),
  })
    .prefault({})
    .describe('How long received webhooks and findings of the poll are kept.'),
  releases: fields({
    keep: z
      .int()
      .min(1)
      .max(1_000)
      .default(20)
      .describe('Last releases of a target that are kept, however old.'),
    maxAge: duration.default('30d').describe('Older releases are deleted, beyond those.'),
    maxCount: z.int().min(1).max(1_000).default(100).describe('Most releases of a target that are kept.'),
  })
    .prefault({})
    .describe('How long releases are kept, with their change sets and pages.'),
  render: renderSchema.prefault({}).describe('Limits of one render.'),
  programs: fields({
    git: z.string().min(1).default('git').describe('Git, 2.38 or newer.'),
    engine: z.string().min(1).default('slipway-engine').describe('The render engine, built from engine/.'),
  })
    .prefault({})
    .describe('Programs by name (found through PATH) or absolute path.'),
  dataDir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for mirrors and the render cache; its loss costs only time.'),
  disk: fields({
    budget: size
      .default('8Gi')
      .describe(
        'Most bytes in dataDir: beyond, the mirrors that were not used for the longest time are removed.',
      ),
    perRepository: size
      .default('2Gi')
      .describe('Most bytes of one repository: what needs more is an error on its commit.'),
  })
    .prefault({})
    .describe('How much of the disk dataDir may use.'),
  linkSecret: secret
    .optional()
    .describe(
      'Signs the addresses of release pages, at least 16 characters; default: a random one, kept in Redis.',
    ),
};

/** server.yaml as written, with forges of these types. */
export function serverSchemaOf(forgeTypes: ForgeTypes) {
  const forges = z
    .record(label, forgeSchemaOf(forgeTypes))
    .describe('Git hosting services by name; webhooks arrive at /webhooks/<name>.');
  return fields({ ...beforeForges, forges, ...afterForges });
}
export type ServerFile = z.output<ReturnType<typeof serverSchemaOf>>;
