// Gets what one console connection needs: the console's id, its one-time password and the ticket for the way through the
// engine. Both tickets work once and end soon; they are asked for right before connecting and kept nowhere.
import { members, SERVICES_ROOT, type ApiClient } from '../api/client';
import type { GraphicsConsole } from '../api/types';

export interface ConsoleConnection {
  /** WebSocket address that carries RFB. */
  url: string;
  password: string;
}

/** The WebSocket address of the console service for a proxy ticket. */
export function consoleUrl(location: { protocol: string; host: string }, ticket: string): string {
  const scheme = location.protocol === 'http:' ? 'ws:' : 'wss:';
  return `${scheme}//${location.host}${SERVICES_ROOT}/console?ticket=${encodeURIComponent(ticket)}`;
}

/** Undefined when the machine has no VNC console. */
export async function openConsole(client: ApiClient, vmId: string): Promise<ConsoleConnection | undefined> {
  const answer = await client.get<object>(`vms/${vmId}/graphicsconsoles`);
  const vnc = members<GraphicsConsole>(answer, 'graphics_console').find((entry) => entry.protocol === 'vnc');
  if (!vnc?.id) return undefined;
  const base = `vms/${vmId}/graphicsconsoles/${vnc.id}`;
  const password = (await client.action(`${base}/ticket`)).ticket?.value ?? '';
  const proxy = (await client.action(`${base}/proxyticket`)).proxy_ticket?.value ?? '';
  return { url: consoleUrl(window.location, proxy), password };
}
