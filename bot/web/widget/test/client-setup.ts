import { vi } from "vitest";
import { Api } from "../src/api";
import { Backoff } from "../src/backoff";
import { ChatClient } from "../src/chat-client";
import { Memory } from "../src/memory";
import type { Message } from "../src/protocol";
import { FakeGateway } from "./fake-gateway";
import { MemoryStore } from "./memory-store";

export const SERVER = "https://chat.example";

/** A browser: what it stores outlives its pages. */
export class FakeBrowser {
  readonly local = new MemoryStore();
  readonly tab = new MemoryStore();

  /** A page in another tab of the same browser. */
  openTab(gateway: FakeGateway) {
    return this.open(gateway, new MemoryStore());
  }

  /** A page with a client of its own, as after a reload. */
  open(gateway: FakeGateway, tab = this.tab) {
    const arrived: Message[] = [];
    const identityLost = vi.fn();
    const memory = new Memory(SERVER, this.local, tab);
    const client = new ChatClient(
      new Api(SERVER, gateway.fetch),
      memory,
      { changed: () => undefined, arrived: (message) => arrived.push(message), identityLost },
      gateway.openSocket,
      new Backoff(500, 30_000, () => 1),
    );
    return { client, memory, arrived, identityLost };
  }
}

/** Lets everything that is due now happen, and what becomes due by it. */
export async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

export function texts(client: ChatClient): string[] {
  return client.messages.map((message) => message.text);
}
