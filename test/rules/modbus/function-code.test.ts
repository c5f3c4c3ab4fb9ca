import { expect, test } from 'vitest';
import { DataTables, FunctionCodes, functionCode, isInspected } from '../../../rules/modbus/function-code.ts';

test('the table lists every public function code of MAP V1.1b3 §5 once, ascending', () => {
  const numbers = FunctionCodes.map(({ number }) => number);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43]);
});

test('the ten data access functions are inspected and no other', () => {
  const all = Array.from({ length: 256 }, (_, number) => number);
  expect(all.filter(isInspected)).toEqual([1, 2, 3, 4, 5, 6, 15, 16, 22, 23]);
});

test('an inspected function has a data table, and limits for exactly what its access says', () => {
  for (const { number, inspected, data, access, maxRead, maxWrite } of FunctionCodes) {
    if (!inspected) continue;
    expect(DataTables, `function code ${number}`).toContain(data);
    expect(maxRead > 0, `function code ${number} reads`).toBe(access !== 'write');
    expect(maxWrite > 0, `function code ${number} writes`).toBe(access !== 'read');
  }
});

test('a number that is no public function has no row', () => {
  for (const number of [0, 9, 90, 128, 255, -1, 1.5]) expect(functionCode(number)).toBeUndefined();
});
