import { expect, it } from 'vitest';
import type { LinkMode } from '../../../src/ports/projects.ts';
import { releaseUrl, signLink, verifyLink } from '../../../src/server/links.ts';

const secret = 'a secret of the operator';

it('verifies its own signature, for that release and that secret only', () => {
  const signature = signLink(secret, '1a2b3c4d-7');

  expect(signature).toMatch(/^[\w-]{43}$/);
  expect(verifyLink(secret, '1a2b3c4d-7', signature)).toBe(true);
  expect(verifyLink(secret, '1a2b3c4d-8', signature)).toBe(false);
  expect(verifyLink('another secret', '1a2b3c4d-7', signature)).toBe(false);
});

it.each(['', 'x', 'ü'.repeat(43), signLink(secret, '1a2b3c4d-7').slice(1)])(
  'refuses the signature "%s"',
  (signature) => {
    expect(verifyLink(secret, '1a2b3c4d-7', signature)).toBe(false);
  },
);

const urlWith = (mode: LinkMode) =>
  releaseUrl(
    {
      publicUrl: 'https://slipway.example.com/base',
      secret: async () => secret,
      projects: { linksOf: () => mode },
    },
    '1a2b3c4d-7',
    'github/acme/loans',
  );

it('builds an address that contains the signature', async () => {
  const url = new URL((await urlWith('signed')) ?? '');

  expect(url.pathname).toBe('/base/releases/1a2b3c4d-7');
  expect(verifyLink(secret, '1a2b3c4d-7', url.searchParams.get('sig') ?? '')).toBe(true);
});

it('builds an address without a signature if the page needs a login, and none if pages are off', async () => {
  expect(await urlWith('login')).toBe('https://slipway.example.com/base/releases/1a2b3c4d-7?login');
  expect(await urlWith('off')).toBeUndefined();
});
