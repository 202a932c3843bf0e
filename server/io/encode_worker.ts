/** A worker that encodes large pictures for a server: the module that `picture_encoder.ts` starts. */
import { CodecWork } from "../../codecs/registry.ts";
import { serveJobs } from "../../io/serve_jobs.ts";
import { type EncodeJob, encodePicture, type EncodeResult } from "../core/encode_picture.ts";

const work = new CodecWork();

serveJobs<EncodeJob, EncodeResult>(({ picture, coding }) => {
  const { pixels } = picture, image = encodePicture(picture, coding, work);
  // Coded bytes have memory of their own, so that it can leave.
  const coded = image.data.buffer;
  return {
    result: { image, pixels },
    transfer: coded instanceof ArrayBuffer ? [pixels.buffer, coded] : [pixels.buffer],
  };
});
