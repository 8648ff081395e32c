/**
 * The messages between page and worker. Made from worker/protocol.py,
 * requests.py and answers.py by `python -m tools.protocol_types`; do not change it by hand.
 */

/** No fields. */
export interface Nothing {
}

/** Where the site is, and how to run: answered once the worker is up. */
export interface Init {
  baseUrl: string;
  numThreads: number | null;
  hub: string | null;
  lowMemory: boolean | null;
  model: string;
}

/** One image to caption; `options` are those of `caption` in seesay.d.ts. */
export interface Caption {
  image: ArrayBuffer;
  model: string;
  options: Record<string, any>;
}

/** Several images to caption, with the same options. */
export interface CaptionBatch {
  images: ArrayBuffer[];
  model: string;
  options: Record<string, any>;
}

/** The request that is to end. */
export interface Cancel {
  id: number;
}

/** A model by its name. */
export interface OneModel {
  model: string;
}

/** Files, as Blobs, that a model is to be taken from. */
export interface ModelImport {
  model: string;
  files: any[];
}

/** An image file. */
export interface OneImage {
  image: ArrayBuffer;
}

/** An image file, and words to be written into it. */
export interface WordsForImage {
  image: ArrayBuffer;
  words: Record<string, any>;
  options: Record<string, any>;
}

/** Words to be written into a sidecar. */
export interface WordsAlone {
  words: Record<string, any>;
  options: Record<string, any>;
}

/** Words of images, and the files of those that are to go along. */
export interface ExportOrder {
  records: any[];
  files: any[];
  options: Record<string, any>;
}

/** Words of images, and a table that brings others. */
export interface TableToMerge {
  records: any[];
  table: ArrayBuffer;
}

/** Documents, and what lies beside them: names and bytes. */
export interface DocumentFiles {
  names: any[];
  files: ArrayBuffer[];
}

/** An image without words, by its place in opened documents. */
export interface OneDocumentImage {
  documents: number;
  index: number;
}

/** Words for images of opened documents. */
export interface DocumentWords {
  documents: number;
  words: any[];
}

/** Opened documents by their number. */
export interface OneDocuments {
  documents: number;
}

/** A file of rules. */
export interface RulesText {
  text: string;
}

/** Rules, and the images that they are tried on. */
export interface RulesOnImages {
  rules: any[];
  images: any[];
}

/** A request to the endpoint, without its body. */
export interface EndpointCall {
  method: string;
  target: string;
}

/** A request to the endpoint with the image that it is about. */
export interface EndpointImage {
  method: string;
  target: string;
  image: ArrayBuffer;
  contentType: string;
  model: string;
}

/** The worker is up; `lock` is the name of one that it holds as long as it lives. */
export interface Booted {
  lock?: string;
}

/** An error; see pycore/errors.py. */
export interface Failure {
  code: string;
  message: string;
  detail: string;
}

/** How far a request is. */
export interface Progress {
  stage: "runtime" | "model" | "image" | "encode" | "decode" | "text" | "export";
  loaded: number;
  total: number;
  unit: "bytes" | "steps";
  source?: "network" | "site" | "device";
  phase?: "downloading" | "checking" | "waiting" | "other_tab" | "importing" | "exporting";
  file?: string;
  speed_bytes_per_s?: number;
  seconds_left?: number;
  message?: string;
  retry_in_s?: number;
  in_memory?: boolean;
}

/** How many steps of decoding are done. */
export interface Steps {
  loaded: number;
  total: number;
}

/** A token of a caption. */
export interface TokenInfo {
  id: number;
  text: string;
  logprob: number;
}

/** The caption so far, and its newest token. */
export interface Token {
  text: string;
  token: TokenInfo;
  loaded: number;
  total: number;
}

/** A word, and how far the candidates agree on it. */
export interface Word {
  text: string;
  agreement: number;
  doubtful: boolean;
}

/** Where the model looked for a word; `weights` row by row. */
export interface WordAttention {
  text: string;
  weights: number[];
}

/** Where the model looked, on a grid of patches. */
export interface Attention {
  height: number;
  width: number;
  words: WordAttention[];
}

/** One of the captions that the search found. */
export interface Candidate {
  text: string;
  score: number;
  tokens: TokenInfo[];
  words: Word[];
  attention?: Attention;
}

/** Which model wrote. */
export interface ModelName {
  id: string;
  revision: string;
}

/** How long the parts of a caption took. */
export interface Timings {
  decode_ms: number;
  preprocess_ms: number;
  encode_ms: number;
  token_ms: number[];
}

