import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passwordProblem, ShortestPassword } from '../../../gateway/accounts/passwords.ts';

test.for([
  'four tanks of lime',
  'correct horse battery stable',
  'Zaunkönig über dem Wehr',
  '水門は夜明けに閉まる。静かに。',
  'x7$Kq!m2pLw9',
  'ada likes the sluice',
])('takes %j', (password) => {
  expect(passwordProblem(password, 'ada')).toBe('');
});

test.for([
  ['eleven char', 'ada'],
  ['Password1234', 'ada'],
  ['PASSWORDPASSWORD', 'ada'],
  ['administrator99', 'ada'],
  ['abcdefghijklmn', 'ada'],
  ['zyxwvutsrqponm', 'ada'],
  ['123456789012', 'ada'],
  ['qwertyuiopasdf', 'ada'],
  ['aaaabbbbaaaabbbb', 'ada'],
  ['service-1@pumpco.example', 'service-1@pumpco.example'],
  ['Service-1@PumpCo.Example2026', 'service-1@pumpco.example'],
  ['adaadaadaada1', 'ada'],
])('does not take %j of %s', ([password = '', name = '']) => {
  expect(passwordProblem(password, name)).not.toBe('');
});

test('takes no password that is too short, whatever it is made of, and says nothing of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: ShortestPassword - 1 }), (password) => {
      const short = [...password.normalize('NFKC')].length < ShortestPassword;
      const problem = passwordProblem(password, 'ada');
      if (short) expect(problem).toBe('A password has 12 characters or more.');
      if (password.length > 3) expect(problem).not.toContain(password);
    }),
  );
});
