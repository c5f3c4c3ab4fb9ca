import { parseKey } from '../../../../rules/evidence/note.ts';
import { parseSessionFile, type SessionFile } from '../session-file.ts';
import { verifyGrowth } from '../verify-growth.ts';
import { readTrust } from '../verify-note.ts';
import { verifySession } from '../verify-session.ts';
import { decodeRecord } from './decode-record.ts';
import { byId, item, showGrade, showVerdict } from './show-verdict.ts';
import { webCrypto } from './web-crypto.ts';

/** The page: it takes what an auditor holds, verifies it with the browser's own cryptography, and shows the result. */
const withCrypto = webCrypto(crypto.subtle);
const keyField = byId('key', HTMLTextAreaElement);
const fileField = byId('file', HTMLInputElement);
const warning = byId('key-warning', HTMLElement);
let session: SessionFile | undefined;

byId('given', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void verify();
});
byId('growth', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void compare();
});
fileField.addEventListener('change', () => void takeFile());
keyField.addEventListener('input', () => warnOfKey());

const embedded = byId('session', HTMLScriptElement).textContent;
if (embedded.trim() !== 'null') take(embedded);

async function takeFile(): Promise<void> {
  const [file] = fileField.files ?? [];
  if (file !== undefined) take(await file.text());
}

function take(text: string): void {
  session = parseSessionFile(text);
  if (session === undefined)
    return showGrade('bad', 'This is no session evidence', 'The file has another form.');
  byId('loaded', HTMLElement).textContent =
    `Grant ${session.grant}: ${session.records.length} records, ${session.recordings.length} pieces of recordings.`;
  if (keyField.value.trim() === '') keyField.value = session.key;
  warnOfKey();
  void verify();
}

/** A key that came with what it is to prove proves nothing by itself. */
function warnOfKey(): void {
  warning.hidden = session === undefined || keyField.value.trim() !== session.key.trim();
  warning.textContent =
    'This key came with the file. Compare it with the key on the commissioning sheet, letter by letter.';
}

async function verify(): Promise<void> {
  const file = session;
  if (file === undefined)
    return showGrade('waiting', 'Nothing verified yet', 'Choose a session evidence file.');
  const read = await trusted();
  if (!read.ok) return showGrade('bad', 'This is no public key', read.wrong);
  showVerdict(file, read.trust, await verifySession(file, read.trust, decodeRecord, withCrypto));
}

async function compare(): Promise<void> {
  const place = byId('growth-result', HTMLElement);
  const read = await trusted();
  if (!read.ok) return place.replaceChildren(item('bad', `This is no public key: ${read.wrong}`));
  const former = byId('former', HTMLTextAreaElement).value;
  const text = byId('consistency', HTMLTextAreaElement).value;
  const growth = await withCrypto((tools) => verifyGrowth(former, text, read.trust, tools));
  place.replaceChildren(...growth.findings.map(({ sentence }) => item('bad', sentence)));
  if (growth.ok) place.append(item('good', growth.sentence));
}

function trusted() {
  const witnesses = byId('witnesses', HTMLTextAreaElement)
    .value.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return withCrypto((tools) => {
    if (parseKey(keyField.value, tools.sha256) === undefined) {
      return { ok: false, wrong: keyField.value.trim() || 'none was given' } as const;
    }
    return readTrust(keyField.value, witnesses, tools);
  });
}
