import { isRecord, recordsIn, textsIn } from '../record.ts';

/**
 * What may stand at a reference: `resource` a file or a folder with a kustomization; `folder` only that; `file` a file;
 * `patch` a file or the patch itself; `plugin` a file, a folder or the configuration itself.
 */
export type ReferenceKind = 'resource' | 'folder' | 'file' | 'patch' | 'plugin';

export interface Reference {
  kind: ReferenceKind;
  /** The field it stands in, for errors. */
  field: string;
  /** As written, relative to the kustomization's folder. */
  written: string;
}

const textFields: [field: string, kind: ReferenceKind][] = [
  ['resources', 'resource'],
  ['bases', 'resource'],
  ['components', 'folder'],
  ['crds', 'file'],
  ['configurations', 'file'],
  ['patchesStrategicMerge', 'patch'],
  ['generators', 'plugin'],
  ['transformers', 'plugin'],
  ['validators', 'plugin'],
];

const pathFields = ['patches', 'patchesJson6902', 'replacements'];
const generatorFields = ['configMapGenerator', 'secretGenerator'];

/**
 * Everything a kustomization file names, charts apart. The fields are those of Kustomize 5's `types.Kustomization`, and
 * it refuses fields that it does not know, so the list is complete:
 * https://github.com/kubernetes-sigs/kustomize/blob/master/api/types/kustomization.go
 */
export function referencesOf(kustomization: Record<string, unknown>): Reference[] {
  const references = textFields.flatMap(([field, kind]) =>
    textsIn(kustomization[field]).map((written) => ({ kind, field, written })),
  );
  for (const field of pathFields) {
    for (const item of recordsIn(kustomization[field])) references.push(...fileAt(item.path, field));
  }
  for (const field of generatorFields) {
    for (const item of recordsIn(kustomization[field])) references.push(...sourcesOf(item, field));
  }
  const { openapi } = kustomization;
  if (isRecord(openapi)) references.push(...fileAt(openapi.path, 'openapi'));
  return references;
}

/**
 * What the configuration of a builtin generator or transformer names: the fields of all of them together, since
 * none gives one of these names another meaning.
 */
export function pluginReferences(config: Record<string, unknown>): Reference[] {
  const field = typeof config.kind === 'string' ? config.kind : 'generators';
  const patches = textsIn(config.paths).map((written) => ({ kind: 'patch' as const, field, written }));
  const replacements = recordsIn(config.replacements).flatMap((item) => fileAt(item.path, field));
  return [
    ...sourcesOf(config, field),
    ...fileAt(config.path, field),
    ...fileAt(config.targetFilePath, field),
    ...patches,
    ...replacements,
  ];
}

/** `files` are `[key=]path`; `envs` and the old `env` are paths. */
function sourcesOf(item: Record<string, unknown>, field: string): Reference[] {
  const files = textsIn(item.files).map((text) => text.slice(text.indexOf('=') + 1));
  const envs = textsIn(item.envs);
  const env = typeof item.env === 'string' && item.env !== '' ? [item.env] : [];
  return [...files, ...envs, ...env].map((written) => ({ kind: 'file', field, written }));
}

function fileAt(path: unknown, field: string): Reference[] {
  return typeof path === 'string' && path !== '' ? [{ kind: 'file', field, written: path }] : [];
}
