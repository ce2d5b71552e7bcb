import { describe, expect, it } from 'vitest';
import { annotationMistake } from '../../../src/model/annotation-mistake.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';

function job(annotations: JsonObject): KubeObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', annotations } };
}

const hook = { 'slipway.dev/hook': 'pre-deploy' };

describe('an annotation of our own', () => {
  it.each<[string, JsonObject, string]>([
    ['that is misspelt', { 'slipway.dev/hooks': 'pre-deploy' }, 'did you mean slipway.dev/hook?'],
    ['that is another tool’s word', { 'slipway.dev/sync-options': 'x' }, 'unknown annotation'],
    ['with a wave that is no number', { 'slipway.dev/wave': '1.5' }, 'may not be "1.5"'],
    ['that is no text', { 'slipway.dev/wave': 1 }, 'must be text in quotes'],
    ['with a moment that is none', { 'slipway.dev/hook': 'predeploy' }, 'may not be "predeploy"'],
    ['with a policy that is none', { ...hook, 'slipway.dev/hook-delete': 'never' }, 'may not be "never"'],
    ['with a timeout that is none', { ...hook, 'slipway.dev/hook-timeout': '5' }, 'may not be "5"'],
    ['with no time at all', { ...hook, 'slipway.dev/hook-timeout': '0s' }, 'may not be "0s"'],
    ['for hooks on an object that is none', { 'slipway.dev/hook-timeout': '5m' }, 'the object is no hook'],
    ['that would not keep what it should', { 'slipway.dev/prune': 'disbled' }, 'may not be "disbled"'],
    ['that would allow nothing', { 'slipway.dev/recreate': 'true' }, 'may not be "true"'],
  ])('%s is a mistake', (_, annotations, message) => {
    expect(annotationMistake(job(annotations))).toEqual({
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/\S/),
    });
  });

  it.each<[string, JsonObject]>([
    ['a hook of ours', { ...hook, 'slipway.dev/hook-timeout': '90s', 'slipway.dev/hook-delete': 'failed' }],
    ['a hook of Argo CD’s', { 'argocd.argoproj.io/hook': 'PreSync', 'slipway.dev/hook-timeout': '5m' }],
    ['what decides about its end', { 'slipway.dev/prune': 'disabled', 'slipway.dev/recreate': 'allowed' }],
    ['what was copied from a cluster', { 'slipway.dev/hook-run': '0a1b' }],
    ['words of others', { 'argocd.argoproj.io/hook': 'Presync', 'example.com/wave': 'x' }],
  ])('is none in %s', (_, annotations) => {
    expect(annotationMistake(job(annotations))).toBeUndefined();
  });
});
