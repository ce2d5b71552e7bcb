/**
 * Every error Slipway reports on purpose, in one table. A release retries `retryable` errors with back-off; `status` is
 * the HTTP status of the API's response; `hint` is the default next step for a person.
 */
const table = {
  CONFIG_INVALID: {
    retryable: false,
    status: 422,
    hint: 'Correct the file at the named line and push again.',
  },
  RULE_REFUSED: {
    retryable: false,
    status: 403,
    hint: 'Ask the operator to allow it in server.yaml, under projects.',
  },
  RENDER_FAILED: { retryable: false, status: 422, hint: 'Correct the named file and push again.' },
  RENDER_REMOTE: { retryable: false, status: 422, hint: 'Vendor the remote source into the repository.' },
  RENDER_LIMIT: {
    retryable: false,
    status: 422,
    hint: 'Make the app smaller, or raise the limit in server.yaml.',
  },
  PATH_MISSING: {
    retryable: false,
    status: 422,
    hint: 'Add the folder, or correct the path in slipway.yaml.',
  },
  OBJECT_INVALID: {
    retryable: false,
    status: 422,
    hint: 'Correct the object in the named file and push again.',
  },
  OBJECT_REFUSED: {
    retryable: false,
    status: 422,
    hint: 'Find the rule of the cluster that refused the object.',
  },
  OBJECT_OWNED: { retryable: false, status: 409, hint: 'Remove the object from one of its owners.' },
  NAMESPACE_MISSING: {
    retryable: false,
    status: 422,
    hint: 'Create the namespace, or allow createNamespaces in server.yaml.',
  },
  UNHEALTHY: { retryable: false, status: 422, hint: 'Correct what the reason names and push again.' },
  CLUSTER_UNREACHABLE: { retryable: true, status: 503, hint: 'Check the cluster and its kubeconfig.' },
  CLUSTER_BUSY: { retryable: true, status: 503, hint: 'The API server asked for a pause; Slipway retries.' },
  CLUSTER_CONFLICT: { retryable: true, status: 409, hint: 'Another writer was first; Slipway retries.' },
  CLUSTER_FORBIDDEN: { retryable: false, status: 403, hint: 'Grant the named right to the named account.' },
  GIT_UNREACHABLE: {
    retryable: true,
    status: 503,
    hint: 'Check the forge and the credentials in server.yaml.',
  },
  GIT_REFUSED: { retryable: false, status: 403, hint: 'Check the credentials of this forge in server.yaml.' },
  GIT_INVALID: {
    retryable: false,
    status: 422,
    hint: 'The repository holds something Git itself calls unsafe.',
  },
  GIT_TOO_LARGE: {
    retryable: false,
    status: 422,
    hint: 'Remove large files from the history of the branch, or let the operator raise disk.perRepository.',
  },
  COMMIT_MISSING: {
    retryable: false,
    status: 404,
    hint: 'The commit is not on the forge, or no longer; push again.',
  },
  FORGE_UNREACHABLE: {
    retryable: true,
    status: 503,
    hint: 'Check the forge; Slipway sends the status when it is back.',
  },
  FORGE_REFUSED: {
    retryable: false,
    status: 403,
    hint: 'Check the token in server.yaml and its rights; Slipway sends what is missing then.',
  },
  FORGE_INVALID: { retryable: false, status: 422, hint: 'See the response of the forge.' },
  REDIS_UNREACHABLE: {
    retryable: true,
    status: 503,
    hint: 'Check Redis; the forge can redeliver the webhook.',
  },
  SIGNATURE_INVALID: { retryable: false, status: 401, hint: 'Set the same webhook secret on both sides.' },
  BODY_INVALID: { retryable: false, status: 400, hint: 'Send the payload as the forge documents it.' },
  BODY_TOO_LARGE: { retryable: false, status: 413, hint: 'A webhook body is at most 25 MB.' },
  OVERLOADED: { retryable: true, status: 503, hint: 'Too much is in flight; send it again in a moment.' },
  UNAUTHORIZED: {
    retryable: false,
    status: 401,
    hint: 'Send a token of server.yaml (api.tokens) as bearer.',
  },
  FORBIDDEN: {
    retryable: false,
    status: 403,
    hint: 'Ask the operator for a token with that role (api.tokens of server.yaml).',
  },
  NOT_FOUND: { retryable: false, status: 404, hint: 'Check the name.' },
  AMBIGUOUS: {
    retryable: false,
    status: 409,
    hint: 'Use the full identity: <repository>//<app>@<environment>.',
  },
  PLAN_TIMEOUT: { retryable: true, status: 504, hint: 'Ask for the plan again.' },
  PLAN_CANCELLED: { retryable: true, status: 409, hint: 'Ask for the plan again.' },
  WAIT_TIMEOUT: {
    retryable: false,
    status: 504,
    hint: 'The release goes on. See slipway history, or wait longer with --timeout.',
  },
  SERVER_UNREACHABLE: {
    retryable: true,
    status: 503,
    hint: 'Start the server, or set SLIPWAY_URL to its address.',
  },
  USAGE: { retryable: false, status: 400, hint: 'See slipway --help.' },
  QUARANTINED: {
    retryable: false,
    status: 500,
    hint: 'Push a correction, or ask the operator: the logs of the workers say how they died, and slipway quarantine retry tries it again.',
  },
  LEASE_LOST: { retryable: true, status: 409, hint: 'Another run has taken over this target.' },
  SUPERSEDED: { retryable: false, status: 409, hint: 'A newer commit supersedes it.' },
  INTERNAL: { retryable: true, status: 500, hint: 'This is a bug in Slipway; the log has the details.' },
} as const satisfies Record<string, { retryable: boolean; status: number; hint: string }>;

export type ErrorCode = keyof typeof table;

/** A code as an API response carries it; undefined if this version does not know it. */
export function toErrorCode(code: unknown): ErrorCode | undefined {
  return typeof code === 'string' && isErrorCode(code) ? code : undefined;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(table, code);
}

/** Whether a release retries after this error. */
export function isRetryable(code: ErrorCode): boolean {
  return table[code].retryable;
}

export function httpStatusOf(code: ErrorCode): number {
  return table[code].status;
}

/** The next step for a person, if the error itself names none. */
export function defaultHint(code: ErrorCode): string {
  return table[code].hint;
}
