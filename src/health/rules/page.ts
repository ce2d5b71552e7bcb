import { healthVerdicts } from '../../model/health-rule.ts';
import { type HealthTable, type KindRule, nothingToWaitFor } from './table.ts';

/** The lines around the generated part of docs/health.md. */
export const pageMarks = [
  '<!-- written from src/health/rules/tables by `npm run health-page` -->',
  '<!-- end -->',
] as const;

/** The page with the part between its marks generated from the tables. */
export function withTables(page: string, tables: readonly HealthTable[]): string {
  const [begin, end] = pageMarks;
  const [before = ''] = page.split(begin);
  const [, after = ''] = page.split(end);
  return `${before}${begin}\n\n${tables.map(section).join('\n')}\n${end}${after}`;
}

function section({ project, sources, kinds }: HealthTable): string {
  const links = sources.map((source) => `<${source}>`).join(', ');
  return `### ${project}\n\nFrom ${links}\n\n${byRule(kinds).map(entry).join('\n')}\n`;
}

/** Groups kinds that have the same rule. */
function byRule(kinds: HealthTable['kinds']): [string[], KindRule][] {
  const groups = Map.groupBy(Object.entries(kinds), ([, rule]) => JSON.stringify(rule));
  return [...groups.values()].flatMap((group): [string[], KindRule][] => {
    const rule = group[0]?.[1];
    return rule ? [[group.map(([kind]) => kind), rule]] : [];
  });
}

function entry([kinds, rule]: [string[], KindRule]): string {
  const names = kinds.map((kind) => `\`${kind}\``).join(', ');
  if (JSON.stringify(rule) === JSON.stringify(nothingToWaitFor)) return `- ${names}: nothing to wait for`;
  const verdicts = healthVerdicts.flatMap((verdict) => {
    const text = rule[verdict];
    return text === undefined ? [] : [`  - ${verdict}: ${text === 'true' ? 'always' : `\`${text}\``}`];
  });
  return [`- ${names}`, ...verdicts].join('\n');
}
