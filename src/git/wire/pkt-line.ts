/** Special packets: the end of a message, and of a section of one. */
export type PktMark = 'flush' | 'delimiter' | 'end';

export type Pkt = Buffer | PktMark;

const marks: Record<string, PktMark> = { '0000': 'flush', '0001': 'delimiter', '0002': 'end' };
const LENGTH = 4;

/** One line, preceded by its length in four hexadecimal digits. https://git-scm.com/docs/gitprotocol-common */
export function pktLine(text: string): string {
  const length = Buffer.byteLength(text) + 1 + LENGTH;
  return `${length.toString(16).padStart(LENGTH, '0')}${text}\n`;
}

export const FLUSH = '0000';
export const DELIMITER = '0001';

/** The lines of a stream as they arrive. Throws if the bytes are not pkt-lines or end in the middle of one. */
export async function* readPkts(stream: AsyncIterable<Buffer>): AsyncGenerator<Pkt> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let pkt = take(rest); pkt !== undefined; pkt = take(rest)) {
      yield pkt.value;
      rest = rest.subarray(pkt.size);
    }
  }
  if (rest.length > 0) throw new Error('the response ends in the middle of a line');
}

function take(bytes: Buffer): { value: Pkt; size: number } | undefined {
  if (bytes.length < LENGTH) return undefined;
  const digits = bytes.toString('latin1', 0, LENGTH);
  const mark = marks[digits];
  if (mark !== undefined) return { value: mark, size: LENGTH };
  const size = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : 0;
  if (size < LENGTH) throw new Error('the response does not consist of pkt-lines');
  return bytes.length < size ? undefined : { value: bytes.subarray(LENGTH, size), size };
}

/** A line as text, without a trailing newline. */
export function textOf(pkt: Pkt): string {
  return typeof pkt === 'string' ? '' : pkt.toString('utf8').replace(/\n$/, '');
}
