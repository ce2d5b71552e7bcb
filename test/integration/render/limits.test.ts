import { describe, expect, it } from 'vitest';
import { RenderedRepository } from '../../support/render.ts';

const chart = (template: string) => ({
  'deploy/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'deploy/web/templates/x.yaml': template,
});

// Nested, so that the lists it counts along stay small: it must meet the limit of time, not that of memory.
const endless = '{{ range until 10000 }}{{ range until 10000 }}{{ $x := repeat 10 "x" }}{{ end }}{{ end }}';

describe('a render that does not end well', () => {
  it('is ended at its time', async () => {
    const repository = await RenderedRepository.create(chart(endless), {}, { timeoutMs: 1000 });

    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_LIMIT',
      message: 'web: the render took longer than 1 s',
    });
    expect(await repository.leftBehind()).toEqual([]);
  });

  it('is ended when its signal is', async () => {
    const repository = await RenderedRepository.create(chart(endless));
    const abort = new AbortController();
    const rendering = repository.render({}, abort.signal);
    setTimeout(() => abort.abort(new Error('superseded')), 300);

    await expect(rendering).rejects.toThrow('superseded');
    expect(await repository.leftBehind()).toEqual([]);
  });

  it('is ended when it writes too much', async () => {
    const template = '{{ range until 100000 }}# {{ repeat 100 "x" }}\n{{ end }}kind: A\n';
    const repository = await RenderedRepository.create(chart(template), {}, { outputBytes: 1_000_000 });

    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_LIMIT',
      message: expect.stringContaining('wrote more than'),
    });
  });

  it('is ended when it takes too much memory', async () => {
    const template =
      '{{ $s := repeat 1000000 "xxxxxxxxxx" }}{{ range until 1000 }}{{ $s = printf "%s%s" $s $s }}{{ end }}';
    const repository = await RenderedRepository.create(
      chart(template),
      {},
      { memoryBytes: 256 * 1024 * 1024 },
    );

    await expect(repository.render()).rejects.toMatchObject({
      code: 'RENDER_LIMIT',
      message: expect.stringContaining('memory'),
    });
  });

  it('is refused where its files are too many', async () => {
    const repository = await RenderedRepository.create(chart('kind: A\n'), {}, { maxFiles: 1 });

    await expect(repository.key()).rejects.toMatchObject({ code: 'RENDER_LIMIT' });
  });
});
