export interface CliEnvironment {
  /** Address of the server's API, without trailing slash. */
  url: string;
  token?: string | undefined;
  /** Path of server.yaml. */
  serverFile: string;
}

/** The settings that commands read from the environment: SLIPWAY_URL, SLIPWAY_TOKEN, SLIPWAY_CONFIG. */
export function cliEnvironment(env: NodeJS.ProcessEnv): CliEnvironment {
  return {
    url: (env.SLIPWAY_URL || 'http://127.0.0.1:8080').replace(/\/+$/, ''),
    token: env.SLIPWAY_TOKEN?.trim() || undefined,
    serverFile: env.SLIPWAY_CONFIG || 'server.yaml',
  };
}
