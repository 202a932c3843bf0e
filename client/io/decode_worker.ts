/** A worker that decodes images. */
import { CodecWork } from "../../codecs/registry.ts";
import { serveJobs } from "../../io/serve_jobs.ts";
import { type DecodeJob, decodeJob } from "../core/decode_ahead.ts";

const work = new CodecWork();

serveJobs((job: DecodeJob) => {
  const result = decodeJob(job, work);
  return { result, transfer: "pixels" in result ? [result.pixels.buffer] : [] };
});
