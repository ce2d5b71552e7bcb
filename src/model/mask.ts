/** What stands in place of a secret value, everywhere. */
export const MASK = '***';
