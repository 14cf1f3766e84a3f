import { afterEach, expect, test, vi } from "vitest";
import { MemoryStore } from "../../widget/test/memory-store";
import { ShopLoginService } from "../shop-login";

afterEach(() => void vi.unstubAllGlobals());

function answering(status: number, body: unknown) {
  const asked = vi.fn(async (_address: string, _init?: RequestInit) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

test("lists the customers, with what the page needs of them", async () => {
  answering(200, { customers: [{ id: "C1001", name: "林晓雨", level: "金杉" }] });
  expect(await new ShopLoginService("/demo/", new MemoryStore()).customers()).toEqual([{ id: "C1001", name: "林晓雨" }]);
});

test("a login is remembered until the logout", async () => {
  const asked = answering(200, { identity_token: "signed", customer: { id: "C1001", name: "林晓雨" } });
  const storage = new MemoryStore();
  const login = await new ShopLoginService("/demo/", storage).login("C1001");
  expect(login).toEqual({ customer: { id: "C1001", name: "林晓雨" }, identityToken: "signed" });
  expect([asked.mock.calls[0]?.[0], asked.mock.calls[0]?.[1]?.body]).toEqual(["/demo/login", '{"customer_id":"C1001"}']);
  const afterReload = new ShopLoginService("/demo/", storage);
  expect(afterReload.rememberedCustomerId()).toBe("C1001");
  afterReload.logout();
  expect(afterReload.rememberedCustomerId()).toBeNull();
});

test("a refused login is an error and remembers nobody", async () => {
  answering(404, { error: { code: "unknown_customer" } });
  const shop = new ShopLoginService("/demo/", new MemoryStore());
  await expect(shop.login("C9")).rejects.toThrow("404");
  expect(shop.rememberedCustomerId()).toBeNull();
});
