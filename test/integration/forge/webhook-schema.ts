import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

/** Checks a GitHub webhook's payload against its published description; gives what is wrong with it. */
export type CheckPayload = (event: string, action: string | null, payload: unknown) => string[];

export const createPayloadCheck = (): CheckPayload => {
  const schema: unknown = createRequire(import.meta.url)('@octokit/webhooks-schemas/schema.json');
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(schema as object, 'webhooks');
  return (event, action, payload) => {
    const validate = ajv.getSchema(`webhooks#/definitions/${event}$${action ?? 'event'}`);
    if (validate === undefined) return [`no description of ${event} ${action ?? ''}`];
    if (validate(payload) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
  };
};
