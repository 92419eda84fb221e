/** A short two-tone chime. A page in which nobody has clicked yet may not sound: then it is silent. */
export function beep(): void {
  const context = new AudioContext();
  if (context.state === 'suspended') {
    void context.close();
    return;
  }
  const gain = new GainNode(context, { gain: 0 });
  gain.connect(context.destination);
  [660, 880].forEach((frequency, n) => {
    const tone = new OscillatorNode(context, { frequency });
    const from = context.currentTime + n * 0.12;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + 0.11);
    tone.connect(gain);
    tone.start(from);
    tone.stop(from + 0.12);
    if (n === 1) tone.onended = () => void context.close();
  });
}
