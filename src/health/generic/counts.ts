import { isObject, numberAt, optionalNumberAt, textAt } from '../../model/json.ts';
import type { JsonObject } from '../../model/object.ts';
import type { Finding } from './finding.ts';

/** What is counted in replicas; if the spec does not have its name, it has a size. */
const sizedNouns = new Set([
  'replicas',
  'nodes',
  'instances',
  'members',
  'pods',
  'brokers',
  'servers',
  'shards',
]);
const sizes = ['size', 'replicas', 'nodeCount', 'instances'];
/** What a status calls the number that should be ready. */
const totals = ['desiredReady', 'desired', 'total', 'expected', 'wanted', 'count', 'replicas'];

/** `unavailableReplicas`, `notReady`, `workerNumberUnavailable`. */
const lackNames = /^(un(available|ready|healthy)|notReady)([A-Z]\w*s)?$|\wN(umberUnavailable|otReady)$/;

interface Count {
  kind: string;
  noun: string;
  count: number;
  wanted: number;
}

/**
 * Counts of a status (`readyReplicas`, `nodesReady`, `ready`) against the number that the object asks for, and counts of
 * what is not ready (`unavailableReplicas`). Zeros may be omitted from a status.
 */
export function countFindings(status: JsonObject, spec: JsonObject): Finding[] {
  return Object.keys(status).flatMap((name): Finding[] => {
    const count = optionalNumberAt(status, name);
    if (count === undefined) return [];
    if (lackNames.test(name))
      return count > 0 ? [{ meaning: 'progressing', message: `${count} ${name}`, firm: true }] : [];
    const found = countOf(name, count, status, spec);
    if (!found || (found.kind === 'updated' && isPartial(spec))) return [];
    const message = `${count} of ${found.wanted} ${found.noun} ${found.kind}`.replace('  ', ' ');
    return [{ meaning: count < found.wanted ? 'progressing' : 'healthy', message, firm: true }];
  });
}

function countOf(name: string, count: number, status: JsonObject, spec: JsonObject): Count | undefined {
  const found = (kind: string, noun: string, wanted: number | undefined) =>
    wanted === undefined ? undefined : { kind, noun, count, wanted };
  const [, part, is] = /^(\w*)[nN]umber(Ready|Available)$/.exec(name) ?? [];
  if (part !== undefined && is !== undefined)
    return found(
      is.toLowerCase(),
      part || 'pods',
      optionalNumberAt(status, `desired${upperFirst(part)}NumberScheduled`),
    );
  if (name === 'ready' || name === 'available') return found(name, '', firstNumber(status, totals));
  const [, first, after] = /^(ready|available|updated|current|running|healthy)([A-Z]\w*)$/.exec(name) ?? [];
  const [, before, last] = /^([a-z]\w*?)(Ready|Available|Healthy)$/.exec(name) ?? [];
  const kind = first ?? last?.toLowerCase();
  const noun = after === undefined ? before : lowerFirst(after);
  if (kind === undefined || noun === undefined) return undefined;
  const wanted = kind === 'current' ? aimOf(status, noun) : wantedOf(status, spec, noun);
  return found(kind, noun, wanted);
}

function wantedOf(status: JsonObject, spec: JsonObject, noun: string): number | undefined {
  return (
    optionalNumberAt(spec, noun) ??
    aimOf(status, noun) ??
    optionalNumberAt(status, noun) ??
    (sizedNouns.has(noun) ? firstNumber(spec, sizes) : undefined)
  );
}

/** `desiredReplicas`, `totalNodes`, `nodesTotal`. */
function aimOf(status: JsonObject, noun: string): number | undefined {
  const upper = upperFirst(noun);
  return firstNumber(status, [
    `desired${upper}`,
    `total${upper}`,
    `expected${upper}`,
    `${noun}Desired`,
    `${noun}Total`,
    `${noun}Expected`,
  ]);
}

function firstNumber(fields: JsonObject, names: readonly string[]): number | undefined {
  return names.map((name) => optionalNumberAt(fields, name)).find((one) => one !== undefined);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A partition or a pause keeps replicas at an old revision on purpose. */
function isPartial(spec: JsonObject): boolean {
  const strategies = [spec, ...Object.values(spec).filter(isObject)];
  const levels = [...strategies, ...strategies.flatMap((one) => Object.values(one).filter(isObject))];
  return levels.some(
    (one) => one.paused === true || numberAt(one, 'partition') > 0 || textAt(one, 'partition') !== '',
  );
}
