/**
 * Seesay in a page of another origin, through a frame.
 *
 * ```js
 * import { connectSeesay } from "https://seesay.example/embed.mjs";
 * const seesay = await connectSeesay();
 * const { caption } = await seesay.caption(file);
 * ```
 *
 * The site's owner lists the origins that may do that: `build.py site --embed-origin https://...`.
 */

import type { CaptionOptions, CaptionResult, JobOptions, ModelName, ModelStatus } from "./seesay.d.ts";

export interface EmbedOptions {
  /** The site's folder; default: where this file comes from. */
  site?: string | URL;
  /** That captions; default: the site's built-in one. */
  model?: ModelName;
  /** A mirror of the model hub, with its layout, on this page's own origin. */
  hub?: string | URL;
  /** Load the frame without credentials and with storage of its own that is gone with this page. */
  credentialless?: boolean;
}

/** Addresses and `<img>` are fetched by this page, with its rights. */
export type EmbedImage =
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | URL
  | string;

export interface EmbeddedCaptioner {
  /** As `Captioner.caption` in seesay.d.ts. At most 16 jobs wait at a time. */
  caption(image: EmbedImage, options?: EmbedCaptionOptions): Promise<CaptionResult>;
  /** Fetch a model, once for each site that embeds Seesay; ask a person first. From `hub`, if given. */
  download(model: ModelName, options?: JobOptions): Promise<ModelStatus>;
  /** Remove the frame; what waits rejects with an AbortError. */
  close(): void;
}

export type EmbedCaptionOptions = Omit<CaptionOptions, "onToken"> & {
  /** The caption so far. */
  onToken?: (event: { text: string }) => void;
};

/**
 * Codes as in seesay.d.ts, and `not_allowed` (or not reached), `busy`, `frame_lost`: the frame was
 * removed from the page, reloaded, or crashed. Then all calls reject; connect again.
 */
export class EmbedError extends Error {
  constructor(code: string, message: string);
  readonly code: string;
}

/** @throws EmbedError the frame does not answer, or refuses an option */
export function connectSeesay(options?: EmbedOptions): Promise<EmbeddedCaptioner>;
