/**
 * How the health of a kind is evaluated: CEL expressions over `healthVariables`. The first that is true decides, in the
 * order `suspended`, `failed`, `failing`, `progressing`, `healthy`. If none is true, the object is progressing; a rule
 * without `healthy` then leaves the decision to the rule that Slipway has for the kind.
 */
export interface HealthRule {
  /** `Kind.group`, or `Kind` for the core group; `*` for all kinds of a group, `*.` before a group for all groups with that ending. */
  kind: string;
  healthy?: string | undefined;
  /** The object has failed and cannot recover: a wait ends at once. */
  failed?: string | undefined;
  /** The object fails now, and its controller retries: a wait ends after `failFastMs` of failing. */
  failing?: string | undefined;
  progressing?: string | undefined;
  suspended?: string | undefined;
  /** A message for people. Default: the message of a condition. */
  message?: string | undefined;
}

/** Variables of a rule's expressions; `conditions` holds `status.conditions` by type. */
export const healthVariables = [
  'apiVersion',
  'kind',
  'metadata',
  'spec',
  'status',
  'conditions',
  'object',
] as const;

/** The expressions of a rule in the order of their evaluation. */
export const healthVerdicts = ['suspended', 'failed', 'failing', 'progressing', 'healthy'] as const;

const group = '(\\*\\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?';

/** Valid values of `HealthRule.kind`. Kinds of custom resources may start with a lower-case letter; core kinds never do. */
export const ruleKindPattern = new RegExp(
  `^([A-Z][A-Za-z0-9]{0,62}(\\.${group})?|([a-z][A-Za-z0-9]{0,62}|\\*)\\.${group})$`,
);

/**
 * The most specific rule for a kind: for the kind itself, else for its group, else for the longest ending of its group.
 * `groupKind` is `Kind.group`.
 */
export function findRule<Rule>(rules: ReadonlyMap<string, Rule>, groupKind: string): Rule | undefined {
  const exact = rules.get(groupKind);
  if (exact !== undefined || rules.size === 0) return exact;
  const [kind = '', ...group] = groupKind.split('.');
  if (group.length === 0) return undefined;
  for (let cut = 0; cut < group.length; cut += 1) {
    const ending = `${cut === 0 ? '' : '*.'}${group.slice(cut).join('.')}`;
    const found = rules.get(`${kind}.${ending}`) ?? rules.get(`*.${ending}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
