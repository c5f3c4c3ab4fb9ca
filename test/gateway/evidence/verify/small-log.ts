import { createKnownTree } from '../../../../gateway/evidence/verify/known-tree.ts';
import { makeSession } from '../../../../gateway/evidence/verify/make-session.ts';
import type { SessionFile, SessionPiece } from '../../../../gateway/evidence/verify/session-file.ts';
import { utf8 } from '../../../../rules/evidence/base64.ts';
import { type ActsHead, formatTreeHead } from '../../../../rules/evidence/checkpoint.ts';
import { cosignatureLine, cosignedMessage } from '../../../../rules/evidence/cosignature.ts';
import { formatKey, formatNote, KeyTypes } from '../../../../rules/evidence/note.ts';
import { appendLeaf, emptyRange, rangeRoot, recordHash } from '../../../../rules/evidence/tree.ts';
import { encodeRecord } from '../../../../rules/record/codec.ts';
import { type EvidenceRecord, isRoutine } from '../../../../rules/record/record.ts';
import { testKey } from '../../../rules/evidence/keys.ts';
import { noon, sha256 } from './sessions.ts';

/** A log in memory, signed and cosigned, as a box would have written it. */
export function smallLog(records: readonly EvidenceRecord[]) {
  const log = testKey('penstock/waterworks/gw-1/0a1b2c3d', KeyTypes.ed25519);
  const witness = testKey('auditor-usb-3', KeyTypes.cosignature);
  const tree = createKnownTree(sha256);
  const stored = records.map((record, index) => {
    const encoded = encodeRecord(record);
    tree.add(recordHash(encoded, sha256));
    return { index, record, ...encoded };
  });

  function actsOf(size: number): ActsHead {
    const acts = stored.slice(0, size).filter(({ record }) => !isRoutine(record));
    const range = acts.reduce((all, one) => appendLeaf(all, recordHash(one, sha256), sha256), emptyRange(0));
    return { count: acts.length, root: rangeRoot(range, sha256) ?? new Uint8Array() };
  }

  function checkpoint(size = records.length, cosigned = true, acts = actsOf(size)): string {
    const root = tree.root(size) ?? new Uint8Array();
    const text = formatTreeHead({ origin: log.key.name, size, root, acts });
    const own = { name: log.key.name, keyId: log.key.keyId, bytes: log.sign(utf8(text)) };
    const line = cosignatureLine(witness.key, noon, witness.sign(cosignedMessage(text, noon)));
    return formatNote({ text, signatures: cosigned ? [own, line] : [own] });
  }

  function sessionFile(
    grant: string,
    recordings: readonly SessionPiece[] = [],
    cosigned = true,
  ): SessionFile {
    const key = formatKey(log.key);
    const note = checkpoint(records.length, cosigned);
    const made = makeSession({ grant, key, checkpoint: note, tree, records: stored, recordings });
    if (!made.ok) throw new Error(made.problem);
    return made.file;
  }

  return { log, witness, tree, stored, actsOf, checkpoint, sessionFile };
}
