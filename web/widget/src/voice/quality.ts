/** The connection's quality as bars, from what the browser counts. */

export interface Counts { received: number; lost: number; jitter: number; rtt: number; fractionLost: number }

/** The sums of a report that the bars need. */
export function counts(report: Iterable<Record<string, unknown>>): Counts {
  const sum: Counts = { received: 0, lost: 0, jitter: 0, rtt: 0, fractionLost: 0 };
  for (const s of report) {
    const n = (name: string): number => (typeof s[name] === 'number' ? s[name] : 0);
    if (s['type'] === 'inbound-rtp' && s['kind'] === 'audio') {
      sum.received += n('packetsReceived');
      sum.lost += n('packetsLost');
      sum.jitter = Math.max(sum.jitter, n('jitter'));
    } else if (s['type'] === 'remote-inbound-rtp' && s['kind'] === 'audio') {
      sum.rtt = Math.max(sum.rtt, n('roundTripTime'));
      sum.fractionLost = Math.max(sum.fractionLost, n('fractionLost'));
    }
  }
  return sum;
}

/**
 * 3 good, 2 fair, 1 poor, 0 nothing came, for what happened between two counts. The borders are where people begin to
 * notice: 2 % and 6 % loss, 300 ms and 600 ms there and back, 30 ms and 60 ms jitter.
 */
export function bars(before: Counts, now: Counts): 0 | 1 | 2 | 3 {
  const received = now.received - before.received;
  if (received <= 0) return 0;
  const lost = Math.max(0, now.lost - before.lost);
  const loss = Math.max(lost / (lost + received), now.fractionLost);
  if (loss < 0.02 && now.rtt < 0.3 && now.jitter < 0.03) return 3;
  return loss < 0.06 && now.rtt < 0.6 && now.jitter < 0.06 ? 2 : 1;
}
