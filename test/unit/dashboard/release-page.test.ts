import { describe, expect, it } from 'vitest';
import { type PageLinks, releasePage } from '../../../src/dashboard/release-page.ts';
import type { ChangeAction, ObjectChange } from '../../../src/model/change-set.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { ReleaseWithChanges } from '../../../src/model/release.ts';

function change(name: string, action: ChangeAction, more: Partial<ObjectChange> = {}): ObjectChange {
  const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'loans', name };
  return { ref, action, fields: [], ...more };
}

function failed(summary: string, hint?: string): Failure {
  return { code: 'UNHEALTHY', summary, hint };
}

function release(more: Partial<ReleaseWithChanges> = {}): ReleaseWithChanges {
  return {
    id: '1a2b3c4d-7',
    target: 'github/acme/loans//web@production',
    number: 7,
    commit: 'c0ffee'.repeat(6),
    contentKey: 'key',
    revision: 1,
    cause: { kind: 'push', by: 'ada' },
    state: 'succeeded',
    times: { queued: 3, rendering: 12, applying: 1_500, verifying: 65_000 },
    startedAt: Date.UTC(2026, 2, 1, 12, 30, 5),
    endedAt: Date.UTC(2026, 2, 1, 12, 31, 12),
    attempts: 1,
    changeSet: { changes: [] },
    ...more,
  };
}

