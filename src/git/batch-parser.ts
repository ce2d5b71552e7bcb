export interface GitObject {
  id: string;
  type: string;
  size: number;
  /** Undefined where only the facts were asked for, or the content is larger than was allowed. */
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
  /** Bytes to come, with the newline that follows every content. */
  left: number;
  keep: boolean;
}

const NEWLINE = 10;

/**
 * Reads the answers of `git cat-file --batch-command`, which come in the order of the questions:
 * `<id> SP <type> SP <size> LF`, for `contents` followed by the bytes and LF; `<name> SP missing LF` for what is not
 * there. https://git-scm.com/docs/git-cat-file#_batch_output
 */
export class BatchParser {
  private readonly queue: Waiting[] = [];
  private line: Buffer = Buffer.alloc(0);
  private body: Body | undefined;

  get waiting(): number {
    return this.queue.length + (this.body ? 1 : 0);
  }

  /** The answer to the next question; an oversized content is skipped without being kept. */
  expect(withBody: boolean, maxBytes: number): Promise<GitObject | undefined> {
    return new Promise((resolve, reject) => {
      this.queue.push({ withBody, maxBytes, resolve, reject });
    });
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.body ? this.readBody(this.body, rest) : this.readHeader(rest);
  }

  /** Ends every open question with an error. */
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
 * In memory of its own: in a cache a small file must keep alive neither the stream's chunk of 64 KiB nor a slab of 8 KiB
 * that Node cuts small buffers from (https://nodejs.org/api/buffer.html#static-method-bufferallocunsafeslowsize).
 */
function copied(chunks: Buffer[], size: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}
