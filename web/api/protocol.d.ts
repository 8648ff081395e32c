/**
 * The messages between page and worker. Made from worker/protocol.py,
 * requests.py and answers.py by `python -m tools.protocol_types`; do not change it by hand.
 */

export interface Nothing {
}

export interface Init {
  baseUrl: string;
  numThreads: number | null;
  hub: string | null;
  lowMemory: boolean | null;
  model: string;
}

export interface Caption {
  image: ArrayBuffer;
  model: string;
  options: Record<string, any>;
}

export interface CaptionBatch {
  images: ArrayBuffer[];
  model: string;
  options: Record<string, any>;
}

export interface Cancel {
  id: number;
}

export interface OneModel {
  model: string;
}

export interface ModelImport {
  model: string;
  files: any[];
}

export interface OneImage {
  image: ArrayBuffer;
}

export interface WordsForImage {
  image: ArrayBuffer;
  words: Record<string, any>;
  options: Record<string, any>;
}

export interface WordsAlone {
  words: Record<string, any>;
  options: Record<string, any>;
}

export interface ExportOrder {
  records: any[];
  files: any[];
  options: Record<string, any>;
}

export interface TableToMerge {
  records: any[];
  table: ArrayBuffer;
}

export interface DocumentFiles {
  names: any[];
  files: ArrayBuffer[];
}

export interface OneDocumentImage {
  documents: number;
  index: number;
}

export interface DocumentWords {
  documents: number;
  words: any[];
}

export interface OneDocuments {
  documents: number;
}

export interface RulesText {
  text: string;
}

export interface RulesOnImages {
  rules: any[];
  images: any[];
}

export interface EndpointCall {
  method: string;
  target: string;
}

export interface EndpointImage {
  method: string;
  target: string;
  image: ArrayBuffer;
  contentType: string;
  model: string;
}

export interface Booted {
  lock?: string;
}

export interface Failure {
  code: string;
  message: string;
  detail: string;
}

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

export interface Steps {
  loaded: number;
  total: number;
}

export interface TokenInfo {
  id: number;
  text: string;
  logprob: number;
}

export interface Token {
  text: string;
  token: TokenInfo;
  loaded: number;
  total: number;
}

export interface Word {
  text: string;
  agreement: number;
  doubtful: boolean;
}

export interface WordAttention {
  text: string;
  weights: number[];
}

export interface Attention {
  height: number;
  width: number;
  words: WordAttention[];
}

export interface Candidate {
  text: string;
  score: number;
  tokens: TokenInfo[];
  words: Word[];
  attention?: Attention;
}

export interface ModelName {
  id: string;
  revision: string;
}

export interface Timings {
  decode_ms: number;
  preprocess_ms: number;
  encode_ms: number;
  token_ms: number[];
}

export interface ImageInfo {
  width: number;
  height: number;
  format: string;
  sha256: string;
  seen: number[];
}

export interface Keyword {
  text: string;
  confidence: number;
}

export interface ImageText {
  text: string;
  confidence: number;
  language: "eng" | "deu" | "fra" | "spa";
}

export interface Answer {
  text: string;
  confidence: number;
  flagged: boolean;
  candidates: Candidate[];
  timings: Timings;
}

export interface TaskAnswers {
  caption?: Answer;
  detailed?: Answer;
  text?: Answer;
  objects?: Answer;
}

export interface FoundObject {
  label: string;
  box: number[];
}

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

export interface ImageEnd {
  index: number;
  result?: CaptionResult;
  error?: Failure;
}

export interface Heaps {
  model_heap_bytes: number;
  python_heap_bytes: number;
}

export interface Memory {
  model_heap_bytes: number;
  python_heap_bytes: number;
  keeps_models: boolean;
}

export interface Working {
  patience_s: number;
}

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

export interface Storage {
  used_bytes?: number;
  quota_bytes?: number;
  persisted?: boolean;
}

export interface ModelList {
  models: ModelStatus[];
  storage: Storage;
}

export interface ModelFile {
  name: string;
  blob: any;
}

export interface ImageWords {
  alt_text: string;
  extended_description: string;
  description: string;
  keywords: string[];
  caption_writer: string;
}

export interface FileWords {
  format: string;
  signed: boolean;
  words: ImageWords;
  by_person: ImageWords;
}

export interface FieldChange {
  name: string;
  before: string | string[];
  after: string | string[];
  outcome: "none" | "same" | "kept" | "added" | "replaced" | "removed";
}

export interface FileChange {
  format: string;
  signed: boolean;
  fields: FieldChange[];
  places: string[];
  warnings: string[];
}

export interface WrittenFile {
  blob: any;
  change: FileChange;
}

export interface OneBlob {
  blob: any;
}

export interface ExportFile {
  name: string;
  blob: any;
  notes: string[];
}

export interface Update {
  index: number;
  fields: Record<string, any>;
}

export interface Conflict {
  index: number;
  name: string;
  field: string;
  here: string | string[];
  there: string | string[];
}

export interface Merge {
  updates: Update[];
  conflicts: Conflict[];
  same: number;
  unknown: string[];
  changed: string[];
}

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

export interface DocumentNote {
  document: string;
  message: string;
}

export interface DocumentList {
  documents: number;
  image_count: number;
  images: DocumentImage[];
  notes: DocumentNote[];
}

export interface FileContent {
  name: string;
  data: any;
}

export interface EndpointSource {
  kind: "handle" | "url" | "alias" | "body";
  value: string;
  alias: string;
  host: string;
  takes_kept: boolean;
}

export interface EndpointAnswer {
  status: number;
  body: string;
  headers: Record<string, any>;
}

export interface EndpointStep {
  source?: EndpointSource;
  answer?: EndpointAnswer;
}

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

export interface RuleList {
  rules: Record<string, any>[];
}

export interface RuleCount {
  matched: number;
  changed: number;
}

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

export interface RuleChange {
  index: number;
  before: RuledImage;
  after: RuledImage;
}

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
