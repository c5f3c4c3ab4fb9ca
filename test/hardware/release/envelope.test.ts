import { describe, expect, test } from 'vitest';
import { MaxEnvelopeBytes, openEnvelope, sealEnvelope } from '../../../hardware/release/envelope.ts';
import { newKey } from './staged.ts';

const [ours, theirs] = [newKey(), newKey()];
const keys = [{ name: 'works', key: ours.publicKey }];
const payload = Buffer.from('what is signed');
const text = sealEnvelope(payload, ours.privateKey);

test('opens what a trusted key signed, and says whose it is', () => {
  const opened = openEnvelope(text, keys);
  expect(opened).toMatchObject({ ok: true, signer: 'works' });
  expect(opened.ok && Buffer.from(opened.payload).equals(payload)).toBe(true);
});

describe('refuses', () => {
  const envelope = JSON.parse(text) as {
    payload: string;
    payloadType: string;
    signatures: { sig: string }[];
  };
  const changed = (part: object): string => JSON.stringify({ ...envelope, ...part });
  test.for([
    { what: 'another key', it: sealEnvelope(payload, theirs.privateKey) },
    { what: 'another payload', it: changed({ payload: Buffer.from('another').toString('base64') }) },
    { what: 'a bundle', it: changed({ payloadType: 'application/vnd.penstock.policy+protobuf' }) },
    { what: 'no signature', it: changed({ signatures: [] }) },
    { what: 'a signature that is none', it: changed({ signatures: [{ sig: 'AAAA' }, { sig: '' }] }) },
    { what: 'signatures without end', it: changed({ signatures: Array(1000).fill(envelope.signatures[0]) }) },
    { what: 'null for a signature', it: changed({ signatures: [null] }) },
    { what: 'a number for a payload', it: changed({ payload: 1 }) },
    { what: 'nothing', it: '' },
    { what: 'null', it: 'null' },
    { what: 'a list', it: '[]' },
    { what: 'too much', it: `${text}${' '.repeat(MaxEnvelopeBytes)}` },
  ])('$what', ({ it }) => {
    expect(openEnvelope(it, keys).ok).toBe(false);
  });

  test('everything where no key is trusted', () => {
    expect(openEnvelope(text, []).ok).toBe(false);
  });
});
