import { createMatches } from '../config/pattern.ts';
import type { OperatorRules } from '../config/server-config.ts';
import { describePlace, SlipwayError } from '../errors.ts';
import {
  describeRef,
  groupKind,
  groupOf,
  type KubeObject,
  type RenderedObject,
  refKey,
  refOf,
} from '../model/object.ts';
import { kindComesLater } from '../model/sync-options.ts';
import type { Guards } from '../ports/guards.ts';
import { isSameProject, refuseOutside } from './allowed-repositories.ts';
import { scopeOf } from './kind-scope.ts';
import { formMistake } from './object-form.ts';
import { namespaceRefusal, pathOf, ruleOf, type TargetRule } from './rule.ts';

/** The operator's rules of server.yaml: what they do not allow is refused. */
export function createGuards(config: OperatorRules): Guards {
  const matches = createMatches();
  return {
    admit(target) {
      const { impersonate, createNamespaces, maxPruneShare = 1, project } = ruleOf(config, target, matches);
      return { impersonate, createNamespaces, maxPruneShare, mask: project.mask };
    },
    admitDependency(repository, other) {
      refuseOutside(config, repository, other, matches);
    },
    sameProject: (one, other) => isSameProject(config, one, other, matches),
    async check(target, objects, cluster) {
      const rule = ruleOf(config, target, matches);
      const scope = scopeOf(objects, cluster);
      const checked: RenderedObject[] = [];
      for (const rendered of objects) {
        const mistake = formMistake(rendered.object);
        if (mistake) throw refusal('OBJECT_INVALID', rendered, { message: mistake });
        // Nobody knows yet; when its kind is there, the apply looks whether that was right.
        const namespaced = (await scope(rendered.object)) ?? (kindComesLater(rendered.object) || undefined);
        if (namespaced === undefined) {
          throw refusal('OBJECT_INVALID', rendered, await cluster.unknownKind(refOf(rendered.object)));
        }
        checked.push(namespaced ? inNamespace(rendered, target.namespace, rule) : outside(rendered, rule));
      }
      refuseTwice(checked);
      return checked;
    },
  };
}

function inNamespace(rendered: RenderedObject, fallback: string, rule: TargetRule): RenderedObject {
  const namespace = rendered.object.metadata.namespace || fallback;
  const placed = withNamespace(rendered, namespace);
  const refused = namespaceRefusal(rule, namespace);
  if (refused) throw refusal('RULE_REFUSED', placed, refused);
  return placed;
}

/** Charts often write a namespace on cluster-scoped objects; the API server drops it, and so the identity has none. */
function outside(rendered: RenderedObject, rule: TargetRule): RenderedObject {
  const placed = withNamespace(rendered, undefined);
  const refused = isNamespace(placed.object)
    ? namespaceObjectRefusal(placed.object, rule)
    : clusterScopedRefusal(placed.object, rule);
  if (refused) throw refusal('RULE_REFUSED', placed, refused);
  return placed;
}

function clusterScopedRefusal(object: KubeObject, rule: TargetRule): Refusal | undefined {
  const kind = groupKind({ group: groupOf(object.apiVersion), kind: object.kind });
  if (rule.project.clusterScoped.includes(kind)) return undefined;
  return {
    message: `project "${rule.project.name}" may not write ${kind}, a kind outside namespaces`,
    hint: `Ask the operator to add "${kind}" to projects.${rule.project.name}.clusterScoped in server.yaml.`,
  };
}

/** Namespaces are cluster-scoped, with a rule of their own: those a project may write to, where it may create them. */
function namespaceObjectRefusal(object: KubeObject, rule: TargetRule): Refusal | undefined {
  const name = object.metadata.name ?? '';
  if (name === rule.stateNamespace) return namespaceRefusal(rule, name);
  if (rule.project.clusterScoped.includes('Namespace')) return undefined;
  if (rule.createNamespaces) return namespaceRefusal(rule, name);
  return {
    message: `project "${rule.project.name}" may not create namespaces on cluster ${rule.cluster}`,
    hint: rule.matches(rule.namespaces, name)
      ? `Ask the operator to create it, or for ${pathOf(rule)}.createNamespaces in server.yaml.`
      : 'Remove the object: this project may not write to that namespace either.',
  };
}

function isNamespace(object: KubeObject): boolean {
  return groupOf(object.apiVersion) === '' && object.kind === 'Namespace';
}

function refuseTwice(objects: RenderedObject[]): void {
  const seen = new Map<string, RenderedObject>();
  for (const rendered of objects) {
    const ref = refOf(rendered.object);
    if (ref.name === '') continue;
    const first = seen.get(refKey(ref));
    if (first) {
      const message = `stands twice in this app, also in ${describePlace(first.source)}`;
      throw refusal('OBJECT_INVALID', rendered, { message, hint: 'Remove one of the two.' });
    }
    seen.set(refKey(ref), rendered);
  }
}

function withNamespace(rendered: RenderedObject, namespace: string | undefined): RenderedObject {
  if (rendered.object.metadata.namespace === namespace) return rendered;
  const { namespace: _, ...metadata } = rendered.object.metadata;
  const placed = namespace === undefined ? metadata : { ...metadata, namespace };
  return { ...rendered, object: { ...rendered.object, metadata: placed } };
}

interface Refusal {
  message: string;
  hint?: string | undefined;
}

function refusal(
  code: 'RULE_REFUSED' | 'OBJECT_INVALID',
  rendered: RenderedObject,
  { message, hint }: Refusal,
): SlipwayError {
  const object = describeRef(refOf(rendered.object));
  return new SlipwayError(code, `${object}: ${message}`, { hint, place: rendered.source, object });
}
