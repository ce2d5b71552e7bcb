import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { type Fixture, release, rendered, targetOf } from './release-setup.ts';

/** Objects of one namespace, and how a release reports the first that is refused. */
export function refusals(fixture: Fixture) {
  const { namespace } = fixture;
  const alone = (app: string): Fixture => ({ ...fixture, target: targetOf(namespace, app) });
  const named = (apiVersion: string, kind: string, name: string, more: JsonObject): RenderedObject =>
    rendered({ apiVersion, kind, metadata: { name, namespace }, ...more }, `${kind.toLowerCase()}.yaml`);
  return {
    alone,
    named,
    deployment(spec: JsonObject = {}, container: JsonObject = {}): RenderedObject {
      const labels = { app: 'refused' };
      const containers = [{ name: 'app', image: 'app:v1', ...container }];
      const template = { metadata: { labels }, spec: { containers } };
      return named('apps/v1', 'Deployment', 'refused', {
        spec: { replicas: 0, selector: { matchLabels: labels }, template, ...spec },
      });
    },
    secret: (data: JsonObject, more: JsonObject = {}) => named('v1', 'Secret', 'refused', { data, ...more }),
    async refusal(objects: RenderedObject[], app = 'refused'): Promise<ObjectChange | undefined> {
      const { applied } = await release(alone(app), objects);
      return applied.find(({ action }) => action === 'failed');
    },
  };
}
