import type { Cluster, Redis } from 'ioredis';
import { type RepositoryId, repositoryOf, type TargetId } from '../model/target.ts';
import type { TargetFilter } from '../ports/queries.ts';
import { runScript } from './script.ts';
import { facetKey, type StateKeys } from './state-keys.ts';
import { targetPageScript } from './target-list-scripts.ts';

/** Names that one call of the script examines. */
const EXAMINED = 1_000;
/** Calls of the script for one page; then the page is returned with what was found. */
const MOST_CALLS = 10;
/** Names that an unknown one is compared with, to find the nearest. */
const COMPARED = 1_000;

export interface TargetIdPage {
  ids: TargetId[];
  /** The name to go on after. Undefined: no more follow. */
  next?: TargetId | undefined;
}

/** The lists of targets that the scripts keep (`target-list-scripts.ts`), in the order of their names. */
export interface TargetLists {
  page(filter: TargetFilter, limit: number, after?: TargetId): Promise<TargetIdPage>;
  targetsOf(repository: RepositoryId): Promise<TargetId[]>;
  /** Targets with this short name, also those that no longer exist but whose history is kept. */
  named(shortName: string): Promise<{ id: TargetId; isListed: boolean }[]>;
  /** Targets whose short names begin with the same character. */
  similar(shortName: string): Promise<TargetId[]>;
}

export function createTargetLists(redis: Redis | Cluster, keys: StateKeys): TargetLists {
  const names = facetKey(keys, 'names');

  async function somePage(lists: string[], limit: number, ranges: Range[]): Promise<TargetIdPage> {
    const bounds = ranges.flatMap(({ from, to }) => [from, to]);
    const response = await runScript(redis, targetPageScript, lists, [limit, EXAMINED, ...bounds]);
    const [last, ids] = response as [TargetId, TargetId[]];
    return { ids, next: last === '' ? undefined : last };
  }

  return {
    async page(filter, limit, after) {
      const lists = listsOf(filter, keys);
      const ids: TargetId[] = [];
      let next = after;
      for (let call = 0; call < MOST_CALLS && ids.length < limit; call++) {
        const ranges = rangesOf(filter, next);
        if (ranges.length === 0) return { ids };
        const page = await somePage(lists, limit - ids.length, ranges);
        ids.push(...page.ids.filter((id) => filter.scope?.includes(repositoryOf(id)) ?? true));
        next = page.next;
        if (next === undefined) break;
      }
      return { ids, next };
    },
    async targetsOf(repository) {
      const { from, to } = rangeOf(`${repository}//`);
      return redis.zrangebylex(keys.listed, from, to);
    },
    async named(shortName) {
      const { from, to } = rangeOf(`${shortName} `);
      const found = (await redis.zrangebylex(names, from, to)).map(idOfName);
      const scores = found.length === 0 ? [] : await redis.zmscore(keys.listed, ...found);
      return found.map((id, at) => ({ id, isListed: scores[at] !== null }));
    },
    async similar(shortName) {
      const { from, to } = rangeOf(shortName.slice(0, 1));
      return (await redis.zrangebylex(names, from, to, 'LIMIT', 0, COMPARED)).map(idOfName);
    },
  };
}

function idOfName(name: string): TargetId {
  return name.slice(name.indexOf(' ') + 1);
}

function listsOf({ environment, cluster, state }: TargetFilter, keys: StateKeys): string[] {
  const facets = [
    environment === undefined ? [] : facetKey(keys, 'environment', environment),
    cluster === undefined ? [] : facetKey(keys, 'cluster', cluster),
    state === undefined ? [] : facetKey(keys, 'state', state),
  ].flat();
  return facets.length === 0 ? [keys.listed] : facets;
}

/** A range of names as ZRANGEBYLEX takes it: https://redis.io/docs/latest/commands/zrangebylex/ */
interface Range {
  from: string;
  to: string;
}

/** All names that begin with a text of ASCII characters; the empty text begins every name. */
function rangeOf(beginning: string): Range {
  if (beginning === '') return { from: '-', to: '+' };
  const following = String.fromCharCode(beginning.charCodeAt(beginning.length - 1) + 1);
  return { from: `[${beginning}`, to: `(${beginning.slice(0, -1)}${following}` };
}

/** What is left of the filter's ranges after a name, in ascending order and without overlaps. */
function rangesOf({ repository, scope }: TargetFilter, after: TargetId | undefined): Range[] {
  const beginnings = repository === undefined ? (scope?.beginnings ?? ['']) : [`${repository}//`];
  const distinct = beginnings.filter(
    (one) => !beginnings.some((other) => other !== one && one.startsWith(other)),
  );
  return [...new Set(distinct)].sort().flatMap((beginning) => {
    const range = rangeOf(beginning);
    if (after === undefined || after < beginning) return [range];
    return after.startsWith(beginning) ? [{ ...range, from: `(${after}` }] : [];
  });
}
