/**
 * `npm run bench -- evidence [--short] [--json]`: how long it takes to verify a log of 10 000 vendors' sessions, each
 * with twelve records and a passkey's signature, as an auditor does it: files, tree, checkpoint, cosignature, replay.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openLogSource } from '../../../gateway/evidence/verify/log-source.ts';
import { nodeCrypto } from '../../../gateway/evidence/verify/node-crypto.ts';
import { verifyLog } from '../../../gateway/evidence/verify/verify-log.ts';
import { utf8 } from '../../../rules/evidence/base64.ts';
import { formatTreeHead } from '../../../rules/evidence/checkpoint.ts';
import { cosignatureLine, cosignedMessage } from '../../../rules/evidence/cosignature.ts';
import { formatNote, KeyTypes } from '../../../rules/evidence/note.ts';
import { appendLeaf, emptyRange, rangeRoot, recordHash } from '../../../rules/evidence/tree.ts';
import { encodeRecord } from '../../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { encodeHeader, frameRecord } from '../../../rules/record/segment.ts';
import { act, beginning, makePasskey, noon, session } from '../../gateway/evidence/verify/sessions.ts';
import { testKey } from '../../rules/evidence/keys.ts';
import { machine, machineText } from '../machine.ts';

const { values: options } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const sessions = options.short ? 100 : 10_000;
const SegmentBytes = 16 * 1024 * 1024;

const directory = mkdtempSync(join(tmpdir(), 'penstock-bench-evidence-'));
try {
  const { trust, records, bytes } = write();
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const verdict = await verifyLog(await openLogSource(directory), trust, [], nodeCrypto);
  const milliseconds = performance.now() - began;
  const used = process.cpuUsage(cpu);
  const cpuMilliseconds = (used.user + used.system) / 1000;
  const [history] = verdict.histories;
  if (verdict.findings.length > 0 || verdict.sessions !== sessions || history?.witnessedSize !== records) {
    throw new Error(`the log is not found to be whole: ${JSON.stringify(verdict.findings[0])}`);
  }
  const facts = { sessions, records, bytes, milliseconds, cpuMilliseconds };
  if (options.json) console.log(JSON.stringify({ machine, ...facts }));
  else {
    console.log(machineText(machine));
    console.log(
      `${sessions} sessions, ${records} records, ${(bytes / 1e6).toFixed(1)} MB verified in ${(milliseconds / 1000).toFixed(2)} s (${(cpuMilliseconds / 1000).toFixed(2)} s of processor time)`,
    );
  }
} finally {
  rmSync(directory, { recursive: true });
}

/** A log as the gateway would have written it, with the checkpoint of its end, cosigned. */
function write() {
  const log = testKey('penstock/waterworks/gw-1/0a1b2c3d', KeyTypes.ed25519);
  const witness = testKey('auditor-usb-3', KeyTypes.cosignature);
  let parts: Uint8Array[] = [];
  let [segment, size, records, bytes] = [0, 0, 0, 0];
  let range = emptyRange(0);
  const flush = (): void => {
    if (parts.length === 0) return;
    writeFileSync(join(directory, `${String(segment).padStart(8, '0')}.seg`), Buffer.concat(parts));
    bytes += size;
    parts = [];
  };
  const put = (record: EvidenceRecord): void => {
    if (parts.length === 0 || size > SegmentBytes) {
      flush();
      segment += 1;
      parts = [encodeHeader({ number: segment, firstSequence: records, routine: false })];
      size = 28;
    }
    const encoded = encodeRecord(record);
    const frame = frameRecord(encoded);
    parts.push(frame);
    size += frame.length;
    records += 1;
    range = appendLeaf(range, recordHash(encoded, nodeCrypto.sha256), nodeCrypto.sha256);
  };
  const passkey = makePasskey();
  const chunks = [Uint8Array.of(1), Uint8Array.of(2)];
  for (const record of beginning(passkey)) put(record);
  for (let count = 0; count < sessions; count += 1) {
    const at = 10_000 + count * 100_000;
    const grant = `G-${count.toString(36).toUpperCase().padStart(6, '0')}`;
    for (const account of ['vera', 'olle']) {
      const [source, means] = ['198.51.100.7', 'passkey'];
      put(act(at - 1, { kind: 'signedIn', account, session: `s-${count}`, source, means }));
    }
    for (const record of session({ grant, at, passkey, chunks })) put(record);
  }
  flush();
  const root = rangeRoot(range, nodeCrypto.sha256) ?? new Uint8Array();
  // Nothing of it is routine, so that the tree of acts is the tree of all.
  const acts = { count: records, root };
  const text = formatTreeHead({ origin: log.key.name, size: records, root, acts });
  const own = { name: log.key.name, keyId: log.key.keyId, bytes: log.sign(utf8(text)) };
  const line = cosignatureLine(witness.key, noon, witness.sign(cosignedMessage(text, noon)));
  writeFileSync(join(directory, 'checkpoint'), formatNote({ text, signatures: [own, line] }));
  return { trust: { key: log.key, witnesses: [witness.key] }, records, bytes };
}
