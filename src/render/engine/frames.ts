/** A frame that does not end may not fill the memory of the worker. */
const MAX_FRAME = 64 * 1024 * 1024;
const HEADER = 4;

/** Bytes that are no frame of the engine: it cannot be talked to any more. */
export class BrokenFrame extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'BrokenFrame';
  }
}

/** A value as JSON after its length in bytes, as 32 bits in network order. */
export function encodeFrame(value: unknown): Buffer {
  return frameOf([JSON.stringify(value)]);
}

/** The same of JSON that is written already, in parts. */
export function frameOf(parts: string[]): Buffer {
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  const frame = Buffer.allocUnsafe(HEADER + length);
  frame.writeUInt32BE(length);
  let at = HEADER;
  for (const part of parts) at += frame.write(part, at);
  return frame;
}

/** Cuts a stream of bytes into the texts of its frames. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;

  /** The frames that these bytes complete. Throws BrokenFrame. */
  push(chunk: Buffer): string[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: string[] = [];
    for (let length = this.next(); length !== undefined; length = this.next()) {
      const bytes = this.take(HEADER + length);
      frames.push(bytes.toString('utf8', HEADER));
    }
    return frames;
  }

  /** Length of the next frame, if all of it is there. */
  private next(): number | undefined {
    if (this.size < HEADER) return undefined;
    const [first = Buffer.alloc(0)] = this.chunks;
    if (first.length < HEADER) this.chunks = [Buffer.concat(this.chunks)];
    const length = this.chunks[0]?.readUInt32BE() ?? 0;
    if (length > MAX_FRAME) throw new BrokenFrame(`a frame of ${length} bytes`);
    return this.size < HEADER + length ? undefined : length;
  }

  private take(bytes: number): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.chunks);
    this.size -= bytes;
    this.chunks = this.size > 0 ? [all.subarray(bytes)] : [];
    return all.subarray(0, bytes);
  }
}
