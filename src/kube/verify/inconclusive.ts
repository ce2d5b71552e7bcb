import { asObject, objectOf, objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { uidOf } from '../diagnose/owner.ts';
import type { Reader } from '../diagnose/reader.ts';
import { isOwnEntry, managerEntries } from '../managed-fields.ts';
import { acrossNamespaces } from '../watch/watch-hub.ts';
import type { Board, Entry } from './verify-board.ts';
import type { Wait } from './verify-wait.ts';

/** How long a new or changed custom resource waits for a first report if nothing shows that its controller exists. */
const firstReportMs = 2_000;

/**
 * Decides what an object's own state leaves open: whether a controller will report on it or on its change, and whether a
 * PersistentVolumeClaim is bound only when its first pod is scheduled. Checks each such object once. Returns a function
 * that stops the checks.
 */
export function settleInconclusive(board: Board, wait: Wait, reader: Reader): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const settle = (entry: Entry) => {
    board.settle(entry, 'settled');
    wait.changed();
  };
  /** Reads the object first, because the watch may be slow or down and a first report not received yet. */
  const settleAfterRead = async (entry: Entry): Promise<void> => {
    const { path, ref } = entry.applied;
    const [now] = await reader.list(path, { fieldSelector: `metadata.name=${ref.name}` });
    if (!now) return settleLater(entry);
    board.see(entry, now, performance.now());
    if (awaitsReport(entry)) board.settle(entry, 'waiting');
    else settle(entry);
  };
  const settleLater = (entry: Entry): void => {
    timers.add(setTimeout(() => settleAfterRead(entry).catch(wait.fail), firstReportMs));
  };
  const check = async (entry: Entry): Promise<void> => {
    if (entry.stale) return settleLater(entry);
    if (entry.verdict.inconclusive === 'binding') {
      if (await bindsToFirstPod(reader, entry.object)) settle(entry);
      return;
    }
    if (awaitsReport(entry) || (await othersHaveReports(reader, entry))) {
      board.settle(entry, 'waiting');
    } else if (entry.object.kind === 'Ingress') {
      settle(entry);
    } else {
      settleLater(entry);
    }
  };
  for (const entry of board.pending()) {
    if (entry.stale || entry.verdict.inconclusive) check(entry).catch(wait.fail);
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Such a PersistentVolumeClaim is healthy while unbound: the health of the pod that uses it is evaluated separately. */
async function bindsToFirstPod(reader: Reader, claim: KubeObject): Promise<boolean> {
  const fieldSelector = `metadata.name=${textAt(claim, 'spec', 'storageClassName')}`;
  const [found] = await reader.list('/apis/storage.k8s.io/v1/storageclasses', { fieldSelector });
  return textAt(found, 'volumeBindingMode') === 'WaitForFirstConsumer';
}

/**
 * Whether a controller has taken the object on and will report: its kind has a status, and somebody else has put a
 * finalizer on it. Then it is waited for.
 */
function awaitsReport({ applied, object, verdict }: Entry): boolean {
  if (verdict.inconclusive !== 'controller' || !applied.hasStatus) return false;
  return managerEntries(object).some(
    (entry) =>
      !isOwnEntry(entry) &&
      !entry.manager.startsWith('kubectl') &&
      'f:finalizers' in objectOf(entry.fields['f:metadata']),
  );
}

/** If other objects of the kind have the report that this one lacks, their controller exists and reports. */
async function othersHaveReports(reader: Reader, entry: Entry): Promise<boolean> {
  const wide = acrossNamespaces(entry.applied.path);
  const paths = [...new Set([entry.applied.path, wide])];
  for (const path of paths) {
    const others = await reader.list(path, { limit: 50 });
    if (others.some((other) => uidOf(other) !== uidOf(entry.object) && isReported(other, entry.object)))
      return true;
  }
  return false;
}

function isReported(other: KubeObject, object: KubeObject): boolean {
  if (object.kind !== 'Ingress') return Object.keys(asObject(other.status) ?? {}).length > 0;
  const sameClass = ingressClass(other) === ingressClass(object);
  return sameClass && objectsAt(other, 'status', 'loadBalancer', 'ingress').length > 0;
}

function ingressClass(ingress: KubeObject): string {
  const legacy = textAt(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
  return textAt(ingress, 'spec', 'ingressClassName') || legacy;
}
