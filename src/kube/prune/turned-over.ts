import { objectOf, textOf } from '../../model/json.ts';
import { groupKind, type KubeObject, type RenderedObject, refKey, refOf } from '../../model/object.ts';
import { partOfLabel } from '../inventory/applyset.ts';

/**
 * Kustomize's suffix: ten characters of a hash in hex, with 0, 1, 3, a and e replaced (kustomize, api/internal/hasher,
 * `encode`). Two generators of one build cannot have the same name without it.
 */
const kustomizeHash = /-[2456789bcdfghkmt]{10}$/;

/** A checksum as charts cut it (`sha256sum | trunc 8`): between dashes, in hex, with a digit. */
const checksum = /^(?=.*\d)[0-9a-f]{6,64}$/;

/** Labels that name a version, by Helm's and Kubernetes' conventions: a release may change them everywhere. */
const versionLabels = new Set([partOfLabel, 'helm.sh/chart', 'app.kubernetes.io/version', 'chart']);

/** What made the name of an object, so that an object of another content has another name. */
interface Generator {
  /** Equal for all objects of the generator. */
  key: string;
  /** No build has two objects of it, so all others are older. */
  isSingle: boolean;
}

/**
 * Pure: those of the doomed objects that nothing rendered replaces. Kustomize and charts put a hash of the content into
 * names, so that every change deletes one object and creates its successor: of the same kind, generator and labels. A
 * checksum does not say which generator a chart had, so each of its objects replaces one older object.
 */
export function withoutSuccessor(
  doomed: KubeObject[],
  rendered: RenderedObject[],
  members: ReadonlyMap<string, KubeObject>,
): KubeObject[] {
  const successors = Map.groupBy(
    rendered.map(({ object }) => object),
    (object) => generatorOf(object)?.key,
  );
  const used = new Set<KubeObject>();
  const isReplaced = (old: KubeObject): boolean => {
    const generator = generatorOf(old);
    const fitting = generator ? (successors.get(generator.key) ?? []) : [];
    if (generator?.isSingle) return fitting.length > 0;
    const successor = fitting.find((one) => !used.has(one) && isYounger(one, old, members));
    if (successor) used.add(successor);
    return successor !== undefined;
  };
  return doomed.filter((old) => !isReplaced(old));
}

function generatorOf(object: KubeObject): Generator | undefined {
  const { namespace, name } = refOf(object);
  const isSingle = kustomizeHash.test(name);
  const stem = isSingle ? name.replace(kustomizeHash, '-*') : stemOf(name);
  if (stem === name) return undefined;
  const labels = Object.entries(objectOf(object.metadata.labels)).filter(([key]) => !versionLabels.has(key));
  const key = JSON.stringify([groupKind(refOf(object)), namespace, stem, labels.sort(byKey)]);
  return { key, isSingle };
}

function stemOf(name: string): string {
  return name
    .split('-')
    .map((part) => (checksum.test(part) ? '*' : part))
    .join('-');
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** New with this release, or created after the other: an earlier release may have failed before its prune. */
function isYounger(object: KubeObject, old: KubeObject, members: ReadonlyMap<string, KubeObject>): boolean {
  const member = members.get(refKey(refOf(object)));
  return !member || createdAt(member) > createdAt(old);
}

function createdAt({ metadata }: KubeObject): number {
  return Date.parse(textOf(metadata.creationTimestamp));
}
