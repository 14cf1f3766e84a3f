import { newIdentifier } from "./identifier";
import type { StoredOutbox, StoredOutgoing } from "./memory";
import type { Content } from "./protocol";

export type Outgoing = StoredOutgoing;

/**
 * The customer's messages that the server has not acknowledged, in the order they were written.
 *
 * They belong to whoever wrote them: on a shared computer nobody may send what another customer has left waiting.
 */
export class Outbox {
  private items: readonly Outgoing[];
  private customerId: string | null;

  constructor(
    stored: StoredOutbox,
    private readonly save: (outbox: StoredOutbox) => void,
  ) {
    this.items = stored.items;
    this.customerId = stored.customerId;
  }

  /** Hands the messages over to a visitor (null) who is now known; those of a known customer go to nobody else. */
  belongTo(customerId: string | null): void {
    if (customerId === this.customerId) return;
    const isVisitors = this.customerId === null;
    this.customerId = customerId;
    this.replace(isVisitors ? this.items : []);
  }

  get all(): readonly Outgoing[] {
    return this.items;
  }

  /** Those to send now; the failed ones wait for the customer's word. */
  get waiting(): readonly Outgoing[] {
    return this.items.filter((item) => item.failure === null);
  }

  add(content: Content, shownText: string): Outgoing {
    const item: Outgoing = {
      clientMessageId: newIdentifier(),
      content,
      shownText,
      writtenAt: new Date().toISOString(),
      failure: null,
    };
    this.replace([...this.items, item]);
    return item;
  }

  find(clientMessageId: string): Outgoing | undefined {
    return this.items.find((item) => item.clientMessageId === clientMessageId);
  }

  /** Takes the message out: acknowledged, or given up by the customer. */
  remove(clientMessageId: string): Outgoing | undefined {
    const item = this.find(clientMessageId);
    if (item) this.replace(this.items.filter((candidate) => candidate !== item));
    return item;
  }

  /** Marks a refused message with the error code it got, or (null) as waiting again. */
  setFailure(clientMessageId: string, failure: string | null): void {
    this.replace(this.items.map((item) => (item.clientMessageId === clientMessageId ? { ...item, failure } : item)));
  }

  clear(): void {
    this.replace([]);
  }

  private replace(items: readonly Outgoing[]): void {
    this.items = items;
    this.save({ customerId: this.customerId, items });
  }
}
