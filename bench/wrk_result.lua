-- What the workloads of wrk have in common: threads are numbered, refusals counted, and the end is one line of JSON. A script loads this file first
-- and defines init() and request().

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

refused = 0

function response(status)
  if status ~= 200 then
    refused = refused + 1
  end
end

function done(summary, latency, _)
  local refusals = 0
  for _, thread in ipairs(threads) do
    refusals = refusals + thread:get("refused")
  end
  local failures = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('RESULT {"requests":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"max_us":%d,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max, refusals + failures))
end
