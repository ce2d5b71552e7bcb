import { z } from 'zod';
import { isBranchName } from '../model/branch-name.ts';
import type { Failure } from '../model/failure.ts';
import type { FieldRule } from '../model/field-rule.ts';
import type { HealthRule } from '../model/health-rule.ts';
import type { JsonnetOptions, Prune, RendererName } from '../model/target.ts';
import { type Dependency, dependencySchema } from './dependency-schema.ts';
import { ignoreSchema, maskSchema } from './field-rule-schema.ts';
import { healthSchema } from './health-schema.ts';
import { duration, fields, label, labelRule, notYet, percentage } from './values.ts';

const text = z.string({ error: 'must be a text; put it in quotes' }).min(1, { error: 'is empty' });

/** The name of a branch as written. */
export const branchSchema = text
  .refine((name) => !name.startsWith('refs/'), { error: 'must be the name of a branch, without refs/heads/' })
  .refine(isBranchName, { error: 'is not the name of a branch' })
  .describe('Branch that this environment follows.');

const environmentSchema = fields({
  branch: branchSchema,
  cluster: label.describe('Name of the cluster in server.yaml.'),
  namespace: text.optional().describe('Namespace of its apps; may contain {app} and {environment}.'),
  rollback: notYet('After a failed release, revert the commit or push a fix.'),
});

const jsonnetValues = z.record(z.string().min(1), z.json()).default({});

const appSchema = fields({
  path: text.describe('Folder in the repository; may contain {app} and {environment}.'),
  namespace: text.optional().describe('Overrides the environment’s namespace.'),
  environments: z.array(label).min(1).optional().describe('Environments that run this app; default: all.'),
  renderer: z
    .enum(['plain', 'kustomize', 'helm', 'jsonnet'], {
      error: 'must be plain, kustomize, helm or jsonnet',
    })
    .optional()
    .describe('Default: found from the files in the folder.'),
  helm: fields({
    releaseName: text.optional().describe('Default: the name of the app.'),
    values: z
      .array(text)
      .default([])
      .describe('Values files, from the folder of the app; may contain {environment}.'),
  })
    .prefault({})
    .describe('Options of Helm.'),
  jsonnet: fields({
    libraries: z.array(text).default([]).describe('Folders of imports, from the folder of the app.'),
    arguments: jsonnetValues.describe('Top-level arguments; texts may contain {app} and {environment}.'),
    variables: jsonnetValues.describe('External variables (std.extVar), as the arguments.'),
  })
    .optional()
    .describe('Options of Jsonnet; needs renderer: jsonnet.'),
  dependsOn: z
    .array(dependencySchema)
    .max(100, { error: 'has more than 100 entries' })
    .default([])
    .describe('Apps of the same environment that must be healthy first, also of other repositories.'),
  timeout: duration.default('5m').describe('How long the app may take to become healthy.'),
  failFast: duration
    .default('30s')
    .describe('How long a failing container may last before the release fails.'),
  adopt: z
    .boolean()
    .default(false)
    .describe('Take over objects that another target, Helm, Argo CD, Flux or ApplySet owns.'),
  ignore: ignoreSchema.describe(
    'Fields that others manage: set when an object is created, and left alone from then on.',
  ),
  mask: maskSchema.describe(
    'Fields whose values are masked wherever Slipway shows them, as those of Secrets are.',
  ),
  prune: fields({
    maxShare: percentage
      .default('30%')
      .describe('Largest share of the app’s objects that one release deletes without confirmation.'),
    propagation: z
      .enum(['background', 'foreground'], { error: 'must be background or foreground' })
      .default('background')
      .describe('foreground: an object is deleted after the objects that it owns.'),
  })
    .prefault({})
    .describe('How objects that are no longer in the files are deleted.'),
});

const appName = z.string().regex(/^(\*|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/, {
  error: `is not a valid name of an app: ${labelRule}; or "*" for every folder that matches`,
});

/** slipway.yaml as written. */
export const slipwaySchema = fields({
  version: z.literal(1, { error: 'must be 1' }).describe('Version of this format: 1.'),
  environments: z
    .record(label, environmentSchema)
    .default({})
    .describe('Branches and the clusters that follow them. Read from the default branch only.'),
  apps: z
    .record(appName, appSchema)
    .default({})
    .describe(
      'Folders of manifests. "*" matches every folder that its path describes; named apps take precedence.',
    ),
  health: healthSchema,
  notifications: notYet('Each commit has the status of its releases.'),
});
export type SlipwayFile = z.output<typeof slipwaySchema>;

export interface EnvironmentConfig {
  name: string;
  branch: string;
  cluster: string;
  namespace?: string | undefined;
  line?: number | undefined;
}

/** An environment with a mistake in its own definition: nothing of it moves, and the other environments go on. */
export interface HeldEnvironment {
  name: string;
  /** The branch that it follows; undefined if the mistake is there. */
  branch?: string | undefined;
  /** CONFIG_INVALID with file and line, in the order of the lines. At least one. */
  failures: Failure[];
}

/** An app as written, with defaults and unresolved placeholders. `name` is `*` for the pattern. */
export interface AppConfig {
  name: string;
  path: string;
  namespace?: string | undefined;
  environments?: string[] | undefined;
  renderer?: RendererName | undefined;
  helm: { releaseName?: string | undefined; values: string[] };
  jsonnet?: JsonnetOptions | undefined;
  dependsOn: Dependency[];
  timeoutMs: number;
  failFastMs: number;
  adopt: boolean;
  ignore: FieldRule[];
  mask: FieldRule[];
  prune: Prune;
  line?: number | undefined;
}

/** A valid slipway.yaml. The records have no prototype: a name such as `constructor` finds nothing. */
export interface SlipwayConfig {
  file: string;
  environments: Record<string, EnvironmentConfig>;
  held: Record<string, HeldEnvironment>;
  apps: Record<string, AppConfig>;
  health: HealthRule[];
}
