/** What waits for one line, client by client in turn, so that a busy client delays no other for long. */
export interface FairQueue<T> {
  /** Puts it behind what this client has waiting; false where there is no room. */
  readonly add: (client: string, item: T) => boolean;
  /** Takes the first that is ready of the client whose turn it is. The order of one client's others stays. */
  readonly take: (isReady: (item: T) => boolean) => T | undefined;
  /** Takes everything that `which` names, or everything. */
  readonly remove: (which?: (item: T) => boolean) => readonly T[];
  readonly size: number;
}

/** An empty queue with room for so many items of one client and of all. */
export function createFairQueue<T>(perClient: number, total: number): FairQueue<T> {
  /** In the order of their turns. */
  const clients = new Map<string, T[]>();
  let size = 0;
  return {
    add: (client, item) => {
      const own = clients.get(client);
      if (size >= total || (own?.length ?? 0) >= perClient) return false;
      if (own === undefined) clients.set(client, [item]);
      else own.push(item);
      size += 1;
      return true;
    },
    take: (isReady) => {
      for (const [client, own] of clients) {
        const index = own.findIndex(isReady);
        if (index < 0) continue;
        const [item] = own.splice(index, 1);
        size -= 1;
        clients.delete(client);
        if (own.length > 0) clients.set(client, own);
        return item;
      }
      return undefined;
    },
    remove: (which = () => true) => {
      const removed: T[] = [];
      for (const [client, own] of clients) {
        removed.push(...own.filter(which));
        const left = own.filter((item) => !which(item));
        if (left.length > 0) clients.set(client, left);
        else clients.delete(client);
      }
      size -= removed.length;
      return removed;
    },
    get size() {
      return size;
    },
  };
}
