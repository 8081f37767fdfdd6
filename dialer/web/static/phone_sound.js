// The sound of the phone in the page: one microphone for all calls, and what joins calls together.

const RING = { hertz: 440, on: 0.9, every: 3, volume: 0.15 }; // seconds

export class Sound {
  #context = new AudioContext();
  #gain = this.#context.createGain(); // the microphone of every call: shut while muted
  #meter = this.#context.createAnalyser();
  #stream = null;
  #source = null;
  #calls = new Map(); // by call: what the other side hears, what we hear of it, and where that is played
  #ringing = null;
  #speaker = "";

  constructor() {
    this.#gain.connect(this.#meter);
  }

  // A browser starts sound only after the page was clicked or a key was pressed.
  wake() {
    return this.#context.state === "suspended" ? this.#context.resume() : null;
  }

  // The microphone, asked for once; `device` is its id, and none is the usual one.
  async open(device = "") {
    const audio = device ? { deviceId: { exact: device } } : true;
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.#source?.disconnect();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = stream;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#gain);
  }

  // What one call sends: a stream of its own, so that a third person can be mixed in.
  async streamFor(call) {
    if (!this.#stream) await this.open();
    await this.wake();
    const out = this.#context.createMediaStreamDestination();
    this.#gain.connect(out);
    this.#calls.set(call, { out, heard: null, player: null });
    return out.stream;
  }

  // Plays what a call sends us.
  hear(call, stream) {
    const parts = this.#calls.get(call);
    if (!parts || parts.heard) return;
    parts.player = new Audio();
    parts.player.srcObject = stream;
    if (this.#speaker) parts.player.setSinkId(this.#speaker);
    parts.player.play();
    parts.heard = this.#context.createMediaStreamSource(stream);
  }

  // Everybody hears everybody, or again only the agent.
  join(joined) {
    for (const [call, { out }] of this.#calls) {
      for (const [other, { heard }] of this.#calls) {
        if (other === call || !heard) continue;
        if (joined) heard.connect(out);
        else heard.disconnect();
      }
    }
  }

  drop(call) {
    const parts = this.#calls.get(call);
    if (!parts) return;
    this.#calls.delete(call);
    this.#gain.disconnect(parts.out);
    parts.heard?.disconnect();
    if (parts.player) parts.player.srcObject = null;
  }

  mute(muted) {
    this.#gain.gain.value = muted ? 0 : 1;
  }

  // How loud the microphone is, 0 to 1.
  level() {
    const samples = new Float32Array(this.#meter.fftSize);
    this.#meter.getFloatTimeDomainData(samples);
    return Math.min(1, Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length) * 4);
  }

  async devices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const of = (kind) => all.filter((each) => each.kind === kind && each.deviceId);
    return { microphones: of("audioinput"), speakers: of("audiooutput") };
  }

  playOn(speaker) {
    this.#speaker = speaker;
    for (const { player } of this.#calls.values()) player?.setSinkId(speaker);
  }

  ring(on) {
    if (!on) {
      clearInterval(this.#ringing);
      this.#ringing = null;
    } else if (this.#ringing === null) {
      this.#tone();
      this.#ringing = setInterval(() => this.#tone(), RING.every * 1000);
    }
  }

  #tone() {
    const [tone, volume, now] = [this.#context.createOscillator(), this.#context.createGain(), this.#context.currentTime];
    tone.frequency.value = RING.hertz;
    volume.gain.value = RING.volume;
    tone.connect(volume).connect(this.#context.destination);
    tone.start(now);
    tone.stop(now + RING.on);
  }
}
