import { describe, expect, it, vi } from "vitest";
import { ApiProblem, Client, conversations, NoAnswer, newClientId, queryString } from "./api";

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

describe("Client", () => {
  it("sends JSON, the token in its header, and no cookies", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => json({ messages: [] }));
    const client = new Client({ base: "https://gateway.example/", token: "t", fetch });
    await conversations.send(client, "a/b", "你好", "key");
    const [address, init] = fetch.mock.calls[0]!;
    expect(address).toBe("https://gateway.example/v1/conversations/a%2Fb/messages");
    expect(init).toMatchObject({ method: "POST", credentials: "omit", body: '{"text":"你好","client_id":"key"}' });
    expect(init!.headers).toMatchObject({ Authorization: "Bearer t", "Content-Type": "application/json" });
  });

  it("turns a problem document into an error that names status, field and waiting time", async () => {
    const document = { type: "/problems/x", title: "T", status: 429, detail: "D", errors: [{ field: "text", message: "M" }] };
    const headers = { "Content-Type": "application/problem+json", "Retry-After": "7" };
    const client = new Client({ fetch: async () => json(document, 429, headers) });
    const error = await client.get("/x").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ status: 429, message: "D", retryAfter: 7 });
    expect((error as ApiProblem).field("text")).toBe("M");
    expect((error as ApiProblem).field("other")).toBeUndefined();
  });

  it("makes a problem of an error page that is not JSON", async () => {
    const client = new Client({ fetch: async () => new Response("<h1>Bad gateway</h1>", { status: 502 }) });
    await expect(client.get("/x")).rejects.toMatchObject({ name: "ApiProblem", status: 502 });
  });

  it("says NoAnswer when the connection fails or the answer is cut short", async () => {
    const broken = new Client({ fetch: async () => Promise.reject(new TypeError("Failed to fetch")) });
    await expect(broken.get("/x")).rejects.toBeInstanceOf(NoAnswer);
    const cut = new Client({ fetch: async () => new Response('{"messages": [', { status: 200 }) });
    await expect(cut.get("/x")).rejects.toBeInstanceOf(NoAnswer);
  });
});

describe("queryString", () => {
  it("repeats lists, leaves out what is empty and escapes the rest", () => {
    expect(queryString({ status: ["waiting", "active"], mine: true, q: "签 证&", region: null, k: undefined })).toBe(
      "?status=waiting&status=active&mine=true&q=%E7%AD%BE+%E8%AF%81%26",
    );
    expect(queryString({})).toBe("");
  });
});

describe("newClientId", () => {
  it("is new each time and short enough for the gateway", () => {
    const ids = new Set(Array.from({ length: 500 }, newClientId));
    expect(ids.size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});
