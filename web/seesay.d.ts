/**
 * Seesay's public JavaScript API: captions for images, made inside the browser.
 *
 * ```js
 * import { createCaptioner } from "./seesay.mjs";
 * const captioner = createCaptioner();
 * const { caption } = await captioner.caption(file, { onToken: ({ text }) => show(text) });
 * captioner.close();
 * ```
 *
 * Options are camelCase; results are JSON-like data in the snake_case of the worker protocol.
 */

/** `"starter"` (built in), `"vit-gpt2"`, `"florence-2"`, or `"owner/name@revision"` on the hub. */
export type ModelName = string;

/**
 * An image file: its bytes in any form (a Uint8Array or another view means the part that it shows),
 * or the address to fetch them from, which an `<img>` has, too; or an image's pixels: a canvas, an
 * ImageBitmap, ImageData. Addresses are asked without cookies. `data:` addresses are decoded without
 * a request; `blob:` addresses need a page whose policy allows them (`connect-src blob:`), as
 * Seesay's own does. At most 256 MB and 100 megapixels; what Seesay's own decoders do not read the
 * browser is asked for.
 */
export type ImageInput =
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

/** What is going on, and how far it has come. */
export interface Progress {
  /**
   * runtime: booting; model: fetching or loading a model; image, encode, decode: one caption, or
   * one batch of them; text: reading the words in a picture; images: how many images of `captionAll` have ended;
   * export: how many images of `exportWords` are written.
   */
  stage: "runtime" | "model" | "image" | "encode" | "decode" | "text" | "images" | "export";
  loaded: number;
  /** In the same unit as `loaded`; 0 when it is not known. */
  total: number;
  unit: "bytes" | "steps" | "images";
  /** Stage "model": where the bytes come from. */
  source?: "network" | "site" | "device";
  /** Of `models.download`, `import` and `export`, as are the fields below. */
  phase?: "downloading" | "checking" | "waiting" | "other_tab" | "importing" | "exporting";
  file?: string;
  /** Not there while unknown. */
  speed_bytes_per_s?: number;
  seconds_left?: number;
  /** While waiting: what happened. */
  message?: string;
  retry_in_s?: number;
  in_memory?: boolean;
}

/** One generated token. */
export interface Token {
  id: number;
  text: string;
  /** Natural logarithm of the token's probability, at most 0. */
  logprob: number;
}

/** Called with the caption so far, for each new token; of several beams, the one that leads. */
export interface TokenEvent {
  text: string;
  token: Token;
}

export interface Candidate {
  text: string;
  /** Sum of log probabilities, divided by length ** lengthPenalty when there are beams. */
  score: number;
  tokens: Token[];
  /** How far the other candidates agree; "doubtful" marks words on which they do not. */
  words: { text: string; agreement: number; doubtful: boolean }[];
  /** With `attentions: true`, where the model can tell. */
  attention?: AttentionMap;
}

/**
 * Where the model looked: its cross-attention, averaged over layers and heads; for a word that names
 * one of `objects`, where those are.
 */
export interface AttentionMap {
  /** Patches in a column and in a row; together they cover what the model saw: `image.seen`. */
  height: number;
  width: number;
  /** One entry a word, as in `words`; weights row by row, from the upper left, sum to 1. */
  words: { text: string; weights: number[] }[];
}

export interface CaptionResult {
  caption: string;
  /** exp(mean token log probability of the best candidate), 0 to 1. */
  confidence: number;
  /** True when the confidence is so low that the caption is no more than a guess. */
  flagged: boolean;
  /** Best first; as many as `numReturnSequences`. */
  candidates: Candidate[];
  model: { id: string; revision: string };
  /** Milliseconds: decoding the image file, making pixel values, encoder, each decoder step. */
  timings: {
    decode_ms: number;
    preprocess_ms: number;
    encode_ms: number;
    token_ms: number[];
  };
  /**
   * The image as it was handed in, upright; sha256 is of the original bytes, in hexadecimal. `seen`
   * is what the model saw of it: left, top, right and bottom as shares of width and height, 0 to 1;
   * not all of it where part of the image is missing.
   */
  image: {
    width: number;
    height: number;
    format: string;
    sha256: string;
    seen: number[];
  };
  /** What a person should know, in sentences; most often none. A cut file: part of it is missing. */
  notes: string[];
  /** What sort of picture it was taken for, where anybody looked. */
  kind?: "drawing" | "photograph" | "text";
  /** Specific before general; at most 12. */
  keywords: { text: string; confidence: number }[];
  /** The words in the picture; not there where nobody read, or reading was not to be had. */
  text?: { text: string; confidence: number; language: TextLanguage };
  /** Why reading was not to be had: a sentence for the person. */
  text_problem?: string;
  /** With `tasks`: what was said to each; the result itself is that of the first. */
  answers?: { [Name in TaskName]?: Answer };
  /** With the task "objects": what is in the picture and where, in the order of the answer. */
  objects?: FoundObject[];
}

