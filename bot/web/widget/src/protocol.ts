/** What travels between the widget and the gateway (REST bodies and WebSocket frames), as the gateway's API defines it. */

export interface ButtonOption {
  readonly title: string;
  /** Opaque and signed by the gateway; the widget only hands it back. */
  readonly token: string;
}

export interface Source {
  readonly entry_id: string;
  readonly revision?: number;
  readonly title: string;
  readonly kind: "template" | "article";
  readonly section?: string | null;
  readonly url?: string | null;
  readonly excerpt?: string | null;
}

export interface OrderItem {
  readonly name: string;
  readonly quantity: number;
  readonly price: number | string;
}

export interface ParcelEvent {
  readonly at: string;
  readonly text: string;
}

export interface Parcel {
  readonly carrier: string;
  readonly number: string;
  readonly events: readonly ParcelEvent[];
}

export type Card =
  | { readonly type: "login_required" }
  | {
      readonly type: "order";
      readonly order_id: string;
      readonly status: string;
      readonly items: readonly OrderItem[];
      readonly total: number | string;
      readonly parcel: Parcel | null;
    }
  | {
      readonly type: "orders";
      readonly orders: readonly {
        readonly order_id: string;
        readonly status: string;
        readonly title: string;
        readonly total: number | string;
      }[];
    }
  | {
      readonly type: "refund";
      readonly refund_id: string;
      readonly order_id: string;
      readonly amount: number | string;
      readonly status: string;
    }
  | { readonly type: "handoff"; readonly ticket?: string | null; readonly hours: string };

export type Sender = "customer" | "bot" | "agent" | "system";
export type Thumb = "up" | "down";

export interface Message {
  readonly id: string;
  /** Position in the conversation: 1, 2, 3 … without holes. */
  readonly seq: number;
  readonly sender: Sender;
  readonly text: string;
  readonly buttons: readonly ButtonOption[];
  readonly sources: readonly Source[];
  /** A card; a kind the widget does not know is not drawn, its text says the same. */
  readonly custom: { readonly type: string } | null;
  readonly reply_to: string | null;
  readonly rating: Thumb | null;
  readonly ratable: boolean;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly client_message_id?: string | null;
}

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
}

export interface Customer {
  readonly id: string;
  readonly name: string;
}

/** What the customer sends: typed text, or the token of a button. */
export type Content = { readonly text: string } | { readonly button_token: string };

export type ClientFrame =
  | { readonly type: "hello"; readonly token: string; readonly after: number }
  | ({ readonly type: "message"; readonly client_message_id: string } & Content)
  | { readonly type: "ack"; readonly seq: number }
  | { readonly type: "ping" };

export type ServerFrame =
  | { readonly type: "welcome"; readonly last_seq: number }
  | {
      readonly type: "accepted";
      readonly client_message_id: string;
      readonly message_id: string;
      readonly seq: number;
      readonly duplicate: boolean;
    }
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "typing"; readonly on: boolean }
  | { readonly type: "error"; readonly error: ErrorBody; readonly client_message_id?: string | null }
  | { readonly type: "pong" };
