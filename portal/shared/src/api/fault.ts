// The one error type of the API client. It carries what the engine said; it knows no page and no form.

/** Why a request did not succeed. `status` 0 means that no answer came. */
export class ApiFault extends Error {
  readonly status: number;
  /** The short sentence of the fault, e.g. "Operation Failed". */
  readonly reason: string;
  /** The long text of the fault without its outer brackets; may be empty. */
  readonly detail: string;

  constructor(status: number, reason: string, detail: string) {
    super(detail || reason);
    this.name = 'ApiFault';
    this.status = status;
    this.reason = reason;
    this.detail = detail;
  }

  get isUnauthorized(): boolean {
    return this.status === 401;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }

  /** True when asking again later may succeed without any change by the user. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Takes the brackets off "[Cannot add VM. Name is in use.]". */
export function plainDetail(detail: string): string {
  const text = detail.trim();
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1).trim() : text;
}

interface FaultBody {
  reason?: unknown;
  detail?: unknown;
  fault?: { reason?: unknown; detail?: unknown };
}

/** Reads a fault from the body of an answer: a bare fault, or an action that holds one. */
export function faultFromBody(status: number, statusText: string, body: unknown): ApiFault {
  const outer = (typeof body === 'object' && body !== null ? body : {}) as FaultBody;
  const fault = outer.fault ?? outer;
  const reason = typeof fault.reason === 'string' ? fault.reason : statusText || `HTTP ${status}`;
  const detail = typeof fault.detail === 'string' ? plainDetail(fault.detail) : '';
  return new ApiFault(status, reason, detail);
}

/** Any thrown value as a fault that can be shown. */
export function asFault(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  return new ApiFault(0, error instanceof Error ? error.message : String(error), '');
}