export interface FoundObject {
  /** What it is: "dog". */
  label: string;
  /** Left, top, right and bottom, as shares of the image's width and height: 0 to 1. */
  box: number[];
}

/**
 * What a model can be asked: a caption, a description at length, the text in the picture, and the
 * things in it, whose names are the answer's text. Florence-2 knows all four; other models only caption.
 */
export type TaskName = "caption" | "detailed" | "text" | "objects";

/** The fields mean what they mean in `CaptionResult`; candidates of "objects" have no `words`. */
export interface Answer {
  text: string;
  confidence: number;
  flagged: boolean;
  candidates: Candidate[];
  /** That of the first task includes the look at the image; the others' have no share of it. */
  timings: CaptionResult["timings"];
}

/** How words are chosen: the names and meanings of Hugging Face transformers. */
export interface GenerationOptions {
  maxNewTokens?: number;
  minNewTokens?: number;
  numBeams?: number;
  numReturnSequences?: number;
  lengthPenalty?: number;
  /** true: stop when there are `numBeams` candidates; "never": only when none can be better. */
  earlyStopping?: boolean | "never";
  noRepeatNgramSize?: number;
  repetitionPenalty?: number;
  /** Words and phrases that must not appear. */
  badWords?: string[];
  /** The caption begins with this text. */
  prefix?: string;
  doSample?: boolean;
  temperature?: number;
  topK?: number;
  topP?: number;
  /** Makes sampling repeatable: a whole number from 0 to 2 ** 32 - 1. */
  seed?: number;
  /** Tell where the model looked for each word; takes about one more step. Default: false. */
  attentions?: boolean;
}

/** Languages that text is read in: English, German, French, Spanish. */
export type TextLanguage = "eng" | "deu" | "fra" | "spa";

/** What to look for beside the caption. */
export interface RecognitionOptions {
  /**
   * Look for keywords. Default: with the starter alone. With other models it costs up to half a
   * second more.
   */
  keywords?: boolean;
  /**
   * Read the words in the picture. Default: with the starter, where it looks like text. What reads
   * is fetched from the site at the first need (4 MB with one language), and kept.
   */
  text?: boolean;
  /** Default: "eng". */
  textLanguage?: TextLanguage;
  /**
   * What to ask the model, in this order, with one look at the image; see `answers` of the result.
   * Options of generation hold for each task, and `onToken` tells of each in turn.
   */
  tasks?: TaskName[];
}

/** Options that every long operation takes. */
export interface JobOptions {
  /** Aborting rejects with the signal's reason: a DOMException "AbortError" by default. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface CaptionOptions extends GenerationOptions, RecognitionOptions, JobOptions {
  /** Instead of the captioner's own model. */
  model?: ModelName;
  onToken?: (event: TokenEvent) => void;
}

export interface CaptionAllOptions extends GenerationOptions, RecognitionOptions, JobOptions {
  /** Instead of the captioner's own model. */
  model?: ModelName;
  /**
   * The most images to decode together, 1 to 8; default 4. Files of more than 64 MB together are
   * never in one batch, but for a single larger one. It pays with greedy search alone: with
   * beams, with sampling, and in low-memory mode, each image is decoded by itself. In a batch the last
   * digits of a quantised model's numbers depend on the other images, so that some captions differ
   * from those of `caption` (the starter: 14 of 399). With 1 all are the same, and ViT-GPT2 takes
   * 1.4 times as long.
   */
  batchSize?: number;
}

/** How one image of `captionAll` ended; `index` is its position. */
export type CaptionEnd =
  | { index: number; result: CaptionResult; error?: undefined }
  | { index: number; result?: undefined; error: SeesayError };

