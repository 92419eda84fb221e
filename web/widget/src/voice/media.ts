/** What the customer sends: the microphone, or a synthetic voice, or nothing; and the camera. */

export type MicProblem = 'none' | 'denied' | 'insecure';
export interface Voice { track: MediaStreamTrack | undefined; problem?: MicProblem; stop(): void }

/** The microphone, or why there is none: then the call is listened to only. */
export async function openMicrophone(device: string | undefined): Promise<Voice> {
  if (!window.isSecureContext || !('mediaDevices' in navigator)) return { track: undefined, problem: 'insecure', stop: nothing };
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(device && { deviceId: device }) };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const track = stream.getAudioTracks()[0];
    return { track, stop: () => track?.stop() };
  } catch (why) {
    const denied = why instanceof DOMException && (why.name === 'NotAllowedError' || why.name === 'SecurityError');
    return { track: undefined, problem: denied ? 'denied' : 'none', stop: nothing };
  }
}

/** A tone of 440 Hz in bursts like syllables: for machines without a microphone. */
export function syntheticVoice(): Voice {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const tone = new OscillatorNode(context, { frequency: 440 });
  const gain = new GainNode(context, { gain: 0.25 });
  const syllables = new OscillatorNode(context, { frequency: 3, type: 'square' });
  const depth = new GainNode(context, { gain: 0.2 });
  tone.connect(gain).connect(out);
  syllables.connect(depth).connect(gain.gain);
  tone.start();
  syllables.start();
  // After a reload the context may wait for a first click.
  const resume = () => void context.resume();
  if (context.state === 'suspended') addEventListener('pointerdown', resume, { once: true });
  return {
    track: out.stream.getAudioTracks()[0],
    stop: () => {
      removeEventListener('pointerdown', resume);
      void context.close();
    },
  };
}

export async function openCamera(): Promise<MediaStreamTrack | undefined> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24 } } });
    return stream.getVideoTracks()[0];
  } catch {
    return undefined;
  }
}

export async function microphones(): Promise<{ id: string; label: string }[]> {
  if (!('mediaDevices' in navigator)) return [];
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((d) => d.kind === 'audioinput' && d.deviceId !== '').map((d) => ({ id: d.deviceId, label: d.label }));
}

function nothing(): void {
  // There is nothing to stop.
}
