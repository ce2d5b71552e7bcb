import { z } from 'zod';
import { maskSchema } from './field-rule-schema.ts';
import { fields, label, percentage, secret } from './values.ts';

const patternRule =
  'may contain letters, digits, ".", "_", "-", "/" and "*" (any text within one part) or "**" (any parts)';

/** Patterns without negation, braces, brackets or extended globs, so that they are unambiguous. */
const repositoryPattern = z.string().regex(/^[a-z0-9-]+(\/[A-Za-z0-9._*-]+){2,}$/, {
  error: `must be <forge>/<owner>/<name>, the forge by its name in this file; the rest ${patternRule}`,
});

/** The characters of branch names, without those that have a meaning in patterns. */
const branchPattern = z.string().regex(/^[^\s\p{Cc}~^:?[\]\\(){}|!$"'`<>]+$/u, {
  error: 'must be the name of a branch, in which "*" matches any text within one part and "**" any parts',
});

const namespacePattern = z.string().regex(/^[a-z0-9*-]+$/, {
  error: 'must be the name of a namespace, in which "*" matches any text',
});

const clusterRule = fields({
  branches: z.array(branchPattern).min(1).describe('Branches that may be deployed; "*" does not cross "/".'),
  namespaces: z.array(namespacePattern).min(1).describe('Namespaces that may be written to.'),
  impersonate: z
    .string()
    .regex(/^\S+$/, { error: 'must be a user name, such as system:serviceaccount:<namespace>:<name>' })
    .optional()
    .describe('Account that plans, applies and prunes; default: Slipway’s own.'),
  maxPruneShare: percentage.default('100%').describe('Upper bound of prune.maxShare of slipway.yaml.'),
  createNamespaces: z.boolean().default(false).describe('Whether namespaces that match may be created.'),
});

export const projectSchema = fields({
  repositories: z
    .array(repositoryPattern)
    .min(1)
    .describe('<forge>/<owner>/<name>; "*" matches any text within one part, "**" any parts.'),
  links: z
    .enum(['signed', 'login', 'off'])
    .default('signed')
    .describe(
      'Who sees its release pages: signed: who has the link; login: who has a token of the project; off: nobody, and statuses have no link.',
    ),
  webhookSecrets: z
    .array(secret)
    .default([])
    .describe(
      'Secrets that the webhooks of these repositories, and no others, are signed with; default: those of the forge.',
    ),
  clusters: z.record(label, clusterRule).describe('Rules by the name of the cluster.'),
  clusterScoped: z
    .array(
      z.string().regex(/^[A-Z][A-Za-z0-9]*(\.[a-z0-9.-]+)?$/, {
        error: 'must be Kind, or Kind.group such as ClusterRole.rbac.authorization.k8s.io',
      }),
    )
    .default([])
    .describe('Cluster-scoped kinds that are allowed, as Kind (core group) or Kind.group.'),
  mask: maskSchema.describe(
    'Fields whose values are masked wherever Slipway shows them; a repository can add fields and remove none.',
  ),
});
export type ProjectFile = z.output<typeof projectSchema>;