export interface ModelStatus {
  /** What to pass as `model`. */
  model: ModelName;
  /** What a person reads. */
  name: string;
  description: string;
  /** Repository on the hub; empty for the built-in model. */
  repository: string;
  revision: string;
  /** SPDX name; empty when unknown. */
  licence: string;
  /** Where a person can read about it. */
  source_url: string;
  /**
   * builtin: comes with the site; ready: on this device, verified; partial: some of it is on this
   * device; absent: must be downloaded or imported first.
   */
  state: "builtin" | "ready" | "partial" | "absent";
  /** The site itself offers the files, so that no other host is asked. */
  hosted: boolean;
  /** Some of it is not kept on this device, or would not be: it is gone when the worker ends. */
  in_memory: boolean;
  /** Bytes of all its files. */
  size_bytes: number;
  /** Bytes of it kept on this device. */
  stored_bytes: number;
}

export interface ModelList {
  models: ModelStatus[];
  /** Undefined where the browser does not tell, or keeps nothing. */
  storage: {
    /** What Seesay keeps; other apps of the same origin do not count. */
    used_bytes?: number;
    /** For all apps of the origin. */
    quota_bytes?: number;
    persisted?: boolean;
  };
}

export interface Models {
  /** Every model that Seesay knows, and how much storage is used. */
  list(): Promise<ModelList>;
  /** One model. */
  status(model: ModelName): Promise<ModelStatus>;
  /** Fetch, verify and keep a model; goes on where an earlier download was cut. */
  download(model: ModelName, options?: JobOptions): Promise<ModelStatus>;
  /** Stop a running download and keep what has arrived; `download` goes on with it. */
  pause(model: ModelName): Promise<ModelStatus>;
  /** Forget a model, and free its storage. */
  remove(model: ModelName): Promise<ModelStatus>;
  /** Take a model from files, or from the zip that `export` made, instead of the hub. */
  import(model: ModelName, files: Iterable<File>, options?: JobOptions): Promise<ModelStatus>;
  /** The whole model as one zip file, for another machine. */
  export(model: ModelName, options?: JobOptions): Promise<File>;
}

/** A file with its folders, where they are known; the name alone does where they are not. */
export type DocumentFile = File | { file: File; path: string };

/** An image of a document that needs words. */
export interface DocumentImage {
  /** The file that it stands in. */
  document: string;
  /** In that file, from 1 on. */
  line: number;
  /** Of the picture, as written. */
  address: string;
  /** The words that are there. */
  alt?: string;
  /** Why they do not do. `alt=""` of HTML means decoration, save where a link has nothing else. */
  reason: "missing" | "empty" | "file name" | "alone in a link";
  /** The sentence around it. */
  before: string;
  after: string;
  /** Name of the picture's file, where it is at hand. */
  picture?: string;
  /** The picture stands in the document itself. */
  is_embedded: boolean;
  /** The document can say that it is decoration: with empty words. */
  may_be_decorative: boolean;
}

export interface DocumentSet {
  readonly images: DocumentImage[];
  /** All images, those that need nothing included. */
  readonly imageCount: number;
  /** On files that could not be read. */
  readonly notes: { document: string; message: string }[];
  /** The picture of one of `images`; null where it is not at hand. */
  picture(index: number): Promise<Blob | null>;
  /**
   * The documents with words by index: the one that changed, or a zip. All else in them, and all
   * other files of a zip, are byte for byte as they were. Images not named stay as they are.
   */
  write(words: Record<number, string>): Promise<File>;
  /** Free their memory. */
  close(): Promise<void>;
}

export interface Documents {
  /**
   * Look for images without words in HTML, Markdown, EPUB or Word files, or in a zip of them;
   * pictures may be among the files.
   */
  open(files: Iterable<DocumentFile>): Promise<DocumentSet>;
}

/** What rules know of an image, and may change. */
export interface RuledImage {
  /** Of the file, with its folders. */
  name: string;
  caption: string;
  alt_text: string;
  keywords: string[];
  /** That is in the picture. */
  text: string;
  /** Of the caption, 0 to 1; missing if unknown. */
  confidence?: number;
  state: "automatic" | "reviewed" | "edited" | "decorative";
  /** In the zip of an export; empty for the one that it came from. */
  folder: string;
  is_flagged: boolean;
  /** Further columns of an export. */
  fields: Record<string, string>;
}

