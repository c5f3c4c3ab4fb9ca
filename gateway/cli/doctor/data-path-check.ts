import type { Config } from '../../config.ts';
import { type LoadedPath, loadDataPath } from '../../inspector/load-data-path.ts';
import { type Check, good, lacking, note } from './check.ts';

/**
 * How inspectors would carry diverted connections here. Node's binding does not document what their event loop stands
 * on, so that it is tried.
 * @param wanted what gateway.yaml says
 * @param load carries a byte, or throws why it cannot
 */
export async function checkDataPath(
  wanted: Config['dataPath'],
  load: (choice: Config['dataPath']) => Promise<LoadedPath> = loadDataPath,
): Promise<Check> {
  const [code, what] = ['data-path', 'Data path'] as const;
  try {
    const { name, problem, close } = await load(wanted);
    close();
    if (problem === '') return good(code, what, name === 'epoll' ? 'epoll: tried, works' : 'streams');
    return note(
      code,
      what,
      `streams: ${problem}`,
      'An inspected transaction takes about half as much processor time again, and many times as much where requests are pipelined.',
      'Report it with the release of the kernel; data_path: streams in gateway.yaml ends the alarm.',
    );
  } catch (error) {
    return lacking(
      code,
      what,
      error instanceof Error ? error.message : String(error),
      'kernel',
      'gateway.yaml asks for epoll, which cannot be had.',
      'Leave data_path out of gateway.yaml: connections are carried by streams then.',
    );
  }
}
