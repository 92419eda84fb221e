// Answers every offer with a tone, and with a moving picture where video is asked for.
const socket = new WebSocket(`ws://${location.host}/dev/peer`);
const context = new AudioContext();
const out = context.createMediaStreamDestination();
const tone = new OscillatorNode(context, { frequency: 523 });
tone.connect(out);
tone.start();
const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
const pen = canvas.getContext('2d');
let n = 0;
setInterval(() => {
  pen.fillStyle = `hsl(${n} 60% 45%)`;
  pen.fillRect(0, 0, 320, 240);
  pen.fillStyle = '#fff';
  pen.font = '32px sans-serif';
  pen.fillText(`frame ${(n += 3)}`, 90, 130);
}, 66);
const picture = canvas.captureStream(15).getVideoTracks()[0];
const peers = new Map();
globalThis.peers = peers;
socket.onmessage = async (event) => {
  const { leg, sdp, fid } = JSON.parse(event.data);
  const ufrag = /a=ice-ufrag:(\S+)/.exec(sdp)[1];
  let pc = peers.get(leg)?.ufrag === ufrag ? peers.get(leg).pc : undefined;
  if (!pc) {
    peers.get(leg)?.pc.close();
    pc = new RTCPeerConnection();
    peers.set(leg, { pc, ufrag });
    pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  }
  await pc.setRemoteDescription({ type: 'offer', sdp });
  if (/^m=video/m.test(sdp) && !pc.getSenders().some((s) => s.track === picture)) pc.addTrack(picture, out.stream);
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== 'complete') await new Promise((done) => (pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done()));
  socket.send(JSON.stringify({ leg, sdp: pc.localDescription.sdp, fid }));
};