/** A rule as its file has it: see docs/rules.md. */
export interface Rule {
  if: { where: string; test: string; value?: string | number }[];
  then: { act: string; value?: string; field?: string }[];
  needs?: "all" | "any";
  on?: boolean;
}

export interface Rules {
  /** Read rules from a file of Seesay's, or the conditions on captions in a Filestack workflow. */
  read(text: string): Promise<Rule[]>;
  /**
   * Try rules on images, each after the other: how many each of them matched and changed, and the
   * images that are different with all of them. Nothing is changed; who keeps `after` can take it
   * back with `before`.
   */
  run(
    rules: Iterable<Rule>,
    images: Iterable<Partial<RuledImage> & { name: string }>,
  ): Promise<{
    counts: { matched: number; changed: number }[];
    changes: { index: number; before: RuledImage; after: RuledImage }[];
  }>;
}

/** For a diagnostics panel or a bug report; more fields may come. */
export interface Diagnostics {
  version: string;
  pyodide: string;
  onnxruntime_web: string;
  cross_origin_isolated: boolean;
  threads: number;
  low_memory: boolean;
  /** How often this captioner has replaced its worker. */
  worker_restarts: number;
  python_heap_bytes: number;
  /** 0 until a model is loaded. */
  model_heap_bytes: number;
  /** The most that one worker of this captioner has held so far, replaced workers included. */
  peak_memory: { model_bytes: number; python_bytes: number; total_bytes: number };
  /** Undefined until a model is loaded. */
  model?: string;
  /** "split" (cross-attention once for each image) or "merged" (the official layout). */
  decoder?: "split" | "merged";
  /** Decoder steps of this worker so far, and the time they took inside onnxruntime-web. */
  decoder_steps: number;
  decoder_run_ms: number;
  /** Things worth knowing, in plain sentences: why a fallback was taken, for example. */
  notes: string[];
  [key: string]: unknown;
}

export interface CaptionerOptions {
  /** The model for `caption` and `load` when they name none; default "starter". */
  model?: ModelName;
  /** Called for everything this captioner does, booting included. */
  onProgress?: (progress: Progress) => void;
  /** Threads for the model; default: as many as are safe here. 1 without cross-origin isolation. */
  numThreads?: number;
  /**
   * Be sparing with memory rather than fast: encoder and decoder of a large model take turns.
   * Default: on small devices and in WebKit.
   */
  lowMemory?: boolean;
  /** Address of a mirror with the hub's layout; default: the site's setting, or the hub itself. */
  hub?: string | URL;
  /** Folder that holds Seesay's files, on the page's own origin; default: where this module is. */
  baseUrl?: string | URL;
  /** Milliseconds after which a worker counts as lost. */
  deadlines?: {
    /** Without any progress while it starts; default 120000. */
    boot?: number;
    /** Without any sign of life while it works; default 60000. Loading a model may take longer. */
    silence?: number;
    /** Without any progress of the caption in work, though it shows signs of life; default 180000. */
    stall?: number;
  };
}

/** The words in an image file; an empty one is not there. */
export interface ImageWords {
  /** What stands for the image where it is not seen: IPTC's Alt Text (Accessibility). */
  alt_text: string;
  /** More of it, where the alt text is not enough. */
  extended_description: string;
  /** A caption, in XMP, EXIF and IPTC-IIM alike. */
  description: string;
  keywords: string[];
  /** Who wrote these words, e.g. "Seesay, ViT-GPT2; not reviewed". */
  caption_writer: string;
}

export interface FileWords {
  /** "JPEG", "PNG", "WebP" or "TIFF"; "XMP" of a sidecar. */
  format: string;
  /** C2PA-signed: any change of the file breaks its signature. */
  signed: boolean;
  words: ImageWords;
  /** Those of a person: not what Seesay wrote and nobody read, nor what cameras write everywhere. */
  by_person: ImageWords;
}

/** What a write does to a file. */
export interface FileChange {
  format: string;
  signed: boolean;
  /** One for each field of ImageWords; kept: other words are there, and stay. */
  fields: {
    name: string;
    before: string | string[];
    after: string | string[];
    outcome: "none" | "same" | "kept" | "added" | "replaced" | "removed";
  }[];
  /** Where bytes change: "XMP", "EXIF", "IIM"; none if the file says all that already. */
  places: string[];
  /** Sentences for people. */
  warnings: string[];
}

