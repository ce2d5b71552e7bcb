import { describe, expect, it } from 'vitest';
import { annotationMistake } from '../../../src/model/annotation-mistake.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';

function job(annotations: JsonObject): KubeObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', annotations } };
}

const hook = { 'slipway.dev/hook': 'pre-deploy' };

describe('annotationMistake: an annotation', () => {
  it.each<[string, JsonObject, string]>([
    ['that is misspelt', { 'slipway.dev/hooks': 'pre-deploy' }, 'did you mean slipway.dev/hook?'],
    ['of another tool with our prefix', { 'slipway.dev/sync-options': 'x' }, 'unknown annotation'],
    ['with a wave that is not a whole number', { 'slipway.dev/wave': '1.5' }, 'may not be "1.5"'],
    ['that is not a string', { 'slipway.dev/wave': 1 }, 'must be a quoted string'],
    ['with an unknown moment', { 'slipway.dev/hook': 'predeploy' }, 'may not be "predeploy"'],
    ['with an unknown policy', { ...hook, 'slipway.dev/hook-delete': 'never' }, 'may not be "never"'],
    ['with an invalid timeout', { ...hook, 'slipway.dev/hook-timeout': '5' }, 'may not be "5"'],
    ['with a timeout of zero', { ...hook, 'slipway.dev/hook-timeout': '0s' }, 'may not be "0s"'],
    [
      'for hooks on an object that is not a hook',
      { 'slipway.dev/hook-timeout': '5m' },
      'the object is not a hook',
    ],
    ['with a misspelt prune value', { 'slipway.dev/prune': 'disbled' }, 'may not be "disbled"'],
    ['with an unknown recreate value', { 'slipway.dev/recreate': 'true' }, 'may not be "true"'],
  ])('%s is reported', (_, annotations, message) => {
    expect(annotationMistake(job(annotations))).toEqual({
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/\S/),
    });
  });

  it.each<[string, JsonObject]>([
    ['Slipway hooks', { ...hook, 'slipway.dev/hook-timeout': '90s', 'slipway.dev/hook-delete': 'failed' }],
    ['Argo CD hooks', { 'argocd.argoproj.io/hook': 'PreSync', 'slipway.dev/hook-timeout': '5m' }],
    ['deletion and recreation', { 'slipway.dev/prune': 'disabled', 'slipway.dev/recreate': 'allowed' }],
    ['an object copied from a cluster', { 'slipway.dev/hook-run': '0a1b' }],
    ['other tools', { 'argocd.argoproj.io/hook': 'Presync', 'example.com/wave': 'x' }],
  ])('annotations of %s are accepted', (_, annotations) => {
    expect(annotationMistake(job(annotations))).toBeUndefined();
  });
});
