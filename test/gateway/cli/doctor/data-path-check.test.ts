import { expect, test } from 'vitest';
import { checkDataPath } from '../../../../gateway/cli/doctor/data-path-check.ts';
import { loadDataPath } from '../../../../gateway/inspector/load-data-path.ts';

test('the data path is tried and not believed', async () => {
  expect(await checkDataPath('auto')).toMatchObject({ state: 'good', found: 'epoll: tried, works' });
  expect(await checkDataPath('streams')).toMatchObject({ state: 'good', found: 'streams' });
});

test('a box that falls back is told what it costs, and one that may not cannot enforce', async () => {
  const fallen = { ...(await loadDataPath('streams')), problem: 'epoll does not wake Node' };
  expect(await checkDataPath('auto', async () => fallen)).toMatchObject({
    state: 'note',
    found: 'streams: epoll does not wake Node',
  });
  const without = checkDataPath('epoll', () => Promise.reject(new Error('epoll does not wake Node')));
  expect(await without).toMatchObject({ state: 'lacking', neededBy: 'kernel' });
});
