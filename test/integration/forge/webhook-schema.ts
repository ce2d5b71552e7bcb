import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

/** Checks a GitHub webhook's payload against its published schema; returns the errors. */
export type CheckPayload = (event: string, action: string | null, payload: unknown) => string[];

interface Described {
  definitions: Record<string, unknown>;
}

export const createPayloadCheck = (): CheckPayload => {
  const load = createRequire(import.meta.url);
  const { definitions } = load('@octokit/webhooks-schemas/schema.json') as Described;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();
  return (event, action, payload) => {
    const name = `${event}$${action ?? 'event'}`;
    if (!(name in definitions)) return [`no description of ${name}`];
    // One event at a time: the description's root is a choice between all of them, which takes ajv 19 s to compile.
    const validate = compiled.get(name) ?? ajv.compile({ $ref: `#/definitions/${name}`, definitions });
    compiled.set(name, validate);
    if (validate(payload)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
  };
};
