// The line of the phone in the page: its registration and its calls. SIP is the library's, sound phone_sound.js's.

import { t } from "./build.js";

const MOST_CALLS = 3; // one in talk, one asked before a transfer, one that rings meanwhile
const AGAIN_S = 4; // between two tries to come back
const TRIES = 100_000; // a page is open for days
const REFUSED_WITHIN_MS = 1500; // a transfer that cannot be: Asterisk says so without asking anybody
const [FINAL, FINAL_REFUSAL] = [200, 300]; // statuses of SIP from here on
const ICE_WITHIN_MS = 1000; // addresses of this machine are there at once; a STUN server that is dead is not waited for

export class Line {
  calls = []; // { session, who, state: ringing | calling | talking | held, since, ours }
  joined = false;
  muted = false;
  #told;
  #sound;
  #phone;
  #manager;
  #changed;
  #library;

  // `told(state)`: up, refused or down; `changed()`: the calls are others than before.
  constructor(phone, sound, { told, changed }) {
    this.#phone = phone;
    this.#sound = sound;
    this.#told = told;
    this.#changed = changed;
  }

  async start() {
    this.#library = await import(this.#phone.library);
    const { UserAgent, Web } = this.#library;
    const streams = (_, handler) => this.#sound.streamFor(handler);
    this.#manager = new Web.SessionManager(this.#phone.address, {
      aor: this.#address(this.#phone.user),
      autoStop: false,
      delegate: {
        onCallReceived: (session) => this.#add(session, "ringing", false),
        onCallAnswered: (session) => this.#answered(session),
        onCallHangup: (session) => this.#over(session),
        onCallHold: (session, held) => this.#set(session, held ? "held" : "talking"),
        onRegistered: () => this.#told("up"),
        onUnregistered: () => this.#told("down"),
        onServerDisconnect: () => this.#told("down"),
      },
      maxSimultaneousSessions: MOST_CALLS - 1, // the library lets one more in than this says
      reconnectionAttempts: TRIES,
      reconnectionDelay: AGAIN_S,
      registererRegisterOptions: { requestDelegate: { onReject: () => this.#told("refused") } },
      sendDTMFUsingSessionDescriptionHandler: true,
      userAgentOptions: {
        authorizationUsername: this.#phone.user,
        authorizationPassword: this.#phone.password,
        logBuiltinEnabled: false,
        sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(streams),
        sessionDescriptionHandlerFactoryOptions: {
          iceGatheringTimeout: ICE_WITHIN_MS,
          peerConnectionConfiguration: { iceServers: this.#phone.stun.map((urls) => ({ urls })) },
        },
        uri: UserAgent.makeURI(this.#address(this.#phone.user)),
      },
    });
    await this.#manager.connect();
    await this.#manager.register();
  }

  stop() {
    this.#manager?.disconnect();
  }

  // The call that keys are about: what rings first, then what is in talk.
  get ringing() {
    return this.calls.find((call) => call.state === "ringing");
  }

  get current() {
    return this.calls.find((call) => call.state === "talking") ?? this.calls.find((call) => call.state !== "ringing");
  }

  async answer() {
    const call = this.ringing;
    if (!call) return;
    await this.#holdOthers(call);
    await this.#manager.answer(call.session);
  }

  async hangUp() {
    const call = this.current ?? this.ringing;
    if (!call) return;
    if (call.state === "ringing") await this.#manager.decline(call.session);
    else await this.#manager.hangup(call.session);
  }

  async hold() {
    const call = this.current;
    if (call?.state === "talking") await this.#manager.hold(call.session);
    else if (call?.state === "held") await this.#manager.unhold(call.session);
  }

  mute() {
    this.muted = !this.muted;
    this.#sound.mute(this.muted);
    this.#changed();
  }

  async press(tone) {
    const call = this.current;
    if (call?.state === "talking") await this.#manager.sendDTMF(call.session, tone);
  }

  // A second call, the first one on hold.
  async call(extension, who) {
    await this.#holdOthers(null);
    const session = await this.#manager.call(this.#address(extension));
    this.#add(session, "calling", true, who);
  }

  // Without a word: whoever is in talk goes on there.
  async sendOn(extension) {
    const call = this.current;
    if (call) await this.#refer(call, this.#library.UserAgent.makeURI(this.#address(extension)));
  }

  // Whoever was asked talks with whoever was put on hold for it.
  async putThrough() {
    const asked = this.calls.find((call) => call.ours && call.state === "talking");
    const waits = this.calls.find((call) => call !== asked && call.state === "held");
    if (asked && waits) await this.#refer(waits, asked.session);
  }

  async join() {
    for (const call of this.calls.filter((each) => each.state === "held")) await this.#manager.unhold(call.session);
    this.joined = true;
    this.#sound.join(true);
    this.#changed();
  }

  #address(user) {
    return `sip:${user}@${this.#phone.domain}`;
  }

  // Asterisk tells how it goes (RFC 3515): a no comes at once, and the call stays; a yes only once somebody has
  // answered, which in a queue takes minutes, while nobody is left to be heard.
  #refer(call, target) {
    let timer = null;
    return new Promise((resolve, reject) => {
      const done = () => resolve(this.calls.includes(call) ? this.#manager.hangup(call.session) : null);
      const refused = (why) => reject(new Error(t("The transfer was refused: {why}.", { why })));
      const onNotify = async (told) => {
        await told.accept();
        const [, status, why] = /^SIP\/2\.0 (\d{3}) ?(.*)/.exec(told.request.body) ?? [];
        if (status >= FINAL_REFUSAL) {
          clearTimeout(timer);
          refused(why || status);
        }
        if (status >= FINAL && status < FINAL_REFUSAL) done();
      };
      const onReject = ({ message }) => refused(message.reasonPhrase || message.statusCode);
      const onAccept = () => {
        timer = setTimeout(done, REFUSED_WITHIN_MS);
      };
      call.session.refer(target, { onNotify, requestDelegate: { onAccept, onReject } }).catch(reject);
    });
  }

  async #holdOthers(but) {
    for (const call of this.calls) {
      if (call !== but && call.state === "talking" && !this.joined) await this.#manager.hold(call.session);
    }
  }

  #add(session, state, ours, who) {
    const them = session.remoteIdentity;
    this.calls.push({ session, state, ours, who: who || them.displayName || them.uri.user, since: Date.now() });
    this.#changed();
  }

  #answered(session) {
    const handler = session.sessionDescriptionHandler;
    this.#sound.hear(handler, handler.remoteMediaStream);
    this.#set(session, "talking");
  }

  #set(session, state) {
    const call = this.calls.find((each) => each.session === session);
    if (!call) return;
    if (state === "talking" && call.state !== "held") call.since = Date.now();
    call.state = state;
    if (this.joined && state === "held") this.#part();
    this.#changed();
  }

  #over(session) {
    this.calls = this.calls.filter((call) => call.session !== session);
    if (this.calls.length < 2 && this.joined) this.#part();
    if (session.sessionDescriptionHandler) this.#sound.drop(session.sessionDescriptionHandler);
    this.#changed();
  }

  #part() {
    this.#sound.join(false);
    this.joined = false;
  }
}
