import { SlipwayError } from '../errors.ts';

/** Errors of a Redis that is up and cannot serve: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const unable =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS|OOM|MISCONF|TRYAGAIN|BUSY|NOAUTH|WRONGPASS)\b/;

/** Turns errors of the connection, and of a Redis that cannot serve, into REDIS_UNREACHABLE; others stay as they are. */
export async function reached<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof SlipwayError || !(error instanceof Error)) throw error;
    if (error.name === 'ReplyError' && !unable.test(error.message)) throw error;
    throw new SlipwayError('REDIS_UNREACHABLE', `Redis did not respond: ${error.message}`, { cause: error });
  }
}
