import { expect, test } from 'vitest';
import { DiagnosticFunctions, diagnosticFunction } from '../../../../rules/modbus/message/diagnostics.ts';
import {
  DataTables,
  FunctionCodes,
  functionCode,
  isOpaque,
  isOpaqueMei,
  MeiTypes,
} from '../../../../rules/modbus/message/function-code.ts';

test('the table lists every public function code of MAP V1.1b3 §5 once, ascending', () => {
  const numbers = FunctionCodes.map(({ number }) => number);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43]);
  for (const entry of FunctionCodes) expect(functionCode(entry.number)).toBe(entry);
});

test('its limits are those of MAP V1.1b3 §6', () => {
  const limits = FunctionCodes.map(({ number, maxRead, maxWrite }) => [number, maxRead, maxWrite]);
  expect(limits.filter(([, maxRead, maxWrite]) => maxRead !== 0 || maxWrite !== 0)).toEqual([
    [1, 0x7d0, 0],
    [2, 0x7d0, 0],
    [3, 0x7d, 0],
    [4, 0x7d, 0],
    [5, 0, 1],
    [6, 0, 1],
    [15, 0, 0x7b0],
    [16, 0, 0x7b],
    [22, 0, 1],
    [23, 0x7d, 0x79],
    [24, 1, 0],
  ]);
});

test('a function for a data table has limits for exactly what its access says', () => {
  for (const { number, data, access, maxRead, maxWrite } of FunctionCodes) {
    if (data === 'none' || data === 'files') continue;
    expect(DataTables, `function code ${number}`).toContain(data);
    expect(maxRead > 0, `function code ${number} reads`).toBe(access !== 'write');
    expect(maxWrite > 0, `function code ${number} writes`).toBe(access !== 'read');
  }
});

test('a number that is no public function has no row', () => {
  for (const number of [0, 9, 90, 128, 255, -1, 1.5]) expect(functionCode(number)).toBeUndefined();
});

test('the data of every number from 1 to 127 is opaque unless it is a public function', () => {
  for (let number = -1; number < 300; number++) {
    const possible = number >= 1 && number <= 127;
    expect(isOpaque(number), `${number}`).toBe(possible && functionCode(number) === undefined);
  }
});

test('of the MEI types only Read Device Identification has data of a known form', () => {
  expect(MeiTypes.map(({ number }) => number)).toEqual([13, 14]);
  for (let type = 0; type < 256; type++) expect(isOpaqueMei(type)).toBe(type !== 14);
});

test('the diagnostics sub-functions are those of MAP V1.1b3 §6.8.1, and the rest is reserved', () => {
  const numbers = DiagnosticFunctions.map(({ number }) => number);
  expect(numbers).toEqual([0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20]);
  for (let number = 0; number <= 0xffff; number++) {
    expect(diagnosticFunction(number)?.number).toBe(numbers.includes(number) ? number : undefined);
  }
});

test('a sub-function that reads is not one that clears, restarts, silences or reconfigures', () => {
  const reading = DiagnosticFunctions.filter(({ access }) => access === 'read').map(({ number }) => number);
  expect(reading).toEqual([0, 2, 11, 12, 13, 14, 15, 16, 17, 18]);
});
