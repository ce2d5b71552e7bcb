import { asObject, objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { uidOf } from '../diagnose/owner.ts';
import type { Reader } from '../diagnose/reader.ts';
import { acrossNamespaces } from '../watch/watch-hub.ts';
import type { Board, Entry } from './verify-board.ts';
import type { Wait } from './verify-wait.ts';

/** How long a custom resource that is new or changed may wait for a word of a controller that nothing shows to exist. */
const firstWordMs = 2_000;

/**
 * Settles what an object alone does not tell: whether somebody will report on it at all, or on what was changed of it,
 * and whether a claim is bound only to its first pod. Asked once per object that needs it; answers how to stop.
 */
export function settleInconclusive(board: Board, wait: Wait, reader: Reader): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const settle = (entry: Entry) => {
    board.settle(entry, 'settled');
    wait.changed();
  };
  /** Its first word may be there and not have come yet, where the watch is slow or down: so it is looked for. */
  const settleUnlessHeard = async (entry: Entry): Promise<void> => {
    const { path, ref } = entry.applied;
    const [now] = await reader.list(path, { fieldSelector: `metadata.name=${ref.name}` });
    if (!now) return settleLater(entry);
    board.see(entry, now, Date.now());
    settle(entry);
  };
  const settleLater = (entry: Entry): void => {
    timers.add(setTimeout(() => settleUnlessHeard(entry).catch(wait.fail), firstWordMs));
  };
  const ask = async (entry: Entry): Promise<void> => {
    if (entry.stale) return settleLater(entry);
    if (entry.verdict.inconclusive === 'binding') {
      if (await bindsToFirstPod(reader, entry.object)) settle(entry);
      return;
    }
    if (await othersHaveReports(reader, entry)) {
      board.settle(entry, 'waits');
    } else if (entry.object.kind === 'Ingress') {
      settle(entry);
    } else {
      settleLater(entry);
    }
  };
  for (const entry of board.pending()) {
    if (entry.stale || entry.verdict.inconclusive) ask(entry).catch(wait.fail);
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Such a claim is healthy as it is: a pod that needs it is judged by itself. */
async function bindsToFirstPod(reader: Reader, claim: KubeObject): Promise<boolean> {
  const fieldSelector = `metadata.name=${textAt(claim, 'spec', 'storageClassName')}`;
  const [found] = await reader.list('/apis/storage.k8s.io/v1/storageclasses', { fieldSelector });
  return textAt(found, 'volumeBindingMode') === 'WaitForFirstConsumer';
}

/** Others of the kind that have what this one lacks show that a controller is there and speaks. */
async function othersHaveReports(reader: Reader, entry: Entry): Promise<boolean> {
  const wide = acrossNamespaces(entry.applied.path);
  const paths = [...new Set([entry.applied.path, wide])];
  for (const path of paths) {
    const others = await reader.list(path, { limit: 50 });
    if (others.some((other) => uidOf(other) !== uidOf(entry.object) && isAnswered(other, entry.object)))
      return true;
  }
  return false;
}

function isAnswered(other: KubeObject, object: KubeObject): boolean {
  if (object.kind !== 'Ingress') return Object.keys(asObject(other.status) ?? {}).length > 0;
  const sameClass = ingressClass(other) === ingressClass(object);
  return sameClass && objectsAt(other, 'status', 'loadBalancer', 'ingress').length > 0;
}

function ingressClass(ingress: KubeObject): string {
  const legacy = textAt(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
  return textAt(ingress, 'spec', 'ingressClassName') || legacy;
}