/** What the image is; `seen`: left, top, right, bottom of what the model saw, as shares. */
export interface ImageInfo {
  width: number;
  height: number;
  format: string;
  sha256: string;
  seen: number[];
}

/** A keyword. */
export interface Keyword {
  text: string;
  confidence: number;
}

/** Words that were read in the picture. */
export interface ImageText {
  text: string;
  confidence: number;
  language: "eng" | "deu" | "fra" | "spa";
}

/** What a model says when it is asked for one task. */
export interface Answer {
  text: string;
  confidence: number;
  flagged: boolean;
  candidates: Candidate[];
  timings: Timings;
}

/** Answers by task. */
export interface TaskAnswers {
  caption?: Answer;
  detailed?: Answer;
  text?: Answer;
  objects?: Answer;
}

/** An object in the picture; `box` as `seen` in ImageInfo. */
export interface FoundObject {
  label: string;
  box: number[];
}

/** All that is said of an image. */
export interface CaptionResult {
  caption: string;
  confidence: number;
  flagged: boolean;
  candidates: Candidate[];
  model: ModelName;
  timings: Timings;
  image: ImageInfo;
  notes: string[];
  kind?: "drawing" | "photograph" | "text";
  keywords: Keyword[];
  text?: ImageText;
  text_problem?: string;
  answers?: TaskAnswers;
  objects?: FoundObject[];
}

/** How one image of a batch ended. */
export interface ImageEnd {
  index: number;
  result?: CaptionResult;
  error?: Failure;
}

/** How much memory the two heaps hold. */
export interface Heaps {
  model_heap_bytes: number;
  python_heap_bytes: number;
}

/** After each request: what the heaps hold, and whether models are gone with the worker. */
export interface Memory {
  model_heap_bytes: number;
  python_heap_bytes: number;
  keeps_models: boolean;
}

/** For the time that it names the worker's thread may be unable to answer. */
export interface Working {
  patience_s: number;
}

/** What is known of a model, and what this device has of it. */
export interface ModelStatus {
  model: string;
  name: string;
  description: string;
  repository: string;
  revision: string;
  licence: string;
  source_url: string;
  state: "builtin" | "ready" | "partial" | "absent";
  hosted: boolean;
  in_memory: boolean;
  size_bytes: number;
  stored_bytes: number;
}

/** How much room the browser gives, as far as it says. */
export interface Storage {
  used_bytes?: number;
  quota_bytes?: number;
  persisted?: boolean;
}

/** All models. */
export interface ModelList {
  models: ModelStatus[];
  storage: Storage;
}

/** A model as one file. */
export interface ModelFile {
  name: string;
  blob: any;
}

/** Words that an image file carries. */
export interface ImageWords {
  alt_text: string;
  extended_description: string;
  description: string;
  keywords: string[];
  caption_writer: string;
}

/** Words in an image file, and those among them that a person wrote. */
export interface FileWords {
  format: string;
  signed: boolean;
  words: ImageWords;
  by_person: ImageWords;
}

/** What writing does to one field of a file. */
export interface FieldChange {
  name: string;
  before: string | string[];
  after: string | string[];
  outcome: "none" | "same" | "kept" | "added" | "replaced" | "removed";
}

/** What writing does to a file. */
export interface FileChange {
  format: string;
  signed: boolean;
  fields: FieldChange[];
  places: string[];
  warnings: string[];
}

/** An image file with words in it. */
export interface WrittenFile {
  blob: any;
  change: FileChange;
}

/** A file. */
export interface OneBlob {
  blob: any;
}

/** An export as one file. */
export interface ExportFile {
  name: string;
  blob: any;
  notes: string[];
}

/** What a table brings for one image. */
export interface Update {
  index: number;
  fields: Record<string, any>;
}

/** A field that a person wrote here, and that the table has otherwise. */
export interface Conflict {
  index: number;
  name: string;
  field: string;
  here: string | string[];
  there: string | string[];
}

/** What a table brings. */
export interface Merge {
  updates: Update[];
  conflicts: Conflict[];
  same: number;
  unknown: string[];
  changed: string[];
}

/** An image without words, and where it stands. */
export interface DocumentImage {
  document: string;
  line: number;
  address: string;
  alt?: string;
  reason: "missing" | "empty" | "file name" | "alone in a link";
  before: string;
  after: string;
  picture?: string;
  is_embedded: boolean;
  may_be_decorative: boolean;
}

/** What a person should know about a document. */
export interface DocumentNote {
  document: string;
  message: string;
}

