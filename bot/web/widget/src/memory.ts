import type { Content, Customer } from "./protocol";

/** Who this browser is to one server, and which conversation it holds. */
export interface StoredSession {
  readonly token: string;
  readonly conversationId: string | null;
  readonly customer: Customer | null;
}

/** A message that the server has not acknowledged yet. */
export interface StoredOutgoing {
  readonly clientMessageId: string;
  readonly content: Content;
  readonly shownText: string;
  readonly writtenAt: string;
  readonly failure: string | null;
}

/** The unacknowledged messages of one tab, and the customer who wrote them (null: a visitor). */
export interface StoredOutbox {
  readonly customerId: string | null;
  readonly items: readonly StoredOutgoing[];
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * What survives a reload, per server: the session in localStorage (all tabs share it), unacknowledged messages in
 * sessionStorage (each tab sends its own). Where the browser forbids storage, everything lives until the reload.
 */
export class Memory {
  readonly sessionKey: string;
  private readonly outboxKey: string;
  private readonly session: Store;
  private readonly tab: Store;

  constructor(server: string, session?: Store, tab?: Store) {
    this.sessionKey = `yingda:${server}`;
    this.outboxKey = `yingda:${server}:outbox`;
    this.session = session ?? allowed(() => window.localStorage);
    this.tab = tab ?? allowed(() => window.sessionStorage);
  }

  readSession(): StoredSession | null {
    const value = parse(this.session.getItem(this.sessionKey));
    if (!isRecord(value) || typeof value.token !== "string" || value.token === "") return null;
    const customer = isRecord(value.customer) ? value.customer : null;
    return {
      token: value.token,
      conversationId: typeof value.conversationId === "string" ? value.conversationId : null,
      customer: customer ? { id: String(customer.id), name: String(customer.name) } : null,
    };
  }

  writeSession(session: StoredSession | null): void {
    write(this.session, this.sessionKey, session);
  }

  readOutbox(): StoredOutbox {
    const value = parse(this.tab.getItem(this.outboxKey));
    if (!isRecord(value) || !Array.isArray(value.items)) return { customerId: null, items: [] };
    return {
      customerId: typeof value.customerId === "string" ? value.customerId : null,
      items: value.items.filter(isOutgoing),
    };
  }

  writeOutbox(outbox: StoredOutbox): void {
    write(this.tab, this.outboxKey, outbox.items.length > 0 ? outbox : null);
  }
}

function allowed(open: () => Storage): Store {
  try {
    const store = open();
    store.getItem("yingda");
    return store;
  } catch {
    const values = new Map<string, string>();
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
  }
}

function write(store: Store, key: string, value: unknown): void {
  try {
    if (value === null) store.removeItem(key);
    else store.setItem(key, JSON.stringify(value));
  } catch {
    // A full store must not stop the chat; only the memory over a reload is lost.
  }
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOutgoing(value: unknown): value is StoredOutgoing {
  return (
    isRecord(value) &&
    typeof value.clientMessageId === "string" &&
    typeof value.shownText === "string" &&
    typeof value.writtenAt === "string" &&
    isRecord(value.content)
  );
}
