import { describe, expect, test } from 'vitest';
import { translator } from '../src/i18n';
import { bars, counts, type Counts } from '../src/voice/quality';
import { atRest, stands } from '../src/voice/state';
import { says } from '../src/voice/words';

const none: Counts = { received: 0, lost: 0, jitter: 0, rtt: 0, fractionLost: 0 };

describe('the bars', () => {
  test('three when nothing is wrong, two and one as loss, delay and jitter grow, none when nothing comes', () => {
    const now = (change: Partial<Counts>) => bars(none, { ...none, received: 100, ...change });
    expect(now({})).toBe(3);
    expect([now({ lost: 4 }), now({ rtt: 0.4 }), now({ jitter: 0.05 }), now({ fractionLost: 0.03 })]).toEqual([2, 2, 2, 2]);
    expect([now({ lost: 20 }), now({ rtt: 0.9 }), now({ jitter: 0.2 })]).toEqual([1, 1, 1]);
    expect(bars({ ...none, received: 100 }, { ...none, received: 100 })).toBe(0);
  });

  test('only sound counts, and a count that went back is no loss', () => {
    const report = [
      { type: 'inbound-rtp', kind: 'audio', packetsReceived: 50, packetsLost: 2, jitter: 0.01 },
      { type: 'inbound-rtp', kind: 'video', packetsReceived: 900, packetsLost: 900, jitter: 1 },
      { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.05, fractionLost: 0.01 },
    ];
    expect(counts(report)).toEqual({ received: 50, lost: 2, jitter: 0.01, rtt: 0.05, fractionLost: 0.01 });
    expect(bars({ ...none, lost: 9 }, { ...none, received: 50, lost: 5 })).toBe(3);
  });
});

describe('where the call stands', () => {
  test('s4_08_an_automatic_step_opens_the_keypad_once_and_the_agents_return_closes_it', () => {
    const talk = { ...atRest(''), stage: 'up' as const, ...stands(atRest(''), { is: 'talk', display: 'Alice' }) };
    expect(talk.keypad).toBe(false);
    const step = { ...talk, ...stands(talk, { is: 'in_ivr', display: 'Alice' }) };
    expect(step.keypad).toBe(true);
    const shut = { ...step, keypad: false, digits: '12' };
    expect(stands(shut, { is: 'in_ivr', display: 'Alice' })).toMatchObject({ keypad: false, digits: '12' });
    expect(stands(shut, { is: 'talk', display: 'Alice' })).toMatchObject({ keypad: false, digits: '' });
  });

  test('it is said in the words of each language', () => {
    const up = { ...atRest(''), stage: 'up' as const };
    expect(says({ ...up, status: { is: 'queue', position: 3 } }, translator('en'))).toBe('In line: number 3');
    expect(says({ ...up, status: { is: 'talk', display: 'Alice' } }, translator('zh-CN'))).toBe('正在与 Alice 通话');
    expect(says({ ...up, stage: 'ended', ended: 'lost' }, translator('en'))).toBe('The call was lost');
  });
});
