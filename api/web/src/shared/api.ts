/** Typed calls to the gateway. Every failure is one of two errors: a problem it described, or no answer at all. */
import type {
  Account, AuditLog, Board, Business, ChannelWindow, Colleague, ConversationState, Exchange, Feedback, History, Language, LookedUp,
  Message, Origin, PortPage, ProblemDocument, Rating, Receipt, SearchAnswer, Seat, SeatSession, Started, Ticket,
  TicketStatus, Unit,
} from "./types";

/** The gateway answered with an error document; `status` 401 means sign in again, 409 that it was too late. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly problem: ProblemDocument;
  /** Seconds to wait before trying again, where the gateway said so (429, 503). */
  readonly retryAfter: number | null;

  constructor(problem: ProblemDocument, retryAfter: number | null = null) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.status = problem.status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The message about one field of the request, if the gateway named it. */
  field(name: string): string | undefined {
    return this.problem.errors?.find((error) => error.field === name)?.message;
  }
}

/** Nobody answered: offline, a broken connection, or longer than the time limit. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "NoAnswer";
  }
}

export interface ClientOptions {
  /** Origin of the gateway, without a path; empty for the page's own. */
  base?: string;
  token?: string | null;
  /** Milliseconds; the gateway itself waits 8 s for the bot, so less would give up too early. */
  timeout?: number;
  fetch?: typeof fetch;
}

type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

/** One caller's view of the gateway: an address, perhaps a token, and JSON both ways. */
export class Client {
  readonly base: string;
  token: string | null;
  private readonly timeout: number;
  private readonly fetch: typeof fetch;

  constructor(options: ClientOptions = {}) {
    this.base = (options.base ?? "").replace(/\/+$/, "");
    this.token = options.token ?? null;
    this.timeout = options.timeout ?? 15_000;
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.call<T>("GET", path + queryString(query));
  }

  /** A file, which the page saves under a name of its own. */
  async file(path: string, query?: Query): Promise<Blob> {
    const response = await this.fetch(this.base + path + queryString(query), {
      headers: this.token ? { Authorization: `Bearer ${this.token}` } : {},
      credentials: "omit",
    });
    if (!response.ok) throw await problemOf(response);
    return response.blob();
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.call<T>("POST", path, body ?? {});
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PUT", path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.call<T>("DELETE", path);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PATCH", path, body);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    let response: Response;
    try {
      response = await this.fetch(this.base + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        signal: AbortSignal.timeout(this.timeout),
      });
    } catch (error) {
      throw new NoAnswer(error);
    }
    if (!response.ok) throw await problemOf(response);
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw new NoAnswer(error);
    }
  }
}

/** `{a: 1, b: ["x", "y"], c: null}` → `?a=1&b=x&b=y`; empty values are left out. */
export function queryString(query: Query = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, String(one));
  }
  const text = pairs.toString();
  return text ? `?${text}` : "";
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const fallback = { type: "about:blank", title: response.statusText, status: response.status, detail: "" };
  let document: Partial<ProblemDocument> = {};
  if (/json/.test(response.headers.get("Content-Type") ?? "")) {
    document = ((await response.json().catch(() => null)) ?? {}) as Partial<ProblemDocument>;
  }
  const after = Number(response.headers.get("Retry-After"));
  return new ApiProblem({ ...fallback, ...document, status: response.status }, after > 0 ? after : null);
}