export interface WriteOptions {
  /** Fields whose existing words may be replaced; those of all others stay. Keywords are added. */
  replace?: (keyof ImageWords)[];
  /** Write the description to EXIF, too, where the file has it. Default: true. */
  exif?: boolean;
  /** Write description and keywords to IPTC-IIM, too, where the file has it. Default: true. */
  iim?: boolean;
  /** Write into a C2PA-signed file, whose signature then no longer holds. Default: false. */
  breakSignature?: boolean;
  /** ISO 8601; default: now. */
  date?: string;
  /**
   * For `planMetadata` and `writeMetadata`: take these words out of the file, where it says them. A
   * file that Seesay wrote into has its bytes of before, as far as nobody else changed it; keywords of
   * its own that stood in IPTC-IIM alone stay in XMP, too. Default: false.
   */
  remove?: boolean;
  signal?: AbortSignal;
}

/** An image and its words, as exports have them. */
export interface ExportRecord {
  /** Of the file, with its folders, parted by "/". */
  name: string;
  caption?: string;
  alt_text?: string;
  extended_description?: string;
  keywords?: string[];
  text?: string;
  /** Of the alt text: a model, or a person. */
  source?: "" | "trainedAlgorithmicMedia" | "humanEdits";
  model?: string;
  revision?: string;
  state?: string;
  reviewed?: boolean;
  date?: string;
  sha256?: string;
  /** Hashes that the file had before words were saved into it: `mergeTable` knows it by them, too. */
  earlier?: string[];
  /** Those of these fields that a person wrote: `mergeTable` lets no table write over them. */
  by_person?: ("keywords" | "text")[];
  /** Further columns by name, none of which has the name of one above. */
  fields?: Record<string, string>;
}

export interface ExportOptions extends WriteOptions {
  /**
   * csv, json, jsonl: one table; html, md: a line for each image, `<img alt>` or `![]()`; txt, xmp: a
   * file beside each image; images: the files with their words inside. One of the first five alone is
   * a file of its own, anything else is a zip.
   */
  forms: ("csv" | "json" | "jsonl" | "html" | "md" | "txt" | "xmp" | "images")[];
  /** For "images": the files of the records, in their order. They are read one by one. */
  files?: Iterable<Blob>;
  /** New names of the files, one for each record; `renamed.csv` in the zip has the old ones. */
  names?: Iterable<string>;
  onProgress?: (progress: Progress) => void;
}

/** What a table brings; see `mergeTable`. `index` is that of the record. */
export interface Merge {
  updates: { index: number; fields: Record<string, unknown> }[];
  /** Words of a person here against others in the table: to be decided. Keywords are lists. */
  conflicts: { index: number; name: string; field: string; here: string | string[]; there: string | string[] }[];
  /** How many rows say what is there already. */
  same: number;
  /** Names that no image here has. */
  unknown: string[];
  /** Names that belong to another image here, by the hashes of the files. */
  changed: string[];
}

/** Words inside image files (JPEG, PNG, WebP, TIFF) and sidecars, and lists of them as files. */
export interface Words {
  readMetadata(image: ImageInput, options?: { signal?: AbortSignal }): Promise<FileWords>;
  /** What `writeMetadata` would do, without doing it. */
  planMetadata(image: ImageInput, words: Partial<ImageWords>, options?: WriteOptions): Promise<FileChange>;
  /**
   * Write words into a copy of the file. Nothing else in it changes: pixels, profiles and all other
   * metadata stay, byte for byte. An empty or missing field is left as it is. A signed file is
   * refused ("signed_image") unless `breakSignature` is true.
   */
  writeMetadata(
    image: ImageInput,
    words: Partial<ImageWords>,
    options?: WriteOptions,
  ): Promise<{ file: File; change: FileChange }>;
  /** The file `name.xmp` for images that cannot hold words, or must not. */
  makeSidecar(words: Partial<ImageWords>, options?: WriteOptions): Promise<Blob>;
  /** Words of many images as one file; `notes` tell which images could not hold theirs. */
  exportWords(
    records: Iterable<ExportRecord>,
    options: ExportOptions,
  ): Promise<{ file: File; notes: string[] }>;
  /**
   * Compare a CSV file that comes back with the words that are here; changes nothing. Of `reviewed`
   * only "true", "yes" and "1" count: a table takes no review back.
   */
  mergeTable(
    records: Iterable<ExportRecord>,
    table: Blob | ArrayBuffer,
    options?: { signal?: AbortSignal },
  ): Promise<Merge>;
}