/** Opened documents, and their images without words. */
export interface DocumentList {
  documents: number;
  image_count: number;
  images: DocumentImage[];
  notes: DocumentNote[];
}

/** A file: its name and bytes. */
export interface FileContent {
  name: string;
  data: any;
}

/** Where the endpoint's image is to come from. */
export interface EndpointSource {
  kind: "handle" | "url" | "alias" | "body";
  value: string;
  alias: string;
  host: string;
  takes_kept: boolean;
}

/** What the endpoint answers. */
export interface EndpointAnswer {
  status: number;
  body: string;
  headers: Record<string, any>;
}

/** Either the answer, or the image that is needed for it. */
export interface EndpointStep {
  source?: EndpointSource;
  answer?: EndpointAnswer;
}

/** What a bug report needs. */
export interface Diagnostics {
  version: string;
  pyodide: string;
  onnxruntime_web: string;
  cross_origin_isolated: boolean;
  threads: number;
  low_memory: boolean;
  model_heap_bytes: number;
  python_heap_bytes: number;
  model?: string;
  decoder?: "split" | "merged";
  decoder_steps: number;
  decoder_run_ms: number;
  notes: string[];
}

/** Rules as JSON has them. */
export interface RuleList {
  rules: Record<string, any>[];
}

/** How many images a rule applies to, and how many it changes. */
export interface RuleCount {
  matched: number;
  changed: number;
}

/** What rules see of an image, and change. */
export interface RuledImage {
  name: string;
  caption: string;
  alt_text: string;
  keywords: string[];
  text: string;
  confidence?: number;
  state: "automatic" | "reviewed" | "edited" | "decorative";
  folder: string;
  is_flagged: boolean;
  fields: Record<string, any>;
}

/** What rules do to one image. */
export interface RuleChange {
  index: number;
  before: RuledImage;
  after: RuledImage;
}

/** What rules do to all images. */
export interface RulesOutcome {
  counts: RuleCount[];
  changes: RuleChange[];
}

export interface Requests {
  "init": Init;
  "ping": Nothing;
  "caption": Caption;
  "caption.batch": CaptionBatch;
  "load": OneModel;
  "endpoint.answer": EndpointImage;
  "model.list": Nothing;
  "model.status": OneModel;
  "model.download": OneModel;
  "model.pause": OneModel;
  "model.remove": OneModel;
  "model.import": ModelImport;
  "model.export": OneModel;
  "metadata.read": OneImage;
  "metadata.plan": WordsForImage;
  "metadata.write": WordsForImage;
  "metadata.sidecar": WordsAlone;
  "export": ExportOrder;
  "table.merge": TableToMerge;
  "documents.open": DocumentFiles;
  "documents.picture": OneDocumentImage;
  "documents.write": DocumentWords;
  "documents.close": OneDocuments;
  "rules.read": RulesText;
  "rules.run": RulesOnImages;
  "endpoint.read": EndpointCall;
  "cancel": Cancel;
  "diagnostics": Nothing;
}

export interface Answers {
  "init": Booted;
  "caption": CaptionResult;
  "caption.batch": Nothing;
  "load": ModelName;
  "model.list": ModelList;
  "model.status": ModelStatus;
  "model.download": ModelStatus;
  "model.pause": ModelStatus;
  "model.remove": ModelStatus;
  "model.import": ModelStatus;
  "model.export": ModelFile;
  "metadata.read": FileWords;
  "metadata.plan": FileChange;
  "metadata.write": WrittenFile;
  "metadata.sidecar": OneBlob;
  "export": ExportFile;
  "table.merge": Merge;
  "documents.open": DocumentList;
  "documents.picture": FileContent;
  "documents.write": FileContent;
  "documents.close": Nothing;
  "rules.read": RuleList;
  "rules.run": RulesOutcome;
  "endpoint.read": EndpointStep;
  "endpoint.answer": EndpointAnswer;
  "diagnostics": Diagnostics;
}

export interface Events {
  "progress": Progress;
  "token": Token;
  "result": ImageEnd;
  "memory": Memory;
  "working": Working;
  "pong": Nothing;
}

export interface Ends {
  "done": any;
  "error": Failure;
  "cancelled": Failure;
}

export interface Message<Kind, Payload> {
  v: 1;
  id: number;
  kind: Kind;
  payload: Payload;
}
type Messages<Payloads> = {
  [Kind in keyof Payloads]: Message<Kind, Payloads[Kind]>;
}[keyof Payloads];
export type FromPage = Messages<Requests>;
export type FromWorker = Messages<Events & Ends>;
