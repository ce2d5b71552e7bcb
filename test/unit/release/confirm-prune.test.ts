import { expect, test } from 'vitest';
import { isConfirmed } from '../../../src/release/confirm-prune.ts';
import { aTarget } from '../../support/targets.ts';

const target = aTarget({ app: 'web', environment: 'production' });

test.each<[string, boolean]>([
  ['Remove the old jobs\n\nslipway.dev/confirm-prune: web', true],
  ['Remove\r\n\r\nSlipway.dev/Confirm-Prune: database, web@production\r\nSigned-off-by: A', true],
  ['Remove\n\nslipway.dev/confirm-prune: web@staging', false],
  ['Remove\n\nslipway.dev/confirm-prune: website', false],
  ['Remove\n\nslipway.dev/confirm-prune:', false],
  ['Write slipway.dev/confirm-prune: web to confirm', false],
])('%j confirms the prune of web@production: %s', (message, confirmed) => {
  expect(isConfirmed(['another', message], target)).toBe(confirmed);
});
