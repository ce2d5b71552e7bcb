import { LRUCache } from 'lru-cache';
import { type SlipwayError, toSlipwayError } from '../errors.ts';
import { refKey, refOf } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { Target } from '../model/target.ts';
import type { Clusters } from '../ports/cluster.ts';
import type { Policy } from '../ports/policy.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { ReleaseMirrors } from './fetching.ts';

/** Where a target renders each of its objects from, by `refKey`. */
export type Places = ReadonlyMap<string, SourcePlace>;

/** What a target should run. */
export interface DesiredContent {
  commit: string;
  contentKey: string;
}

/** The objects that targets render at their desired commits, for other targets that render or prune the same ones. */
export interface DesiredObjects {
  /**
   * Throws as `Renderer.render` and `Mirror.ensure` do.
   * @param mirrors fetch the commit for whoever asks, before it is rendered for all who ask
   */
  of(target: Target, desired: DesiredContent, mirrors: ReleaseMirrors): Promise<Places>;
}

interface Ports {
  clusters: Clusters;
  mirrors: ReleaseMirrors;
  policy: Pick<Policy, 'assignNamespaces'>;
  renderer: Pick<Renderer, 'render'>;
}

/** Objects of all remembered targets together, each with some hundred bytes. */
const MOST_OBJECTS = 100_000;

/** What came of rendering a target; an error that repetition cannot cure is as good as objects. */
type Outcome = { places: Places } | { error: SlipwayError };

/**
 * Remembers the objects by content key: of a push of a thousand apps that each lose an object, every app is rendered
 * once for all the others. A mistake in the files is remembered too.
 */
export function createDesiredObjects(ports: Ports): DesiredObjects {
  const running = new Map<string, Promise<Outcome>>();
  const known = new LRUCache<string, Outcome>({
    maxSize: MOST_OBJECTS,
    sizeCalculation: (outcome) => 1 + ('places' in outcome ? outcome.places.size : 0),
  });
  return {
    async of(target, desired, mirrors) {
      const key = `${target.id} ${desired.contentKey}`;
      const run = () => outcomeOf(target, desired.commit, ports).finally(() => running.delete(key));
      const render = () => running.get(key) ?? kept(running, key, run());
      const outcome =
        known.get(key) ?? (await notFetched(target, desired, mirrors)) ?? known.get(key) ?? (await render());
      known.set(key, outcome);
      if ('error' in outcome) throw outcome.error;
      return outcome.places;
    },
  };
}

function kept<Value>(all: Map<string, Value>, key: string, value: Value): Value {
  all.set(key, value);
  return value;
}

/** Rejects with what repetition may cure. */
async function outcomeOf(target: Target, commit: string, ports: Ports): Promise<Outcome> {
  try {
    return { places: await render(target, commit, ports) };
  } catch (thrown) {
    return failedOutcome(thrown);
  }
}

/** Why the commit cannot be had; undefined: the mirror has it now. */
async function notFetched(
  { repository }: Target,
  { commit }: DesiredContent,
  mirrors: ReleaseMirrors,
): Promise<Outcome | undefined> {
  try {
    await mirrors.open(repository).ensure(commit);
    return undefined;
  } catch (thrown) {
    return failedOutcome(thrown);
  }
}

function failedOutcome(thrown: unknown): Outcome {
  const error = toSlipwayError(thrown);
  // That the asker was superseded says nothing of the target.
  if (error.retryable || error.code === 'SUPERSEDED') throw error;
  return { error };
}

/** Not aborted with the release that asks first, because others wait for the same. The renderer limits its time. */
async function render(
  target: Target,
  commit: string,
  { clusters, mirrors, policy, renderer }: Ports,
): Promise<Places> {
  const { signal } = new AbortController();
  const tree = mirrors.open(target.repository).tree(commit);
  const cluster = clusters.get(target.cluster);
  const rendered = await renderer.render(target, tree, () => cluster.version(signal), signal);
  const { objects } = await policy.assignNamespaces(target, rendered.objects, cluster);
  return new Map(objects.map(({ object, source }) => [refKey(refOf(object)), source]));
}
