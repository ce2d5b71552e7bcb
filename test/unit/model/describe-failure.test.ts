import { describe, expect, it } from 'vitest';
import {
  describeChange,
  describeFailure,
  describeNotice,
  describeReason,
} from '../../../src/model/describe-failure.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { Notice } from '../../../src/model/notice.ts';

const object = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name: 'web' };
const place = { file: 'deploy/web.yaml', line: 12 };
const unhealthy: Failure = {
  code: 'UNHEALTHY',
  summary: '0 of 3 pods ready',
  object,
  place,
  details: {
    causes: [
      {
        pod: 'web-65957fc766-2kgll',
        container: 'app',
        summary: 'ImagePullBackOff: image "web:v9" not found',
      },
    ],
  },
};

describe('the text of a failure', () => {
  it('names the place, the object, and every step down to the cause', () => {
    expect(describeFailure(unhealthy)).toBe(
      'deploy/web.yaml:12: Deployment loans/web: 0 of 3 pods ready; pod web-65957fc766-2kgll: container app: ImagePullBackOff: image "web:v9" not found',
    );
  });

  it.each([
    ['omits the namespace of the target', 'loans', 'Deployment web: '],
    ['names another namespace', 'batch', 'Deployment loans/web: '],
  ])('%s', (_name, namespace, expected) => {
    expect(describeFailure({ ...unhealthy, place: undefined }, { namespace })).toContain(expected);
  });

  it('names neither object nor place beside the object itself', () => {
    expect(describeReason({ ...unhealthy, details: {} })).toBe('0 of 3 pods ready');
  });

  it('counts further objects that failed, and reports hooks that failed after it', () => {
    const job = { ...object, group: 'batch', kind: 'Job', name: 'cleanup' };
    const followedBy: Failure[] = [
      { code: 'UNHEALTHY', summary: 'exited with code 1', object: job },
      { code: 'CLUSTER_FORBIDDEN', summary: 'it may not' },
    ];
    const failure = { ...unhealthy, place: undefined, details: { followedBy, moreObjects: 2 } };
    expect(describeFailure(failure, { namespace: 'loans' })).toBe(
      'Deployment web: 0 of 3 pods ready; 2 more objects failed; the on-failure hook failed too: Job cleanup: exited with code 1; the on-failure hooks could not run: it may not',
    );
    expect(describeFailure({ ...failure, details: { moreObjects: 1 } })).toMatch(/; 1 more object failed$/);
  });

  it('names the file of the target that owns the object', () => {
    const owner = { target: 'github/acme/x//web@production', place: { file: 'all.yaml', line: 3 } };
    const failure = {
      code: 'OBJECT_OWNED',
      summary: `it belongs to target ${owner.target}`,
      details: { owner },
    };
    expect(describeFailure(failure)).toBe(
      'it belongs to target github/acme/x//web@production, which renders it from all.yaml:3',
    );
  });
});

describe('the text of a failure within a budget', () => {
  const lengthOf = (text: string) => [...text].length;

  it('is whole if it fits', () => {
    const text = describeFailure(unhealthy);
    expect(describeFailure(unhealthy, { most: lengthOf(text) })).toBe(text);
  });

  it('omits the generated names of pods first', () => {
    const most = lengthOf(describeFailure(unhealthy)) - 1;
    expect(describeFailure(unhealthy, { most })).toBe(
      'deploy/web.yaml:12: Deployment loans/web: 0 of 3 pods ready; container app: ImagePullBackOff: image "web:v9" not found',
    );
  });

  it('then omits the place if the file is not at fault', () => {
    expect(describeFailure(unhealthy, { most: 105 })).toBe(
      'Deployment loans/web: 0 of 3 pods ready; container app: ImagePullBackOff: image "web:v9" not found',
    );
    expect(describeFailure({ ...unhealthy, code: 'OBJECT_INVALID' }, { most: 105 })).toMatch(
      /^deploy\/web\.yaml:12: .*…$/,
    );
  });

  it('is cut at the end if nothing else is left', () => {
    const text = describeFailure(unhealthy, { most: 40 });
    expect(text).toBe('Deployment loans/web: 0 of 3 pods ready…');
    expect(lengthOf(text)).toBe(40);
  });

  it('is on one line', () => {
    expect(describeFailure({ code: 'INTERNAL', summary: 'a\nb' }, { most: 40 })).toBe('a b');
  });
});

describe('the text of a notice', () => {
  it('names the first objects and counts the others', () => {
    const notice: Notice = {
      kind: 'prune-held',
      summary: '5 objects would be deleted',
      objects: [object, { ...object, namespace: 'batch' }],
      count: 5,
    };
    expect(describeNotice(notice, 'loans')).toBe(
      'prune held: 5 objects would be deleted (Deployment web, Deployment batch/web and 3 more)',
    );
  });

  it('is the summary alone if its kind needs no prefix', () => {
    expect(describeNotice({ kind: 'waiting', summary: 'waits for db' })).toBe('waits for db');
  });
});

describe('what a change says', () => {
  it('is its notice, then why the object is not healthy', () => {
    const notice: Notice = { kind: 'taken-over', summary: 'taken over from Helm' };
    expect(describeChange({ action: 'configured', notice, failure: { ...unhealthy, details: {} } })).toEqual({
      text: ['taken over from Helm', 'not healthy: 0 of 3 pods ready'],
      hint: undefined,
    });
  });

  it('is the failure alone if the object was refused, with the next step', () => {
    const failure: Failure = { code: 'OBJECT_INVALID', summary: 'spec.x is not a field', hint: 'Remove it.' };
    expect(describeChange({ action: 'failed', failure })).toEqual({
      text: ['spec.x is not a field'],
      hint: 'Remove it.',
    });
  });
});
