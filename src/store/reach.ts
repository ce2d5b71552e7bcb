import { SlipwayError } from '../errors.ts';

/** Answers of a Redis that is there and cannot serve: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const unable =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS|OOM|MISCONF|TRYAGAIN|BUSY|NOAUTH|WRONGPASS)\b/;

/** Names what the connection or a Redis that cannot serve throws; a wrong command of ours stays what it is. */
export async function reached<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof SlipwayError || !(error instanceof Error)) throw error;
    if (error.name === 'ReplyError' && !unable.test(error.message)) throw error;
    throw new SlipwayError('REDIS_UNREACHABLE', `Redis did not answer: ${error.message}`, { cause: error });
  }
}
