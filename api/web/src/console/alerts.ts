/** Sound and desktop notifications. Neither says what a visitor wrote: screens are seen by others. */
import { ref } from "vue";
import { preference } from "./ui";

const SOUND_KEY = "consult.console.sound";
const NOTIFY_KEY = "consult.console.notify";

export type NotifyState = "on" | "off" | "denied";

export class Alerts {
  readonly sound = ref(preference(SOUND_KEY) !== "off");
  readonly notify = ref<NotifyState>("off");
  private context: AudioContext | null = null;

  constructor() {
    const wanted = preference(NOTIFY_KEY) === "on";
    if ("Notification" in window && Notification.permission === "granted" && wanted) this.notify.value = "on";
    // Browsers keep a page silent until it is touched, so the sound is prepared at the first touch.
    for (const kind of ["pointerdown", "keydown"]) {
      window.addEventListener(kind, () => this.prepare(), { once: true });
    }
  }

  toggleSound(): void {
    this.sound.value = !this.sound.value;
    preference(SOUND_KEY, this.sound.value ? "on" : "off");
    if (this.sound.value) this.chime();
  }

  /** The permission is asked for here, at the seat's own click, and nowhere else. */
  async toggleNotify(): Promise<void> {
    if (!("Notification" in window)) {
      this.notify.value = "denied";
    } else if (this.notify.value === "on") {
      this.notify.value = "off";
    } else {
      const answer = await Notification.requestPermission();
      this.notify.value = answer === "granted" ? "on" : "denied";
    }
    preference(NOTIFY_KEY, this.notify.value);
  }

  /** Something came that the seat should look at. */
  call(key: string, title: string, body: string, onClick: () => void): void {
    this.chime();
    if (this.notify.value !== "on" || !document.hidden) return;
    const shown = new Notification(title, { body, tag: key, icon: "/favicon.svg" });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onClick();
    };
  }

  private prepare(): void {
    if (!this.context && "AudioContext" in window) this.context = new AudioContext();
    void this.context?.resume();
  }

  /** Two short rising tones, quiet enough for a shared room. */
  private chime(): void {
    if (!this.sound.value) return;
    this.prepare();
    const context = this.context;
    if (context?.state !== "running") return;
    [660, 880].forEach((pitch, index) => {
      const start = context.currentTime + index * 0.14;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, start);
      volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.18);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.2);
    });
  }
}
