import { describe, expect, it } from 'vitest';
import { parseDocuments } from '../../../src/render/yaml/documents.ts';

const value = (text: string) => parseDocuments(`a: ${text}`, 'x.yaml')[0]?.value;

describe('scalars are parsed as by kubectl', () => {
  it.each([
    ['0644', 420],
    ['0o644', 420],
    ['0b11', 3],
    ['1_000', 1000],
    ['0x1F', 31],
    ['-0x1f', -31],
    ['08', 8],
    ['+7', 7],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['yes', true],
    ['Off', false],
    ['"yes"', 'yes'],
    ['~', null],
    ['', null],
    ['2001-01-01', '2001-01-01'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
    ['22:22', '22:22'],
    ['1.2.3', '1.2.3'],
    ['0o9', '0o9'],
    ['_1', '_1'],
    ['!!str 12', '12'],
  ])('%s is %j', (text, expected) => {
    expect(value(text)).toEqual({ a: expected });
  });

  it('merges with <<', () => {
    const [document] = parseDocuments('base: &b {x: 1}\nweb: {<<: *b, z: 2}', 'x.yaml');

    expect(document?.value).toMatchObject({ web: { x: 1, z: 2 } });
  });
});

describe('documents', () => {
  it('have the line on which they start', () => {
    const text = '# head\n---\na: 1\n---\n\n# note\nb: 2\n---\n---\nc: 3\n';

    expect(parseDocuments(text, 'x.yaml').map(({ value, line }) => [value, line])).toEqual([
      [{ a: 1 }, 3],
      [{ b: 2 }, 7],
      [null, 7],
      [{ c: 3 }, 10],
    ]);
  });

  it('may be JSON', () => {
    expect(parseDocuments('{"a": {"b": [1, true]}}', 'x.json')[0]?.value).toEqual({ a: { b: [1, true] } });
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 3, 'duplicated mapping key'],
    ['a wrong indent', 'a:\n  b: 1\n c: 2\n', 3, 'not valid YAML'],
    ['an unknown tag', 'a: !!binary aGk=\n', 1, 'not valid YAML'],
    ['a number that would be rounded', 'b: 1\na: 12345678901234567890\n', 2, '12345678901234567890'],
  ])('with %s are rejected with the line', (_, text, line, message) => {
    expect(() => parseDocuments(text, 'x.yaml')).toThrow(
      expect.objectContaining({
        code: 'OBJECT_INVALID',
        place: { file: 'x.yaml', line },
        message: expect.stringContaining(message),
      }),
    );
  });

  it('with aliases that expand without end are rejected', () => {
    const levels = Array.from({ length: 300 }, (_, level) => `l${level + 1}: [*l${level}]`);
    const text = `l0: &l0 x\n${levels.join('\n')}`.replaceAll(/^(l\d+): \[/gm, '$1: &$1 [');

    expect(() => parseDocuments(text, 'x.yaml')).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }));
  });

  it('do not show their text in an error, because it may be a secret', () => {
    expect(() => parseDocuments('password: "hunter2\n', 'x.yaml')).not.toThrow(/hunter2/);
  });
});
