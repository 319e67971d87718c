declare module "@novnc/novnc" {
  /** A remote screen, drawn into an element of the page (the part of noVNC's RFB class that we use). */
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, url: string, options?: { shared?: boolean });
    scaleViewport: boolean;
    background: string;
    disconnect(): void;
    focus(): void;
    sendCtrlAltDel(): void;
  }
}
