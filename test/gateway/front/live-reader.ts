/** One event of a stream, its data read. */
export interface LiveEvent {
  readonly topic: string;
  readonly data: unknown;
}

/** Reads server-sent events from a response, as a browser does. */
export interface LiveReader {
  readonly events: LiveEvent[];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  /** Waits for an event of this topic that none before `after` was, and gives its data. */
  readonly next: (topic: string, holds?: (data: never) => boolean) => Promise<unknown>;
  readonly stop: () => void;
}

export async function readLive(url: string, cookie: string): Promise<LiveReader> {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/live`, { headers: { cookie }, signal: abort.signal });
  if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
  const events: LiveEvent[] = [];
  const waiting = new Set<() => void>();
  const ended = read(response.body).catch(() => undefined);

  async function read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of body) {
      text += decoder.decode(bytes, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, topic = '', data = 'null'] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
        events.push({ topic, data: JSON.parse(data) });
        text = text.slice(end + 2);
      }
      for (const look of waiting) look();
    }
  }

  return {
    events,
    ended,
    next: (topic, holds = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find((event) => event.topic === topic && holds(event.data as never));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found.data);
        };
        waiting.add(look);
        look();
      }),
    stop: () => abort.abort(),
  };
}
