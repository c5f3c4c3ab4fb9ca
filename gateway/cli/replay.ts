import { openBytes } from '../capture/bytes-in-file.ts';
import { printFindings } from './check.ts';
import { ExitStatus, UsageError } from './output.ts';
import { readPolicy } from './policy-source.ts';
import { replayCapture } from './replay/replay-capture.ts';
import { replayJson, replayText } from './replay/report-text.ts';

export interface ReplayOptions {
  /** The box of the model; may be left out where the model has one only. */
  readonly gateway?: string;
  /** Also says which permissions were used, and which never. */
  readonly coverage?: boolean;
  readonly json?: boolean;
}

/**
 * `penstock replay MODEL|BUNDLE CAPTURE.pcap`: what this policy would have said to that traffic, by the code
 * that enforces it.
 * @returns 1 when anything would have been refused
 */
export async function replay(file: string, capture: string, options: ReplayOptions): Promise<number> {
  const read = readPolicy(file, options.gateway, Date.now());
  if (!read.ok) {
    printFindings(read.findings, options.json === true);
    return ExitStatus.refused;
  }
  const source = openCapture(capture);
  try {
    const report = replayCapture(read.policy, source);
    if (report.totals.packets === 0) {
      const why = report.missing.list()[0]?.what ?? 'it holds no packet';
      throw new UsageError(`${capture} cannot be replayed: ${why}.`, NoCapture);
    }
    const coverage = options.coverage === true;
    console.log(options.json === true ? replayJson(report, coverage) : replayText(report, coverage));
    if (report.totals.packets === 0)
      throw new UsageError(`${capture} holds no packet that can be read.`, NoCapture);
    return report.refusals.total + report.unpermitted.total > 0 ? ExitStatus.refused : ExitStatus.good;
  } finally {
    source.close();
  }
}

function openCapture(path: string): ReturnType<typeof openBytes> {
  try {
    return openBytes(path);
  } catch {
    throw new UsageError(`${path} cannot be read.`, NoCapture);
  }
}

const NoCapture = 'Name a pcap or pcapng file, as tcpdump -w writes it.';
