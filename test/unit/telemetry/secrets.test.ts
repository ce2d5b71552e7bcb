import { expect, it, onTestFinished, vi } from 'vitest';
import { createMasker } from '../../../src/telemetry/secrets.ts';

const token = 'ghp_s3cret+token/with=signs';

it.each([
  ['alone', `the token is ${token}.`, 'the token is ***.'],
  ['several times', `${token}${token}`, '******'],
  ['in a URL', `https://x/?token=${encodeURIComponent(token)}`, 'https://x/?token=***'],
  ['in JSON', JSON.stringify({ token }), '{"token":"***"}'],
])('masks a secret %s', (_name, text, masked) => {
  expect(createMasker([token]).mask(text)).toBe(masked);
});

it.each(['', 'x', 'ab', 'x-access-token:', 'oauth2:'])(
  'masks a secret in Basic credentials after "%s"',
  (user) => {
    const encoded = Buffer.from(`${user}${token}:rest`).toString('base64');

    const masked = createMasker([token]).mask(`Basic ${encoded}`);

    expect(masked).toContain('***');
    expect(Buffer.from(masked.replace('***', ''), 'base64').toString()).not.toContain('cret+token');
  },
);

it('masks a secret with line ends, whole and line by line', () => {
  const key = '-----BEGIN KEY-----\nMIIEabcdefgh\nijklmnopqrst\n-----END KEY-----\n';
  const masker = createMasker([key]);

  expect(masker.mask(JSON.stringify({ key }))).toBe('{"key":"***"}');
  expect(masker.mask('line 2 is ijklmnopqrst')).toBe('line 2 is ***');
  expect(masker.mask('-----BEGIN KEY-----')).toBe('-----BEGIN KEY-----');
});

it('masks the longer of two secrets with the same beginning', () => {
  expect(createMasker(['secret', 'secret-and-more']).mask('secret-and-more')).toBe('***');
});

it('masks a secret that is added later', () => {
  const masker = createMasker();
  masker.add('installation-token');

  expect(masker.mask('installation-token')).toBe('***');
});

it('reads a secret as text, not as a pattern', () => {
  expect(createMasker(['a.*(b']).mask('axxb a.*(b')).toBe('axxb ***');
});

it('does not mask secrets that are too short', () => {
  expect(createMasker(['', 'a', 'abc', '   ']).mask('abc of a language')).toBe('abc of a language');
});

it('forgets a secret of run time that nobody has added for a day, and never one of the configuration', () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const masker = createMasker(['of-the-configuration']);
  masker.add('first-token');
  vi.advanceTimersByTime(24 * 3_600_000);
  masker.add('second-token');

  expect(masker.mask('of-the-configuration first-token second-token')).toBe('*** first-token ***');
});

it('keeps masking a secret of run time that is added again and again', () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const masker = createMasker();
  for (let hour = 0; hour < 24; hour += 1) {
    masker.add('token-in-use');
    vi.advanceTimersByTime(3_600_000);
  }
  masker.add('another-token');

  expect(masker.mask('token-in-use')).toBe('***');
});