/** A key under which the gateway recognises the same message when it is sent again. */
export function newClientId(): string {
  // randomUUID exists only in secure contexts; a test installation on plain http must work too.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const at = (id: string): string => `/v1/conversations/${encodeURIComponent(id)}`;

export interface Beginning {
  language?: Language;
  origin?: Origin;
  region?: string;
}

/** A visitor's own conversation. */
export const conversations = {
  start: (client: Client, begin: Beginning): Promise<Started> =>
    client.post("/v1/conversations", { channel: "web", ...begin }),
  send: (client: Client, id: string, text: string, clientId: string): Promise<Exchange> =>
    client.post(`${at(id)}/messages`, { text, client_id: clientId }),
  since: (client: Client, id: string, seq: number): Promise<History> =>
    client.get(`${at(id)}/messages`, { after: seq }),
  handoff: (client: Client, id: string, wish: { business?: Business; region?: string } = {}): Promise<Exchange> =>
    client.post(`${at(id)}/handoff`, wish),
  rate: (client: Client, id: string, score: number, comment?: string): Promise<Rating> =>
    client.post(`${at(id)}/rating`, comment ? { score, comment } : { score }),
  judge: (client: Client, id: string, messageId: string, helpful: boolean, comment?: string): Promise<Feedback> =>
    client.post(`${at(id)}/messages/${encodeURIComponent(messageId)}/feedback`, comment ? { helpful, comment } : { helpful }),
  change: (
    client: Client, id: string, change: { language?: Language; region?: string; origin?: Origin },
  ): Promise<ConversationState> => client.patch(at(id), change),
};

/** Published knowledge, open to anyone. */
export const knowledge = {
  search: (
    client: Client, query: { q: string; language?: Language; region?: string; k?: number },
  ): Promise<SearchAnswer> => client.get("/v1/knowledge/search", query),
};

/** Computed answers, open to anyone. */
export const tools = {
  ports: (
    client: Client, query: { find?: string; transit_240h?: true; limit?: number; language?: Language },
  ): Promise<PortPage> => client.get("/v1/tools/ports", query),
};

/** Who can be given a case. */
export const routing = {
  units: (client: Client, query: { q?: string; limit?: number } = {}): Promise<Unit[]> =>
    client.get("/v1/routing/units", query),
};

/** How long, and how often, a visitor on a messaging platform may still be written to. */
export const channels = {
  window: (client: Client, ticketId: string): Promise<ChannelWindow> =>
    client.get(`/v1/channels/windows/${encodeURIComponent(ticketId)}`),
};

/** The same `client_id` again is the same message. */
export interface NewLeftMessage {
  text: string;
  client_id: string;
  contact?: { phone: string } | { email: string };
  business?: Business;
}

/** Messages for who is not there: left in a conversation, looked up by anybody who has number and code. */
export const leftMessages = {
  leave: (client: Client, id: string, message: NewLeftMessage): Promise<Receipt> => client.post(`${at(id)}/left-message`, message),
  lookUp: (client: Client, number: string, code: string): Promise<LookedUp> =>
    client.post("/v1/tickets/lookup", { number, code }),
};

/** A seat's own session. */
export const seats = {
  login: (client: Client, username: string, password: string): Promise<SeatSession> =>
    client.post("/v1/seats/login", { username, password }),
  logout: (client: Client): Promise<void> => client.post("/v1/seats/logout"),
  me: (client: Client): Promise<Seat> => client.get("/v1/seats/me"),
  change: (client: Client, change: { available: boolean }): Promise<Seat> => client.patch("/v1/seats/me", change),
  colleagues: (client: Client): Promise<Colleague[]> => client.get("/v1/seats/colleagues"),
};

const ticketAt = (id: string): string => `/v1/tickets/${encodeURIComponent(id)}`;

/** Accounts, for administrators. */
export const accounts = {
  list: (client: Client): Promise<Account[]> => client.get("/v1/seats/accounts"),
  add: (client: Client, account: Record<string, unknown>): Promise<Account> => client.post("/v1/seats/accounts", account),
  change: (client: Client, id: string, change: Record<string, unknown>): Promise<Account> =>
    client.patch(`/v1/seats/accounts/${encodeURIComponent(id)}`, change),
};

/** The audit log, for administrators. */
export const audit = {
  newest: (client: Client, query: { subject?: string; limit?: number }): Promise<AuditLog> => client.get("/v1/audit", query),
};

/** What a supervisor looks for. */
export interface Wanted {
  q?: string;
  unit?: string;
  status?: TicketStatus[];
  since?: string;
  until?: string;
  at_risk?: boolean;
}

/** The supervisors' views. */
export const supervision = {
  board: (client: Client): Promise<Board> => client.get("/v1/tickets/board"),
  search: (client: Client, wanted: Wanted): Promise<{ tickets: Ticket[] }> => client.get("/v1/tickets/search", { ...wanted }),
  export: (client: Client, wanted: Wanted): Promise<Blob> => client.file("/v1/tickets/export", { ...wanted }),
};

/** The cases of a seat's unit. */
export const tickets = {
  list: (
    client: Client, filter: { status?: TicketStatus[]; mine?: boolean; limit?: number } = {},
  ): Promise<{ tickets: Ticket[] }> => client.get("/v1/tickets", filter),
  read: (client: Client, id: string): Promise<Ticket> => client.get(ticketAt(id)),
  claim: (client: Client, id: string): Promise<Ticket> => client.post(`${ticketAt(id)}/claim`),
  reply: (client: Client, id: string, text: string, clientId: string): Promise<Message> =>
    client.post(`${ticketAt(id)}/messages`, { text, client_id: clientId }),
  resolve: (client: Client, id: string, end: { category?: string; note?: string } = {}): Promise<Ticket> =>
    client.post(`${ticketAt(id)}/resolve`, end),
  /** Whatever else is done to a case: `transfer`, `return`, `invite` … with what that call takes. */
  act: (client: Client, id: string, what: string, body: Record<string, unknown> = {}): Promise<Ticket> =>
    client.post(`${ticketAt(id)}/${what}`, body),
  contact: (client: Client, id: string, reason: string): Promise<{ contact: string }> =>
    client.post(`${ticketAt(id)}/contact`, { reason }),
  draft: (client: Client, id: string, seq: number): Promise<{ id: string }> =>
    client.post(`${ticketAt(id)}/draft-entry`, { seq }),
  next: (client: Client): Promise<Ticket | null> => client.post("/v1/tickets/next"),
  typing: (client: Client, id: string, on: boolean): Promise<void> =>
    client.post(`${ticketAt(id)}/typing`, { on }),
};
