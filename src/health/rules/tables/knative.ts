import { each, type HealthTable, readyOrFailing, readyOrWaiting } from '../table.ts';

/** `Ready` is Unknown while Knative reconciles, and False after it failed. */
export const knative: HealthTable = {
  project: 'Knative',
  sources: [
    'https://knative.dev/docs/serving/reference/serving-api/',
    'https://knative.dev/docs/eventing/reference/eventing-api/',
    'https://github.com/knative/specs/blob/main/specs/serving/overview.md#error-signalling',
  ],
  kinds: {
    ...each(
      [
        'Service.serving.knative.dev',
        'Configuration.serving.knative.dev',
        'Revision.serving.knative.dev',
        'Route.serving.knative.dev',
        'DomainMapping.serving.knative.dev',
      ],
      readyOrFailing,
    ),
    // Their brokers, channels and sinks are often part of the same release.
    ...each(
      ['*.eventing.knative.dev', '*.messaging.knative.dev', '*.sources.knative.dev', '*.flows.knative.dev'],
      readyOrWaiting,
    ),
  },
};
