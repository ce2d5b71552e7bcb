import { crossplane } from './crossplane.ts';
import type { HealthTable } from './table.ts';

/** Every project whose custom resources are judged by rules; `docs/health.md` lists them. */
export const tables: readonly HealthTable[] = [crossplane];
