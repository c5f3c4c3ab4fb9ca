import { Compile } from 'typebox/compile';
import { verifyReceipt } from '../../broker/receipt.ts';
import { nodeCrypto } from '../../evidence/verify/node-crypto.ts';
import { ReceiptBody } from '../../ipc/grant-body.ts';
import { type CallOptions, callAtConsole, printAnswer } from '../console-call.ts';
import { givenTrust } from '../evidence/named.ts';
import { ExitStatus, readNamedFile, UsageError, writeNamedFile } from '../output.ts';
import { named } from './grants.ts';

/** `penstock receipt get ID`: the signed receipt of a grant that has ended, printed or written to a file. */
export async function getReceipt(
  id: string,
  options: CallOptions & { readonly out?: string },
): Promise<number> {
  const answer = await callAtConsole('grant-receipt', { grant: named(id) }, options);
  if (answer.ok && options.out !== undefined) {
    writeNamedFile(options.out, `${JSON.stringify(answer.body, undefined, 2)}\n`);
    return ExitStatus.good;
  }
  return printAnswer(answer, options, ({ text }) => text);
}

/**
 * `penstock receipt verify FILE --key KEY`: whether a receipt is what the box signed, without a network and without
 * trust in whoever hands it over.
 * @returns 0 when it is, 1 when not
 * @throws UsageError
 */
export async function checkReceipt(
  file: string,
  options: { readonly key: string; readonly json?: boolean },
): Promise<number> {
  const { key } = givenTrust(options.key);
  const receipt = readReceipt(file);
  const good = verifyReceipt(receipt, (message, signature) =>
    nodeCrypto.ed25519(key.publicKey, message, signature),
  );
  if (options.json === true) console.log(JSON.stringify({ good, key: key.name }));
  else {
    console.log(
      good
        ? `${receipt.text}\n\nSigned with the key ${key.name}.`
        : `This is not what the key ${key.name} has signed.`,
    );
  }
  return good ? ExitStatus.good : ExitStatus.refused;
}

function readReceipt(file: string): ReceiptBody {
  try {
    const content: unknown = JSON.parse(readNamedFile(file).toString('utf8'));
    if (form.Check(content)) return content;
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
  }
  throw new UsageError(`${file} is no receipt.`, 'One is had with penstock receipt get, or from the page.');
}

const form = Compile(ReceiptBody);
