import { isRequired, tools } from '../groups.ts';

/** For `test.skipIf`: whether a foreign program is missing here and its group may be skipped. */
export function lacks(...names: readonly string[]): boolean {
  const missing = tools.some((tool) => names.includes(tool.name) && !tool.present());
  return missing && !isRequired('system');
}
