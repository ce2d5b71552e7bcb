export interface GitObject {
  id: string;
  type: string;
  size: number;
  /** Undefined if only the facts were asked for, or if the content exceeds the limit. */
  body?: Buffer | undefined;
}

interface Waiting {
  withBody: boolean;
  maxBytes: number;
  resolve(object: GitObject | undefined): void;
  reject(error: Error): void;
}

interface Body {
  header: GitObject;
  waiting: Waiting;
  chunks: Buffer[];
  /** Bytes still to come, including the newline after every content. */
  left: number;
  keep: boolean;
}

const NEWLINE = 10;

/**
 * Parses the output of `git cat-file --batch-command`, in the order of the requests: `<id> SP <type> SP <size> LF`, for
 * `contents` followed by the bytes and LF; `<name> SP missing LF` for a missing object. https://git-scm.com/docs/git-cat-file#_batch_output
 */
export class BatchParser {
  private readonly queue: Waiting[] = [];
  private line: Buffer = Buffer.alloc(0);
  private body: Body | undefined;

  get waiting(): number {
    return this.queue.length + (this.body ? 1 : 0);
  }

  /** The response to the next request; content over the limit is skipped without being kept. */
  expect(withBody: boolean, maxBytes: number): Promise<GitObject | undefined> {
    return new Promise((resolve, reject) => {
      this.queue.push({ withBody, maxBytes, resolve, reject });
    });
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.body ? this.readBody(this.body, rest) : this.readHeader(rest);
  }

  /** Rejects every pending request. */
  fail(error: Error): void {
    this.body?.waiting.reject(error);
    this.body = undefined;
    for (const waiting of this.queue.splice(0)) waiting.reject(error);
  }

  private readHeader(chunk: Buffer): Buffer {
    const end = chunk.indexOf(NEWLINE);
    if (end < 0) {
      this.line = Buffer.concat([this.line, chunk]);
      return chunk.subarray(chunk.length);
    }
    const line = Buffer.concat([this.line, chunk.subarray(0, end)]).toString('utf8');
    this.line = Buffer.alloc(0);
    this.response(line);
    return chunk.subarray(end + 1);
  }

  private response(line: string): void {
    const waiting = this.queue.shift();
    if (!waiting) return;
    const match = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(line);
    const [, id = '', type = '', digits = '0'] = match ?? [];
    const header: GitObject = { id, type, size: Number(digits) };
    if (match && waiting.withBody) {
      const keep = header.size <= waiting.maxBytes;
      this.body = { header, waiting, chunks: [], left: header.size + 1, keep };
      return;
    }
    waiting.resolve(match ? header : undefined);
  }

  private readBody(body: Body, chunk: Buffer): Buffer {
    const part = chunk.subarray(0, body.left);
    body.left -= part.length;
    if (body.keep) body.chunks.push(part);
    if (body.left === 0) {
      this.body = undefined;
      const { header, waiting } = body;
      const whole = body.keep ? copied(body.chunks, header.size) : undefined;
      waiting.resolve({ ...header, body: whole });
    }
    return chunk.subarray(part.length);
  }
}

/**
 * Copies into memory of its own: a small cached file must not keep the stream's chunk of 64 KiB alive, nor the slab of
 * 8 KiB from which Node cuts small buffers (https://nodejs.org/api/buffer.html#static-method-bufferallocunsafeslowsize).
 */
function copied(chunks: Buffer[], size: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}
