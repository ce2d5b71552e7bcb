import type { KubeObject } from '../../src/model/object.ts';
import { kubectl } from './kubectl.ts';

/** The object as the API server has it now, or undefined. */
export async function getObject(
  kind: string,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  const text = await kubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
  return text.trim() === '' ? undefined : (JSON.parse(text) as KubeObject);
}
