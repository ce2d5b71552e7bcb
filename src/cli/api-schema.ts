import { z } from 'zod';
import { CHANGE_ACTIONS } from '../model/change-set.ts';
import { RELEASE_STATES } from '../model/release.ts';

/** What the commands read of the API's responses; everything else passes through to `--json`. */
const state = z.enum(RELEASE_STATES);

const ref = z.object({
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
});

const place = z.looseObject({ file: z.string(), line: z.number().optional() });

/** A newer server may know further codes and kinds. */
const failure = z.looseObject({
  code: z.string(),
  summary: z.string(),
  object: ref.optional(),
  place: place.optional(),
  hint: z.string().optional(),
  get details() {
    return details.optional();
  },
});

const details = z.looseObject({
  causes: z
    .array(
      z.looseObject({
        summary: z.string(),
        workload: z.string().optional(),
        pod: z.string().optional(),
        container: z.string().optional(),
      }),
    )
    .optional(),
  owner: z.looseObject({ target: z.string(), place: place.optional() }).optional(),
  moreObjects: z.number().optional(),
  get followedBy() {
    return z.array(failure).optional();
  },
});

const notice = z.looseObject({
  kind: z.string(),
  summary: z.string(),
  hint: z.string().optional(),
  objects: z.array(ref).optional(),
  count: z.number().optional(),
});

const cause = z.looseObject({ kind: z.string(), by: z.string().optional() });

export const releaseSchema = z.looseObject({
  id: z.string(),
  target: z.string(),
  number: z.number(),
  revision: z.number(),
  commit: z.string(),
  state,
  cause,
  namespace: z.string().optional(),
  failure: failure.optional(),
  notices: z.array(notice).optional(),
  supersededBy: z.string().optional(),
  summary: z.string().optional(),
  startedAt: z.number(),
  endedAt: z.number().optional(),
  times: z.record(z.string(), z.number()),
  url: z.string().optional(),
});
export type ReleaseResponse = z.infer<typeof releaseSchema>;

export const targetsSchema = z.looseObject({
  targets: z.array(
    z.looseObject({
      id: z.string(),
      app: z.string(),
      environment: z.string(),
      repository: z.string(),
      state,
      desired: z.looseObject({ commit: z.string(), at: z.number() }).optional(),
      release: releaseSchema.optional(),
    }),
  ),
  next: z.string().optional(),
});
export type TargetResponse = z.infer<typeof targetsSchema>['targets'][number];

export const historySchema = z.looseObject({ target: z.string(), releases: z.array(releaseSchema) });

const json = z.json();
const change = z.looseObject({
  ref,
  action: z.enum(CHANGE_ACTIONS),
  hook: z.boolean().optional(),
  source: place.optional(),
  fields: z.array(
    z.looseObject({
      path: z.string(),
      before: json.optional(),
      after: json.optional(),
      lines: z.array(z.string()).optional(),
    }),
  ),
  moreFields: z.number().optional(),
  tookFrom: z.array(z.string()).optional(),
  failure: failure.optional(),
  notice: notice.optional(),
  warnings: z.array(z.string()).optional(),
});
export type ChangeResponse = z.infer<typeof change>;

const changeSet = z.looseObject({
  changes: z.array(change),
  warnings: z.array(z.string()).optional(),
});

export const releaseWithChangesSchema = releaseSchema.extend({ changeSet });

export const deployedSchema = z.looseObject({
  target: z.string(),
  commit: z.string(),
  revision: z.number(),
});

export const deliveriesSchema = z.looseObject({
  deliveries: z.array(
    z.looseObject({
      id: z.string(),
      event: z.string(),
      repository: z.string().optional(),
      ref: z.string().optional(),
      sender: z.string().optional(),
      receivedAt: z.number(),
      state: z.enum(['waiting', 'done', 'ignored', 'failed']),
      outcome: z.string().optional(),
      repeats: z.number(),
      targets: z.array(z.string()),
    }),
  ),
});

export const quarantineSchema = z.looseObject({
  jobs: z.array(
    z.looseObject({ queue: z.string(), name: z.string(), deaths: z.number(), since: z.number() }),
  ),
});

export const retriedSchema = z.looseObject({ queue: z.string(), name: z.string() });

export const planSchema = z.looseObject({
  target: z.string(),
  commit: z.string(),
  changeSet,
});
