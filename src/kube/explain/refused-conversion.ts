import type { Explanation, RefusalRule } from './explanation.ts';

/** Refusals because an object cannot be converted between the versions of its kind. */
export const conversionRules: RefusalRule[] = [conversionDown, goneVersion];

function conversionDown(message: string): Explanation | undefined {
  const match = /conversion webhook for (.+?) failed: (.*)$/s.exec(message);
  if (!match) return undefined;
  const [, kind = '', reason = ''] = match;
  return {
    code: 'CLUSTER_BUSY',
    what: `the conversion webhook of ${kind} did not convert it: ${reason}`,
    hint: 'Check that the pods that serve the webhook are running.',
  };
}

/** The objects of a version have to be written in another one before it may be removed from their definition. */
function goneVersion(message: string): Explanation | undefined {
  const version = /request to convert CR (?:to|from) an invalid group\/version: (\S+)/.exec(message)?.[1];
  if (!version) return undefined;
  return {
    code: 'OBJECT_REFUSED',
    what: `it is stored as ${version}, which its CustomResourceDefinition no longer has`,
    hint: 'Add the version to the definition again, or delete the object. Migrate stored objects before you remove a version.',
  };
}