describe('the links of a release page', () => {
  const changes = [
    change('web', 'configured', { source: { file: 'deploy/web.yaml', line: 12 } }),
    change('old', 'unchanged', {
      source: { file: 'deploy/old.yaml' },
      notice: { kind: 'finished', summary: 'done' },
    }),
    change('gone', 'pruned'),
  ];
  const links: PageLinks = {
    commit: 'https://github.com/acme/loans/commit/c0ffee',
    pulls: [{ name: '#42', url: 'https://github.com/acme/loans/pull/42' }],
    file: (path, line) =>
      `https://github.com/acme/loans/blob/c0ffee/${path}${line === undefined ? '' : `#L${line}`}`,
    previous: { ...release({ number: 6, state: 'failed' }), url: 'https://slipway.example.com/releases/6' },
  };

  it('lead to the commit, its pull requests, every file with its line, and the previous release', () => {
    const page = releasePage(release({ changeSet: { changes } }), [], links);

    for (const text of [
      '<a href="https://github.com/acme/loans/commit/c0ffee"><code>c0ffee',
      '<a href="https://github.com/acme/loans/pull/42">#42</a>',
      '<a href="https://github.com/acme/loans/blob/c0ffee/deploy/web.yaml#L12">deploy/web.yaml:12</a>',
      '<a href="https://github.com/acme/loans/blob/c0ffee/deploy/old.yaml">deploy/old.yaml</a>',
      '<a href="https://slipway.example.com/releases/6">#6</a> <span class="bad">failed</span>',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('are only text if the forge is not known', () => {
    const page = releasePage(release({ changeSet: { changes } }), [], {
      pulls: [{ name: '#42', url: undefined }],
      file: () => undefined,
    });

    expect(page).not.toContain('<a ');
    for (const text of ['deploy/web.yaml:12', '#42', 'c0ffee']) expect(page).toContain(text);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example.com', 'not an address'])(
    'never lead to %s',
    (url) => {
      const page = releasePage(release({ changeSet: { changes } }), [], {
        commit: url,
        pulls: [{ name: '#42', url }],
        file: () => url,
      });

      expect(page).not.toContain('<a ');
    },
  );

  it('are escaped, whatever a file name contains', () => {
    const source = { file: 'deploy/"><script>alert(1)</script>.yaml', line: 3 };
    const page = releasePage(
      release({ changeSet: { changes: [change('web', 'created', { source })] } }),
      [],
      {
        pulls: [],
        file: (path) => `https://github.com/${path}`,
      },
    );

    expect(page).not.toContain('<script');
    expect(page).toContain('<a href="https://github.com/deploy/&quot;&gt;&lt;script&gt;');
  });
});

describe('the page of a release', () => {
  it('shows target, commit, cause, times and the duration of each stage', () => {
    const page = releasePage(release(), []);

    for (const text of [
      '<title>succeeded: web@production #7</title>',
      'github/acme/loans//web@production',
      'by a push of ada',
      '2026-03-01 12:30:05 UTC',
      '1 min 7 s',
      '<b>12 ms</b><span>rendering</span>',
      '<b>1.5 s</b><span>applying</span>',
      '<b>1 min 5 s</b><span>verifying</span>',
      'No objects.',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('shows why a release failed and what to do', () => {
    const page = releasePage(
      release({ state: 'failed', failure: failed('0 of 3 pods ready', 'Push a fix.') }),
      [],
    );

    expect(page).toContain('0 of 3 pods ready');
    expect(page).toContain('Push a fix.');
  });

  it('shows lost fields, warnings and left-out fields of an object', () => {
    const more = {
      fields: [{ path: 'spec.replicas', before: 2, after: 3 }],
      moreFields: 7,
      tookFrom: ['kubectl-edit', 'argocd'],
      warnings: ['would violate PodSecurity'],
    };
    const page = releasePage(release({ changeSet: { changes: [change('web', 'configured', more)] } }), []);

    for (const text of [
      '… and 7 more fields',
      'Fields taken from kubectl-edit, argocd.',
      'Warning: would violate PodSecurity',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('names the commit that superseded it', () => {
    const page = releasePage(release({ state: 'superseded', supersededBy: 'beefbeef' }), []);

    expect(page).toContain('superseded by beefbeef');
  });

  it('shows failures first and folds unchanged objects', () => {
    const changes = [
      change('still', 'unchanged'),
      change('new', 'created'),
      change('broken', 'failed', { failure: failed('refused') }),
    ];

    const page = releasePage(release({ changeSet: { changes } }), []);

    expect(page.indexOf('loans/broken')).toBeLessThan(page.indexOf('loans/new'));
    expect(page).toContain('<details><summary>1 unchanged</summary>');
    expect(page).toContain('Changes: 1 created, 1 failed, 1 unchanged');
  });

  it('shows before and after of each field, and only one where the other is missing', () => {
    const fields = [
      { path: 'spec.replicas', before: 2, after: 3 },
      { path: 'metadata.labels.old', before: 'gone' },
      { path: 'spec.template', after: { a: 'x' } },
    ];

    const page = releasePage(
      release({ changeSet: { changes: [change('web', 'configured', { fields })] } }),
      [],
    );

    expect(page).toContain('<span class="value before">2</span><span class="value after">3</span>');
    expect(page).toContain('<code>metadata.labels.old</code><span class="value before">gone</span></div>');
    expect(page).toContain('<span class="value after">{\n  &quot;a&quot;: &quot;x&quot;\n}</span>');
  });

  it('shows the lines of a text that differ', () => {
    const fields = [{ path: 'data.conf', before: 'a', after: 'b', lines: ['@@ -1,2 +1,2 @@', '-<a>', '+b'] }];

    const page = releasePage(
      release({ changeSet: { changes: [change('web', 'configured', { fields })] } }),
      [],
    );

    expect(page).toContain('<span class="line gone">-&lt;a&gt;</span><span class="line come">+b</span>');
  });

  it.each([
    ['failure', { state: 'failed', failure: failed('<img src=x onerror=alert(1)>') }],
    ['login', { cause: { kind: 'push', by: '"><img src=x>' } }],
    ['target', { target: 'github/a/b//<img>@production' }],
    [
      'object',
      {
        changeSet: {
          changes: [change('<img>', 'created', { source: { file: '<img>' }, failure: failed('<img>') })],
        },
      },
    ],
    [
      'field',
      {
        changeSet: {
          changes: [
            change('web', 'configured', { fields: [{ path: '<img>', before: '<img>', after: ['<img>'] }] }),
          ],
        },
      },
    ],
  ] satisfies [string, Partial<ReleaseWithChanges>][])('shows markup in a %s as text', (_name, more) => {
    const page = releasePage(release(more), [
      { target: '<img>', release: 'a-1', state: 'succeeded', url: 'https://x/"><img>' },
    ]);

    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img');
  });

  it('stays a page a browser can show when thousands of objects changed', () => {
    const fields = Array.from({ length: 200 }, (_, at) => ({
      path: `data.key${at}`,
      after: 'x'.repeat(10_000),
    }));
    const changes = Array.from({ length: 3_000 }, (_, at) =>
      change(`web-${at}`, 'configured', at === 0 ? { fields } : {}),
    );

    const page = releasePage(release({ changeSet: { changes } }), []);

    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toContain('… and 2500 more objects');
    expect(page).toContain('… and 150 more fields');
  });
});