export interface Captioner extends Words {
  /** Resolves when the worker has started. Waiting is optional: calls wait by themselves. */
  readonly ready: Promise<void>;
  /** Caption one image. Calls are queued and run in order; a failed one never harms the next. */
  caption(image: ImageInput, options?: CaptionOptions): Promise<CaptionResult>;
  /**
   * Caption many images, each ending in a result or in an error of its own:
   *
   * ```js
   * for await (const { index, result, error } of captioner.captionAll(files)) { ... }
   * ```
   *
   * The ends come in the order of the images, one by one. What concerns all images, a wrong option
   * for example, is thrown, and so is the signal's reason. Leaving the loop stops the work.
   */
  captionAll(images: Iterable<ImageInput>, options?: CaptionAllOptions): AsyncGenerator<CaptionEnd, void, void>;
  /** Load a model now, so that the first caption is quick. It must be on this device or site. */
  load(model?: ModelName, options?: JobOptions): Promise<{ id: string; revision: string }>;
  readonly models: Models;
  readonly documents: Documents;
  readonly rules: Rules;
  readonly endpoint: Endpoint;
  diagnostics(): Promise<Diagnostics>;
  /** End the worker and free its memory. What still waits rejects with an AbortError. */
  close(): void;
}

/** A request to `api/[TASK/...]caption/SOURCE`, whose grammar openapi.json has. */
export interface EndpointRequest {
  /** Of HTTP: GET for an image that the path names, POST for one that comes along. */
  method: string;
  /** Path below the site's folder, and query: `api/resize=w:300/caption/SOURCE?full=1`. */
  target: string;
}

/** To be sent as it is; `body` is JSON. */
export interface EndpointAnswer {
  status: number;
  body: string;
  headers: Record<string, string>;
}

export interface EndpointSource {
  /** handle: SHA-256 of an image; url; alias: a file in a folder of that name; body: it came along. */
  kind: "handle" | "url" | "alias" | "body";
  /** The handle, the address, or the path in the folder. */
  value: string;
  alias: string;
  /** Of an address: its host, as browsers write it. Names that may be private are refused. */
  host: string;
  /** Whether words that somebody keeps for the image will do. */
  takes_kept: boolean;
}

/**
 * Answers requests to the endpoint, for whoever receives them: on this site a service worker, which
 * hands them to an open window.
 */
export interface Endpoint {
  /** What a request asks for: where its image is, or the answer if it is refused at once. */
  read(
    request: EndpointRequest,
    options?: { signal?: AbortSignal },
  ): Promise<{ source?: EndpointSource; answer?: EndpointAnswer }>;
  /**
   * Its answer, given the image. `contentType`: of a body, which may be a form with one file. Answers
   * are kept by image, model and tasks, and given again unless the path says `cache=false`.
   */
  answer(
    request: EndpointRequest,
    image: ImageInput,
    options?: { signal?: AbortSignal; contentType?: string; model?: ModelName },
  ): Promise<EndpointAnswer>;
}

/** Stable names for what can go wrong. */
export type ErrorCode =
  | "input"
  | "unsupported_image"
  | "broken_image"
  | "image_too_large"
  | "asset"
  | "unsupported_model"
  | "graph"
  | "storage"
  | "library"
  | "metadata"
  | "signed_image"
  | "document"
  | "rules"
  | "network"
  | "environment"
  | "inference"
  | "configuration"
  | "protocol"
  | "internal"
  | "worker_lost";

/** Everything that Seesay rejects with, but for aborts. */
export class SeesayError extends Error {
  constructor(code: ErrorCode, message: string, detail?: string);
  readonly name: "SeesayError";
  readonly code: ErrorCode;
  /** For developers; may be empty. `message` is the sentence for people. */
  readonly detail: string;
}

/**
 * Start a captioner with a worker of its own. It returns at once: the worker boots meanwhile, and
 * calls wait for it. (`await createCaptioner()` is harmless.)
 *
 * @throws SeesayError "configuration" for an option that does not exist or cannot be honoured.
 */
export function createCaptioner(options?: CaptionerOptions): Captioner;
