import { connectionRows, refusalItems, vitalFacts } from './activity.ts';
import { conduitList, type FlowRates, flowRates } from './conduit-list.ts';
import { byId, element, show } from './element.ts';
import { fetchReasons, fetchSnapshot, type ReasonSentences, type Snapshot } from './fetch-snapshot.ts';
import { alarmList, announcement, gradeOf, headline, type State, subline } from './state-line.ts';
import { counted } from './words.ts';

/** Milliseconds between two looks at the gateway. */
const Interval = 2_000;

/** Milliseconds a request may take. */
const Patience = 4_000;

/** Milliseconds after which what is shown is old news. A restart of the engine is over before that. */
const StaleAfter = 5_000;

let reasons: ReasonSentences = new Map();
let last: { readonly snapshot: Snapshot; readonly at: number } | undefined;
const openedAt = Date.now();
let rates: FlowRates = new Map();
let trouble = '';
let looking = false;

await look();
setInterval(() => void look(), Interval);
// On its own clock, so that a request that hangs cannot keep old news looking fresh.
setInterval(showState, 1_000);

async function look(): Promise<void> {
  if (looking) return;
  looking = true;
  if (reasons.size === 0) reasons = await fetchReasons(Patience);
  const fetched = await fetchSnapshot(Patience);
  looking = false;
  if (fetched.ok) {
    const now = Date.now();
    if (last !== undefined) {
      rates = flowRates(last.snapshot.conduits, fetched.snapshot.conduits, (now - last.at) / 1000);
    }
    last = { snapshot: fetched.snapshot, at: now };
    trouble = '';
    showSnapshot(fetched.snapshot);
  } else {
    trouble = fetched.sentence;
  }
  showState();
}

function stateNow(): State {
  const now = Date.now();
  const since = last?.at ?? openedAt;
  const status = last?.snapshot.status;
  const recent = now - since <= StaleAfter;
  if (recent && status !== undefined) return { kind: 'fresh', status };
  if (recent && trouble === '') return { kind: 'waiting' };
  return { kind: 'lost', since, now, status, sentence: trouble || 'The gateway does not answer.' };
}

function showState(): void {
  const state = stateNow();
  const grade = gradeOf(state);
  document.documentElement.dataset['grade'] = grade;
  document.title = `${headline(state)} – Penstock`;
  show(byId('headline'), document.createTextNode(headline(state)));
  show(byId('announcement'), document.createTextNode(announcement(state)));
  show(byId('subline'), document.createTextNode(subline(state)));
  byId('body').classList.toggle('stale', state.kind === 'lost');
}

function showSnapshot({ status, conduits, connections, refusals }: Snapshot): void {
  show(byId('place'), document.createTextNode(`${status.site} · ${status.gateway}`));
  const alarms = alarmList(status);
  byId('alarms').hidden = alarms.length === 0;
  show(byId('alarm-list'), ...alarms);
  show(byId('conduit-list'), ...orNone('p', conduitList(conduits, rates), 'No conduit: nothing passes.'));
  byId('connections').dataset['empty'] = String(connections.length === 0);
  show(byId('connection-rows'), ...connectionRows(connections, status.now));
  show(byId('connection-count'), document.createTextNode(counted(connections.length, 'connection')));
  show(byId('refusal-list'), ...orNone('li', refusalItems(refusals, reasons), 'Nothing was refused.'));
  show(byId('vital-facts'), ...vitalFacts(status));
}

function orNone(tag: 'p' | 'li', found: readonly HTMLElement[], sentence: string): readonly HTMLElement[] {
  return found.length > 0 ? found : [element(tag, { class: 'none' }, sentence)];
}
