/**
 * How objects of a kind are judged, in CEL over `healthVariables`. Asked in this order, the first that is true decides:
 * `suspended`, `failed`, `failing`, `progressing`, `healthy`; where none is true and `healthy` is given, the object
 * is progressing. Without `healthy` the judgement that the kind has anyway decides what the rule leaves open.
 */
export interface HealthRule {
  /** `Kind.group`, or `Kind` for the core group; `*` for all kinds of a group, `*.` before a group for all that end so. */
  kind: string;
  healthy?: string | undefined;
  /** Failed for good: a wait ends at once. */
  failed?: string | undefined;
  /** Fails now and is tried again by its controller: a wait ends when that lasts. */
  failing?: string | undefined;
  progressing?: string | undefined;
  suspended?: string | undefined;
  /** A text for people. Default: what the conditions say. */
  message?: string | undefined;
}

/** What an expression of a rule may read; `conditions` are those of `status`, by type. */
export const healthVariables = [
  'apiVersion',
  'kind',
  'metadata',
  'spec',
  'status',
  'conditions',
  'object',
] as const;

/** What the expressions of a rule say, in the order in which they are asked. */
export const healthVerdicts = ['suspended', 'failed', 'failing', 'progressing', 'healthy'] as const;

const group = '(\\*\\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?';

/** What `HealthRule.kind` may be. Some custom resources are named in small letters; those of the core group are not. */
export const ruleKindPattern = new RegExp(
  `^([A-Z][A-Za-z0-9]{0,62}(\\.${group})?|([a-z][A-Za-z0-9]{0,62}|\\*)\\.${group})$`,
);

/**
 * The rule for a kind: the one that names it; else the one for its group; else the one for the longest ending of its
 * group. `groupKind` is `Kind.group`.
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
